//! The writer of the service that is meant, asked until an answer is known or patience ends.
//!
//! Whatever changes something bears a request id, so that asking again is harmless: a call whose answer was lost, or is not known
//! just now, is made again. If it stays unknown, that is what is said, never that it was done or was not.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use interfaces::{CallError, admins, audit, configs};
use settings::Environment;
use tokio::runtime::Runtime;
use varlink::{Pool, PoolLimits};

use crate::arguments::Service;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::refusal::Refusal;
use crate::service::{ServiceError, not_there, runtime_directory};
use crate::terminal::Interrupt;
use crate::view::View;

/// How long an answer is waited for unless somebody says otherwise. A restart of the writer takes a part of a second, a hung one
/// some more until it is noticed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// The pauses between attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Why there is no reply.
#[derive(Debug)]
pub(crate) enum No<E> {
    /// The writer answered with an error.
    Said(Box<E>),
    /// It was not done, and will not be.
    NotDone(String),
    /// It may have been done.
    Unknown(String),
}

impl<E: Refusal> No<E> {
    fn of(error: CallError<E>) -> Self {
        match error {
            CallError::Reply(error) if error.is_passing() => Self::Unknown(error.to_string()),
            CallError::Reply(error) => Self::Said(Box::new(error)),
            other => {
                let cause = std::error::Error::source(&other).map(|cause| format!(": {cause}")).unwrap_or_default();
                let text = format!("{other}{cause}");
                if other.outcome_is_unknown() { Self::Unknown(text) } else { Self::NotDone(text) }
            }
        }
    }

    /// The failure of a call that was to change something. `again` is how to find out where nothing is known.
    pub(crate) fn failure(self, again: &str) -> Failure {
        match self {
            Self::Said(error) => Failure::said(&*error, error.exit(), error.told(&View::now())),
            Self::NotDone(text) => Failure::local(Exit::TryAgain, format!("the writer: {text}\nnothing was changed")),
            Self::Unknown(text) => Failure::unknown(format!(
                "it is not known whether it was done: {text}\nto find out, ask again, which never does it twice:\n  {again}"
            )),
        }
    }

    fn reading(self) -> Failure {
        match self {
            Self::Said(error) => Failure::said(&*error, error.exit(), error.told(&View::now())),
            Self::NotDone(text) | Self::Unknown(text) => {
                Failure::unknown(format!("no answer from the writer: {text}\nnatrium status tells how it is"))
            }
        }
    }
}

/// Clients for what the writer answers.
pub(crate) struct Writer {
    runtime: Runtime,
    pub(crate) configs: configs::Client,
    pub(crate) admins: admins::Client,
    pub(crate) audit: audit::Client,
    patience: Duration,
}

impl Writer {
    /// The writer of the service that is meant, which somebody is now known to be.
    pub(crate) fn reach(service: &Service, patience: Duration, environment: &Environment) -> Result<Self, Failure> {
        Ok(Self::at(&runtime_directory(service, environment)?, patience)?)
    }

    pub(crate) fn at(directory: &Path, patience: Duration) -> Result<Self, ServiceError> {
        let path = directory.join("writer.sock");
        // The pool is patient with a service that restarts; whoever asks one that does not run wants to know now.
        UnixStream::connect(&path).map_err(not_there(&path))?;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServiceError::Runtime)?;
        let pool = Pool::new(path, PoolLimits { connections: 1, deadline: patience, ..PoolLimits::default() });
        Ok(Self {
            runtime,
            configs: configs::Client::new(pool.clone(), patience),
            admins: admins::Client::new(pool.clone(), patience),
            audit: audit::Client::new(pool, patience),
            patience,
        })
    }

    /// Asks for what changes nothing.
    pub(crate) fn read<R, E: Refusal>(
        &self,
        call: impl Future<Output = Result<R, CallError<E>>>,
    ) -> Result<R, Failure> {
        self.runtime.block_on(call).map_err(|error| No::of(error).reading())
    }

    /// Asks for something to be done, again and again with the same request id while it is not known whether it was.
    pub(crate) fn change<R, E: Refusal>(&self, call: impl AsyncFn() -> Result<R, CallError<E>>) -> Result<R, No<E>> {
        self.runtime.block_on(async {
            // Whoever presses Ctrl-C wants to know, too.
            let interrupt = Interrupt::listen().map_err(|error| No::NotDone(error.to_string()))?;
            tokio::select! {
                answer = self.until_known(call) => answer,
                () = interrupt.came() => Err(No::Unknown("interrupted".to_owned())),
            }
        })
    }

    async fn until_known<R, E: Refusal>(&self, call: impl AsyncFn() -> Result<R, CallError<E>>) -> Result<R, No<E>> {
        let (mut pause, end) = (PAUSES.0, Instant::now() + self.patience);
        let mut was_unknown = false;
        loop {
            match tokio::time::timeout_at(end.into(), call()).await {
                Ok(Ok(reply)) => return Ok(reply),
                Ok(Err(error)) => match No::of(error) {
                    No::Unknown(_) if Instant::now() + pause < end => was_unknown = true,
                    // That this attempt did nothing does not undo what an earlier one may have done.
                    No::NotDone(_) if was_unknown && Instant::now() + pause < end => {}
                    No::NotDone(text) if was_unknown => return Err(No::Unknown(text)),
                    no => return Err(no),
                },
                Err(_) => return Err(No::Unknown("no answer in time".to_owned())),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }
}
