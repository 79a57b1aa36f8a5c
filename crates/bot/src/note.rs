//! What the bot remembers with an update in the inbox, and the ids under which it is logged.

use interfaces::inbox::{self, Entry};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::send::Stopping;
use crate::storage::Storage;
use crate::upload::Stage;

/// What the bot remembers about its work on one update. Stored as JSON: fields may be added, never renamed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub(crate) struct Note {
    /// How often a restart found the update not handled.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) attempts: u32,
    /// The message that shows the progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) progress: Option<i32>,
    /// The message of a question that the update answers with another document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) question: Option<i32>,
    /// How far an upload is; one that is not known (a newer program kept it) counts as none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    pub(crate) stage: Option<Stage>,
}

fn known<'de, D: Deserializer<'de>>(stage: D) -> Result<Option<Stage>, D::Error> {
    Ok(Stage::deserialize(Value::deserialize(stage)?).ok())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Note {
    /// The note that is kept with an update; one that is not understood counts as none.
    pub(crate) fn of(entry: &Entry) -> Self {
        entry.note.as_ref().and_then(|note| Self::deserialize(note).ok()).unwrap_or_default()
    }
}

/// Keeps a note with an update.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn remember(storage: &Storage, bot: i64, update_id: i64, note: Note) -> Result<(), Stopping> {
    let Ok(note) = serde_json::to_value(note) else { return Ok(()) };
    let call = inbox::Note { bot, update_id, note };
    if let Err(no) = storage.ask("keeping a note", || storage.inbox.note(&call)).await? {
        tracing::warn!("a note was not kept: {no:?}");
    }
    Ok(())
}

/// The id under which everything about an update is logged, and from which the request ids of its effects are made.
pub(crate) fn request_id(bot: i64, update: i64) -> String {
    format!("tg:{bot}:{update}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use interfaces::inbox::State;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_stored_form_stays_readable() {
        let entry = |note| Entry { id: 7, payload: json!({}), state: State::Received, outcome: None, note: Some(note) };
        let note = Note { attempts: 3, ..Note::default() };
        assert_eq!(Note::of(&entry(json!({"attempts": 3, "progress": null, "new": true}))), note);
        assert_eq!(Note::of(&entry(json!({"attempts": 3, "stage": "of a newer program"}))), note);
        for (note, stored) in [
            (Note { progress: Some(5), ..Note::default() }, json!({"progress": 5})),
            (Note { stage: Some(Stage::Validating), ..Note::default() }, json!({"stage": "validating"})),
            (Note { stage: Some(Stage::Locked), ..Note::default() }, json!({"stage": "locked"})),
            (Note { stage: Some(Stage::SavingSilent), ..Note::default() }, json!({"stage": "saving_silent"})),
        ] {
            assert_eq!(serde_json::to_value(note).unwrap(), stored);
            assert_eq!(Note::of(&entry(stored)), note);
        }
    }
}
