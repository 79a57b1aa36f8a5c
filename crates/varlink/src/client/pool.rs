//! A pool of connections to one socket, and the patience to wait for its owner.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::errno::Errno;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{CallError, Connection, Replies, message};
use crate::PoolLimits;
use crate::limits::deadline;

/// Calls to one socket. Clones share their connections.
///
/// Connects when first called. A call that was not executed, because nobody serves the socket just now or whoever did hung
/// up before reading it, is tried again with backoff until its deadline. One that may have been executed is not, unless it
/// is made with [`call_idempotent`](Self::call_idempotent).
#[derive(Debug, Clone)]
pub struct Pool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    limits: PoolLimits,
    permits: Semaphore,
    /// Usable connections, the last used one last.
    idle: Mutex<Vec<Connection>>,
}

/// What to do about a call that may have been executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Never,
    UntilDeadline,
}

impl Pool {
    /// Calls to the socket at `path`. Nothing is connected yet.
    pub fn new(path: impl Into<PathBuf>, limits: PoolLimits) -> Self {
        let permits = Semaphore::new(limits.connections.clamp(1, Semaphore::MAX_PERMITS));
        Self(Arc::new(Shared { path: path.into(), limits, permits, idle: Mutex::new(Vec::new()) }))
    }

    /// Calls `method`, given with its interface's name, within [`PoolLimits::deadline`].
    ///
    /// Dropping the future cancels the call: its connection is closed, and the service drops its work on it.
    ///
    /// # Errors
    /// Any of [`CallError`].
    pub async fn call<P, R, E>(&self, method: &str, parameters: &P) -> Result<R, CallError<E>>
    where
        P: Serialize + ?Sized,
        R: DeserializeOwned,
        E: DeserializeOwned,
    {
        self.run(self.0.limits.deadline, Repeat::Never, method, parameters).await
    }

    /// As [`call`](Self::call) with another deadline.
    ///
    /// # Errors
    /// Any of [`CallError`].
    pub async fn call_within<P, R, E>(
        &self,
        deadline: Duration,
        method: &str,
        parameters: &P,
    ) -> Result<R, CallError<E>>
    where
        P: Serialize + ?Sized,
        R: DeserializeOwned,
        E: DeserializeOwned,
    {
        self.run(deadline, Repeat::Never, method, parameters).await
    }

    /// As [`call_within`](Self::call_within), but a call whose answer was lost is made again until the deadline. Only for calls that
    /// may be executed twice without harm: they change nothing, or carry a request id.
    ///
    /// # Errors
    /// Any of [`CallError`].
    pub async fn call_idempotent<P, R, E>(
        &self,
        deadline: Duration,
        method: &str,
        parameters: &P,
    ) -> Result<R, CallError<E>>
    where
        P: Serialize + ?Sized,
        R: DeserializeOwned,
        E: DeserializeOwned,
    {
        self.run(deadline, Repeat::UntilDeadline, method, parameters).await
    }

    /// Calls `method` with `more`. The deadline is for connecting and sending; replies may take as long as they take.
    ///
    /// A stream has a connection of its own, so that streams without an end do not use up the pool.
    ///
    /// # Errors
    /// `Unreachable`, `Deadline`, `TooLarge` and `Malformed` of [`CallError`]; all others come as an item of the stream.
    pub async fn stream<P, R, E>(&self, method: &str, parameters: &P) -> Result<Replies<R, E>, CallError<E>>
    where
        P: Serialize + ?Sized,
        R: DeserializeOwned,
        E: DeserializeOwned,
    {
        let request = message::request(method, parameters, true, self.0.limits.request_bytes)?;
        let mut backoff = Backoff::within(self.0.limits.deadline);
        loop {
            let error = match self.connected(backoff.deadline).await {
                Ok(mut connection) => match timeout_at(backoff.deadline, connection.send(&request)).await {
                    Ok(Ok(())) => return Ok(Replies::new(connection)),
                    Ok(Err(error)) => CallError::Unreachable(error),
                    Err(_) => return Err(CallError::Deadline { sent: false }),
                },
                Err(error) => error,
            };
            backoff.wait(error).await?;
        }
    }

