//! The sockets on which workers say how they are, one for each, so that who floods his queue leaves the others theirs. They
//! own who said it: the kernel names the sender (`SCM_CREDENTIALS`); what a datagram claims about that is not even read.
//! Reading never waits.

use std::io::{self, IoSliceMut};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixDatagram as StdUnixDatagram;
use std::task::Poll;
use std::time::{Duration, Instant};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::sockopt::PassCred;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, UnixCredentials, recvmsg, setsockopt};
use tokio::io::Interest;
use tokio::net::UnixDatagram;

use crate::datagram::{self, LARGEST, Message, Unreadable};

/// How many datagrams of each worker are read in one go before anything else has its turn. A sender can fill its queue again as
/// fast as it is read, and must not keep the supervisor from its signals, its deadlines and the other workers.
pub(crate) const BATCH: usize = 32;

/// More than a queue can hold (`net.unix.max_dgram_qlen`, 512 under systemd): reading so many reads everything that was
/// there at the beginning.
pub(crate) const ALL: usize = 1024;

/// One datagram.
#[derive(Debug)]
pub(crate) struct Received {
    /// The process that sent it; 0 when it has ended and was reaped, or lives where our process numbers mean nothing.
    pub(crate) pid: i32,
    pub(crate) message: Result<Message, Unreadable>,
}

/// The sockets, each at its worker's place in the table.
pub(crate) struct NotifySockets {
    sockets: Vec<UnixDatagram>,
    /// Space for the credentials, and for the most descriptors that can come along (`SCM_MAX_FD`): they are closed.
    control: Vec<u8>,
}

impl NotifySockets {
    /// Takes over bound sockets. Needs a runtime.
    ///
    /// # Errors
    /// When a socket cannot be set up.
    pub(crate) fn new(bound: Vec<StdUnixDatagram>) -> io::Result<Self> {
        let mut sockets = Vec::with_capacity(bound.len());
        for socket in bound {
            setsockopt(&socket, PassCred, &true)?;
            socket.set_nonblocking(true)?;
            sockets.push(UnixDatagram::from_std(socket)?);
        }
        Ok(Self { sockets, control: cmsg_space!(UnixCredentials, [RawFd; 253]) })
    }

    /// Waits until something may be there, on whichever of them.
    pub(crate) async fn readable(&self) {
        std::future::poll_fn(|context| {
            for socket in &self.sockets {
                match socket.poll_recv_ready(context) {
                    Poll::Ready(Ok(())) => return Poll::Ready(()),
                    Poll::Ready(Err(error)) => tracing::error!("waiting for notifications: {error}"),
                    Poll::Pending => {}
                }
            }
            Poll::Pending
        })
        .await;
    }

    /// The next datagram on this worker's socket, if one is there. The kernel is asked each time: the runtime may not know yet
    /// of one that came just now, and it may be the last word of a process that is about to be reaped.
    pub(crate) fn receive(&mut self, worker: usize) -> Option<Received> {
        let Self { sockets, control } = self;
        let socket = &sockets[worker];
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

    /// The sockets of two workers, and each worker's way to its own.
    fn sockets(directory: &std::path::Path) -> (NotifySockets, [StdUnixDatagram; 2]) {
        let paths = ["writer", "bot"].map(|worker| directory.join(worker));
        let bound = paths.iter().map(|path| StdUnixDatagram::bind(path).unwrap()).collect();
        let theirs = paths.map(|path| {
            let socket = StdUnixDatagram::unbound().unwrap();
            socket.connect(path).unwrap();
            socket.set_nonblocking(true).unwrap();
            socket
        });
        (NotifySockets::new(bound).unwrap(), theirs)
    }

    async fn next(ours: &mut NotifySockets, worker: usize) -> Received {
        ours.readable().await;
        ours.receive(worker).unwrap()
    }

    #[tokio::test]
    async fn the_kernel_names_the_sender_and_nothing_else_comes_along() {
        let directory = tempfile::tempdir().unwrap();
        let (mut ours, [theirs, _]) = sockets(directory.path());
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
        let received = next(&mut ours, 0).await;
        assert_eq!(received.pid, i32::try_from(std::process::id()).unwrap());
        assert!(received.message.unwrap().ready);
        assert_eq!((before, open()), (1, 1), "no descriptor came along");
        assert!(ours.receive(0).is_none());
    }

    #[tokio::test]
    async fn what_is_too_long_is_known_as_such() {
        let directory = tempfile::tempdir().unwrap();
        let (mut ours, [theirs, _]) = sockets(directory.path());
        theirs.send(&[b'x'; LARGEST + 1]).unwrap();
        theirs.send(b"STATUS=\xff").unwrap();
        theirs.send(b"").unwrap();
        assert_eq!(next(&mut ours, 0).await.message, Err(Unreadable::Oversized));
        assert_eq!(next(&mut ours, 0).await.message, Err(Unreadable::NotUtf8));
        assert_eq!(next(&mut ours, 0).await.message, Ok(Message::default()));
    }

    #[tokio::test]
    async fn who_fills_his_queue_leaves_the_others_theirs() {
        let directory = tempfile::tempdir().unwrap();
        let (mut ours, [flooding, quiet]) = sockets(directory.path());
        for round in 0..3 {
            while flooding.send(b"STATUS=flood").is_ok() {}
            quiet.send(b"WATCHDOG=1").unwrap();
            // Both have something, or only the one, or only the other: it is told in any case.
            assert!(next(&mut ours, 1).await.message.unwrap().ping, "round {round}");
            assert!(ours.receive(1).is_none());
            while ours.receive(0).is_some() {}
            quiet.send(b"STOPPING=1").unwrap();
            assert!(next(&mut ours, 1).await.message.unwrap().stopping);
            assert!(ours.receive(1).is_none());
        }
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
