//! Versions that wait for a second admin: `/proposals`, and the buttons that approve, decline and withdraw.
//!
//! The pressed message becomes what was decided, by whomever: a button that comes too late tells that, too.

use interfaces::admins::Role;
use interfaces::configs::{
    Approve, Author, Decline, DeclineReply, Error, GetProposal, GetProposalReply, Proposal, ProposalState, Proposals,
    PutReply, Version,
};
use interfaces::inbox::Outcome;
use serde::Deserialize as _;

use super::answers::{Answered, broken, invalid, permitted, refused, say, show, text_of};
use super::by_hand;
use super::diff::{differs, label};
use super::press::Press;
use crate::buttons::Button;
use crate::desk::Desk;
use crate::pages::Page;
use crate::pages::difference::Side;
use crate::registry::Known;
use crate::roles::Needs;
use crate::send::Stopping;
use crate::storage::No;
use crate::talk::Talk;
use crate::texts::{Language, Text, Value};

/// Proposals that are shown at once; each is a message of its own.
const SHOWN: usize = 10;

/// The newest open proposals; `older` is for those below another one, from the button below that.
pub(super) async fn run(talk: &Talk<'_>, older: Option<(&Press, i64)>) -> Result<(), Stopping> {
    let press = older.map(|(press, _)| press);
    let decides = |kind: &str| talk.person.role_for(kind) >= Some(Role::Admin);
    if !talk.desk.registry.kinds().iter().any(|kind| decides(&kind.name))
        && !permitted(talk, press, Needs::General(Role::Admin), "proposals").await?
    {
        return Ok(());
    }
    let storage = &talk.desk.storage;
    let open =
        match storage.ask("asking for proposals", || storage.configs.proposals(&Proposals { kind: None })).await? {
            Ok(reply) => reply.proposals,
            Err(no) => return broken(talk, press, &format!("{no:?}")).await,
        };
    let before = older.map_or(i64::MAX, |(_, before)| before);
    let mut open: Vec<i64> =
        open.into_iter().filter(|open| open.id < before && decides(&open.kind)).map(|open| open.id).collect();
    if open.is_empty() {
        return say(talk, press, &Text::proposals_none()).await;
    }
    open.sort_unstable_by(|one, other| other.cmp(one));
    if let Some(press) = press {
        press.silence(talk).await?;
    }
    show_some(talk, &open).await
}

/// Shows the first of these, and says how many are left, with the button that shows more.
async fn show_some(talk: &Talk<'_>, open: &[i64]) -> Result<(), Stopping> {
    let (shown, left) = open.split_at(open.len().min(SHOWN));
    for id in shown {
        match page(talk.desk, talk.user, talk.language, *id).await? {
            Ok(page) => show(talk, None, &page).await?,
            Err(no) => return broken(talk, None, &format!("{no:?}")).await,
        }
    }
    match shown.last() {
        Some(before) if !left.is_empty() => {
            let more = Page::saying(&Text::proposals_more(left.len()), talk.language);
            let older = (Text::button_older(), Button::Proposals { before: *before });
            show(talk, None, &more.with(vec![older])).await
        }
        _ => Ok(()),
    }
}

/// A proposal as `user` sees it: what would change, with buttons while it is open, and what became of it afterwards.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn page(desk: &Desk, user: i64, language: Language, id: i64) -> Answered<Page> {
    let found = match ask_for(desk, id).await? {
        Ok(found) => found,
        Err(no) => return Ok(Err(no)),
    };
    let proposal = found.proposal;
    if proposal.state != ProposalState::Open {
        return Ok(Ok(Page::saying(&decided(desk, &proposal), language)));
    }
    let Some(kind) = desk.registry.named(&proposal.kind) else {
        return Ok(Ok(Page::saying(&Text::no_such_kind(&proposal.kind), language)));
    };
    match text_of(desk, kind, proposal.base).await? {
        Ok(base) => Ok(Ok(asking(kind, &proposal, base, found.content, user, language).await)),
        Err(no) => Ok(Err(no)),
    }
}

