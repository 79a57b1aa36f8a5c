//! Refusals in the metrics: each that is about a config, whoever decided it, the writer or the bot before it asked.
//!
//! Nobody makes up new series: only kinds that the settings declare are counted, under reasons that there are.

use std::sync::Arc;

use interfaces::audit::Record;

/// What is done to a config; looking at one, or saying who may, is something else.
const ACTIONS: [&str; 7] = ["put", "rollback", "propose", "approve", "decline", "adopt", "restore"];
/// Why that is refused. Whether something is a `document` that could be a config the bot and the command line decide.
const REASONS: [&str; 14] = [
    "document",
    "no such version",
    "no such proposal",
    "invalid",
    "conflict",
    "forbidden",
    "changed by hand",
    "approval required",
    "decided",
    "own proposal",
    "cancelled",
    "not saved",
    "request reused",
    "from elsewhere",
];

/// Counts refusals.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    /// The kinds that the settings declare.
    declared: Arc<[String]>,
}

impl Counted {
    pub(super) fn of(declared: Vec<String>) -> Self {
        Self { declared: declared.into() }
    }

    pub(super) fn count(&self, record: &Record) {
        let Some((kind, reason)) = self.labels(record) else { return };
        metrics::counter!("config_refusals_total", "config_type" => kind.to_owned(), "reason" => reason).increment(1);
        if reason == "conflict" {
            metrics::counter!("config_conflicts_total", "config_type" => kind.to_owned()).increment(1);
        }
    }

    fn labels(&self, record: &Record) -> Option<(&str, &'static str)> {
        let kind = self.declared.iter().find(|kind| Some(*kind) == record.kind.as_ref())?;
        let reason = REASONS.into_iter().find(|reason| *reason == record.reason).unwrap_or("other");
        ACTIONS.contains(&record.action.as_str()).then_some((kind, reason))
    }
}

#[cfg(test)]
mod tests {
    use interfaces::configs::{Author, Origin};

    use super::*;

    #[test]
    fn only_what_is_known_has_a_series() {
        let counted = Counted::of(vec!["fees".to_owned()]);
        let labels = |action: &str, kind: Option<&str>, reason: &str| {
            let record = Record {
                actor: Author { origin: Origin::Telegram, id: 7, name: String::new() },
                action: action.to_owned(),
                kind: kind.map(str::to_owned),
                about: None,
                reason: reason.to_owned(),
                request_id: "r".to_owned(),
            };
            counted.labels(&record).map(|(kind, reason)| (kind.to_owned(), reason))
        };
        assert_eq!(labels("put", Some("fees"), "document"), Some(("fees".to_owned(), "document")));
        assert_eq!(labels("put", Some("fees"), "made up"), Some(("fees".to_owned(), "other")));
        for (action, kind) in
            [("put", Some("made up")), ("put", None), ("history", Some("fees")), ("set", Some("fees"))]
        {
            assert_eq!(labels(action, kind, "forbidden"), None, "{action} {kind:?}");
        }
    }
}
