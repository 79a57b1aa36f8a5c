//! Which versions are in place, kept over a restart: so that a file that is gone or old after it is known to be somebody's doing.
//!
//! Noted a moment after a publication and at the end, so that no upload waits for it. Where the writer was killed in between, what
//! is found is taken for a publication that did not come to its end, and is made up for.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, UNIX_EPOCH};

use super::{Configs, Inner, KindSpec, KindState};
use crate::store::{Snapshot, StoreError, Transaction};

/// After a publication: what is published without pause is noted once in that time.
const AFTER: Duration = Duration::from_secs(1);
/// Between attempts.
const AGAIN: Duration = Duration::from_secs(2);

/// What is in place of each kind, and where.
type Placed = BTreeMap<String, (i64, String)>;

impl Configs {
    /// Notes what is in place whenever that has changed. Never ends; sleeps while nothing is published.
    pub(crate) async fn keep_noting(self) {
        let (mut published, mut by_hand) = (self.published(), self.by_hand());
        let mut told = false;
        loop {
            published.mark_unchanged();
            by_hand.mark_unchanged();
            match self.note_placed().await {
                Ok(()) => {
                    told = false;
                    // Fails only when the senders are gone, which `self` holds.
                    let _changed = tokio::select! {
                        changed = published.changed() => changed,
                        changed = by_hand.changed() => changed,
                    };
                    tokio::time::sleep(AFTER).await;
                }
                Err(error) => {
                    if !told {
                        tracing::warn!("cannot note which versions are in place: {error}; trying again");
                    }
                    told = true;
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// Notes what is in place, if that is not known.
    pub(crate) async fn note_placed(&self) -> Result<(), StoreError> {
        let inner = std::sync::Arc::clone(&self.inner);
        let noting = tokio::task::spawn_blocking(move || {
            let mut placed = inner.placed();
            let known = inner.store.read_blocking(placed_before)?;
            placed.retain(|kind, place| known.get(kind) != Some(place));
            if placed.is_empty() {
                return Ok(());
            }
            // Nobody's words are to be refused for it.
            inner.store.has_room()?;
            let noted = inner.store.submit(move |transaction| {
                for (kind, (version, place)) in &placed {
                    let sql =
                        "INSERT INTO placed (kind, version, place) VALUES (?1, ?2, ?3) ON CONFLICT (kind) DO UPDATE
                        SET version = excluded.version, place = excluded.place
                        WHERE excluded.version >= version OR excluded.place <> place";
                    transaction.execute(sql, (kind, version, place))?;
                }
                Ok::<_, StoreError>(())
            });
            noted?.wait()
        });
        noting.await.map_err(|_| StoreError::Panicked)?
    }
}

impl Inner {
    /// Whether this version of a kind was in place where its file has to be.
    pub(super) fn was_in_place(&self, kind: &KindState, version: i64) -> Result<bool, StoreError> {
        let Ok(place) = self.place(&kind.spec) else { return Ok(false) };
        let sql = "SELECT 1 FROM placed WHERE kind = ?1 AND version = ?2 AND place = ?3";
        let params = (&kind.spec.name, version, place);
        self.store.read_blocking(|view| Ok(view.first(sql, params, |_| Ok(()))?.is_some()))
    }

    fn placed(&self) -> Placed {
        let (published, by_hand) = (self.published.borrow().clone(), self.by_hand.borrow().clone());
        let in_place = published.into_iter().filter(|(name, _)| !by_hand.contains_key(name));
        let placed = in_place.filter_map(|(name, (version, _))| {
            let place = self.place(&self.kind(&name)?.spec).ok()?;
            Some((name, (version, place)))
        });
        placed.collect()
    }

    /// Where a kind's file has to be. A directory that was made anew is another place: that nothing is in it is nobody's doing. On
    /// a file system that does not tell when it was made, no place is known again.
    fn place(&self, spec: &KindSpec) -> io::Result<String> {
        let directory = self.publisher.directory().metadata()?;
        let made = directory.created()?.duration_since(UNIX_EPOCH).map_err(io::Error::other)?.as_nanos();
        Ok(format!("{}:{made}:{}", directory.ino(), self.publisher.path(spec).display()))
    }
}

/// Forgets whatever a store of this schema knows of the files that stand where its kinds are published.
pub(crate) fn forget_files(transaction: &Transaction<'_>, schema: i64) -> Result<(), StoreError> {
    let tables = [("changed_by_hand", 3), ("placed", 5), ("removed", 5)];
    for (table, _) in tables.into_iter().filter(|(_, since)| schema >= *since) {
        transaction.execute(&format!("DELETE FROM {table}"), ())?;
    }
    Ok(())
}

fn placed_before(view: &Snapshot<'_>) -> Result<Placed, StoreError> {
    let sql = "SELECT kind, version, place FROM placed";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)));
    Ok(view.all(sql, [], row)?.into_iter().collect())
}
