//! What the bot remembers with an update in the inbox, and the ids under which it is logged.

use interfaces::inbox::{self, Entry};
use serde::{Deserialize, Serialize};

use crate::send::Stopping;
use crate::storage::Storage;

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
        let note = Some(json!({"attempts": 3, "progress": null, "new": true}));
        let entry = Entry { id: 7, payload: json!({}), state: State::Received, outcome: None, note };
        assert_eq!(Note::of(&entry), Note { attempts: 3, progress: None });
        assert_eq!(serde_json::to_value(Note { attempts: 0, progress: Some(5) }).unwrap(), json!({"progress": 5}));
    }
}
