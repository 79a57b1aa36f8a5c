//! natriumd's command line.

use std::ffi::OsString;
use std::path::PathBuf;

/// What is printed for `--help`, and after a mistake.
pub(crate) const USAGE: &str = "\
usage: natriumd [--settings FILE]

Runs the service: takes the instance's lock, starts the workers, and watches over them until it is told to stop.

  --settings FILE  natrium.yml; default: $NATRIUM_SETTINGS, else /etc/natrium/natrium.yml
  --version        print the version and exit
  --help           print this and exit

SIGTERM stops, SIGHUP reads the settings again.
Exit status: 0 stopped as asked, 1 another instance runs, 64 wrong usage, 70 a mistake of ours, 75 try again,
78 the configuration is wrong.
";

/// What the command line asks for.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Arguments {
    Run { settings: Option<PathBuf> },
    Version,
    Help,
}

/// Why the command line asks for nothing we know.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum ArgumentsError {
    #[error("unknown argument {0:?}")]
    Unknown(OsString),
    #[error("--settings needs a file")]
    NoFile,
    #[error("--settings was given twice")]
    Twice,
}

impl Arguments {
    /// Reads the arguments behind the program's name.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, ArgumentsError> {
        let mut arguments = arguments.into_iter();
        let mut settings = None;
        while let Some(argument) = arguments.next() {
            let file = match argument.to_str() {
                Some("--version" | "-V") => return Ok(Self::Version),
                Some("--help" | "-h") => return Ok(Self::Help),
                Some("--settings") => arguments.next().ok_or(ArgumentsError::NoFile)?,
                Some(text) if text.starts_with("--settings=") => OsString::from(&text["--settings=".len()..]),
                _ => return Err(ArgumentsError::Unknown(argument)),
            };
            if file.is_empty() {
                return Err(ArgumentsError::NoFile);
            }
            if settings.replace(PathBuf::from(file)).is_some() {
                return Err(ArgumentsError::Twice);
            }
        }
        Ok(Self::Run { settings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_understood_or_refused() {
        let parse = |arguments: &[&str]| Arguments::parse(arguments.iter().map(OsString::from));
        let run = |file: &str| Ok(Arguments::Run { settings: Some(PathBuf::from(file)) });
        assert_eq!(parse(&[]), Ok(Arguments::Run { settings: None }));
        assert_eq!(parse(&["--settings", "a b"]), run("a b"));
        assert_eq!(parse(&["--settings=x"]), run("x"));
        assert_eq!(parse(&["--version", "--nonsense"]), Ok(Arguments::Version));
        assert_eq!(parse(&["--help"]), Ok(Arguments::Help));
        assert_eq!(parse(&["--settings"]), Err(ArgumentsError::NoFile));
        assert_eq!(parse(&["--settings="]), Err(ArgumentsError::NoFile));
        assert_eq!(parse(&["--settings", "a", "--settings", "b"]), Err(ArgumentsError::Twice));
        assert_eq!(parse(&["start"]), Err(ArgumentsError::Unknown("start".into())));
    }
}
