//! A published file that somebody changed on the disk: made a version, or proposed as one, or replaced by the current one, by
//! whoever decides it from a button. The button names the content that was shown.

use interfaces::admins::Role;
use interfaces::configs::{
    Adopt, ByHand, Error, GetByHand, Propose, ProposeReply, PutReply, Restore, RestoreReply, Version,
};
use interfaces::inbox::Outcome;
use serde::Deserialize as _;

use super::answers::{Answered, broken, content, kind_of, newest, permitted, refused, show};
use super::diff::{differs, label};
use super::press::Press;
use crate::buttons::{Button, Prefix, Tag};
use crate::desk::Desk;
use crate::pages::Page;
use crate::pages::difference::Side;
use crate::registry::Known;
use crate::roles::Needs;
use crate::send::Stopping;
use crate::storage::No;
use crate::talk::Talk;
use crate::texts::{Language, Text, Value};
use crate::trail;

/// What is to be done about the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Decision {
    /// It becomes a version, or a proposal where the kind needs a second admin.
    Adopt,
    /// The current version takes its place.
    Restore,
}

impl Decision {
    fn verb(self) -> &'static str {
        match self {
            Self::Adopt => "adopt",
            Self::Restore => "restore",
        }
    }
}

/// Shows the file as it is now, with what differs from the current version, and the buttons that decide.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn page(desk: &Desk, kind: &Known, language: Language) -> Answered<Page> {
    let call = GetByHand { kind: kind.name.clone() };
    let found = match desk
        .storage
        .ask("asking for a file changed by hand", || desk.storage.configs.get_by_hand(&call))
        .await?
    {
        Ok(found) => found,
        Err(no) => return Ok(Err(no)),
    };
    let Some(by_hand) = found.by_hand else {
        return Ok(Ok(Page::saying(&Text::by_hand_settled(&kind.file), language)));
    };
    let current = match content(desk, kind, None).await? {
        Ok(current) => Some(current),
        Err(No::Said(Error::NoSuchVersion { .. })) => None,
        Err(no) => return Ok(Err(no)),
    };
    let version = current.as_ref().map_or(0, |current| current.version.version);
    let stored = current.map(|current| current.content).unwrap_or_default();
    Ok(Ok(asking(kind, &by_hand, version, stored, found.content, language).await))
}

async fn asking(
    kind: &Known,
    by_hand: &ByHand,
    version: i64,
    stored: String,
    content: Option<String>,
    language: Language,
) -> Page {
    let noticed = Value::at_ms(by_hand.noticed_ms);
    let mut page = match (content, version) {
        (Some(content), 1..) => {
            let head = Text::by_hand_asks(&kind.file, noticed, version);
            let (old, new) = (label(kind, version), Text::by_hand_label(&kind.file).say(language));
            let (old, new) = (Side { label: old, content: stored }, Side { label: new, content });
            differs(&head, old, new, format!("{}.by-hand.diff", kind.name), language).await
        }
        _ => Page::saying(&Text::by_hand_asks_first(&kind.file, noticed), language),
    };
    let hindrance = match (by_hand.valid, by_hand.sha256.is_empty()) {
        (true, _) => None,
        (false, false) => Some(Text::by_hand_invalid()),
        (false, true) => Some(Text::by_hand_unreadable()),
    };
    if let Some(hindrance) = hindrance {
        page.text = format!("{}\n\n{}", page.text, hindrance.say(language));
    }
    let (tag, sha256) = (Tag::of(&kind.name), Prefix::of(&by_hand.sha256));
    let adopt = sha256.clone().filter(|_| by_hand.valid).map(|sha256| Button::Adopt { kind: tag.clone(), sha256 });
    let restore = (version > 0).then_some(Button::Restore { kind: tag, sha256 });
    let adopts = if kind.approval { Text::propose_button() } else { Text::adopt_button() };
    let adopt = adopt.map(|button| (adopts, button));
    page.with(adopt.into_iter().chain(restore.map(|button| (Text::restore_button(), button))).collect())
}

/// Whether the file on the disk is another one than the current version; no where that is not known.
pub(super) async fn stands(talk: &Talk<'_>, kind: &Known) -> Result<bool, Stopping> {
    let (storage, call) = (&talk.desk.storage, GetByHand { kind: kind.name.clone() });
    let found = storage.ask("asking for a file changed by hand", || storage.configs.get_by_hand(&call)).await?;
    let found = found.inspect_err(|no| tracing::error!("it is not known whether a file was changed by hand: {no:?}"));
    Ok(found.is_ok_and(|found| found.by_hand.is_some()))
}

