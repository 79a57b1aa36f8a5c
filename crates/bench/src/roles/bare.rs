//! What is less than a supervisor: it starts a program again whenever that has ended, and does nothing else.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// Starts `program` again and again.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Bare {
    pub(crate) program: PathBuf,
}

impl Bare {
    pub(super) fn run(self) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        loop {
            command.status().context("starting the program")?;
        }
    }
}
