//! The token's lock on this host: an abstract Unix socket named after the bot's id.
//!
//! Telegram gives a bot's updates to one poller. The kernel gives an abstract name to one socket, whichever user and instance
//! bound it, and frees it when the process ends, however it ends. So whoever holds `@natrium-bot-<id>` polls, and nobody has
//! to clean up. It reaches as far as the network namespace: another host, or a container with a network of its own, is met
//! as `409 Conflict` by the poll loop.

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::time::{Duration, Instant};
use std::{io, thread};

use nix::sys::socket::sockopt::PeerCredentials;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, getsockopt, socket};

/// How long a predecessor that is just being killed is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why the token cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GuardError {
    /// Another process holds it.
    #[error(
        "another program on this host already polls as bot {bot}{}; stop that one, or give one of the two a token of its own",
        holder.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Held {
        /// The bot's id.
        bot: i64,
        /// The holder's process id, where it can be told.
        holder: Option<i32>,
    },
    /// The name could not be bound for another reason.
    #[error("binding the socket @natrium-bot-{bot}")]
    Bind {
        /// The bot's id.
        bot: i64,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Holds the token for as long as it lives.
#[derive(Debug)]
pub(crate) struct Guard(UnixListener);

impl Guard {
    /// Takes the token of `bot`, waiting a moment for a predecessor to go. Blocks; for the time before the runtime turns.
    ///
    /// # Errors
    /// When another process keeps it.
    pub(crate) fn take(bot: i64) -> Result<Self, GuardError> {
        Self::take_within(bot, PATIENCE)
    }

    fn take_within(bot: i64, patience: Duration) -> Result<Self, GuardError> {
        let until = Instant::now() + patience;
        let address = SocketAddr::from_abstract_name(name(bot)).map_err(|source| GuardError::Bind { bot, source })?;
        loop {
            match UnixListener::bind_addr(&address) {
                Ok(listener) => return Ok(Self(listener)),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    if Instant::now() >= until {
                        return Err(GuardError::Held { bot, holder: holder(bot) });
                    }
                    thread::sleep(Duration::from_millis(50));
                }
                Err(source) => return Err(GuardError::Bind { bot, source }),
            }
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
    Some(getsockopt(&caller, PeerCredentials).ok()?.pid())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use super::*;

    /// No bot of Telegram's has a negative id, and no two tests of one machine run in the same process.
    fn bot() -> i64 {
        -i64::from(std::process::id())
    }

    #[test]
    fn a_second_one_is_told_who_holds_the_token_and_gets_it_afterwards() {
        let first = Guard::take_within(bot(), Duration::ZERO).unwrap();
        let error = Guard::take_within(bot(), Duration::from_millis(100)).unwrap_err();
        let told = error.to_string();
        assert!(told.contains(&format!("(process {})", std::process::id())) && !told.contains('\n'), "{told}");
        drop(first);
        Guard::take_within(bot(), Duration::ZERO).unwrap();
    }

    #[test]
    fn a_predecessor_that_is_going_is_waited_for() {
        let other = bot() - 1_000_000_000;
        let first = Guard::take_within(other, Duration::ZERO).unwrap();
        let waiting = thread::spawn(move || Guard::take_within(other, Duration::from_secs(10)).map(drop));
        drop(first);
        waiting.join().unwrap().unwrap();
    }
}
