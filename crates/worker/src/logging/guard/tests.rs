#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use std::fmt;
use std::sync::atomic::AtomicBool;

use tracing::field::{Field, Visit};
use tracing_subscriber::layer::SubscriberExt;

use super::*;

/// An output that keeps what it is given; while it is `deaf`, it takes nothing, and counts that itself.
#[derive(Clone, Default)]
struct Kept {
    lines: Arc<Mutex<Vec<String>>>,
    deaf: Arc<AtomicBool>,
    lost: Lost,
}

impl Kept {
    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }
}

impl<S: Subscriber> Layer<S> for Kept {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if self.deaf.load(Ordering::Relaxed) {
            return self.lost.count();
        }
        let mut line = Line::default();
        event.record(&mut line);
        self.lines.lock().unwrap().push(line.0);
    }
}

#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        } else {
            self.0.push_str(&format!(" {}={value:?}", field.name()));
        }
    }
}

fn told(lines: u64, text: &str) -> String {
    let id = LINES_LOST.id;
    format!("{lines} {text} lost: nobody took them message_id=\"{id}\" code_func=\"{FUNCTION}\" lines={lines}")
}

const FUNCTION: &str = "natrium_worker::logging::guard::missing";

fn log(lines: u32) {
    for line in 0..lines {
        tracing::info!("line {line}");
    }
}

#[test]
fn what_was_lost_while_the_door_was_shut_is_counted_and_told_once() {
    let (output, open) = (Kept::default(), Arc::new(AtomicBool::new(true)));
    let door = open.clone();
    let guarded = Guarded::new(output.clone(), output.lost.clone(), move || door.load(Ordering::Relaxed));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(guarded), || {
        log(1);
        open.store(false, Ordering::Relaxed);
        log(17);
        assert_eq!(output.lines(), ["line 0"]);
        open.store(true, Ordering::Relaxed);
        log(2);
        assert_eq!(output.lines(), [told(17, "log lines were"), "line 0".into(), "line 1".into()]);
        open.store(false, Ordering::Relaxed);
        log(1);
        open.store(true, Ordering::Relaxed);
        log(1);
        assert_eq!(output.lines(), [told(1, "log line was"), "line 0".into()]);
    });
}

#[test]
fn an_attempt_to_tell_that_fails_too_counts_for_nothing() {
    let output = Kept::default();
    let guarded = Guarded::new(output.clone(), output.lost.clone(), || true);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(guarded), || {
        output.deaf.store(true, Ordering::Relaxed);
        log(23);
        output.deaf.store(false, Ordering::Relaxed);
        log(1);
        assert_eq!(output.lines(), [told(23, "log lines were"), "line 0".into()]);
    });
}

#[test]
fn many_threads_lose_no_count() {
    let (output, open) = (Kept::default(), Arc::new(AtomicBool::new(false)));
    let door = open.clone();
    let guarded = Guarded::new(output.clone(), output.lost.clone(), move || door.load(Ordering::Relaxed));
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(guarded));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| tracing::dispatcher::with_default(&dispatch, || log(1000)));
        }
    });
    open.store(true, Ordering::Relaxed);
    tracing::dispatcher::with_default(&dispatch, || log(1));
    assert_eq!(output.lines(), [told(4000, "log lines were"), "line 0".into()]);
}

/// A value that logs while it is shown, as a library's `Debug` may.
struct Chatty;

impl fmt::Debug for Chatty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tracing::warn!("from within");
        f.write_str("chatty")
    }
}

#[test]
fn a_line_that_logs_while_it_is_written_hangs_nobody() {
    let output = Kept::default();
    let guarded = Guarded::new(output.clone(), output.lost.clone(), || true);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(guarded), || {
        output.lost.count();
        tracing::info!(value = ?Chatty, "outer");
        assert_eq!(output.lines(), [told(1, "log line was"), "outer value=chatty".into()]);
    });
}
