//! The durable inbox: Telegram's updates from before Telegram is told that we have them until their senders were answered.
//!
//! received → applied → finished. `applied` is written by whoever has the effect, in the effect's own transaction
//! ([`settle`]). Finished updates are kept without their payload for a while, so that one that Telegram sends again is known.
//! Knows nothing of what an update means.

use interfaces::inbox::{Entry, Outcome, State, Update};
use serde_json::Value;

use crate::clock::unix_ms;
use crate::store::{Snapshot, Store, StoreError, Transaction};

/// How long finished updates are known. Telegram keeps updates for a day; after a week without any its ids start anew at
/// random, so they must not be known for that long (Bot API, `Update.update_id`).
pub(crate) const KEPT_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// The update asked for is not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InboxError {
    /// Never received, or finished long ago.
    #[error("no such update")]
    NoSuchUpdate,
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The inbox. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Inbox {
    store: Store,
}

impl Inbox {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Keeps updates; answers with the ids not kept before, in the order given. An id that stands twice in the batch is fresh
    /// once.
    pub(crate) async fn receive(&self, bot: i64, updates: Vec<Update>) -> Result<Vec<i64>, StoreError> {
        let updates: Vec<(i64, String)> =
            updates.into_iter().map(|update| (update.id, update.payload.to_string())).collect();
        self.store
            .write(move |transaction| {
                let sql = "INSERT INTO updates (bot, id, payload, state) VALUES (?1, ?2, ?3, 'received')
                    ON CONFLICT (bot, id) DO NOTHING";
                let mut fresh = Vec::new();
                for (id, payload) in updates {
                    if transaction.execute(sql, (bot, id, payload))? == 1 {
                        fresh.push(id);
                    }
                }
                Ok(fresh)
            })
            .await
    }

    /// Updates not finished, in the order of their arrival, those that arrived after the one given.
    pub(crate) async fn unfinished(&self, bot: i64, after: Option<i64>, limit: i64) -> Result<Vec<Entry>, InboxError> {
        self.store.read(move |view| unfinished(view, bot, after, limit)).await
    }

    /// Replaces the note of an unfinished update. A finished one needs none: then nothing happens.
    pub(crate) async fn note(&self, bot: i64, update_id: i64, note: Value) -> Result<(), InboxError> {
        let note = note.to_string();
        self.store
            .write(move |transaction| {
                let sql = "UPDATE updates SET note = iif(state = 'finished', NULL, ?3) WHERE bot = ?1 AND id = ?2";
                found(transaction.execute(sql, (bot, update_id, note))?)
            })
            .await
    }

    /// The update needs nothing more; only its id stays.
    pub(crate) async fn finish(&self, bot: i64, update_id: i64) -> Result<(), InboxError> {
        let now_ms = unix_ms();
        self.store
            .write(move |transaction| {
                let sql = "UPDATE updates SET state = 'finished', payload = '', note = NULL,
                    finished_ms = coalesce(finished_ms, ?3) WHERE bot = ?1 AND id = ?2";
                found(transaction.execute(sql, (bot, update_id, now_ms))?)
            })
            .await
    }
}

fn found(changed: usize) -> Result<(), InboxError> {
    if changed == 0 { Err(InboxError::NoSuchUpdate) } else { Ok(()) }
}

fn unfinished(view: &Snapshot<'_>, bot: i64, after: Option<i64>, limit: i64) -> Result<Vec<Entry>, InboxError> {
    let after = match after {
        None => 0,
        Some(id) => {
            let sql = "SELECT seq FROM updates WHERE bot = ?1 AND id = ?2";
            view.first(sql, (bot, id), |row| row.get(0))?.ok_or(InboxError::NoSuchUpdate)?
        }
    };
    let sql = "SELECT id, payload, state = 'applied', method, reply, note
        FROM updates LEFT JOIN requests ON request_id = settled_by
        WHERE bot = ?1 AND seq > ?2 AND state <> 'finished' ORDER BY seq LIMIT ?3";
    let rows = view.all(sql, (bot, after, limit), |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, bool>(2)?,
            row.get::<_, Option<String>>(3)?.zip(row.get::<_, Option<String>>(4)?),
            row.get::<_, Option<String>>(5)?,
        ))
    })?;
    let json = |text: &str| serde_json::from_str::<Value>(text).map_err(|_| StoreError::Unreadable("an update"));
    let mut entries = Vec::with_capacity(rows.len());
    for (id, payload, applied, outcome, note) in rows {
        let outcome = match outcome {
            Some((method, reply)) if applied => {
                let outcome = Outcome { method, reply: json(&reply)? };
                Some(serde_json::to_value(outcome).map_err(|_| StoreError::Unreadable("an outcome"))?)
            }
            _ => None,
        };
        entries.push(Entry {
            id,
            payload: json(&payload)?,
            state: if applied { State::Applied } else { State::Received },
            outcome,
            note: note.as_deref().map(json).transpose()?,
        });
    }
    Ok(entries)
}

/// Marks an update as applied; the reply kept under `request_id` is its outcome. To be called in the transaction of the
/// effect.
///
/// An update that is not kept, is finished, or was settled before stays as it is, and the effect is not hindered: what
/// protects the effect is its own request id; the first outcome stands.
pub(crate) fn settle(
    transaction: &Transaction<'_>,
    bot: i64,
    update_id: i64,
    request_id: &str,
) -> Result<(), StoreError> {
    let sql = "UPDATE updates SET state = 'applied', settled_by = ?3 WHERE bot = ?1 AND id = ?2 AND state = 'received'";
    if transaction.execute(sql, (bot, update_id, request_id))? == 0 {
        tracing::debug!(bot, update_id, natrium_request = request_id, "nothing to settle");
    }
    Ok(())
}

/// Forgets at most `limit` updates finished before `before_ms`, and tells how many.
pub(crate) fn prune(transaction: &Transaction<'_>, before_ms: i64, limit: i64) -> Result<usize, StoreError> {
    let sql = "DELETE FROM updates WHERE seq IN (
        SELECT seq FROM updates WHERE state = 'finished' AND finished_ms < ?1 ORDER BY finished_ms LIMIT ?2)";
    transaction.execute(sql, (before_ms, limit))
}

#[cfg(test)]
mod tests;
