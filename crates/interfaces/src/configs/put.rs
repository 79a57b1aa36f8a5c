//! What makes a version, or cancels that, and the update that is settled with it.

use serde::{Deserialize, Serialize};

use super::{Author, Proposal, Version};

/// The Telegram update that a call settles: it is marked as applied, with the call's reply as its outcome, and the dialogue
/// of that user in that chat ends, in the transaction of the call's own effect.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Settlement {
    /// The bot that received the update.
    pub bot: i64,
    /// The update.
    pub update_id: i64,
    /// The chat of the dialogue that ends.
    pub chat: i64,
    /// The user of the dialogue that ends.
    pub user: i64,
}

/// Asks for a version to be saved and published.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Put {
    /// The kind.
    pub kind: String,
    /// The document; it is kept and published exactly as it is.
    pub content: String,
    /// The version that the author had before him, 0 for none.
    pub base: i64,
    /// The content (its SHA-256) of a file changed by hand that the author has seen and means to replace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// Who brings it.
    pub author: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// The version is durable.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PutReply {
    /// The version now current.
    pub version: Version,
    /// The content equalled the current version, and none was made.
    pub unchanged: bool,
    /// The file is in place.
    pub published: bool,
}

/// Asks for a version with the content of an older one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Rollback {
    /// The kind.
    pub kind: String,
    /// The older version.
    pub to: i64,
    /// The version that the author had before him.
    pub base: i64,
    /// The content (its SHA-256) of a file changed by hand that is to be replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// Who rolls back.
    pub author: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// Asks that a request has no effect.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Cancel {
    /// The request to cancel, and this one: asking twice is harmless.
    pub request_id: String,
    /// The updates that this settles.
    pub settles: Vec<Settlement>,
}

/// What became of the request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CancelReply {
    /// It had no effect, and never will.
    pub cancelled: bool,
    /// The version that it had made, or had found to be current.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<Version>,
    /// That version was there before.
    pub unchanged: bool,
    /// The proposal that it had made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Proposal>,
}
