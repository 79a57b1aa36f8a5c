//! `/rollback`: makes a version with the content of an older one.
//!
//! What would change is shown first. The button names the version that it was shown for, so nobody goes back over something
//! that he has not seen: where somebody saves in the meantime, it is shown and asked anew.

use interfaces::admins::Role;
use interfaces::configs::{Error, Propose, ProposeReply, PutReply, Rollback, Version};
use interfaces::inbox::Outcome;
use serde::Deserialize as _;

use super::answers::{content, kind_of, misunderstood, permitted, refused, show, text_of};
use super::diff::{differs, label};
use super::press::Press;
use super::{arguments, by_hand};
use crate::buttons::{Button, Tag};
use crate::pages::Page;
use crate::pages::difference::Side;
use crate::registry::Known;
use crate::roles::Needs;
use crate::send::Stopping;
use crate::storage::No;
use crate::talk::Talk;
use crate::texts::{Text, Value};
use crate::trail;

pub(super) async fn run(talk: &Talk<'_>, words: &[String]) -> Result<(), Stopping> {
    let (kind, to) = match arguments::rollback(words, talk.desk.registry.kinds()) {
        Ok(meant) => meant,
        Err(wrong) => return misunderstood(talk, wrong, "/rollback", " 3").await,
    };
    if !permitted(talk, None, Needs::Of(kind, Role::Admin), "rollback").await? {
        return Ok(());
    }
    let current = match content(talk.desk, kind, None).await? {
        Ok(reply) => reply.version.version,
        Err(no) => return unknown(talk, None, kind, no).await,
    };
    if to == current {
        return changes_nothing(talk, None, kind, &Text::rollback_is_current(to, &kind.file)).await;
    }
    ask(talk, None, kind, to, current, &Text::rollback_asks(&kind.file, to, current)).await
}

/// Shows what going back from `base` to version `to` would change, with the button that does it.
async fn ask(
    talk: &Talk<'_>,
    press: Option<&Press>,
    kind: &Known,
    to: i64,
    base: i64,
    head: &Text,
) -> Result<(), Stopping> {
    let old = match text_of(talk.desk, kind, base).await? {
        Ok(old) => old,
        Err(no) => return refused(talk, press, kind, no).await,
    };
    let new = match text_of(talk.desk, kind, to).await? {
        Ok(new) => new,
        Err(no) => return unknown(talk, press, kind, no).await,
    };
    if old == new {
        return changes_nothing(talk, press, kind, &Text::rollback_same(to, base, &kind.file)).await;
    }
    let (old, new) = (Side { label: label(kind, base), content: old }, Side { label: label(kind, to), content: new });
    let name = format!("{}.v{base}-v{to}.diff", kind.name);
    let button = Button::Rollback { kind: Tag::of(&kind.name), to, base };
    let page = differs(head, old, new, name, talk.language).await;
    show(talk, press, &page.with(vec![(Text::rollback_button(), button)])).await
}

/// Answers who would go back to what there is not, which is found out here before the writer is asked to do it.
async fn unknown(talk: &Talk<'_>, press: Option<&Press>, kind: &Known, no: No<Error>) -> Result<(), Stopping> {
    if let No::Said(Error::NoSuchVersion { .. }) = no {
        trail::refused(talk, "rollback", Some(&kind.name), "no such version").await?;
    }
    refused(talk, press, kind, no).await
}

/// Says so, and whether another file stands in its place.
async fn changes_nothing(talk: &Talk<'_>, press: Option<&Press>, kind: &Known, text: &Text) -> Result<(), Stopping> {
    let mut page = Page::saying(text, talk.language);
    if by_hand::stands(talk, kind).await? {
        page.text = format!("{}\n{}", page.text, Text::get_by_hand().say(talk.language));
    }
    show(talk, press, &page).await
}