async fn asking(
    kind: &Known,
    proposal: &Proposal,
    base: String,
    content: String,
    user: i64,
    language: Language,
) -> Page {
    let Proposal { id, author, proposed_ms, restores, .. } = proposal;
    let own = *author == crate::trail::person(user, &author.name);
    let head = match restores {
        _ if own => Text::proposal_own(*id, &kind.file, Value::at_ms(*proposed_ms)),
        None => Text::proposal_asks(author, &kind.file, *id, proposal.base),
        Some(to) => Text::proposal_asks_back(author, &kind.file, *to, *id, proposal.base),
    };
    let (old, new) = (label(kind, proposal.base), Text::proposal_label(*id).say(language));
    let (old, new) = (Side { label: old, content: base }, Side { label: new, content });
    let name = format!("{}.proposal-{id}.diff", kind.name);
    let decline = Button::Decline { id: *id };
    differs(&head, old, new, name, language).await.with(if own {
        vec![(Text::withdraw_button(), decline)]
    } else {
        vec![(Text::approve_button(), Button::Approve { id: *id }), (Text::decline_button(), decline)]
    })
}

/// What became of a proposal.
pub(crate) fn decided(desk: &Desk, proposal: &Proposal) -> Text {
    let Proposal { id, kind, author, state, by, version, .. } = proposal;
    let file = desk.file(kind);
    let by = by.as_ref().unwrap_or(author);
    match state {
        ProposalState::Approved => Text::proposal_approved(by, *id, author, file, version.unwrap_or_default()),
        ProposalState::Withdrawn => Text::proposal_withdrawn(author, *id, file),
        ProposalState::Declined | ProposalState::Open => Text::proposal_declined(by, *id, author, file),
    }
}

pub(super) async fn approve(talk: &Talk<'_>, press: &Press, id: i64) -> Result<(), Stopping> {
    let mut answer = ask_to_approve(talk, id, None).await?;
    if let Err(No::Said(Error::ChangedByHand { by_hand, .. })) = &answer
        && is_proposed(talk, id, &by_hand.sha256).await?
    {
        answer = ask_to_approve(talk, id, Some(by_hand.sha256.clone())).await?;
    }
    match answer {
        Ok(reply) => approved(talk, press, id, &reply).await,
        Err(No::Said(Error::Conflict { current, .. })) => outdated(talk, press, id, &current).await,
        Err(No::Said(Error::ChangedByHand { kind, by_hand })) => match talk.desk.registry.named(&kind) {
            Some(kind) => by_hand::in_the_way(talk, press, kind).await,
            None => refused_proposal(talk, press, id, No::Said(Error::ChangedByHand { kind, by_hand })).await,
        },
        // Approved over the file by the process that was killed.
        Err(No::Said(Error::RequestReused { request_id })) => match talk.settled_meanwhile().await? {
            Some(outcome) => tell(talk, press, id, &outcome).await,
            None => refused_proposal(talk, press, id, No::Said(Error::RequestReused { request_id })).await,
        },
        Err(no) => refused_proposal(talk, press, id, no).await,
    }
}

async fn ask_to_approve(talk: &Talk<'_>, id: i64, over: Option<String>) -> Answered<PutReply> {
    let (by, request_id, settles) = (talk.author(), talk.request("approve"), Some(talk.settlement()));
    let call = Approve { id, over, by, request_id, settles };
    let storage = &talk.desk.storage;
    storage.ask("approving", || storage.configs.approve(&call)).await
}

/// Whether a file changed by hand is what was proposed: whoever approves that has seen what stands there.
async fn is_proposed(talk: &Talk<'_>, id: i64, sha256: &str) -> Result<bool, Stopping> {
    let found = ask_for(talk.desk, id).await?;
    Ok(found.is_ok_and(|found| found.proposal.sha256 == sha256))
}

async fn ask_for(desk: &Desk, id: i64) -> Answered<GetProposalReply> {
    let (storage, call) = (&desk.storage, GetProposal { id });
    storage.ask("asking for a proposal", || storage.configs.get_proposal(&call)).await
}

