//! The state lock: whoever holds it is the only writer of the state directory.
//!
//! The file is never unlinked (two processes could hold "the" lock on two inodes) and never truncated before the lock is
//! won. `flock`, not POSIX locks: those vanish when any descriptor of the file is closed in the process.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use super::error::OpenError;

/// Held as long as it lives; the kernel lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct StateLock {
    _file: Flock<File>,
}

impl StateLock {
    /// Takes the lock without waiting and writes the process id into the file, for information only.
    ///
    /// # Errors
    /// [`OpenError::Locked`] where another process holds it; [`OpenError::Path`] where the file cannot be opened or written.
    pub(crate) fn take(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Path { path: path.to_owned(), source };
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        let mut file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(file) => file,
            Err((file, Errno::EWOULDBLOCK)) => {
                return Err(OpenError::Locked { lock: path.to_owned(), pid: holder(&file) });
            }
            Err((_, errno)) => return Err(failed(errno.into())),
        };
        // The number is information: a full disk must not keep the writer from starting.
        let noted = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        if let Err(error) = noted {
            tracing::debug!("cannot note the process id in the state lock: {error}");
        }
        Ok(Self { _file: file })
    }
}

/// The process id that the holder noted.
fn holder(file: &File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn a_second_taker_is_refused_and_told_who_holds_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let held = StateLock::take(&path).unwrap();
        let inode = path.metadata().unwrap().ino();
        let error = StateLock::take(&path).unwrap_err();
        assert!(matches!(error, OpenError::Locked { pid: Some(pid), .. } if pid == std::process::id()), "{error}");
        drop(held);
        let _again = StateLock::take(&path).unwrap();
        assert_eq!(path.metadata().unwrap().ino(), inode, "the lock file must stay the same inode");
    }

    #[test]
    fn a_stale_file_with_a_longer_number_is_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        std::fs::write(&path, "999999999999\nrubbish").unwrap();
        let _held = StateLock::take(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{}\n", std::process::id()));
    }
}
