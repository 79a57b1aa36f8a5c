//! `io.natrium.Dialogues`: where each user's conversation with the bot stands.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::define::define;

define! {
    /// What the dialogues' owner answers.
    Dialogues = "io.natrium.Dialogues";
    methods {
        /// The dialogue under way, if there is one.
        Get => get(Get) -> GetReply;
        /// Begins a dialogue or moves it on.
        Set => set(Set) -> SetReply;
        /// Ends the dialogue.
        End => end(End) -> EndReply;
    }
    streams {}
}

/// A dialogue under way.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Dialogue {
    /// The bot's own; the owner only keeps it.
    pub state: Value,
    /// Counts its changes.
    pub version: i64,
    /// When it last changed, in Unix milliseconds.
    pub updated_ms: i64,
}

/// The Telegram update that a call settles: marked as applied, with the call's reply as its outcome, in the same transaction.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Settlement {
    /// The bot that received the update.
    pub bot: i64,
    /// The update.
    pub update_id: i64,
}

/// Asks for the dialogue under way.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Get {
    /// The bot that the user talks with.
    pub bot: i64,
    /// The chat.
    pub chat: i64,
    /// The user.
    pub user: i64,
}

/// The dialogue under way.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct GetReply {
    /// Absent: none is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialogue: Option<Dialogue>,
}

/// Begins a dialogue or moves it on.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Set {
    /// The bot that the user talks with.
    pub bot: i64,
    /// The chat.
    pub chat: i64,
    /// The user.
    pub user: i64,
    /// The new state.
    pub state: Value,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// The dialogue is durable.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SetReply {
    /// Counts its changes.
    pub version: i64,
}

/// Ends the dialogue.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct End {
    /// The bot that the user talks with.
    pub bot: i64,
    /// The chat.
    pub chat: i64,
    /// The user.
    pub user: i64,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// The dialogue has ended.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct EndReply {
    /// The state that it had; absent where none was under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Value>,
}

/// What the dialogues' owner may answer instead.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "error", content = "parameters")]
pub enum Error {
    /// This request id belonged to a different request.
    #[error("request id {request_id} belonged to a different request")]
    #[serde(rename = "io.natrium.Dialogues.RequestReused")]
    RequestReused {
        /// The id.
        request_id: String,
    },
    /// Nothing was saved; all is as it was before the call. The same call may succeed later.
    #[error("nothing was saved: {reason}")]
    #[serde(rename = "io.natrium.Dialogues.NotSaved")]
    NotSaved {
        /// Why.
        reason: String,
    },
    /// No answer is known: what it would say cannot be read just now, or whether an effect will last. Asking again, with
    /// the same request id, may tell.
    #[error("no answer is known just now: {reason}")]
    #[serde(rename = "io.natrium.Dialogues.Unavailable")]
    Unavailable {
        /// Why.
        reason: String,
    },
}

impl varlink::ErrorReply for Error {}