pub(super) async fn decline(talk: &Talk<'_>, press: &Press, id: i64) -> Result<(), Stopping> {
    let call = Decline { id, by: talk.author(), request_id: talk.request("decline"), settles: Some(talk.settlement()) };
    let storage = &talk.desk.storage;
    match storage.ask("declining", || storage.configs.decline(&call)).await? {
        Ok(reply) => becomes(talk, press, &decided(talk.desk, &reply.proposal)).await,
        Err(no) => refused_proposal(talk, press, id, no).await,
    }
}

async fn becomes(talk: &Talk<'_>, press: &Press, text: &Text) -> Result<(), Stopping> {
    show(talk, Some(press), &Page::saying(text, talk.language)).await
}

async fn approved(talk: &Talk<'_>, press: &Press, id: i64, reply: &PutReply) -> Result<(), Stopping> {
    let Version { kind, version, author, approved_by, .. } = &reply.version;
    let file = talk.desk.file(kind);
    let me: &Author = &talk.author();
    let text = match (reply.unchanged, reply.published) {
        (true, true) => Text::unchanged(file, *version),
        (true, false) => Text::unchanged_unpublished(file, *version),
        (false, true) => Text::proposal_approved(approved_by.as_ref().unwrap_or(me), id, author, file, *version),
        (false, false) => Text::saved_unpublished(file, *version),
    };
    becomes(talk, press, &text).await
}

/// Somebody saved another version since it was proposed. It can only be declined by now.
async fn outdated(talk: &Talk<'_>, press: &Press, id: i64, current: &Version) -> Result<(), Stopping> {
    let base = match ask_for(talk.desk, id).await? {
        Ok(found) => found.proposal.base,
        Err(no) => return refused_proposal(talk, press, id, no).await,
    };
    let Version { kind, version, author, saved_ms, .. } = current;
    let file = talk.desk.file(kind);
    let text = Text::proposal_outdated(id, base, author, *version, file, Value::at_ms(*saved_ms));
    let page = Page::saying(&text, talk.language).with(vec![(Text::decline_button(), Button::Decline { id })]);
    show(talk, Some(press), &page).await
}

async fn refused_proposal(talk: &Talk<'_>, press: &Press, id: i64, no: No<Error>) -> Result<(), Stopping> {
    match no {
        No::Said(Error::Decided { proposal }) => becomes(talk, press, &decided(talk.desk, &proposal)).await,
        No::Said(Error::NoSuchProposal { id }) => becomes(talk, press, &Text::no_such_proposal(id)).await,
        No::Said(Error::Invalid { kind, problems }) => {
            // It can only be declined by now.
            let page = invalid(talk.desk.file(&kind), problems, talk.language);
            show(talk, Some(press), &page.with(vec![(Text::decline_button(), Button::Decline { id })])).await
        }
        No::Said(Error::OwnProposal { .. }) => say(talk, Some(press), &Text::proposal_own_refused()).await,
        No::Said(
            ref said @ (Error::Forbidden { ref kind, .. }
            | Error::NotSaved { ref kind, .. }
            | Error::NoSuchKind { ref kind, .. }
            | Error::ChangedByHand { ref kind, .. }),
        ) => match talk.desk.registry.named(kind) {
            Some(kind) => refused(talk, Some(press), kind, No::Said(said.clone())).await,
            None => becomes(talk, press, &Text::no_such_kind(kind)).await,
        },
        no => broken(talk, Some(press), &format!("{no:?}")).await,
    }
}

/// Answers a press whose effect stands since before a restart.
pub(super) async fn tell(talk: &Talk<'_>, press: &Press, id: i64, outcome: &Outcome) -> Result<(), Stopping> {
    if let Ok(reply) = DeclineReply::deserialize(&outcome.reply) {
        return becomes(talk, press, &decided(talk.desk, &reply.proposal)).await;
    }
    match PutReply::deserialize(&outcome.reply) {
        Ok(reply) => approved(talk, press, id, &reply).await,
        Err(error) => broken(talk, Some(press), &format!("the outcome of a decision: {error}")).await,
    }
}
