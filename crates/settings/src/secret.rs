//! Secrets: where they come from, and a type that does not tell them.

use std::{fmt, fs, io, path::PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Environment;

/// Where a secret is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretSource {
    /// In this file.
    File(PathBuf),
    /// In the file of this name in `$CREDENTIALS_DIRECTORY` (`systemd.exec(5)`, `LoadCredential=`).
    Credential(String),
    /// In this environment variable.
    Environment(String),
}

/// Why a secret could not be had. Never holds it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("reading the secret in {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// `$CREDENTIALS_DIRECTORY` is not set.
    #[error(
        "the credential \"{name}\" was not handed over: systemd sets CREDENTIALS_DIRECTORY for LoadCredential={name}:…"
    )]
    NoCredentials {
        /// The credential's name.
        name: String,
    },
    /// The variable is not set.
    #[error("the environment variable {name} is not set")]
    NoVariable {
        /// The variable's name.
        name: String,
    },
    /// There is nothing in it.
    #[error("the secret is empty")]
    Empty,
}

impl SecretSource {
    /// Reads the secret. White space around it is not part of it.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub fn read(&self, environment: &Environment) -> Result<Secret, SecretError> {
        let text = match self {
            Self::File(path) => read(path.clone())?,
            Self::Credential(name) => {
                let directory = environment
                    .get("CREDENTIALS_DIRECTORY")
                    .ok_or_else(|| SecretError::NoCredentials { name: name.clone() })?;
                read(PathBuf::from(directory).join(name))?
            }
            Self::Environment(name) => Zeroizing::new(
                environment.get(name).ok_or_else(|| SecretError::NoVariable { name: name.clone() })?.to_owned(),
            ),
        };
        match text.trim() {
            "" => Err(SecretError::Empty),
            secret => Ok(Secret(Zeroizing::new(secret.to_owned()))),
        }
    }
}

fn read(path: PathBuf) -> Result<Zeroizing<String>, SecretError> {
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(source) => Err(SecretError::Read { path, source }),
    }
}

/// A secret. It can be had only by asking for it by name; it is wiped when dropped.
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself. What is made of it must not reach a log or an error.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
