//! Files and store are brought to agree, whatever a crash, a full disk or a person left behind: for every kind before the
//! writer is ready, and for one whose publication failed until it succeeds.
//!
//! Every call here blocks.

use std::os::unix::fs::MetadataExt;

use interfaces::configs::{Author, Origin};

use super::present::{Identity, Present, Seen};
use super::publication::{Place, Standing};
use super::versions::{self, Draft, Saved};
use super::{Inner, KindState, PublishError};
use crate::audit;
use crate::clock::unix_ms;
use crate::store::StoreError;

/// What a kind's file is, after it was looked after. The version is the current one, put in place at that time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Agreed {
    /// There is no version.
    Nothing,
    Published {
        version: i64,
        at_ms: i64,
    },
    /// It was, and somebody has changed the file since.
    ByHand {
        version: i64,
        at_ms: i64,
    },
}

impl Inner {
    /// Brings every kind's file into agreement with the store. What the file system refuses is tried again later, and told
    /// in the status.
    ///
    /// # Errors
    /// [`StoreError`] where the store itself cannot be read.
    pub(super) fn reconcile_all(&self) -> Result<(), StoreError> {
        let specs: Vec<_> = self.kinds.iter().map(|kind| &kind.spec).collect();
        if let Err(error) = self.publisher.sweep(&specs) {
            tracing::warn!("cannot clean up temporary files: {error}");
        }
        let mut all = true;
        for kind in &self.kinds {
            let mut place = kind.place.blocking_lock();
            let outcome = self.reconcile(kind, &mut place);
            all &= outcome.is_ok();
            match outcome {
                Ok(_) | Err(PublishError::Disk { .. } | PublishError::Store(StoreError::Full)) => {}
                Err(PublishError::Store(error)) => return Err(error),
            }
        }
        if all {
            self.publisher.is_of_this_history();
        }
        Ok(())
    }

    /// The same for one kind, whose lock the caller holds.
    pub(super) fn reconcile(&self, kind: &KindState, place: &mut Place) -> Result<Agreed, PublishError> {
        let current = self.store.read_blocking(|view| versions::current(view, &kind.spec.name))?;
        let version = current.as_ref().map(|current| current.version.version);
        let outcome = match current {
            None => self.adopt(kind, place),
            Some(current) => self.agree(kind, place, &current),
        };
        match &outcome {
            Ok(Agreed::Published { version, at_ms } | Agreed::ByHand { version, at_ms }) => {
                self.published(kind, *version, *at_ms);
            }
            Ok(Agreed::Nothing) => self.recovered(kind),
            Err(error) => self.publication_failed(kind, version, error),
        }
        outcome
    }

    /// The file is to be the current version.
    fn agree(&self, kind: &KindState, place: &mut Place, current: &Saved) -> Result<Agreed, PublishError> {
        let (spec, version) = (&kind.spec, current.version.version);
        let path = self.publisher.path(spec);
        let failed = |source| PublishError::disk("reading", &path, source);
        let identity = Identity::at(&path).map_err(failed)?;
        let present = Present::at(&path).map_err(failed)?;
        if present.is(&current.hash) {
            self.publisher.back_up(spec, place, &Present::Nothing, version, None)?;
            self.publisher.say(spec, current)?;
            self.publisher.in_place(place, version)?;
            kind.saw(Seen { identity, hash: current.hash, settled: false });
            self.as_it_should_be(kind);
            return Ok(Agreed::Published { version, at_ms: current.version.saved_ms });
        }
        let is_somebodys = self.is_somebodys(kind, current, &present)?;
        let is_removed = is_somebodys && matches!(present, Present::Nothing);
        if !(is_removed || !is_somebodys && self.may_replace(current, &present)?) {
            place.published = version;
            kind.saw(Seen { identity: None, hash: current.hash, settled: false });
            self.changed_by_hand(kind, self.described(kind, &present));
            return Ok(Agreed::ByHand { version, at_ms: current.version.saved_ms });
        }
        tracing::warn!(config_type = spec.name, version, "publishing {} again", spec.file);
        if is_removed {
            self.removed_by_hand(kind);
        }
        let standing = Standing { present, identity, by_hand: false };
        self.publisher.publish(kind, place, &standing, current)?;
        self.note_published(kind, version, true);
        self.as_it_should_be(kind);
        Ok(Agreed::Published { version, at_ms: unix_ms() })
    }

