//! Hooks: what the settings want run after a version was published.
//!
//! That one is due is written in the version's own transaction, so none is lost by a crash; it may run twice. Only the newest
//! version's is run, once its file is in place. Who runs it is handed in: nothing here starts a process.

mod due;
mod pause;
mod result;

use std::sync::Arc;
use std::time::Duration;

use interfaces::supervisor::{HookEnd, RunHookReply};
use tokio::sync::{Semaphore, watch};
use varlink::BoxFuture;

use crate::admins::Admins;
use crate::configs::Published;
use crate::store::{Store, StoreError};
use due::Due;

/// Hooks that run at the same time.
const AT_ONCE: usize = 8;

/// What became of asking for a run.
#[derive(Debug)]
pub enum Asked {
    /// It was run, or could not be started.
    Ended(RunHookReply),
    /// The settings want nothing run any more.
    NoHook,
    /// Nobody answered, and why.
    Unanswered(String),
}

/// Has what belongs to a kind run for a version, and answers when it has ended.
pub type Run = Arc<dyn Fn(String, i64) -> BoxFuture<'static, Asked> + Send + Sync>;

/// Sees to it that what is due is run.
#[derive(Clone)]
pub(crate) struct Hooks {
    store: Store,
    admins: Admins,
    published: watch::Receiver<Published>,
    /// The kinds that have one.
    kinds: Arc<[String]>,
    turns: Arc<Semaphore>,
    /// How long to wait after so many questions without an answer.
    pause: fn(u32) -> Duration,
}

impl Hooks {
    pub(crate) fn new(store: Store, admins: Admins, published: watch::Receiver<Published>, kinds: Vec<String>) -> Self {
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        Self { store, admins, published, kinds: kinds.into(), turns, pause: pause::pause }
    }

    /// Runs what is due, and what becomes due. Never ends.
    pub(crate) async fn drive(self, run: Run) {
        metrics::describe_counter!("config_hooks_total", "What was run after publishing, by how it ended");
        let kinds = Arc::clone(&self.kinds);
        self.insist(|| {
            let kinds = Arc::clone(&kinds);
            self.store.write(move |transaction| due::forget_others(transaction, &kinds))
        })
        .await;
        futures_util::future::join_all(kinds.iter().map(|kind| self.of(kind, &run))).await;
        std::future::pending().await
    }

    /// One kind's, one after the other. Ends only with the writer.
    async fn of(&self, kind: &str, run: &Run) {
        let mut published = self.published.clone();
        let mut unanswered = 0;
        loop {
            let in_place = published.borrow_and_update().get(kind).map(|(version, _)| *version);
            let due = self.insist(|| {
                let kind = kind.to_owned();
                self.store.read(move |view| due::of(view, &kind))
            });
            match due.await {
                Some(due) if Some(due.version) <= in_place => match self.run(kind, due, run).await {
                    Ok(()) => unanswered = 0,
                    Err(reason) => {
                        if unanswered == 0 {
                            tracing::warn!(
                                config_type = kind,
                                version = due.version,
                                "what is to run after publishing was not run yet: {reason}; trying again"
                            );
                        }
                        tokio::time::sleep((self.pause)(unanswered)).await;
                        unanswered = unanswered.saturating_add(1);
                    }
                },
                _ => {
                    if published.changed().await.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
            }
        }
    }

    /// Until somebody has answered, and the answer is written down; otherwise why nobody has.
    async fn run(&self, kind: &str, due: Due, run: &Run) -> Result<(), String> {
        let asked = {
            // Never closed.
            let _turn = self.turns.acquire().await;
            run(kind.to_owned(), due.version).await
        };
        match asked {
            Asked::Ended(reply) => {
                result::tell(kind, due.version, &reply);
                let (end, reason) = (reply.end, result::reason(&reply));
                self.insist(|| {
                    let (admins, kind, reason) = (self.admins.clone(), kind.to_owned(), reason.clone());
                    self.store.write(move |transaction| match end {
                        HookEnd::Succeeded => due.succeeded(transaction, &kind),
                        _ => due.failed(transaction, &admins, &kind, end, &reason),
                    })
                })
                .await;
                Ok(())
            }
            Asked::NoHook => {
                self.insist(|| {
                    let kind = kind.to_owned();
                    self.store.write(move |transaction| due.forget(transaction, &kind))
                })
                .await;
                Ok(())
            }
            Asked::Unanswered(reason) => Err(reason),
        }
    }

    /// Does something with the store until that succeeds: what was run is not run again because its end cannot be kept yet.
    async fn insist<T, F>(&self, mut what: impl FnMut() -> F) -> T
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut failed = 0;
        loop {
            match what().await {
                Ok(done) => return done,
                // The writer ends.
                Err(StoreError::Closed) => std::future::pending().await,
                Err(error) => {
                    tracing::debug!("cannot look after hooks: {error}; trying again");
                    tokio::time::sleep((self.pause)(failed)).await;
                    failed = failed.saturating_add(1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
