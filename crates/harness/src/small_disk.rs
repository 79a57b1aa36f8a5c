//! A file system that really gets full: a small one in memory.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
    process::Command,
    time::Duration,
};

use anyhow::Context;
use tempfile::TempDir;

use crate::{skip, until};

/// Bytes that it holds: the writer's reserve, its log, and a few documents.
const SIZE: &str = "24m";

/// How long it may be in use after its last user has gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// A file system of its own, gone when dropped.
#[derive(Debug)]
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// Mounts one. `None`, after saying that the test is skipped, where that is not allowed: it takes root.
    ///
    /// # Errors
    /// When it cannot be mounted although `NATRIUM_NO_SKIP` is set, as it is where no test may be skipped.
    pub fn mount() -> anyhow::Result<Option<Self>> {
        let directory = tempfile::Builder::new().prefix("natrium-disk-").tempdir()?;
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={SIZE},mode=700"), "natrium-test"])
            .arg(directory.path())
            .output()
            .context("running mount")?;
        if mounted.status.success() {
            return Ok(Some(Self(directory)));
        }
        let why = String::from_utf8_lossy(&mounted.stderr);
        skip(&format!("mounting a small file system takes root: {}", why.lines().next().unwrap_or_default()))?;
        Ok(None)
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all space that there is, down to the last byte.
    ///
    /// # Errors
    /// When that stops for another reason than want of space.
    pub fn fill(&self) -> io::Result<()> {
        let mut filler = File::options().create(true).append(true).open(self.filler())?;
        for size in [64 << 10, 4096, 1] {
            loop {
                match filler.write_all(&vec![0; size]) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Gives back what was taken.
    ///
    /// # Errors
    /// When nothing was.
    pub fn relieve(&self) -> io::Result<()> {
        fs::remove_file(self.filler())
    }

    fn filler(&self) -> std::path::PathBuf {
        self.path().join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A program that another test just starts shares all descriptors with this process until it is there.
        let unmount = || Command::new("umount").arg(self.path()).output().ok().filter(|done| done.status.success());
        let unmounted = until("nobody uses the disk", PATIENCE, unmount);
        assert!(unmounted.is_ok() || std::thread::panicking(), "it is still in use");
    }
}
