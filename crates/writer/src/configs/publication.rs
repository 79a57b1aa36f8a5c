//! Publication: how a version becomes the file that others read.
//!
//! Backup, then atomic replace. What stands at the published path is never destroyed: a version gets its backup under the
//! version's own name, anything unknown to the store is kept as `<file>.found-<UTC time>`. A symbolic link there is never
//! followed: it is replaced by a file, and kept beside the backups; what it pointed to is not touched.
//!
//! Every call here blocks.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use nix::fcntl::OFlag;

use super::disk::Disk;
use super::drafts::Drafts;
use super::kind::KindSpec;
use super::present::{Identity, Present, Seen};
use super::versions::{self, Saved};
use super::{KindState, PublishError, meta};
use crate::store::{Store, StoreError};

/// At most so many backups are made up for when they are missing.
pub(crate) const BACKUPS_RESTORED: i64 = 100;

/// How far a kind's files are known to be in order.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// The newest version whose file was put in place durably, 0 for none.
    pub(crate) published: i64,
    /// Every version below this one has its backup.
    pub(crate) covered: i64,
    /// What was said of the file before, and has no name any more. The file system takes it away when it is let go, which takes
    /// as long as a commit and need not keep others waiting.
    pub(crate) replaced: Option<File>,
}

/// What stands at a kind's published path before something is to be put there.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) present: Present,
    /// That of what is `present`.
    pub(crate) identity: Option<Identity>,
    /// It is no version, and none of ours.
    pub(crate) by_hand: bool,
}

/// The published directory and the backups.
pub(crate) struct Publisher {
    pub(super) disk: Arc<dyn Disk>,
    store: Store,
    pub(super) published: PathBuf,
    pub(super) backups: PathBuf,
    /// How many drafts there have been: none shares a name.
    pub(super) drafts: AtomicU64,
}

impl Publisher {
    pub(crate) fn new(disk: Arc<dyn Disk>, store: Store, published: PathBuf, backups: PathBuf) -> Self {
        Self { disk, store, published, backups, drafts: AtomicU64::new(0) }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.published
    }

    /// Where `spec` is published.
    pub(crate) fn path(&self, spec: &KindSpec) -> PathBuf {
        self.published.join(&spec.file)
    }

    /// What stands where the kind is published. What we put there is known again without being read.
    ///
    /// # Errors
    /// Where it cannot be looked at.
    pub(crate) fn standing(&self, kind: &KindState) -> Result<Standing, PublishError> {
        let path = self.path(&kind.spec);
        let failed = |source| PublishError::disk("reading", &path, source);
        let seen = kind.seen();
        let identity = Identity::at(&path).map_err(failed)?;
        if let Some(seen) = seen
            && identity.is_some()
            && identity == seen.identity
        {
            return Ok(Standing { present: Present::Ours(seen.hash), identity, by_hand: false });
        }
        let present = Present::at(&path).map_err(failed)?;
        let by_hand = match (&present, seen) {
            (Present::Nothing, _) => false,
            (present, Some(seen)) => !present.is(&seen.hash),
            (present, None) => self.is_unheard_of(&kind.spec.name, present)?,
        };
        Ok(Standing { present, identity, by_hand })
    }

    /// Whether there are versions and this is none of them.
    fn is_unheard_of(&self, kind: &str, present: &Present) -> Result<bool, StoreError> {
        self.store.read_blocking(|view| {
            let known = match present.hash() {
                Some(hash) => versions::with_content(view, kind, hash)?.is_some(),
                None => false,
            };
            Ok(!known && versions::current(view, kind)?.is_some())
        })
    }

    /// Puts durable drafts of `target` in place of what is `standing` there, if that has not changed. `previous` is the version
    /// before, if there is one.
    pub(crate) fn put_in_place(
        &self,
        kind: &KindState,
        place: &mut Place,
        drafts: Drafts,
        standing: &Standing,
        target: &Saved,
        previous: Option<&Saved>,
    ) -> Result<(), PublishError> {
        let (spec, present) = (&kind.spec, &standing.present);
        let path = self.path(spec);
        let kept = self
            .is_still(&path, standing)
            .and_then(|()| self.keep_unknown(spec, present, target, previous))
            .and_then(|()| self.back_up(spec, place, present, target.version.version, previous));
        if let Err(error) = kept {
            drafts.discard();
            return Err(error);
        }
        let Drafts { file, meta } = drafts;
        match file.rename(&path) {
            Ok(identity) => kind.saw(Seen { identity, hash: target.hash, settled: false }),
            Err(source) => {
                meta.discard();
                return Err(PublishError::disk("replacing", &path, source));
            }
        }
        // After the file: it never speaks of a version that has not been there.
        let path = self.meta_path(spec);
        place.replaced = held(&path);
        meta.rename(&path).map_err(|source| PublishError::disk("replacing", &path, source))?;
        self.in_place(place, target.version.version)
    }

