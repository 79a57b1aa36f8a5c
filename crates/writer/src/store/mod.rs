//! The store: one SQLite file, one thread that writes it, short-lived readers beside it.
//!
//! Owns the file, its schema, the state lock and the order of commits. Knows nothing of configs, updates or Varlink: those
//! bring closures. Nothing is answered before it is durable (WAL, `synchronous = FULL`).

mod commit;
mod error;
mod job;
mod lock;
mod readers;
mod reserve;
mod schema;
mod sql;
mod whole;

use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{mpsc, oneshot, watch};

pub use error::{OpenError, StoreError};
pub use job::Reply;
pub(crate) use lock::StateLock;
pub(crate) use schema::KNOWN;
pub use sql::{Snapshot, Transaction};
pub(crate) use whole::{Whole, hex};

use commit::{Message, WriteThread};
use readers::Readers;
use reserve::Reserve;

/// Jobs that wait for the write thread; beyond that, callers wait to hand theirs in.
const QUEUE: usize = 1024;
/// Bytes that are free before something is written that can wait: more than all of it needs at once, so that it takes nothing of
/// the reserve.
const ROOM: u64 = 2 << 20;
/// How long the write connection waits for a foreign program that holds the file.
const HELD: Duration = Duration::from_secs(5);

/// A handle on the store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    messages: mpsc::Sender<Message>,
    readers: Readers,
    trouble: watch::Receiver<Option<StoreError>>,
    announced: watch::Receiver<i64>,
}

impl Store {
    /// Opens the store, makes it where there is none, and brings its schema up to date. Blocks; call before serving.
    ///
    /// # Errors
    /// [`OpenError`] says which file and why.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let connection = open_for_writing(path)?;
        let (messages, queue) = mpsc::channel(QUEUE);
        let failed = |source| OpenError::Path { path: path.to_owned(), source };
        let mut reserve = Reserve::open(&path.with_extension("reserve")).map_err(failed)?;
        reserve.make();
        let (trouble, watched) = watch::channel((!reserve.is_whole()).then_some(StoreError::Full));
        let (announcing, announced) = watch::channel(0);
        let thread = WriteThread::new(connection, queue, reserve, trouble, announcing);
        std::thread::Builder::new().name("store".to_owned()).spawn(move || thread.run()).map_err(failed)?;
        Ok(Self { inner: Arc::new(Inner { messages, readers: Readers::new(path), trouble: watched, announced }) })
    }

    /// Carries out `effect` in a transaction and answers when it is durable. Dropped before the effect has begun, nothing
    /// happens; dropped later, the effect stands.
    ///
    /// # Errors
    /// What `effect` returned (then nothing of it is kept), or why the store could not keep it.
    pub async fn write<T, E, F>(&self, effect: F) -> Result<T, E>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, reply) = job::job(effect);
        self.inner.messages.send(Message::Job(job)).await.map_err(|_| StoreError::Closed)?;
        reply.arrived().await
    }

    /// Hands in `effect` from a thread that may block, and lets it do something else meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub fn submit<T, E, F>(&self, effect: F) -> Result<Reply<T, E>, StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, reply) = job::job(effect);
        self.inner.messages.blocking_send(Message::Job(job)).map_err(|_| StoreError::Closed)?;
        Ok(reply)
    }

    /// How many jobs and questions the write thread has not begun with.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.inner.messages.max_capacity() - self.inner.messages.capacity()
    }

    /// Reads in one snapshot of what is committed. Never waits for a commit.
    ///
    /// # Errors
    /// What `look` returned, or why the store could not be read.
    pub async fn read<T, E, F>(&self, look: F) -> Result<T, E>
    where
        F: FnOnce(&Snapshot<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let _turn = self.inner.readers.turns.acquire().await.map_err(|_| StoreError::Closed)?;
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || inner.readers.read(look))
            .await
            .unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }

    /// [`Store::read`] on a thread that may block.
    ///
    /// # Errors
    /// The same.
    pub fn read_blocking<T, E: From<StoreError>>(
        &self,
        look: impl FnOnce(&Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.inner.readers.read(look)
    }

    /// Looks at the store as a whole, on a connection of its own. Given up when this is dropped.
    ///
    /// # Errors
    /// What `look` returned, or why the store could not be read.
    pub(crate) async fn whole<T, E, F>(&self, look: F) -> Result<T, E>
    where
        F: FnOnce(&Whole) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let opened = tokio::task::spawn_blocking(move || Whole::beside(inner.readers.path()));
        let whole = opened.await.map_err(|_| StoreError::Panicked)??;
        let _interruption = whole.interruption();
        tokio::task::spawn_blocking(move || look(&whole)).await.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }

    /// A round trip to the write thread, behind the commit under way but without one of its own: an answer means that the
    /// thread is alive and its disk answers, not that there is space.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub async fn ping(&self) -> Result<(), StoreError> {
        let (reply, answered) = oneshot::channel();
        self.inner.messages.send(Message::Ping(reply)).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)
    }

    /// Commits something harmless, to learn whether the store can be written and has space in reserve.
    ///
    /// # Errors
    /// Why it cannot.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let (reply, answered) = oneshot::channel();
        self.inner.messages.send(Message::Probe(reply)).await.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// The store's file.
    pub(crate) fn path(&self) -> &Path {
        self.inner.readers.path()
    }

    /// Whether there is more space than what is small needs. Where there was not, it is looked again: what is said of it is said
    /// to somebody. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Full`], or why it cannot be said.
    pub(crate) fn has_space(&self) -> Result<(), StoreError> {
        if !matches!(*self.inner.trouble.borrow(), Some(StoreError::Full)) {
            return Ok(());
        }
        let (reply, answered) = oneshot::channel();
        self.inner.messages.blocking_send(Message::Probe(reply)).map_err(|_| StoreError::Closed)?;
        answered.blocking_recv().map_err(|_| StoreError::Closed)?
    }

    /// Whether there is room for what can wait. Blocks.
    ///
    /// # Errors
    /// Why not, which may pass.
    pub(crate) fn has_room(&self) -> Result<(), StoreError> {
        if let Some(trouble) = self.inner.trouble.borrow().clone() {
            return Err(trouble);
        }
        let free = self.path().parent().map_or(Ok(0), free_bytes).unwrap_or(0);
        if free < ROOM { Err(StoreError::Full) } else { Ok(()) }
    }

    /// Why writes fail just now, or will soon; `None` where all is well. Changes are seen as they happen.
    #[must_use]
    pub fn trouble(&self) -> watch::Receiver<Option<StoreError>> {
        self.inner.trouble.clone()
    }

    /// The highest number that a committed job has announced, 0 for none since the start; see [`Transaction::announce`].
    #[must_use]
    pub fn announced(&self) -> watch::Receiver<i64> {
        self.inner.announced.clone()
    }

    /// Does what was handed in before, refuses what comes after, and answers when the file is closed.
    pub async fn close(&self) {
        self.inner.readers.close();
        // Fails only where it is closed already.
        let _closed = self.inner.messages.send(Message::Close).await;
        self.inner.messages.closed().await;
        // The thread drops its end of `trouble` last, after the connection.
        let mut trouble = self.inner.trouble.clone();
        while trouble.changed().await.is_ok() {}
    }
}

