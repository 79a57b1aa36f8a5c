//! Making a process: fork, and in the child only what may be done there, until its program takes over.
//!
//! This is the one module with `unsafe`. The supervisor has a single thread, so the child is a faithful copy of it; even so,
//! between fork and exec it makes system calls only: everything that allocates is done before.
//!
//! A child that cannot run its program says so through a pipe that a successful exec closes. Nobody waits for that: when the
//! child is reaped, [`Spawned::failure`] tells whether its program ever ran.

#![allow(unsafe_code, reason = "fork, and what the child does before exec, have no safe form")]

use std::ffi::{CStr, CString};
use std::fmt;
use std::io::Read;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::ptr;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::signal::{SigSet, SigmaskHow};

/// The first descriptor that is handed down (`sd_listen_fds(3)`, `SD_LISTEN_FDS_START`).
const FIRST: RawFd = 3;
/// How many descriptors can be handed down.
pub(crate) const MOST: usize = 16;

/// What to run, and with what.
pub(crate) struct Program {
    /// The file, absolute.
    pub(crate) path: CString,
    /// What follows on its name.
    pub(crate) arguments: Vec<CString>,
    /// The whole environment, without the variables of `own_pid`.
    pub(crate) environment: Vec<CString>,
    /// Variables that are to hold the child's own pid, which nobody knows before it lives.
    pub(crate) own_pid: &'static [&'static str],
}

/// A process that was made.
#[derive(Debug)]
pub(crate) struct Spawned {
    pub(crate) pid: i32,
    report: std::fs::File,
}

/// Why a child never ran its program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Failure {
    step: Step,
    errno: Errno,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Descriptors,
    Execute,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Step::Descriptors => write!(f, "handing down its descriptors: {}", self.errno.desc()),
            Step::Execute => write!(f, "running its program: {}", self.errno.desc()),
        }
    }
}

impl Spawned {
    /// Why the process never ran its program; `None` if it did. To be asked after it was reaped: then the pipe has an end.
    pub(crate) fn failure(&mut self) -> Option<Failure> {
        let mut report = [0; 5];
        self.report.read_exact(&mut report).ok()?;
        let [step, errno @ ..] = report;
        let step = if step == 0 { Step::Descriptors } else { Step::Execute };
        Some(Failure { step, errno: Errno::from_raw(i32::from_ne_bytes(errno)) })
    }
}

/// Everything that the child needs, made before it lives.
struct Prepared<'a> {
    parent: libc::pid_t,
    path: &'a CStr,
    argv: Vec<*const libc::c_char>,
    environment: Vec<*const libc::c_char>,
    /// `NAME=` and room for a number, each; `environment` points into them.
    own_pid: Vec<Vec<u8>>,
    stdin: RawFd,
    /// Standard output and error, if they are not this process's.
    output: Option<RawFd>,
    handed: [RawFd; MOST],
    handed_count: usize,
    report: RawFd,
}

/// What a process has open.
#[derive(Clone, Copy)]
pub(crate) struct Open<'a> {
    /// Its standard input.
    pub(crate) stdin: BorrowedFd<'a>,
    /// Its standard output and error; those of this process if absent.
    pub(crate) output: Option<BorrowedFd<'a>>,
    /// Its descriptors 3, 4, …
    pub(crate) handed: &'a [BorrowedFd<'a>],
}

/// Starts `program` in a process group of its own, with nothing else open than `open`. It dies with this process.
///
/// # Errors
/// When the kernel makes no pipe or process: `EMFILE`, `EAGAIN`, `ENOMEM`.
pub(crate) fn spawn(program: &Program, open: Open<'_>) -> Result<Spawned, Errno> {
    let Open { stdin, output, handed } = open;
    if handed.len() > MOST {
        return Err(Errno::E2BIG);
    }
    let (report, reported) = nix::unistd::pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
    // Ten digits and the NUL behind them.
    let own_pid: Vec<Vec<u8>> =
        program.own_pid.iter().map(|name| format!("{name}=\0\0\0\0\0\0\0\0\0\0\0").into_bytes()).collect();
    let environment = program.environment.iter().map(|entry| entry.as_ptr());
    let environment =
        environment.chain(own_pid.iter().map(|entry| entry.as_ptr().cast())).chain([ptr::null()]).collect();
    let words = [&program.path].into_iter().chain(&program.arguments);
    let mut prepared = Prepared {
        parent: nix::unistd::getpid().as_raw(),
        path: &program.path,
        argv: words.map(|word| word.as_ptr()).chain([ptr::null()]).collect(),
        environment,
        own_pid,
        stdin: stdin.as_raw_fd(),
        output: output.map(|output| output.as_raw_fd()),
        handed: [-1; MOST],
        handed_count: handed.len(),
        report: reported.as_raw_fd(),
    };
    for (place, fd) in prepared.handed.iter_mut().zip(handed) {
        *place = fd.as_raw_fd();
    }

    // A signal that reached the child before it has its own handlers would be taken for one of ours.
    let mask = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK)?;
    // SAFETY: this process has one thread, so no lock is held by another one in the child's copy; and the child calls only
    // `child`, which makes async-signal-safe calls on memory that `prepared` owns, and never returns.
    let forked = unsafe { libc::fork() };
    if forked == 0 {
        // SAFETY: we are the child of the fork above; `prepared` holds valid pointers, which the copy inherited.
        unsafe { child(&mut prepared) }
    }
    let result = Errno::result(forked);
    mask.thread_set_mask()?;
    Ok(Spawned { pid: result?, report: report.into() })
}

