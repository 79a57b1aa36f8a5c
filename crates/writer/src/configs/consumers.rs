//! Which version a program says it runs. The newest word counts.

use interfaces::configs::{Ack, Consumer};

use super::{Configs, GetError, versions};
use crate::clock::unix_ms;

/// Programs of one kind at most; those that have been silent for the longest time are forgotten.
const CONSUMERS: i64 = 100;

impl Configs {
    /// Notes what a program says.
    pub(crate) async fn ack(&self, call: Ack) -> Result<(), GetError> {
        let declared = self.inner.kind(&call.kind).is_some();
        self.inner
            .store
            .write(move |transaction| {
                let Ack { kind, consumer, version } = call;
                if versions::one(transaction, &kind, version)?.is_none() {
                    let known = declared || versions::current(transaction, &kind)?.is_some();
                    return Err(if known { GetError::NoSuchVersion } else { GetError::NoSuchKind });
                }
                let sql = "INSERT INTO consumers (kind, name, version, acknowledged_ms) VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT (kind, name) DO UPDATE
                    SET version = excluded.version, acknowledged_ms = excluded.acknowledged_ms";
                transaction.execute(sql, (&kind, consumer, version, unix_ms()))?;
                let sql =
                    "DELETE FROM consumers WHERE kind = ?1 AND name IN (SELECT name FROM consumers WHERE kind = ?1
                    ORDER BY acknowledged_ms DESC, name LIMIT -1 OFFSET ?2)";
                transaction.execute(sql, (&kind, CONSUMERS))?;
                Ok(())
            })
            .await
    }

    /// The programs that said so, by name.
    pub(crate) async fn consumers(&self, kind: String) -> Result<Vec<Consumer>, GetError> {
        let declared = self.inner.kind(&kind).is_some();
        self.inner
            .store
            .read(move |view| {
                if !declared && versions::current(view, &kind)?.is_none() {
                    return Err(GetError::NoSuchKind);
                }
                let sql = "SELECT name, version, acknowledged_ms FROM consumers WHERE kind = ?1 ORDER BY name";
                let consumer = |row: &rusqlite::Row<'_>| {
                    Ok(Consumer { name: row.get(0)?, version: row.get(1)?, acknowledged_ms: row.get(2)? })
                };
                Ok(view.all(sql, [&kind], consumer)?)
            })
            .await
    }
}
