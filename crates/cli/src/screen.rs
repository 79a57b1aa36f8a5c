//! The status as one readable screen. Pure: what is shown depends only on what is handed in.

use std::fmt::Write;

use interfaces::supervisor::{Death, Phase, StatusReply, Worker, WorkerState};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::text::{bytes, line, span};

/// Whether everything that should run does.
pub(crate) fn is_healthy(status: &StatusReply) -> bool {
    status.phase == Phase::Ready && status.workers.iter().all(|worker| worker.state == WorkerState::Ready)
}

/// The screen, as of `now_ms` (Unix milliseconds), with times of day in `zone`.
pub(crate) fn screen(status: &StatusReply, now_ms: i64, zone: &TimeZone) -> String {
    let mut screen = format!(
        "{} {}: {}, process {}, since {} ({})\n\n",
        line(&status.instance),
        line(&status.version),
        headline(status),
        status.pid,
        time(status.started_ms, zone),
        span(now_ms - status.started_ms),
    );
    screen.push_str(&table(&status.workers, now_ms));
    for worker in &status.workers {
        if !worker.sandbox.is_empty() {
            let _ = write!(screen, "\n{} sandbox: {}", line(&worker.name), line(&worker.sandbox));
        }
    }
    for worker in &status.workers {
        if let Some(death) = &worker.last_death {
            let _ = write!(screen, "\n{}: {}", line(&worker.name), ended(death, now_ms));
        }
    }
    screen.truncate(screen.trim_end().len());
    screen.push('\n');
    screen
}

fn headline(status: &StatusReply) -> &'static str {
    match status.phase {
        Phase::Starting => "starting",
        Phase::Stopping => "stopping",
        Phase::Ready if is_healthy(status) => "ready",
        Phase::Ready => "ready, but not every worker is",
    }
}

fn time(milliseconds: i64, zone: &TimeZone) -> String {
    match Timestamp::from_millisecond(milliseconds) {
        Ok(time) => time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
        Err(_) => "an unknown time".to_owned(),
    }
}

fn table(workers: &[Worker], now_ms: i64) -> String {
    let mut rows = vec![["WORKER", "STATE", "PROCESS", "FOR", "RESTARTS", "MEMORY", "STATUS"].map(str::to_owned)];
    rows.extend(workers.iter().map(|worker| {
        [
            line(&worker.name),
            state(worker.state).to_owned(),
            worker.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string()),
            span(now_ms - worker.since_ms),
            worker.restarts.to_string(),
            worker.memory_bytes.map_or_else(|| "-".to_owned(), bytes),
            line(&worker.status),
        ]
    }));
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..7).map(|column| width(column).unwrap_or(0)).collect();
    rows.iter().fold(String::new(), |mut text, row| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
        text
    })
}

fn state(state: WorkerState) -> &'static str {
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

/// How a worker's last process ended, in one sentence.
pub(crate) fn ended(death: &Death, now_ms: i64) -> String {
    let ago = span(now_ms - death.at_ms);
    if let Some(errno) = death.errno {
        return format!("could not be started {ago} ago: {}", std::io::Error::from_raw_os_error(errno));
    }
    let how = match (death.hung, death.code, death.signal) {
        (true, _, _) => "was ended because it had stopped answering".to_owned(),
        (_, Some(code), _) => format!("ended with exit code {code}"),
        (_, _, Some(signal)) => format!("was ended by signal {signal}"),
        (_, None, None) => "ended".to_owned(),
    };
    let uptime = i64::try_from(death.uptime_ms).unwrap_or(i64::MAX);
    let said = line(&death.status);
    let said = if said.is_empty() { said } else { format!("; its last words: {said}") };
    format!("process {} {how} {ago} ago, after {}{said}", death.pid, span(uptime))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_763_640_000_000;

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
            sandbox: String::new(),
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
            status: "ready".to_owned(),
            memory_bytes: Some(3 << 20),
            workers,
        }
    }

    #[test]
    fn all_is_well() {
        let sandbox = "landlock: state directory".to_owned();
        let status = status(vec![Worker { sandbox, ..worker("writer") }, Worker { pid: Some(13), ..worker("bot") }]);
        assert!(is_healthy(&status));
        assert_eq!(
            screen(&status, NOW, &TimeZone::UTC),
            "\
natrium 0.1.0: ready, process 4711, since 2025-11-20 10:57:55 UTC (1 h 2 min)

WORKER  STATE  PROCESS  FOR        RESTARTS  MEMORY   STATUS
writer  ready  4712     1 h 2 min  0         7.9 MiB  serving
bot     ready  13       1 h 2 min  0         7.9 MiB  serving

writer sandbox: landlock: state directory
"
        );
    }

    #[test]
    fn a_worker_that_died_is_told_with_its_last_words() {
        let death = Death {
            worker: "bot".to_owned(),
            at_ms: NOW - 2000,
            pid: 77,
            generation: 3,
            uptime_ms: 3400,
            ready_ms: None,
            code: Some(75),
            signal: None,
            errno: None,
            hung: false,
            asked: false,
            status: "connecting\u{1b}[31m".to_owned(),
            log: String::new(),
        };
        let bot = Worker {
            state: WorkerState::Backoff,
            since_ms: NOW - 2000,
            pid: None,
            restarts: 2,
            memory_bytes: None,
            status: String::new(),
            last_death: Some(death.clone()),
            ..worker("bot")
        };
        let status = status(vec![bot]);
        assert!(!is_healthy(&status));
        assert_eq!(
            screen(&status, NOW, &TimeZone::UTC),
            "\
natrium 0.1.0: ready, but not every worker is, process 4711, since 2025-11-20 10:57:55 UTC (1 h 2 min)

WORKER  STATE    PROCESS  FOR  RESTARTS  MEMORY  STATUS
bot     backoff  -        2 s  2         -

bot: process 77 ended with exit code 75 2 s ago, after 3 s; its last words: connecting [31m
"
        );
        let killed = Death { code: None, signal: Some(9), status: String::new(), ..death.clone() };
        assert_eq!(ended(&killed, NOW), "process 77 was ended by signal 9 2 s ago, after 3 s");
        let refused = Death { pid: 0, signal: None, errno: Some(11), ..killed.clone() };
        assert!(ended(&refused, NOW).starts_with("could not be started 2 s ago: Resource temporarily unavailable"));
        let hung = Death { hung: true, ..killed };
        assert_eq!(ended(&hung, NOW), "process 77 was ended because it had stopped answering 2 s ago, after 3 s");
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
