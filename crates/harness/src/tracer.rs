//! strace(1), attached to a process that runs already: it holds it, kills it, or writes down what it asks of the kernel.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{instance::PATIENCE, skip, wait::until};

/// strace, for as long as it is needed.
#[derive(Debug)]
pub struct Tracer {
    strace: Child,
}

impl Tracer {
    /// Attaches to all threads of a process; those that it makes from then on are traced, too. `arguments` say what is done,
    /// and `report` is where it is written down. `None`: that cannot be done here, which has been told.
    ///
    /// # Errors
    /// When it cannot be done and no test may be skipped, or strace does neither.
    pub fn attach(pid: i32, arguments: &[&str], report: &Path) -> anyhow::Result<Option<Self>> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-p", &pid.to_string(), "-o"]).arg(report).args(arguments);
        strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let Ok(strace) = strace.spawn() else {
            return skip("there is no strace").map(|()| None);
        };
        let mut tracer = Self { strace };
        let is_attached = until("strace is attached", PATIENCE, || match tracer.strace.try_wait() {
            Ok(None) => are_traced(pid).then_some(true),
            Ok(Some(_)) | Err(_) => Some(false),
        })?;
        if is_attached {
            return Ok(Some(tracer));
        }
        skip("strace may not attach to a process here").map(|()| None)
    }

    /// Lets go of the process, held or not, and of what is written down.
    ///
    /// # Errors
    /// When strace does not end.
    pub fn detach(self) -> anyhow::Result<()> {
        kill(Pid::from_raw(i32::try_from(self.strace.id())?), Signal::SIGTERM)?;
        self.ended()
    }

    /// Waits until it has ended with the process that it was attached to.
    ///
    /// # Errors
    /// When it does not.
    pub fn ended(mut self) -> anyhow::Result<()> {
        until("strace ends", PATIENCE, || self.strace.try_wait().transpose())??;
        Ok(())
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        // Does nothing to one that has been waited for.
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}

/// Whether all threads of a process are traced.
fn are_traced(pid: i32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return false };
    let mut traced = threads.flatten().map(|thread| {
        let status = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|tracer| tracer.trim() != "0"))
    });
    traced.all(|traced| traced)
}
