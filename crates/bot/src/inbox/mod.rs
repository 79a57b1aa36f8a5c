//! Updates between being kept and being finished: each chat's in order, several chats side by side.
//!
//! Owns which update is handled when, and that it is finished afterwards; must not know what an update says beyond the chat
//! that it belongs to. Here teloxide's `Dispatcher` would stand: it cannot hand an update's stored outcome and note to its
//! handler, works off everything queued before it stops, drops updates that it cannot parse without telling anybody, does
//! not bound how many chats run at once, and panics when a handler has panicked. So only teloxide's types are used.

mod lanes;
mod ledger;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use interfaces::inbox::{Entry, Error, Finish, Receive, Unfinished, Update};
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use self::lanes::Lanes;
use self::ledger::Ledger;
use crate::backoff::{Backoff, Growth, fresh_seed};
use crate::desk::{Desk, Note, remember, request_id};
use crate::send::Stopping;
use crate::storage::{No, Storage};
use crate::telegram::RawUpdate;

/// Updates in memory at most; polling waits while there are as many.
pub(crate) const IN_MEMORY: usize = 256;
/// Chats that are answered at the same time.
const SIDE_BY_SIDE: usize = 16;
/// How long handlers that run may go on after the signal to stop. What is not done by then stays in the inbox.
const DRAIN: Duration = Duration::from_secs(5);
/// An update that was not handled after so many restarts probably causes them.
const ATTEMPTS: u32 = 20;
/// Updates in one call to the writer, in bytes of JSON. The writer takes 4 MiB.
const CALL_BYTES: usize = 1024 * 1024;
/// No message that we could want is longer. Telegram's limit is about 4 MiB per answer.
const UPDATE_BYTES: usize = 512 * 1024;
/// Between attempts when the writer refuses.
const REFUSED: Growth = Growth { first: Duration::from_secs(2), most: Duration::from_secs(60) };
/// Updates that are asked for at once when looking through the inbox.
const PAGE: usize = 50;

/// An update that has room in memory.
#[derive(Debug)]
pub(crate) struct Taken {
    entry: Entry,
    /// Held for as long as the update is in memory.
    _room: OwnedSemaphorePermit,
}

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

/// The inbox's two ends: what fills it, and what works it off.
pub(crate) fn open(bot: i64, storage: Storage, stop: CancellationToken) -> (Intake, Worker) {
    let (sender, taken) = mpsc::unbounded_channel();
    let ledger = Arc::<Mutex<Ledger>>::default();
    let room = Arc::new(Semaphore::new(IN_MEMORY));
    let intake = Intake { bot, storage, ledger: ledger.clone(), room, taken: sender, stop: stop.clone() };
    (intake, Worker { taken, ledger, stop })
}

