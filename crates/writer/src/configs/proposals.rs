//! Proposals: versions that wait for a second admin. None is ever removed, and each is decided once.

use interfaces::admins::Role;
use interfaces::configs::{Author, Decline, DeclineReply, Proposal, ProposalState, Propose, ProposeReply, Step};
use interfaces::notices::Event;
use rusqlite::Row;

use super::commit::settle;
use super::upload::blocking;
use super::versions::{self, Hash};
use super::{Configs, Inner, Refused, allowed, cancel, telemetry, trail};
use crate::admins::Admins;
use crate::clock::unix_ms;
use crate::requests::Request;
use crate::store::{Snapshot, StoreError, Transaction, hex};
use crate::{audit, notices};

const COLUMNS: &str =
    "id, kind, base, bytes, sha256, author, proposed_ms, restores, state, decided_by, decided_ms, version";

/// A proposal and the hash of its content.
pub(super) struct Kept {
    pub(super) proposal: Proposal,
    pub(super) hash: Hash,
}

/// One of them.
pub(super) fn one(view: &Snapshot<'_>, id: i64) -> Result<Option<Kept>, StoreError> {
    view.first(&format!("SELECT {COLUMNS} FROM proposals WHERE id = ?1"), [id], read)
}

/// Whether two authors are one person.
pub(super) fn same_person(one: &Author, other: &Author) -> bool {
    (one.origin, one.id) == (other.origin, other.id)
}

/// Decides an open one, and has its author told if it was somebody else.
pub(super) fn decide(
    transaction: &Transaction<'_>,
    id: i64,
    state: ProposalState,
    by: &Author,
    version: Option<i64>,
    now_ms: i64,
) -> Result<Proposal, Refused> {
    let sql = "UPDATE proposals SET state = ?2, decided_by = ?3, decided_ms = ?4, version = ?5
        WHERE id = ?1 AND state = 'open'";
    transaction.execute(sql, (id, state_name(state), versions::author_text(by)?, now_ms, version))?;
    let proposal = one(transaction, id)?.ok_or(Refused::NoSuchProposal(id))?.proposal;
    if super::commit::is_person(&proposal.author) && !same_person(&proposal.author, by) {
        let event = Event::Decided { proposal: proposal.clone() };
        notices::tell(transaction, proposal.author.id, &event, now_ms)?;
    }
    Ok(proposal)
}

impl Configs {
    /// Keeps a version for a second admin.
    pub(crate) async fn propose(&self, call: Propose) -> Result<ProposeReply, Refused> {
        let request = Request::new(&call.request_id, "io.natrium.Configs.Propose", &call)?;
        let under_way = self.inner.under_way.begin(request.id(), Some(&call.kind));
        let (by, kind, id) = (call.author.clone(), call.kind.clone(), call.request_id.clone());
        let result = async {
            let checked = {
                let _turn = self.inner.preparing.acquire().await.map_err(|_| StoreError::Closed)?;
                let (inner, request, call) = (self.inner.clone(), request.clone(), call.clone());
                blocking(move || inner.check_proposal(&request, &call)).await?
            };
            if let Some(reply) = checked {
                return Ok(reply);
            }
            let admins = self.inner.admins.clone();
            // No file is touched, so no lock is needed.
            under_way.reaches(Step::Saving);
            self.inner.store.write(move |transaction| propose(transaction, &admins, &request, &call)).await
        };
        let result = certain(result.await);
        if let Err(error) = &result {
            self.refused(trail::About { by: &by, action: "propose", kind: Some(&kind) }, &id, error).await;
        }
        result
    }

