//! One call that makes a version, from its arrival to the reply: an upload, a rollback, an approval, a file taken over.
//!
//! Outside the kind's lock: was it answered before, may its author do it, is the content valid, is there space (the drafts are
//! written, durably). Under the lock, in a task of its own that a caller's leaving cannot stop: a look at what stands there,
//! compare-and-swap and commit in the store, then backup, rename, fsync of the directory. A caller who leaves before the lock
//! is won has cancelled.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use interfaces::configs::{Adopt, Approve, Author, Put, PutReply, Rollback, Settlement, Step};

use super::commit::{Commit, Committed};
use super::drafts::Drafts;
use super::present::Present;
use super::publication::{Place, Standing};
use super::under_way::OneUnderWay;
use super::versions::Saved;
use super::{Configs, Inner, KindState, PublishError, Refused, by_hand, telemetry, trail};
use crate::clock::unix_ms;
use crate::requests::{Request, RequestError};
use crate::store::StoreError;

/// A call that makes a version: where its content comes from differs, the rest does not.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) request: Request,
    /// The verb, for the audit trail.
    pub(super) action: &'static str,
    /// Who asks.
    pub(super) by: Author,
    pub(super) over: Option<String>,
    pub(super) settles: Option<Settlement>,
    pub(super) source: Source,
}

/// Where the content comes from.
#[derive(Clone)]
pub(super) enum Source {
    Content {
        kind: String,
        base: i64,
        content: Arc<[u8]>,
    },
    /// The older version `to`.
    Version {
        kind: String,
        base: i64,
        to: i64,
    },
    Proposal(i64),
    /// The published file as somebody changed it.
    ByHand {
        kind: String,
    },
}

impl Call {
    fn put(call: Put) -> Result<Self, RequestError> {
        Ok(Self {
            request: Request::new(&call.request_id, "io.natrium.Configs.Put", &call)?,
            action: "put",
            source: Source::Content { kind: call.kind, base: call.base, content: call.content.into_bytes().into() },
            by: call.author,
            over: call.over,
            settles: call.settles,
        })
    }

    fn rollback(call: Rollback) -> Result<Self, RequestError> {
        Ok(Self {
            request: Request::new(&call.request_id, "io.natrium.Configs.Rollback", &call)?,
            action: "rollback",
            source: Source::Version { kind: call.kind, base: call.base, to: call.to },
            by: call.author,
            over: call.over,
            settles: call.settles,
        })
    }

    fn approve(call: Approve) -> Result<Self, RequestError> {
        Ok(Self {
            request: Request::new(&call.request_id, "io.natrium.Configs.Approve", &call)?,
            action: "approve",
            source: Source::Proposal(call.id),
            by: call.by,
            over: call.over,
            settles: call.settles,
        })
    }

    fn adopt(call: Adopt) -> Result<Self, RequestError> {
        Ok(Self {
            request: Request::new(&call.request_id, "io.natrium.Configs.Adopt", &call)?,
            action: "adopt",
            source: Source::ByHand { kind: call.kind },
            by: call.author,
            over: Some(call.sha256),
            settles: call.settles,
        })
    }

    /// The kind, where the call names it.
    pub(super) fn kind(&self) -> Option<&str> {
        match &self.source {
            Source::Content { kind, .. } | Source::Version { kind, .. } | Source::ByHand { kind, .. } => Some(kind),
            Source::Proposal(_) => None,
        }
    }
}

/// What comes of a call before the lock.
pub(super) enum Prepared {
    Answered(PutReply),
    Ready(Box<Upload>),
}

/// Valid content with its drafts on the disk, waiting for the lock.
pub(super) struct Upload {
    pub(super) kind: Arc<KindState>,
    pub(super) commit: Commit,
    pub(super) drafts: Drafts,
}

impl Configs {
    /// Saves and publishes a version; answers when it is durable. A failure means that no attempt of this request has saved
    /// it, unless it is [`Refused::Unknown`].
    pub(crate) async fn put(&self, call: Put) -> Result<PutReply, Refused> {
        self.save(Call::put(call)?).await
    }

    /// The same with the content of an older version.
    pub(crate) async fn rollback(&self, call: Rollback) -> Result<PutReply, Refused> {
        self.save(Call::rollback(call)?).await
    }

