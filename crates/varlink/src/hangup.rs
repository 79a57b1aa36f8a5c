//! Tells a caller who has hung up from one who has only finished sending.
//!
//! Both read as end of file. The kernel does tell them apart: after `close` by the peer, or its death, poll(2) reports
//! `POLLHUP`; after `shutdown(SHUT_WR)` it does not, and an answer still arrives.

use std::future;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream as StdStream;

use futures_util::FutureExt;
use tokio::io::Interest;
use tokio::net::UnixStream;

/// Ends when the peer can receive nothing any more. Reads nothing, so it can wait while unread requests queue up.
pub(crate) async fn hung_up(stream: &UnixStream) {
    // The event that woke us as a rule told both: end of file and hang-up.
    if let Some(Ok(ready)) = stream.ready(Interest::WRITABLE).now_or_never()
        && ready.is_write_closed()
    {
        return;
    }
    // Otherwise the stream's own readiness cannot be waited on: it stays writable all the time, and to clear that would
    // stall the replies. A second descriptor has a readiness of its own. Where there is none to be had (too many are
    // open, say) the call just runs to its end.
    let Ok(second) = second_descriptor(stream) else { return future::pending().await };
    loop {
        match second.ready(Interest::WRITABLE).await {
            Ok(ready) if ready.is_write_closed() => return,
            // Clears what is not of interest, so that the next round waits for the next event.
            Ok(_) => _ = second.try_io(Interest::WRITABLE, || Err::<(), _>(io::ErrorKind::WouldBlock.into())),
            Err(_) => return future::pending().await,
        }
    }
}

fn second_descriptor(stream: &UnixStream) -> io::Result<UnixStream> {
    UnixStream::from_std(StdStream::from(stream.as_fd().try_clone_to_owned()?))
}
