//! Waiting for the process that takes a stopped one's place, and saying what became of it.

use std::time::{Duration, Instant};

use interfaces::supervisor::{Client, Error, Restarting, Watch, WatchReply, Worker, WorkerState};
use tokio::time::timeout;
use varlink::Replies;

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
    /// The service ended before either was seen.
    Ended,
    /// Nothing of the kind was seen in time.
    Late,
}

/// Hears what becomes of workers, from before they are asked to stop: of a service that ends over it nobody could ask afterwards.
pub(crate) struct Watcher {
    changes: Replies<WatchReply, Error>,
}

impl Watcher {
    /// Is told of every change from now on.
    pub(crate) async fn begin(client: &Client) -> Result<Self, ServiceError> {
        let mut changes = client.watch(&Watch {}).await?;
        // The stream begins with how the workers are. Once that has come, no change is missed.
        match changes.next().await {
            Some(Ok(_)) => Ok(Self { changes }),
            Some(Err(error)) => Err(error.into()),
            None => Err(ServiceError::Call("it ended without an answer".to_owned())),
        }
    }

    /// What becomes of each of those that were asked to stop at `begun`, in their order.
    pub(crate) async fn outcomes(mut self, stopped: &[Restarting], begun: Instant) -> Vec<Outcome> {
        let mut outcomes: Vec<Option<Outcome>> = stopped.iter().map(|_| None).collect();
        while outcomes.iter().any(Option::is_none) {
            let open = |worker: &Worker| {
                stopped.iter().zip(&outcomes).position(|(stopped, known)| known.is_none() && decides(worker, stopped))
            };
            let (place, worker) = match timeout(PATIENCE, self.next(open)).await {
                Ok(Some(decided)) => decided,
                Ok(None) => return settled(outcomes, || Outcome::Ended),
                Err(_) => return settled(outcomes, || Outcome::Late),
            };
            outcomes[place] = Some(match worker.state {
                WorkerState::Ready => Outcome::Ready(worker, begun.elapsed()),
                _ => Outcome::Failed(worker),
            });
        }
        settled(outcomes, || Outcome::Late)
    }

    /// The next change of one that `open` finds.
    async fn next(&mut self, open: impl Fn(&Worker) -> Option<usize>) -> Option<(usize, Worker)> {
        while let Some(Ok(WatchReply { worker })) = self.changes.next().await {
            if let Some(place) = open(&worker) {
                return Some((place, worker));
            }
        }
        None
    }
}

/// Whether the successor of what was stopped is ready, or cannot be.
fn decides(worker: &Worker, stopped: &Restarting) -> bool {
    worker.name == stopped.worker
        && worker.generation > stopped.generation
        && matches!(worker.state, WorkerState::Ready | WorkerState::Backoff | WorkerState::Failed)
}

fn settled(outcomes: Vec<Option<Outcome>>, rest: impl Fn() -> Outcome) -> Vec<Outcome> {
    outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(&rest)).collect()
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
        Outcome::Ended => {
            complain(&format!(
                "{name}: the service ended before its successor was ready; natrium status shows how it is"
            ));
            Exit::TryAgain
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
