//! Publication: how a version becomes the file that others read.
//!
//! Backup, then atomic replace. What stands at the published path is never destroyed: a version gets its backup under the
//! version's own name, anything unknown to the store is kept as `<file>.found-<UTC time>`. A symbolic link there is never
//! followed: it is replaced by a file, and kept beside the backups; what it pointed to is not touched.
//!
//! Every call here blocks.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::fcntl::OFlag;

use super::disk::Disk;
use super::kind::KindSpec;
use super::versions::{self, Hash, Saved};
use super::{CONTENT_BYTES, PublishError};
use crate::store::{Store, StoreError};

/// At most so many backups are made up for when they are missing.
pub(crate) const BACKUPS_RESTORED: i64 = 100;

/// What stands at a published path.
#[derive(Debug)]
pub(crate) enum Present {
    Nothing,
    /// A regular file.
    File {
        content: Vec<u8>,
        hash: Hash,
    },
    /// A file that cannot be a version: too large, or not for us to read.
    Foreign,
    /// A symbolic link, a socket, a device.
    Special,
}

impl Present {
    /// What stands at `path`. A link is not followed, and nothing is waited for.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        let file = match OpenOptions::new().read(true).custom_flags(flags.bits()).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Present::Nothing),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(Present::Foreign),
            Err(error) => {
                let special = path.symlink_metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
                return if special { Ok(Present::Special) } else { Err(error) };
            }
        };
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        if !metadata.is_file() {
            return Ok(Present::Special);
        }
        let limit = u64::try_from(CONTENT_BYTES).unwrap_or(u64::MAX);
        if metadata.len() > limit {
            return Ok(Present::Foreign);
        }
        let mut content = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
        file.take(limit + 1).read_to_end(&mut content)?;
        if content.len() > CONTENT_BYTES {
            return Ok(Present::Foreign);
        }
        let hash = versions::hash(&content);
        Ok(Present::File { content, hash })
    }

    pub(crate) fn is(&self, expected: &Hash) -> bool {
        matches!(self, Self::File { hash, .. } if hash == expected)
    }
}

/// How far a kind's files are known to be in order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    /// The newest version whose file was put in place durably, 0 for none.
    pub(crate) published: i64,
    /// Every version below this one has its backup.
    pub(crate) covered: i64,
}

/// The published directory and the backups.
pub(crate) struct Publisher {
    disk: Arc<dyn Disk>,
    store: Store,
    published: PathBuf,
    backups: PathBuf,
    drafts: AtomicU64,
}

impl Publisher {
    pub(crate) fn new(disk: Arc<dyn Disk>, store: Store, published: PathBuf, backups: PathBuf) -> Self {
        Self { disk, store, published, backups, drafts: AtomicU64::new(0) }
    }

    /// Where `spec` is published.
    pub(crate) fn path(&self, spec: &KindSpec) -> PathBuf {
        self.published.join(&spec.file)
    }

    /// Writes `content` beside the published file, not yet durable. A full disk is found here, before anything is saved.
    pub(crate) fn draft(&self, spec: &KindSpec, content: &[u8]) -> io::Result<Draft> {
        self.draft_in(&self.published, &spec.file, content)
    }

    fn draft_in(&self, directory: &Path, name: &str, content: &[u8]) -> io::Result<Draft> {
        let number = self.drafts.fetch_add(1, Ordering::Relaxed);
        let path = directory.join(format!("{}{}-{number}{DRAFT_END}", draft_start(name), std::process::id()));
        let file = self.disk.create(&path)?;
        let draft = Draft { file, path: Some(path), disk: Arc::clone(&self.disk) };
        match self.disk.write(&draft.file, content) {
            Ok(()) => Ok(draft),
            Err(error) => {
                draft.discard();
                Err(error)
            }
        }
    }

    /// What stands where `spec` is published.
    pub(crate) fn present(&self, spec: &KindSpec) -> io::Result<Present> {
        Present::at(&self.path(spec))
    }