    /// Open proposals, oldest first, of one kind or of all.
    pub(crate) async fn proposals(&self, kind: Option<String>) -> Result<Vec<Proposal>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM proposals WHERE state = 'open' AND (?1 IS NULL OR kind = ?1) ORDER BY id");
        let kept = self.inner.store.read::<_, StoreError, _>(move |view| view.all(&sql, [kind], read)).await?;
        Ok(kept.into_iter().map(|kept| kept.proposal).collect())
    }

    /// A proposal with its content.
    pub(crate) async fn proposal(&self, id: i64) -> Result<(Proposal, Vec<u8>), Refused> {
        self.inner
            .store
            .read(move |view| {
                let kept = one(view, id)?.ok_or(Refused::NoSuchProposal(id))?;
                Ok((kept.proposal, versions::content(view, &kept.hash)?))
            })
            .await
    }

    /// Ends a proposal without effect.
    pub(crate) async fn decline(&self, call: Decline) -> Result<DeclineReply, Refused> {
        let request = Request::new(&call.request_id, "io.natrium.Configs.Decline", &call)?;
        let (by, id) = (call.by.clone(), call.request_id.clone());
        let admins = self.inner.admins.clone();
        let result = self.inner.store.write(move |transaction| decline(transaction, &admins, &request, &call)).await;
        let result = certain(result);
        if let Err(error) = &result {
            self.refused(trail::About { by: &by, action: "decline", kind: None }, &id, error).await;
        }
        result
    }
}

/// Where it is not certain that nothing was kept, no more is said.
fn certain<T>(result: Result<T, Refused>) -> Result<T, Refused> {
    use crate::requests::RequestError;
    result.map_err(|error| match error {
        Refused::Request(RequestError::Store(error)) if !error.is_certain() => Refused::Unknown(error),
        other => other,
    })
}

impl Inner {
    /// What needs no transaction: role, kind, validity. Answers the reply that was given before, if it was.
    fn check_proposal(&self, request: &Request, call: &Propose) -> Result<Option<ProposeReply>, Refused> {
        let before = self.store.read_blocking(|view| {
            let before = cancel::answered(view, request)?;
            if before.is_none() {
                allowed(&self.admins, view, &call.author, &call.kind)?;
            }
            Ok::<_, Refused>(before)
        })?;
        if before.is_some() {
            return Ok(before);
        }
        let kind = self.kind(&call.kind).ok_or_else(|| Refused::NoSuchKind(call.kind.clone()))?;
        self.store.has_space()?;
        let begun = std::time::Instant::now();
        let problems = (kind.spec.validate)(call.content.as_bytes());
        telemetry::stage(&kind.spec.name, "validation", begun.elapsed());
        if problems.is_empty() { Ok(None) } else { Err(Refused::Invalid { kind: call.kind.clone(), problems }) }
    }
}

fn propose(
    transaction: &Transaction<'_>,
    admins: &Admins,
    request: &Request,
    call: &Propose,
) -> Result<ProposeReply, Refused> {
    if let Some(reply) = cancel::answered(transaction, request)? {
        return Ok(reply);
    }
    let now_ms = unix_ms();
    allowed(admins, transaction, &call.author, &call.kind)?;
    let hash = versions::hash(call.content.as_bytes());
    let no_version = |version| Refused::NoSuchVersion { kind: call.kind.clone(), version };
    match versions::current(transaction, &call.kind)? {
        // As with an upload, whatever it is based on: there is nothing to decide.
        Some(current) if current.hash == hash => return Err(Refused::Unchanged(Box::new(current.version))),
        Some(current) if current.version.version != call.base => {
            return Err(Refused::Conflict(Box::new(current.version)));
        }
        None if call.base != 0 => return Err(no_version(call.base)),
        _ => {}
    }
    if let Some(restores) = call.restores {
        let older = versions::one(transaction, &call.kind, restores)?;
        older.filter(|older| older.hash == hash).ok_or_else(|| no_version(restores))?;
    }
    versions::keep_content(transaction, &hash, call.content.as_bytes())?;
    let sql = "INSERT INTO proposals (kind, base, bytes, sha256, author, proposed_ms, restores, state, request_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'open', ?8) RETURNING id";
    let author = versions::author_text(&call.author)?;
    let bytes = versions::bytes(call.content.as_bytes());
    let row = (&call.kind, call.base, bytes, hash, author, now_ms, call.restores, request.id());
    let id: i64 = transaction.first(sql, row, |row| row.get(0))?.ok_or(StoreError::Unreadable("a proposal"))?;
    let proposal = one(transaction, id)?.ok_or(StoreError::Unreadable("a proposal"))?.proposal;
    let event = Event::Proposed { proposal: proposal.clone() };
    for user in admins.with_role(transaction, Role::Admin, &call.kind)? {
        if !(super::commit::is_person(&call.author) && call.author.id == user) {
            notices::tell(transaction, user, &event, now_ms)?;
        }
    }
    note(transaction, request, "propose", &call.author, &proposal, now_ms)?;
    let reply = ProposeReply { proposal };
    request.remember(transaction, &reply, now_ms)?;
    settle(transaction, request, call.settles.as_ref())?;
    Ok(reply)
}

