//! Another process of this host has the token: told plainly, waited for, and succeeded.
//!
//! Not polling is a status and no failure to start, as with a Telegram that cannot be reached: the writer works on, the
//! operator reads why there are no answers, and nobody has to start anything once the other is gone.

use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use tokio_util::sync::CancellationToken;
use worker::events::{TOKEN_FREE, TOKEN_TAKEN};

use crate::guard::{Guard, GuardError};
use crate::poll::Health;
use crate::status::Board;

/// For so long it may be a predecessor that is just being killed: it is looked at often, and no log line is written.
const GOING: Duration = Duration::from_secs(3);
const GOING_PAUSE: Duration = Duration::from_millis(50);
/// Between looks at one that stays.
const STAYS_PAUSE: Duration = Duration::from_millis(500);
/// Who had the token all the time and died has it again, should its successor want it within this time.
const GRACE: Duration = Duration::from_secs(1);

/// Why the wait ended without the token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RivalError {
    /// From within the sandbox nobody can be asked who he is.
    #[error("the token of bot {0} has gone to yet another program; starting anew to learn which")]
    Another(i64),
    #[error(transparent)]
    Guard(#[from] GuardError),
}

/// Who has the token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rival {
    pub(crate) bot: i64,
    /// The process, where it can be told.
    pub(crate) holder: Option<i32>,
}

impl Rival {
    /// Waits until the token is free, and takes it. None: the worker is to stop.
    ///
    /// # Errors
    /// See [`RivalError`].
    pub(crate) async fn succeed(self, board: &Board, stop: &CancellationToken) -> Result<Option<Guard>, RivalError> {
        tokio::select! {
            biased;
            () = stop.cancelled() => Ok(None),
            guard = self.wait(board) => guard.map(Some),
        }
    }

    async fn wait(self, board: &Board) -> Result<Guard, RivalError> {
        let since = board.now();
        let health = Health::Taken { since, holder: self.holder };
        board.telegram(&health);
        while board.now().saturating_sub(since) < GOING {
            if let Some(guard) = Guard::take(self.bot)? {
                return Ok(guard);
            }
            tokio::time::sleep(GOING_PAUSE).await;
        }
        worker::event!(warn, TOKEN_TAKEN, holder_pid = self.holder, "{}", board.describe(&health));
        board.ready();
        loop {
            match Guard::take(self.bot)? {
                Some(guard) => {
                    drop(guard);
                    tokio::time::sleep(GRACE).await;
                    let guard = Guard::take(self.bot)?.ok_or(RivalError::Another(self.bot))?;
                    let waited = board.now().saturating_sub(since);
                    worker::event!(
                        info,
                        TOKEN_FREE,
                        "the token is free after {} s: polling from now on",
                        waited.as_secs()
                    );
                    return Ok(guard);
                }
                None if self.is_gone() => return Err(RivalError::Another(self.bot)),
                None => tokio::time::sleep(STAYS_PAUSE).await,
            }
        }
    }

    /// Whether the process that was seen has gone. Whoever cannot be told never has.
    fn is_gone(self) -> bool {
        self.holder.is_some_and(|pid| kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH))
    }
}
