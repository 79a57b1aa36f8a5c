//! Space set aside for the day when the disk is full.
//!
//! A file of this size lies beside the store and is given up when a commit finds no space. Then what is small can go on
//! being written (that an admin's upload arrived, and what he was told), while uploads are refused, until there is so much
//! space that the reserve can be made again.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::posix_fallocate;

/// Bytes: the write-ahead log at its usual longest, and as much again.
const SIZE: i64 = 8 << 20;

#[derive(Debug)]
pub(super) struct Reserve {
    file: File,
    whole: bool,
}

impl Reserve {
    /// Opens the file; whether it is whole is only known after [`Reserve::make`].
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        Ok(Self { file, whole: false })
    }

    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// Takes the space, if it is there.
    pub(super) fn make(&mut self) {
        if self.whole {
            return;
        }
        match posix_fallocate(&self.file, 0, SIZE) {
            Ok(()) => self.whole = true,
            Err(errno) => {
                tracing::debug!("no space for the reserve: {errno}");
                self.give_up();
            }
        }
    }

    /// Leaves the space to others.
    pub(super) fn give_up(&mut self) {
        self.whole = false;
        if let Err(error) = self.file.set_len(0) {
            tracing::warn!("cannot give up the reserve: {error}");
        }
    }
}
