//! `natrium.yml`: from raw (as written) to validated [`Settings`], all problems at once; and secrets, which are not in it.
//!
//! The file is read as foreign bytes (crate `yaml`), then as [`SettingsRaw`] (the right shapes, each value with its
//! place), then as [`Settings`] (the right values). Each step goes on past what is wrong, so that one look at the screen
//! shows everything. No message repeats what may be a secret, wherever in the file it was put by mistake.
//!
//! The environment is handed in ([`Environment`]); the only I/O is reading the file, the schemas it names, and secrets.

mod check;
mod environment;
mod load;
mod problem;
mod raw;
mod redact;
mod secret;
mod settings;
mod token;
mod warning;

pub use environment::{DEFAULT_PATH, Environment};
pub use load::SettingsError;
pub use problem::Problem;
pub use raw::{AdminRaw, ConfigRaw, DirectoriesRaw, HookRaw, Located, SchemaRaw, SettingsRaw, TelegramRaw, WebRaw};
pub use redact::redacted;
pub use secret::{Secret, SecretError, SecretSource};
pub use settings::{Admin, Config, Directories, Hook, HookRun, KindRole, Level, Role, Settings, Telegram, Web};
pub use token::{BotToken, TokenError};
pub use warning::Warning;

/// The annotated `natrium.yml` that is shipped, to start from.
pub const SAMPLE: &str = include_str!("../../../systemd/natrium.yml");
