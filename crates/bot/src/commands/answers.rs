//! How commands and presses are answered in the cases that all of them share.

use interfaces::admins::Role;
use interfaces::configs::{Error, Get, GetReply, History, Problem, Version};

use super::arguments::Wrong;
use super::press::Press;
use crate::buttons::Tag;
use crate::desk::Desk;
use crate::pages::Page;
use crate::registry::Known;
use crate::roles::{self, Needs};
use crate::send::Stopping;
use crate::storage::No;
use crate::talk::Talk;
use crate::texts::{Language, Text};
use crate::trail;
use crate::upload::problems::{cut, outdated};

/// What the writer answered.
pub(crate) type Answered<T> = Result<Result<T, No<Error>>, Stopping>;

/// Shows a page: in place of the message that was pressed, or as a new one.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn show(talk: &Talk<'_>, press: Option<&Press>, page: &Page) -> Result<(), Stopping> {
    let outgoing = &talk.desk.outgoing;
    if let Some((name, content)) = &page.file {
        outgoing.document(talk.chat, name, content.as_bytes(), "").await?;
    }
    let keyboard = page.keyboard(talk.language);
    let Some(press) = press else {
        return outgoing.message(talk.chat, &page.text, keyboard.as_ref()).await.map(drop);
    };
    if !outgoing.edit(talk.chat, press.message, &page.text, keyboard.as_ref()).await? {
        // Deleted, or too old to be edited: what is to be told is told in a new message.
        outgoing.message(talk.chat, &page.text, keyboard.as_ref()).await?;
    }
    press.silence(talk).await
}

/// Says a sentence: over the message that was pressed, which stays as it is, or as a new one.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn say(talk: &Talk<'_>, press: Option<&Press>, text: &Text) -> Result<(), Stopping> {
    match press {
        Some(press) => press.alert(talk, text).await,
        None => talk.say(text).await,
    }
}

/// Our own mistake.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn broken(talk: &Talk<'_>, press: Option<&Press>, why: &str) -> Result<(), Stopping> {
    tracing::error!("a command could not be answered: {why}");
    say(talk, press, &Text::failed_command(talk.request_id())).await
}

/// Whether whoever talks may do something. Who may not is told so, and it is recorded.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn permitted(
    talk: &Talk<'_>,
    press: Option<&Press>,
    needs: Needs<'_>,
    action: &str,
) -> Result<bool, Stopping> {
    if needs.met_by(&talk.person) {
        return Ok(true);
    }
    let kind = match needs {
        Needs::Of(kind, _) => Some(kind.name.as_str()),
        Needs::General(_) => None,
    };
    tracing::info!(user_id = talk.user, action, "somebody was refused whose role does not allow it");
    trail::refused(talk, action, kind, "forbidden").await?;
    say(talk, press, &needs.refusal(&talk.person)).await?;
    Ok(false)
}

/// Answers words that are not what a command takes. `command` is how it is called, `rest` an example of what follows a kind. Who
/// means to change what there is not is refused that, which is recorded.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn misunderstood(talk: &Talk<'_>, wrong: Wrong, command: &str, rest: &str) -> Result<(), Stopping> {
    let seen = talk.desk.registry.kinds().iter().filter(|kind| Needs::Of(kind, Role::Viewer).met_by(&talk.person));
    let changes =
        [("/rollback", "rollback"), ("/admins", "set")].into_iter().find(|(changing, _)| *changing == command);
    if let (Some((_, action)), Wrong::NoSuchKind(word)) = (changes, &wrong) {
        trail::refused(talk, action, Some(word), "no such kind").await?;
    }
    let mut examples = seen.map(|kind| format!("{command} {}{rest}", kind.command));
    let text = match wrong {
        Wrong::WhichKind => Text::which_kind(cut(&examples.collect::<Vec<_>>().join(", "), 1000)),
        Wrong::NoSuchKind(word) => Text::no_kind_named(cut(&word, 60)),
        Wrong::Form => Text::usage(examples.next().unwrap_or_else(|| command.to_owned())),
    };
    talk.say(&text).await
}

