//! Where the programs under test lie.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use tempfile::TempDir;

const NAMES: [&str; 6] = ["natriumd", "natrium-writer", "natrium-bot", "natrium-web", "natrium", "natrium-sim"];

/// A directory with `natriumd` and all the programs beside it.
#[derive(Clone, Debug)]
pub struct Programs(PathBuf);

impl Programs {
    /// The programs in `directory`.
    ///
    /// # Errors
    /// When one is missing, with how to build it.
    pub fn in_directory(directory: impl Into<PathBuf>) -> anyhow::Result<Self> {
        let directory = directory.into();
        for name in NAMES {
            ensure!(
                directory.join(name).is_file(),
                "{} is missing; build it first: cargo build",
                directory.join(name).display()
            );
        }
        Ok(Self(directory))
    }

    /// The programs that were built together with the one that runs just now.
    ///
    /// # Errors
    /// When one is missing, with how to build it.
    pub fn beside_this_one() -> anyhow::Result<Self> {
        let this = std::env::current_exe().context("finding the running program")?;
        // Tests lie in `deps` below the programs.
        let directory = this.ancestors().skip(1).find(|directory| directory.join("natriumd").is_file());
        Self::in_directory(directory.or(this.parent()).unwrap_or(Path::new(".")))
    }

    /// The same programs in a directory that every user may enter; where they were built, only their owner may.
    ///
    /// # Errors
    /// When they can be neither linked nor copied.
    pub fn for_everybody(&self) -> anyhow::Result<(Self, TempDir)> {
        let directory = tempfile::Builder::new().prefix("natrium-programs-").tempdir()?;
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755))?;
        for name in NAMES {
            let (from, to) = (self.path(name), directory.path().join(name));
            fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop))?;
        }
        Ok((Self::in_directory(directory.path())?, directory))
    }

    /// Where the program `name` lies.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.0
    }
}