    /// Puts a durable draft of `target` in place of what is `present`. `previous` is the version before, if there is one.
    pub(crate) fn put_in_place(
        &self,
        spec: &KindSpec,
        place: &mut Place,
        draft: Draft,
        present: &Present,
        target: &Saved,
        previous: Option<&Saved>,
    ) -> Result<(), PublishError> {
        let kept = self
            .keep_unknown(spec, present, target, previous)
            .and_then(|()| self.back_up(spec, place, present, target.version.version, previous));
        if let Err(error) = kept {
            draft.discard();
            return Err(error);
        }
        let path = self.path(spec);
        draft.rename(&path).map_err(|source| PublishError::disk("replacing", &path, source))?;
        self.in_place(place, target.version.version)
    }

    /// Makes the published names durable; `version` is published then.
    pub(crate) fn in_place(&self, place: &mut Place, version: i64) -> Result<(), PublishError> {
        self.disk
            .sync_directory(&self.published)
            .map_err(|source| PublishError::disk("making durable the names in", &self.published, source))?;
        place.published = version;
        Ok(())
    }

    /// Publishes `target` from the store.
    pub(crate) fn publish(&self, spec: &KindSpec, place: &mut Place, target: &Saved) -> Result<(), PublishError> {
        let content = self.store.read_blocking(|view| versions::content(view, &target.hash))?;
        let path = self.path(spec);
        let failed = |source| PublishError::disk("writing", &path, source);
        let present = self.present(spec).map_err(|source| PublishError::disk("reading", &path, source))?;
        let draft = self.draft(spec, &content).map_err(failed)?;
        if let Err(source) = draft.sync() {
            draft.discard();
            return Err(failed(source));
        }
        self.put_in_place(spec, place, draft, &present, target, None)
    }

    /// Sees to it that every version below `current` has its backup; the file `present` is one of them, perhaps.
    pub(crate) fn back_up(
        &self,
        spec: &KindSpec,
        place: &mut Place,
        present: &Present,
        current: i64,
        previous: Option<&Saved>,
    ) -> Result<(), PublishError> {
        for version in missing(place.covered, current) {
            let path = self.backups.join(spec.backup_name(version));
            if path.symlink_metadata().is_ok() {
                continue;
            }
            let hash = match previous {
                Some(previous) if previous.version.version == version => previous.hash,
                _ => {
                    let saved = self.store.read_blocking(|view| versions::one(view, &spec.name, version))?;
                    saved.ok_or(StoreError::Unreadable("a history with a gap"))?.hash
                }
            };
            if present.is(&hash) {
                self.link_or_copy(spec, present, &path)?;
            } else {
                let content = self.store.read_blocking(|view| versions::content(view, &hash))?;
                self.write_backup(&path, &content)?;
            }
        }
        place.covered = place.covered.max(current);
        Ok(())
    }

    /// Keeps what the store does not know, if it is that what is about to be replaced.
    fn keep_unknown(
        &self,
        spec: &KindSpec,
        present: &Present,
        target: &Saved,
        previous: Option<&Saved>,
    ) -> Result<(), PublishError> {
        let known = match present {
            Present::Nothing => true,
            Present::File { hash, .. } => {
                *hash == target.hash
                    || previous.is_some_and(|previous| previous.hash == *hash)
                    || self.store.read_blocking(|view| versions::with_content(view, &spec.name, hash))?.is_some()
            }
            Present::Foreign | Present::Special => false,
        };
        if known {
            return Ok(());
        }
        let path = self.found_path(spec);
        tracing::warn!(
            config_type = spec.name,
            kept = %path.display(),
            "{} was changed by somebody else; it is kept, and the newest version replaces it",
            spec.file
        );
        self.link_or_copy(spec, present, &path)?;
        // Unlike a version's backup it could not be made again from the store.
        let failed = |source| PublishError::disk("making durable the names in", &self.backups, source);
        self.disk.sync_directory(&self.backups).map_err(failed)
    }