/// The kind that a button is about. Who pressed is told where there is no such kind any more; where the button `changes` something,
/// that is a refusal of this verb.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn kind_of<'d>(
    talk: &Talk<'d>,
    press: &Press,
    tag: &Tag,
    changes: Option<&str>,
) -> Result<Option<&'d Known>, Stopping> {
    let kind = talk.desk.registry.kinds().iter().find(|kind| tag.is_for(&kind.name));
    if kind.is_none() {
        if let Some(action) = changes {
            let retired = talk.desk.registry.retired().iter().find(|kind| tag.is_for(&kind.name));
            let name = retired.map_or(tag.shown(), |kind| kind.name.as_str());
            trail::refused(talk, action, Some(name), "no such kind").await?;
        }
        press.alert(talk, &Text::no_such_kind(tag.shown())).await?;
    }
    Ok(kind)
}

/// Answers what the writer refused.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn refused(
    talk: &Talk<'_>,
    press: Option<&Press>,
    kind: &Known,
    no: No<Error>,
) -> Result<(), Stopping> {
    if let No::Said(Error::Invalid { problems, .. }) = no {
        return show(talk, press, &invalid(&kind.file, problems, talk.language)).await;
    }
    match sentence(talk, kind, &no) {
        Some(text) => say(talk, press, &text).await,
        None => broken(talk, press, &format!("{no:?}")).await,
    }
}

/// What was valid when it was saved or proposed, and is not by now: what is wrong with it.
pub(super) fn invalid(file: &str, problems: Vec<Problem>, language: Language) -> Page {
    Page { text: outdated(file, &problems.into(), language), ..Page::default() }
}

/// What a refusal means for whoever asked; none where it is our own mistake.
fn sentence(talk: &Talk<'_>, kind: &Known, no: &No<Error>) -> Option<Text> {
    let No::Said(error) = no else { return None };
    Some(match error {
        Error::NoSuchKind { .. } => Text::no_such_kind(&kind.name),
        Error::NoSuchVersion { version: 0, .. } => Text::history_none(&kind.file),
        Error::NoSuchVersion { version, .. } => Text::no_such_version(&kind.file, *version, &kind.command),
        Error::NotSaved { reason, .. } => Text::not_done(cut(reason, 500)),
        Error::Forbidden { needed, .. } => {
            let own = talk.person.role_for(&kind.name);
            Text::forbidden_kind(roles::of_word(needed), &kind.file, own)
        }
        Error::ChangedByHand { .. } => Text::by_hand_in_the_way(&kind.file),
        Error::NoSuchProposal { id } => Text::no_such_proposal(*id),
        Error::OwnProposal { .. } => Text::proposal_own_refused(),
        Error::NotByHand { by_hand: None, .. } => Text::by_hand_settled(&kind.file),
        Error::NotByHand { by_hand: Some(_), .. } => Text::by_hand_other(),
        Error::NotAdoptable { reason, .. } => Text::not_adoptable(&kind.file, cut(reason, 300)),
        Error::Cancelled { .. } => Text::cancelled_before(),
        Error::Invalid { .. }
        | Error::Conflict { .. }
        | Error::RequestReused { .. }
        | Error::Unavailable { .. }
        | Error::ApprovalRequired { .. }
        | Error::Unchanged { .. }
        | Error::Decided { .. } => return None,
    })
}

/// A version with its content; none: the current one.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn content(desk: &Desk, kind: &Known, version: Option<i64>) -> Answered<GetReply> {
    let call = Get { kind: kind.name.clone(), version };
    desk.storage.ask("asking for a version", || desk.storage.configs.get(&call)).await
}

/// A version's content; version 0 is the one before the first.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn text_of(desk: &Desk, kind: &Known, version: i64) -> Answered<String> {
    if version == 0 {
        return Ok(Ok(String::new()));
    }
    Ok(content(desk, kind, Some(version)).await?.map(|reply| reply.content))
}

/// The newest version, or the newest below `before`.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn newest(talk: &Talk<'_>, kind: &Known, before: Option<i64>) -> Answered<Option<Version>> {
    let storage = &talk.desk.storage;
    let call = History { kind: kind.name.clone(), before, limit: 1 };
    let reply = storage.ask("asking for the newest version", || storage.configs.history(&call)).await?;
    Ok(reply.map(|reply| reply.versions.into_iter().next()))
}