/// Something else cannot be done before the file is decided about: says so, and asks.
pub(super) async fn in_the_way(talk: &Talk<'_>, press: &Press, kind: &Known) -> Result<(), Stopping> {
    match page(talk.desk, kind, talk.language).await? {
        Ok(page) => show(talk, None, &page).await?,
        Err(no) => return refused(talk, Some(press), kind, no).await,
    }
    press.alert(talk, &Text::by_hand_in_the_way(&kind.file)).await
}

pub(super) async fn press(
    talk: &Talk<'_>,
    press: &Press,
    tag: &Tag,
    shown: Option<&Prefix>,
    decision: Decision,
) -> Result<(), Stopping> {
    let action = decision.verb();
    let Some(kind) = kind_of(talk, press, tag, Some(action)).await? else { return Ok(()) };
    if !permitted(talk, Some(press), Needs::Of(kind, Role::Admin), action).await? {
        return Ok(());
    }
    let storage = &talk.desk.storage;
    let call = GetByHand { kind: kind.name.clone() };
    let stands = match storage.ask("asking for a file changed by hand", || storage.configs.get_by_hand(&call)).await? {
        Ok(found) => found.by_hand.map(|by_hand| by_hand.sha256),
        Err(no) => return refused(talk, Some(press), kind, no).await,
    };
    let sha256 = match stands {
        Some(sha256) if Prefix::of(&sha256).as_ref() == shown => sha256,
        stands => return outdated(talk, press, kind, decision, stands.is_some()).await,
    };
    let (by, request_id, settles) = (talk.author(), talk.request(action), Some(talk.settlement()));
    let kind_name = kind.name.clone();
    let decided = match decision {
        Decision::Adopt if kind.approval => return propose(talk, press, kind, &sha256).await,
        Decision::Adopt => {
            let call = Adopt { kind: kind_name, sha256, author: by, request_id, settles };
            let reply = storage.ask("adopting a file", || storage.configs.adopt(&call)).await?;
            // The settings were changed just now.
            if let Err(No::Said(Error::ApprovalRequired { .. })) = reply {
                return propose(talk, press, kind, &call.sha256).await;
            }
            reply.map(|reply| (reply.version, reply.published))
        }
        Decision::Restore => {
            let call = Restore { kind: kind_name, sha256, by, request_id, settles };
            let reply = storage.ask("restoring a file", || storage.configs.restore(&call)).await?;
            reply.map(|reply| (reply.version, reply.published))
        }
    };
    match decided {
        Ok((version, published)) => done(talk, press, kind, &version, decision, published).await,
        Err(No::Said(Error::NotByHand { .. })) => other(talk, press, kind).await,
        Err(no) => refused(talk, Some(press), kind, no).await,
    }
}

/// Asks a second admin whether the file becomes a version, where the kind needs one. Until then it stays as it is.
async fn propose(talk: &Talk<'_>, press: &Press, kind: &Known, sha256: &str) -> Result<(), Stopping> {
    let storage = &talk.desk.storage;
    let call = GetByHand { kind: kind.name.clone() };
    let found = match storage.ask("asking for a file changed by hand", || storage.configs.get_by_hand(&call)).await? {
        Ok(found) => found,
        Err(no) => return refused(talk, Some(press), kind, no).await,
    };
    let is_shown = found.by_hand.as_ref().is_some_and(|by_hand| by_hand.sha256 == sha256);
    let Some(content) = found.content.filter(|_| is_shown) else {
        return outdated(talk, press, kind, Decision::Adopt, found.by_hand.is_some()).await;
    };
    let base = match newest(talk, kind, None).await? {
        Ok(current) => current.map_or(0, |current| current.version),
        Err(no) => return refused(talk, Some(press), kind, no).await,
    };
    let (author, request_id, settles) = (talk.author(), talk.request("propose"), Some(talk.settlement()));
    let call = Propose { kind: kind.name.clone(), content, base, restores: None, author, request_id, settles };
    match storage.ask("proposing a file", || storage.configs.propose(&call)).await? {
        Ok(reply) => proposed(talk, press, kind, &reply).await,
        Err(No::Said(Error::Conflict { .. } | Error::Unchanged { .. })) => other(talk, press, kind).await,
        Err(no) => refused(talk, Some(press), kind, no).await,
    }
}

