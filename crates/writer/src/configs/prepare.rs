//! What is done with a call that makes a version before the lock: it is looked up, checked and written to the disk.
//!
//! The checks come in one order for all: answered before, cancelled, role, kind, room for it, validity, approval, which what equals
//! the current version does not need. The rest is the transaction's.

use std::sync::Arc;
use std::time::Instant;

use interfaces::configs::{ANY, Author, ProposalState, PutReply};

use super::commit::{Commit, Wants};
use super::present::Present;
use super::upload::{Call, Prepared, Source, Upload};
use super::{Inner, KindState, Refused, by_hand, cancel, proposals, telemetry, versions};
use crate::clock::unix_ms;
use crate::store::{Snapshot, StoreError, hex};

/// What is to become a version.
struct Found {
    kind: Arc<KindState>,
    content: Arc<[u8]>,
    base: i64,
    author: Author,
    restores: Option<i64>,
    approved_by: Option<Author>,
    proposal: Option<i64>,
}

enum Answer {
    Before(PutReply),
    Not(Found),
}

impl Inner {
    /// Everything that needs no lock.
    pub(super) fn prepare(&self, mut call: Call) -> Result<Prepared, Refused> {
        let mut found = match self.store.read_blocking(|view| self.look_up(view, &call))? {
            Answer::Before(reply) => return Ok(Prepared::Answered(reply)),
            Answer::Not(found) => found,
        };
        let spec = &found.kind.spec;
        self.store.has_space()?;
        if let Source::ByHand { .. } = call.source {
            found.content = self.by_hand_content(&found.kind, call.over.as_deref().unwrap_or_default())?;
            // Nothing else is taken over under the lock.
            call.over = Some(hex(&versions::hash(&found.content)));
        }
        let begun = Instant::now();
        let problems = (spec.validate)(&found.content);
        telemetry::stage(&spec.name, "validation", begun.elapsed());
        if !problems.is_empty() {
            return Err(Refused::Invalid { kind: spec.name.clone(), problems });
        }
        let hash = versions::hash(&found.content);
        let alone = spec.approval && found.proposal.is_none();
        if alone && !self.is_current(&spec.name, &hash)? {
            return Err(Refused::ApprovalRequired(spec.name.clone()));
        }
        let draft = versions::Draft {
            kind: spec.name.clone(),
            base: found.base,
            hash,
            content: found.content,
            author: found.author,
            restores: found.restores,
            approved_by: found.approved_by,
            saved_ms: unix_ms(),
            request_id: Some(call.request.id().to_owned()),
        };
        let drafts = self.publisher.drafts(spec, &draft.content, &draft.version())?;
        let wants = Wants { approval: alone, hook: spec.hook };
        let commit = Commit::new(call, draft, found.proposal, wants, self.admins.clone());
        Ok(Prepared::Ready(Box::new(Upload { kind: found.kind, commit, drafts })))
    }

    fn look_up(&self, view: &Snapshot<'_>, call: &Call) -> Result<Answer, Refused> {
        // Asked first: what was saved once stays saved, though the settings may have changed since.
        if let Some(reply) = cancel::answered(view, &call.request)? {
            return Ok(Answer::Before(reply));
        }
        let proposal = match call.source {
            Source::Proposal(id) => Some(proposals::one(view, id)?.ok_or(Refused::NoSuchProposal(id))?),
            _ => None,
        };
        let name = match &proposal {
            Some(kept) => kept.proposal.kind.clone(),
            None => call.kind().unwrap_or_default().to_owned(),
        };
        let name = name.as_str();
        super::allowed(&self.admins, view, &call.by, name)?;
        let kind = Arc::clone(self.kind(name).ok_or_else(|| Refused::NoSuchKind(name.to_owned()))?);
        let found = |content, base, author, restores| Found {
            kind: Arc::clone(&kind),
            content,
            base,
            author,
            restores,
            approved_by: None,
            proposal: None,
        };
        Ok(Answer::Not(match (&call.source, proposal) {
            (Source::Content { base, content, .. }, _) => found(Arc::clone(content), *base, call.by.clone(), None),
            (Source::Version { base, to, .. }, _) => {
                let missing = || Refused::NoSuchVersion { kind: name.to_owned(), version: *to };
                let older = versions::one(view, name, *to)?.ok_or_else(missing)?;
                let content = versions::content(view, &older.hash)?;
                found(content.into(), *base, call.by.clone(), Some(*to))
            }
            (_, Some(kept)) => {
                let proposal = kept.proposal;
                if proposal.state != ProposalState::Open {
                    return Err(Refused::Decided(Box::new(proposal)));
                }
                if proposals::same_person(&proposal.author, &call.by) {
                    return Err(Refused::OwnProposal(Box::new(proposal)));
                }
                let content = versions::content(view, &kept.hash)?;
                let found = found(content.into(), proposal.base, proposal.author, proposal.restores);
                Found { approved_by: Some(call.by.clone()), proposal: Some(proposal.id), ..found }
            }
            (Source::ByHand { .. } | Source::Proposal(_), None) => {
                let current = versions::current(view, name)?.map_or(0, |current| current.version.version);
                found(Arc::from([]), current, call.by.clone(), None)
            }
        }))
    }

    /// Whether a kind's current version has this content.
    fn is_current(&self, kind: &str, hash: &versions::Hash) -> Result<bool, StoreError> {
        let current = self.store.read_blocking(|view| versions::current(view, kind))?;
        Ok(current.is_some_and(|current| current.hash == *hash))
    }

    /// The content of a file that was changed by hand, if it has the one named and could be a version.
    fn by_hand_content(&self, kind: &KindState, sha256: &str) -> Result<Arc<[u8]>, Refused> {
        let name = &kind.spec.name;
        let standing = {
            let _place = self.hold(kind)?;
            self.publisher.standing(kind)?
        };
        let seen = by_hand::seen(&standing);
        match standing.present {
            _ if seen.as_ref().is_none_or(|seen| sha256 != ANY && seen.sha256 != sha256) => {
                let by_hand = seen.map(|_| self.described(kind, &standing.present));
                Err(Refused::NotByHand { kind: name.clone(), by_hand })
            }
            Present::File { content, hash } if sha256 == ANY || hex(&hash) == sha256 => {
                match std::str::from_utf8(&content) {
                    Ok(_) => Ok(content.into()),
                    Err(_) => Err(Refused::NotAdoptable { kind: name.clone(), reason: "it is no text" }),
                }
            }
            present => Err(Refused::NotAdoptable { kind: name.clone(), reason: by_hand::why_not(&present) }),
        }
    }

    /// The kind that a call is about, where there is one.
    pub(super) fn kind_of(&self, source: &Source) -> Result<Option<Arc<KindState>>, Refused> {
        let name = match source {
            Source::Content { kind, .. } | Source::Version { kind, .. } | Source::ByHand { kind } => Some(kind.clone()),
            Source::Proposal(id) => {
                let kept = self.store.read_blocking(|view| proposals::one(view, *id))?;
                kept.map(|kept| kept.proposal.kind)
            }
        };
        Ok(name.and_then(|name| self.kind(&name).cloned()))
    }
}
