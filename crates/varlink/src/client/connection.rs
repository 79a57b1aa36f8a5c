//! One connection, one call at a time.

use std::io;
use std::path::Path;

use bytes::BytesMut;
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio_util::codec::FramedRead;

use super::{CallError, Direction, Replies, message};
use crate::PoolLimits;
use crate::frame::{Frames, ReadError, SMALL};

/// One connection to a service. Calls are made one after the other.
///
/// A call that is dropped before it has ended leaves an answer under way that nobody awaits. The connection is of no use
/// then: every later call fails with [`CallError::Unreachable`]. So no call ever gets another's answer.
#[derive(Debug)]
pub struct Connection {
    pub(super) frames: FramedRead<OwnedReadHalf, Frames>,
    half: OwnedWriteHalf,
    request_bytes: usize,
    reply_bytes: usize,
    /// No answer is under way.
    whole: bool,
}

impl Connection {
    /// Connects to the socket at `path`, with the message limits of [`PoolLimits::default`].
    ///
    /// # Errors
    /// Those of connect(2).
    pub async fn connect(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::connect_with(path, &PoolLimits::default()).await
    }

    /// Connects to the socket at `path`, with other message limits. The rest of `limits` is not looked at.
    ///
    /// # Errors
    /// Those of connect(2).
    pub async fn connect_with(path: impl AsRef<Path>, limits: &PoolLimits) -> io::Result<Self> {
        let (reader, half) = UnixStream::connect(path).await?.into_split();
        let frames = FramedRead::with_capacity(reader, Frames::new(limits.reply_bytes), SMALL);
        let PoolLimits { request_bytes, reply_bytes, .. } = *limits;
        Ok(Self { frames, half, request_bytes, reply_bytes, whole: true })
    }

    /// Calls `method`, given with its interface's name, and waits for the reply as long as it takes.
    ///
    /// # Errors
    /// Any of [`CallError`] but `Deadline`.
    pub async fn call<P, R, E>(&mut self, method: &str, parameters: &P) -> Result<R, CallError<E>>
    where
        P: Serialize + ?Sized,
        R: DeserializeOwned,
        E: DeserializeOwned,
    {
        let request = message::request(method, parameters, false, self.request_bytes)?;
        self.check()?;
        match self.send(&request).await {
            Ok(()) => self.answer().await,
            Err(error) => Err(self.refused(error)),
        }
    }

    /// Calls `method` with `more`. The connection belongs to the replies from then on.
    ///
    /// # Errors
    /// `Unreachable`, `TooLarge` and `Malformed` of [`CallError`]; all others come as an item of the stream.
    pub async fn stream<P, R, E>(mut self, method: &str, parameters: &P) -> Result<Replies<R, E>, CallError<E>>
    where
        P: Serialize + ?Sized,
        R: DeserializeOwned,
        E: DeserializeOwned,
    {
        let request = message::request(method, parameters, true, self.request_bytes)?;
        self.check()?;
        self.send(&request).await.map_err(CallError::Unreachable)?;
        Ok(Replies::new(self))
    }

    /// Whether every answer has come, and nothing besides.
    pub(super) fn is_whole(&self) -> bool {
        self.whole && self.frames.read_buffer().is_empty()
    }

    /// Whether a call may be made: the connection is whole, and still nothing has come that nobody asked for (the end of
    /// file included). Costs a system call only where the runtime does not know yet that there is nothing to read.
    pub(super) fn is_usable(&self) -> bool {
        let socket = self.frames.get_ref();
        let nothing_to_read = || {
            socket.readable().now_or_never().is_none()
                || socket.try_read(&mut [0]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
        };
        self.is_whole() && nothing_to_read()
    }

    fn check<E>(&self) -> Result<(), CallError<E>> {
        if self.is_usable() {
            return Ok(());
        }
        let text = "the service closed this connection, or an earlier call on it was abandoned";
        Err(CallError::Unreachable(io::Error::new(io::ErrorKind::NotConnected, text)))
    }

    pub(super) fn reply_bytes(&self) -> usize {
        self.reply_bytes
    }

    /// Sends a request. On an error it was not sent whole, so that it cannot be executed.
    pub(super) async fn send(&mut self, request: &[u8]) -> io::Result<()> {
        if !self.whole {
            return Err(io::Error::new(
                io::ErrorKind::NotConnected,
                "an earlier call on this connection was abandoned",
            ));
        }
        self.whole = false;
        let sent = match self.half.try_write(request) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            sent => sent?,
        };
        if sent < request.len() {
            self.half.write_all(&request[sent..]).await?;
        }
        Ok(())
    }

    /// Why a request could not be sent: what the service had to say before it hung up on us, else `error`.
    pub(super) fn refused<E: DeserializeOwned>(&mut self, error: io::Error) -> CallError<E> {
        let word = self.frames.next().now_or_never().flatten().and_then(Result::ok);
        match word.map(|word| message::reply::<serde::de::IgnoredAny, E>(&word)) {
            Some(Ok((Err(told), _))) => told,
            _ => CallError::Unreachable(error),
        }
    }

    /// Waits for the answer to what was sent.
    pub(super) async fn answer<R: DeserializeOwned, E: DeserializeOwned>(&mut self) -> Result<R, CallError<E>> {
        let message = self.frames.next().await;
        let message = received(message, self.reply_bytes, true)?;
        self.read(&message)
    }

    fn read<R: DeserializeOwned, E: DeserializeOwned>(&mut self, reply: &[u8]) -> Result<R, CallError<E>> {
        match message::reply(reply).map_err(CallError::Malformed)? {
            (_, true) => {
                Err(CallError::Malformed(message::protocol_error("more replies are announced than were asked for")))
            }
            (result, false) => {
                self.whole = true;
                result
            }
        }
    }
}

/// Sorts out what reading a reply gave.
pub(super) fn received<E>(
    message: Option<Result<BytesMut, ReadError>>,
    limit: usize,
    first: bool,
) -> Result<BytesMut, CallError<E>> {
    match message {
        Some(Ok(message)) => Ok(message),
        Some(Err(ReadError::TooLong { .. })) => Err(CallError::TooLarge { which: Direction::Reply, limit }),
        // The kernel says so when the other end was closed with something unread in it, or was never accepted. All that
        // can be is a part of our request, the NUL at its end included: nobody has read it whole.
        Some(Err(ReadError::Io(error))) if first && error.kind() == io::ErrorKind::ConnectionReset => {
            Err(CallError::Unreachable(error))
        }
        Some(Err(ReadError::Io(error))) => Err(CallError::Lost(error)),
        None => Err(CallError::Lost(io::ErrorKind::UnexpectedEof.into())),
    }
}
