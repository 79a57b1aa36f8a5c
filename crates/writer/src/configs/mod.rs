//! Configs: every version of every kind, and the file that is the newest one's publication.
//!
//! The store is the truth, the file follows it. Versions of a kind are numbered without gaps; what was acknowledged is
//! durable; kinds never wait for each other. Kinds that the settings no longer declare keep their history.
//! Knows nothing of Telegram, YAML or Varlink: whether a document is valid, it asks [`KindSpec::validate`].

mod by_hand;
mod cancel;
mod commit;
mod consumers;
mod disk;
mod drafts;
mod kind;
mod meta;
mod placed;
mod prepare;
mod present;
mod proposals;
mod publication;
mod reconcile;
mod refused;
mod restore;
mod retry;
mod said;
mod sound;
mod telemetry;
mod trail;
mod under_way;
mod upload;
mod versions;
mod watching;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use interfaces::admins::Role;
use interfaces::configs::{Author, Kind, Version};
use interfaces::offline::PublishedKind;
use tokio::sync::{Mutex, OwnedMutexGuard, Semaphore, watch};
use worker::events::CONFIG_NOT_PUBLISHED;

pub(crate) use by_hand::ByHands;
pub use disk::{Disk, RealDisk};
pub use kind::{KindSpec, Validate};
pub(crate) use placed::forget_files;
pub(crate) use publication::RESTORED;
pub(crate) use refused::Refused;
pub(crate) use sound::{current_members, published_problem};

use crate::admins::Admins;
use crate::audit::Trail;
use crate::store::{Snapshot, Store, StoreError};
use present::Seen;
use publication::{Place, Publisher};
use under_way::UnderWay;

/// Bytes of a document at most.
pub const CONTENT_BYTES: usize = 1 << 20;
/// Uploads validated at the same time: more would only take the processor from each other.
const PREPARING: usize = 4;

/// Why a version is not published, or not backed up.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The file system refused.
    #[error("{step} {}: {source}", path.display())]
    Disk {
        /// What was being done, such as `writing`.
        step: &'static str,
        /// To what.
        path: PathBuf,
        /// The file system's words.
        source: io::Error,
    },
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PublishError {
    fn disk(step: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Disk { step, path: path.to_owned(), source }
    }
}

/// Why a version cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GetError {
    #[error("no such kind")]
    NoSuchKind,
    #[error("no such version")]
    NoSuchVersion,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All kinds. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Configs {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    publisher: Publisher,
    admins: Admins,
    trail: Trail,
    /// In the order of the settings.
    kinds: Vec<Arc<KindState>>,
    preparing: Semaphore,
    /// No lock is given any more.
    closing: watch::Sender<bool>,
    /// Kinds whose file is not what it should be, and why.
    unpublished: watch::Sender<BTreeMap<String, String>>,
    /// What each kind's file is.
    published: watch::Sender<Published>,
    /// Kinds whose file somebody changed, and how.
    by_hand: watch::Sender<ByHands>,
    under_way: UnderWay,
}

/// The version that each kind's file is, and since when, in Unix milliseconds.
pub(crate) type Published = BTreeMap<String, (i64, i64)>;

struct KindState {
    spec: KindSpec,
    /// The kind's lock: first come, first served. Covers exactly commit, backup and replace.
    place: Arc<Mutex<Place>>,
    /// The file that we put in place last. Changed under the kind's lock only, and read without it.
    seen: std::sync::Mutex<Option<Seen>>,
}

impl KindState {
    fn new(spec: KindSpec) -> Self {
        Self { spec, place: Arc::default(), seen: std::sync::Mutex::default() }
    }

    fn seen(&self) -> Option<Seen> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn saw(&self, seen: Seen) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }

    /// Whoever looked without the lock knows more of the file that he saw, if no other was put in place meanwhile.
    fn still(&self, before: Seen, now: Seen) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == Some(before) {
            *seen = Some(now);
        }
    }
}

/// Whether the author may change the kind: roles are for people, who come by Telegram.
fn allowed(admins: &Admins, view: &Snapshot<'_>, author: &Author, kind: &str) -> Result<(), Refused> {
    if !commit::is_person(author) || admins.role_for(view, author.id, kind)? >= Some(Role::Admin) {
        return Ok(());
    }
    Err(Refused::Forbidden { kind: kind.to_owned(), needed: Role::Admin })
}