/// What happens in the child.
///
/// # Safety
/// To be called in the child of a fork only, with every signal blocked. `prepared` must hold NUL-terminated strings and
/// NULL-terminated arrays of them.
unsafe fn child(prepared: &mut Prepared<'_>) -> ! {
    // SAFETY: all calls below are system calls or thin wrappers of them (signal-safety(7)), on descriptors that are open and
    // on memory that lives as long as this process image; none allocates, locks, or unwinds.
    unsafe {
        libc::setpgid(0, 0);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        // A parent that died before that call sends no signal any more.
        if libc::getppid() != prepared.parent {
            libc::_exit(127);
        }
        // What we handle would be reset by exec; what is ignored, like SIGPIPE in a Rust program, would stay so.
        for signal in 1..=64 {
            libc::signal(signal, libc::SIG_DFL);
        }
        if !descriptors(prepared) {
            fail(prepared, 0);
        }
        let pid = libc::getpid();
        for entry in &mut prepared.own_pid {
            write_number(entry, pid);
        }
        let mut none = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut());
        libc::execve(prepared.path.as_ptr(), prepared.argv.as_ptr(), prepared.environment.as_ptr());
        fail(prepared, 1)
    }
}

/// Puts every descriptor in its place. What is to go to place 4 may lie in place 3, so all are first moved out of the way.
///
/// # Safety
/// As for [`child`].
unsafe fn descriptors(prepared: &mut Prepared<'_>) -> bool {
    let count = prepared.handed_count;
    let behind = FIRST + libc::c_int::try_from(count).unwrap_or(0);
    // SAFETY: system calls on descriptors that are open in this process; the array is as long as MOST >= count.
    unsafe {
        let report = libc::fcntl(prepared.report, libc::F_DUPFD_CLOEXEC, behind);
        if report < 0 {
            return false;
        }
        prepared.report = report;
        let stdin = libc::fcntl(prepared.stdin, libc::F_DUPFD_CLOEXEC, behind);
        if stdin < 0 || libc::dup2(stdin, 0) < 0 {
            return false;
        }
        if let Some(output) = prepared.output {
            let output = libc::fcntl(output, libc::F_DUPFD_CLOEXEC, behind);
            if output < 0 || libc::dup2(output, 1) < 0 || libc::dup2(output, 2) < 0 {
                return false;
            }
        }
        for fd in &mut prepared.handed[..count] {
            *fd = libc::fcntl(*fd, libc::F_DUPFD_CLOEXEC, behind);
            if *fd < 0 {
                return false;
            }
        }
        for (fd, place) in prepared.handed[..count].iter().zip(FIRST..) {
            // The duplicate has no FD_CLOEXEC.
            if libc::dup2(*fd, place) < 0 {
                return false;
            }
        }
        // Ours are all close-on-exec from birth. This is for those that a library might open otherwise; a kernel before 5.11
        // does not know the call, and goes without.
        libc::syscall(libc::SYS_close_range, behind, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC);
    }
    true
}

/// Reports the errno of the call before, and ends the child.
///
/// # Safety
/// As for [`child`].
unsafe fn fail(prepared: &Prepared<'_>, step: u8) -> ! {
    let [a, b, c, d] = Errno::last_raw().to_ne_bytes();
    let report = [step, a, b, c, d];
    // SAFETY: the report is written from a live array; SIGPIPE cannot harm, since the process ends anyway.
    unsafe {
        libc::write(prepared.report, report.as_ptr().cast(), report.len());
        libc::_exit(127)
    }
}

/// Writes `number` in decimal behind the `=` of `entry`, which has room for it and a NUL.
fn write_number(entry: &mut [u8], number: libc::pid_t) {
    let Some(start) = entry.iter().position(|byte| *byte == b'=') else { return };
    let mut rest = number.unsigned_abs();
    let mut digits = [0_u8; 10];
    let mut first = digits.len();
    while first > 0 && (rest > 0 || first == digits.len()) {
        first -= 1;
        digits[first] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    for (place, digit) in entry.iter_mut().skip(start + 1).zip(&digits[first..]) {
        *place = *digit;
    }
}

/// Marks every descriptor beyond standard error as close-on-exec: those that whoever started us left open are not for the
/// workers. Ours are so from birth.
pub(crate) fn close_on_exec() {
    let Ok(open) = std::fs::read_dir("/proc/self/fd") else { return };
    let numbers = open.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<RawFd>().ok());
    for number in numbers.filter(|number| *number >= FIRST).collect::<Vec<_>>() {
        // SAFETY: a system call that changes nothing but the flag of a descriptor, and fails on one that is closed by now.
        unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn numbers_are_written_behind_the_name() {
        for (number, text) in [(0, "0"), (7, "7"), (4_194_304, "4194304"), (i32::MAX, "2147483647")] {
            let mut entry = b"LISTEN_PID=\0\0\0\0\0\0\0\0\0\0\0".to_vec();
            write_number(&mut entry, number);
            let entry = CStr::from_bytes_until_nul(&entry).unwrap();
            assert_eq!(entry.to_str().unwrap(), format!("LISTEN_PID={text}"));
        }
    }
}
