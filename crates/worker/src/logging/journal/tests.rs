#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
use std::fs::File;
use std::io::Write as _;
use std::thread;
use std::time::Instant;

use nix::fcntl::SealFlag;
use nix::sys::memfd::{MFdFlags, memfd_create};
use tracing::{Event, Subscriber, field::Visit};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt};

use super::super::guard::{Guarded, Lost};
use super::*;
use crate::Sandbox;

/// A journal that reads only when it is told to.
struct Journal {
    directory: tempfile::TempDir,
    socket: UnixDatagram,
}

impl Journal {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let socket = UnixDatagram::bind(directory.path().join("socket")).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { directory, socket }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("socket")
    }

    /// Everything that lies there.
    fn read(&self) -> Vec<String> {
        let mut buffer = [0; 4096];
        let line = |length: usize, buffer: &[u8]| String::from_utf8(buffer[..length].to_vec()).unwrap();
        std::iter::from_fn(|| self.socket.recv(&mut buffer).ok().map(|length| line(length, &buffer))).collect()
    }

    /// A sender that waits, as `tracing-journald`'s does, until its door has been made.
    fn sender(&self) -> (Sender, Door) {
        let socket = UnixDatagram::unbound().unwrap();
        let door = Door::new(duplicate(socket.as_raw_fd()).unwrap(), &self.path()).unwrap();
        (Sender { socket, path: self.path() }, door)
    }
}

struct Sender {
    socket: UnixDatagram,
    path: PathBuf,
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: Subscriber> Layer<S> for Sender {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        // As there, what was not sent is not told.
        let _ = self.socket.send_to(text.0.as_bytes(), &self.path);
    }
}

#[test]
fn a_journal_that_nobody_reads_keeps_nobody_waiting_and_what_it_lost_is_told_exactly() {
    let journal = Journal::new();
    let (sender, door) = journal.sender();
    let guarded = Guarded::new(sender, Lost::default(), move || door.is_open());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(guarded), || {
        // More than any queue takes.
        let logged = 20_000;
        for line in 0..logged {
            tracing::info!("line {line}");
        }
        let taken = journal.read();
        assert!(!taken.is_empty() && taken.len() < logged, "{} of {logged}", taken.len());
        let in_order: Vec<_> = (0..taken.len()).map(|line| format!("line {line}")).collect();
        assert_eq!(taken, in_order);
        tracing::info!("after");
        let lost = logged - taken.len();
        assert_eq!(journal.read(), [format!("{lost} log lines were lost: nobody took them"), "after".into()]);
    });
}

#[test]
fn the_last_lines_are_read_before_the_end_if_anybody_reads() {
    let journal = Journal::new();
    let (sender, door) = journal.sender();
    // As short as a line with its fields ever is.
    sender.socket.send_to(&[b'x'; 400], journal.path()).unwrap();
    let began = Instant::now();
    let patience = Duration::from_millis(50);
    door.close(patience);
    assert!(began.elapsed() >= patience, "nobody has read it: {:?}", began.elapsed());
    let long = Duration::from_secs(20);
    thread::scope(|scope| {
        scope.spawn(|| {
            door.close(long);
            assert_eq!(journal.read(), Vec::<String>::new(), "it has been read");
        });
        assert_eq!(journal.read().len(), 1);
    });
    assert!(began.elapsed() < long);
}

#[test]
fn a_socket_that_is_known_by_its_number_only_is_made_not_to_wait() {
    let journal = Journal::new();
    let (sender, _door) = journal.sender();
    let flags = OFlag::from_bits_retain(fcntl(&sender.socket, FcntlArg::F_GETFL).unwrap());
    assert!(flags.contains(OFlag::O_NONBLOCK), "{flags:?}");
    assert!(duplicate(9999).is_err(), "there is no such descriptor");
}

#[test]
fn a_journal_that_is_gone_takes_nothing_and_its_successor_does() {
    let mut journal = Journal::new();
    let (_sender, door) = journal.sender();
    assert!(door.is_open());
    std::fs::remove_file(journal.path()).unwrap();
    assert!(!door.is_open(), "nobody is there");
    journal.socket = UnixDatagram::bind(journal.path()).unwrap();
    assert!(door.is_open());
}

#[test]
fn a_closed_sandbox_leaves_the_way_to_the_journal_open_for_long_entries_too() {
    let journal = Journal::new();
    let (sender, door) = journal.sender();
    let inside = || {
        let told = Sandbox::closed().close().unwrap();
        assert!(told.starts_with("landlock"), "this test needs a kernel with landlock: {told}");
        assert!(door.is_open());
        sender.socket.send_to(b"short", journal.path()).unwrap();
        // What `tracing-journald` does with entries that are too long for a datagram.
        let memory = memfd_create("entry", MFdFlags::MFD_ALLOW_SEALING | MFdFlags::MFD_CLOEXEC).unwrap();
        let mut memory = File::from(memory);
        memory.write_all(&[b'x'; 1 << 20]).unwrap();
        let seals = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_SEAL;
        fcntl(&memory, FcntlArg::F_ADD_SEALS(seals)).unwrap();
        sender.socket.connect(journal.path()).unwrap();
        let rights = [ControlMessage::ScmRights(&[memory.as_raw_fd()])];
        sendmsg::<()>(sender.socket.as_raw_fd(), &[], &rights, MsgFlags::empty(), None).unwrap();
    };
    thread::scope(|scope| scope.spawn(inside).join().expect("it works inside"));
    assert_eq!(journal.read(), ["short", ""]);
}
