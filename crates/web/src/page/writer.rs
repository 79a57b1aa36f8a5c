//! Asking the writer within the time that a browser is let wait.
//!
//! While the writer restarts it is asked again, with the same request id, so asking again is harmless. Who then has no answer is told
//! so: a page that is late is worse than one that says the truth.

use std::fmt;
use std::time::{Duration, Instant};

use interfaces::{admins, audit, configs};
use tokio::time::{sleep, timeout};
use varlink::{CallError, Pool, ServiceError};

/// How long all calls for one page may take together: less than the server lets an answer take.
const PATIENCE: Duration = Duration::from_millis(3500);
/// Between attempts while the supervisor, who knows which process is which, is being asked or restarted.
const AGAIN: Duration = Duration::from_millis(50);

/// The writer, for the time of one page.
#[derive(Debug)]
pub(crate) struct Writer {
    pool: Pool,
    until: Instant,
}

/// An answer that is not the one hoped for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum No<E> {
    /// The interface's own error.
    Said(E),
    /// No answer is known in time. A call that changes something may have its effect all the same.
    Silent,
    /// The call makes no sense to the writer, or its answer none to us: our own mistake.
    Broken,
}

/// The errors of one of the writer's interfaces.
pub(crate) trait Refusal: fmt::Display {
    /// No answer for a person follows from it.
    fn is_unknown(&self) -> bool;
}

impl Refusal for configs::Error {
    fn is_unknown(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

impl Refusal for admins::Error {
    fn is_unknown(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

impl Refusal for audit::Error {
    fn is_unknown(&self) -> bool {
        true
    }
}

impl Writer {
    /// From now on.
    pub(crate) fn from_now(pool: &Pool) -> Self {
        Self { pool: pool.clone(), until: Instant::now() + PATIENCE }
    }

    /// To be asked about configs, by [`ask`](Self::ask).
    pub(crate) fn configs(&self) -> configs::Client {
        configs::Client::new(self.pool.clone(), self.left())
    }

    /// To be asked about people.
    pub(crate) fn admins(&self) -> admins::Client {
        admins::Client::new(self.pool.clone(), self.left())
    }

    /// To be told what is to stand in the trail.
    pub(crate) fn audit(&self) -> audit::Client {
        audit::Client::new(self.pool.clone(), self.left())
    }

    /// How long it may still take.
    pub(crate) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Calls until the answer is known, or the time is up.
    pub(crate) async fn ask<T, E, F>(&self, what: &str, call: impl Fn() -> F) -> Result<T, No<E>>
    where
        E: Refusal,
        F: Future<Output = Result<T, CallError<E>>>,
    {
        loop {
            let left = self.left();
            let error = match timeout(left, call()).await {
                Ok(Ok(reply)) => return Ok(reply),
                Ok(Err(error)) => error,
                Err(_) => CallError::Deadline { sent: true },
            };
            match error {
                CallError::Reply(error) if !error.is_unknown() => return Err(No::Said(error)),
                CallError::Service(ServiceError::PermissionDenied {}) if left > AGAIN => sleep(AGAIN).await,
                // An attempt before that one may have been heard.
                CallError::Service(ServiceError::PermissionDenied {}) => {
                    tracing::warn!("{what}: the writer lets nobody in just now");
                    return Err(No::Silent);
                }
                CallError::Service(_) | CallError::Malformed(_) | CallError::TooLarge { .. } => {
                    tracing::error!("{what}: {error}");
                    return Err(No::Broken);
                }
                error => {
                    tracing::warn!("{what}: {error}");
                    return Err(No::Silent);
                }
            }
        }
    }
}
