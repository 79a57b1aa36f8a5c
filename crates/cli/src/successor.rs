//! Waiting for the process that takes a stopped one's place, and saying what became of it.

use std::time::{Duration, Instant};

use interfaces::supervisor::{Client, Watch, Worker, WorkerState};

use crate::death::{whole, words};
use crate::exit::Exit;
use crate::service::ServiceError;
use crate::text::{brief, complain, line, print};
use crate::view::now_ms;

/// How long a successor may take to be ready. Longer than the supervisor lets a worker stop and start.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of a worker that was stopped.
pub(crate) enum Outcome {
    /// The successor is ready, after so long.
    Ready(Worker, Duration),
    /// The successor ended, or will not be started.
    Failed(Worker),
    /// Nothing of the kind was seen in time.
    Late,
}

/// Waits for the successor of generation `stopped`, which was asked for at `begun`.
pub(crate) async fn await_successor(
    client: &Client,
    name: &str,
    stopped: u64,
    begun: Instant,
) -> Result<Outcome, ServiceError> {
    match tokio::time::timeout(PATIENCE, successor(client, name, stopped)).await {
        Ok(Ok(worker)) if worker.state == WorkerState::Ready => Ok(Outcome::Ready(worker, begun.elapsed())),
        Ok(Ok(worker)) => Ok(Outcome::Failed(worker)),
        Ok(Err(error)) => Err(error),
        Err(_) => Ok(Outcome::Late),
    }
}

/// Says what became of it.
pub(crate) fn tell(name: &str, outcome: &Outcome) -> Exit {
    match outcome {
        Outcome::Ready(worker, took) => {
            print(&format!("{name}: {}\n", ready(worker, *took)));
            Exit::Success
        }
        Outcome::Failed(worker) => {
            complain(&format!("{name}: {}", failed(worker, now_ms())));
            Exit::Degraded
        }
        Outcome::Late => {
            complain(&format!("{name}: not ready after {} s; natrium status shows how it is", PATIENCE.as_secs()));
            Exit::TryAgain
        }
    }
}

fn ready(worker: &Worker, took: Duration) -> String {
    let pid = worker.pid.map(|pid| format!(" as process {pid}")).unwrap_or_default();
    format!("ready again{pid}, after {}", brief(i64::try_from(took.as_millis()).unwrap_or(i64::MAX)))
}

/// Why the successor is not ready, and when the next attempt is.
fn failed(worker: &Worker, now_ms: i64) -> String {
    let mut parts = vec!["its successor is not ready".to_owned()];
    match &worker.last_death {
        Some(death) => {
            parts[0].push_str(&format!(": {}", whole(death)));
            parts.extend(words(death));
        }
        None if !worker.status.is_empty() => parts.push(format!("status: {}", line(&worker.status))),
        None => {}
    }
    parts.extend(worker.next_start_ms.map(|at_ms| format!("next start in {}", brief(at_ms - now_ms))));
    parts.join("; ")
}

/// The worker when its process after generation `stopped` is ready, or cannot be.
async fn successor(client: &Client, name: &str, stopped: u64) -> Result<Worker, ServiceError> {
    // The stream begins with the present state, so nothing that happened meanwhile is missed.
    let mut changes = client.watch(&Watch {}).await?;
    while let Some(Ok(change)) = changes.next().await {
        let worker = change.worker;
        let decided = matches!(worker.state, WorkerState::Ready | WorkerState::Backoff | WorkerState::Failed);
        if worker.name == name && worker.generation > stopped && decided {
            return Ok(worker);
        }
    }
    Err(ServiceError::Call("it ended before the successor was ready; natrium status shows how it is".to_owned()))
}
