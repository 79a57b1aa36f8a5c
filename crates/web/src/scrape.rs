//! Asks the supervisor and every worker, each with a deadline: who does not answer is missing, and keeps nobody waiting.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use interfaces::supervisor::{self, Deaths, DeathsReply, Status, StatusReply, WorkerState};
use interfaces::worker::{self as of_worker, GetMetrics};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use worker::Context;

use crate::families::Families;
use crate::figures;

/// How long an answer of another program is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many scrapes may be under way. More would ask the same of the same.
const AT_ONCE: usize = 2;

/// Asks everybody.
pub(crate) struct Scraper {
    context: Arc<Context>,
    supervisor: supervisor::Client,
    workers: Mutex<BTreeMap<String, of_worker::Client>>,
    turn: Semaphore,
}

impl Scraper {
    pub(crate) fn new(context: Arc<Context>) -> Self {
        let supervisor = supervisor::Client::new(context.pool("supervisor"), PATIENCE);
        Self { context, supervisor, workers: Mutex::default(), turn: Semaphore::new(AT_ONCE) }
    }

    /// How everybody is, if the supervisor says so in time.
    pub(crate) async fn status(&self) -> Option<StatusReply> {
        match timeout(PATIENCE, self.supervisor.status(&Status {})).await {
            Ok(Ok(status)) => Some(status),
            Ok(Err(error)) => {
                tracing::warn!(%error, "asking the supervisor how everybody is");
                None
            }
            Err(_) => {
                tracing::warn!("the supervisor does not answer");
                None
            }
        }
    }

    /// Everybody's metrics as one Prometheus text.
    pub(crate) async fn metrics(&self) -> String {
        // The semaphore is never closed.
        let _turn = self.turn.acquire().await;
        let Some(status) = self.status().await else { return figures::silent().text() };
        let told = status.workers.iter().map(|worker| self.told(&worker.name, worker.state));
        let (deaths, told) = tokio::join!(self.deaths(), join_all(told));
        let mut families: Families = figures::of(&status, deaths.as_ref());
        let mut scraped = Vec::new();
        for (worker, text) in status.workers.iter().zip(told) {
            let rejected = text.as_deref().map(|text| families.take_in(&worker.name, text));
            scraped.push((worker.name.as_str(), rejected));
        }
        figures::add_scrapes(&mut families, &scraped);
        families.text()
    }

    /// What a worker says, if it can and does so in time.
    async fn told(&self, name: &str, state: WorkerState) -> Option<String> {
        if state != WorkerState::Ready {
            return None;
        }
        let client = {
            let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
            let client = || of_worker::Client::new(self.context.pool(name), PATIENCE);
            workers.entry(name.to_owned()).or_insert_with(client).clone()
        };
        match timeout(PATIENCE, client.get_metrics(&GetMetrics {})).await {
            Ok(Ok(reply)) => Some(reply.text),
            Ok(Err(error)) => {
                tracing::debug!(worker = name, %error, "asking for metrics");
                None
            }
            Err(_) => None,
        }
    }

    async fn deaths(&self) -> Option<DeathsReply> {
        timeout(PATIENCE, self.supervisor.deaths(&Deaths { worker: None })).await.ok()?.ok()
    }
}
