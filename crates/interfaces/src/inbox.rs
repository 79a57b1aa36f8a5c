//! `io.natrium.Inbox`: Telegram updates, kept from before Telegram is told that we have them until the user has been answered.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::define::define;

define! {
    /// What the inbox's owner answers.
    Inbox = "io.natrium.Inbox";
    methods {
        /// Keeps updates; answers when they are durable.
        Receive => receive(Receive) -> ReceiveReply;
        /// Updates not finished, oldest first.
        Unfinished => unfinished(Unfinished) -> UnfinishedReply;
        /// Remembers a note with an unfinished update, replacing an earlier one.
        Note => note(Note) -> NoteReply;
        /// The update needs nothing more.
        Finish => finish(Finish) -> FinishReply;
    }
    streams {}
}

/// One Telegram update.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Update {
    /// Its `update_id`.
    pub id: i64,
    /// The whole update as Telegram sent it.
    pub payload: Value,
}

/// How far an unfinished update is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing has come of it yet.
    Received,
    /// Its effect is durable; the user may not know yet.
    Applied,
}

/// One update that is not finished.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Entry {
    /// Its `update_id`.
    pub id: i64,
    /// The whole update as Telegram sent it.
    pub payload: Value,
    /// How far it is.
    pub state: State,
    /// What came of it: an [`Outcome`] as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Value>,
    /// What the bot wanted to remember about its own work on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Value>,
}

/// The reply of the call that settled an update.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Outcome {
    /// The call's full method name, such as `io.natrium.Configs.Put`.
    pub method: String,
    /// Its reply parameters.
    pub reply: Value,
}

/// Asks for updates to be kept.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Receive {
    /// The bot that received them.
    pub bot: i64,
    /// The updates.
    pub updates: Vec<Update>,
}

/// The updates are durable.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ReceiveReply {
    /// The ids that had not been kept before, in the order given.
    pub fresh: Vec<i64>,
}

/// Asks for the updates that are not finished.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Unfinished {
    /// The bot that received them.
    pub bot: i64,
    /// Only those after this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// How many at most, 1 to 1000.
    pub limit: i64,
}

/// The updates that are not finished, oldest first.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct UnfinishedReply {
    /// The updates.
    pub entries: Vec<Entry>,
}

/// Asks for a note to be remembered.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Note {
    /// The bot that received the update.
    pub bot: i64,
    /// The update.
    pub update_id: i64,
    /// What to remember.
    pub note: Value,
}

/// The note is durable.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NoteReply {}

/// Says that the update needs nothing more.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Finish {
    /// The bot that received the update.
    pub bot: i64,
    /// The update.
    pub update_id: i64,
}

/// The update is finished.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct FinishReply {}

/// What the inbox's owner may answer instead.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "error", content = "parameters")]
pub enum Error {
    /// No such update is kept.
    #[error("bot {bot} has no update {update_id}")]
    #[serde(rename = "io.natrium.Inbox.NoSuchUpdate")]
    NoSuchUpdate {
        /// The bot asked for.
        bot: i64,
        /// The update asked for.
        update_id: i64,
    },
    /// Nothing was saved; all is as it was before the call. The same call may succeed later.
    #[error("nothing was saved: {reason}")]
    #[serde(rename = "io.natrium.Inbox.NotSaved")]
    NotSaved {
        /// Why.
        reason: String,
    },
    /// No answer is known: what it would say cannot be read just now, or whether an effect will last. Asking again may tell.
    #[error("no answer is known just now: {reason}")]
    #[serde(rename = "io.natrium.Inbox.Unavailable")]
    Unavailable {
        /// Why.
        reason: String,
    },
}

impl varlink::ErrorReply for Error {}
