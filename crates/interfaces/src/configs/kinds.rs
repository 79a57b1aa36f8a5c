//! What kinds of config there are.

use serde::{Deserialize, Serialize};

use super::ByHand;

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
    /// Whether a version is published only when a second admin has approved it.
    pub approval: bool,
    /// The current version, 0 where there is none.
    pub current: i64,
    /// The published file, where somebody changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
}

/// Asks which kinds there are.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Kinds {}

/// The kinds, in the order of the settings.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KindsReply {
    /// The kinds.
    pub kinds: Vec<Kind>,
    /// Those that are no longer declared but have a history, by name.
    pub retired: Vec<String>,
}