    /// Nobody is to lose what he wrote while the store was asked.
    fn is_still(&self, path: &Path, standing: &Standing) -> Result<(), PublishError> {
        match Identity::at(path) {
            Ok(identity) if identity == standing.identity => Ok(()),
            Ok(_) => Err(io::Error::other("somebody changed it just now")),
            Err(source) => Err(source),
        }
        .map_err(|source| PublishError::disk("replacing", path, source))
    }

    /// The store was restored from a backup: what is published is of another history, and whatever it is makes room.
    pub(crate) fn is_of_another_history(&self) -> bool {
        self.backups.join(RESTORED).exists()
    }

    /// All that is published is of the store's history.
    pub(crate) fn is_of_this_history(&self) {
        match std::fs::remove_file(self.backups.join(RESTORED)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!("cannot note that the published files are those of the store: {error}");
            }
            _ => {}
        }
    }

    /// Makes the published names durable; `version` is published then.
    pub(crate) fn in_place(&self, place: &mut Place, version: i64) -> Result<(), PublishError> {
        self.disk
            .sync_directory(&self.published)
            .map_err(|source| PublishError::disk("making durable the names in", &self.published, source))?;
        place.published = version;
        Ok(())
    }

    /// Publishes `target` from the store in place of what is `standing` there.
    pub(crate) fn publish(
        &self,
        kind: &KindState,
        place: &mut Place,
        standing: &Standing,
        target: &Saved,
    ) -> Result<(), PublishError> {
        let content = self.store.read_blocking(|view| versions::content(view, &target.hash))?;
        let drafts = self.drafts(&kind.spec, &content, &target.version)?;
        self.put_in_place(kind, place, drafts, standing, target, None)
    }

    /// Where it is said what is published.
    pub(crate) fn meta_path(&self, spec: &KindSpec) -> PathBuf {
        self.published.join(meta::name(&spec.file))
    }

    /// Sees to it that what is said beside the published file is what is true of it. The names are not made durable.
    pub(crate) fn say(&self, spec: &KindSpec, target: &Saved) -> Result<(), PublishError> {
        let (path, content) = (self.meta_path(spec), meta::content(&target.version));
        if Present::at(&path).is_ok_and(|present| present.is(&versions::hash(&content))) {
            return Ok(());
        }
        let draft = self.draft_in(&self.published, &meta::name(&spec.file), &content);
        let draft = draft.map_err(|source| PublishError::disk("writing", &path, source))?;
        draft.rename(&path).map(drop).map_err(|source| PublishError::disk("replacing", &path, source))
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
            if !(present.is(&hash) && self.link(spec, &path)) {
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
            Present::Nothing | Present::Ours(_) => true,
            Present::File { hash, .. } => {
                *hash == target.hash
                    || previous.is_some_and(|previous| previous.hash == *hash)
                    || self.store.read_blocking(|view| versions::with_content(view, &spec.name, hash))?.is_some()
            }
            Present::Foreign { .. } | Present::Special | Present::Directory => false,
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
        self.keep(spec, present, &path)?;
        // Unlike a version's backup it could not be made again from the store.
        let failed = |source| PublishError::disk("making durable the names in", &self.backups, source);
        self.disk.sync_directory(&self.backups).map_err(failed)
    }

    fn keep(&self, spec: &KindSpec, present: &Present, to: &Path) -> Result<(), PublishError> {
        let from = self.path(spec);
        if let Present::Directory = present {
            // It has no second name, and cannot be replaced by a file.
            return self.disk.rename(&from, to).map_err(|source| PublishError::disk("keeping", &from, source));
        }
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

    /// Gives the published file its name as a backup. False: another file system, or one that knows no links.
    fn link(&self, spec: &KindSpec, to: &Path) -> bool {
        match self.disk.link(&self.path(spec), to) {
            Ok(()) => true,
            Err(error) => error.kind() == ErrorKind::AlreadyExists,
        }
    }

    fn write_backup(&self, path: &Path, content: &[u8]) -> Result<(), PublishError> {
        let failed = |source| PublishError::disk("writing", path, source);
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("backup");
        let draft = self.draft_in(&self.backups, name, content).map_err(failed)?;
        draft.rename(path).map(drop).map_err(failed)
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
}

/// What stands at `path`, kept from being taken away. It is neither followed nor read.
fn held(path: &Path) -> Option<File> {
    let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW;
    OpenOptions::new().read(true).custom_flags(flags.bits()).open(path).ok()
}

/// Lies beside the backups from before a store is restored until the published files are its own.
pub(crate) const RESTORED: &str = ".restored";

fn missing(covered: i64, current: i64) -> Range<i64> {
    covered.max(1).max(current - BACKUPS_RESTORED)..current
}
