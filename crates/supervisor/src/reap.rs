//! Taking leave of a process that ended: its group first, then itself.

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use crate::deaths::End;

/// Whether the process has ended. It stays a zombie: its number, and what it said under it, are still its own.
pub(crate) fn has_ended(pid: i32) -> bool {
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    !matches!(waitid(Id::Pid(Pid::from_raw(pid)), look), Ok(WaitStatus::StillAlive) | Err(Errno::EINTR))
}

/// Reaps a process that has ended. What it left behind in its process group is killed before: as long as it is not reaped,
/// the kernel gives its number, which is the group's too, to nobody else.
pub(crate) fn reap(pid: i32) -> End {
    let pid = Pid::from_raw(pid);
    // ESRCH: it ended before it had its group.
    let _ = killpg(pid, Signal::SIGKILL);
    loop {
        match waitid(Id::Pid(pid), WaitPidFlag::WEXITED) {
            Ok(WaitStatus::Exited(_, code)) => return End::Code(code),
            Ok(WaitStatus::Signaled(_, signal, _)) => return End::Signal(signal as i32),
            Ok(_) | Err(Errno::EINTR) => {}
            // Not our child: nobody can wait for it, so nobody must wait for it for ever.
            Err(_) => return End::Signal(0),
        }
    }
}
