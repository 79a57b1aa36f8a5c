//! What people must be told though they did not ask: kept from the transaction of the effect on until they were told.

use futures_util::stream;
use interfaces::Replies;
use interfaces::notices::{Event, Notice, WatchReply};
use tokio::sync::watch;

use crate::clock::unix_ms;
use crate::store::{Store, StoreError, Transaction};

/// How long notices are kept after they were told.
pub(crate) const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Has `user` be told. Who waits for notices is woken by the commit.
pub(crate) fn tell(transaction: &Transaction<'_>, user: i64, event: &Event, now_ms: i64) -> Result<(), StoreError> {
    let event = serde_json::to_string(event).map_err(|_| StoreError::Unreadable("a notice"))?;
    let sql = "INSERT INTO notices (user, at_ms, event) VALUES (?1, ?2, ?3) RETURNING id";
    let id = transaction.first(sql, (user, now_ms, event), |row| row.get(0))?;
    transaction.announce(id.ok_or(StoreError::Unreadable("a notice"))?);
    Ok(())
}

/// Somebody is not to be told any more what they have not been told yet.
pub(crate) fn forget(transaction: &Transaction<'_>, user: i64) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM notices WHERE user = ?1 AND told_ms IS NULL", [user]).map(drop)
}

/// The notices. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Notices {
    store: Store,
}

impl Notices {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// At most `limit` notices after the one given that nobody was told of, oldest first.
    pub(crate) async fn pending(&self, after: i64, limit: i64) -> Result<Vec<Notice>, StoreError> {
        let sql = "SELECT id, user, at_ms, event FROM notices WHERE told_ms IS NULL AND id > ?1 ORDER BY id LIMIT ?2";
        let rows = self
            .store
            .read(move |view| {
                view.all(sql, (after, limit), |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, String>(3)?))
                })
            })
            .await?;
        let notice = |(id, user, at_ms, event): (i64, i64, i64, String)| {
            let event = serde_json::from_str(&event).map_err(|_| StoreError::Unreadable("a notice"))?;
            Ok(Notice { id, user, at_ms, event })
        };
        rows.into_iter().map(notice).collect()
    }

    /// The person was told. One that is not kept any more, or never was, needs nothing.
    pub(crate) async fn told(&self, id: i64) -> Result<(), StoreError> {
        let now_ms = unix_ms();
        self.store
            .write(move |transaction| {
                transaction.execute("UPDATE notices SET told_ms = ?2 WHERE id = ?1 AND told_ms IS NULL", (id, now_ms))
            })
            .await
            .map(drop)
    }

    /// The newest notice's number, now and whenever there is a new one.
    pub(crate) async fn watch(&self) -> Result<Replies<WatchReply>, StoreError> {
        // Followed from before it is asked what there is: nothing falls in between.
        let announced = self.store.announced();
        let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'notices'";
        let newest: Option<i64> = self.store.read(move |view| view.first(sql, [], |row| row.get(0))).await?;
        let watching = Watching { announced, told: None, least: newest.unwrap_or(0) };
        Ok(Box::pin(stream::unfold(watching, |mut watching| async {
            let newest = watching.next().await?;
            Some((WatchReply { newest }, watching))
        })))
    }
}

struct Watching {
    announced: watch::Receiver<i64>,
    /// What was sent last.
    told: Option<i64>,
    /// There is one of this number at least.
    least: i64,
}

impl Watching {
    /// The newest number that was not sent yet; nothing when the store is closed.
    async fn next(&mut self) -> Option<i64> {
        loop {
            let newest = self.least.max(*self.announced.borrow_and_update());
            if self.told.is_none_or(|told| newest > told) {
                self.told = Some(newest);
                return self.told;
            }
            self.announced.changed().await.ok()?;
        }
    }
}

/// Forgets at most `limit` notices told before `before_ms`, and tells how many.
pub(crate) fn prune(transaction: &Transaction<'_>, before_ms: i64, limit: i64) -> Result<usize, StoreError> {
    let sql = "DELETE FROM notices WHERE id IN (
        SELECT id FROM notices WHERE told_ms IS NOT NULL AND told_ms < ?1 ORDER BY told_ms LIMIT ?2)";
    transaction.execute(sql, (before_ms, limit))
}

#[cfg(test)]
mod tests;
