//! The way back to one caller: replies, bounded in size and in the caller's time to take them.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use serde::Serialize;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;
use tokio_util::sync::CancellationToken;

use crate::error::WireError;
use crate::frame::{self, EncodeError};
use crate::{ErrorReply, Failure, Peer, ServiceError};

/// How a call ended without its last reply having been sent by the service.
#[derive(Debug)]
pub enum CallEnd {
    /// The caller is to be sent this error.
    Failure(Failure),
    /// The caller cannot be sent anything any more.
    Gone(io::Error),
}

impl From<Failure> for CallEnd {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<io::Error> for CallEnd {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}

impl<E: ErrorReply> From<E> for CallEnd {
    fn from(error: E) -> Self {
        Self::Failure(error.into())
    }
}

#[derive(Serialize)]
struct Reply<'a, T: ?Sized> {
    parameters: &'a T,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    continues: bool,
}

/// The way back to one caller.
#[derive(Debug)]
pub struct Replier {
    half: OwnedWriteHalf,
    buffer: BytesMut,
    limit: usize,
    patience: Duration,
    peer: Peer,
    stop: CancellationToken,
    more: bool,
    oneway: bool,
    finished: bool,
    /// Bytes sent since others last had their turn.
    in_a_row: usize,
}

/// How many bytes a call may send before others have their turn.
const TURN: usize = 64 * 1024;

impl Replier {
    pub(crate) fn new(
        half: OwnedWriteHalf,
        peer: Peer,
        limit: usize,
        patience: Duration,
        stop: CancellationToken,
    ) -> Self {
        let buffer = BytesMut::new();
        Self { half, buffer, limit, patience, peer, stop, more: false, oneway: false, finished: true, in_a_row: 0 }
    }

    /// Who called.
    pub fn peer(&self) -> Peer {
        self.peer
    }

    /// Ends when the server begins to stop. A stream without an end of its own should end then, lest the server wait
    /// for it until its drain deadline.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + 'static {
        self.stop.clone().cancelled_owned()
    }

    /// Sends the only or last reply. `parameters` must serialize as an object.
    ///
    /// # Errors
    /// [`CallEnd::Failure`] if the reply is longer than the limit: return it, so that the caller learns so.
    /// [`CallEnd::Gone`] if the caller is gone or did not read in time, or has had its last reply before.
    pub async fn reply<T: Serialize + ?Sized>(&mut self, parameters: &T) -> Result<(), CallEnd> {
        self.put(&Reply { parameters, continues: false }, true)?;
        Ok(self.flush().await?)
    }

    /// Sends one of several replies; another must follow. `parameters` must serialize as an object.
    ///
    /// # Errors
    /// As [`reply`](Self::reply), and `ExpectedMore` if the caller did not ask for several.
    pub async fn stream<T: Serialize + ?Sized>(&mut self, parameters: &T) -> Result<(), CallEnd> {
        if !self.more {
            return Err(ServiceError::ExpectedMore {}.into());
        }
        self.put(&Reply { parameters, continues: true }, false)?;
        Ok(self.flush().await?)
    }

    /// Turns to the next call.
    pub(crate) fn begin(&mut self, more: bool, oneway: bool) {
        self.more = more;
        self.oneway = oneway;
        self.finished = false;
    }

    /// Whether the caller has got all it is due.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished || self.oneway
    }

    pub(crate) async fn fail(&mut self, failure: &Failure) -> Result<(), CallEnd> {
        self.put(failure.message(), true)?;
        Ok(self.flush().await?)
    }

    fn put<T: Serialize + ?Sized>(&mut self, message: &T, last: bool) -> Result<(), CallEnd> {
        if self.finished {
            return Err(io::Error::other("the call has been answered before").into());
        }
        if !self.oneway {
            frame::encode(message, &mut self.buffer, self.limit).map_err(|error| match error {
                EncodeError::TooLong { limit } => WireError::ReplyTooLarge { limit }.into(),
                EncodeError::Json(error) => CallEnd::Gone(error.into()),
            })?;
        }
        self.finished = last;
        Ok(())
    }

    /// Sends what is still to be sent: something is left only if a service gave up its own `reply` or `stream` midway.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        // Writing below goes around the runtime's fairness, and a stream to a fast reader must not starve the others:
        // neither by many replies nor by long ones.
        self.in_a_row += self.buffer.len();
        if self.in_a_row > TURN {
            self.in_a_row = 0;
            tokio::task::yield_now().await;
        }
        tokio::task::coop::consume_budget().await;
        match self.half.try_write(&self.buffer) {
            Ok(sent) if sent == self.buffer.len() => {}
            Ok(sent) => {
                bytes::Buf::advance(&mut self.buffer, sent);
                self.flush_slowly().await?;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.flush_slowly().await?,
            Err(error) => return Err(error),
        }
        frame::recycle(&mut self.buffer);
        Ok(())
    }

    async fn flush_slowly(&mut self) -> io::Result<()> {
        let writing = self.half.write_all_buf(&mut self.buffer);
        match tokio::time::timeout(self.patience, writing).await {
            Ok(result) => result,
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the caller does not read its reply")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use futures_util::FutureExt;
    use tokio::net::UnixStream;

    use super::*;

    #[tokio::test]
    async fn others_have_their_turn_after_long_replies_though_the_caller_has_room() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let peer = Peer { pid: 0, uid: 0, gid: 0 };
        let (_, half) = ours.into_split();
        let mut replier = Replier::new(half, peer, 1 << 20, Duration::from_secs(5), CancellationToken::new());
        let (short, long) = ("x".repeat(TURN / 4), "x".repeat(TURN + 1));
        for (text, at_once) in [(&short, true), (&short, true), (&long, false), (&short, true), (&long, false)] {
            replier.begin(false, false);
            let mut replying = std::pin::pin!(replier.reply(text));
            assert_eq!(replying.as_mut().now_or_never().is_some(), at_once);
            if !at_once {
                replying.await.unwrap();
            }
            // What was sent is taken out, so that there is always room.
            theirs.readable().await.unwrap();
            while theirs.try_read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
        }
    }
}
