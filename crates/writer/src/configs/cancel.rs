//! Cancelling: a request that had no effect yet never has one, or what its effect was is told.
//!
//! A request that was cancelled leaves a tombstone: the reply of `Cancel`, kept under the id of the cancelled request itself,
//! where that request looks first in its own transaction. So whatever the order, exactly one of both wins, and both know.

use interfaces::configs::{Author, Cancel, CancelReply, DialogueOf, Origin, ProposeReply, PutReply};
use serde::de::DeserializeOwned;

use super::commit::settle_by;
use super::{Configs, Refused, telemetry};
use crate::admins::Admins;
use crate::audit;
use crate::clock::unix_ms;
use crate::requests::{ID_BYTES, Request, RequestError};
use crate::store::{Snapshot, StoreError, Transaction};

const METHOD: &str = "io.natrium.Configs.Cancel";

/// The reply that was given to a request before, if it was.
///
/// # Errors
/// [`Refused::Cancelled`] where it never will be carried out.
pub(super) fn answered<R: DeserializeOwned>(view: &Snapshot<'_>, request: &Request) -> Result<Option<R>, Refused> {
    match request.answered(view) {
        Err(RequestError::Reused(id)) if kept(view, &id)?.is_some_and(|kept| kept.method == METHOD) => {
            Err(Refused::Cancelled(id))
        }
        other => Ok(other?),
    }
}

/// A reply that is kept, and whose it is.
struct Kept {
    method: String,
    reply: String,
}

fn kept(view: &Snapshot<'_>, request_id: &str) -> Result<Option<Kept>, StoreError> {
    let sql = "SELECT method, reply FROM requests WHERE request_id = ?1";
    view.first(sql, [request_id], |row| Ok(Kept { method: row.get(0)?, reply: row.get(1)? }))
}

impl Configs {
    /// Sees to it that a request has no effect, or answers which it had.
    pub(crate) async fn cancel(&self, call: Cancel) -> Result<CancelReply, Refused> {
        if call.request_id.is_empty() || call.request_id.len() > ID_BYTES {
            return Err(RequestError::Malformed.into());
        }
        let kind = self.inner.under_way.kind(&call.request_id);
        let (admins, about) = (self.inner.admins.clone(), kind.clone());
        let reply =
            self.inner.store.write(move |transaction| cancel(transaction, &admins, &call, about.as_deref())).await;
        let reply = reply.map_err(|error| match error {
            Refused::Request(RequestError::Store(error)) if !error.is_certain() => Refused::Unknown(error),
            other => other,
        })?;
        let kind = reply.saved.as_ref().map(|version| version.kind.clone()).or(kind);
        let kind = kind.or_else(|| reply.proposed.as_ref().map(|proposal| proposal.kind.clone()));
        // Kinds that there are: nobody makes up new series.
        let kind = kind.and_then(|kind| self.inner.kind(&kind));
        telemetry::cancelled(kind.map_or("unknown", |kind| &kind.spec.name), &reply);
        Ok(reply)
    }
}

fn cancel(
    transaction: &Transaction<'_>,
    admins: &Admins,
    call: &Cancel,
    kind: Option<&str>,
) -> Result<CancelReply, Refused> {
    let now_ms = unix_ms();
    let nothing = CancelReply { cancelled: false, saved: None, unchanged: false, proposed: None };
    let reply = match kept(transaction, &call.request_id)? {
        None => {
            let reply = CancelReply { cancelled: true, ..nothing };
            keep(transaction, &call.request_id, &reply, now_ms)?;
            note(transaction, admins, call, kind, Ok(()), now_ms)?;
            reply
        }
        Some(kept) => match kept.method.strip_prefix("io.natrium.Configs.") {
            Some("Cancel") => parse(&kept.reply)?,
            Some("Put" | "Rollback" | "Approve" | "Adopt") => {
                let reply: PutReply = parse(&kept.reply)?;
                CancelReply { saved: Some(reply.version), unchanged: reply.unchanged, ..nothing }
            }
            Some("Propose") => CancelReply { proposed: Some(parse::<ProposeReply>(&kept.reply)?.proposal), ..nothing },
            _ => return Err(RequestError::Reused(call.request_id.clone()).into()),
        },
    };
    // What the updates are told is this reply, whatever the request's own was.
    let mut outcome = call.request_id.clone();
    if !reply.cancelled {
        outcome = format!("cancel:{outcome}");
        keep(transaction, &outcome, &reply, now_ms)?;
        let saved = reply.saved.as_ref().map(|version| version.kind.as_str());
        let kind = saved.or(reply.proposed.as_ref().map(|proposal| proposal.kind.as_str()));
        // What changed nothing leaves nothing to cancel.
        if !reply.unchanged {
            note(transaction, admins, call, kind, Err("too late"), now_ms)?;
        }
    }
    settle_by(transaction, &outcome, &call.settles)?;
    Ok(reply)
}

/// Keeps the reply of a `Cancel` under an id; the first one stands.
fn keep(transaction: &Transaction<'_>, id: &str, reply: &CancelReply, now_ms: i64) -> Result<(), StoreError> {
    let reply = serde_json::to_string(reply).map_err(|_| StoreError::Unreadable("a reply"))?;
    let sql =
        "INSERT INTO requests (request_id, method, fingerprint, reply, at_ms) VALUES (?1, ?2, zeroblob(32), ?3, ?4)
        ON CONFLICT (request_id) DO NOTHING";
    transaction.execute(sql, (id, METHOD, reply, now_ms)).map(drop)
}

/// The audit trail names who cancelled, or came too late, where the call says whose dialogue ends with it.
fn note(
    transaction: &Transaction<'_>,
    admins: &Admins,
    call: &Cancel,
    kind: Option<&str>,
    outcome: Result<(), &str>,
    now_ms: i64,
) -> Result<(), StoreError> {
    let Some(DialogueOf { user, .. }) = call.settles.last().and_then(|update| update.ends) else { return Ok(()) };
    let name = admins.one(transaction, user)?.map_or_else(String::new, |admin| admin.name);
    let line = audit::Line {
        actor: &Author { origin: Origin::Telegram, id: user, name },
        action: "cancel",
        kind,
        version: None,
        about: None,
        outcome,
        request_id: Some(&call.request_id),
    };
    audit::record(transaction, &line, now_ms)
}

fn parse<R: DeserializeOwned>(reply: &str) -> Result<R, StoreError> {
    serde_json::from_str(reply).map_err(|_| StoreError::Unreadable("a reply"))
}
