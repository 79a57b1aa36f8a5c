//! The directories that the writer owns, made and locked before anything in them is touched.

use std::fs::{DirBuilder, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::store::{OpenError, StateLock};
use crate::{backup, restore};

/// The state directory, locked, and the published one. Whoever holds it is the only writer.
#[derive(Debug)]
pub struct Directories {
    pub(crate) state: PathBuf,
    pub(crate) published: PathBuf,
    _lock: StateLock,
}

impl Directories {
    /// Makes what is missing and takes the state lock without waiting.
    ///
    /// The state directory is closed to everybody else; where the published directory lies in it, others may pass through it
    /// without seeing what is in it. Every file of the store is for its owner only in any case.
    ///
    /// # Errors
    /// [`OpenError::Locked`] where another writer is at work, [`OpenError::Path`] where a directory cannot be made.
    pub fn open(state: &Path, published: &Path) -> Result<Self, OpenError> {
        let mode = if published.starts_with(state) { 0o711 } else { 0o700 };
        make(state, mode)
            .and_then(|()| std::fs::set_permissions(state, Permissions::from_mode(mode)))
            .map_err(at(state))?;
        let lock = StateLock::take(&state.join("lock"))?;
        sweep(state).map_err(at(state))?;
        let backups = state.join("backups");
        make(&backups, 0o700).map_err(at(&backups))?;
        make(published, 0o755).map_err(at(published))?;
        Ok(Self { state: state.to_owned(), published: published.to_owned(), _lock: lock })
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.state.join("store.sqlite")
    }

    pub(crate) fn backups(&self) -> PathBuf {
        self.state.join("backups")
    }
}

/// Removes what backups and restores that were killed have left.
fn sweep(state: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(state)? {
        let name = entry?.file_name();
        let Some(name) = name.to_str() else { continue };
        if backup::is_left(name) || restore::is_left(state, name) {
            std::fs::remove_file(state.join(name))?;
        }
    }
    Ok(())
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let path = path.to_owned();
    |source| OpenError::Path { path, source }
}

/// Makes a directory with this mode, whatever the umask, and its parents with the usual one. One that is there keeps its mode.
fn make(path: &Path, mode: u32) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => std::fs::set_permissions(path, Permissions::from_mode(mode)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}
