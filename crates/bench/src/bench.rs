//! What a row is given to measure with: where the programs are, where to write, and when to give up.

use std::{
    env,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use nix::unistd::geteuid;
use signal_hook::consts::{SIGINT, SIGTERM};
use tempfile::TempDir;

use crate::machine::FileSystem;

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(1);

/// What every row measures with.
#[derive(Debug)]
pub(crate) struct Bench {
    /// Where the programs lie: beside this one.
    programs: PathBuf,
    disk: TempDir,
    sockets: TempDir,
    /// What `disk` lies on.
    pub(crate) file_system: FileSystem,
    interrupted: Arc<AtomicBool>,
}

impl Bench {
    /// Makes a directory of its own in `directory` (where none is given: on the first disk of the usual places), which is
    /// removed in the end.
    ///
    /// # Errors
    /// When there is no such place.
    pub(crate) fn new(directory: Option<&Path>) -> Result<Self> {
        let own = env::current_exe().context("finding this program")?;
        let programs = own.parent().context("this program lies in no directory")?.to_owned();
        let directory = match directory {
            Some(directory) => directory.to_owned(),
            None => usual_place(&programs)?,
        };
        let disk = tempfile::Builder::new()
            .prefix("natrium-bench-")
            .tempdir_in(&directory)
            .with_context(|| format!("making a directory in {}", directory.display()))?;
        open_to_all(disk.path())?;
        // Sockets have short names (108 bytes, unix(7)), and it makes no difference what they lie on.
        let sockets = tempfile::Builder::new().prefix("nb-").tempdir().context("making a directory for sockets")?;
        open_to_all(sockets.path())?;
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, interrupted.clone()).context("listening for signals")?;
        }
        let file_system = FileSystem::of(disk.path())?;
        Ok(Self { programs, disk, sockets, file_system, interrupted })
    }

    /// Where everything is written that is to be durable.
    pub(crate) fn disk(&self) -> &Path {
        self.disk.path()
    }

    /// A fresh directory on the disk that is measured, removed when dropped.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn room(&self, name: &str) -> Result<TempDir> {
        room(self.disk.path(), name)
    }

    /// A fresh directory for sockets, whose names must be short; removed when dropped.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn sockets(&self, name: &str) -> Result<TempDir> {
        room(self.sockets.path(), name)
    }

    /// One of the project's programs.
    ///
    /// # Errors
    /// When it has not been built.
    pub(crate) fn program(&self, name: &str) -> Result<PathBuf> {
        let path = self.programs.join(name);
        anyhow::ensure!(path.is_file(), "{} is not there: scripts/bench builds it", path.display());
        Ok(path)
    }

    /// This very program, to be started in one of its [roles](crate::roles).
    ///
    /// # Errors
    /// When it is not there any more.
    pub(crate) fn myself(&self) -> Result<PathBuf> {
        env::current_exe().context("finding this program")
    }

    /// Fails once somebody has asked to stop.
    ///
    /// # Errors
    /// Then.
    pub(crate) fn go_on(&self) -> Result<()> {
        anyhow::ensure!(!self.is_interrupted(), "interrupted");
        Ok(())
    }

    /// Whether somebody has asked to stop.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Looks again and again until `look` has found something.
    ///
    /// # Errors
    /// When it fails, the time is over, or somebody has asked to stop.
    pub(crate) fn until<T>(
        &self,
        what: &str,
        patience: Duration,
        mut look: impl FnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let start = Instant::now();
        loop {
            if let Some(found) = look().with_context(|| format!("waiting until {what}"))? {
                return Ok(found);
            }
            self.go_on()?;
            anyhow::ensure!(start.elapsed() < patience, "waited {patience:?} in vain until {what}");
            thread::sleep(LOOK);
        }
    }
}

fn room(place: &Path, name: &str) -> Result<TempDir> {
    let prefix = format!("{name}-");
    let room = tempfile::Builder::new().prefix(&prefix).rand_bytes(4).tempdir_in(place);
    let room = room.with_context(|| format!("making a directory in {}", place.display()))?;
    open_to_all(room.path())?;
    Ok(room)
}

/// Peers run as users of their own and must get through.
fn open_to_all(directory: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755))
        .with_context(|| format!("opening {} to all users", directory.display()))
}

/// The first of the build directory, the directory for temporary files and `/var/tmp` that lies on a disk and lets other
/// users through where they are needed.
fn usual_place(programs: &Path) -> Result<PathBuf> {
    let candidates = [programs.to_owned(), env::temp_dir(), PathBuf::from("/var/tmp")];
    let fits = |place: &PathBuf| {
        FileSystem::of(place).is_ok_and(|system| !system.is_in_memory())
            && (!geteuid().is_root() || lets_all_through(place))
    };
    candidates.into_iter().find(fits).context("found no directory on a disk: name one with --dir")
}

/// Whether every user gets to `directory`.
pub(crate) fn lets_all_through(directory: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    directory.canonicalize().is_ok_and(|directory| {
        directory.ancestors().all(|part| part.metadata().is_ok_and(|data| data.permissions().mode() & 0o001 != 0))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn leaves_nothing_behind() {
        let place = tempfile::tempdir().unwrap();
        let bench = Bench::new(Some(place.path())).unwrap();
        let kept = bench.room("x").unwrap().keep();
        assert!(kept.starts_with(place.path()));
        drop(bench);
        assert!(!kept.exists());
    }

    #[test]
    fn a_wait_ends_with_its_patience() {
        let place = tempfile::tempdir().unwrap();
        let bench = Bench::new(Some(place.path())).unwrap();
        let mut left = 3;
        let found = bench.until("there", Duration::from_secs(5), || {
            left -= 1;
            Ok((left == 0).then_some(7))
        });
        assert_eq!(found.unwrap(), 7);
        let error = bench.until::<()>("never", Duration::ZERO, || Ok(None)).unwrap_err();
        assert_eq!(error.to_string(), "waited 0ns in vain until never");
    }

    #[test]
    fn a_closed_door_on_the_way_counts() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let inner = place.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        open_to_all(place.path()).unwrap();
        assert!(lets_all_through(&inner));
        std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!lets_all_through(&inner));
    }
}
