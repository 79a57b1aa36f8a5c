//! The status as one readable screen. Pure: what is shown depends only on what is handed in.

use std::fmt::Write;

use interfaces::supervisor::{Phase, StatusReply, Worker, WorkerState};

use crate::death::{when, words};
use crate::table::{Row, table};
use crate::text::{brief, bytes, line, span};
use crate::view::View;

/// Whether everything that should run does.
pub(crate) fn is_healthy(status: &StatusReply) -> bool {
    status.phase == Phase::Ready && status.workers.iter().all(|worker| worker.state == WorkerState::Ready)
}

/// The screen.
pub(crate) fn screen(status: &StatusReply, view: &View) -> String {
    let mut screen = format!(
        "{} {}: {}\nprocess {}, since {} ({})\n",
        line(&status.instance),
        line(&status.version),
        headline(status),
        status.pid,
        view.moment(status.started_ms),
        span(view.now_ms - status.started_ms),
    );
    if let Some(memory) = memory(status) {
        let _ = writeln!(screen, "{memory}");
    }
    let rows: Vec<_> = status.workers.iter().map(|worker| row(worker, view)).collect();
    screen.push('\n');
    screen.push_str(&table(["WORKER", "STATE", "PID", "FOR", "RESTARTS", "MEMORY"], &rows, view));
    screen
}

/// How the whole service is, in words.
pub(crate) fn headline(status: &StatusReply) -> &'static str {
    match status.phase {
        Phase::Starting => "starting",
        Phase::Stopping => "stopping",
        Phase::Ready if is_healthy(status) => "ready",
        Phase::Ready => "degraded, not every worker is ready",
    }
}

fn memory(status: &StatusReply) -> Option<String> {
    let own = status.memory_bytes;
    let known: Vec<u64> = status.workers.iter().map(|worker| worker.memory_bytes).chain([own]).flatten().collect();
    if known.is_empty() {
        return None;
    }
    let total = bytes(known.iter().fold(0, |sum, part| sum.saturating_add(*part)));
    let own = own.map(|own| format!(", of which the supervisor's own {}", bytes(own))).unwrap_or_default();
    Some(format!("memory {total}{own}"))
}

fn row(worker: &Worker, view: &View) -> Row<6> {
    Row {
        cells: [
            line(&worker.name),
            state(worker.state).to_owned(),
            worker.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string()),
            span(view.now_ms - worker.since_ms),
            worker.restarts.to_string(),
            worker.memory_bytes.map_or_else(|| "-".to_owned(), bytes),
        ],
        below: notes(worker, view),
    }
}

/// What is to be said of a worker beside its row: only what somebody may want to do something about, and what it says itself.
fn notes(worker: &Worker, view: &View) -> Vec<String> {
    let mut notes = Vec::new();
    let status = line(&worker.status);
    if worker.pid.is_some() && !status.is_empty() {
        notes.push(format!("status: {status}"));
    }
    if let Some(at_ms) = worker.next_start_ms {
        notes.push(format!("next start in {}", brief(at_ms - view.now_ms)));
    }
    // An ordinary sandbox is told by --json; one that the kernel enforces in part or not at all is told here.
    let sandbox = line(&worker.sandbox);
    if !sandbox.is_empty() && !sandbox.starts_with("landlock:") {
        notes.push(format!("sandbox: {sandbox}"));
    }
    if let Some(death) = worker.last_death.as_ref().filter(|death| !death.asked) {
        notes.push(format!("last death: {}", when(death, view.now_ms)));
        // Where no process lives, what the last one said is what somebody looks for.
        if worker.pid.is_none() {
            notes.extend(words(death).into_iter().map(|words| format!("last {words}")));
        }
    }
    notes
}

/// The state as it is called everywhere.
pub(crate) fn state(state: WorkerState) -> &'static str {
    match state {
        WorkerState::Waiting => "waiting",
        WorkerState::Starting => "starting",
        WorkerState::Ready => "ready",
        WorkerState::Stopping => "stopping",
        WorkerState::Stopped => "stopped",
        WorkerState::Backoff => "backoff",
        WorkerState::Failed => "failed",
    }
}

