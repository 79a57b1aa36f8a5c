//! Bytes as any local process may send them to the supervisor's notification socket.
//!
//! Holds that nothing panics; that only what is too long or no UTF-8 is refused; that what is understood stands in the datagram
//! as a line of its own; and that nothing which is shown can move a cursor.
#![no_main]

use libfuzzer_sys::fuzz_target;
use supervisor::datagram::{LARGEST, Unreadable, parse};

fuzz_target!(|bytes: &[u8]| {
    let message = match parse(bytes) {
        Ok(message) => message,
        Err(Unreadable::Oversized) => return assert!(bytes.len() > LARGEST),
        Err(Unreadable::NotUtf8) => return assert!(std::str::from_utf8(bytes).is_err()),
        Err(Unreadable::Encumbered) => panic!("bytes bear no descriptors"),
    };
    assert!(bytes.len() <= LARGEST);
    let text = std::str::from_utf8(bytes).expect("it was accepted");
    let says = |line: &str| text.lines().any(|known| known == line);
    let begins = |key: &str| text.lines().any(|line| line.starts_with(key));
    assert_eq!(message.ready, says("READY=1"));
    assert_eq!(message.stopping, says("STOPPING=1"));
    assert_eq!(message.ping, says("WATCHDOG=1"));
    assert_eq!(message.hung, says("WATCHDOG=trigger"));
    assert_eq!(message.status.is_some(), begins("STATUS="));
    assert_eq!(message.sandbox.is_some(), begins("X_NATRIUM_SANDBOX="));
    assert!(message.extend.is_none() || begins("EXTEND_TIMEOUT_USEC="));
    for shown in [message.status, message.sandbox].into_iter().flatten() {
        assert!(!shown.contains(char::is_control), "{shown:?}");
        assert!(shown.chars().count() <= text.chars().count());
    }
});