    async fn run<P, R, E>(
        &self,
        within: Duration,
        repeat: Repeat,
        method: &str,
        parameters: &P,
    ) -> Result<R, CallError<E>>
    where
        P: Serialize + ?Sized,
        R: DeserializeOwned,
        E: DeserializeOwned,
    {
        let request = message::request(method, parameters, false, self.0.limits.request_bytes)?;
        let mut backoff = Backoff::within(within);
        let mut lost = None;
        loop {
            let error = match self.attempt(backoff.deadline, &request).await {
                Err(CallError::Lost(error)) if repeat == Repeat::UntilDeadline => {
                    lost = Some(error.kind());
                    CallError::Unreachable(error)
                }
                Err(error @ CallError::Unreachable(_)) => error,
                result => return result.map_err(|error| after_loss(error, lost)),
            };
            backoff.wait(error).await.map_err(|error| after_loss(error, lost))?;
        }
    }

    async fn attempt<R, E>(&self, deadline: Instant, request: &[u8]) -> Result<R, CallError<E>>
    where
        R: DeserializeOwned,
        E: DeserializeOwned,
    {
        let _permit = self.permit(deadline).await?;
        let mut connection = match self.idle() {
            Some(connection) => connection,
            None => self.connected(deadline).await?,
        };
        let result = match timeout_at(deadline, connection.send(request)).await {
            Ok(Ok(())) => {
                timeout_at(deadline, connection.answer()).await.unwrap_or(Err(CallError::Deadline { sent: true }))
            }
            Ok(Err(error)) => Err(connection.refused(error)),
            Err(_) => Err(CallError::Deadline { sent: false }),
        };
        if connection.is_whole() {
            self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        result
    }

    async fn permit<E>(&self, deadline: Instant) -> Result<SemaphorePermit<'_>, CallError<E>> {
        // As a rule there is one, and no need for a timer. Waiting callers are not overtaken: what is given back goes to them.
        if let Ok(permit) = self.0.permits.try_acquire() {
            return Ok(permit);
        }
        match timeout_at(deadline, self.0.permits.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(CallError::Deadline { sent: false }),
        }
    }

    /// A connection that is still good. Those that are not are closed.
    fn idle(&self) -> Option<Connection> {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connection) = idle.pop() {
            if connection.is_usable() {
                return Some(connection);
            }
        }
        None
    }

    async fn connected<E>(&self, deadline: Instant) -> Result<Connection, CallError<E>> {
        match timeout_at(deadline, Connection::connect_with(&self.0.path, &self.0.limits)).await {
            Ok(connected) => connected.map_err(CallError::Unreachable),
            Err(_) => Err(CallError::Deadline { sent: false }),
        }
    }
}

/// An error of a later attempt does not undo that an earlier one may have been executed.
fn after_loss<E>(error: CallError<E>, lost: Option<io::ErrorKind>) -> CallError<E> {
    match (error, lost) {
        (CallError::Unreachable(error), Some(_)) => CallError::Lost(error),
        (CallError::Deadline { sent: false }, Some(kind)) => CallError::Lost(kind.into()),
        (error, _) => error,
    }
}

/// Ever longer pauses between attempts, within a deadline.
struct Backoff {
    deadline: Instant,
    pause: Duration,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(2);
    const LONGEST: Duration = Duration::from_millis(250);

    fn within(within: Duration) -> Self {
        Self { deadline: deadline(Instant::now(), within), pause: Self::FIRST }
    }

    /// Pauses after a failed attempt. Gives the error back if another attempt cannot help or would be too late.
    async fn wait<E>(&mut self, error: CallError<E>) -> Result<(), CallError<E>> {
        let again = matches!(&error, CallError::Unreachable(error) if passes(error));
        let next = Instant::now() + self.pause;
        if !again || next >= self.deadline {
            return Err(error);
        }
        sleep_until(next).await;
        self.pause = (self.pause * 2).min(Self::LONGEST);
        Ok(())
    }
}

/// Whether the cause can go away by itself.
fn passes(error: &io::Error) -> bool {
    let Some(code) = error.raw_os_error() else {
        // The end of file of a lost connection.
        return error.kind() == io::ErrorKind::UnexpectedEof;
    };
    // Not served, not there yet, backlog full (EAGAIN, see unix(7)), hung up on, or something of our own ran out.
    const PASSING: [Errno; 10] = [
        Errno::ECONNREFUSED,
        Errno::ENOENT,
        Errno::EAGAIN,
        Errno::ECONNRESET,
        Errno::EPIPE,
        Errno::EINTR,
        Errno::EMFILE,
        Errno::ENFILE,
        Errno::ENOMEM,
        Errno::ENOBUFS,
    ];
    PASSING.contains(&Errno::from_raw(code))
}
