//! The record of Bot API calls.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FaultKind, Millis};

/// One call of the Bot API, as it was and as it was answered. Tokens are never recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallView {
    /// Numbered from 1; a reset does not begin anew.
    pub number: u64,
    /// When it came.
    pub at: Millis,
    /// Its place in the order of everything that happened.
    pub moment: u64,
    /// The bot, if the token had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
    /// The path with the token left out, such as `/bot…/getMe`.
    pub path: String,
    /// The method in the Bot API's spelling, or as it was written if there is none of that name.
    pub method: String,
    /// How the parameters came: `none`, `query`, `urlencoded`, `multipart` or `json`, joined by `+`.
    pub encoding: String,
    /// The parameters; of files only name and size.
    pub parameters: serde_json::Map<String, Value>,
    /// Parameters that Telegram does not know either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// It asked for something that this simulator does not do.
    #[serde(default)]
    pub unsimulated: bool,
    /// The fault that hit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultKind>,
    /// The status of the answer; absent while it is under way and when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The answer, cut if it is long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took: Option<u64>,
    /// The client was gone before it was answered.
    #[serde(default)]
    pub abandoned: bool,
}

/// What has been counted since the start or the last reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counters {
    /// getUpdates requests under way at this moment.
    pub pollers: usize,
    /// The most getUpdates requests that were ever under way at once.
    pub pollers_max: usize,
    /// getUpdates requests answered with 409 whose client was still there.
    pub conflicts: u64,
    /// Calls of the Bot API.
    pub calls: u64,
    /// Calls of what is not simulated.
    pub unsimulated: u64,
    /// Calls hit by a fault.
    pub faults: u64,
}
