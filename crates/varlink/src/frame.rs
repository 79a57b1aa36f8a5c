//! The framing: a message is JSON text followed by one NUL byte, and never longer than a limit.
//!
//! This module knows bytes and limits, not what a message means. Buffers grow by doubling but never past the limit, so a
//! peer that sends without end costs no more memory than the longest message would. A long message takes its buffer with
//! it: what an idle connection keeps is small again.

use std::ffi::CStr;
use std::io;

use bytes::{Buf, BufMut, BytesMut};
use serde::Serialize;
use tokio_util::codec::Decoder;

/// What a buffer starts with, and goes back to after a long message.
pub(crate) const SMALL: usize = 4096;

/// A buffer longer than this is not kept for the next message.
const KEEP: usize = 64 * 1024;

/// Why a message could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The message outgrew the limit.
    #[error("message longer than {limit} bytes")]
    TooLong {
        /// The limit, in bytes without the NUL.
        limit: usize,
    },
    /// The stream ended in the middle of a message, or reading failed.
    #[error("reading a message")]
    Io(#[from] io::Error),
}

/// Why a message could not be written down.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    /// The message outgrew the limit.
    #[error("message longer than {limit} bytes")]
    TooLong { limit: usize },
    /// The value does not fit JSON.
    #[error("value has no JSON form")]
    Json(#[source] serde_json::Error),
}

/// Splits a byte stream into messages. Yields each without its NUL.
#[derive(Debug)]
pub struct Frames {
    limit: usize,
    /// How many bytes at the buffer's start are known to hold no NUL.
    searched: usize,
}

impl Frames {
    /// Messages of at most `limit` bytes, not counting the NUL.
    pub fn new(limit: usize) -> Self {
        Self { limit, searched: 0 }
    }
}

impl Decoder for Frames {
    type Item = BytesMut;
    type Error = ReadError;

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<BytesMut>, ReadError> {
        // The standard library searches a word at a time here, and nowhere else where we could reach it.
        let end =
            CStr::from_bytes_until_nul(&buffer[self.searched..]).ok().map(|text| self.searched + text.count_bytes());
        if end.unwrap_or(buffer.len()) > self.limit {
            return Err(ReadError::TooLong { limit: self.limit });
        }
        let Some(end) = end else {
            self.searched = buffer.len();
            grow(buffer, 1, self.limit.saturating_add(1));
            return Ok(None);
        };
        self.searched = 0;
        let message = buffer.split_to(end);
        buffer.advance(1);
        if buffer.is_empty() && end > KEEP {
            *buffer = BytesMut::with_capacity(SMALL);
        }
        Ok(Some(message))
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<BytesMut>, ReadError> {
        match self.decode(buffer)? {
            Some(message) => Ok(Some(message)),
            None if buffer.is_empty() => Ok(None),
            None => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        }
    }
}

/// Appends `message` and its NUL to `buffer`; on an error the buffer is as it was.
pub(crate) fn encode<T: Serialize + ?Sized>(
    message: &T,
    buffer: &mut BytesMut,
    limit: usize,
) -> Result<(), EncodeError> {
    let start = buffer.len();
    let mut writer = Bounded { buffer, end: start.saturating_add(limit), exceeded: false };
    let result = serde_json::to_writer(&mut writer, message);
    let exceeded = writer.exceeded;
    match result {
        Ok(()) => {
            buffer.put_u8(0);
            Ok(())
        }
        Err(error) => {
            buffer.truncate(start);
            Err(if exceeded { EncodeError::TooLong { limit } } else { EncodeError::Json(error) })
        }
    }
}

/// Makes a written buffer ready for the next message.
pub(crate) fn recycle(buffer: &mut BytesMut) {
    buffer.clear();
    if buffer.capacity() > KEEP {
        *buffer = BytesMut::new();
    }
}

struct Bounded<'a> {
    buffer: &'a mut BytesMut,
    end: usize,
    exceeded: bool,
}

impl io::Write for Bounded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.end - self.buffer.len() {
            self.exceeded = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        grow(self.buffer, bytes.len(), self.end.saturating_add(1));
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes room for `more` bytes. Left to itself a buffer doubles, the last time to almost twice `limit`; here the last step
/// goes to `limit` exactly, and is taken early so that no small one follows it.
fn grow(buffer: &mut BytesMut, more: usize, limit: usize) {
    let (len, capacity) = (buffer.len(), buffer.capacity());
    if capacity - len >= more {
        return;
    }
    let doubled = capacity.saturating_mul(2).max(SMALL).max(len + more);
    let wanted = if doubled.saturating_mul(2) > limit { limit.max(len + more) } else { doubled };
    buffer.reserve(wanted - len);
}
