//! Secrets: where they come from, and a type that does not tell them.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

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
    #[error("the secret is empty ({place})")]
    Empty {
        /// Where it was looked for.
        place: String,
    },
    /// It has several lines, or is longer than any secret.
    #[error("what is in {place} is not a secret: it must be one line of at most {MOST} bytes")]
    NotOneLine {
        /// Where it was looked for.
        place: String,
    },
}

/// The longest secret, in bytes.
const MOST: usize = 4096;

impl SecretSource {
    /// Reads the secret. White space around it is not part of it.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub fn read(&self, environment: &Environment) -> Result<Secret, SecretError> {
        let text = match self {
            Self::File(path) => read(path)?,
            Self::Credential(name) => {
                let path = self.path(environment);
                read(&path.ok_or_else(|| SecretError::NoCredentials { name: name.clone() })?)?
            }
            Self::Environment(name) => {
                let value = environment.get(name).ok_or_else(|| SecretError::NoVariable { name: name.clone() })?;
                Zeroizing::new(value.to_owned())
            }
        };
        Secret::in_text(&text, || self.to_string())
    }

    /// The file that holds it, if one does.
    #[must_use]
    pub fn path(&self, environment: &Environment) -> Option<PathBuf> {
        match self {
            Self::File(path) => Some(path.clone()),
            Self::Credential(name) => Some(PathBuf::from(environment.get("CREDENTIALS_DIRECTORY")?).join(name)),
            Self::Environment(_) => None,
        }
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Credential(name) => write!(f, "credential {name}"),
            Self::Environment(name) => write!(f, "environment variable {name}"),
        }
    }
}

/// The file's text, in memory that is wiped and never moved.
fn read(path: &Path) -> Result<Zeroizing<String>, SecretError> {
    let failed = |source| SecretError::Read { path: path.to_owned(), source };
    let mut text = Zeroizing::new(String::with_capacity(MOST + 1));
    let file = fs::File::open(path).map_err(failed)?;
    file.take(MOST as u64 + 1).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// A secret. It can be had only by asking for it by name; it is wiped when dropped.
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret that a person typed. White space around it is not part of it.
    ///
    /// # Errors
    /// Where it is empty, or no line.
    pub fn typed(text: String) -> Result<Self, SecretError> {
        Self::in_text(&Zeroizing::new(text), || "what was typed".to_owned())
    }

    fn in_text(text: &str, place: impl Fn() -> String) -> Result<Self, SecretError> {
        let secret = text.trim();
        if secret.is_empty() {
            return Err(SecretError::Empty { place: place() });
        }
        if text.len() > MOST || secret.chars().any(char::is_control) {
            return Err(SecretError::NotOneLine { place: place() });
        }
        Ok(Self(Zeroizing::new(secret.to_owned())))
    }

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

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
