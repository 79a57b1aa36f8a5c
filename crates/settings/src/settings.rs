//! The validated settings: what every program works with, and what the supervisor hands down as JSON. No secret stands here.

use std::path::PathBuf;

use kinds::{Kind, Language};
use serde::{Deserialize, Serialize};

use crate::SecretSource;

/// The validated settings.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Settings {
    /// The instance's name, for messages.
    pub instance: String,
    /// The language of admins whose own is neither English nor Russian.
    pub language: Language,
    /// Where things lie.
    pub directories: Directories,
    /// How to reach Telegram.
    pub telegram: Telegram,
    /// Who may change configs.
    pub admins: Vec<Admin>,
    /// The kinds of config, in the order in which they are declared, with their schemas' texts.
    pub configs: Vec<Kind>,
    /// The least important level to log.
    pub log: Level,
}

/// Where things lie.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Directories {
    /// The store: only the writer opens it.
    pub state: PathBuf,
    /// Sockets and the PID file.
    pub runtime: PathBuf,
    /// The published config files.
    pub published: PathBuf,
}

/// How to reach Telegram.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Telegram {
    /// The Bot API server, without a slash at its end.
    pub api_url: String,
    /// Where the bot's token is.
    pub token: SecretSource,
    /// Where the API hash of user accounts is, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_hash: Option<SecretSource>,
}

/// Who may change configs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Admin {
    /// The Telegram user's id.
    pub id: i64,
    /// The name to show to other admins.
    pub name: String,
}

/// How important a log line is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something failed.
    Error,
    /// Something is not as it should be.
    Warn,
    /// What an operator wants to know.
    #[default]
    Info,
    /// What a developer wants to know.
    Debug,
    /// Everything.
    Trace,
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// Its name, in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}
