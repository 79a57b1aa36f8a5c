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
    if capacity - len >= more || buffer.try_reclaim(more) {
        return;
    }
    let doubled = capacity.saturating_mul(2).max(SMALL).max(len + more);
    let wanted = if doubled.saturating_mul(2) > limit { limit.max(len + more) } else { doubled };
    let mut larger = BytesMut::with_capacity(wanted);
    larger.extend_from_slice(buffer);
    *buffer = larger;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    /// All messages of a stream that arrives in pieces, and what is left at its end.
    fn read(pieces: &[&[u8]], limit: usize) -> (Vec<Vec<u8>>, Result<usize, ()>) {
        let mut frames = Frames::new(limit);
        let mut buffer = BytesMut::new();
        let mut messages = Vec::new();
        for piece in pieces {
            buffer.extend_from_slice(piece);
            loop {
                match frames.decode(&mut buffer) {
                    Ok(Some(message)) => messages.push(message.to_vec()),
                    Ok(None) => break,
                    Err(_) => return (messages, Err(())),
                }
            }
        }
        (messages, Ok(buffer.len()))
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_split_the_messages_are_the_same(
            bytes in proptest::collection::vec(prop_oneof![3 => any::<u8>(), 1 => Just(0)], 0..200),
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..20),
            limit in 0_usize..60,
        ) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.push(bytes.len());
            cuts.sort_unstable();
            let mut start = 0;
            let pieces: Vec<&[u8]> = cuts
                .into_iter()
                .map(|end| {
                    let piece = &bytes[start..end];
                    start = end;
                    piece
                })
                .collect();
            let whole: Vec<&[u8]> = bytes.split(|byte| *byte == 0).collect();
            let (rest, whole) = whole.split_last().unwrap();
            let good: Vec<Vec<u8>> = whole.iter().take_while(|m| m.len() <= limit).map(|m| m.to_vec()).collect();
            let all_good = good.len() == whole.len() && rest.len() <= limit;
            let (messages, end) = read(&pieces, limit);
            prop_assert_eq!(messages, good);
            prop_assert_eq!(end, if all_good { Ok(rest.len()) } else { Err(()) });
        }

        #[test]
        fn what_is_encoded_is_decoded(texts in proptest::collection::vec(any::<String>(), 0..10)) {
            let mut buffer = BytesMut::new();
            for text in &texts {
                encode(text, &mut buffer, 10_000).unwrap();
            }
            let (messages, end) = read(&[&buffer], 10_000);
            prop_assert_eq!(end, Ok(0));
            let decoded: Vec<String> = messages.iter().map(|m| serde_json::from_slice(m).unwrap()).collect();
            prop_assert_eq!(decoded, texts);
        }

        #[test]
        fn buffers_never_outgrow_the_limit(sizes in proptest::collection::vec(1_usize..5000, 1..60), limit in 1_usize..40_000) {
            let mut frames = Frames::new(limit);
            let mut buffer = BytesMut::with_capacity(SMALL);
            for size in sizes {
                // As a reader does it: into the room there is.
                let room = buffer.capacity() - buffer.len();
                prop_assert!(room > 0);
                buffer.put_bytes(b'x', size.min(room));
                if frames.decode(&mut buffer).is_err() {
                    prop_assert!(buffer.len() > limit);
                    break;
                }
                prop_assert!(buffer.capacity() <= (limit + 1).max(SMALL), "{} for {limit}", buffer.capacity());
            }
        }
    }

    #[test]
    fn a_message_too_long_to_send_leaves_nothing_and_grows_nothing() {
        for limit in [0, 10, 5000, 100_000, 1 << 20] {
            let mut buffer = BytesMut::new();
            buffer.put_slice(b"before");
            let words: Vec<&str> = std::iter::repeat_n("word", limit / 7 + 10).collect();
            assert!(matches!(encode(&words, &mut buffer, limit), Err(EncodeError::TooLong { .. })));
            assert_eq!(&buffer[..], b"before");
            assert!(buffer.capacity() <= (limit + 7).max(SMALL), "{} for {limit}", buffer.capacity());
        }
    }

    #[test]
    fn the_limit_is_what_still_fits() {
        let mut buffer = BytesMut::new();
        encode("abc", &mut buffer, 5).unwrap();
        assert!(encode("abc", &mut buffer, 4).is_err());
        assert_eq!(&buffer[..], b"\"abc\"\0");
    }

    #[test]
    fn a_value_without_a_json_form_leaves_nothing() {
        let mut buffer = BytesMut::new();
        let keys = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert!(matches!(encode(&keys, &mut buffer, 100), Err(EncodeError::Json(_))));
        assert!(buffer.is_empty());
    }

    #[test]
    fn a_long_message_takes_its_buffer_with_it() {
        let mut frames = Frames::new(1 << 20);
        let mut buffer = BytesMut::new();
        buffer.put_bytes(b'x', 1 << 20);
        buffer.put_u8(0);
        assert_eq!(frames.decode(&mut buffer).unwrap().unwrap().len(), 1 << 20);
        assert!(buffer.capacity() <= SMALL);
    }

    #[test]
    fn an_end_within_a_message_is_an_error() {
        let mut buffer = BytesMut::from(&b"a\0b"[..]);
        let mut frames = Frames::new(10);
        assert_eq!(frames.decode_eof(&mut buffer).unwrap().unwrap(), "a");
        assert!(matches!(frames.decode_eof(&mut buffer), Err(ReadError::Io(_))));
        assert!(matches!(Frames::new(10).decode_eof(&mut BytesMut::new()), Ok(None)));
    }
}
