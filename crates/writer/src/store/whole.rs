//! The store as a whole, through a connection of its own: which schema it has, whether it is sound, a copy of it.
//!
//! Nothing here writes into a store that has a writer, or keeps that waiting. It may take long, so it can be interrupted.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::{Connection, InterruptHandle, OpenFlags};
use sha2::{Digest, Sha256};

use super::error::{OpenError, StoreError};
use super::schema;
use super::sql::{Snapshot, Transaction};

/// Problems that are named at most; more would only say again that the store is broken.
const NAMED: usize = 100;

/// A connection for looking at all of a store.
pub(crate) struct Whole {
    connection: Connection,
    given_up: Arc<AtomicBool>,
}

impl Whole {
    /// Of a store whose writer may be at work.
    pub(crate) fn beside(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::with(Connection::open_with_flags(path, flags)?)
    }

    /// Of a file that nobody writes to. No other file is read or made beside it.
    pub(crate) fn frozen(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        Self::with(Connection::open_with_flags(format!("file:{}?immutable=1", in_uri(path)), flags)?)
    }

    /// Of a store that is ours alone. What a crash left in its log is brought into the file when this goes.
    pub(crate) fn alone(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::with(Connection::open_with_flags(path, flags)?)
    }

    fn with(connection: Connection) -> Result<Self, StoreError> {
        // What is in the file may be anybody's: nothing in its schema is trusted.
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -512)?;
        Ok(Self { connection, given_up: Arc::default() })
    }

    /// Ends what is done on this connection, from another thread.
    pub(crate) fn interruption(&self) -> Interruption {
        Interruption { handle: self.connection.get_interrupt_handle(), given_up: Arc::clone(&self.given_up) }
    }

    /// The schema of a store of ours. `path` is for the error.
    pub(crate) fn schema(&self, path: &Path) -> Result<i64, OpenError> {
        schema::of(&self.connection, path)
    }

    /// The oldest schema whose programs may work with a store of ours that has this schema.
    pub(crate) fn since(&self, schema: i64) -> Result<i64, StoreError> {
        Ok(schema::compatible_since(&self.connection)?.unwrap_or(schema))
    }

    /// How large the store is, in bytes.
    pub(crate) fn bytes(&self) -> Result<u64, StoreError> {
        let pragma = |name| self.connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
        Ok(u64::from(pragma("page_count")?) * u64::from(pragma("page_size")?))
    }

    /// Writes a copy of what is committed to `path`, an empty file.
    pub(crate) fn copy_into(&self, path: &Path) -> Result<(), StoreError> {
        self.connection.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
        Ok(())
    }

    /// What is committed now.
    pub(crate) fn snapshot(&self) -> Snapshot<'_> {
        Snapshot::new(&self.connection)
    }

    /// Carries out `effect` in a transaction, in a store that is ours alone.
    pub(crate) fn write<T>(
        &self,
        effect: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        let transaction = self.connection.unchecked_transaction()?;
        let done = effect(&Transaction::new(&self.connection))?;
        transaction.commit()?;
        Ok(done)
    }

    /// Brings the log into the file and empties it.
    pub(crate) fn settle(&self) -> Result<(), StoreError> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Everything that is wrong with the store itself: pages, references, contents, histories.
    ///
    /// # Errors
    /// Where it cannot be read for another reason than that it is damaged.
    pub(crate) fn problems(&self) -> Result<Vec<String>, StoreError> {
        // One moment for all questions.
        let _moment = self.connection.unchecked_transaction()?;
        let mut problems = Vec::new();
        for look in [Self::pages, Self::references, Self::contents, Self::histories] {
            match look(self, &mut problems) {
                Ok(()) => {}
                Err(StoreError::Damaged(error)) => problems.push(format!("the store is damaged: {error}")),
                Err(error) if problems.is_empty() => return Err(error),
                // What is found broken already need not answer the other questions.
                Err(error) => problems.push(error.to_string()),
            }
            problems.truncate(NAMED);
            if self.given_up.load(Ordering::Relaxed) {
                return Err(StoreError::Closed);
            }
        }
        Ok(problems)
    }

    fn pages(&self, problems: &mut Vec<String>) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check(100)")?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
        for line in lines {
            let line = line?;
            if line != "ok" {
                problems.push(format!("the store is damaged: {line}"));
            }
        }
        Ok(())
    }

    fn references(&self, problems: &mut Vec<String>) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare("PRAGMA foreign_key_check")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            problems.push(format!("the store is damaged: a row of {table} refers to nothing in {parent}"));
        }
        Ok(())
    }

    fn contents(&self, problems: &mut Vec<String>) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare("SELECT sha256, content FROM contents")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (said, content) = (row.get_ref(0)?, row.get_ref(1)?);
            let (said, content) = (said.as_blob_or_null(), content.as_blob_or_null());
            let (Ok(Some(said)), Ok(Some(content))) = (said, content) else {
                problems.push("the store is damaged: a content is none".to_owned());
                continue;
            };
            if Sha256::digest(content)[..] != *said {
                problems.push(format!("the store is damaged: the content {} is another one", hex(said)));
            }
            if self.given_up.load(Ordering::Relaxed) {
                break;
            }
        }
        Ok(())
    }

    fn histories(&self, problems: &mut Vec<String>) -> Result<(), StoreError> {
        let sql = "SELECT kind, max(version), count(*) FROM versions GROUP BY kind HAVING max(version) <> count(*)";
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, newest, count): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            problems.push(format!("the history of {kind} has gaps: {count} versions up to version {newest}"));
        }
        Ok(())
    }
}

