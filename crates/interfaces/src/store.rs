//! `io.natrium.Store`: the store as a whole.

use serde::{Deserialize, Serialize};

use crate::define::define;

define! {
    /// What the store's owner answers about it.
    Store = "io.natrium.Store";
    methods {
        /// Which schema the store has, and how large it is.
        GetInfo => get_info(GetInfo) -> GetInfoReply;
        /// Everything that is wrong with the store and the published files.
        Check => check(Check) -> CheckReply;
    }
    streams {
        /// A copy of the store and of the published files that belong to it.
        Backup => backup(Backup) -> BackupReply;
    }
}

/// How the store's file is called in a backup.
pub const STORE: &str = "store.sqlite";

/// One content of a backup.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// What it is called: [`STORE`], or `published/` and the file.
    pub name: String,
    /// Its length.
    pub bytes: i64,
    /// SHA-256 of the content, in lower-case hexadecimal.
    pub sha256: String,
    /// The kind of a published file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The version of a published file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// What a backup is made of.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Contents {
    /// The schema of the store.
    pub schema: i64,
    /// Of which moment it is, in Unix milliseconds.
    pub taken_ms: i64,
    /// The contents in their order.
    pub members: Vec<Member>,
}

/// Asks about the store.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetInfo {}

/// What the store is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetInfoReply {
    /// The schema that it has.
    pub schema: i64,
    /// The oldest schema whose programs may work with the store: what newer releases did to it since only added.
    pub since: i64,
    /// The newest schema that the writer knows.
    pub known: i64,
    /// How large it is.
    pub bytes: i64,
    /// How much space is left where it lies.
    pub free_bytes: i64,
}

/// Asks whether the store is sound.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Check {}

/// Whether the store is sound.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct CheckReply {
    /// What is not, a sentence each.
    pub problems: Vec<String>,
}

/// Asks for a copy.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Backup {}

/// A part of a copy: what it is made of, then what it is.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct BackupReply {
    /// Only in the first reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contents: Option<Contents>,
    /// In each later one: the next bytes of the members, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk: Option<String>,
}

/// What the owner may answer instead.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "error", content = "parameters")]
pub enum Error {
    /// A copy needs more space for a while than there is.
    #[error("no space for a copy of the store: it takes {needed} bytes for a while, and {free} are left")]
    #[serde(rename = "io.natrium.Store.NoSpace")]
    NoSpace {
        /// Bytes.
        needed: i64,
        /// Bytes.
        free: i64,
    },
    /// Others have copies made just now.
    #[error("other backups are being made just now")]
    #[serde(rename = "io.natrium.Store.Busy")]
    Busy {},
    /// The store or a file could not be read just now.
    #[error("the store cannot be read just now: {reason}")]
    #[serde(rename = "io.natrium.Store.Unavailable")]
    Unavailable {
        /// Why.
        reason: String,
    },
}

impl varlink::ErrorReply for Error {}
