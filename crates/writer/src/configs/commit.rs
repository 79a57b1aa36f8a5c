//! The part of a call that the store does: all of it or nothing.
//!
//! Checked again here, where nothing changes any more: answered before, cancelled, role; then whether it changes anything, whether
//! a second admin has to approve it, whether its base is the current version, and whether the file is ours to replace.

use interfaces::configs::{ANY, Author, ByHand, DialogueOf, ProposalState, PutReply, Settlement};

use super::upload::{Call, Source};
use super::versions::{self, Saved};
use super::{Refused, by_hand, cancel, proposals};
use crate::admins::Admins;
use crate::requests::Request;
use crate::store::Transaction;
use crate::{audit, dialogues, inbox};

/// Everything that the transaction needs to know.
pub(super) struct Commit {
    pub(super) draft: versions::Draft,
    call: Call,
    proposal: Option<i64>,
    wants: Wants,
    admins: Admins,
    now_ms: i64,
    /// What stands there that is no version.
    by_hand: Option<ByHand>,
}

/// What a kind wants of a version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wants {
    /// A second admin has to approve it, and none has.
    pub(super) approval: bool,
    /// Something is to be run for it.
    pub(super) hook: bool,
}

/// What the transaction came to.
pub(super) enum Committed {
    Answered(PutReply),
    /// replaces: the file is not what it should be, and somebody who has seen it said to replace it.
    Unchanged {
        current: Saved,
        replaces: bool,
    },
    New {
        saved: Saved,
        previous: Option<Box<Saved>>,
    },
}

impl Commit {
    pub(super) fn new(call: Call, draft: versions::Draft, proposal: Option<i64>, wants: Wants, admins: Admins) -> Self {
        Self { draft, call, proposal, wants, admins, now_ms: 0, by_hand: None }
    }

    /// Under the lock: the time, and what stands there.
    pub(super) fn stands(&mut self, now_ms: i64, by_hand: Option<ByHand>) {
        self.now_ms = now_ms;
        self.by_hand = by_hand;
    }

    /// Whether the call says what it means to replace.
    pub(super) fn names_content(&self) -> bool {
        self.call.over.is_some()
    }

    pub(super) fn carry_out(self, transaction: &Transaction<'_>) -> Result<Committed, Refused> {
        if let Some(reply) = cancel::answered(transaction, &self.call.request)? {
            return Ok(Committed::Answered(reply));
        }
        super::allowed(&self.admins, transaction, &self.call.by, &self.draft.kind)?;
        if let Some(id) = self.proposal {
            let kept = proposals::one(transaction, id)?.ok_or(Refused::NoSuchProposal(id))?;
            if kept.proposal.state != ProposalState::Open {
                return Err(Refused::Decided(Box::new(kept.proposal)));
            }
        }
        let over = self.over()?;
        let current = versions::current(transaction, &self.draft.kind)?;
        // What is wanted is there already, whoever brought it: nothing to compare, nothing to lose.
        let (committed, reply) = match current {
            Some(current) if current.hash == self.draft.hash => {
                let replaces = over == Over::Seen;
                if replaces || self.proposal.is_some() {
                    self.note(transaction, &current)?;
                }
                // The file changes though no version does.
                if replaces && self.wants.hook {
                    due(transaction, &current, self.now_ms)?;
                }
                let reply =
                    PutReply { version: current.version.clone(), unchanged: true, published: over != Over::Not };
                (Committed::Unchanged { current, replaces }, reply)
            }
            // It was no change when it was looked at before.
            _ if self.wants.approval => return Err(Refused::ApprovalRequired(self.draft.kind)),
            Some(current) if current.version.version != self.draft.base => {
                return Err(Refused::Conflict(Box::new(current.version)));
            }
            None if self.draft.base != 0 => {
                return Err(Refused::NoSuchVersion { kind: self.draft.kind, version: self.draft.base });
            }
            previous => {
                if let (Over::Not, Some(by_hand)) = (over, &self.by_hand) {
                    return Err(Refused::ChangedByHand { kind: self.draft.kind, by_hand: by_hand.clone() });
                }
                let saved = versions::add(transaction, &self.draft)?;
                self.note(transaction, &saved)?;
                if self.wants.hook {
                    due(transaction, &saved, self.now_ms)?;
                }
                // Published is what it will be in a moment; where that fails, the kept reply is corrected.
                let reply = PutReply { version: saved.version.clone(), unchanged: false, published: true };
                (Committed::New { saved, previous: previous.map(Box::new) }, reply)
            }
        };
        if let (Over::Seen, Some(by_hand)) = (over, &self.by_hand) {
            by_hand::may_replace(transaction, &self.draft.kind, &by_hand.sha256, reply.version.version)?;
        }
        self.call.request.remember(transaction, &reply, self.now_ms)?;
        settle(transaction, &self.call.request, self.call.settles.as_ref())?;
        Ok(committed)
    }