/// Ends what is done on a connection when it goes.
pub(crate) struct Interruption {
    handle: InterruptHandle,
    given_up: Arc<AtomicBool>,
}

impl Drop for Interruption {
    fn drop(&mut self) {
        self.given_up.store(true, Ordering::Relaxed);
        self.handle.interrupt();
    }
}

/// A path as the path of a `file:` URI (sqlite.org/uri.html).
fn in_uri(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'/' | b'.' | b'-' | b'_' => text.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => text.push(char::from(*byte)),
            byte => {
                let _never_fails = write!(text, "%{byte:02X}");
            }
        }
        text
    })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _never_fails = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::store::Store;

    fn store(name: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        let store = Store::open(&path).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(store.close());
        (directory, path)
    }

    /// What a change that the writer would never make is told as.
    fn told(sql: &str) -> Vec<String> {
        let (_directory, path) = store("store.sqlite");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        Whole::beside(&path).unwrap().problems().unwrap()
    }

    #[test]
    fn every_kind_of_damage_is_told() {
        assert_eq!(told(""), [""; 0]);
        let content = "INSERT INTO contents VALUES (zeroblob(32), x'00');";
        assert_eq!(told(content).len(), 1, "a content that is not what it is called");
        let version =
            "INSERT INTO versions VALUES ('fees', 2, 0, 1, zeroblob(32), 'file', 0, '', 0, NULL, NULL, NULL);";
        let problems = told(&format!("PRAGMA foreign_keys = OFF; {version}"));
        assert!(problems[0].contains("a row of versions refers to nothing in contents"), "{problems:?}");
        assert!(problems[1].contains("the history of fees has gaps"), "{problems:?}");
        let problems =
            told("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'dialogues';");
        assert!(!problems.is_empty());
    }

    #[test]
    fn a_path_with_odd_characters_is_that_path() {
        let (_directory, path) = store("a ?#%25й.sqlite");
        assert_eq!(Whole::frozen(&path).unwrap().schema(&path).unwrap(), schema::KNOWN);
    }

    #[test]
    fn what_is_given_up_ends() {
        let (_directory, path) = store("store.sqlite");
        let whole = Whole::beside(&path).unwrap();
        drop(whole.interruption());
        assert!(matches!(whole.problems(), Err(StoreError::Closed)));
    }
}