pub(super) async fn press(talk: &Talk<'_>, press: &Press, tag: &Tag, to: i64, base: i64) -> Result<(), Stopping> {
    let Some(kind) = kind_of(talk, press, tag, Some("rollback")).await? else { return Ok(()) };
    if !permitted(talk, Some(press), Needs::Of(kind, Role::Admin), "rollback").await? {
        return Ok(());
    }
    if kind.approval {
        return propose(talk, press, kind, to, base).await;
    }
    let call = Rollback {
        kind: kind.name.clone(),
        to,
        base,
        over: None,
        author: talk.author(),
        request_id: talk.request("rollback"),
        settles: Some(talk.settlement()),
    };
    let storage = &talk.desk.storage;
    match storage.ask("rolling back", || storage.configs.rollback(&call)).await? {
        Ok(reply) => done(talk, press, kind, to, &reply).await,
        Err(No::Said(Error::Conflict { current, .. })) => conflict(talk, press, kind, to, &current).await,
        // The settings were changed just now.
        Err(No::Said(Error::ApprovalRequired { .. })) => propose(talk, press, kind, to, base).await,
        Err(No::Said(Error::ChangedByHand { .. })) => by_hand::in_the_way(talk, press, kind).await,
        Err(no) => refused(talk, Some(press), kind, no).await,
    }
}

async fn conflict(talk: &Talk<'_>, press: &Press, kind: &Known, to: i64, current: &Version) -> Result<(), Stopping> {
    let Version { version, author, saved_ms, .. } = current;
    let head = Text::rollback_conflict(author, *version, &kind.file, Value::at_ms(*saved_ms), to);
    ask(talk, Some(press), kind, to, *version, &head).await
}

/// Asks a second admin, where the kind needs one.
async fn propose(talk: &Talk<'_>, press: &Press, kind: &Known, to: i64, base: i64) -> Result<(), Stopping> {
    let content = match text_of(talk.desk, kind, to).await? {
        Ok(content) => content,
        Err(no) => return unknown(talk, Some(press), kind, no).await,
    };
    let call = Propose {
        kind: kind.name.clone(),
        content,
        base,
        restores: Some(to),
        author: talk.author(),
        request_id: talk.request("propose"),
        settles: Some(talk.settlement()),
    };
    let storage = &talk.desk.storage;
    match storage.ask("proposing to roll back", || storage.configs.propose(&call)).await? {
        Ok(reply) => proposed(talk, press, kind, to, &reply).await,
        Err(No::Said(Error::Conflict { current, .. })) => conflict(talk, press, kind, to, &current).await,
        Err(No::Said(Error::Unchanged { current, .. })) => {
            changes_nothing(talk, Some(press), kind, &Text::rollback_same(to, current.version, &kind.file)).await
        }
        Err(no) => refused(talk, Some(press), kind, no).await,
    }
}

async fn done(talk: &Talk<'_>, press: &Press, kind: &Known, to: i64, reply: &PutReply) -> Result<(), Stopping> {
    let text = match (reply.unchanged, reply.published) {
        (true, false) => Text::unchanged_unpublished(&kind.file, reply.version.version),
        (true, true) => Text::rollback_same(to, reply.version.version, &kind.file),
        (false, true) => Text::rollback_done(&kind.file, reply.version.version, to),
        (false, false) => Text::saved_unpublished(&kind.file, reply.version.version),
    };
    show(talk, Some(press), &Page::saying(&text, talk.language)).await
}

async fn proposed(talk: &Talk<'_>, press: &Press, kind: &Known, to: i64, reply: &ProposeReply) -> Result<(), Stopping> {
    let id = reply.proposal.id;
    let page = Page::saying(&Text::rollback_proposed(&kind.file, to, id), talk.language);
    show(talk, Some(press), &page.with(vec![(Text::withdraw_button(), Button::Decline { id })])).await
}

/// Answers a press whose effect stands since before a restart.
pub(super) async fn tell(
    talk: &Talk<'_>,
    press: &Press,
    tag: &Tag,
    to: i64,
    outcome: &Outcome,
) -> Result<(), Stopping> {
    let Some(kind) = kind_of(talk, press, tag, None).await? else { return Ok(()) };
    if let Ok(reply) = ProposeReply::deserialize(&outcome.reply) {
        return proposed(talk, press, kind, to, &reply).await;
    }
    match PutReply::deserialize(&outcome.reply) {
        Ok(reply) => done(talk, press, kind, to, &reply).await,
        Err(error) => super::answers::broken(talk, Some(press), &format!("the outcome of a rollback: {error}")).await,
    }
}
