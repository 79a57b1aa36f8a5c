//! Refusals in the audit trail: in a transaction of their own, because what is refused has none.

use interfaces::configs::Author;

use super::{Configs, Refused, telemetry};
use crate::audit;
use crate::clock::unix_ms;
use crate::store::StoreError;

/// Characters of a name that nobody has checked.
const NAME: usize = 64;

/// What was asked for, and by whom.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) by: &'a Author,
    /// The verb.
    pub(super) action: &'static str,
    /// Where the call names it.
    pub(super) kind: Option<&'a str>,
}

impl Configs {
    /// Counts a refusal and records it, once for a request and a reason. Best effort: that it was refused holds in any case.
    pub(super) async fn refused(&self, about: About<'_>, request_id: &str, error: &Refused) {
        let Some(reason) = error.reason() else { return };
        let kind = error.kind().or(about.kind);
        // Kinds that there are: nobody makes up new series.
        if let Some(kind) = kind.and_then(|kind| self.inner.kind(kind)) {
            telemetry::refused(&kind.spec.name, reason);
        }
        // The line would take what is left for those whose words must be kept.
        if error.is_for_want_of_space() {
            return;
        }
        let kind: Option<String> = kind.map(|kind| kind.chars().take(NAME).collect());
        let (by, action, request_id) = (about.by.clone(), about.action, request_id.to_owned());
        let recorded = self.inner.store.write::<_, StoreError, _>(move |transaction| {
            let line = audit::Line {
                actor: &by,
                action,
                kind: kind.as_deref(),
                version: None,
                about: None,
                outcome: Err(reason),
                request_id: Some(&request_id),
            };
            audit::record(transaction, &line, unix_ms())
        });
        if let Err(error) = recorded.await {
            tracing::warn!(config_type = about.kind, reason, "cannot record a refusal: {error}");
        }
    }
}
