//! The write thread: group commit.
//!
//! What waits is carried out in one transaction, each job in a savepoint of its own, and one commit (one fsync) makes all of
//! it durable; then all replies go out. While the disk works on one commit, the next group gathers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};
use worker::events::{STORE_FAILS, STORE_WORKS};

use super::error::StoreError;
use super::job::Job;
use super::reserve::Reserve;
use super::sql::Transaction;

/// How many jobs one commit takes at most.
const GROUP_JOBS: usize = 256;
/// After this long no further job joins the group, so that a slow one does not make the others wait without end.
const GROUP_TIME: Duration = Duration::from_millis(20);

pub(super) enum Message {
    Job(Box<dyn Job>),
    /// Answered from the thread, without touching the disk.
    Ping(oneshot::Sender<()>),
    /// Answered after an attempt to write something harmless and to have the reserve whole.
    Probe(oneshot::Sender<Result<(), StoreError>>),
    /// Whatever was sent before is still done.
    Close,
}

/// Why jobs fail just now, or will soon; `None`: all is well.
pub(super) type Trouble = watch::Sender<Option<StoreError>>;

/// Owns the one connection that writes.
pub(super) struct WriteThread {
    connection: Connection,
    messages: mpsc::Receiver<Message>,
    announced: watch::Sender<i64>,
    /// The highest number that a job of the group has announced.
    announces: i64,
    reserve: Reserve,
    group: Vec<Box<dyn Job>>,
    probes: Vec<oneshot::Sender<Result<(), StoreError>>>,
    open: bool,
    /// Why a commit failed, in a way that may have left its frames in the log, whole.
    unclear: Option<Arc<rusqlite::Error>>,
    /// Dropped last: who waits for its end knows that every file is closed.
    trouble: Trouble,
}

impl WriteThread {
    pub(super) fn new(
        connection: Connection,
        messages: mpsc::Receiver<Message>,
        reserve: Reserve,
        trouble: Trouble,
        announced: watch::Sender<i64>,
    ) -> Self {
        let group = Vec::with_capacity(GROUP_JOBS);
        Self {
            connection,
            messages,
            trouble,
            announced,
            announces: 0,
            reserve,
            group,
            probes: Vec::new(),
            open: true,
            unclear: None,
        }
    }

    /// Until [`Message::Close`], or until nobody can send any more.
    pub(super) fn run(mut self) {
        while self.open {
            let Some(message) = self.messages.blocking_recv() else { break };
            self.sort(message);
            while self.room()
                && let Ok(message) = self.messages.try_recv()
            {
                self.sort(message);
            }
            self.carry_out();
            for reply in std::mem::take(&mut self.probes) {
                let _gone = reply.send(self.probe());
            }
        }
        // Callers who come now are refused; those in the queue are told the same when it is dropped.
        self.messages.close();
        if let Err((_, error)) = self.connection.close() {
            tracing::warn!("closing the store: {error}");
        }
    }

    fn room(&self) -> bool {
        self.open && self.group.len() < GROUP_JOBS
    }

    fn sort(&mut self, message: Message) {
        match message {
            Message::Job(job) => self.group.push(job),
            // Whoever pings waits behind the commit under way, which is the point, but not for one of his own.
            Message::Ping(reply) => drop(reply.send(())),
            Message::Probe(reply) => self.probes.push(reply),
            Message::Close => self.open = false,
        }
    }

