//! Refusals that the store does not take, most of all because there is no space: a small file beside the store, made while there
//! is space, into whose slots they are written in place, so that not one more block is needed for them.
//!
//! Owns the file. Knows nothing of the store and of when it takes them; see [`Trail`](super::Trail). As with the store itself, a
//! disk is trusted to leave alone what is not being written (a file system that never writes in place may need a block after
//! all: then the refusal is only logged). All of it blocks.

mod places;
mod slot;

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use super::{Refusal, itself};
use places::{Places, SLOTS, Written};
use slot::{BYTES, HEAD};

/// Bytes of the file.
const SIZE: usize = SLOTS * BYTES;

/// The refusals beside a store.
#[derive(Debug)]
pub(crate) struct Aside {
    path: PathBuf,
    file: Option<File>,
    /// All of the file's space is its own.
    whole: bool,
    places: Places,
}

impl Aside {
    /// Where those of the store `path` are.
    pub(crate) fn path(store: &Path) -> PathBuf {
        store.with_extension("refusals")
    }

    /// Opens the file of the store `path`, and makes it where there is none. Where that fails there is no place for refusals, which
    /// is told, once.
    pub(crate) fn beside(store: &Path) -> Self {
        let mut aside = Self::found(store);
        if let Err(error) = aside.make() {
            let path = aside.path.display();
            tracing::warn!("cannot make {path}: refusals for want of space are only logged until it can be: {error}");
        }
        aside
    }

    /// Opens the file if it is there.
    pub(crate) fn found(store: &Path) -> Self {
        let path = Self::path(store);
        let mut aside = Self { path, file: None, whole: false, places: Places::default() };
        if aside.path.symlink_metadata().is_ok()
            && let Err(error) = aside.open()
        {
            tracing::warn!("cannot read {}: {error}", aside.path.display());
        }
        aside
    }

    pub(crate) fn is_made(&self) -> bool {
        self.whole
    }

    /// Opens the file and takes its space, if it is there.
    pub(crate) fn make(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            self.open()?;
        }
        let Some(file) = self.file.as_ref().filter(|_| !self.whole) else { return Ok(()) };
        let found = file.metadata()?.len();
        let missing = SIZE.saturating_sub(usize::try_from(found).unwrap_or(SIZE));
        // Written, not only reserved: what is written over needs no other block, and no note of its own that it counts now.
        let made = file.write_all_at(&vec![0; missing], found).and_then(|()| file.sync_all());
        if let Err(error) = made {
            // Others need it more than half of us.
            let _ = file.set_len(found);
            return Err(error);
        }
        if let Some(directory) = self.path.parent() {
            File::open(directory)?.sync_all()?;
        }
        self.whole = true;
        Ok(())
    }

    fn open(&mut self) -> io::Result<()> {
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(flags.bits());
        let file = options.open(&self.path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        file.set_permissions(Permissions::from_mode(0o600))?;
        let mut content = Vec::with_capacity(SIZE);
        (&file).take(SIZE as u64).read_to_end(&mut content)?;
        let (places, broken) = Places::read(&content);
        self.places = places;
        if !broken.is_empty() {
            let (path, count) = (self.path.display(), broken.len());
            tracing::warn!("{count} refusals in {path} cannot be read, as after a power cut; they are left out");
            free(&file, &broken)?;
        }
        self.file = Some(file);
        Ok(())
    }

    /// Takes a refusal, durably.
    pub(crate) fn put(&mut self, refusal: Refusal) -> io::Result<()> {
        let Some(file) = self.file.as_ref().filter(|_| self.whole) else {
            return Err(io::Error::other("there was no space for a place of its own"));
        };
        let Some(Written { slot, bytes }) = self.places.put(refusal) else { return Ok(()) };
        let written = file.write_all_at(&bytes, start(slot)).and_then(|()| file.sync_data());
        written.inspect_err(|_| self.places.lost(slot))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// All of them, in the order in which they came.
    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        self.places.refusals(&itself())
    }

    /// They are in the trail.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        let used = self.places.used();
        self.places = Places::default();
        self.file.as_ref().map_or(Ok(()), |file| free(file, &used))
    }
}

/// Makes slots free, durably.
fn free(file: &File, slots: &[usize]) -> io::Result<()> {
    for slot in slots {
        file.write_all_at(&[0; HEAD], start(*slot))?;
    }
    file.sync_data()
}

fn start(slot: usize) -> u64 {
    u64::try_from(slot * BYTES).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
