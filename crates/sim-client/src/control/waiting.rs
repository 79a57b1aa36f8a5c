//! What can be waited for.

use serde::{Deserialize, Serialize};

use super::{Author, CallView, MessageView, QueryView};

/// What to wait for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Condition {
    /// A message in the chat with a person, or in a shared chat.
    Message {
        /// The person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<i64>,
        /// Or the shared chat.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chat: Option<i64>,
        /// Which message.
        #[serde(flatten)]
        matching: MessagePattern,
    },
    /// The bot has answered the press of a button.
    Answered {
        /// The press.
        query_id: String,
    },
    /// A method was called this often, with an answer of this status.
    Calls {
        /// The method, in any case.
        method: String,
        /// How often at least.
        at_least: usize,
        /// Only calls answered with this status.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// Only calls later than this moment.
        #[serde(default)]
        after: u64,
    },
    /// The bot has confirmed all updates.
    Confirmed {
        /// Which bot; the first one if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bot: Option<i64>,
    },
    /// The bot waits in getUpdates.
    Polling {
        /// Which bot; the first one if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bot: Option<i64>,
    },
}

/// Which message is meant; everything that is given must be true of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagePattern {
    /// The bot of the chat; the first one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
    /// This message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<i64>,
    /// Who wrote it; a bot if absent, in a channel the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// The id of the person or bot that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// Only what was shown later than this moment.
    #[serde(default)]
    pub after: u64,
    /// The text contains this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// A button says this, or a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<String>,
    /// It has a file of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// It is enough that the message was so for a while, before an edit.
    #[serde(default)]
    pub ever: bool,
    /// It has been deleted (if false: it still stands).
    #[serde(default)]
    pub deleted: bool,
}

/// Asks to be told when something is true.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Wait {
    /// What.
    #[serde(flatten)]
    pub condition: Condition,
    /// How long to wait, in milliseconds; 10 000 if absent, at most ten minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
}

/// What the condition was met by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "met", rename_all = "snake_case")]
pub enum Met {
    /// This message.
    Message {
        /// As it is now.
        message: Box<MessageView>,
    },
    /// This press.
    Answered {
        /// With its answer.
        query: QueryView,
    },
    /// These calls.
    Calls {
        /// All that matched.
        calls: Vec<CallView>,
    },
    /// Nothing more to say.
    True,
}

/// What went wrong with a request of the control API.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refusal {
    /// In words.
    pub error: String,
    /// What was there instead, after waiting in vain for a message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageView>,
}
