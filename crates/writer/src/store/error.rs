//! What can go wrong with the store, in terms that callers act upon.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::ErrorCode;

/// Why a job had no effect, or why its effect is not known.
///
/// Cheap to clone: one failed commit is told to every job that took part in it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// No space is left; nothing of the job was kept. Works again by itself when there is space.
    #[error("no space left on device")]
    Full,
    /// The device or the file system failed; nothing of the job was kept.
    #[error("the store cannot be written or read: {0}")]
    Io(Arc<rusqlite::Error>),
    /// The device failed in the middle of a commit. Whether the job will be found after a crash is not known yet;
    /// asking again with the same request id tells.
    #[error("the store failed in the middle of a commit: {0}")]
    Unclear(Arc<rusqlite::Error>),
    /// The store's file is damaged.
    #[error("the store is damaged: {0}")]
    Damaged(Arc<rusqlite::Error>),
    /// A foreign process (a database shell, say) holds the store's file for too long.
    #[error("another program holds the store: {0}")]
    Held(Arc<rusqlite::Error>),
    /// The store is being closed.
    #[error("the store is closed")]
    Closed,
    /// The job panicked: a bug of ours. Nothing of it was kept.
    #[error("the job failed by a bug")]
    Panicked,
    /// A statement that SQLite refuses: a bug of ours. Nothing of the job was kept.
    #[error("the store refused a statement: {0}")]
    Refused(Arc<rusqlite::Error>),
    /// A row that does not read as what was once written there.
    #[error("the store holds {0} that cannot be read")]
    Unreadable(&'static str),
}

impl StoreError {
    /// Whether it is certain that nothing of the job was kept.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        // The thread may have ended between the commit and the reply.
        !matches!(self, Self::Unclear(_) | Self::Closed)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        let error = Arc::new(error);
        match code {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Io(error),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Held(error),
            _ => Self::Refused(error),
        }
    }
}

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another writer holds the state directory.
    #[error("another writer{} holds {}", pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default(), lock.display())]
    Locked {
        /// The lock file. Nobody ever has to delete it: the lock goes with its holder.
        lock: PathBuf,
        /// Who says to hold it. Only information.
        pid: Option<u32>,
    },
    /// A directory or file of the state directory cannot be made or opened.
    #[error("cannot open {}", path.display())]
    Path {
        /// The directory or file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The store was written by a newer release.
    #[error("the store {} has schema {found}, this release knows {known}", path.display())]
    Newer {
        /// The store's file.
        path: PathBuf,
        /// The schema it has.
        found: i64,
        /// The newest schema that this release knows.
        known: i64,
    },
    /// The file is a database, but not ours.
    #[error("{} is not a store of natrium", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// SQLite cannot open or migrate the store.
    #[error("cannot open the store {}", path.display())]
    Store {
        /// The store's file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: StoreError,
    },
}
