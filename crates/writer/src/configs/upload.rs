//! One upload, from the bytes to the reply.
//!
//! Outside the kind's lock: was it answered before, is it valid, is there space (the draft is written). Under the lock, in a
//! task of its own that a caller's leaving cannot stop: compare-and-swap and commit in the store, the draft's fsync beside
//! it, then backup, rename, fsync of the directory. A caller who leaves before the lock is won has cancelled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use interfaces::configs::{Problem, Put, PutReply, Settlement, Version};

use super::publication::{self, Place, Present};
use super::versions::{self, Saved};
use super::{Configs, Inner, KindState, PublishError, telemetry};
use crate::clock::unix_ms;
use crate::requests::{Request, RequestError};
use crate::store::{StoreError, Transaction};
use crate::{dialogues, inbox};

const METHOD: &str = "io.natrium.Configs.Put";

/// Why an upload is not the current version now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PutError {
    #[error("no such kind")]
    NoSuchKind,
    #[error("the document has {} problem(s)", .0.len())]
    Invalid(Vec<Problem>),
    /// The base is not the current version.
    #[error("based on another version than the current one")]
    Conflict(Box<Version>),
    /// A base was named where there is no version at all.
    #[error("no such version")]
    NoSuchBase,
    /// The published directory does not take the file; the store was not asked.
    #[error(transparent)]
    Disk(#[from] PublishError),
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Whether it is saved, now or by an earlier attempt, is not known.
    #[error("not known to be saved: {0}")]
    Unknown(StoreError),
}

impl From<StoreError> for PutError {
    fn from(error: StoreError) -> Self {
        Self::Request(RequestError::Store(error))
    }
}

enum Prepared {
    Answered(PutReply),
    Ready(Box<Upload>),
}

/// A valid document with its draft on the disk, waiting for the lock.
struct Upload {
    request: Request,
    settles: Option<Settlement>,
    version: versions::Draft,
    draft: publication::Draft,
}

/// What the transaction came to.
enum Committed {
    Answered(PutReply),
    Unchanged(Saved),
    New { saved: Saved, previous: Option<Saved> },
}

impl Configs {
    /// Saves and publishes a version; answers when it is durable. A failure means that no attempt of this request has saved
    /// it, unless it is [`PutError::Unknown`].
    pub(crate) async fn put(&self, call: Put) -> Result<PutReply, PutError> {
        match self.attempt(call.clone()).await {
            Err(PutError::Request(RequestError::Store(error))) if !error.is_certain() => Err(PutError::Unknown(error)),
            Err(error @ (PutError::Disk(_) | PutError::Request(RequestError::Store(_)))) => {
                match self.earlier(call).await {
                    Ok(reply) => reply.ok_or(error),
                    Err(PutError::Request(RequestError::Store(unread))) => Err(PutError::Unknown(unread)),
                    Err(other) => Err(other),
                }
            }
            known => known,
        }
    }

    /// What an earlier attempt of the same request came to, whose caller lost the connection and asks again. It may only now
    /// have left the locked section.
    async fn earlier(&self, call: Put) -> Result<Option<PutReply>, PutError> {
        let inner = Arc::clone(&self.inner);
        let place = match inner.kind(&call.kind) {
            Some(kind) => Some(Arc::clone(&kind.place).lock_owned().await),
            None => None,
        };
        blocking(move || {
            let request = Request::new(&call.request_id, METHOD, &call)?;
            let mut reply: Option<PutReply> = inner.store.read_blocking(|view| request.answered(view))?;
            if let (Some(reply), Some(place)) = (&mut reply, place) {
                reply.published = place.published >= reply.version.version;
            }
            Ok(reply)
        })
        .await
    }

    async fn attempt(&self, call: Put) -> Result<PutReply, PutError> {
        let author = call.author.id;
        let inner = Arc::clone(&self.inner);
        let kind = inner.kind(&call.kind).cloned();
        let prepared = {
            let _turn = inner.preparing.acquire().await.map_err(|_| StoreError::Closed)?;
            let (inner, kind) = (Arc::clone(&inner), kind.clone());
            blocking(move || inner.prepare(kind.as_deref(), call)).await
        };
        let Some(kind) = kind else {
            return match prepared? {
                Prepared::Answered(reply) => Ok(reply),
                Prepared::Ready(_) => Err(PutError::NoSuchKind),
            };
        };
        let upload = match prepared {
            Ok(Prepared::Ready(upload)) => upload,
            Ok(Prepared::Answered(mut reply)) => {
                reply.published = kind.place.lock().await.published >= reply.version.version;
                telemetry::uploaded(&kind.spec.name, "answered before");
                return Ok(reply);
            }
            Err(error) => {
                telemetry::uploaded(&kind.spec.name, telemetry::result(&error));
                return Err(error);
            }
        };

        let waiting = Instant::now();
        let mut place = Arc::clone(&kind.place).lock_owned().await;
        let waited = waiting.elapsed();
        telemetry::stage(&kind.spec.name, "lock_wait", waited);
        blocking(move || {
            let name = &kind.spec.name;
            let begun = Instant::now();
            telemetry::lock_acquired(name, author, waited);
            let result = inner.locked_section(&kind, &mut place, *upload);
            let held = begun.elapsed();
            drop(place);
            telemetry::stage(name, "locked_section", held);
            telemetry::lock_released(name, author, held);
            telemetry::uploaded(name, result.as_ref().map_or_else(telemetry::result, telemetry::success));
            result
        })
        .await
    }
}

