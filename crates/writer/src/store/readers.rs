//! Read-only connections. In WAL mode they see the last commit and never wait for the one under way.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::error::StoreError;
use super::sql::Snapshot;

/// Reads at the same time on behalf of async tasks; more wait for their turn.
const CONCURRENT: usize = 4;
/// Connections kept open while nobody reads.
const IDLE: usize = 2;

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    pub(super) turns: Semaphore,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::new(Vec::new()), turns: Semaphore::new(CONCURRENT) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads in one snapshot, on a thread that may block.
    pub(super) fn read<T, E: From<StoreError>>(
        &self,
        look: impl FnOnce(&Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect().map_err(StoreError::from)?,
        };
        let result = {
            // Dropped at the end of the block, which ends the snapshot, after a panic of `look` as well.
            let _snapshot = connection.unchecked_transaction().map_err(StoreError::from)?;
            look(&Snapshot::new(&connection))
        };
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(connection);
        }
        result
    }

    pub(super) fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -512)?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(connection)
    }
}
