//! The token's lock on this host: an abstract Unix socket named after the bot's id.
//!
//! Telegram gives a bot's updates to one poller. The kernel gives an abstract name to one socket, whichever user and instance
//! bound it, and frees it when the process ends, however it ends. So whoever holds `@natrium-bot-<id>` polls, and nobody has
//! to clean up. It reaches as far as the network namespace: another host, or a container with a network of its own, is met
//! as `409 Conflict` by the poll loop.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::time::Duration;

use nix::sys::socket::sockopt::PeerCredentials;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, getsockopt, socket};

/// The name could not be bound although nobody holds it.
#[derive(Debug, thiserror::Error)]
#[error("binding the socket @natrium-bot-{bot}")]
pub(crate) struct GuardError {
    /// The bot's id.
    bot: i64,
    #[source]
    source: io::Error,
}

/// What came of asking for the token.
#[derive(Debug)]
pub(crate) enum Claim {
    /// It is ours.
    Ours(Guard),
    /// Another process has it: this one, where that can be told.
    Theirs(Option<i32>),
}

/// Holds the token for as long as it lives.
#[derive(Debug)]
pub(crate) struct Guard(UnixListener);

impl Guard {
    /// Takes the token of `bot`, or learns who has it. Before the sandbox is closed: it lets nobody be asked who he is.
    ///
    /// # Errors
    /// When it can be neither taken nor seen to be taken.
    pub(crate) fn claim(bot: i64) -> Result<Claim, GuardError> {
        Ok(match Self::take(bot)? {
            Some(guard) => Claim::Ours(guard),
            None => Claim::Theirs(holder(bot)),
        })
    }

    /// Takes the token of `bot`; none when another process has it.
    ///
    /// # Errors
    /// As for [`claim`](Self::claim).
    pub(crate) fn take(bot: i64) -> Result<Option<Self>, GuardError> {
        let bound = SocketAddr::from_abstract_name(name(bot)).and_then(|address| UnixListener::bind_addr(&address));
        match bound {
            Ok(listener) => Ok(Some(Self(listener))),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(None),
            Err(source) => Err(GuardError { bot, source }),
        }
    }

    /// Keeps the backlog empty, so that the next one who asks who we are is answered too. Never returns.
    pub(crate) async fn answer(self) -> io::Error {
        let listener = match self.0.set_nonblocking(true).and_then(|()| tokio::net::UnixListener::from_std(self.0)) {
            Ok(listener) => listener,
            Err(error) => return error,
        };
        loop {
            // The kernel has told the caller who we are by then; there is nothing else to say.
            if listener.accept().await.is_err() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn name(bot: i64) -> String {
    format!("natrium-bot-{bot}")
}

/// The process that listens under the name, without waiting should its backlog be full.
fn holder(bot: i64) -> Option<i32> {
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let caller: OwnedFd = socket(AddressFamily::Unix, SockType::Stream, flags, None).ok()?;
    let address = UnixAddr::new_abstract(name(bot).as_bytes()).ok()?;
    connect(caller.as_raw_fd(), &address).ok()?;
    // 0: it lives where our numbers mean nothing.
    Some(getsockopt(&caller, PeerCredentials).ok()?.pid()).filter(|pid| *pid > 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]
    use super::*;

    /// No bot of Telegram's has a negative id, and no two tests of one machine run in the same process.
    fn bot() -> i64 {
        -i64::from(std::process::id())
    }

    #[test]
    fn a_second_one_is_told_who_holds_the_token_and_gets_it_afterwards() {
        let Claim::Ours(first) = Guard::claim(bot()).unwrap() else { panic!("somebody has it") };
        let Claim::Theirs(holder) = Guard::claim(bot()).unwrap() else { panic!("two have it") };
        assert_eq!(holder, i32::try_from(std::process::id()).ok());
        assert!(Guard::take(bot()).unwrap().is_none());
        drop(first);
        assert!(Guard::take(bot()).unwrap().is_some());
    }
}
