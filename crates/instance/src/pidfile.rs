//! The PID file: whoever holds its lock is the instance. The lock is the only truth; the number in the file is information.
//!
//! The file is never unlinked: a lock belongs to the inode, and a path that names a new inode would let two processes hold
//! "the" lock. It is never truncated before the lock is won, and the descriptor stays open as long as the process lives.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// How long a contender gives a lock whose file names nobody who lives: see [`PidFile::acquire`].
const SETTLES: Duration = Duration::from_secs(1);

/// The lock, for as long as it lives.
#[derive(Debug)]
pub struct PidFile {
    _file: Flock<File>,
}

/// Why the lock is not ours.
#[derive(Debug, thiserror::Error)]
pub enum PidFileError {
    /// Another process holds it. `None`: its number could not be learned.
    #[error("another instance holds {}", .path.display())]
    Held {
        /// The PID file.
        path: PathBuf,
        /// The holder, as the file names it.
        holder: Option<i32>,
    },
    /// The file could not be opened or made.
    #[error("opening the PID file {}: {source}", .path.display())]
    Open {
        /// The PID file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file could not be locked.
    #[error("locking the PID file {}: {source}", .path.display())]
    Lock {
        /// The PID file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The number could not be written.
    #[error("writing the PID file {}: {source}", .path.display())]
    Write {
        /// The PID file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl PidFile {
    /// Takes the lock without waiting and writes this process's number. See `flock(2)`, `open(2)`.
    ///
    /// Only where the lock is held and the number is nobody's, it is looked at again for a moment. Either the holder has just
    /// won it and will write its own number; or the instance was killed while it forked, and its child, which dies with it,
    /// has not gone yet.
    ///
    /// # Errors
    /// When another process holds the lock, or the file cannot be used.
    pub fn acquire(path: &Path) -> Result<Self, PidFileError> {
        let at = || path.to_owned();
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o644)
            .custom_flags((OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW).bits())
            .open(path)
            .map_err(|source| PidFileError::Open { path: at(), source })?;
        let began = Instant::now();
        let mut opened = file;
        let file = loop {
            opened = match Flock::lock(opened, FlockArg::LockExclusiveNonblock) {
                Ok(locked) => break locked,
                Err((held, Errno::EWOULDBLOCK)) => held,
                Err((_, errno)) => return Err(PidFileError::Lock { path: at(), source: errno.into() }),
            };
            let holder = read_number(&opened);
            if holder.is_some_and(lives) || began.elapsed() > SETTLES {
                return Err(PidFileError::Held { path: at(), holder });
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let number = format!("{}\n", std::process::id());
        // Written before the rest is cut off: whoever looks finds the old number or the new one, and never none.
        file.write_all_at(number.as_bytes(), 0)
            .and_then(|()| file.set_len(number.len() as u64))
            .map_err(|source| PidFileError::Write { path: at(), source })?;
        Ok(Self { _file: file })
    }
}

/// Whether a process bears the number. That proves nothing; it is only more likely right.
fn lives(number: i32) -> bool {
    kill(Pid::from_raw(number), None) != Err(Errno::ESRCH)
}

fn read_number(file: &File) -> Option<i32> {
    let mut bytes = [0; 16];
    let length = file.read_at(&mut bytes, 0).ok()?;
    number(&bytes[..length])
}

/// Reads the number in the PID file at `path`, whether or not anybody holds its lock.
///
/// # Errors
/// When the file cannot be read. A file without a number is `None`.
pub fn read(path: &Path) -> io::Result<Option<i32>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut bytes)?;
    Ok(number(&bytes))
}

fn number(bytes: &[u8]) -> Option<i32> {
    std::str::from_utf8(bytes).ok()?.lines().next()?.trim().parse().ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn one_wins_and_the_other_is_told_who() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("natrium.pid");
        let first = PidFile::acquire(&path).unwrap();
        let before = std::fs::metadata(&path).unwrap();
        // A lock belongs to the open file, so a second one of this very process is refused as well.
        let Err(PidFileError::Held { holder, .. }) = PidFile::acquire(&path) else { panic!("two hold the lock") };
        assert_eq!(holder, i32::try_from(std::process::id()).ok());
        let after = std::fs::metadata(&path).unwrap();
        assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));

        drop(first);
        assert!(path.exists());
        PidFile::acquire(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().ino(), before.ino());
    }

    #[test]
    fn what_an_old_file_says_does_not_matter() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("natrium.pid");
        for old in ["", "1\n", "not a number", "123456789012345678901234567890\n"] {
            std::fs::write(&path, old).unwrap();
            let _lock = PidFile::acquire(&path).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{}\n", std::process::id()));
            assert_eq!(read(&path).unwrap(), i32::try_from(std::process::id()).ok());
        }
    }

    #[test]
    fn a_lock_that_nobody_living_is_named_for_is_had_as_soon_as_it_is_free() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("natrium.pid");
        let dying = PidFile::acquire(&path).unwrap();
        // The greatest number of a process is 2^22.
        std::fs::write(&path, "4194305\n").unwrap();
        let next = std::thread::spawn({
            let path = path.clone();
            move || PidFile::acquire(&path).map(drop)
        });
        std::thread::yield_now();
        drop(dying);
        next.join().unwrap().unwrap();

        let _lock = PidFile::acquire(&path).unwrap();
        std::fs::write(&path, "4194305\n").unwrap();
        let Err(PidFileError::Held { holder, .. }) = PidFile::acquire(&path) else { panic!("two hold the lock") };
        assert_eq!(holder, Some(4_194_305), "it is not waited for ever");
    }

    #[test]
    fn a_link_is_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (directory.path().join("natrium.pid"), directory.path().join("precious"));
        std::fs::write(&elsewhere, "precious").unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert!(matches!(PidFile::acquire(&path), Err(PidFileError::Open { .. })));
        assert_eq!(std::fs::read_to_string(&elsewhere).unwrap(), "precious");
    }

    #[test]
    fn numbers_are_positive_and_stand_alone() {
        assert_eq!(number(b"17\n"), Some(17));
        assert_eq!(number(b"17"), Some(17));
        for odd in [&b""[..], b"-1\n", b"0", b"17 18\n", b"\xff", b"99999999999"] {
            assert_eq!(number(odd), None, "{odd:?}");
        }
    }
}
