//! Where log lines go: the journal with all their fields, or a terminal for people.
//!
//! Nobody waits for a log line. Whoever reads them may be slow, stopped or gone; then lines are lost, counted, and told of as
//! soon as one gets through. Lines never hold secrets: what could hold one has a `Debug` that hides it.

mod guard;
mod journal;
mod stderr;

use std::io::IsTerminal;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::fstat;
use tracing::Subscriber;
use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt, registry::LookupSpan, util::SubscriberInitExt};

use self::guard::{Guarded, Lost};
use self::journal::Door;
use self::stderr::{Shown, Stderr};
use crate::recorder::Recorder;

/// The environment variable that overrides the settings' `log`: a level, or levels by target (`info,varlink=debug`).
pub const FILTER: &str = "NATRIUM_LOG";

/// Starts logging for a program.
///
/// `program` is what the journal calls `SYSLOG_IDENTIFIER`, `worker` its field `NATRIUM_WORKER`, `level` the least important
/// level to write where [`FILTER`] is not set. `recorder` gets each line as well. Only the first call of a process counts.
pub fn start(program: &str, worker: &str, level: &str, recorder: Option<Recorder>) {
    let filter = std::env::var(FILTER)
        .ok()
        .and_then(|text| text.parse::<Targets>().ok())
        .or_else(|| level.parse().ok())
        .unwrap_or_default();
    // A second call has nothing to add: the first one's choice stands.
    let _ = tracing_subscriber::registry()
        .with(recorder.with_filter(filter.clone()))
        .with(output(program, worker).with_filter(filter))
        .try_init();
}

/// The way to the journal, if lines go there.
static DOOR: OnceLock<Arc<Door>> = OnceLock::new();

/// For how long the journal may read the last lines of a program.
const LAST_LINES: Duration = Duration::from_millis(100);

/// The last thing that a program does: without it, the journal may not know any more which unit its last lines belong to.
pub fn finish() {
    if let Some(door) = DOOR.get() {
        door.close(LAST_LINES);
    }
}

fn output<S>(program: &str, worker: &str) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let lost = Lost::default();
    // A journal that does not take lines at the start still takes what is written to standard error, later, as plain text.
    if stderr_is_journal()
        && let Some((journal, door)) = journal::open()
    {
        let journal = journal
            .with_field_prefix(None)
            .with_syslog_identifier(program.to_owned())
            .with_custom_fields([("NATRIUM_WORKER", worker)]);
        // A second start of logging will not be used, and nor will its door.
        let door = Arc::new(door);
        let _ = DOOR.set(door.clone());
        return Guarded::new(journal, lost, move || door.is_open()).boxed();
    }
    let lines = tracing_subscriber::fmt::layer()
        .fmt_fields(Shown)
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(Arc::new(Stderr::new(std::io::stderr(), lost.clone())));
    Guarded::new(lines, lost, || true).boxed()
}

/// Whether all of them would take something now. Where nobody is left to take anything, the attempt says so at once.
fn writable(descriptors: &[BorrowedFd<'_>]) -> bool {
    let mut asked: Vec<_> = descriptors.iter().map(|it| PollFd::new(*it, PollFlags::POLLOUT)).collect();
    let ready = poll(&mut asked, PollTimeout::ZERO).is_ok();
    ready && asked.iter().all(|it| it.revents().is_some_and(|ready| !ready.is_empty()))
}

/// Whether log lines go to the journal.
#[must_use]
pub fn stderr_is_journal() -> bool {
    is_journal(std::env::var("JOURNAL_STREAM").ok().as_deref())
}

/// Whether standard error is the journal, as `systemd.exec(5)` says to find out: `JOURNAL_STREAM` holds device and inode.
fn is_journal(stream: Option<&str>) -> bool {
    let Some((device, inode)) = stream.and_then(|text| text.split_once(':')) else { return false };
    fstat(std::io::stderr().as_fd())
        .is_ok_and(|found| device.parse() == Ok(found.st_dev) && inode.parse() == Ok(found.st_ino))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn only_the_very_stream_counts_as_journal() {
        let here = fstat(std::io::stderr().as_fd()).unwrap();
        assert!(is_journal(Some(&format!("{}:{}", here.st_dev, here.st_ino))));
        assert!(!is_journal(Some(&format!("{}:{}", here.st_dev, here.st_ino + 1))));
        assert!(!is_journal(Some("nonsense")));
        assert!(!is_journal(None));
    }
}
