//! What a worker tells its parent, in `sd_notify(3)`'s words. The parent may be the supervisor or systemd itself.

use std::{
    env, io,
    os::{
        fd::AsRawFd,
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram},
    },
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use nix::sys::socket::{MsgFlags, send};
use sd_notify::NotifyState;

/// How long a message that must arrive waits for room in the parent's queue.
const PATIENCE: Duration = Duration::from_millis(500);

/// The way to the parent. Clones share it. Without a parent that listens, every message is dropped.
#[derive(Clone, Debug)]
pub struct Notify {
    parent: Option<Arc<UnixDatagram>>,
    status: Arc<Mutex<Status>>,
}

#[derive(Debug, Default)]
struct Status {
    text: String,
    /// The parent's queue was full; the next ping takes it along.
    unsent: bool,
}

impl Notify {
    /// Opens the way that `NOTIFY_SOCKET` names, if it names one. To be called before the sandbox closes.
    ///
    /// # Errors
    /// When there is a name and nothing to reach under it.
    pub fn open() -> io::Result<Self> {
        let parent = match env::var_os("NOTIFY_SOCKET") {
            None => None,
            Some(name) => {
                let socket = UnixDatagram::unbound()?;
                match name.to_str().and_then(|name| name.strip_prefix('@')) {
                    Some(hidden) => socket.connect_addr(&SocketAddr::from_abstract_name(hidden)?)?,
                    None => socket.connect(name)?,
                }
                socket.set_write_timeout(Some(PATIENCE))?;
                Some(Arc::new(socket))
            }
        };
        Ok(Self { parent, status: Arc::default() })
    }

    /// The worker does its work from now on.
    pub fn ready(&self, status: &str) {
        self.state().text = status.to_owned();
        self.insist(&[NotifyState::Ready, NotifyState::Status(&one_line(status))]);
    }

    /// How the worker is, in one line for people. Repeating the same is free.
    pub fn status(&self, status: &str) {
        let mut state = self.state();
        if state.text != status {
            state.text = status.to_owned();
            state.unsent = !self.offer(&[NotifyState::Status(&one_line(status))]);
        }
    }

    /// The status last told.
    #[must_use]
    pub fn last_status(&self) -> String {
        self.state().text.clone()
    }

    /// The worker has begun to stop.
    pub(crate) fn stopping(&self) {
        self.insist(&[NotifyState::Stopping]);
    }

    /// What the kernel enforces on this process.
    pub(crate) fn sandbox(&self, sandbox: &str) {
        self.insist(&[NotifyState::Custom(&format!("X_NATRIUM_SANDBOX={}", one_line(sandbox)))]);
    }

    /// The main loop still turns. Answers whether that went out: the parent's queue may be full.
    pub(crate) fn alive(&self) -> bool {
        let mut state = self.state();
        if state.unsent {
            state.unsent = !self.offer(&[NotifyState::Status(&one_line(&state.text)), NotifyState::Watchdog]);
            !state.unsent
        } else {
            self.offer(&[NotifyState::Watchdog])
        }
    }

    /// Sends what must arrive. It happens when nothing else is going on, so it may wait for room.
    fn insist(&self, states: &[NotifyState<'_>]) {
        let Some(parent) = &self.parent else { return };
        if let Err(error) = parent.send(message(states).as_bytes()) {
            tracing::warn!("the parent did not take a notification: {error}");
        }
    }

    /// Sends what may be lost without waiting; answers whether it went out.
    fn offer(&self, states: &[NotifyState<'_>]) -> bool {
        let Some(parent) = &self.parent else { return true };
        send(parent.as_raw_fd(), message(states).as_bytes(), MsgFlags::MSG_DONTWAIT).is_ok()
    }

    fn state(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn message(states: &[NotifyState<'_>]) -> String {
    states.iter().map(|state| format!("{state}\n")).collect()
}

/// A newline would begin a new field, and other control characters have no place in a status line.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn pair() -> (Notify, UnixDatagram) {
        let (parent, child) = UnixDatagram::pair().unwrap();
        child.set_write_timeout(Some(PATIENCE)).unwrap();
        parent.set_nonblocking(true).unwrap();
        (Notify { parent: Some(Arc::new(child)), status: Arc::default() }, parent)
    }

    fn heard(parent: &UnixDatagram) -> Option<String> {
        let mut buffer = [0; 4096];
        let length = parent.recv(&mut buffer).ok()?;
        Some(String::from_utf8(buffer[..length].to_vec()).unwrap())
    }

    #[test]
    fn a_status_cannot_forge_another_field() {
        let (notify, parent) = pair();
        notify.status("fine\nREADY=1");
        assert_eq!(heard(&parent).unwrap(), "STATUS=fine READY=1\n");
    }

    #[test]
    fn the_same_status_is_told_once() {
        let (notify, parent) = pair();
        notify.ready("serving");
        notify.status("serving");
        assert_eq!(heard(&parent).unwrap(), "READY=1\nSTATUS=serving\n");
        assert_eq!(heard(&parent), None);
    }

    #[test]
    fn a_full_queue_delays_a_status_and_loses_none() {
        let (notify, parent) = pair();
        let mut told = 0;
        while notify.offer(&[NotifyState::Watchdog]) {
            told += 1;
        }
        notify.status("offline");
        assert!(!notify.alive(), "it knows that nobody heard it");
        for _ in 0..told {
            assert_eq!(heard(&parent).unwrap(), "WATCHDOG=1\n");
        }
        assert!(notify.alive());
        assert_eq!(heard(&parent).unwrap(), "STATUS=offline\nWATCHDOG=1\n");
        assert!(notify.alive());
        assert_eq!(heard(&parent).unwrap(), "WATCHDOG=1\n");
    }
}