impl Configs {
    /// Opens the configs and brings files and store into agreement. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] where the store cannot be read.
    pub(crate) fn open(
        store: Store,
        disk: Arc<dyn Disk>,
        published: PathBuf,
        backups: PathBuf,
        kinds: Vec<KindSpec>,
        admins: Admins,
        trail: Trail,
    ) -> Result<Self, StoreError> {
        telemetry::describe();
        let kinds = kinds.into_iter().map(|spec| Arc::new(KindState::new(spec))).collect();
        let publisher = Publisher::new(disk, store.clone(), published, backups);
        let inner = Inner {
            store,
            publisher,
            admins,
            trail,
            kinds,
            preparing: Semaphore::new(PREPARING),
            closing: watch::Sender::default(),
            unpublished: watch::Sender::default(),
            published: watch::Sender::default(),
            by_hand: watch::Sender::default(),
            under_way: UnderWay::default(),
        };
        inner.reconcile_all()?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// All kinds that the settings declare, in their order, and by name those that they do not but that have a history.
    pub(crate) async fn kinds(&self) -> Result<(Vec<Kind>, Vec<String>), StoreError> {
        let inner = Arc::clone(&self.inner);
        self.inner
            .store
            .read(move |view| {
                let by_hand = inner.by_hand.borrow().clone();
                let kind = |kind: &Arc<KindState>| {
                    let current = versions::current(view, &kind.spec.name)?;
                    Ok(Kind {
                        name: kind.spec.name.clone(),
                        file: kind.spec.file.clone(),
                        schema: kind.spec.schema.clone(),
                        rules: kind.spec.rules.clone(),
                        approval: kind.spec.approval,
                        by_hand: by_hand.get(&kind.spec.name).cloned(),
                        current: current.map_or(0, |saved| saved.version.version),
                    })
                };
                let declared = inner.kinds.iter().map(kind).collect::<Result<_, StoreError>>()?;
                let mut retired = versions::kinds(view)?;
                retired.retain(|name| inner.kind(name).is_none());
                Ok((declared, retired))
            })
            .await
    }

    /// A version with its content; `None`: the current one. Of kinds no longer declared, too.
    pub(crate) async fn get(&self, kind: String, version: Option<i64>) -> Result<(Version, Vec<u8>), GetError> {
        let declared = self.inner.kind(&kind).is_some();
        self.inner
            .store
            .read(move |view| {
                let saved = match version {
                    Some(version) => versions::one(view, &kind, version)?,
                    None => versions::current(view, &kind)?,
                };
                let Some(saved) = saved else {
                    let known = declared || versions::current(view, &kind)?.is_some();
                    return Err(if known { GetError::NoSuchVersion } else { GetError::NoSuchKind });
                };
                Ok((saved.version, versions::content(view, &saved.hash)?))
            })
            .await
    }

    /// At most `limit` versions below `before`, newest first. Of kinds no longer declared, too.
    pub(crate) async fn history(
        &self,
        kind: String,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Version>, GetError> {
        let declared = self.inner.kind(&kind).is_some();
        self.inner
            .store
            .read(move |view| {
                let versions = versions::history(view, &kind, before.unwrap_or(i64::MAX), limit)?;
                if versions.is_empty() && !declared && versions::current(view, &kind)?.is_none() {
                    return Err(GetError::NoSuchKind);
                }
                Ok(versions)
            })
            .await
    }

    /// Where refusals are written down.
    pub(crate) fn trail(&self) -> &Trail {
        &self.inner.trail
    }

    /// The kinds that the settings declare, and their files.
    pub(crate) fn declared(&self) -> Vec<PublishedKind> {
        let kind = |kind: &Arc<KindState>| PublishedKind { kind: kind.spec.name.clone(), file: kind.spec.file.clone() };
        self.inner.kinds.iter().map(kind).collect()
    }

    /// Waits until no upload is in its locked section, and lets none begin any more.
    pub(crate) async fn quiesce(&self) {
        self.inner.preparing.close();
        self.inner.closing.send_replace(true);
        for kind in &self.inner.kinds {
            std::mem::forget(Arc::clone(&kind.place).lock_owned().await);
        }
    }

    /// Kinds whose file is not what it should be, and why. Empty: all is well.
    pub(crate) fn unpublished(&self) -> watch::Receiver<BTreeMap<String, String>> {
        self.inner.unpublished.subscribe()
    }

    /// Kinds whose file somebody changed, and how.
    pub(crate) fn by_hand(&self) -> watch::Receiver<ByHands> {
        self.inner.by_hand.subscribe()
    }

    /// The version that each kind's file is, and since when.
    pub(crate) fn published(&self) -> watch::Receiver<Published> {
        self.inner.published.subscribe()
    }
}

impl Inner {
    /// Waits for a kind's lock on a thread that may block, but not for ever when the end has come.
    fn hold(&self, kind: &KindState) -> Result<OwnedMutexGuard<Place>, StoreError> {
        let (place, mut closing) = (Arc::clone(&kind.place), self.closing.subscribe());
        tokio::runtime::Handle::current().block_on(async {
            tokio::select! {
                biased;
                _ = closing.wait_for(|closing| *closing) => Err(StoreError::Closed),
                place = place.lock_owned() => Ok(place),
            }
        })
    }

    fn kind(&self, name: &str) -> Option<&Arc<KindState>> {
        self.kinds.iter().find(|kind| kind.spec.name == name)
    }

    /// The kind's file is what it should be: this version, put in place at that time.
    fn published(&self, kind: &KindState, version: i64, at_ms: i64) {
        self.recovered(kind);
        self.published.send_modify(|published| {
            published.insert(kind.spec.name.clone(), (version, at_ms));
        });
    }

    /// Nothing is wrong with the kind's file.
    fn recovered(&self, kind: &KindState) {
        self.unpublished.send_if_modified(|unpublished| unpublished.remove(&kind.spec.name).is_some());
    }

    /// Told, noted with the reply that claims otherwise, and left to [`retry`]. Blocks.
    fn publication_failed(&self, kind: &KindState, version: Option<i64>, error: &PublishError) {
        telemetry::publication_failed(&kind.spec.name);
        worker::event!(error, CONFIG_NOT_PUBLISHED, config_type = kind.spec.name, version, %error, "{} is not published: {error}", kind.spec.file);
        self.unpublished.send_modify(|unpublished| {
            unpublished.insert(kind.spec.name.clone(), error.to_string());
        });
        if let Some(version) = version {
            self.note_published(kind, version, false);
        }
    }

    /// Corrects what the kept reply of a version's request says. Best effort: the version is saved in any case. Blocks.
    fn note_published(&self, kind: &KindState, version: i64, published: bool) {
        let name = kind.spec.name.clone();
        let noted = self
            .store
            .submit(move |transaction| versions::note_published(transaction, &name, version, published))
            .and_then(crate::store::Reply::wait);
        if let Err(error) = noted {
            tracing::warn!(
                config_type = kind.spec.name,
                version,
                "cannot note whether the version is published: {error}"
            );
        }
    }
}

#[cfg(test)]
mod tests;
