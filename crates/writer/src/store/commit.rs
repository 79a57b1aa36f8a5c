//! The write thread: group commit.
//!
//! What waits is carried out in one transaction, each job in a savepoint of its own, and one commit (one fsync) makes all of
//! it durable; then all replies go out. While the disk works on one commit, the next group gathers.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::error::StoreError;
use super::job::Job;
use super::sql::Transaction;

/// How many jobs one commit takes at most.
const GROUP_JOBS: usize = 256;
/// After this long no further job joins the group, so that a slow one does not make the others wait without end.
const GROUP_TIME: Duration = Duration::from_millis(20);

pub(super) enum Message {
    Job(Box<dyn Job>),
    /// Answered from the thread, without touching the disk.
    Ping(oneshot::Sender<()>),
    /// Whatever was sent before is still done.
    Close,
}

/// How the last commit went; `None`: well.
pub(super) type Trouble = watch::Sender<Option<StoreError>>;

/// Owns the one connection that writes.
pub(super) struct WriteThread {
    connection: Connection,
    trouble: Trouble,
    /// A commit failed in a way that may have left its frames in the log, whole.
    unclear: bool,
}

impl WriteThread {
    pub(super) fn new(connection: Connection, trouble: Trouble) -> Self {
        Self { connection, trouble, unclear: false }
    }

    /// Until [`Message::Close`], or until nobody can send any more.
    pub(super) fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut group = Vec::with_capacity(GROUP_JOBS);
        let mut pings = Vec::new();
        let mut open = true;
        while open {
            let Some(mut message) = messages.blocking_recv() else { break };
            // A ping waits behind the group that is under way, which is the point, but not for one of its own.
            loop {
                match message {
                    Message::Job(job) => group.push(job),
                    Message::Ping(reply) => pings.push(reply),
                    Message::Close => open = false,
                }
                if !open || group.len() >= GROUP_JOBS {
                    break;
                }
                match messages.try_recv() {
                    Ok(next) => message = next,
                    Err(_) => break,
                }
            }
            for ping in pings.drain(..) {
                let _gone = ping.send(());
            }
            self.carry_out(&mut group, &mut messages, &mut open);
        }
        // Callers who come now are refused; those in the queue are told the same when it is dropped.
        messages.close();
        if let Err((_, error)) = self.connection.close() {
            tracing::warn!(%error, "closing the store");
        }
    }

    /// One group, from its begin to its replies.
    fn carry_out(&mut self, group: &mut Vec<Box<dyn Job>>, messages: &mut mpsc::Receiver<Message>, open: &mut bool) {
        group.retain(|job| !job.abandoned());
        if group.is_empty() {
            return;
        }
        let started = Instant::now();
        let outcome = self.transact(group, messages, open);
        metrics::histogram!("store_commit_duration_seconds").record(started.elapsed().as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "at most a few hundred")]
        metrics::histogram!("store_group_jobs").record(group.len() as f64);
        if let Err(error) = &outcome {
            metrics::counter!("store_commits_failed_total").increment(1);
            tracing::error!(%error, jobs = group.len(), "commit failed");
        }
        self.trouble.send_if_modified(|trouble| {
            let changed = trouble.is_some() != outcome.is_err();
            *trouble = outcome.as_ref().err().cloned();
            changed
        });
        for job in group.drain(..) {
            job.finish(outcome.clone());
        }
    }

    fn transact(
        &mut self,
        group: &mut Vec<Box<dyn Job>>,
        messages: &mut mpsc::Receiver<Message>,
        open: &mut bool,
    ) -> Result<(), StoreError> {
        if self.unclear {
            self.scrub()?;
        }
        self.execute("BEGIN IMMEDIATE")?;
        let started = Instant::now();
        let mut changed = false;
        let mut next = 0;
        while let Some(job) = group.get_mut(next) {
            match self.savepoint(job.as_mut()) {
                Ok(kept) => changed |= kept,
                Err(error) => {
                    self.roll_back();
                    return Err(error);
                }
            }
            next += 1;
            // Who came while the others were being carried out joins, too.
            while *open && group.len() < GROUP_JOBS && started.elapsed() < GROUP_TIME && next == group.len() {
                match messages.try_recv() {
                    Ok(Message::Job(job)) => group.push(job),
                    Ok(Message::Ping(reply)) => drop(reply.send(())),
                    Ok(Message::Close) => *open = false,
                    Err(_) => break,
                }
            }
        }
        if !changed {
            self.roll_back();
            return Ok(());
        }
        self.commit()
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
        if !keep {
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
                self.unclear = true;
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
            Ok(()) => self.unclear = false,
            Err(_) => self.roll_back(),
        }
        scrubbed
    }

    fn roll_back(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK")
        {
            tracing::error!(%error, "rollback failed");
        }
    }

    fn execute(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}
