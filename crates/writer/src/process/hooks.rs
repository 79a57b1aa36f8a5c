//! Hooks as the supervisor runs them: the writer may start no process and touch nothing but its files.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use interfaces::CallError;
use interfaces::supervisor::{Client, Error, RunHook};
use worker::Context;

use crate::{Asked, Run};

/// How long the supervisor may take beyond what the settings grant: it asks the hook to end and ends it, both while others wait.
const BEYOND: Duration = Duration::from_secs(15);

/// Asks the supervisor.
pub(super) fn by_the_supervisor(context: &Context) -> Run {
    let pool = context.pool("supervisor");
    let clients: BTreeMap<String, Client> = context
        .settings
        .configs
        .iter()
        .filter_map(|config| {
            // One that a writer before us has begun is waited for first.
            let deadline = config.after_publish.as_ref()?.timeout() * 2 + BEYOND;
            Some((config.kind.name.clone(), Client::new(pool.clone(), deadline)))
        })
        .collect();
    let clients = Arc::new(clients);
    Arc::new(move |kind, version| {
        let clients = Arc::clone(&clients);
        Box::pin(async move {
            let Some(client) = clients.get(&kind) else { return Asked::NoHook };
            match client.run_hook(&RunHook { kind: kind.clone(), version }).await {
                Ok(reply) => Asked::Ended(reply),
                Err(CallError::Reply(Error::NoHook { .. })) => Asked::NoHook,
                Err(error) => Asked::Unanswered(error.to_string()),
            }
        })
    })
}
