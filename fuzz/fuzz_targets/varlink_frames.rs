//! Bytes as a Varlink caller may send them: framing and calls.
//!
//! Holds that nothing panics, that messages do not depend on how the bytes arrive, that no buffer outgrows the limit, and that a
//! call that is accepted is text and says what a general JSON parser reads in it.
#![no_main]

use bytes::{BufMut, BytesMut};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use serde_json::Value;
use tokio_util::codec::Decoder;
use varlink::{Call, Frames};

/// A few kinds of parameters, for the path that names the one at fault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "there to be parsed")]
struct Parameters {
    kind: String,
    version: Option<i64>,
    author: Author,
    list: Vec<Author>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "there to be parsed")]
struct Author {
    id: u8,
    name: String,
}

/// The messages in `bytes` when they arrive in pieces of `size`, and whether one was too long.
fn messages(bytes: &[u8], size: usize, limit: usize) -> (Vec<BytesMut>, bool) {
    let mut frames = Frames::new(limit);
    let mut buffer = BytesMut::with_capacity(64);
    let mut messages = Vec::new();
    let mut rest = bytes;
    loop {
        match frames.decode(&mut buffer) {
            Ok(Some(message)) => {
                assert!(message.len() <= limit && !message.contains(&0));
                messages.push(message);
                continue;
            }
            Ok(None) if rest.is_empty() => return (messages, false),
            Ok(None) => {}
            Err(_) => return (messages, true),
        }
        // As a reader does it: into the room there is, of which there always is some.
        let room = buffer.capacity() - buffer.len();
        assert!(room > 0 && buffer.capacity() <= (limit + 1).max(4096));
        let (piece, later) = rest.split_at(size.min(room).min(rest.len()));
        buffer.put_slice(piece);
        rest = later;
    }
}

fn call(message: BytesMut) {
    let text = message.clone();
    let Ok(call) = Call::from_message(message) else { return };
    std::str::from_utf8(&text).expect("an accepted call is text");
    // What is not looked at may still be beyond what a general parser takes, such as lone surrogates and the number 1e999.
    let Ok(whole) = serde_json::from_slice::<Value>(&text) else { return };
    assert_eq!(whole["method"].as_str(), Some(call.full_method()));
    assert_eq!(whole["more"].as_bool().unwrap_or(false), call.wants_more());
    assert_eq!(whole["oneway"].as_bool().unwrap_or(false), call.is_oneway());
    assert!(call.full_method().ends_with(call.method()));
    assert!(call.full_method().starts_with(call.interface()));
    let parameters = call.parameters::<Value>();
    match &whole["parameters"] {
        object @ Value::Object(_) => assert_eq!(&parameters.expect("an object"), object),
        Value::Null => assert_eq!(parameters.expect("none"), Value::Object(serde_json::Map::new())),
        _ => assert_eq!(parameters.expect_err("no object").name(), "org.varlink.service.InvalidParameter"),
    }
    if let Err(failure) = call.parameters::<Parameters>() {
        assert_eq!(failure.name(), "org.varlink.service.InvalidParameter");
    }
}

fuzz_target!(|input: (u8, u16, &[u8])| {
    let (size, limit, bytes) = input;
    let limit = usize::from(limit);
    let (whole, too_long) = messages(bytes, usize::MAX, limit);
    assert_eq!(messages(bytes, usize::from(size).max(1), limit), (whole.clone(), too_long));
    whole.into_iter().for_each(call);
});
