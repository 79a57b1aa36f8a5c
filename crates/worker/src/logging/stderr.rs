//! Standard error as output, without ever waiting for who reads it.
//!
//! It may be shared with programs that do not expect it to be non-blocking, and that is a property of what is shared and not
//! of our descriptor. So a pipe or a terminal is opened once more for ourselves; a socket can be told with each message.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::errno::Errno;
use nix::libc::{O_NOCTTY, O_NONBLOCK};
use nix::sys::socket::{MsgFlags, send};
use nix::sys::stat::{SFlag, fstat};
use nix::unistd::write;
use tracing::field::{Field, Visit};
use tracing_subscriber::field::{RecordFields, VisitOutput};
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultVisitor, Writer};

use super::guard::Lost;
use super::writable;
use crate::events::FOR_THE_JOURNAL;

/// What the kernel writes to a pipe whole or not at all (`pipe(7)`).
const WHOLE: usize = 4096;

enum Way {
    /// A file: takes everything.
    Plain,
    /// Opened for ourselves, non-blocking.
    Own(File),
    /// A pipe or terminal of somebody who does not let us open it: asked before each piece. Two programs that ask at the same
    /// time may both be told yes, and one of them then waits.
    Shared,
    Socket,
}

/// Standard error, or what stands in its place in a test.
pub(super) struct Stderr<F = io::Stderr> {
    stderr: F,
    way: Way,
    /// A line got in only in part, and its end is missing.
    torn: AtomicBool,
    lost: Lost,
}

impl<F: AsFd> Stderr<F> {
    pub(super) fn new(stderr: F, lost: Lost) -> Self {
        Self { way: way(stderr.as_fd()), stderr, torn: AtomicBool::new(false), lost }
    }

    /// Answers whether the line was taken whole.
    fn put(&self, line: &[u8]) -> bool {
        if self.torn.load(Ordering::Relaxed) {
            if self.piece(b"\n") != Ok(1) {
                return false;
            }
            self.torn.store(false, Ordering::Relaxed);
        }
        let mut done = 0;
        while done < line.len() {
            match self.piece(&line[done..]) {
                Err(Errno::EINTR) => {}
                Ok(0) | Err(_) => break,
                Ok(written) => done += written,
            }
        }
        if 0 < done && done < line.len() {
            self.torn.store(true, Ordering::Relaxed);
        }
        done == line.len()
    }

    fn piece(&self, bytes: &[u8]) -> nix::Result<usize> {
        let stderr = self.stderr.as_fd();
        match &self.way {
            Way::Plain => write(stderr, bytes),
            Way::Own(file) => write(file, bytes),
            Way::Shared if writable(&[stderr]) => write(stderr, &bytes[..bytes.len().min(WHOLE)]),
            Way::Shared => Err(Errno::EAGAIN),
            Way::Socket => send(stderr.as_raw_fd(), bytes, MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL),
        }
    }
}

fn way(stderr: BorrowedFd<'_>) -> Way {
    let mode = fstat(stderr).map_or(0, |found| found.st_mode);
    match SFlag::from_bits_truncate(mode) & SFlag::S_IFMT {
        SFlag::S_IFSOCK => Way::Socket,
        kind if kind == SFlag::S_IFIFO || stderr.is_terminal() => {
            let mut options = OpenOptions::new();
            options.write(true).custom_flags(O_NONBLOCK | O_NOCTTY);
            options.open(format!("/proc/self/fd/{}", stderr.as_raw_fd())).map_or(Way::Shared, Way::Own)
        }
        _ => Way::Plain,
    }
}

/// A line at a time. What is not taken is counted, and no error of anybody.
impl<F: AsFd> Write for &Stderr<F> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if !self.put(line) {
            self.lost.count();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes fields as people are used to, but for those that nobody reads.
pub(super) struct Shown;

impl<'writer> FormatFields<'writer> for Shown {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = Without(DefaultVisitor::new(writer, true));
        fields.record(&mut visitor);
        visitor.0.finish()
    }
}

struct Without<'a>(DefaultVisitor<'a>);

impl Visit for Without<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if !FOR_THE_JOURNAL.contains(&field.name()) {
            self.0.record_str(field, value);
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.0.record_error(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.record_debug(field, value);
    }
}

#[cfg(test)]
mod tests;
