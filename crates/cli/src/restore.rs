//! `natrium restore`: the store of a backup takes the present one's place, while the service does not run.

use std::fs::{DirBuilder, File};
use std::io::{BufReader, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use instance::pidfile::{PidFile, PidFileError};
use instance::refusal::{self, Language};
use interfaces::offline::{Answer, Job};
use settings::{Environment, Settings, SettingsError};

use crate::archive::{Manifest, Reader};
use crate::author;
use crate::backup::{BackupError, summary, verify};
use crate::exit::Exit;
use crate::interrupted::Interrupted;
use crate::offline::{self, Offline, OfflineError};
use crate::programs::Owner;
use crate::text::{complain, print};

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
enum RestoreError {
    #[error("{0}")]
    Settings(SettingsError),
    #[error("{0}")]
    Runs(String),
    #[error("{step} {}: {source}", path.display())]
    Disk { step: &'static str, path: PathBuf, source: std::io::Error },
    #[error("{0}")]
    Lock(PidFileError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("nothing was restored: {0}")]
    Writer(OfflineError),
    #[error("the backup changed while it was read")]
    Changed,
}

impl RestoreError {
    fn exit(&self) -> Exit {
        match self {
            Self::Settings(_) => Exit::Configuration,
            Self::Backup(error) => error.exit(),
            Self::Writer(
                OfflineError::Failed { lasting: false, .. } | OfflineError::Run(_) | OfflineError::NoAnswer,
            ) => Exit::TryAgain,
            _ => Exit::Degraded,
        }
    }
}

pub(crate) fn run(file: &Path, settings: Option<PathBuf>, environment: &Environment) -> Exit {
    match restore(file, settings, environment) {
        Ok((manifest, kept, published)) => {
            print(&format!("{}: restored\n{}", file.display(), summary(&manifest)));
            if let Some(kept) = kept {
                print(&format!("the store before is kept as {}\n", kept.display()));
            }
            if !published {
                complain("not every published file could be put in place; the next start tries again");
            }
            print("start the service: systemctl start natrium\n");
            Exit::Success
        }
        Err(error) => {
            complain(&error.to_string());
            error.exit()
        }
    }
}

fn restore(
    file: &Path,
    settings: Option<PathBuf>,
    environment: &Environment,
) -> Result<(Manifest, Option<PathBuf>, bool), RestoreError> {
    let settings = Settings::load(&environment.settings_path(settings), environment).map_err(RestoreError::Settings)?;
    let state = &settings.directories.state;
    let owner = Owner::of_service(state);
    // Held to the end: nobody starts meanwhile.
    let _lock = lock(&settings, owner)?;
    let manifest = verify(file, environment)?;
    make(state, 0o700, owner)?;
    make(&settings.directories.published, 0o755, owner)?;
    // From here on it is done or not done.
    let _interrupted = Interrupted::listen().ok();
    let opened = File::open(file).map_err(|source| failed("opening", file, source))?;
    let broken = |error| BackupError::Archive { path: file.to_owned(), error };
    let mut reader = Reader::open(BufReader::new(opened)).map_err(broken)?;
    let Some(store) = manifest.store().filter(|_| reader.manifest == manifest) else {
        return Err(RestoreError::Changed);
    };
    let job = Job::Restore {
        bytes: u64::try_from(store.bytes).unwrap_or(0),
        sha256: store.sha256.clone(),
        label: jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string(),
        by: author::operator(environment),
    };
    let asked = Offline::ask(&offline::request(&settings, job), owner, environment);
    let mut writer = asked.map_err(RestoreError::Writer)?;
    let sent = reader.rest(&mut |member, part| {
        // A writer that ended early has said why.
        if member.name == store.name { writer.write_all(part).or(Ok(())) } else { Ok(()) }
    });
    writer.all_sent();
    sent.map_err(broken)?;
    match writer.answer().map_err(RestoreError::Writer)? {
        Answer::Restored { kept, published } => Ok((manifest, kept, published)),
        _ => Err(RestoreError::Writer(OfflineError::OtherAnswer)),
    }
}

/// The instance's lock, taken as `natriumd` takes it.
fn lock(settings: &Settings, owner: Owner) -> Result<PidFile, RestoreError> {
    let directory = &settings.directories.runtime;
    make(directory, 0o750, owner)?;
    let path = directory.join("natrium.pid");
    let was_there = path.exists();
    let lock = PidFile::acquire(&path).map_err(|error| match error {
        PidFileError::Held { holder, .. } => {
            let language = Language::of(|name| std::env::var(name).ok());
            let unit = holder.and_then(refusal::unit_of);
            RestoreError::Runs(refusal::message(language, &settings.instance, holder, unit.as_ref()))
        }
        error => RestoreError::Lock(error),
    })?;
    if !was_there {
        owner.give(&path).map_err(|source| failed("giving away", &path, source))?;
    }
    Ok(lock)
}

/// Makes a directory if it is missing, for whom the service runs as.
fn make(directory: &Path, mode: u32, owner: Owner) -> Result<(), RestoreError> {
    if directory.is_dir() {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(directory)
        .and_then(|()| owner.give(directory))
        .map_err(|source| failed("making", directory, source))
}

fn failed(step: &'static str, path: &Path, source: std::io::Error) -> RestoreError {
    RestoreError::Disk { step, path: path.to_owned(), source }
}