fn decline(
    transaction: &Transaction<'_>,
    admins: &Admins,
    request: &Request,
    call: &Decline,
) -> Result<DeclineReply, Refused> {
    if let Some(reply) = cancel::answered(transaction, request)? {
        return Ok(reply);
    }
    let now_ms = unix_ms();
    let proposal = one(transaction, call.id)?.ok_or(Refused::NoSuchProposal(call.id))?.proposal;
    let own = same_person(&proposal.author, &call.by);
    // Whoever may not change anything any more may still take back what he proposed.
    if !own {
        allowed(admins, transaction, &call.by, &proposal.kind)?;
    }
    if proposal.state != ProposalState::Open {
        return Err(Refused::Decided(Box::new(proposal)));
    }
    let state = if own { ProposalState::Withdrawn } else { ProposalState::Declined };
    let proposal = decide(transaction, call.id, state, &call.by, None, now_ms)?;
    note(transaction, request, if own { "withdraw" } else { "decline" }, &call.by, &proposal, now_ms)?;
    let reply = DeclineReply { proposal };
    request.remember(transaction, &reply, now_ms)?;
    settle(transaction, request, call.settles.as_ref())?;
    Ok(reply)
}

fn note(
    transaction: &Transaction<'_>,
    request: &Request,
    action: &'static str,
    actor: &Author,
    proposal: &Proposal,
    now_ms: i64,
) -> Result<(), StoreError> {
    let about = format!("proposal {}", proposal.id);
    let line = audit::Line {
        actor,
        action,
        kind: Some(&proposal.kind),
        version: None,
        about: Some(&about),
        outcome: Ok(()),
        request_id: Some(request.id()),
    };
    audit::record(transaction, &line, now_ms)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let hash: Hash = row.get(4)?;
    let state: String = row.get(8)?;
    let nobody = || rusqlite::Error::InvalidColumnType(5, "author".to_owned(), rusqlite::types::Type::Null);
    let proposal = Proposal {
        id: row.get(0)?,
        kind: row.get(1)?,
        base: row.get(2)?,
        bytes: row.get(3)?,
        sha256: hex(&hash),
        author: versions::author_in(row, 5)?.ok_or_else(nobody)?,
        proposed_ms: row.get(6)?,
        restores: row.get(7)?,
        state: state_of(&state),
        by: versions::author_in(row, 9)?,
        decided_ms: row.get(10)?,
        version: row.get(11)?,
    };
    Ok(Kept { proposal, hash })
}

fn state_name(state: ProposalState) -> &'static str {
    match state {
        ProposalState::Open => "open",
        ProposalState::Approved => "approved",
        ProposalState::Declined => "declined",
        ProposalState::Withdrawn => "withdrawn",
    }
}

/// The table's own check allows no other name.
fn state_of(name: &str) -> ProposalState {
    match name {
        "open" => ProposalState::Open,
        "approved" => ProposalState::Approved,
        "declined" => ProposalState::Declined,
        _ => ProposalState::Withdrawn,
    }
}
