//! Refusals in the audit trail.

use interfaces::audit::Record;
use interfaces::configs::Author;

use super::{Configs, Refused};

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
    /// Records a refusal, which counts it, once for a request and a reason. Best effort: that it was refused holds in any case.
    pub(super) async fn refused(&self, about: About<'_>, request_id: &str, error: &Refused) {
        let Some(reason) = error.reason() else { return };
        let kind = error.kind().or(about.kind);
        let refusal = Record {
            actor: about.by.clone(),
            action: about.action.to_owned(),
            kind: kind.map(|kind| kind.chars().take(NAME).collect()),
            about: None,
            reason: reason.to_owned(),
            request_id: request_id.to_owned(),
        };
        let trail = &self.inner.trail;
        let recorded = if error.is_for_want_of_space() {
            trail.record_without_space(refusal).await
        } else {
            trail.record(refusal).await
        };
        if let Err(error) = recorded {
            let Author { id, name, .. } = about.by;
            tracing::warn!(
                config_type = about.kind,
                user_id = id,
                reason,
                "cannot record that {name} was refused: {error}"
            );
        }
    }
}
