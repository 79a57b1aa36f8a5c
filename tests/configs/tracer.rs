//! strace(1), attached to a process that runs already: it holds it, kills it, or writes down what it asks of the kernel.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use harness::{skip, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::house::PATIENCE;

/// What renames a file. Which of them a program uses is not said.
pub(crate) const RENAMES: &str = "?rename,?renameat,?renameat2";

/// strace, for as long as it is needed.
pub(crate) struct Tracer {
    strace: Child,
}

impl Tracer {
    /// Attaches to all threads of a process. `None`: that cannot be done here, which has been told.
    pub(crate) fn attach(pid: i32, arguments: &[&str], report: &Path) -> Option<Self> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-p", &pid.to_string(), "-o"]).arg(report).args(arguments);
        strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let Ok(strace) = strace.spawn() else {
            skip("there is no strace").unwrap();
            return None;
        };
        let mut tracer = Self { strace };
        let attached = until("strace is attached", PATIENCE, || {
            let ended = tracer.strace.try_wait().unwrap().is_some();
            (ended || are_traced(pid)).then_some(!ended)
        });
        if attached.unwrap() {
            return Some(tracer);
        }
        skip("strace may not attach to a process here").unwrap();
        None
    }

    /// Lets go of the process, held or not, and of what is written down.
    pub(crate) fn detach(mut self) {
        kill(Pid::from_raw(self.strace.id().cast_signed()), Signal::SIGTERM).unwrap();
        until("strace has let go", PATIENCE, || self.strace.try_wait().unwrap()).unwrap();
    }

    /// Waits until it has ended with the process that it was attached to.
    pub(crate) fn ended(mut self) {
        until("strace ends with its process", PATIENCE, || self.strace.try_wait().unwrap()).unwrap();
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
