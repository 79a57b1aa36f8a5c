#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
use std::io::{PipeReader, PipeWriter, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use tracing_subscriber::layer::SubscriberExt;

use super::super::guard::Guarded;
use super::*;

/// What lies there to be read.
fn read(mut from: impl Read + AsFd) -> String {
    let flags = OFlag::from_bits_retain(fcntl(&from, FcntlArg::F_GETFL).unwrap());
    fcntl(&from, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK)).unwrap();
    let (mut text, mut buffer) = (Vec::new(), [0; 65536]);
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        text.extend_from_slice(&buffer[..length]);
    }
    String::from_utf8(text).unwrap()
}

fn pipe() -> (PipeReader, PipeWriter) {
    std::io::pipe().unwrap()
}

/// Does something in a time that is long enough for everything but waiting.
fn unhindered<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, done) = mpsc::channel();
    // Whoever waits for a reader that does not come is left behind, and the test fails.
    std::thread::spawn(move || sender.send(work()));
    done.recv_timeout(Duration::from_secs(60)).expect("nobody waits")
}

/// Logs more than any reader's queue takes; answers what was read afterwards, and that with one more line.
fn flood(stderr: Stderr<OwnedFd>, reader: impl Read + AsFd + Copy) -> (String, String) {
    let lost = stderr.lost.clone();
    let lines = tracing_subscriber::fmt::layer().fmt_fields(Shown).with_ansi(false).with_writer(Arc::new(stderr));
    let guarded = Guarded::new(lines, lost, || true);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(guarded), || {
        for line in 0..LOGGED {
            tracing::info!(line, "a line");
        }
        let before = read(reader);
        tracing::info!("after");
        (before, read(reader))
    })
}

const LOGGED: usize = 20_000;

fn check(before: &str, after: &str) {
    // Of a line whose end is missing it is told that it was lost.
    let taken = before.matches('\n').count();
    assert!(0 < taken && taken < LOGGED, "{taken}");
    let lost = LOGGED - taken;
    let told = format!("{lost} log lines were lost: nobody took them lines={lost}\n");
    assert_eq!(after.matches(&told).count(), 1, "{taken} taken, then: {after}");
    assert!(after.ends_with(" after\n"), "{after}");
    assert!(!after.contains("message_id"), "{after}");
}

#[test]
fn a_pipe_that_nobody_reads_keeps_nobody_waiting_and_stays_as_it_was_for_others() {
    let (reader, writer) = pipe();
    let stderr = Stderr::new(OwnedFd::from(writer), Lost::default());
    assert!(matches!(stderr.way, Way::Own(_)));
    let shared = stderr.stderr.try_clone().unwrap();
    let (before, after) = unhindered(move || flood(stderr, &reader));
    check(&before, &after);
    let flags = OFlag::from_bits_retain(fcntl(&shared, FcntlArg::F_GETFL).unwrap());
    assert!(!flags.contains(OFlag::O_NONBLOCK), "whoever shares it would be surprised: {flags:?}");
}

#[test]
fn a_pipe_that_may_not_be_opened_again_keeps_nobody_waiting() {
    let (reader, writer) = pipe();
    let stderr = Stderr { way: Way::Shared, ..Stderr::new(OwnedFd::from(writer), Lost::default()) };
    let (before, after) = unhindered(move || flood(stderr, &reader));
    check(&before, &after);
}

#[test]
fn a_socket_that_nobody_reads_keeps_nobody_waiting() {
    let (reader, writer) = UnixStream::pair().unwrap();
    let stderr = Stderr::new(OwnedFd::from(writer), Lost::default());
    assert!(matches!(stderr.way, Way::Socket));
    let (before, after) = unhindered(move || flood(stderr, &reader));
    check(&before, &after);
}

#[test]
fn a_line_of_which_the_end_is_missing_is_ended_before_the_next() {
    let (reader, writer) = pipe();
    let stderr = Stderr::new(OwnedFd::from(writer), Lost::default());
    let stderr = unhindered(move || {
        assert!(!stderr.put(&[b'x'; 1 << 20]), "no pipe takes that much");
        assert!(!stderr.put(b"lost\n"));
        stderr
    });
    let torn = read(&reader);
    assert!(!torn.is_empty() && torn.bytes().all(|byte| byte == b'x'));
    assert!(stderr.put(b"next\n"));
    assert_eq!(read(&reader), "\nnext\n");
}

#[test]
fn a_reader_that_has_gone_is_no_error_of_anybody() {
    let (reader, writer) = pipe();
    drop(reader);
    let stderr = Stderr::new(OwnedFd::from(writer), Lost::default());
    assert_eq!((&stderr).write(b"to nobody\n").unwrap(), 10);
}