    /// What may be done with the file that stands there.
    fn over(&self) -> Result<Over, Refused> {
        let named = self.call.over.as_deref();
        match &self.by_hand {
            // Only what still stands there can be taken over.
            by_hand
                if matches!(self.call.source, Source::ByHand { .. })
                    && by_hand.as_ref().map(|by_hand| by_hand.sha256.as_str()) != named =>
            {
                Err(Refused::NotByHand { kind: self.draft.kind.clone(), by_hand: by_hand.clone() })
            }
            None => Ok(Over::Ours),
            Some(by_hand) if named == Some(ANY) || named == Some(&by_hand.sha256) => Ok(Over::Seen),
            Some(_) => Ok(Over::Not),
        }
    }

    /// The audit trail, and what becomes of the proposal.
    fn note(&self, transaction: &Transaction<'_>, saved: &Saved) -> Result<(), Refused> {
        let version = saved.version.version;
        let about = match self.call.source {
            Source::Proposal(id) => Some(format!("proposal {id}")),
            Source::Version { to, .. } => Some(format!("version {to}")),
            Source::Content { .. } | Source::ByHand { .. } => None,
        };
        let line = audit::Line {
            actor: &self.call.by,
            action: self.call.action,
            kind: Some(&self.draft.kind),
            version: Some(version),
            about: about.as_deref(),
            outcome: Ok(()),
            request_id: Some(self.call.request.id()),
        };
        audit::record(transaction, &line, self.now_ms)?;
        if let Some(id) = self.proposal {
            proposals::decide(transaction, id, ProposalState::Approved, &self.call.by, Some(version), self.now_ms)?;
        }
        Ok(())
    }
}

/// Whether the file that stands there may be replaced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Over {
    /// It is ours, or there is none.
    Ours,
    /// It was changed by hand, and the caller has seen how.
    Seen,
    /// It was changed by hand, and the caller does not know.
    Not,
}

/// Something is to be run for a version.
pub(super) fn due(transaction: &Transaction<'_>, saved: &Saved, now_ms: i64) -> Result<(), Refused> {
    let sql = "INSERT INTO hooks (kind, version, state, at_ms) VALUES (?1, ?2, 'due', ?3) ON CONFLICT (kind) DO UPDATE
        SET version = excluded.version, state = 'due', reason = NULL, at_ms = excluded.at_ms";
    transaction.execute(sql, (&saved.version.kind, saved.version.version, now_ms))?;
    Ok(())
}

/// Marks the update as applied, and ends the dialogue that ends with it.
pub(super) fn settle(
    transaction: &Transaction<'_>,
    request: &Request,
    settles: Option<&Settlement>,
) -> Result<(), Refused> {
    settle_by(transaction, request.id(), settles)
}

/// The same where another reply than the call's own is the outcome.
pub(super) fn settle_by<'a>(
    transaction: &Transaction<'_>,
    request_id: &str,
    settles: impl IntoIterator<Item = &'a Settlement>,
) -> Result<(), Refused> {
    for update in settles {
        inbox::settle(transaction, update.bot, update.update_id, request_id)?;
        if let Some(DialogueOf { chat, user }) = update.ends {
            dialogues::end(transaction, update.bot, chat, user)?;
        }
    }
    Ok(())
}

/// Whether the author has his say in what people may do.
pub(super) fn is_person(author: &Author) -> bool {
    author.origin == interfaces::configs::Origin::Telegram
}
