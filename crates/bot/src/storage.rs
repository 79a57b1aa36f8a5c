//! Asking the writer until its answer is known.
//!
//! While the writer restarts or is silent, its answer is waited for, with the same request id, so asking again is harmless.
//! What it refuses is handed on; what neither of the two can understand is our own mistake and says so.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use interfaces::{configs, dialogues, inbox};
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
    board: Arc<Board>,
    stop: CancellationToken,
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
            dialogues: dialogues::Client::new(pool, DEADLINE),
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
        E: fmt::Display,
        F: Future<Output = Result<T, CallError<E>>>,
    {
        let mut backoff = Backoff::new(AGAIN, fresh_seed());
        let mut denials = 0;
        loop {
            let error = match call().await {
                Ok(reply) => {
                    self.answers();
                    return Ok(Ok(reply));
                }
                Err(CallError::Reply(error)) => {
                    self.answers();
                    return Ok(Err(No::Said(error)));
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
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(Stopping),
                () = tokio::time::sleep(backoff.pause()) => {}
            }
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
