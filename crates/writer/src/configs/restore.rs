//! The current version is published again in place of a file that was changed by hand, by who has seen that one.

use std::sync::Arc;

use interfaces::configs::{ANY, Author, ByHand, Restore, RestoreReply};

use super::commit::{due, settle};
use super::present::Present;
use super::publication::{Place, Standing};
use super::upload::blocking;
use super::versions::{self, Saved};
use super::{Configs, Inner, KindState, Refused, allowed, by_hand, cancel, trail};
use crate::admins::Admins;
use crate::audit;
use crate::clock::unix_ms;
use crate::requests::{Request, RequestError};
use crate::store::Transaction;

impl Configs {
    /// Publishes the current version again, if the file still has the content named.
    pub(crate) async fn restore(&self, call: Restore) -> Result<RestoreReply, Refused> {
        let request = Request::new(&call.request_id, "io.natrium.Configs.Restore", &call)?;
        let (by, name, id) = (call.by.clone(), call.kind.clone(), call.request_id.clone());
        let result = self.restored(request, call).await.map_err(|error| match error {
            Refused::Request(RequestError::Store(error)) if !error.is_certain() => Refused::Unknown(error),
            other => other,
        });
        if let Err(error) = &result {
            self.refused(trail::About { by: &by, action: "restore", kind: Some(&name) }, &id, error).await;
        }
        result
    }

    async fn restored(&self, request: Request, call: Restore) -> Result<RestoreReply, Refused> {
        let (inner, asked, about) = (Arc::clone(&self.inner), request.clone(), call.clone());
        let before = blocking(move || {
            inner.store.read_blocking(|view| {
                let before: Option<RestoreReply> = cancel::answered(view, &asked)?;
                if before.is_none() {
                    allowed(&inner.admins, view, &about.by, &about.kind)?;
                }
                Ok::<_, Refused>(before)
            })
        });
        if let Some(reply) = before.await? {
            return self.said_again(reply, &call.kind).await;
        }
        let kind = Arc::clone(self.inner.kind(&call.kind).ok_or_else(|| Refused::NoSuchKind(call.kind.clone()))?);
        let mut place = Arc::clone(&kind.place).lock_owned().await;
        let inner = Arc::clone(&self.inner);
        blocking(move || {
            let result = inner.put_back(&kind, &mut place, request, call);
            drop(place);
            inner.after(&kind, true, result)
        })
        .await
    }

    /// The kept reply, with what is true of the file now.
    async fn said_again(&self, mut reply: RestoreReply, name: &str) -> Result<RestoreReply, Refused> {
        let Some(kind) = self.inner.kind(name).cloned() else { return Ok(reply) };
        let place = Arc::clone(&kind.place).lock_owned().await;
        let inner = Arc::clone(&self.inner);
        blocking(move || {
            reply.published = inner.is_in_place(&kind, &place, reply.version.version);
            Ok(reply)
        })
        .await
    }
}

/// What the transaction does.
struct PutBack {
    request: Request,
    call: Restore,
    admins: Admins,
    hook: bool,
    by_hand: Option<ByHand>,
}

enum Decided {
    Answered(RestoreReply),
    Replace(Saved),
}

impl Inner {
    fn put_back(
        &self,
        kind: &KindState,
        place: &mut Place,
        request: Request,
        call: Restore,
    ) -> Result<RestoreReply, Refused> {
        let standing = self.publisher.standing(kind)?;
        let (admins, by_hand, id) = (self.admins.clone(), by_hand::seen(&standing), request.id().to_owned());
        let put_back = PutBack { request, call, admins, hook: kind.spec.hook, by_hand };
        let decided = self.store.submit(move |transaction| put_back.carry_out(transaction))?.wait()?;
        let current = match decided {
            Decided::Answered(mut reply) => {
                reply.published = self.is_in_place(kind, place, reply.version.version);
                return Ok(reply);
            }
            Decided::Replace(current) => current,
        };
        let outcome = self.publisher.publish(kind, place, &standing, &current);
        let published = self.put(kind, &current, outcome);
        if !published {
            self.correct(&id);
        }
        Ok(RestoreReply { version: current.version, published })
    }

    /// Whether the file is that version or a newer one, which was put there durably and nobody has changed.
    fn is_in_place(&self, kind: &KindState, place: &Place, version: i64) -> bool {
        let is_ours = |standing: Standing| !standing.by_hand && !matches!(standing.present, Present::Nothing);
        place.published >= version
            && !self.unpublished.borrow().contains_key(&kind.spec.name)
            && self.publisher.standing(kind).is_ok_and(is_ours)
    }

    /// The kept reply says that the file is in place, which it is not.
    fn correct(&self, request_id: &str) {
        let id = request_id.to_owned();
        let corrected = self.store.submit(move |transaction| versions::not_published(transaction, &id));
        if let Err(error) = corrected.and_then(crate::store::Reply::wait) {
            tracing::warn!(natrium_request = request_id, "cannot note that the version is not published: {error}");
        }
    }
}

impl PutBack {
    fn carry_out(self, transaction: &Transaction<'_>) -> Result<Decided, Refused> {
        let Self { request, call, admins, hook, by_hand } = self;
        if let Some(reply) = cancel::answered(transaction, &request)? {
            return Ok(Decided::Answered(reply));
        }
        let (kind, now_ms) = (&call.kind, unix_ms());
        allowed(&admins, transaction, &call.by, kind)?;
        let none = || Refused::NoSuchVersion { kind: kind.clone(), version: 0 };
        let current = versions::current(transaction, kind)?.ok_or_else(none)?;
        let seen = match by_hand {
            Some(by_hand) if call.sha256 == ANY || by_hand.sha256 == call.sha256 => by_hand.sha256,
            by_hand => return Err(Refused::NotByHand { kind: kind.clone(), by_hand }),
        };
        by_hand::may_replace(transaction, kind, &seen, current.version.version)?;
        note(transaction, &request, &call.by, &current, now_ms)?;
        if hook {
            due(transaction, &current, now_ms)?;
        }
        // Published is what it will be in a moment; where that fails, the kept reply is corrected.
        let reply = RestoreReply { version: current.version.clone(), published: true };
        request.remember(transaction, &reply, now_ms)?;
        settle(transaction, &request, call.settles.as_ref())?;
        Ok(Decided::Replace(current))
    }
}

fn note(
    transaction: &Transaction<'_>,
    request: &Request,
    actor: &Author,
    current: &Saved,
    now_ms: i64,
) -> Result<(), Refused> {
    let line = audit::Line {
        actor,
        action: "restore",
        kind: Some(&current.version.kind),
        version: Some(current.version.version),
        about: None,
        outcome: Ok(()),
        request_id: Some(request.id()),
    };
    Ok(audit::record(transaction, &line, now_ms)?)
}
