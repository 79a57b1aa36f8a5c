//! Where the programs under test lie.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

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
        for name in ["natriumd", "natrium-writer", "natrium-bot", "natrium", "natrium-sim"] {
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