/// What is left for us on the disk of a directory.
pub(crate) fn free_bytes(directory: &Path) -> io::Result<u64> {
    let disk = nix::sys::statvfs::statvfs(directory)?;
    Ok(disk.blocks_available().saturating_mul(disk.fragment_size()))
}

fn open_for_writing(path: &Path) -> Result<Connection, OpenError> {
    // Made by us rather than by SQLite: its log and index take over the file's mode.
    create(path).map_err(|source| OpenError::Path { path: path.to_owned(), source })?;
    let failed = |error: rusqlite::Error| match StoreError::from(error) {
        StoreError::Damaged(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            OpenError::Foreign { path: path.to_owned() }
        }
        source => OpenError::Store { path: path.to_owned(), source },
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    configure(&connection).map_err(failed)?;
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).map_err(failed)?;
    if mode != "wal" {
        let source = io::Error::new(io::ErrorKind::Unsupported, "the file system does not allow a write-ahead log");
        return Err(OpenError::Path { path: path.to_owned(), source });
    }
    schema::migrate(&mut connection, path)?;
    Ok(connection)
}

fn create(path: &Path) -> io::Result<()> {
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match made {
        Ok(file) => {
            file.sync_all()?;
            // The name must be as durable as what will be acknowledged under it.
            if let Some(directory) = path.parent() {
                std::fs::File::open(directory)?.sync_all()?;
            }
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
        }
        Err(error) => Err(error),
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(HELD)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // Savepoints keep a journal of their own: in memory, so that no file outside the state directory is ever needed.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -2048)?;
    // The log is cut back to this many bytes after a burst.
    connection.pragma_update(None, "journal_size_limit", 8 << 20)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

#[cfg(test)]
mod tests;
