//! Published files that somebody changed on the disk, and what becomes of them.

use serde::{Deserialize, Serialize};

use super::{Author, Settlement, Version};

/// In place of a content's SHA-256: whatever stands there, seen or not. Asked twice it is the same call.
pub const ANY: &str = "any";

/// A published file that somebody changed on the disk, so that it is no version.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ByHand {
    /// SHA-256 of its content; empty where that cannot be a version.
    pub sha256: String,
    /// Its length.
    pub bytes: i64,
    /// Whether it could become a version as it is.
    pub valid: bool,
    /// When it was noticed, in Unix milliseconds.
    pub noticed_ms: i64,
}

/// Asks for a published file as somebody changed it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetByHand {
    /// The kind.
    pub kind: String,
}

/// A published file as somebody changed it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetByHandReply {
    /// Absent where the file is what it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
    /// Its content, where that is text of a size that a version may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// Makes a version of a file that was changed by hand.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Adopt {
    /// The kind.
    pub kind: String,
    /// The content that it is believed to have.
    pub sha256: String,
    /// Who adopts it.
    pub author: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// Publishes the current version again in place of a file that was changed by hand.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Restore {
    /// The kind.
    pub kind: String,
    /// The content that it is believed to have.
    pub sha256: String,
    /// Who restores it.
    pub by: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// The file is put in place again.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RestoreReply {
    /// The version that stands there.
    pub version: Version,
    /// The file is in place.
    pub published: bool,
}
