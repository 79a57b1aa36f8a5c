//! What a conversation with an admin may be in the middle of, as it is kept by the writer.

use interfaces::dialogues::{End, Error, Get, Set, Settlement};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::send::Stopping;
use crate::storage::{No, Storage};

/// Where a dialogue stands. Stored as JSON: variants and fields may be added, never renamed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "awaiting", rename_all = "snake_case")]
pub(crate) enum Dialogue {
    /// `/set_<kind>` was sent; the document comes next.
    Document {
        /// The kind.
        kind: String,
        /// The version that stood when the dialogue was opened; 0 for none.
        base: i64,
    },
    /// A document was not saved, because something else stands there; what is to become of it is asked.
    Conflict(Box<Conflict>),
}

/// What is asked about a document that met something else, and all that it takes to go on with it: it is fetched from Telegram
/// again, nothing is kept of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Conflict {
    /// The kind.
    pub(crate) kind: String,
    /// The version that the document was made from; 0 for none.
    pub(crate) base: i64,
    /// The current version, which was shown.
    pub(crate) shown: i64,
    /// The content (its SHA-256) of a file changed by hand that was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) over: Option<String>,
    /// What stands there is the file changed by hand, not the version.
    #[serde(default)]
    pub(crate) by_hand: bool,
    /// The update that asked; it names the question.
    pub(crate) update: i64,
    /// The document at Telegram.
    pub(crate) file_id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u64>,
    /// The message that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<i32>,
}

impl Dialogue {
    /// The kind that it is about.
    pub(crate) fn kind(&self) -> &str {
        match self {
            Self::Document { kind, .. } => kind,
            Self::Conflict(conflict) => &conflict.kind,
        }
    }

    /// The message that asks, if one does.
    pub(crate) fn question(&self) -> Option<i32> {
        match self {
            Self::Document { .. } => None,
            Self::Conflict(conflict) => conflict.message,
        }
    }
}

/// The dialogue of one user in one chat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The bot.
    pub(crate) bot: i64,
    /// The chat.
    pub(crate) chat: i64,
    /// The user.
    pub(crate) user: i64,
}

impl Place {
    /// The dialogue under way.
    ///
    /// # Errors
    /// When the worker stops before it is known.
    pub(crate) async fn dialogue(self, storage: &Storage) -> Result<Result<Option<Dialogue>, No<Error>>, Stopping> {
        let call = Get { bot: self.bot, chat: self.chat, user: self.user };
        let reply = storage.ask("asking for a dialogue", || storage.dialogues.get(&call)).await?;
        Ok(reply.map(|reply| reply.dialogue.and_then(|dialogue| read(&dialogue.state))))
    }

    /// Begins a dialogue, or replaces the one under way. `settles` is the update that asked for it.
    ///
    /// # Errors
    /// When the worker stops before it is known to be durable.
    pub(crate) async fn begin(
        self,
        storage: &Storage,
        dialogue: &Dialogue,
        request_id: String,
        settles: Option<i64>,
    ) -> Result<Result<(), No<Error>>, Stopping> {
        let state = match serde_json::to_value(dialogue) {
            Ok(state) => state,
            Err(error) => return Ok(Err(No::Broken(error.to_string()))),
        };
        let settles = settles.map(|update_id| Settlement { bot: self.bot, update_id });
        let call = Set { bot: self.bot, chat: self.chat, user: self.user, state, request_id, settles };
        Ok(storage.ask("beginning a dialogue", || storage.dialogues.set(&call)).await?.map(drop))
    }

    /// Ends the dialogue; gives the one that was under way.
    ///
    /// # Errors
    /// When the worker stops before it is known to be durable.
    pub(crate) async fn end(
        self,
        storage: &Storage,
        request_id: String,
        settles: Option<i64>,
    ) -> Result<Result<Option<Dialogue>, No<Error>>, Stopping> {
        let settles = settles.map(|update_id| Settlement { bot: self.bot, update_id });
        let call = End { bot: self.bot, chat: self.chat, user: self.user, request_id, settles };
        let reply = storage.ask("ending a dialogue", || storage.dialogues.end(&call)).await?;
        Ok(reply.map(|reply| reply.ended.as_ref().and_then(read)))
    }
}

/// A stored dialogue; one that this program does not know (a newer one wrote it) counts as none.
pub(crate) fn read(state: &Value) -> Option<Dialogue> {
    Dialogue::deserialize(state)
        .inspect_err(|error| tracing::warn!("a stored dialogue is not understood: {error}"))
        .ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use serde_json::json;

    use super::*;

    #[test]
    fn the_stored_form_stays_readable() {
        let stored = json!({"awaiting": "document", "kind": "fees", "base": 7});
        let dialogue = Dialogue::Document { kind: "fees".to_owned(), base: 7 };
        assert_eq!(serde_json::to_value(&dialogue).unwrap(), stored);
        assert_eq!(read(&stored), Some(dialogue));

        let stored = json!({
            "awaiting": "conflict", "kind": "fees", "base": 7, "shown": 8, "by_hand": false, "update": 99, "file_id": "f",
        });
        let dialogue = Dialogue::Conflict(Box::new(Conflict {
            kind: "fees".to_owned(),
            base: 7,
            shown: 8,
            over: None,
            by_hand: false,
            update: 99,
            file_id: "f".to_owned(),
            name: None,
            size: None,
            message: None,
        }));
        assert_eq!(serde_json::to_value(&dialogue).unwrap(), stored);
        assert_eq!(read(&stored), Some(dialogue));
    }

    #[test]
    fn a_dialogue_of_a_newer_program_counts_as_none() {
        assert_eq!(read(&json!({"awaiting": "applause"})), None);
        assert_eq!(read(&json!("?")), None);
    }
}
