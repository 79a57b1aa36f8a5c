//! What a watched service told, as lines for people and as JSON for programs. Pure.

use interfaces::supervisor::{Death, StatusReply, Worker, WorkerState};
use serde::Serialize;

use crate::death::whole;
use crate::screen::{headline, state};
use crate::text::{brief, line, span};
use crate::view::View;

/// Something new.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// A service answers that did not before.
    Running(Box<StatusReply>),
    /// A worker is seen for the first time.
    Present(Box<Worker>),
    /// A worker has another state, or another process. `died`: its process before has ended since it was seen last.
    Moved { from: WorkerState, died: bool, worker: Box<Worker> },
    /// A worker says something else of itself.
    Said(Box<Worker>),
    /// The supervisor does not answer any more. `died`: workers still lived.
    Gone { pid: i32, died: bool },
}

/// What `--json` prints on a line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Json<'a> {
    Running {
        at_ms: i64,
        service: &'a StatusReply,
    },
    Worker {
        at_ms: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<WorkerState>,
        worker: &'a Worker,
    },
    Gone {
        at_ms: i64,
        pid: i32,
        died: bool,
    },
}

impl Change {
    /// As JSON.
    pub(crate) fn json(&self, view: &View) -> impl Serialize {
        let at_ms = view.now_ms;
        match self {
            Self::Running(service) => Json::Running { at_ms, service },
            Self::Present(worker) | Self::Said(worker) => Json::Worker { at_ms, from: None, worker },
            Self::Moved { from, worker, .. } => Json::Worker { at_ms: worker.since_ms, from: Some(*from), worker },
            Self::Gone { pid, died } => Json::Gone { at_ms, pid: *pid, died: *died },
        }
    }

    /// As lines: one each for the end of a process and for what followed.
    pub(crate) fn lines(&self, view: &View) -> String {
        match self {
            Self::Running(status) => said_by(WHOLE, view.now_ms, &running(status, view), view),
            Self::Present(worker) => said_by(&worker.name, view.now_ms, &present(worker, view), view),
            Self::Moved { from, died, worker } => {
                let death = worker.last_death.as_ref().filter(|_| *died);
                let ended = death.map(|death| ended(death, view)).unwrap_or_default();
                ended + &said_by(&worker.name, worker.since_ms, &moved(*from, worker), view)
            }
            Self::Said(worker) => said_by(&worker.name, view.now_ms, &format!("status: {}", said(worker)), view),
            Self::Gone { pid, died } => said_by(WHOLE, view.now_ms, &gone(*pid, *died), view),
        }
    }
}

/// Who speaks where the whole service is meant.
const WHOLE: &str = "natrium";

fn said_by(name: &str, at_ms: i64, text: &str, view: &View) -> String {
    view.fit(format!("{}  {:<7}  {text}", view.short(at_ms), line(name))) + "\n"
}

/// How a process ended, and below it the last line that it logged. What it said of itself was told when it said so.
fn ended(death: &Death, view: &View) -> String {
    let mut lines = said_by(&death.worker, death.at_ms, &whole(death), view);
    let log = line(&death.log);
    if !log.is_empty() && !death.asked {
        lines.push_str(&(view.fit(format!("{:19}last log: {log}", "")) + "\n"));
    }
    lines
}

fn running(status: &StatusReply, view: &View) -> String {
    let since = view.short(status.started_ms);
    format!("version {}, process {} since {since}: {}", line(&status.version), status.pid, headline(status))
}

fn gone(pid: i32, died: bool) -> String {
    if died {
        format!("process {pid} died, and its workers with it; waiting for the next start")
    } else {
        "stopped; waiting for the next start".to_owned()
    }
}

fn present(worker: &Worker, view: &View) -> String {
    let mut text = format!("{} for {}{}", state(worker.state), span(view.now_ms - worker.since_ms), process(worker));
    if let Some(at_ms) = worker.next_start_ms {
        text.push_str(&format!(", next start in {}", brief(at_ms - view.now_ms)));
    }
    if !worker.status.is_empty() {
        text.push_str(&format!(", status: {}", said(worker)));
    }
    text
}

fn moved(from: WorkerState, worker: &Worker) -> String {
    let pause = worker.next_start_ms.map(|at_ms| format!(" for {}", brief(at_ms - worker.since_ms)));
    format!("{} → {}{}{}", state(from), state(worker.state), process(worker), pause.unwrap_or_default())
}

fn process(worker: &Worker) -> String {
    worker.pid.map(|pid| format!(", process {pid}")).unwrap_or_default()
}

fn said(worker: &Worker) -> String {
    let said = line(&worker.status);
    if said.is_empty() { "-".to_owned() } else { said }
}

#[cfg(test)]
mod tests {
    use interfaces::supervisor::Phase;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::death::tests::death;

    const NOW: i64 = 1_763_640_000_000;

    fn bot(state: WorkerState, status: &str) -> Box<Worker> {
        Box::new(Worker {
            name: "bot".to_owned(),
            state,
            since_ms: NOW - 3000,
            next_start_ms: None,
            pid: Some(78),
            generation: 4,
            restarts: 3,
            status: status.to_owned(),
            sandbox: String::new(),
            memory_bytes: None,
            last_death: Some(Death { log: "no route\u{1b}[2J".to_owned(), ..death(NOW - 3000) }),
        })
    }

    fn lines(change: &Change) -> String {
        change.lines(&View { now_ms: NOW, zone: TimeZone::UTC, width: Some(80) })
    }

    #[test]
    fn every_change_has_its_line() {
        let service = StatusReply {
            instance: "natrium".to_owned(),
            version: "0.1.0".to_owned(),
            pid: 7,
            started_ms: NOW - 86_400_000,
            phase: Phase::Ready,
            ready: true,
            status: String::new(),
            memory_bytes: None,
            workers: vec![],
        };
        let pause = Box::new(Worker { next_start_ms: Some(NOW - 2000), pid: None, ..*bot(WorkerState::Backoff, "") });
        let moved = |from, died, worker| Change::Moved { from, died, worker };
        let cases = [
            (
                Change::Running(Box::new(service)),
                "12:00:00  natrium  version 0.1.0, process 7 since Nov 19 12:00:00: ready\n",
            ),
            (
                Change::Present(bot(WorkerState::Ready, "po\tll")),
                "12:00:00  bot      ready for 3 s, process 78, status: po ll\n",
            ),
            (Change::Said(bot(WorkerState::Ready, "")), "12:00:00  bot      status: -\n"),
            (
                moved(WorkerState::Starting, false, bot(WorkerState::Ready, "")),
                "11:59:57  bot      starting → ready, process 78\n",
            ),
            (
                moved(WorkerState::Ready, true, pause),
                "11:59:57  bot      process 77 exited with 75 after 3 s\n                   last log: no route [2J\n\
                 11:59:57  bot      ready → backoff for 1 s\n",
            ),
            (Change::Gone { pid: 7, died: false }, "12:00:00  natrium  stopped; waiting for the next start\n"),
        ];
        for (change, expected) in cases {
            assert_eq!(lines(&change), expected);
        }
        let died = lines(&Change::Gone { pid: 7, died: true });
        assert!(died.contains("process 7 died, and its workers with it"), "{died}");
        assert!(lines(&Change::Said(bot(WorkerState::Ready, &"x".repeat(99)))).ends_with("xx…\n"));
    }
}
