//! Reading the file.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;
use yaml::Limits;

use crate::check::Checker;
use crate::raw::SettingsRaw;
use crate::{Environment, Problem, Settings};

/// Why there are no settings. The text is complete, one line for each problem; no secret is in it.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// There is no such file.
    #[error(
        "there is no settings file {0}\nwrite one: natrium settings sample > {0}\nthen put your own values in, and check it: natrium settings check {0}",
        path.display()
    )]
    Missing {
        /// Which file.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("reading {}: {error}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file makes no sense.
    #[error("{}", lines(path, problems))]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Everything that is wrong with it, in its order.
        problems: Vec<Problem>,
    },
}

fn lines(path: &Path, problems: &[Problem]) -> String {
    let line = |problem: &Problem| {
        let space = if problem.line == 0 { " " } else { "" };
        format!("{}:{space}{problem}", path.display())
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

impl Settings {
    /// Reads and validates the file at `path`, and the schemas that it names. Secrets are not read.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn load(path: &Path, environment: &Environment) -> Result<Self, SettingsError> {
        let bytes = read(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => SettingsError::Missing { path: path.to_owned() },
            _ => SettingsError::Read { path: path.to_owned(), error },
        })?;
        let directory = path.parent().unwrap_or(Path::new(""));
        Self::parse(&bytes, directory, environment)
            .map(|settings| Self { file: path.display().to_string(), ..settings })
            .map_err(|problems| SettingsError::Invalid { path: path.to_owned(), problems })
    }

    /// Validates the text of a settings file; `directory` is what paths of schemas are relative to.
    ///
    /// # Errors
    /// Everything that is wrong with it, in its order; never empty.
    pub fn parse(bytes: &[u8], directory: &Path, environment: &Environment) -> Result<Self, Vec<Problem>> {
        let document = yaml::parse(bytes, &Limits::default())
            .map_err(|errors| errors.into_iter().map(Problem::from).collect::<Vec<_>>())?;
        let (raw, problems) = SettingsRaw::read(&document);
        let mut checker = Checker { environment, directory, problems };
        let settings = checker.settings(raw);
        let mut problems = checker.problems;
        problems.sort_by_key(|problem| (problem.line == 0, problem.line, problem.column));
        match settings {
            Some(settings) if problems.is_empty() => Ok(settings),
            _ => Err(problems),
        }
    }
}

/// The file, or enough of it to see that it is too long.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = Limits::default().bytes as u64;
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