impl Intake {
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
                let state = interfaces::inbox::State::Received;
                let entry = Entry { id: update.id, payload: update.payload, state, outcome: None, note: None };
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
        if entry.state == interfaces::inbox::State::Applied {
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
            tracing::warn!(update = id, size, "an update is too long to be a message to us; it is passed over");
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

/// Works updates off.
#[derive(Debug)]
pub(crate) struct Worker {
    taken: mpsc::UnboundedReceiver<Taken>,
    ledger: Arc<Mutex<Ledger>>,
    stop: CancellationToken,
}

impl Worker {
    /// Handles updates until the worker is to stop, and then waits a while for those under way.
    pub(crate) async fn run(mut self, desk: Arc<Desk>) {
        let mut lanes = Lanes::new(SIDE_BY_SIDE);
        let mut handlers = JoinSet::new();
        let mut chats = HashMap::new();
        loop {
            while let Some((chat, taken)) = lanes.start() {
                let handler = handlers.spawn(attend(desk.clone(), self.ledger.clone(), taken));
                chats.insert(handler.id(), chat);
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                Some(ended) = handlers.join_next_with_id() => {
                    if let Some(chat) = chats.remove(&task(&ended)) {
                        lanes.done(chat);
                    }
                }
                taken = self.taken.recv() => match taken {
                    Some(taken) => lanes.push(chat_of(&taken.entry.payload), taken),
                    None => break,
                },
            }
        }
        let left = lanes.clear_waiting();
        let drained = tokio::time::timeout(DRAIN, async { while handlers.join_next().await.is_some() {} }).await;
        if left > 0 || drained.is_err() {
            tracing::info!(
                waiting = left,
                under_way = handlers.len(),
                "updates stay in the inbox until the next start"
            );
        }
    }
}

fn task<T>(ended: &Result<(Id, T), JoinError>) -> Id {
    match ended {
        Ok((id, _)) => *id,
        Err(error) => error.id(),
    }
}

/// Handles one update and finishes it.
async fn attend(desk: Arc<Desk>, ledger: Arc<Mutex<Ledger>>, taken: Taken) {
    let id = taken.entry.id;
    let taken = Arc::new(taken);
    if attend_and_finish(&desk, &taken).await.is_ok() {
        ledger.lock().unwrap_or_else(PoisonError::into_inner).finish(id);
    }
}

async fn attend_and_finish(desk: &Arc<Desk>, taken: &Arc<Taken>) -> Result<(), Stopping> {
    let id = taken.entry.id;
    if Note::of(&taken.entry).attempts > ATTEMPTS {
        tracing::error!(request = request_id(desk.bot, id), "given up after {ATTEMPTS} restarts");
        desk.apologise(&taken.entry).await?;
    } else {
        // A task of its own, so that a mistake in one handler does not end the worker.
        let (with, on) = (desk.clone(), taken.clone());
        let handled = tokio::spawn(async move { with.handle(&on.entry).await });
        match Handling(handled).await {
            Ok(handled) => handled?,
            Err(error) if error.is_cancelled() => return Err(Stopping),
            Err(error) => {
                tracing::error!(request = request_id(desk.bot, id), "handling an update: {error}");
                desk.apologise(&taken.entry).await?;
            }
        }
    }
    finish(&desk.storage, desk.bot, id).await
}

async fn finish(storage: &Storage, bot: i64, update_id: i64) -> Result<(), Stopping> {
    let call = Finish { bot, update_id };
    if let Err(no) = storage.ask("finishing an update", || storage.inbox.finish(&call)).await? {
        tracing::error!(request = request_id(bot, update_id), "an update was not finished: {no:?}");
    }
    Ok(())
}

/// The chat that an update belongs to; 0 for those of none. Every kind of update holds either a chat, or a message that
/// does, or at least a person (Bot API, `Update`).
fn chat_of(payload: &Value) -> i64 {
    let parts = payload.as_object().into_iter().flat_map(|update| update.values()).filter(|part| part.is_object());
    let ids = |part: &Value| {
        ["/chat/id", "/message/chat/id", "/from/id", "/user/id"]
            .iter()
            .find_map(|at| part.pointer(at).and_then(Value::as_i64))
    };
    parts.into_iter().find_map(ids).unwrap_or(0)
}

/// A task that ends when it is no longer waited for.
struct Handling<T>(tokio::task::JoinHandle<T>);

impl<T> Future for Handling<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for Handling<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use serde_json::json;

    use super::*;

    #[test]
    fn the_chat_is_found_in_every_kind_of_update() {
        for (payload, chat) in [
            (json!({"update_id": 1, "message": {"chat": {"id": 7}, "from": {"id": 8}}}), 7),
            (json!({"update_id": 1, "callback_query": {"from": {"id": 8}, "message": {"chat": {"id": -7}}}}), -7),
            (json!({"update_id": 1, "inline_query": {"from": {"id": 8}}}), 8),
            (json!({"update_id": 1, "poll_answer": {"user": {"id": 9}}}), 9),
            (json!({"update_id": 1, "poll": {}}), 0),
            (json!("nonsense"), 0),
        ] {
            assert_eq!(chat_of(&payload), chat, "{payload}");
        }
    }

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
