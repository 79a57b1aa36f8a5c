//! What the supervisor says, as metrics. Pure.

use std::collections::BTreeMap;

use interfaces::supervisor::{Death, DeathsReply, StatusReply, WorkerState};

use crate::families::{Families, Kind};

const STATES: [WorkerState; 7] = [
    WorkerState::Waiting,
    WorkerState::Starting,
    WorkerState::Ready,
    WorkerState::Stopping,
    WorkerState::Stopped,
    WorkerState::Backoff,
    WorkerState::Failed,
];

const UP: (&str, &str) = ("natrium_supervisor_up", "Whether the supervisor answered.");

/// All there is to say when the supervisor does not answer.
pub(crate) fn silent() -> Families {
    let mut families = Families::default();
    families.own(UP.0, Kind::Gauge, UP.1, [(vec![], 0.0)]);
    families
}

/// The service and its workers. `deaths` may be missing.
pub(crate) fn of(status: &StatusReply, deaths: Option<&DeathsReply>) -> Families {
    let mut families = Families::default();
    of_service(&mut families, status);
    of_workers(&mut families, status);
    if let Some(deaths) = deaths {
        of_deaths(&mut families, deaths);
    }
    families
}

fn of_service(families: &mut Families, status: &StatusReply) {
    let mut gauge = |name, help, value: Option<f64>| {
        families.own(name, Kind::Gauge, help, value.map(|value| (vec![], value)));
    };
    gauge(UP.0, UP.1, Some(1.0));
    gauge("natrium_ready", "Whether all essential workers are ready.", Some(truth(status.ready)));
    gauge("natrium_start_time_seconds", "When the supervisor started, in Unix time.", Some(seconds(status.started_ms)));
    gauge(
        "natrium_supervisor_memory_bytes",
        "The supervisor's proportional memory (PSS).",
        status.memory_bytes.map(count),
    );
    let version = vec![("version", status.version.as_str())];
    families.own("natrium_build_info", Kind::Gauge, "Which version runs.", [(version, 1.0)]);
}

fn of_workers(families: &mut Families, status: &StatusReply) {
    let workers = || status.workers.iter().map(|worker| (vec![("worker", worker.name.as_str())], worker));
    families.own(
        "natrium_worker_up",
        Kind::Gauge,
        "Whether the worker is ready.",
        workers().map(|(labels, worker)| (labels, truth(worker.state == WorkerState::Ready))),
    );
    families.own(
        "natrium_worker_state",
        Kind::Gauge,
        "1 for the state in which the worker is, 0 for the others.",
        workers().flat_map(|(labels, worker)| {
            STATES.map(|state| {
                (labels.iter().copied().chain([("state", word(state))]).collect(), truth(worker.state == state))
            })
        }),
    );
    families.own(
        "natrium_worker_state_since_timestamp_seconds",
        Kind::Gauge,
        "Since when the worker is in its state, in Unix time.",
        workers().map(|(labels, worker)| (labels, seconds(worker.since_ms))),
    );
    families.own(
        "natrium_worker_restarts_total",
        Kind::Counter,
        "Processes started for the worker because the one before had ended.",
        workers().map(|(labels, worker)| (labels, count(worker.restarts))),
    );
    families.own(
        "natrium_worker_memory_bytes",
        Kind::Gauge,
        "The worker's proportional memory (PSS).",
        workers().filter_map(|(labels, worker)| Some((labels, count(worker.memory_bytes?)))),
    );
    families.own(
        "natrium_worker_last_death_timestamp_seconds",
        Kind::Gauge,
        "When the worker's last process ended, in Unix time.",
        workers().filter_map(|(labels, worker)| Some((labels, seconds(worker.last_death.as_ref()?.at_ms)))),
    );
}

fn of_deaths(families: &mut Families, deaths: &DeathsReply) {
    let mut counted: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for death in &deaths.deaths {
        *counted.entry((&death.worker, cause(death))).or_default() += 1;
    }
    families.own(
        "natrium_worker_remembered_deaths",
        Kind::Gauge,
        "How the last processes of the worker ended; the last 20 are remembered.",
        counted
            .into_iter()
            .map(|((worker, cause), number)| (vec![("worker", worker), ("cause", cause)], count(number))),
    );
}

/// Whose own metrics were had: the number of lines that could not be used, or nothing where the worker did not answer.
pub(crate) fn add_scrapes(families: &mut Families, scraped: &[(&str, Option<usize>)]) {
    let labels = |worker| vec![("worker", worker)];
    families.own(
        "natrium_worker_scrape_success",
        Kind::Gauge,
        "Whether the worker told its own metrics in time.",
        scraped.iter().map(|(worker, rejected)| (labels(*worker), truth(rejected.is_some()))),
    );
    families.own(
        "natrium_worker_scrape_rejected_lines",
        Kind::Gauge,
        "Lines of the worker's metrics that could not be used.",
        scraped
            .iter()
            .filter_map(|(worker, rejected)| Some((labels(*worker), count(u64::try_from((*rejected)?).ok()?)))),
    );
}

