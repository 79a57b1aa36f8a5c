//! What works the inbox off: handlers side by side, each update finished when its handler is done, and the end of it all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use interfaces::inbox::Finish;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::Taken;
use super::lanes::Lanes;
use super::ledger::Ledger;
use crate::desk::Desk;
use crate::note::{Note, request_id};
use crate::send::Stopping;
use crate::storage::Storage;

/// Chats that are answered at the same time.
const SIDE_BY_SIDE: usize = 16;
/// How long handlers that run may go on after the signal to stop. What is not done by then stays in the inbox.
const DRAIN: Duration = Duration::from_secs(5);
/// An update that was not handled after so many restarts probably causes them.
const ATTEMPTS: u32 = 20;

/// Works updates off.
#[derive(Debug)]
pub(crate) struct Worker {
    taken: mpsc::UnboundedReceiver<Taken>,
    ledger: Arc<Mutex<Ledger>>,
    stop: CancellationToken,
}

impl Worker {
    pub(super) fn new(
        taken: mpsc::UnboundedReceiver<Taken>,
        ledger: Arc<Mutex<Ledger>>,
        stop: CancellationToken,
    ) -> Self {
        Self { taken, ledger, stop }
    }

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
                    Some(taken) => {
                        // What is under way in its chat need not wait for its turn to hear of it.
                        desk.cancels.arrived(&taken.entry);
                        lanes.push(chat_of(&taken.entry.payload), taken);
                    }
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
    desk.cancels.taken_up(id);
    let taken = Arc::new(taken);
    // Everything that is logged on the way is about this update.
    let about = tracing::error_span!("update", natrium_request = request_id(desk.bot, id));
    if attend_and_finish(&desk, &taken).instrument(about).await.is_ok() {
        ledger.lock().unwrap_or_else(PoisonError::into_inner).finish(id);
    }
}

async fn attend_and_finish(desk: &Arc<Desk>, taken: &Arc<Taken>) -> Result<(), Stopping> {
    let id = taken.entry.id;
    if Note::of(&taken.entry).attempts > ATTEMPTS {
        tracing::error!("given up after {ATTEMPTS} restarts");
        desk.apologise(&taken.entry).await?;
    } else {
        // A task of its own, so that a mistake in one handler does not end the worker.
        let (with, on) = (desk.clone(), taken.clone());
        let handled = tokio::spawn(async move { with.handle(&on.entry).await }.in_current_span());
        match Handling(handled).await {
            Ok(handled) => handled?,
            Err(error) if error.is_cancelled() => return Err(Stopping),
            Err(error) => {
                tracing::error!("handling an update: {error}");
                desk.apologise(&taken.entry).await?;
            }
        }
    }
    finish(&desk.storage, desk.bot, id).await
}

async fn finish(storage: &Storage, bot: i64, update_id: i64) -> Result<(), Stopping> {
    let call = Finish { bot, update_id };
    if let Err(no) = storage.ask("finishing an update", || storage.inbox.finish(&call)).await? {
        tracing::error!("an update was not finished: {no:?}");
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
}