    /// The same with what was proposed.
    pub(crate) async fn approve(&self, call: Approve) -> Result<PutReply, Refused> {
        self.save(Call::approve(call)?).await
    }

    /// The same with a file that was changed by hand.
    pub(crate) async fn adopt(&self, call: Adopt) -> Result<PutReply, Refused> {
        self.save(Call::adopt(call)?).await
    }

    async fn save(&self, call: Call) -> Result<PutReply, Refused> {
        let under_way = self.inner.under_way.begin(call.request.id(), call.kind());
        let result = match self.attempt(call.clone(), &under_way).await {
            Err(Refused::Request(RequestError::Store(error))) if !error.is_certain() => Err(Refused::Unknown(error)),
            Err(error @ (Refused::Disk(_) | Refused::Request(RequestError::Store(_)))) => {
                match self.earlier(call.clone()).await {
                    Ok(reply) => reply.ok_or(error),
                    Err(Refused::Request(RequestError::Store(unread))) => Err(Refused::Unknown(unread)),
                    Err(other) => Err(other),
                }
            }
            known => known,
        };
        if let Err(error) = &result {
            let about = trail::About { by: &call.by, action: call.action, kind: call.kind() };
            self.refused(about, call.request.id(), error).await;
        }
        result
    }

    /// What an earlier attempt of the same request came to, whose caller lost the connection and asks again. It may only now
    /// have left the locked section.
    async fn earlier(&self, call: Call) -> Result<Option<PutReply>, Refused> {
        let inner = Arc::clone(&self.inner);
        let kind = {
            let inner = Arc::clone(&self.inner);
            let source = call.source.clone();
            blocking(move || inner.kind_of(&source)).await?
        };
        let place = match kind {
            Some(kind) => Some(Arc::clone(&kind.place).lock_owned().await),
            None => None,
        };
        blocking(move || {
            let mut reply: Option<PutReply> =
                inner.store.read_blocking(|view| super::cancel::answered(view, &call.request))?;
            if let (Some(reply), Some(place)) = (&mut reply, place) {
                reply.published = place.published >= reply.version.version;
            }
            Ok(reply)
        })
        .await
    }

    async fn attempt(&self, call: Call, under_way: &OneUnderWay) -> Result<PutReply, Refused> {
        let user = call.by.id;
        let inner = Arc::clone(&self.inner);
        let named = call.kind().and_then(|name| inner.kind(name)).cloned();
        let prepared = {
            let _turn = inner.preparing.acquire().await.map_err(|_| StoreError::Closed)?;
            let inner = Arc::clone(&inner);
            blocking(move || inner.prepare(call)).await
        };
        let upload = match prepared {
            Ok(Prepared::Ready(upload)) => upload,
            Ok(Prepared::Answered(mut reply)) => {
                if let Some(kind) = inner.kind(&reply.version.kind) {
                    reply.published = kind.place.lock().await.published >= reply.version.version;
                    telemetry::uploaded(&kind.spec.name, "answered before");
                }
                return Ok(reply);
            }
            Err(error) => {
                // Kinds that there are: nobody makes up new series.
                let about = named.as_ref().or_else(|| error.kind().and_then(|kind| inner.kind(kind)));
                if let Some(kind) = about {
                    telemetry::uploaded(&kind.spec.name, error.result());
                }
                return Err(error);
            }
        };

        let kind = Arc::clone(&upload.kind);
        let waiting = Instant::now();
        let mut lock = pin!(Arc::clone(&kind.place).lock_owned());
        let mut place = tokio::select! {
            biased;
            place = &mut lock => place,
            () = async { under_way.reaches(Step::Waiting) } => lock.await,
        };
        let waited = waiting.elapsed();
        telemetry::stage(&kind.spec.name, "lock_wait", waited);
        // A caller who leaves stops nothing from here on.
        let under_way = under_way.clone();
        blocking(move || {
            under_way.reaches(Step::Saving);
            let (name, over) = (&kind.spec.name, upload.commit.names_content());
            let begun = Instant::now();
            telemetry::lock_acquired(name, user, waited);
            let result = inner.locked_section(&kind, &mut place, *upload);
            let held = begun.elapsed();
            // While it is ours: in the log, too, one begins when the other has ended.
            telemetry::lock_released(name, user, held);
            let replaced = place.replaced.take();
            drop(place);
            drop(replaced);
            telemetry::stage(name, "locked_section", held);
            telemetry::uploaded(name, result.as_ref().map_or_else(Refused::result, telemetry::success));
            inner.after(&kind, over, result)
        })
        .await
    }
}