fn cause(death: &Death) -> &'static str {
    match death {
        Death { asked: true, .. } => "asked",
        Death { hung: true, .. } => "hung",
        Death { errno: Some(_), .. } => "not_started",
        Death { signal: Some(_), .. } => "signal",
        _ => "exit",
    }
}

fn word(state: WorkerState) -> &'static str {
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

fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "metrics are floating point numbers")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "metrics are floating point numbers")]
fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
pub(crate) mod tests {
    use interfaces::supervisor::{Phase, Worker};

    use super::*;

    pub(crate) fn worker(name: &str, state: WorkerState) -> Worker {
        Worker {
            name: name.to_owned(),
            state,
            since_ms: 1_700_000_000_500,
            next_start_ms: None,
            pid: Some(7),
            generation: 3,
            restarts: 2,
            status: String::new(),
            sandbox: String::new(),
            memory_bytes: Some(4096),
            last_death: None,
        }
    }

    pub(crate) fn status(phase: Phase, ready: bool, workers: Vec<Worker>) -> StatusReply {
        StatusReply {
            instance: "natrium".to_owned(),
            version: "0.1.0".to_owned(),
            pid: 1,
            started_ms: 1_700_000_000_000,
            phase,
            ready,
            status: String::new(),
            memory_bytes: Some(2048),
            workers,
        }
    }

    fn death(signal: Option<i32>, errno: Option<i32>, hung: bool, asked: bool) -> Death {
        Death {
            worker: "bot".to_owned(),
            at_ms: 1_700_000_000_000,
            pid: 1,
            generation: 1,
            uptime_ms: 1,
            ready_ms: None,
            code: None,
            signal,
            errno,
            hung,
            asked,
            status: String::new(),
            log: String::new(),
        }
    }

    #[test]
    fn everything_that_the_supervisor_says_has_its_figure() {
        let dead = death(Some(9), None, false, false);
        let bot = Worker { last_death: Some(dead.clone()), memory_bytes: None, ..worker("bot", WorkerState::Backoff) };
        let status = status(Phase::Ready, false, vec![worker("writer", WorkerState::Ready), bot]);
        let deaths = [dead.clone(), dead, death(Some(9), None, true, false), death(None, Some(11), false, false)];
        let deaths = DeathsReply { deaths: deaths.into_iter().chain([death(None, None, false, true)]).collect() };
        let mut families = of(&status, Some(&deaths));
        add_scrapes(&mut families, &[("writer", Some(3)), ("bot", None)]);
        let text = families.text();
        for line in [
            "natrium_supervisor_up 1",
            "natrium_ready 0",
            "natrium_start_time_seconds 1700000000",
            "natrium_supervisor_memory_bytes 2048",
            "natrium_build_info{version=\"0.1.0\"} 1",
            "natrium_worker_up{worker=\"writer\"} 1",
            "natrium_worker_up{worker=\"bot\"} 0",
            "natrium_worker_state{state=\"backoff\",worker=\"bot\"} 1",
            "natrium_worker_state{state=\"ready\",worker=\"bot\"} 0",
            "natrium_worker_state_since_timestamp_seconds{worker=\"bot\"} 1700000000.5",
            "# TYPE natrium_worker_restarts_total counter",
            "natrium_worker_restarts_total{worker=\"bot\"} 2",
            "natrium_worker_memory_bytes{worker=\"writer\"} 4096",
            "natrium_worker_last_death_timestamp_seconds{worker=\"bot\"} 1700000000",
            "natrium_worker_remembered_deaths{cause=\"signal\",worker=\"bot\"} 2",
            "natrium_worker_remembered_deaths{cause=\"hung\",worker=\"bot\"} 1",
            "natrium_worker_remembered_deaths{cause=\"not_started\",worker=\"bot\"} 1",
            "natrium_worker_remembered_deaths{cause=\"asked\",worker=\"bot\"} 1",
            "natrium_worker_scrape_success{worker=\"bot\"} 0",
            "natrium_worker_scrape_rejected_lines{worker=\"writer\"} 3",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("natrium_worker_memory_bytes{worker=\"bot\"}"), "{text}");
    }

    #[test]
    fn a_silent_supervisor_is_a_figure_too() {
        assert!(silent().text().ends_with("\nnatrium_supervisor_up 0\n"), "{}", silent().text());
    }
}