    fn link_or_copy(&self, spec: &KindSpec, present: &Present, to: &Path) -> Result<(), PublishError> {
        let from = self.path(spec);
        match (self.disk.link(&from, to), present) {
            (Ok(()), _) => Ok(()),
            (Err(error), _) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            // Another file system, or one that knows no links.
            (Err(_), Present::File { content, .. }) => self.write_backup(to, content),
            // The link leads somewhere else, where nothing is lost; a socket or device has no content.
            (Err(error), Present::Special) => {
                let target = std::fs::read_link(&from).unwrap_or_default();
                tracing::warn!(config_type = spec.name, leads_to = %target.display(), "{} is not a file and could not be kept: {error}", spec.file);
                Ok(())
            }
            (Err(source), _) => Err(PublishError::disk("keeping", &from, source)),
        }
    }

    fn write_backup(&self, path: &Path, content: &[u8]) -> Result<(), PublishError> {
        let failed = |source| PublishError::disk("writing", path, source);
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("backup");
        let draft = self.draft_in(&self.backups, name, content).map_err(failed)?;
        if let Err(source) = draft.sync() {
            draft.discard();
            return Err(failed(source));
        }
        draft.rename(path).map_err(failed)
    }

    /// A name that is free: two changes by hand within one second must not share it.
    fn found_path(&self, spec: &KindSpec) -> PathBuf {
        let time = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
        let mut path = self.backups.join(format!("{}.found-{time}", spec.file));
        for number in 2.. {
            if path.symlink_metadata().is_err() {
                break;
            }
            path = self.backups.join(format!("{}.found-{time}-{number}", spec.file));
        }
        path
    }

    /// Removes drafts that a predecessor left behind.
    pub(crate) fn sweep(&self, specs: &[&KindSpec]) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.published)? {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            let ours = |spec: &&KindSpec| name.starts_with(&draft_start(&spec.file)) && name.ends_with(DRAFT_END);
            if specs.iter().any(ours) {
                self.disk.remove(&self.published.join(name))?;
            }
        }
        // The backups are ours alone, whatever kinds there are by now.
        for entry in std::fs::read_dir(&self.backups)? {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.starts_with('.') && name.contains(DRAFT_MARK) && name.ends_with(DRAFT_END) {
                self.disk.remove(&self.backups.join(name))?;
            }
        }
        Ok(())
    }
}

const DRAFT_MARK: &str = ".natrium-";
const DRAFT_END: &str = ".tmp";

fn draft_start(name: &str) -> String {
    format!(".{name}{DRAFT_MARK}")
}

fn missing(covered: i64, current: i64) -> Range<i64> {
    covered.max(1).max(current - BACKUPS_RESTORED)..current
}

/// A file on its way to its name. Dropped before, it is removed.
pub(crate) struct Draft {
    file: File,
    path: Option<PathBuf>,
    disk: Arc<dyn Disk>,
}

impl Draft {
    /// Makes the content durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.disk.sync(&self.file)
    }

    /// Gives it its name; where that fails it is removed.
    fn rename(mut self, to: &Path) -> io::Result<()> {
        let Some(path) = self.path.take() else { return Ok(()) };
        self.disk.rename(&path, to).inspect_err(|_| remove(self.disk.as_ref(), &path))
    }

    /// Removes it, now.
    pub(crate) fn discard(mut self) {
        if let Some(path) = self.path.take() {
            remove(self.disk.as_ref(), &path);
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let Some(path) = self.path.take() else { return };
        let disk = Arc::clone(&self.disk);
        // A caller who left drops it on the runtime's thread, which must not wait for the disk.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || remove(disk.as_ref(), &path))),
            Err(_) => remove(disk.as_ref(), &path),
        }
    }
}

fn remove(disk: &dyn Disk, path: &Path) {
    if let Err(error) = disk.remove(path) {
        tracing::warn!(path = %path.display(), "cannot remove a temporary file ({error}); the next start will");
    }
}
