//! The validated settings: what every program works with, and what the supervisor hands down as JSON. No secret stands here.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use kinds::{Kind, Language};
use serde::{Deserialize, Serialize};

use crate::SecretSource;

/// The validated settings.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Settings {
    /// Where they were read from; empty where they are from no file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
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
    /// Those whose roles only the settings change. Nobody: then the first owner is whoever sends the code that the writer tells.
    #[serde(default)]
    pub admins: Vec<Admin>,
    /// The kinds of config, in the order in which they are declared.
    pub configs: Vec<Config>,
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
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Web {
    /// Whether they are served at all.
    pub enabled: bool,
    /// Where other programs ask: health, metrics. Port 0 is any free one.
    pub api: SocketAddr,
    /// Where people look. Port 0 is any free one.
    pub page: SocketAddr,
    /// How people's browsers reach `page`, an origin such as `https://natrium.example.org`; absent: at the address where it listens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_url: Option<String>,
}

impl Default for Web {
    fn default() -> Self {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self { enabled: true, api: at(8010), page: at(8001), page_url: None }
    }
}

/// Somebody whose role the settings say.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Admin {
    /// The Telegram user's id.
    pub id: i64,
    /// The name to show to other admins.
    pub name: String,
    /// What they may do in general; nothing where there are only roles for single kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// What they may do with single kinds, instead of what they may in general.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<KindRole>,
}

/// What somebody may do. Each may do what those before it may.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Look.
    Viewer,
    /// Change configs.
    Admin,
    /// Say who else may.
    Owner,
}

impl Role {
    /// All of them, the highest first.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Admin, Self::Viewer];

    /// Its name, in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

/// A role for one kind.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KindRole {
    /// The kind's name.
    pub kind: String,
    /// The role; never that of an owner.
    pub role: Role,
}

/// A kind of config, and what is to happen with its versions.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Config {
    /// Its name, its file, and what that must satisfy, with the schema's text.
    #[serde(flatten)]
    pub kind: Kind,
    /// Whether a version is published only when a second admin has approved it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approval: bool,
    /// What is run after a version was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_publish: Option<Hook>,
}

impl From<Kind> for Config {
    fn from(kind: Kind) -> Self {
        Self { kind, approval: false, after_publish: None }
    }
}

/// What is run after a version was published.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Hook {
    /// What.
    #[serde(flatten)]
    pub run: HookRun,
    /// How long it may take, in seconds, 1 to 600.
    #[serde(rename = "timeout")]
    pub timeout_s: u64,
}

impl Hook {
    /// How long one takes at most that says nothing else, in seconds.
    pub const TIMEOUT_S: u64 = 30;

    /// How long it may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_s)
    }
}

/// What a hook runs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HookRun {
    /// A program by its absolute path, and its arguments.
    Command(Vec<String>),
    /// A systemd service that is told to reload, or restarted where it cannot.
    Unit(String),
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
