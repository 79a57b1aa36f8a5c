//! The journal as output, by its own protocol, without ever waiting for it.
//!
//! `tracing-journald` encodes the lines and sends them through a socket that it keeps to itself, that waits where the journal
//! is slow, and whose failures it passes over. So its socket is made one that does not wait, and before each line it is asked
//! whether the line would be taken.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SocketType, recvmsg, sockopt};

use super::writable;

/// Where the journal listens (`systemd-journald.service(8)`, and what `tracing-journald` uses).
const SOCKET: &str = "/run/systemd/journal/socket";

/// How much may lie in the queue before we do not wait for it, in bytes. The kernel grants less where `net.core.wmem_max` is.
const QUEUE: usize = 8 << 20;

/// Whether the journal would take a line.
pub(super) struct Door {
    /// The socket through which lines are sent: what it has sent and nobody has read yet counts against it.
    own: OwnedFd,
    /// One that is connected: only of such can be asked whether the other's queue is full.
    probe: UnixDatagram,
    path: PathBuf,
}

impl Door {
    fn new(own: OwnedFd, path: &Path) -> io::Result<Self> {
        let flags = OFlag::from_bits_retain(fcntl(&own, FcntlArg::F_GETFL)?);
        fcntl(&own, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        sockopt::set_socket_send_buffer_size(&own, QUEUE)?;
        Ok(Self { own, probe: probe()?, path: path.to_owned() })
    }

    /// Lets the journal read what was sent, for `patience` at most: it looks up which unit a line comes from, which it cannot
    /// when the process has gone. Afterwards hardly anything more can be sent.
    pub(super) fn close(&self, patience: Duration) {
        // With the least room that there is, one line that nobody has read is enough for none to be left.
        let wait = PollTimeout::try_from(patience).unwrap_or(PollTimeout::ZERO);
        let _ = sockopt::set_socket_send_buffer_size(&self.own, 0)
            .map(|()| poll(&mut [PollFd::new(self.own.as_fd(), PollFlags::POLLOUT)], wait));
    }

    pub(super) fn is_open(&self) -> bool {
        // Each time anew: the journal may have been given another socket, and may be gone.
        self.probe.connect(&self.path).is_ok() && writable(&[self.own.as_fd(), self.probe.as_fd()])
    }
}

fn probe() -> io::Result<UnixDatagram> {
    let probe = UnixDatagram::unbound()?;
    probe.set_nonblocking(true)?;
    Ok(probe)
}

/// The journal and its door. None: it cannot be had without the danger of waiting for it.
///
/// Only while the program has one thread.
pub(super) fn open() -> Option<(tracing_journald::Layer, Door)> {
    // Making the layer sends something. If nobody takes that, it would wait.
    let probe = probe().ok()?;
    probe.connect(SOCKET).ok()?;
    if !writable(&[probe.as_fd()]) {
        return None;
    }
    // A new descriptor gets the lowest number that is free (open(2)).
    let number = probe.try_clone().ok()?.as_raw_fd();
    let layer = tracing_journald::layer().ok()?;
    let own = duplicate(number).ok()?;
    if sockopt::socket_type(&own).ok()? != SocketType::DGRAM {
        return None;
    }
    Some((layer, Door::new(own, Path::new(SOCKET)).ok()?))
}

/// A second descriptor for what an open one of this process stands for, of which only the number is known: sent to ourselves,
/// because whoever takes a number at its word needs `unsafe`.
fn duplicate(number: RawFd) -> io::Result<OwnedFd> {
    let (here, there) = UnixDatagram::pair()?;
    let rights = [ControlMessage::ScmRights(&[number])];
    sendmsg::<()>(here.as_raw_fd(), &[IoSlice::new(b"x")], &rights, MsgFlags::empty(), None)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    recvmsg(&there, &mut [IoSliceMut::new(&mut [0])], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let received = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    received.ok_or_else(|| io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests;
