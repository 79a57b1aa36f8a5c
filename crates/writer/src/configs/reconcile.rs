//! Files and store are brought to agree, whatever a crash, a full disk or a person left behind: for every kind before the
//! writer is ready, and for one whose publication failed until it succeeds.
//!
//! Every call here blocks.

use std::os::unix::fs::MetadataExt;

use interfaces::configs::{Author, Origin};

use super::publication::{Place, Present};
use super::versions::{self, Draft};
use super::{Inner, KindState, PublishError};
use crate::clock::unix_ms;
use crate::store::StoreError;

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
        for kind in &self.kinds {
            let mut place = kind.place.blocking_lock();
            match self.reconcile(kind, &mut place) {
                Ok(()) | Err(PublishError::Disk { .. } | PublishError::Store(StoreError::Full)) => {}
                Err(PublishError::Store(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// The same for one kind, whose lock the caller holds.
    pub(super) fn reconcile(&self, kind: &KindState, place: &mut Place) -> Result<(), PublishError> {
        let spec = &kind.spec;
        let current = self.store.read_blocking(|view| versions::current(view, &spec.name))?;
        let version = current.as_ref().map(|current| current.version.version);
        let path = self.publisher.path(spec);
        let present = self.publisher.present(spec).map_err(|source| PublishError::disk("reading", &path, source));
        let outcome = present.and_then(|present| match current {
            None => self.adopt(kind, place, present),
            Some(current) if present.is(&current.hash) => {
                let version = current.version.version;
                self.publisher.back_up(spec, place, &Present::Nothing, version, None)?;
                self.publisher.in_place(place, version)?;
                Ok(Some((version, current.version.saved_ms)))
            }
            Some(current) => {
                tracing::warn!(config_type = spec.name, version, "publishing {} again", spec.file);
                self.publisher.publish(spec, place, &current)?;
                self.note_published(kind, current.version.version, true);
                Ok(Some((current.version.version, unix_ms())))
            }
        });
        match &outcome {
            Ok(Some((version, at_ms))) => self.published(kind, *version, *at_ms),
            Ok(None) => self.recovered(kind),
            Err(error) => self.publication_failed(kind, version, error),
        }
        outcome.map(drop)
    }

    /// The first version is the file that was there before us, if it is valid. Answers which version that is, and since when.
    fn adopt(&self, kind: &KindState, place: &mut Place, present: Present) -> Result<Option<(i64, i64)>, PublishError> {
        let spec = &kind.spec;
        let content = match present {
            Present::Nothing => return Ok(None),
            Present::File { content, .. } => content,
            Present::Foreign | Present::Special => {
                tracing::warn!(config_type = spec.name, "{} cannot be a version; it is left alone", spec.file);
                return Ok(None);
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
            return Ok(None);
        }
        let owner = self.publisher.path(spec).metadata().map_or(0, |metadata| i64::from(metadata.uid()));
        let draft = Draft {
            kind: spec.name.clone(),
            base: 0,
            hash: versions::hash(&content),
            content: content.into(),
            author: Author { origin: Origin::File, id: owner, name: spec.file.clone() },
            request_id: None,
        };
        let added = self.store.submit(move |transaction| versions::add(transaction, &draft, None, unix_ms()))?;
        let saved = added.wait().map_err(PublishError::Store)?;
        tracing::info!(config_type = spec.name, sha256 = saved.version.sha256, "{} is version 1", spec.file);
        place.published = saved.version.version;
        place.covered = saved.version.version;
        Ok(Some((saved.version.version, saved.version.saved_ms)))
    }
}
