//! What a job may do with the store: statements, but nothing that would end the transaction around it.

use std::cell::{Cell, RefCell};
use std::ops::Deref;

use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::error::StoreError;

/// One consistent view of the store, for reading.
#[derive(Debug)]
pub struct Snapshot<'c> {
    connection: &'c Connection,
    /// The last failure of a statement here, whatever the job made of it.
    failure: RefCell<Option<StoreError>>,
}

impl<'c> Snapshot<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, failure: RefCell::new(None) }
    }

    fn noted<T>(&self, done: rusqlite::Result<T>) -> Result<T, StoreError> {
        done.map_err(|error| {
            let error = StoreError::from(error);
            self.failure.replace(Some(error.clone()));
            error
        })
    }

    /// The first row of a query, if it has one.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub fn first<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let prepared = self.connection.prepare_cached(sql);
        self.noted(prepared.and_then(|mut statement| statement.query_row(params, read).optional()))
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let prepared = self.connection.prepare_cached(sql);
        self.noted(prepared.and_then(|mut statement| statement.query_map(params, read)?.collect()))
    }
}

/// One job's part of the transaction under way.
#[derive(Debug)]
pub struct Transaction<'c> {
    snapshot: Snapshot<'c>,
    /// The highest number announced.
    announced: Cell<i64>,
}

impl<'c> Transaction<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { snapshot: Snapshot::new(connection), announced: Cell::new(0) }
    }

    /// Has those who follow [`Store::announced`](super::Store::announced) see a number, once it is true: after the commit.
    /// Costs nothing where nobody does.
    pub fn announce(&self, number: i64) {
        self.announced.set(self.announced.get().max(number));
    }

    pub(super) fn announced(&self) -> i64 {
        self.announced.get()
    }

    /// The last failure of a statement here, whatever the job made of it.
    pub(super) fn failure(self) -> Option<StoreError> {
        self.snapshot.failure.into_inner()
    }

    /// Runs a statement and tells how many rows it changed.
    ///
    /// # Errors
    /// [`StoreError`] where the statement cannot be carried out.
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        let changed = self.snapshot.connection.prepare_cached(sql).and_then(|mut statement| statement.execute(params));
        self.snapshot.noted(changed)
    }
}

impl<'c> Deref for Transaction<'c> {
    type Target = Snapshot<'c>;

    fn deref(&self) -> &Snapshot<'c> {
        &self.snapshot
    }
}
