//! How far a call is.

use serde::{Deserialize, Serialize};

/// How far a call that saves or proposes is. Later steps are greater.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It is checked and written beside the file.
    Preparing,
    /// It waits for the kind's lock, which another call holds.
    Waiting,
    /// It has the lock, or needs none.
    Saving,
}

/// Asks how far a call is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Progress {
    /// The call's request id.
    pub request_id: String,
    /// The step that is known: the answer waits a second for another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Step>,
}

/// How far it is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ProgressReply {
    /// None: it has not arrived, or was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
}
