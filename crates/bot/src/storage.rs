//! Asking the writer until its answer is known.
//!
//! While the writer restarts, is silent, or cannot use its store, its answer is waited for, with the same request id, so
//! asking again is harmless. What it refuses is handed on; what neither of the two can understand is our own mistake and says
//! so.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use interfaces::{admins, audit, configs, dialogues, inbox, notices};
use tokio_util::sync::CancellationToken;
use varlink::{CallError, ServiceError};
use worker::DEADLINE;

use crate::backoff::{Backoff, Growth, fresh_seed};
use crate::send::Stopping;
use crate::status::Board;

/// Between attempts; each already waits for the writer's successor.
const AGAIN: Growth = Growth { first: Duration::from_millis(200), most: Duration::from_secs(5) };
/// A permission may be missing for a moment while the supervisor, who knows which process is which, is being asked.
const DENIALS: u32 = 5;

/// The writer's interfaces.
#[derive(Clone, Debug)]
pub(crate) struct Storage {
    /// Config files.
    pub(crate) configs: configs::Client,
    /// Updates.
    pub(crate) inbox: inbox::Client,
    /// Dialogues.
    pub(crate) dialogues: dialogues::Client,
    /// Who may do what.
    pub(crate) admins: admins::Client,
    /// What was changed and refused.
    pub(crate) audit: audit::Client,
    /// What people must be told.
    pub(crate) notices: notices::Client,
    board: Arc<Board>,
    stop: CancellationToken,
}

/// The errors of one of the writer's interfaces.
pub(crate) trait Refusal: fmt::Display {
    /// Why the call should only be made again later: its store fails, and no answer for a person follows from that.
    fn not_now(&self) -> Option<&str>;
}

impl Refusal for configs::Error {
    fn not_now(&self) -> Option<&str> {
        match self {
            Self::Unavailable { reason } => Some(reason),
            // `NotSaved` is for certain, and somebody waits to be told.
            _ => None,
        }
    }
}

impl Refusal for inbox::Error {
    fn not_now(&self) -> Option<&str> {
        match self {
            Self::NotSaved { reason } | Self::Unavailable { reason } => Some(reason),
            Self::NoSuchUpdate { .. } => None,
        }
    }
}

impl Refusal for dialogues::Error {
    fn not_now(&self) -> Option<&str> {
        match self {
            Self::NotSaved { reason } | Self::Unavailable { reason } => Some(reason),
            Self::RequestReused { .. } => None,
        }
    }
}

impl Refusal for admins::Error {
    fn not_now(&self) -> Option<&str> {
        match self {
            Self::Unavailable { reason } => Some(reason),
            // `NotSaved` is for certain, and somebody waits to be told.
            _ => None,
        }
    }
}

impl Refusal for audit::Error {
    fn not_now(&self) -> Option<&str> {
        match self {
            Self::NotSaved { reason } | Self::Unavailable { reason } => Some(reason),
        }
    }
}

impl Refusal for notices::Error {
    fn not_now(&self) -> Option<&str> {
        match self {
            Self::NotSaved { reason } | Self::Unavailable { reason } => Some(reason),
        }
    }
}

/// An answer that is not the one hoped for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum No<E> {
    /// The interface's own error.
    Said(E),
    /// The call makes no sense to the writer, or its answer none to us: our own mistake, in words for the log.
    Broken(String),
}

impl Storage {
    pub(crate) fn new(pool: varlink::Pool, board: Arc<Board>, stop: CancellationToken) -> Self {
        Self {
            configs: configs::Client::new(pool.clone(), DEADLINE),
            inbox: inbox::Client::new(pool.clone(), DEADLINE),
            dialogues: dialogues::Client::new(pool.clone(), DEADLINE),
            admins: admins::Client::new(pool.clone(), DEADLINE),
            audit: audit::Client::new(pool.clone(), DEADLINE),
            notices: notices::Client::new(pool, DEADLINE),
            board,
            stop,
        }
    }

    /// Calls until the answer is known.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn ask<T, E, F>(&self, what: &str, call: impl Fn() -> F) -> Result<Result<T, No<E>>, Stopping>
    where
        E: Refusal,
        F: Future<Output = Result<T, CallError<E>>>,
    {
        let mut backoff = Backoff::new(AGAIN, fresh_seed());
        let mut denials = 0;
        let mut failed = None;
        loop {
            let error = match call().await {
                Ok(reply) => {
                    self.answers();
                    return Ok(Ok(reply));
                }
                Err(CallError::Reply(error)) => {
                    self.answers();
                    match error.not_now() {
                        None => return Ok(Err(No::Said(error))),
                        Some(reason) => {
                            tracing::debug!("{what}: {error}");
                            failed.get_or_insert_with(|| Failed::first(&self.board)).because(reason);
                        }
                    }
                    self.pause(&mut backoff).await?;
                    continue;
                }
                Err(error) => error,
            };
            match &error {
                CallError::Service(ServiceError::PermissionDenied { .. }) if denials < DENIALS => denials += 1,
                CallError::Service(_) | CallError::Malformed(_) | CallError::TooLarge { .. } => {
                    tracing::error!("{what}: {error}");
                    return Ok(Err(No::Broken(error.to_string())));
                }
                _ => self.silent(what, &error),
            }
            self.pause(&mut backoff).await?;
        }
    }

    async fn pause(&self, backoff: &mut Backoff) -> Result<(), Stopping> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Stopping),
            () = tokio::time::sleep(backoff.pause()) => Ok(()),
        }
    }

    fn silent(&self, what: &str, error: &dyn fmt::Display) {
        tracing::debug!("{what}: {error}");
        self.board.writer_silent();
    }

    fn answers(&self) {
        if let Some(silence) = self.board.writer_answers() {
            tracing::info!("the writer answers again, after {} ms", silence.as_millis());
        }
    }
}

/// A call that the writer's store has failed, until its end, however it ends.
struct Failed<'a>(&'a Board);

impl<'a> Failed<'a> {
    fn first(board: &'a Board) -> Self {
        board.call_failed();
        Self(board)
    }

    fn because(&self, reason: &str) {
        if self.0.store_fails(reason) {
            tracing::warn!("the writer's store fails, and calls are made again until it works: {reason}");
        }
    }
}

impl Drop for Failed<'_> {
    fn drop(&mut self) {
        if let Some(trouble) = self.0.failed_call_ended() {
            tracing::info!("no call waits for the writer's store any more, after {} ms", trouble.as_millis());
        }
    }
}