async fn proposed(talk: &Talk<'_>, press: &Press, kind: &Known, reply: &ProposeReply) -> Result<(), Stopping> {
    let id = reply.proposal.id;
    let page = Page::saying(&Text::by_hand_proposed(&kind.file, id), talk.language);
    show(talk, Some(press), &page.with(vec![(Text::withdraw_button(), Button::Decline { id })])).await
}

/// The file has not the content any more that the button is about, which is found out here before the writer is asked: it has other
/// content by hand, or there is nothing to decide.
async fn outdated(
    talk: &Talk<'_>,
    press: &Press,
    kind: &Known,
    decision: Decision,
    by_hand: bool,
) -> Result<(), Stopping> {
    // It may be this very press that changed it, before a restart.
    if talk.note.attempts > 0
        && let Some(outcome) = talk.settled_meanwhile().await?
    {
        return told(talk, press, kind, decision, &outcome).await;
    }
    let reason = if by_hand { "changed by hand" } else { "decided" };
    trail::refused(talk, decision.verb(), Some(&kind.name), reason).await?;
    other(talk, press, kind).await
}

/// Shows what is there instead.
async fn other(talk: &Talk<'_>, press: &Press, kind: &Known) -> Result<(), Stopping> {
    match page(talk.desk, kind, talk.language).await? {
        Ok(mut page) => {
            if !page.buttons.is_empty() {
                page.text = format!("{}\n\n{}", Text::by_hand_other().say(talk.language), page.text);
            }
            show(talk, Some(press), &page).await
        }
        Err(no) => refused(talk, Some(press), kind, no).await,
    }
}

async fn done(
    talk: &Talk<'_>,
    press: &Press,
    kind: &Known,
    version: &Version,
    decision: Decision,
    published: bool,
) -> Result<(), Stopping> {
    let text = match decision {
        Decision::Restore if !published => Text::restore_unpublished(&talk.author(), version.version, &kind.file),
        Decision::Adopt => Text::adopted(&talk.author(), &kind.file, version.version),
        Decision::Restore => Text::restored(&talk.author(), version.version, &kind.file),
    };
    show(talk, Some(press), &Page::saying(&text, talk.language)).await
}

/// Answers a press whose effect stands since before a restart.
pub(super) async fn tell(
    talk: &Talk<'_>,
    press: &Press,
    tag: &Tag,
    decision: Decision,
    outcome: &Outcome,
) -> Result<(), Stopping> {
    match kind_of(talk, press, tag, None).await? {
        Some(kind) => told(talk, press, kind, decision, outcome).await,
        None => Ok(()),
    }
}

async fn told(
    talk: &Talk<'_>,
    press: &Press,
    kind: &Known,
    decision: Decision,
    outcome: &Outcome,
) -> Result<(), Stopping> {
    if let Ok(reply) = ProposeReply::deserialize(&outcome.reply) {
        return proposed(talk, press, kind, &reply).await;
    }
    let version = match decision {
        Decision::Adopt => PutReply::deserialize(&outcome.reply).map(|reply| (reply.version, reply.published)),
        Decision::Restore => RestoreReply::deserialize(&outcome.reply).map(|reply| (reply.version, reply.published)),
    };
    match version {
        Ok((version, published)) => done(talk, press, kind, &version, decision, published).await,
        Err(error) => broken(talk, Some(press), &format!("the outcome of a decision about a file: {error}")).await,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use super::*;

    #[tokio::test]
    async fn both_sides_of_the_difference_are_called_in_the_readers_language() {
        let checker = kinds::builtin("fees").unwrap().into();
        let (name, file, command) = ("fees".to_owned(), "fees.yml".to_owned(), "fees".to_owned());
        let kind = Known { name, file, command, approval: false, checker };
        let by_hand = ByHand { sha256: "0".repeat(64), bytes: 4, noticed_ms: 0, valid: true };
        let (stored, content) = ("a: 1\n".to_owned(), Some("a: 2\n".to_owned()));
        let said = async |language| asking(&kind, &by_hand, 3, stored.clone(), content.clone(), language).await.text;
        let english = said(Language::English).await;
        assert!(english.contains("fees.yml on the disk"), "{english}");
        let russian = said(Language::Russian).await;
        assert!(russian.contains("fees.yml на диске") && !russian.contains("on the disk"), "{russian}");
    }
}
