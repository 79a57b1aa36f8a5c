//! `io.natrium.Audit`: every change and every refusal.

use serde::{Deserialize, Serialize};

pub use crate::configs::Author;
use crate::define::define;

define! {
    /// What the keeper of the audit trail answers.
    Audit = "io.natrium.Audit";
    methods {
        /// Entries, newest first.
        List => list(List) -> ListReply;
        /// Records a refusal that the writer has not seen.
        Record => record(Record) -> RecordReply;
    }
    streams {}
}

/// Whether something was done.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was.
    Done,
    /// It was not.
    Refused,
}

/// One change or refusal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Entry {
    /// Its number.
    pub seq: i64,
    /// When, in Unix milliseconds.
    pub at_ms: i64,
    /// Who.
    pub actor: Author,
    /// The verb, such as `put`.
    pub action: String,
    /// The kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Whom or what it concerns besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Whether it was done.
    pub outcome: Outcome,
    /// Why not, a word or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The request; of several refusals, the last one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// For how many refusals it stands: of earlier days, for those that differ only in their time. 1 otherwise.
    #[serde(default = "once")]
    pub times: i64,
    /// When the first of them was, in Unix milliseconds; absent: at `at_ms`, at which the last one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_ms: Option<i64>,
}

/// Of whom a release before ours tells nothing else.
fn once() -> i64 {
    1
}

/// Asks for entries.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct List {
    /// Only entries below this; absent: from the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    /// How many at most, 1 to 100.
    pub limit: i64,
    /// Only those of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Only those of this user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<i64>,
}

/// Entries.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ListReply {
    /// Newest first.
    pub entries: Vec<Entry>,
}

/// Records a refusal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Record {
    /// Who was refused.
    pub actor: Author,
    /// What, such as `put`.
    pub action: String,
    /// The kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whom or what it concerns besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Why, a word or two.
    pub reason: String,
    /// The request: the same again with the same action and reason records nothing more.
    pub request_id: String,
}

/// It is recorded.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct RecordReply {}

/// What the keeper may answer instead.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "error", content = "parameters")]
pub enum Error {
    /// Nothing was saved; all is as it was before the call.
    #[error("nothing was saved: {reason}")]
    #[serde(rename = "io.natrium.Audit.NotSaved")]
    NotSaved {
        /// Why.
        reason: String,
    },
    /// No answer is known. Asking again may tell.
    #[error("no answer is known just now: {reason}")]
    #[serde(rename = "io.natrium.Audit.Unavailable")]
    Unavailable {
        /// Why.
        reason: String,
    },
}

impl varlink::ErrorReply for Error {}
