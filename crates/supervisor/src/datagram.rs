//! What a notification says: the text of `sd_notify(3)`, taken apart. Pure; who sent it is not its business.

use std::time::Duration;

/// The largest datagram that is read, in bytes. systemd takes 4096 (`NOTIFY_BUFFER_MAX`).
pub const LARGEST: usize = 4096;

/// What one datagram said. Assignments that are not ours to know are passed over, as `sd_notify(3)` asks.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Message {
    /// `READY=1`
    pub ready: bool,
    /// `STOPPING=1`
    pub stopping: bool,
    /// `WATCHDOG=1`
    pub ping: bool,
    /// `WATCHDOG=trigger`
    pub hung: bool,
    /// `STATUS=…`, without control characters.
    pub status: Option<String>,
    /// `EXTEND_TIMEOUT_USEC=…`
    pub extend: Option<Duration>,
    /// `X_NATRIUM_SANDBOX=…`: what the kernel enforces on the worker, in words.
    pub sandbox: Option<String>,
}

/// Why a datagram says nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unreadable {
    /// It was longer than [`LARGEST`].
    #[error("it is longer than {LARGEST} bytes")]
    Oversized,
    /// It is not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// It came with more descriptors than could be taken, so that its sender is not known.
    #[error("it came with too many descriptors")]
    Encumbered,
}

/// Takes a datagram apart.
///
/// # Errors
/// When it is too long or not UTF-8. Anything else is at worst a message that says nothing.
pub fn parse(bytes: &[u8]) -> Result<Message, Unreadable> {
    if bytes.len() > LARGEST {
        return Err(Unreadable::Oversized);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8)?;
    let mut message = Message::default();
    for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
        match (key, value) {
            ("READY", "1") => message.ready = true,
            ("STOPPING", "1") => message.stopping = true,
            ("WATCHDOG", "1") => message.ping = true,
            ("WATCHDOG", "trigger") => message.hung = true,
            ("STATUS", text) => message.status = Some(printable(text)),
            ("X_NATRIUM_SANDBOX", text) => message.sandbox = Some(printable(text)),
            ("EXTEND_TIMEOUT_USEC", count) => message.extend = count.parse().ok().map(Duration::from_micros),
            _ => {}
        }
    }
    Ok(message)
}

/// Shown on terminals and in logs: an escape sequence has no business there.
fn printable(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_assignment_is_read() {
        let message = parse(
            b"READY=1\nSTOPPING=1\nWATCHDOG=1\nSTATUS=a=b \x1b[31m\nEXTEND_TIMEOUT_USEC=1500\nX_NATRIUM_SANDBOX=landlock 7\n",
        );
        let expected = Message {
            ready: true,
            stopping: true,
            ping: true,
            hung: false,
            status: Some("a=b  [31m".into()),
            extend: Some(Duration::from_micros(1500)),
            sandbox: Some("landlock 7".into()),
        };
        assert_eq!(message, Ok(expected));
        assert!(parse(b"WATCHDOG=trigger").unwrap().hung);
    }

    #[test]
    fn what_is_unknown_or_odd_says_nothing() {
        for text in
            ["", "\n\n", "READY", "READY=0", "ready=1", "MAINPID=1", "FDSTORE=1", "EXTEND_TIMEOUT_USEC=-1", "=", "\0"]
        {
            assert_eq!(parse(text.as_bytes()), Ok(Message::default()), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert_eq!(parse(b"STATUS=\xff"), Err(Unreadable::NotUtf8));
        assert_eq!(parse(&[b'x'; LARGEST + 1]), Err(Unreadable::Oversized));
        assert!(parse(&[b'x'; LARGEST]).is_ok());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
            let _ = parse(&bytes);
        }
    }
}
