//! Faults on demand.

use serde::{Deserialize, Serialize};

use super::Millis;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// The call is delayed, then done.
    Latency {
        /// By how much.
        millis: u64,
        /// If given, each call by another time from `millis` to this one, drawn from the seed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        up_to_millis: Option<u64>,
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
    /// The call is done and its answer begins, with its full length; the connection ends in the middle of it.
    Truncated,
    /// The call is done and its answer begins at once, but comes in small pieces.
    SlowBody {
        /// How long the whole of it takes.
        millis: u64,
    },
    /// Telegram cannot be reached: every connection that the Bot API is asked on is closed at once, and answers to earlier
    /// calls, such as a waiting getUpdates, are lost.
    Outage,
}

impl FaultKind {
    /// Always the same delay.
    #[must_use]
    pub fn latency(millis: u64) -> Self {
        Self::Latency { millis, up_to_millis: None }
    }
}

/// A fault to be injected. From a [`FaultKind`] alone it concerns every call until it is cleared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewFault {
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// For which method, in any case (`download` is the download of a file); for all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Only calls with this `chat_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<i64>,
    /// Only calls later than this, in milliseconds of the simulator's clock after the fault was asked for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub from_millis: u64,
    /// Only calls earlier than this, counted alike; then the fault is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_millis: Option<u64>,
    /// For how many calls; until cleared if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<u32>,
    /// Only after this many matching calls went well.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u32,
    /// Each call is hit with this probability, from 0 to 1; all are if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// What `probability` and `up_to_millis` are drawn from; made from the simulator's seed if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The call is done first, only its answer is replaced by the fault (for `hang`, `drop`, `server_error`, …):
    /// a message is sent and the bot does not know.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after: bool,
}

impl From<FaultKind> for NewFault {
    fn from(kind: FaultKind) -> Self {
        Self {
            kind,
            method: None,
            chat: None,
            from_millis: 0,
            until_millis: None,
            calls: None,
            skip: 0,
            probability: None,
            seed: None,
            after: false,
        }
    }
}

fn is_zero<N: Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}

/// A fault that is in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FaultView {
    /// Names it.
    pub id: u64,
    /// When it was asked for, by the simulator's clock.
    #[serde(default)]
    pub since: Millis,
    /// What was asked for; `calls` and `skip` count down.
    #[serde(flatten)]
    pub fault: NewFault,
    /// How many calls it has hit.
    pub hits: u64,
}