#[cfg(test)]
mod tests {
    use interfaces::supervisor::Death;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::death::tests::death;

    const NOW: i64 = 1_763_640_000_000;

    fn view(width: Option<usize>) -> View {
        View { now_ms: NOW, zone: TimeZone::UTC, width }
    }

    fn worker(name: &str) -> Worker {
        Worker {
            name: name.to_owned(),
            state: WorkerState::Ready,
            since_ms: NOW - 3_725_000,
            next_start_ms: None,
            pid: Some(4712),
            generation: 1,
            restarts: 0,
            status: "serving".to_owned(),
            sandbox: "landlock: writes nothing, no TCP".to_owned(),
            memory_bytes: Some(8_283_750),
            last_death: None,
        }
    }

    fn status(workers: Vec<Worker>) -> StatusReply {
        StatusReply {
            instance: "natrium".to_owned(),
            version: "0.1.0".to_owned(),
            pid: 4711,
            started_ms: NOW - 3_725_000,
            phase: Phase::Ready,
            ready: true,
            status: "ready".to_owned(),
            memory_bytes: Some(2 << 20),
            workers,
        }
    }

    #[test]
    fn all_is_well() {
        let asked = Some(Death { asked: true, ..death(NOW - 9000) });
        let writer = Worker { status: String::new(), last_death: asked, ..worker("writer") };
        let status = status(vec![writer, Worker { pid: Some(13), ..worker("bot") }]);
        assert!(is_healthy(&status));
        assert_eq!(
            screen(&status, &view(Some(80))),
            "\
natrium 0.1.0: ready
process 4711, since 2025-11-20 10:57:55 UTC (1 h 2 min)
memory 17.8 MiB, of which the supervisor's own 2.0 MiB

WORKER  STATE  PID   FOR        RESTARTS  MEMORY
writer  ready  4712  1 h 2 min  0         7.9 MiB
bot     ready  13    1 h 2 min  0         7.9 MiB
        status: serving
",
            "what was asked for and what is as usual is not told"
        );
    }

    #[test]
    fn a_worker_that_died_is_told_with_its_last_words() {
        let bot = Worker {
            state: WorkerState::Backoff,
            since_ms: NOW - 2000,
            next_start_ms: Some(NOW + 12_400),
            pid: None,
            restarts: 2,
            memory_bytes: None,
            status: "no route".to_owned(),
            sandbox: "none: this kernel has no landlock".to_owned(),
            last_death: Some(Death {
                status: "no route".to_owned(),
                log: "connecting\u{1b}[31m".to_owned(),
                ..death(NOW - 2000)
            }),
            ..worker("bot")
        };
        let status = StatusReply { memory_bytes: None, ..status(vec![bot.clone()]) };
        assert!(!is_healthy(&status));
        let shown = screen(&status, &view(None));
        assert_eq!(
            shown,
            "\
natrium 0.1.0: degraded, not every worker is ready
process 4711, since 2025-11-20 10:57:55 UTC (1 h 2 min)

WORKER  STATE    PID  FOR  RESTARTS  MEMORY
bot     backoff  -    2 s  2         -
        next start in 12 s
        sandbox: none: this kernel has no landlock
        last death: process 77 exited with 75 after 3 s, 2 s ago
        last status: no route
        last log: connecting [31m
"
        );
        let cut = screen(&status, &view(Some(30)));
        assert!(cut.contains("        last log: connecting …\n"), "{cut}");
        let soon = Worker { next_start_ms: Some(NOW + 480), ..bot };
        assert!(notes(&soon, &view(None)).contains(&"next start in 480 ms".to_owned()));
    }

    #[test]
    fn only_a_ready_service_with_ready_workers_is_healthy() {
        for phase in [Phase::Starting, Phase::Stopping] {
            assert!(!is_healthy(&StatusReply { phase, ..status(vec![worker("bot")]) }));
        }
        for state in [WorkerState::Waiting, WorkerState::Starting, WorkerState::Failed, WorkerState::Stopped] {
            assert!(!is_healthy(&status(vec![Worker { state, ..worker("bot") }])));
        }
    }
}
