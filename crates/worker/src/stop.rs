//! The signals that ask a program to stop.

use std::{io, os::unix::net::UnixStream};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    low_level::pipe,
};
use tokio_util::sync::CancellationToken;

/// Turns `SIGTERM` and `SIGINT` into a token that is cancelled. The signal handler only writes a byte into a socket.
///
/// # Errors
/// When the handlers cannot be set.
pub(crate) fn on_signals() -> io::Result<CancellationToken> {
    let (arrived, handler) = UnixStream::pair()?;
    pipe::register(SIGTERM, handler.try_clone()?)?;
    pipe::register(SIGINT, handler)?;
    arrived.set_nonblocking(true)?;
    let arrived = tokio::net::UnixStream::from_std(arrived)?;
    let stop = CancellationToken::new();
    let asked = stop.clone();
    tokio::spawn(async move {
        // The handlers hold the other end for as long as the process lives: readable means a signal.
        if arrived.readable().await.is_ok() {
            asked.cancel();
        }
    });
    Ok(stop)
}
