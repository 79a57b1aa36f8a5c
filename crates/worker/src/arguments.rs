//! The few words that a worker's command line may hold. Settings say everything else, and secrets never stand here: every
//! user of the host can read a command line.

use std::{ffi::OsString, path::PathBuf};

/// What the command line asks for.
#[derive(Debug, Eq, PartialEq)]
pub enum Arguments {
    /// Do the work. `settings` is the file named, if one was.
    Run {
        /// Where the settings are, if the command line says so.
        settings: Option<PathBuf>,
    },
    /// Say how to be called.
    Help,
    /// Say which version this is.
    Version,
}

/// A word that makes no sense here.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum ArgumentsError {
    /// Nothing is known by this name.
    #[error("unknown argument {0:?}; --help says what there is")]
    Unknown(OsString),
    /// `--settings` without a file.
    #[error("--settings needs the path of a file after it")]
    NoFile,
}

impl Arguments {
    /// Reads the words after the program's name.
    ///
    /// # Errors
    /// The first word that makes no sense.
    pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Self, ArgumentsError> {
        let mut words = words.into_iter();
        let mut settings = None;
        while let Some(word) = words.next() {
            match word.to_str() {
                Some("--help" | "-h") => return Ok(Self::Help),
                Some("--version" | "-V") => return Ok(Self::Version),
                Some("--settings") => settings = Some(words.next().ok_or(ArgumentsError::NoFile)?.into()),
                Some(joined) if joined.starts_with("--settings=") => {
                    settings = Some(joined["--settings=".len()..].into());
                }
                _ => return Err(ArgumentsError::Unknown(word)),
            }
        }
        Ok(Self::Run { settings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Arguments, ArgumentsError> {
        Arguments::parse(words.iter().map(OsString::from))
    }

    #[test]
    fn both_spellings_name_the_same_file() {
        let named = Ok(Arguments::Run { settings: Some("/etc/n.yml".into()) });
        assert_eq!(parse(&["--settings", "/etc/n.yml"]), named);
        assert_eq!(parse(&["--settings=/etc/n.yml"]), named);
        assert_eq!(parse(&[]), Ok(Arguments::Run { settings: None }));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        assert_eq!(parse(&["--token", "1:a"]), Err(ArgumentsError::Unknown("--token".into())));
        assert_eq!(parse(&["--settings"]), Err(ArgumentsError::NoFile));
    }
}