/// Runs on a thread that may block, with the caller's log fields. It is not stopped when the caller leaves.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PutError> + Send + 'static,
) -> Result<T, PutError> {
    let span = tracing::Span::current();
    let joined = tokio::task::spawn_blocking(move || span.in_scope(work)).await;
    joined.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
}

impl Inner {
    /// Everything that needs no lock.
    fn prepare(&self, kind: Option<&KindState>, call: Put) -> Result<Prepared, PutError> {
        let request = Request::new(&call.request_id, METHOD, &call)?;
        // Asked first: what was saved once stays saved, though the settings may have changed since.
        if let Some(reply) = self.store.read_blocking(|view| request.answered(view))? {
            return Ok(Prepared::Answered(reply));
        }
        let kind = kind.ok_or(PutError::NoSuchKind)?;
        if self.store.is_short() {
            return Err(StoreError::Full.into());
        }
        let begun = Instant::now();
        let problems = (kind.spec.validate)(call.content.as_bytes());
        telemetry::stage(&kind.spec.name, "validation", begun.elapsed());
        if !problems.is_empty() {
            return Err(PutError::Invalid(problems));
        }
        let path = self.publisher.path(&kind.spec);
        let content: Arc<[u8]> = call.content.into_bytes().into();
        let draft = self
            .publisher
            .draft(&kind.spec, &content)
            .map_err(|source| PublishError::disk("writing", &path, source))?;
        let version = versions::Draft {
            kind: call.kind,
            base: call.base,
            hash: versions::hash(&content),
            content,
            author: call.author,
            request_id: Some(call.request_id),
        };
        Ok(Prepared::Ready(Box::new(Upload { request, settles: call.settles, version, draft })))
    }

    /// Everything that must not happen twice at once for one kind.
    fn locked_section(&self, kind: &KindState, place: &mut Place, upload: Upload) -> Result<PutReply, PutError> {
        let Upload { request, settles, version, draft } = upload;
        let committing =
            self.store.submit(move |transaction| commit(transaction, &request, settles.as_ref(), &version));
        let committing = match committing {
            Ok(committing) => committing,
            Err(error) => {
                draft.discard();
                return Err(error.into());
            }
        };
        // While the store's thread commits:
        let path = self.publisher.path(&kind.spec);
        let ready = self
            .publisher
            .present(&kind.spec)
            .and_then(|present| draft.sync().map(|()| present))
            .map_err(|source| PublishError::disk("writing", &path, source));
        match committing.wait() {
            Err(error) => {
                draft.discard();
                Err(error)
            }
            Ok(Committed::Answered(mut reply)) => {
                draft.discard();
                reply.published = place.published >= reply.version.version;
                Ok(reply)
            }
            Ok(Committed::Unchanged(current)) => {
                draft.discard();
                let published = place.published >= current.version.version;
                Ok(PutReply { version: current.version, unchanged: true, published })
            }
            Ok(Committed::New { saved, previous }) => {
                let published = self.put_in_place(kind, place, ready, draft, &saved, previous.as_ref());
                Ok(PutReply { version: saved.version, unchanged: false, published })
            }
        }
    }

    /// The version is saved; whatever happens from here on, it stays so.
    fn put_in_place(
        &self,
        kind: &KindState,
        place: &mut Place,
        ready: Result<Present, PublishError>,
        draft: publication::Draft,
        saved: &Saved,
        previous: Option<&Saved>,
    ) -> bool {
        let outcome = match ready {
            Ok(present) => self.publisher.put_in_place(&kind.spec, place, draft, &present, saved, previous),
            Err(error) => {
                draft.discard();
                Err(error)
            }
        };
        match outcome {
            Ok(()) => {
                telemetry::published(&saved.version, &kind.spec.file);
                self.published(kind, saved.version.version, unix_ms());
            }
            Err(ref error) => self.publication_failed(kind, Some(saved.version.version), error),
        }
        outcome.is_ok()
    }
}

/// The part that the store does: all of it or nothing.
fn commit(
    transaction: &Transaction<'_>,
    request: &Request,
    settles: Option<&Settlement>,
    draft: &versions::Draft,
) -> Result<Committed, PutError> {
    if let Some(reply) = request.answered(transaction)? {
        return Ok(Committed::Answered(reply));
    }
    let current = versions::current(transaction, &draft.kind)?;
    let now_ms = unix_ms();
    // What is wanted is there already, whoever brought it: nothing to compare, nothing to lose.
    let (committed, reply) = match current {
        Some(current) if current.hash == draft.hash => {
            let reply = PutReply { version: current.version.clone(), unchanged: true, published: true };
            (Committed::Unchanged(current), reply)
        }
        Some(current) if current.version.version != draft.base => {
            return Err(PutError::Conflict(Box::new(current.version)));
        }
        None if draft.base != 0 => return Err(PutError::NoSuchBase),
        previous => {
            let saved = versions::add(transaction, draft, previous.as_ref(), now_ms)?;
            // Published is what it will be in a moment; where that fails, the kept reply is corrected.
            let reply = PutReply { version: saved.version.clone(), unchanged: false, published: true };
            (Committed::New { saved, previous }, reply)
        }
    };
    request.remember(transaction, &reply, now_ms)?;
    if let Some(update) = settles {
        inbox::settle(transaction, update.bot, update.update_id, request.id())?;
        dialogues::end(transaction, update.bot, update.chat, update.user)?;
    }
    Ok(committed)
}

/// Milliseconds with microseconds behind the point, as the events give them.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
