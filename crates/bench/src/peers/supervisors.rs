//! Other supervisors of the trivial worker, each with one service in a directory of its own; and what is less than a
//! supervisor: a bare loop of fork, exec and wait.

use std::{
    env, fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::{
    bench::Bench,
    process::Process,
    roles::{Role, bare::Bare},
    victim::Victim,
};

/// Which one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Supervisor {
    /// `runsv`.
    Runit,
    /// `s6-supervise`, told by a notification descriptor when the worker is ready: without one it takes every process for one
    /// that died at once, and waits a second.
    S6,
    /// No supervisor: what a restart costs at least.
    Bare,
}

impl Supervisor {
    /// How it is called in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Runit => "runit",
            Self::S6 => "s6",
            Self::Bare => "a bare loop of fork, exec and wait",
        }
    }

    /// Its program, and the Debian package that has it.
    fn program(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Runit => Some(("runsv", "runit")),
            Self::S6 => Some(("s6-supervise", "s6")),
            Self::Bare => None,
        }
    }

    /// Why it cannot be measured here, if so.
    pub(crate) fn absent(self) -> Option<String> {
        let (program, package) = self.program()?;
        let missing = find(program).is_none();
        missing.then(|| format!("{} is not installed (Debian package {package})", self.name()))
    }
}

/// A supervisor, running, with the trivial worker below it.
#[derive(Debug)]
pub(crate) struct Supervised {
    /// Which one it is.
    pub(crate) by: Supervisor,
    // Fields are dropped in this order: first the supervisor, then what it works in.
    process: Process,
    pub(crate) victim: Victim,
    _place: TempDir,
}

impl Supervised {
    /// Starts it; so many of the worker's first lives end before they are ready.
    ///
    /// # Errors
    /// When it is not installed or cannot be started.
    pub(crate) fn start(bench: &Bench, by: Supervisor, crashes: usize) -> Result<Self> {
        let place = bench.sockets("peer")?;
        let service = place.path().join("service");
        fs::create_dir(&service)?;
        let victim = Victim::put(bench, &service, "run")?;
        victim.crash(crashes)?;
        let mut command = match by.program() {
            Some((program, _)) => {
                let mut command = Command::new(find(program).with_context(|| format!("{program} has gone"))?);
                command.arg(&service);
                command
            }
            None => Role::Bare(Bare { program: service.join("run") }).command(bench)?,
        };
        if by == Supervisor::S6 {
            fs::write(service.join("notification-fd"), "1\n")?;
        }
        command.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default());
        command.stdin(Stdio::null()).stdout(Stdio::null()).current_dir(place.path());
        let process = Process::start(by.name(), &mut command, Signal::SIGTERM)?;
        Ok(Self { by, process, victim, _place: place })
    }

    /// Stops it with its worker.
    ///
    /// # Errors
    /// When it does not stop in order.
    pub(crate) fn stop(self) -> Result<()> {
        match self.by {
            Supervisor::Runit | Supervisor::S6 => self.process.stop(),
            // It knows no order; its worker goes with it.
            Supervisor::Bare => Ok(()),
        }
    }
}

/// Where on `PATH` a program is.
fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|directory| directory.join(program)).find(|file| file.is_file())
}
