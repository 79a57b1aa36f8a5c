//! Versions, who brought them, and how they are read.

use serde::{Deserialize, Serialize};

/// Where a version or a change came from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A Telegram user sent it.
    Telegram,
    /// An operator put it.
    Operator,
    /// A file by itself: a published one that was found at start or changed by hand, or that of the settings.
    File,
}

/// Who brought or decided something.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Author {
    /// Where it came from.
    pub origin: Origin,
    /// The Telegram user's id, or the operator's user id.
    pub id: i64,
    /// The name to show.
    pub name: String,
}

/// One version, without its content.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Version {
    /// The kind.
    pub kind: String,
    /// Its number, from 1.
    pub version: i64,
    /// The version that its author had before him, 0 for none.
    pub base: i64,
    /// Its length.
    pub bytes: i64,
    /// SHA-256 of the content, in lower-case hexadecimal.
    pub sha256: String,
    /// Who brought it.
    pub author: Author,
    /// When it was ready to be saved, in Unix milliseconds: before it waited for others of its kind.
    pub saved_ms: i64,
    /// The older version whose content it has again, by a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<i64>,
    /// The second admin, where one was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<Author>,
}

/// Asks for a version.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Get {
    /// The kind.
    pub kind: String,
    /// Its number; absent: the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// A version with its content.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetReply {
    /// The version.
    pub version: Version,
    /// The document, exactly as it was sent.
    pub content: String,
}

/// Asks for older versions.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct History {
    /// The kind.
    pub kind: String,
    /// Only versions below this; absent: from the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    /// How many at most, 1 to 100.
    pub limit: i64,
}

/// Versions, newest first.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct HistoryReply {
    /// The versions.
    pub versions: Vec<Version>,
}
