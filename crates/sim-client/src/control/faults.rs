//! Faults on demand.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// The call is delayed, then done.
    Latency {
        /// By how much.
        millis: u64,
    },
    /// No answer ever comes; the connection stays open.
    Hang,
    /// The connection is closed without an answer.
    Drop,
    /// 429.
    TooManyRequests {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// 5xx with a page of HTML, as a proxy in front of Telegram would send.
    ServerError {
        /// 500 to 599.
        status: u16,
    },
    /// 401, as with a revoked token.
    Unauthorized,
    /// 409, as with a second poller somewhere else.
    Conflict,
    /// Telegram cannot be reached: every connection that the Bot API is asked on is closed at once.
    Outage,
}

/// A fault to be injected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFault {
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// For which method, in any case (`download` is the download of a file); for all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// For how many calls; until cleared if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<u32>,
    /// Only after this many matching calls went well.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u32,
    /// The call is done first, only its answer is replaced by the fault (for `hang`, `drop`, `server_error`, …):
    /// a message is sent and the bot does not know.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A fault that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultView {
    /// Names it.
    pub id: u64,
    /// What was asked for; `calls` and `skip` count down.
    #[serde(flatten)]
    pub fault: NewFault,
    /// How many calls it has hit.
    pub hits: u64,
}
