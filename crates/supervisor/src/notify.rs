//! The socket on which workers say how they are. It owns who said it: the kernel names the sender (`SCM_CREDENTIALS`); what
//! a datagram claims about that is not even read. Reading never waits.

use std::io::{self, IoSliceMut};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixDatagram as StdUnixDatagram;
use std::time::{Duration, Instant};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::sockopt::PassCred;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, UnixCredentials, recvmsg, setsockopt};
use tokio::io::Interest;
use tokio::net::UnixDatagram;

use crate::datagram::{self, LARGEST, Message, Unreadable};

/// How many datagrams are read in one go before anything else has its turn. One sender can fill the queue again as fast as it
/// is read, and must not keep the supervisor from its signals and deadlines.
pub(crate) const BATCH: usize = 32;

/// More than the queue can hold (`net.unix.max_dgram_qlen`, 512 under systemd): reading so many reads everything that was
/// there at the beginning.
pub(crate) const ALL: usize = 1024;

/// One datagram.
#[derive(Debug)]
pub(crate) struct Received {
    /// The process that sent it; 0 when it has ended and was reaped, or lives where our process numbers mean nothing.
    pub(crate) pid: i32,
    pub(crate) message: Result<Message, Unreadable>,
}

/// The socket.
pub(crate) struct NotifySocket {
    socket: UnixDatagram,
    /// Space for the credentials, and for the most descriptors that can come along (`SCM_MAX_FD`): they are closed.
    control: Vec<u8>,
}

impl NotifySocket {
    /// Takes over a bound socket. Needs a runtime.
    ///
    /// # Errors
    /// When the socket cannot be set up.
    pub(crate) fn new(socket: StdUnixDatagram) -> io::Result<Self> {
        setsockopt(&socket, PassCred, &true)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket: UnixDatagram::from_std(socket)?, control: cmsg_space!(UnixCredentials, [RawFd; 253]) })
    }

    /// Waits until something may be there.
    pub(crate) async fn readable(&self) {
        if let Err(error) = self.socket.readable().await {
            tracing::error!("waiting for notifications: {error}");
            std::future::pending::<()>().await;
        }
    }

    /// The next datagram, if one is there. The kernel is asked each time: the runtime may not know yet of one that came just
    /// now, and it may be the last word of a process that is about to be reaped.
    pub(crate) fn receive(&mut self) -> Option<Received> {
        let Self { socket, control } = self;
        match receive(socket.as_raw_fd(), control) {
            Ok(received) => Some(received),
            Err(Errno::EAGAIN) => {
                // The runtime is to wait for the next one.
                let _ = socket.try_io(Interest::READABLE, || Err::<(), _>(io::ErrorKind::WouldBlock.into()));
                None
            }
            Err(error) => {
                tracing::error!(error = error.desc(), "reading a notification");
                None
            }
        }
    }
}

fn receive(fd: i32, control: &mut [u8]) -> Result<Received, Errno> {
    let mut bytes = [0; LARGEST];
    let mut parts = [IoSliceMut::new(&mut bytes)];
    let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_CMSG_CLOEXEC;
    let received = recvmsg::<()>(fd, &mut parts, Some(control), flags)?;
    let mut pid = 0;
    // No room even for the descriptors that are only to be closed: this process has as many as it may.
    let Ok(control) = received.cmsgs() else { return Ok(Received { pid, message: Err(Unreadable::Encumbered) }) };
    for message in control {
        match message {
            ControlMessageOwned::ScmCredentials(credentials) => pid = credentials.pid(),
            ControlMessageOwned::ScmRights(descriptors) => {
                for descriptor in descriptors {
                    let _ = nix::unistd::close(descriptor);
                }
            }
            _ => {}
        }
    }
    let (length, is_cut) = (received.bytes, received.flags.contains(MsgFlags::MSG_TRUNC));
    let message = if is_cut { Err(Unreadable::Oversized) } else { datagram::parse(&bytes[..length]) };
    Ok(Received { pid, message })
}

/// Lets a complaint through once per interval, and counts what it kept back.
#[derive(Debug)]
pub(crate) struct Complaints {
    every: Duration,
    last: Option<Instant>,
    kept_back: u64,
}

impl Complaints {
    pub(crate) fn new(every: Duration) -> Self {
        Self { every, last: None, kept_back: 0 }
    }

    /// Whether to complain now, and how many complaints were kept back since the last one.
    pub(crate) fn admit(&mut self, now: Instant) -> Option<u64> {
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < self.every) {
            self.kept_back += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.kept_back))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::io::IoSlice;

    use nix::sys::socket::{ControlMessage, sendmsg};

    use super::*;

    fn sockets(directory: &std::path::Path) -> (NotifySocket, StdUnixDatagram) {
        let path = directory.join("notify.sock");
        let ours = NotifySocket::new(StdUnixDatagram::bind(&path).unwrap()).unwrap();
        let theirs = StdUnixDatagram::unbound().unwrap();
        theirs.connect(&path).unwrap();
        (ours, theirs)
    }

    #[tokio::test]
    async fn the_kernel_names_the_sender_and_nothing_else_comes_along() {
        let directory = tempfile::tempdir().unwrap();
        let (mut ours, theirs) = sockets(directory.path());
        let path = directory.path().join("sent along");
        let file = std::fs::File::create(&path).unwrap();
        let open = || {
            let links = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
            links.filter(|link| std::fs::read_link(link.path()).is_ok_and(|to| to == path)).count()
        };
        let before = open();
        let rights = [file.as_raw_fd(); 3];
        let text = [IoSlice::new(b"READY=1\nMAINPID=1\nFDSTORE=1")];
        sendmsg::<()>(theirs.as_raw_fd(), &text, &[ControlMessage::ScmRights(&rights)], MsgFlags::empty(), None)
            .unwrap();
        ours.readable().await;
        let received = ours.receive().unwrap();
        assert_eq!(received.pid, i32::try_from(std::process::id()).unwrap());
        assert!(received.message.unwrap().ready);
        assert_eq!((before, open()), (1, 1), "no descriptor came along");
        assert!(ours.receive().is_none());
    }

    #[tokio::test]
    async fn what_is_too_long_is_known_as_such() {
        let directory = tempfile::tempdir().unwrap();
        let (mut ours, theirs) = sockets(directory.path());
        theirs.send(&[b'x'; LARGEST + 1]).unwrap();
        theirs.send(b"STATUS=\xff").unwrap();
        theirs.send(b"").unwrap();
        ours.readable().await;
        let next = |ours: &mut NotifySocket| ours.receive().unwrap().message;
        assert_eq!(next(&mut ours), Err(Unreadable::Oversized));
        assert_eq!(next(&mut ours), Err(Unreadable::NotUtf8));
        assert_eq!(next(&mut ours), Ok(Message::default()));
    }

    #[test]
    fn complaints_are_counted_while_kept_back() {
        let mut complaints = Complaints::new(Duration::from_secs(10));
        let now = Instant::now();
        assert_eq!(complaints.admit(now), Some(0));
        assert_eq!(complaints.admit(now + Duration::from_secs(9)), None);
        assert_eq!(complaints.admit(now + Duration::from_secs(9)), None);
        assert_eq!(complaints.admit(now + Duration::from_secs(10)), Some(2));
    }
}
