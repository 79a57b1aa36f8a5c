//! Taking leave of a process that ended: its group first, then itself.

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use crate::deaths::End;

/// Reaps the process if it has ended. What it left behind in its process group is killed before: as long as it is not
/// reaped, the kernel gives its number, which is the group's too, to nobody else.
pub(crate) fn reap(pid: i32) -> Option<End> {
    let pid = Pid::from_raw(pid);
    let ended = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG;
    if let Ok(WaitStatus::StillAlive) = waitid(Id::Pid(pid), ended | WaitPidFlag::WNOWAIT) {
        return None;
    }
    // ESRCH: it ended before it had its group.
    let _ = killpg(pid, Signal::SIGKILL);
    match waitid(Id::Pid(pid), ended) {
        Ok(WaitStatus::Exited(_, code)) => Some(End::Code(code)),
        Ok(WaitStatus::Signaled(_, signal, _)) => Some(End::Signal(signal as i32)),
        Ok(_) | Err(Errno::EINTR) => None,
        // Not our child: it cannot be waited for, so it must not be waited for for ever.
        Err(_) => Some(End::Signal(0)),
    }
}