    /// One group, from its begin to its replies.
    fn carry_out(&mut self) {
        self.group.retain(|job| !job.abandoned());
        if self.group.is_empty() {
            return;
        }
        let started = Instant::now();
        let outcome = self.transact();
        metrics::histogram!("store_commit_duration_seconds").record(started.elapsed().as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "at most a few hundred")]
        metrics::histogram!("store_group_jobs").record(self.group.len() as f64);
        if let Err(error) = &outcome {
            metrics::counter!("store_commits_failed_total").increment(1);
            tracing::error!(jobs = self.group.len(), "commit failed: {error}");
        }
        self.tell(&outcome);
        self.announce(outcome.is_ok());
        for job in self.group.drain(..) {
            job.finish(outcome.clone());
        }
    }

    /// Lets those who wait see what the group has announced, if that is true now.
    fn announce(&mut self, committed: bool) {
        let number = std::mem::take(&mut self.announces);
        if number > 0 && committed {
            self.announced.send_if_modified(|told| {
                let newer = number > *told;
                *told = number.max(*told);
                newer
            });
        }
    }

    fn transact(&mut self) -> Result<(), StoreError> {
        if let Some(source) = self.unclear.clone() {
            // Who asks again asks about that commit, and as long as it may count after a crash not even a no is certain.
            self.scrub().map_err(|_| StoreError::Unclear(source))?;
        }
        self.execute("BEGIN IMMEDIATE")?;
        let started = Instant::now();
        // Taken out while its jobs run; whoever comes meanwhile joins.
        let mut done = Vec::with_capacity(self.group.len());
        let mut waiting = std::mem::take(&mut self.group).into_iter();
        let mut changed = Ok(false);
        while let Some(mut job) = waiting.next() {
            if changed.is_ok() {
                changed = self.savepoint(job.as_mut()).map(|kept| kept || matches!(changed, Ok(true)));
            }
            done.push(job);
            if waiting.len() == 0 && done.len() < GROUP_JOBS && started.elapsed() < GROUP_TIME {
                while self.open
                    && self.group.is_empty()
                    && let Ok(message) = self.messages.try_recv()
                {
                    self.sort(message);
                }
                waiting = std::mem::take(&mut self.group).into_iter();
            }
        }
        self.group = done;
        match changed {
            Ok(true) => self.commit(),
            Ok(false) => {
                self.roll_back();
                Ok(())
            }
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }

    /// Writes something harmless, and has the reserve made again where it was given up.
    fn probe(&mut self) -> Result<(), StoreError> {
        let outcome = self.scrub();
        if outcome.is_ok() {
            self.reserve.make();
        }
        self.tell(&outcome);
        outcome.and(if self.reserve.is_whole() { Ok(()) } else { Err(StoreError::Full) })
    }

    /// Gives up the reserve where there was no space, and lets everybody know how the store is.
    fn tell(&mut self, outcome: &Result<(), StoreError>) {
        if matches!(outcome, Err(StoreError::Full)) && self.reserve.is_whole() {
            tracing::error!("the disk is full: uploads are refused until there is space again");
            self.reserve.give_up();
        }
        let trouble = match outcome {
            Err(error) => Some(error.clone()),
            Ok(()) if !self.reserve.is_whole() => Some(StoreError::Full),
            Ok(()) => None,
        };
        self.trouble.send_if_modified(|told| {
            let changed = told.is_some() != trouble.is_some();
            if let (true, Some(error)) = (changed, &trouble) {
                worker::event!(error, STORE_FAILS, %error, "the store cannot be written: {error}");
            } else if changed {
                worker::event!(info, STORE_WORKS, "the store can be written again");
            }
            *told = trouble;
            changed
        });
    }

    /// Runs one job; what it did is undone where it failed. An error means that the whole transaction is gone.
    fn savepoint(&mut self, job: &mut dyn Job) -> Result<bool, StoreError> {
        if job.abandoned() {
            return Ok(false);
        }
        self.execute("SAVEPOINT job")?;
        let transaction = Transaction::new(&self.connection);
        let keep = job.run(&transaction);
        // SQLite itself rolls everything back after some failures, a full disk among them.
        if self.connection.is_autocommit() {
            return Err(transaction.failure().unwrap_or(StoreError::Full));
        }
        let announced = transaction.announced();
        if keep {
            self.announces = self.announces.max(announced);
        } else {
            self.execute("ROLLBACK TO job")?;
        }
        self.execute("RELEASE job")?;
        Ok(keep)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let Err(error) = self.execute("COMMIT") else { return Ok(()) };
        self.roll_back();
        match error {
            // The write failed, so the frame that marks the commit is not in the log.
            StoreError::Full => Err(error),
            // The frames may all be in the log, only their fsync failed: after a crash they would count. Overwrite them.
            StoreError::Io(source) => {
                self.unclear = Some(Arc::clone(&source));
                match self.scrub() {
                    Ok(()) => Err(StoreError::Io(source)),
                    Err(_) => Err(StoreError::Unclear(source)),
                }
            }
            other => Err(other),
        }
    }

    /// Commits something harmless where the failed commit's frames are, which ends them.
    fn scrub(&mut self) -> Result<(), StoreError> {
        let scrubbed = self
            .execute("BEGIN IMMEDIATE")
            .and_then(|()| self.execute("UPDATE scrubs SET count = count + 1 WHERE id = 1"))
            .and_then(|()| self.execute("COMMIT"));
        match &scrubbed {
            Ok(()) => self.unclear = None,
            Err(_) => self.roll_back(),
        }
        scrubbed
    }

    fn roll_back(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK")
        {
            tracing::error!("rollback failed: {error}");
        }
    }

    fn execute(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}
