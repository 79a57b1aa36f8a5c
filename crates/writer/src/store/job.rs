//! One closure on its way through the write thread, and the reply that waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::error::StoreError;
use super::sql::Transaction;

/// What the write thread knows of a job.
pub(super) trait Job: Send {
    /// Nobody waits for the reply any more, and nothing has been done yet.
    fn abandoned(&self) -> bool;

    /// Does the work inside its savepoint. False: what it did must be undone.
    fn run(&mut self, transaction: &Transaction<'_>) -> bool;

    /// Replies, after the commit that the job took part in has ended so.
    fn finish(self: Box<Self>, commit: Result<(), StoreError>);
}

struct Closure<F, T, E> {
    effect: Option<F>,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

/// A job for `effect`, and where its result will arrive.
pub(super) fn job<T, E, F>(effect: F) -> (Box<dyn Job>, Reply<T, E>)
where
    F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (reply, receiver) = oneshot::channel();
    (Box::new(Closure { effect: Some(effect), result: None, reply }), Reply { receiver })
}

impl<T, E, F> Job for Closure<F, T, E>
where
    F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, transaction: &Transaction<'_>) -> bool {
        let Some(effect) = self.effect.take() else { return false };
        // A panicking job must not take its neighbours and the thread with it. Its savepoint is rolled back, and what it
        // captured is dropped by the unwinding.
        let result = catch_unwind(AssertUnwindSafe(|| effect(transaction)))
            .unwrap_or_else(|_| Err(E::from(StoreError::Panicked)));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn finish(self: Box<Self>, commit: Result<(), StoreError>) {
        // After a failed commit even a refusal would be wrong: it may rest on what a neighbour did and did not keep.
        let result = match (commit, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(E::from(StoreError::Closed)),
            (Err(error), _) => Err(E::from(error)),
        };
        // The caller may have gone meanwhile; what is committed stays.
        let _gone = self.reply.send(result);
    }
}

/// The result of a job, once the commit it takes part in has ended.
#[derive(Debug)]
pub struct Reply<T, E> {
    receiver: oneshot::Receiver<Result<T, E>>,
}

impl<T, E: From<StoreError>> Reply<T, E> {
    /// Waits on an async task. Dropped before the job is run, the job is not run.
    ///
    /// # Errors
    /// The job's own, or the store's.
    pub async fn arrived(self) -> Result<T, E> {
        self.receiver.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Waits on a thread that may block.
    ///
    /// # Errors
    /// The job's own, or the store's.
    pub fn wait(self) -> Result<T, E> {
        self.receiver.blocking_recv().unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }
}
