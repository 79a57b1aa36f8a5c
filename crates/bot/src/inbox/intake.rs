//! What fills the inbox: updates from Telegram become durable, and those that nobody handles are taken on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use interfaces::inbox::{Entry, Error, Receive, State, Unfinished, Update};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::Taken;
use super::ledger::Ledger;
use crate::backoff::{Backoff, Growth, fresh_seed};
use crate::note::{Note, remember};
use crate::send::Stopping;
use crate::storage::{No, Storage};
use crate::telegram::RawUpdate;

/// Updates in memory at most; polling waits while there are as many.
const IN_MEMORY: usize = 256;
/// Updates in one call to the writer, in bytes of JSON. The writer takes 4 MiB.
const CALL_BYTES: usize = 1024 * 1024;
/// No message that we could want is longer. Telegram's limit is about 4 MiB per answer.
const UPDATE_BYTES: usize = 512 * 1024;
/// Between attempts when the writer refuses.
const REFUSED: Growth = Growth { first: Duration::from_secs(2), most: Duration::from_secs(60) };
/// Updates that are asked for at once when looking through the inbox.
const PAGE: usize = 50;

/// The way into the inbox.
#[derive(Debug)]
pub(crate) struct Intake {
    bot: i64,
    storage: Storage,
    ledger: Arc<Mutex<Ledger>>,
    room: Arc<Semaphore>,
    taken: mpsc::UnboundedSender<Taken>,
    stop: CancellationToken,
}

impl Intake {
    pub(super) fn new(
        bot: i64,
        storage: Storage,
        ledger: Arc<Mutex<Ledger>>,
        taken: mpsc::UnboundedSender<Taken>,
        stop: CancellationToken,
    ) -> Self {
        Self { bot, storage, ledger, room: Arc::new(Semaphore::new(IN_MEMORY)), taken, stop }
    }

    /// Waits until there is room for an update; answers for how many there is.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn room(&self) -> Result<usize, Stopping> {
        drop(self.permit().await?);
        Ok(self.room.available_permits().max(1))
    }

    /// Keeps updates, and takes on those that nobody handles yet. They are durable when it returns.
    ///
    /// # Errors
    /// When the worker stops first: then it is not known whether they are, and Telegram must not be told so.
    pub(crate) async fn receive(&self, updates: Vec<RawUpdate>) -> Result<(), Stopping> {
        for updates in calls(updates) {
            let call = Receive { bot: self.bot, updates };
            let mut backoff = Backoff::new(REFUSED, fresh_seed());
            let fresh = loop {
                match self.storage.ask("keeping updates", || self.storage.inbox.receive(&call)).await? {
                    Ok(reply) => break reply.fresh,
                    // Nothing is confirmed meanwhile: Telegram keeps them.
                    Err(no) => self.refused("keeping updates", &no, &mut backoff).await?,
                }
            };
            let forgotten = {
                let ledger = self.ledger();
                call.updates.iter().any(|update| !fresh.contains(&update.id) && !ledger.knows(update.id))
            };
            if forgotten {
                // Finished before a restart, or kept by a call whose answer was lost: only the inbox knows.
                self.recover().await?;
                continue;
            }
            for update in call.updates.into_iter().filter(|update| fresh.contains(&update.id)) {
                let entry =
                    Entry { id: update.id, payload: update.payload, state: State::Received, outcome: None, note: None };
                self.take_on(entry).await?;
            }
        }
        Ok(())
    }

    /// Takes on everything in the inbox that is not finished and that nobody handles.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn recover(&self) -> Result<usize, Stopping> {
        let limit = i64::try_from(PAGE).unwrap_or(1);
        let (mut after, mut found) = (None, 0);
        let mut backoff = Backoff::new(REFUSED, fresh_seed());
        loop {
            let call = Unfinished { bot: self.bot, after, limit };
            let entries =
                match self.storage.ask("looking through the inbox", || self.storage.inbox.unfinished(&call)).await? {
                    Ok(reply) => reply.entries,
                    // The update that the last page ended with is forgotten: begin anew, what is known is passed over.
                    Err(No::Said(Error::NoSuchUpdate { .. })) if after.is_some() => {
                        after = None;
                        continue;
                    }
                    Err(no) => {
                        self.refused("looking through the inbox", &no, &mut backoff).await?;
                        continue;
                    }
                };
            let Some(last) = entries.last() else { return Ok(found) };
            after = Some(last.id);
            for mut entry in entries {
                if self.ledger().knows(entry.id) {
                    continue;
                }
                found += 1;
                self.count_attempt(&mut entry).await?;
                self.take_on(entry).await?;
            }
        }
    }

    /// Counts, in the update's note, how often a restart found it not handled.
    async fn count_attempt(&self, entry: &mut Entry) -> Result<(), Stopping> {
        if entry.state == State::Applied {
            return Ok(());
        }
        let mut note = Note::of(entry);
        note.attempts = note.attempts.saturating_add(1);
        entry.note = serde_json::to_value(note).ok();
        remember(&self.storage, self.bot, entry.id, note).await
    }

    async fn take_on(&self, entry: Entry) -> Result<(), Stopping> {
        let room = self.permit().await?;
        if self.ledger().take_on(entry.id) {
            // The worker is gone only when everything stops.
            self.taken.send(Taken { entry, _room: room }).map_err(|_| Stopping)?;
        }
        Ok(())
    }

    /// The writer answers, and refuses what it should do: our own mistake, or one of its settings. A person will mend it.
    async fn refused(&self, what: &str, no: &No<Error>, backoff: &mut Backoff) -> Result<(), Stopping> {
        tracing::error!("{what} was refused: {no:?}");
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Stopping),
            () = tokio::time::sleep(backoff.pause()) => Ok(()),
        }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Stopping> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Stopping),
            permit = self.room.clone().acquire_owned() => permit.map_err(|_| Stopping),
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Cuts a batch into calls that the writer takes.
fn calls(updates: Vec<RawUpdate>) -> Vec<Vec<Update>> {
    let mut calls: Vec<Vec<Update>> = Vec::new();
    let mut bytes = usize::MAX;
    for RawUpdate { id, mut payload } in updates {
        let mut size = payload.to_string().len();
        if size > UPDATE_BYTES {
            tracing::warn!(update_id = id, size, "an update is too long to be a message to us; it is passed over");
            payload = serde_json::json!({ "update_id": id });
            size = 0;
        }
        if bytes.saturating_add(size) > CALL_BYTES {
            calls.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(call) = calls.last_mut() {
            call.push(Update { id, payload });
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_large_batch_is_cut_and_an_update_that_is_too_long_leaves_its_id() {
        let update = |id, length| RawUpdate { id, payload: json!({"update_id": id, "text": "x".repeat(length)}) };
        let cut =
            calls(vec![update(1, 10), update(2, 400_000), update(3, 400_000), update(4, 400_000), update(5, 600_000)]);
        let ids: Vec<Vec<i64>> = cut.iter().map(|call| call.iter().map(|update| update.id).collect()).collect();
        assert_eq!(ids, [vec![1, 2, 3], vec![4, 5]]);
        assert_eq!(cut[1][1].payload, json!({"update_id": 5}));
        assert!(calls(Vec::new()).is_empty());
    }
}
