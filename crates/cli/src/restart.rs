//! `natrium restart`: one worker stops, its successor starts, and the others keep working.

use std::time::{Duration, Instant};

use interfaces::supervisor::{Client, Restart, Watch, Worker, WorkerState};
use settings::Environment;
use uuid::Uuid;

use crate::arguments::Service;
use crate::exit::Exit;
use crate::screen::ended;
use crate::service::{ServiceError, runtime_directory, supervisor, talk};
use crate::text::{complain, line, print};

/// How long a successor may take to be ready. Longer than the supervisor lets a worker stop and start.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of the restart.
enum Outcome {
    /// It has begun; nobody waited.
    Begun,
    /// The successor is ready.
    Ready(Worker, Duration),
    /// The successor ended, or will not be started.
    Failed(Worker),
    /// Nothing of the kind was seen in time.
    Late,
}

pub(crate) fn run(service: &Service, name: &str, no_wait: bool, environment: &Environment) -> Exit {
    let outcome = runtime_directory(service, environment)
        .and_then(|directory| supervisor(&directory))
        .and_then(|client| talk(restart(client, name, no_wait)));
    match outcome {
        Ok(Outcome::Begun) => {
            print(&format!("{name}: stopping; its successor starts by itself\n"));
            Exit::Success
        }
        Ok(Outcome::Ready(worker, took)) => {
            let pid = worker.pid.map(|pid| format!(" as process {pid}")).unwrap_or_default();
            print(&format!("{name}: ready again{pid}, after {:.1} s\n", took.as_secs_f64()));
            Exit::Success
        }
        Ok(Outcome::Failed(worker)) => {
            let now_ms = worker.since_ms;
            let why =
                worker.last_death.as_ref().map(|death| ended(death, now_ms)).unwrap_or_else(|| line(&worker.status));
            complain(&format!("{name}: its successor is not ready: {why}"));
            Exit::Degraded
        }
        Ok(Outcome::Late) => {
            complain(&format!("{name}: not ready after {} s; natrium status shows how it is", PATIENCE.as_secs()));
            Exit::TryAgain
        }
        Err(error) => {
            complain(&error.to_string());
            error.exit()
        }
    }
}

async fn restart(client: Client, name: &str, no_wait: bool) -> Result<Outcome, ServiceError> {
    let call = Restart { worker: name.to_owned(), request_id: Uuid::now_v7().to_string() };
    let begun = Instant::now();
    let stopped = client.restart(&call).await?.generation;
    if no_wait {
        return Ok(Outcome::Begun);
    }
    match tokio::time::timeout(PATIENCE, successor(&client, name, stopped)).await {
        Ok(Ok(worker)) if worker.state == WorkerState::Ready => Ok(Outcome::Ready(worker, begun.elapsed())),
        Ok(Ok(worker)) => Ok(Outcome::Failed(worker)),
        Ok(Err(error)) => Err(error),
        Err(_) => Ok(Outcome::Late),
    }
}

/// The worker when its process after generation `stopped` is ready, or cannot be.
async fn successor(client: &Client, name: &str, stopped: u64) -> Result<Worker, ServiceError> {
    // The stream begins with the present state, so nothing that happened meanwhile is missed.
    let mut changes = client.watch(&Watch {}).await?;
    while let Some(change) = changes.next().await {
        let worker = change?.worker;
        let decided = match worker.state {
            WorkerState::Ready | WorkerState::Backoff => worker.generation > stopped,
            WorkerState::Failed => true,
            _ => false,
        };
        if worker.name == name && decided {
            return Ok(worker);
        }
    }
    Err(ServiceError::Call("the connection ended before the successor was ready".to_owned()))
}
