//! Reading the file. (First version: one problem at a time.)

use std::path::{Path, PathBuf};

use kinds::Language;
use serde::Deserialize;

use crate::{Admin, Directories, Environment, Level, SecretSource, Settings, Telegram};

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("reading {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file makes no sense.
    #[error("{path}: {reason}")]
    Invalid {
        /// Which file.
        path: String,
        /// Why.
        reason: String,
    },
}

#[derive(Deserialize)]
struct Raw {
    instance: Option<String>,
    directories: Option<RawDirectories>,
    telegram: RawTelegram,
    admins: Vec<Admin>,
    language: Option<Language>,
    log: Option<Level>,
}
#[derive(Default, Deserialize)]
struct RawDirectories {
    state: Option<PathBuf>,
    runtime: Option<PathBuf>,
    published: Option<PathBuf>,
}
#[derive(Deserialize)]
struct RawTelegram {
    api_url: Option<String>,
    token: SecretSource,
}

impl Settings {
    /// Reads and validates the file at `path`.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn load(path: &Path, environment: &Environment) -> Result<Self, SettingsError> {
        let text = std::fs::read(path).map_err(|source| SettingsError::Read { path: path.to_owned(), source })?;
        let invalid = |reason: String| SettingsError::Invalid { path: path.display().to_string(), reason };
        let value: serde_json::Value = serde_yaml::from_slice(&text).map_err(|error| invalid(error.to_string()))?;
        let raw: Raw = serde_json::from_value(value).map_err(|error| invalid(error.to_string()))?;
        let directories = raw.directories.unwrap_or_default();
        let state = directories
            .state
            .or_else(|| environment.get("STATE_DIRECTORY").map(PathBuf::from))
            .unwrap_or_else(|| "/var/lib/natrium".into());
        let runtime = directories
            .runtime
            .or_else(|| environment.get("RUNTIME_DIRECTORY").map(PathBuf::from))
            .unwrap_or_else(|| "/run/natrium".into());
        let published = directories.published.unwrap_or_else(|| state.join("published"));
        Ok(Self {
            instance: raw.instance.unwrap_or_else(|| "natrium".into()),
            language: raw.language.unwrap_or_default(),
            directories: Directories { state, runtime, published },
            telegram: Telegram {
                api_url: raw.telegram.api_url.unwrap_or_else(|| "https://api.telegram.org".into()),
                token: raw.telegram.token,
            },
            admins: raw.admins,
            configs: kinds::BUILTIN.iter().filter_map(|name| kinds::builtin(name)).collect(),
            log: raw.log.unwrap_or_default(),
        })
    }
}