    /// Whether it is known that somebody, and no crash, left it so since the version was there, and nobody said to replace it.
    fn is_somebodys(&self, kind: &KindState, current: &Saved, present: &Present) -> Result<bool, StoreError> {
        if self.replaces(current, present)? {
            return Ok(false);
        }
        Ok(self.was_in_place(kind, current.version.version)? || self.is_noticed(current, present)?)
    }

    /// Nothing, another version of ours, or what somebody has seen and said to replace. Everything else somebody made, and
    /// nobody has looked at it yet.
    fn may_replace(&self, current: &Saved, present: &Present) -> Result<bool, StoreError> {
        let known = match present {
            Present::Nothing => true,
            present => match present.hash() {
                Some(hash) => {
                    let kind = &current.version.kind;
                    self.store.read_blocking(|view| versions::with_content(view, kind, hash))?.is_some()
                }
                None => false,
            },
        };
        Ok(known || self.publisher.is_of_another_history() || self.replaces(current, present)?)
    }

    /// The first version is the file that was there before us, if it is valid.
    fn adopt(&self, kind: &KindState, place: &mut Place) -> Result<Agreed, PublishError> {
        let spec = &kind.spec;
        let path = self.publisher.path(spec);
        let failed = |source| PublishError::disk("reading", &path, source);
        let identity = Identity::at(&path).map_err(failed)?;
        let content = match Present::at(&path).map_err(failed)? {
            Present::Nothing => return Ok(Agreed::Nothing),
            Present::File { content, .. } => content,
            Present::Ours(_) | Present::Foreign { .. } | Present::Special | Present::Directory => {
                tracing::warn!(config_type = spec.name, "{} cannot be a version; it is left alone", spec.file);
                return Ok(Agreed::Nothing);
            }
        };
        let problems = (spec.validate)(&content);
        if let Some(first) = problems.first() {
            tracing::warn!(
                config_type = spec.name,
                problems = problems.len(),
                line = first.line,
                column = first.column,
                path = first.path,
                reason = first.reason,
                "{} is not valid; it is left alone, and kept when a version replaces it",
                spec.file
            );
            return Ok(Agreed::Nothing);
        }
        let owner = path.symlink_metadata().map_or(0, |metadata| i64::from(metadata.uid()));
        let draft = Draft {
            kind: spec.name.clone(),
            base: 0,
            hash: versions::hash(&content),
            content: content.into(),
            author: Author { origin: Origin::File, id: owner, name: spec.file.clone() },
            restores: None,
            approved_by: None,
            saved_ms: unix_ms(),
            request_id: None,
        };
        let added = self.store.submit(move |transaction| {
            let saved = versions::add(transaction, &draft)?;
            let line = audit::Line {
                actor: &draft.author,
                action: "put",
                kind: Some(&draft.kind),
                version: Some(saved.version.version),
                about: None,
                outcome: Ok(()),
                request_id: None,
            };
            audit::record(transaction, &line, draft.saved_ms)?;
            Ok::<_, StoreError>(saved)
        })?;
        let saved = added.wait().map_err(PublishError::Store)?;
        tracing::info!(config_type = spec.name, sha256 = saved.version.sha256, "{} is version 1", spec.file);
        place.covered = saved.version.version;
        kind.saw(Seen { identity, hash: saved.hash, settled: false });
        self.publisher.say(spec, &saved)?;
        self.publisher.in_place(place, saved.version.version)?;
        Ok(Agreed::Published { version: saved.version.version, at_ms: saved.version.saved_ms })
    }
}
