//! `io.natrium.Worker`: what every worker answers about itself.

use serde::{Deserialize, Serialize};

use crate::define::define;

define! {
    /// What a worker answers about itself.
    Worker = "io.natrium.Worker";
    methods {
        /// Who it is and how it is.
        GetInfo => get_info(GetInfo) -> GetInfoReply;
        /// Its metrics as Prometheus text.
        GetMetrics => get_metrics(GetMetrics) -> GetMetricsReply;
    }
    streams {}
}

/// Asks who the worker is.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetInfo {}

/// Who the worker is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetInfoReply {
    /// Its name, such as `writer`.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// Its process.
    pub pid: i32,
    /// When it started, in Unix milliseconds.
    pub started_ms: i64,
    /// What it says of itself.
    pub status: String,
    /// What the kernel enforces on it, in words.
    pub sandbox: String,
}

/// Asks for the metrics.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetMetrics {}

/// The metrics.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetMetricsReply {
    /// Prometheus text, version 0.0.4.
    pub text: String,
}

/// The interface has no errors of its own.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "error", content = "parameters")]
pub enum Error {}

impl varlink::ErrorReply for Error {}
