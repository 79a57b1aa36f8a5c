//! Whether a published file is what the store says, looked at without changing anything.

use std::path::Path;
use std::sync::Arc;

use interfaces::offline::PublishedKind;
use interfaces::store::Member;

use super::present::Present;
use super::{Configs, versions};
use crate::store::{Snapshot, StoreError};

impl Configs {
    /// Every published file that is not what the store says. Uploads of a kind wait while its file is read.
    pub(crate) async fn published_problems(&self) -> Result<Vec<String>, StoreError> {
        let mut problems = Vec::new();
        for (kind, declared) in self.inner.kinds.iter().zip(self.declared()) {
            let place = Arc::clone(&kind.place).lock_owned().await;
            let (store, path) = (self.inner.store.clone(), self.inner.publisher.path(&kind.spec));
            let looking = move || {
                let problem = store.read_blocking(|view| published_problem(view, &path, &declared));
                drop(place);
                problem
            };
            problems.extend(tokio::task::spawn_blocking(looking).await.map_err(|_| StoreError::Panicked)??);
        }
        Ok(problems)
    }
}

/// What is wrong with the published file at `path`.
pub(crate) fn published_problem(
    view: &Snapshot<'_>,
    path: &Path,
    kind: &PublishedKind,
) -> Result<Option<String>, StoreError> {
    // Before there is a version, the file is its owner's own.
    let Some(current) = versions::current(view, &kind.kind)? else { return Ok(None) };
    let should = format!("version {} of {} should stand there", current.version.version, kind.kind);
    Ok(match Present::at(path) {
        Ok(present) if present.is(&current.hash) => None,
        Ok(Present::Nothing) => Some(format!("{} is missing: {should}", path.display())),
        Ok(_) => Some(format!("{} was changed by somebody else: {should}", path.display())),
        Err(error) => Some(format!("{} cannot be read ({error}): {should}", path.display())),
    })
}

/// The published files that belong to a store: what each is called, and its content.
pub(crate) fn current_members(
    view: &Snapshot<'_>,
    kinds: &[PublishedKind],
) -> Result<Vec<(Member, Vec<u8>)>, StoreError> {
    let mut members = Vec::new();
    for PublishedKind { kind, file } in kinds {
        let Some(current) = versions::current(view, kind)? else { continue };
        let content = versions::content(view, &current.hash)?;
        let member = Member {
            name: format!("published/{file}"),
            bytes: i64::try_from(content.len()).unwrap_or(i64::MAX),
            sha256: current.version.sha256,
            kind: Some(kind.clone()),
            version: Some(current.version.version),
        };
        members.push((member, content));
    }
    Ok(members)
}
