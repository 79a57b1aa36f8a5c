//! `natrium.yml`: from raw (as written) to validated [`Settings`], all problems at once; and secrets, which are not in it.

mod environment;
mod load;
mod secret;
mod settings;

pub use environment::{DEFAULT_PATH, Environment};
pub use load::SettingsError;
pub use secret::{Secret, SecretError, SecretSource};
pub use settings::{Admin, Directories, Level, Settings, Telegram};
