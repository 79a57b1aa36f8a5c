//! Programs that say which version they run.

use serde::{Deserialize, Serialize};

/// A program that says which version it runs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Consumer {
    /// What it calls itself.
    pub name: String,
    /// The version.
    pub version: i64,
    /// When it said so, in Unix milliseconds.
    pub acknowledged_ms: i64,
}

/// A program says which version it runs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Ack {
    /// The kind.
    pub kind: String,
    /// What it calls itself.
    pub consumer: String,
    /// The version.
    pub version: i64,
}

/// It is noted.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct AckReply {}

/// Asks which programs said what they run.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Consumers {
    /// The kind.
    pub kind: String,
}

/// The programs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ConsumersReply {
    /// By name.
    pub consumers: Vec<Consumer>,
}