/// Runs on a thread that may block, with the caller's log fields. It is not stopped when the caller leaves.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    let span = tracing::Span::current();
    let joined = tokio::task::spawn_blocking(move || span.in_scope(work)).await;
    joined.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
}

impl Inner {
    /// Everything that must not happen twice at once for one kind.
    fn locked_section(&self, kind: &KindState, place: &mut Place, upload: Upload) -> Result<PutReply, Refused> {
        let Upload { mut commit, drafts, .. } = upload;
        let standing = self.publisher.standing(kind);
        commit.stands(unix_ms(), standing.as_ref().ok().and_then(by_hand::seen));
        let committing = match self.store.submit(move |transaction| commit.carry_out(transaction)) {
            Ok(committing) => committing,
            Err(error) => {
                drafts.discard();
                return Err(error.into());
            }
        };
        match committing.wait() {
            Err(error) => {
                drafts.discard();
                Err(error)
            }
            Ok(Committed::Answered(mut reply)) => {
                drafts.discard();
                reply.published = place.published >= reply.version.version;
                Ok(reply)
            }
            Ok(Committed::Unchanged { current, replaces }) => {
                drafts.discard();
                let published = self.unchanged(kind, place, standing, &current, replaces);
                Ok(PutReply { version: current.version, unchanged: true, published })
            }
            Ok(Committed::New { saved, previous }) => {
                let published = self.put_in_place(kind, place, standing, drafts, &saved, previous.as_deref());
                Ok(PutReply { version: saved.version, unchanged: false, published })
            }
        }
    }

    /// The version is saved; whatever happens from here on, it stays so.
    fn put_in_place(
        &self,
        kind: &KindState,
        place: &mut Place,
        standing: Result<Standing, PublishError>,
        drafts: Drafts,
        saved: &Saved,
        previous: Option<&Saved>,
    ) -> bool {
        // The one before was there, and nobody has looked since.
        let is_removed = place.published > 0
            && matches!(&standing, Ok(standing) if matches!(standing.present, Present::Nothing))
            && !self.unpublished.borrow().contains_key(&kind.spec.name);
        if is_removed {
            self.removed_by_hand(kind);
        }
        let outcome = match standing {
            Ok(standing) => self.publisher.put_in_place(kind, place, drafts, &standing, saved, previous),
            Err(error) => {
                drafts.discard();
                Err(error)
            }
        };
        let is_published = self.put(kind, saved, outcome);
        if is_removed && is_published {
            self.as_it_should_be(kind);
        }
        is_published
    }

    /// Whether the file is in place, where the version was there before. It is put there again if that replaces what somebody
    /// has seen and means to replace.
    fn unchanged(
        &self,
        kind: &KindState,
        place: &mut Place,
        standing: Result<Standing, PublishError>,
        current: &Saved,
        replaces: bool,
    ) -> bool {
        match standing {
            Ok(standing) if replaces => {
                let outcome = self.publisher.publish(kind, place, &standing, current);
                self.put(kind, current, outcome)
            }
            Ok(standing) => !standing.by_hand && place.published >= current.version.version,
            Err(_) => place.published >= current.version.version,
        }
    }

    /// Tells what came of putting a version in place.
    pub(super) fn put(&self, kind: &KindState, saved: &Saved, outcome: Result<(), PublishError>) -> bool {
        match &outcome {
            Ok(()) => {
                telemetry::published(&saved.version, &kind.spec.file);
                // Nobody else looks after it then.
                let was_unpublished = self.unpublished.borrow().contains_key(&kind.spec.name);
                self.published(kind, saved.version.version, unix_ms());
                if was_unpublished {
                    self.as_it_should_be(kind);
                }
            }
            Err(error) => self.publication_failed(kind, Some(saved.version.version), error),
        }
        outcome.is_ok()
    }
}
