//! `io.natrium.Configs`: config files with all their versions.

use serde::{Deserialize, Serialize};

use crate::define::define;

define! {
    /// What the configs' owner answers.
    Configs = "io.natrium.Configs";
    methods {
        /// All kinds that the settings declare.
        Kinds => kinds(Kinds) -> KindsReply;
        /// The current version, or the one asked for, with its content.
        Get => get(Get) -> GetReply;
        /// Older versions, newest first.
        History => history(History) -> HistoryReply;
        /// Saves and publishes a new version; answers when it is durable.
        Put => put(Put) -> PutReply;
    }
    streams {}
}

/// A kind of config.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Kind {
    /// Its name, such as `fees`.
    pub name: String,
    /// How its file is called, such as `fees.yml`.
    pub file: String,
    /// The JSON Schema, as text.
    pub schema: String,
    /// Which rules beyond the schema hold, such as `fees`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// The current version, 0 where there is none.
    pub current: i64,
}

/// Where a version came from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A Telegram user sent it.
    Telegram,
    /// An operator put it.
    Operator,
    /// It was found as a file at start.
    File,
}

/// Who brought a version.
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
    /// When it was saved, in Unix milliseconds.
    pub saved_ms: i64,
}

/// One thing wrong with a document.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Problem {
    /// The line, from 1; 0 where no place can be named.
    pub line: i64,
    /// The column in characters, from 1; 0 where no place can be named.
    pub column: i64,
    /// The value, such as `brackets[2].percent`.
    pub path: String,
    /// What is wrong, in English.
    pub reason: String,
}

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

/// Asks which kinds there are.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Kinds {}

/// The kinds, in the order of the settings.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KindsReply {
    /// The kinds.
    pub kinds: Vec<Kind>,
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

/// Asks for a version to be saved and published.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Put {
    /// The kind.
    pub kind: String,
    /// The document; it is kept and published exactly as it is.
    pub content: String,
    /// The version that the author had before him, 0 for none.
    pub base: i64,
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

/// What the configs' owner may answer instead.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "error", content = "parameters")]
pub enum Error {
    /// The settings declare no such kind.
    #[error("there is no kind \"{kind}\"")]
    #[serde(rename = "io.natrium.Configs.NoSuchKind")]
    NoSuchKind {
        /// The kind asked for.
        kind: String,
    },
    /// The kind has no such version.
    #[error("{kind} has no version {version}")]
    #[serde(rename = "io.natrium.Configs.NoSuchVersion")]
    NoSuchVersion {
        /// The kind.
        kind: String,
        /// The version asked for, 0 where the current one was asked for and there is none.
        version: i64,
    },
    /// The document is not what its kind demands.
    #[error("{kind} has {} problem(s)", problems.len())]
    #[serde(rename = "io.natrium.Configs.Invalid")]
    Invalid {
        /// The kind.
        kind: String,
        /// What is wrong, in the document's order.
        problems: Vec<Problem>,
    },
    /// `base` is not the current version any more.
    #[error("{kind} is at version {} by now", current.version)]
    #[serde(rename = "io.natrium.Configs.Conflict")]
    Conflict {
        /// The kind.
        kind: String,
        /// The current version.
        current: Version,
    },
    /// Nothing was saved; the old version stands.
    #[error("{kind} was not saved: {reason}")]
    #[serde(rename = "io.natrium.Configs.NotSaved")]
    NotSaved {
        /// The kind.
        kind: String,
        /// Why.
        reason: String,
    },
    /// This request id belonged to a different request.
    #[error("request id {request_id} belonged to a different request")]
    #[serde(rename = "io.natrium.Configs.RequestReused")]
    RequestReused {
        /// The id.
        request_id: String,
    },
    /// No answer is known: what it would say cannot be read just now, or whether an effect will last. Asking again, with
    /// the same request id, may tell.
    #[error("no answer is known just now: {reason}")]
    #[serde(rename = "io.natrium.Configs.Unavailable")]
    Unavailable {
        /// Why.
        reason: String,
    },
}

impl varlink::ErrorReply for Error {}
