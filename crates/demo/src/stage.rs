//! What both ways need: a simulator, a service, and the sample files to send.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::Context;
use harness::{Admin, Instance, Programs};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

/// Who plays an admin: `(id, name)`. The simulator's page knows the same people.
pub(crate) const ANNA: Admin = Admin { id: 1001, name: "Anna" };
/// The second admin, who speaks Russian.
pub(crate) const BORIS: Admin = Admin { id: 1002, name: "Boris" };

/// A simulator and a service that talks with it. Both end when this goes, the service first.
pub(crate) struct Stage {
    pub(crate) service: Instance,
    pub(crate) telegram: Telegram,
}

impl Stage {
    /// Starts the simulator and prepares the service, which is not started yet.
    pub(crate) fn set() -> anyhow::Result<Self> {
        let programs = Programs::beside_this_one()?;
        let telegram = Telegram::start(&programs)?;
        let service = Instance::new(&programs, &telegram.url, sim::DEFAULT_TOKEN, &[ANNA, BORIS])?;
        service.with_web()?;
        Ok(Self { service, telegram })
    }
}

/// The simulator's process.
pub(crate) struct Telegram {
    pub(crate) url: String,
    process: Child,
    /// What the page offers to send; removed with the simulator.
    _samples: TempDir,
}

impl Telegram {
    fn start(programs: &Programs) -> anyhow::Result<Self> {
        let samples = tempfile::tempdir()?;
        for kind in kinds::BUILTIN {
            let text = kinds::sample(kind).with_context(|| format!("no sample of {kind}"))?;
            fs::write(samples.path().join(format!("{kind}.yml")), text)?;
        }
        let mut process = Command::new(programs.path("natrium-sim"))
            .args(["--no-flood-limits", "--samples"])
            .arg(samples.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting natrium-sim")?;
        let output = process.stdout.take().context("natrium-sim has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let Some(url) = url else {
            let status = process.wait()?;
            anyhow::bail!("natrium-sim did not say where it listens ({status})");
        };
        Ok(Self { url, process, _samples: samples })
    }

    /// The simulator's process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Telegram {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.process.id()) {
            // If it is gone already there is nothing to end.
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let _ = self.process.wait();
    }
}
