//! The validated settings: what every program works with, and what the supervisor hands down as JSON. No secret stands here.

use std::net::{Ipv4Addr, SocketAddr};
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
    /// Where pages and the interface for programs are served.
    pub web: Web,
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

/// Where pages and the interface for programs are served, where systemd hands down no listener for them.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Web {
    /// Whether they are served at all.
    pub enabled: bool,
    /// Where other programs ask: health, metrics. Port 0 is any free one.
    pub api: SocketAddr,
    /// Where people look. Port 0 is any free one.
    pub page: SocketAddr,
}

impl Default for Web {
    fn default() -> Self {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self { enabled: true, api: at(8010), page: at(8001) }
    }
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
