//! `natrium restart`: one worker stops, its successor starts, and the others keep working.

use std::time::Instant;

use interfaces::supervisor::{Client, Restart, Restarting};
use settings::Environment;
use uuid::Uuid;

use crate::arguments::Service;
use crate::exit::Exit;
use crate::service::{ServiceError, reach, talk, with_names};
use crate::successor::{Outcome, Watcher, tell};
use crate::text::{complain, print};

pub(crate) fn run(service: &Service, name: &str, no_wait: bool, environment: &Environment) -> Exit {
    let outcome = reach(service, environment).and_then(|client| {
        talk(async {
            match restart(&client, name, no_wait).await {
                Ok(outcome) => Ok(outcome),
                Err(error) => Err(with_names(error, &client).await),
            }
        })
    });
    match outcome {
        Ok(None) => {
            print(&format!("{name}: its restart has begun; natrium status shows how it is\n"));
            Exit::Success
        }
        Ok(Some(outcome)) => tell(name, &outcome),
        Err(error) => {
            complain(&error.to_string());
            error.exit()
        }
    }
}

/// What became of the restart; `None` where it has begun and nobody waits.
async fn restart(client: &Client, name: &str, no_wait: bool) -> Result<Option<Outcome>, ServiceError> {
    let watcher = if no_wait { None } else { Some(Watcher::begin(client).await?) };
    let call = Restart { worker: name.to_owned(), request_id: Uuid::now_v7().to_string() };
    let begun = Instant::now();
    let stopped = Restarting { generation: client.restart(&call).await?.generation, worker: call.worker };
    Ok(match watcher {
        None => None,
        Some(watcher) => watcher.outcomes(&[stopped], begun).await.pop(),
    })
}
