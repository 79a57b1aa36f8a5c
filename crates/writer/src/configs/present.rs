//! What stands at a published path, looked at without changing it, following a link or waiting.
//!
//! A file that we put in place is known again by what the kernel says of it, so that it is not read each time.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::fcntl::OFlag;

use super::CONTENT_BYTES;
use super::versions::{self, Hash};

/// The clock of a file system stands still for less than this.
const TICK_MS: i128 = 50;

/// What stands at a published path.
#[derive(Debug)]
pub(crate) enum Present {
    Nothing,
    /// The file that we put there, not read.
    Ours(Hash),
    /// A regular file.
    File {
        content: Vec<u8>,
        hash: Hash,
    },
    /// A file that cannot be a version: too large, or not for us to read.
    Foreign {
        bytes: u64,
    },
    /// A symbolic link, a socket, a device.
    Special,
    Directory,
}

impl Present {
    /// What stands at `path`.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        let file = match OpenOptions::new().read(true).custom_flags(flags.bits()).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Present::Nothing),
            Err(error) => {
                return match path.symlink_metadata() {
                    Ok(metadata) if !metadata.is_file() && !metadata.is_dir() => Ok(Present::Special),
                    Ok(metadata) if error.kind() == ErrorKind::PermissionDenied => Ok(if metadata.is_dir() {
                        Present::Directory
                    } else {
                        Present::Foreign { bytes: metadata.len() }
                    }),
                    _ => Err(error),
                };
            }
        };
        Self::of(file)
    }

    fn of(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Ok(Present::Directory);
        }
        if !metadata.is_file() {
            return Ok(Present::Special);
        }
        let limit = u64::try_from(CONTENT_BYTES).unwrap_or(u64::MAX);
        if metadata.len() > limit {
            return Ok(Present::Foreign { bytes: metadata.len() });
        }
        let mut content = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
        file.take(limit + 1).read_to_end(&mut content)?;
        if content.len() > CONTENT_BYTES {
            return Ok(Present::Foreign { bytes: limit + 1 });
        }
        let hash = versions::hash(&content);
        Ok(Present::File { content, hash })
    }

    pub(crate) fn hash(&self) -> Option<&Hash> {
        match self {
            Self::Ours(hash) | Self::File { hash, .. } => Some(hash),
            _ => None,
        }
    }

    pub(crate) fn is(&self, expected: &Hash) -> bool {
        self.hash() == Some(expected)
    }
}

/// What the kernel says of a file, which changes with whatever is done to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    /// Not only the time that anybody can set.
    changed: (i64, i64),
}

impl Identity {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether its file system's clock has moved on since it changed last, so that the next change will show.
    pub(crate) fn is_settled(&self) -> bool {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis());
        let changed = i128::from(self.changed.0) * 1000 + i128::from(self.changed.1) / 1_000_000;
        i128::try_from(since).is_ok_and(|since| since - changed > TICK_MS)
    }

    /// That of what has the name `path`, a link's own; nothing where there is nothing.
    pub(crate) fn at(path: &Path) -> io::Result<Option<Self>> {
        match path.symlink_metadata() {
            Ok(metadata) => Ok(Some(Self::of(&metadata))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The file that we put in place, or found to be what it should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Seen {
    /// `None`: it is not there.
    pub(crate) identity: Option<Identity>,
    pub(crate) hash: Hash,
    /// It was read after the clock of its file system had moved on, so that a change would have shown.
    pub(crate) settled: bool,
}
