//! A document that met something else: another version, or a file changed by hand. The admin sees what differs and decides.
//!
//! The question is a dialogue that names the version, or the content, that was shown; so *Overwrite* replaces exactly that, and
//! asks again when it is something else by then. Each time it is asked the question is named by another update, so that a press
//! of an older one's button is known for what it is.

use std::sync::Arc;

use interfaces::configs::{ByHand, Get, GetByHand, Version};
use interfaces::dialogues;
use kinds::diff::{Labels, render, three_way};
use teloxide::types::{FileId, InlineKeyboardMarkup, MessageId};

use super::document::Offer;
use super::machine::Ending;
use super::problems::{MESSAGE_LIMIT, cut, length};
use super::{Upload, close, fetch, run, show};
use crate::buttons::{Button, keyboard};
use crate::commands::press::Press;
use crate::dialogues::{Conflict, Dialogue};
use crate::note::Note;
use crate::registry::Known;
use crate::send::{Screen, Stopping};
use crate::storage::No;
use crate::talk::Talk;
use crate::texts::{Text, Value};
use crate::trail;

/// The longest sentence above what differs, in UTF-16 units: names may be long.
const HEAD_LIMIT: usize = 800;

/// What stands where the document was to go.
#[derive(Clone, Debug)]
pub(super) enum Other {
    Version(Version),
    ByHand(ByHand),
}

/// What is shown of it.
#[derive(Debug)]
struct Theirs {
    other: Other,
    /// Absent where it is no text, or not there any more.
    content: Option<String>,
}

/// Makes the question durable, and settles the update with it; gives what the message shows.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn open(
    talk: &Talk<'_>,
    upload: &Upload<'_>,
    other: Other,
    mine: Option<Arc<str>>,
    message: Option<i32>,
) -> Result<Screen, Stopping> {
    let theirs = theirs_of(talk, upload.kind, other).await?;
    let (shown, over, by_hand) = match &theirs.other {
        Other::Version(current) => (current.version, upload.over.clone(), false),
        Other::ByHand(by_hand) => (upload.base, Some(by_hand.sha256.clone()), true),
    };
    let conflict = Conflict {
        kind: upload.kind.name.clone(),
        base: upload.made_from,
        shown,
        over,
        by_hand,
        update: talk.update,
        file_id: upload.file.0.clone(),
        name: upload.offer.name.clone(),
        size: upload.offer.size,
        message,
    };
    let dialogue = Dialogue::Conflict(Box::new(conflict.clone()));
    let request = talk.request("conflict");
    match talk.place().begin(&talk.desk.storage, &dialogue, request, Some(talk.update)).await? {
        // A process before this one has asked it, of what stood there then: that is what a press will replace.
        Err(No::Said(dialogues::Error::RequestReused { .. })) => {
            if let Ok(Some(Dialogue::Conflict(asked))) = talk.place().dialogue(&talk.desk.storage).await?
                && asked.update == talk.update
            {
                return screen_again(talk, upload.kind, &asked, mine).await;
            }
        }
        Err(no) => tracing::error!("the question about a conflict was not kept: {no:?}"),
        Ok(()) => {}
    }
    screen(talk, upload.kind, &conflict, &theirs, mine).await
}

/// Shows a question again that stands since before a restart.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn tell(talk: &Talk<'_>, message: Option<MessageId>) -> Result<(), Stopping> {
    replaced(talk, talk.note.question).await?;
    let conflict = match talk.place().dialogue(&talk.desk.storage).await? {
        Ok(Some(Dialogue::Conflict(conflict))) if conflict.update == talk.update => conflict,
        // Left since, by an update that answers for itself.
        Ok(_) => return Ok(()),
        Err(no) => return talk.say_broken(&format!("{no:?}")).await,
    };
    let Some(kind) = talk.desk.registry.named(&conflict.kind) else {
        return talk.say(&Text::no_such_kind(&conflict.kind)).await;
    };
    let fetched = fetch::soon(&talk.desk.outgoing, &FileId(conflict.file_id.clone())).await?;
    let mine = fetched.and_then(|bytes| String::from_utf8(bytes).ok()).map(Arc::from);
    let screen = screen_again(talk, kind, &conflict, mine).await?;
    let shown = show(talk, message.or(conflict.message.map(MessageId)), screen).await?;
    asked_in(talk, shown).await
}

/// The question that this update has asked is in this message: perhaps another one than was thought when the question was kept.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn asked_in(talk: &Talk<'_>, message: Option<MessageId>) -> Result<(), Stopping> {
    let (Some(MessageId(message)), Ok(Some(conflict))) = (message, asked(talk, talk.update).await?) else {
        return Ok(());
    };
    if conflict.message == Some(message) {
        return Ok(());
    }
    let dialogue = Dialogue::Conflict(Box::new(Conflict { message: Some(message), ..conflict }));
    let request = talk.request(&format!("asked-in-{message}"));
    if let Err(no) = talk.place().begin(&talk.desk.storage, &dialogue, request, None).await? {
        tracing::error!("the message of a question was not kept: {no:?}");
    }
    Ok(())
}

/// *Overwrite*: the document is fetched again, and goes on top of what was shown.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn overwrite(talk: &Talk<'_>, press: &Press, update: i64, version: i64) -> Result<(), Stopping> {
    let conflict = match asked(talk, update).await? {
        Ok(Some(conflict)) if conflict.shown == version => conflict,
        Ok(_) => return over(talk, press).await,
        Err(text) => return press.alert(talk, &text).await,
    };
    let Some(kind) = talk.desk.registry.named(&conflict.kind) else {
        trail::refused(talk, "put", Some(&conflict.kind), "no such kind").await?;
        return press.alert(talk, &Text::no_such_kind(&conflict.kind)).await;
    };
    let upload = Upload {
        kind,
        made_from: conflict.base,
        base: conflict.shown,
        over: conflict.over.clone(),
        file: FileId(conflict.file_id.clone()),
        offer: Offer { name: conflict.name.clone(), size: conflict.size },
    };
    let before = Note { progress: Some(press.message.0), ..talk.note };
    let (answered, ending) = tokio::join!(press.silence(talk), run(talk, &upload, before));
    answered?;
    match ending? {
        // They are asked for a document: it is one that goes on top of what they have seen.
        Ending::Refused(_) | Ending::Invalid { .. } | Ending::NotSaved(_) => {
            let dialogue = Dialogue::Document { kind: kind.name.clone(), base: conflict.shown };
            let begun = talk.place().begin(&talk.desk.storage, &dialogue, talk.request("document"), None).await?;
            if let Err(no) = begun {
                tracing::error!("a dialogue was not begun: {no:?}");
            }
            Ok(())
        }
        ending => close(talk, &ending).await,
    }
}

/// *Show theirs*: sends what stands there.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn theirs(talk: &Talk<'_>, press: &Press, update: i64) -> Result<(), Stopping> {
    let conflict = match asked(talk, update).await? {
        Ok(Some(conflict)) => conflict,
        Ok(None) => return over(talk, press).await,
        Err(text) => return press.alert(talk, &text).await,
    };
    let Some(kind) = talk.desk.registry.named(&conflict.kind) else {
        return press.alert(talk, &Text::no_such_kind(&conflict.kind)).await;
    };
    let Some(theirs) = shown_theirs(talk, kind, &conflict).await? else {
        return press.alert(talk, &Text::theirs_unreadable(&kind.file)).await;
    };
    let caption = match &theirs.other {
        Other::Version(version) => {
            Text::get_caption(&kind.file, version.version, &version.author, Value::at_ms(version.saved_ms))
        }
        Other::ByHand(by_hand) => Text::by_hand_caption(&kind.file, Value::at_ms(by_hand.noticed_ms)),
    };
    let Some(content) = theirs.content else { return press.alert(talk, &Text::theirs_unreadable(&kind.file)).await };
    press.silence(talk).await?;
    talk.desk.outgoing.document(talk.chat, &kind.file, content.as_bytes(), &caption.say(talk.language)).await
}

/// The question that `update` has asked, if it is still open; or what to say where that is not known.
async fn asked(talk: &Talk<'_>, update: i64) -> Result<Result<Option<Conflict>, Text>, Stopping> {
    Ok(match talk.place().dialogue(&talk.desk.storage).await? {
        Ok(Some(Dialogue::Conflict(conflict))) if conflict.update == update => Ok(Some(*conflict)),
        Ok(_) => Ok(None),
        Err(no) => {
            tracing::error!("a dialogue is not known: {no:?}");
            Err(Text::failed_command(talk.request_id()))
        }
    })
}

/// The question is over; so says the message itself. Or it was this press that ended it, before a restart.
async fn over(talk: &Talk<'_>, press: &Press) -> Result<(), Stopping> {
    if talk.note.attempts > 0
        && let Some(outcome) = talk.settled_meanwhile().await?
    {
        return super::tell(talk, &outcome, Some(press.message)).await;
    }
    press.alert(talk, &Text::press_over()).await
}

/// The message of a question that was left: nothing can be pressed there any more.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn leave(talk: &Talk<'_>, conflict: &Conflict) -> Result<(), Stopping> {
    match conflict.message {
        Some(message) => shut(talk, &conflict.kind, MessageId(message)).await,
        None => Ok(()),
    }
}

/// The message of a question that was answered by another document: nothing can be pressed there any more.
///
/// # Errors
/// When the worker stops first.
pub(super) async fn replaced(talk: &Talk<'_>, question: Option<i32>) -> Result<(), Stopping> {
    let Some(message) = question.map(MessageId) else { return Ok(()) };
    let text = Text::conflict_replaced().say(talk.language);
    talk.desk.outgoing.edit(talk.chat, message, &text, None).await.map(drop)
}

/// The same as on leaving, for the message that is known to ask.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn shut(talk: &Talk<'_>, kind: &str, message: MessageId) -> Result<(), Stopping> {
    let file = talk.desk.registry.named(kind).map_or(kind, |known| &known.file);
    let text = Text::conflict_left(file).say(talk.language);
    talk.desk.outgoing.edit(talk.chat, message, &text, None).await.map(drop)
}

async fn screen_again(
    talk: &Talk<'_>,
    kind: &Known,
    conflict: &Conflict,
    mine: Option<Arc<str>>,
) -> Result<Screen, Stopping> {
    match shown_theirs(talk, kind, conflict).await? {
        Some(theirs) => screen(talk, kind, conflict, &theirs, mine).await,
        None => {
            let text = Text::conflict_unseen(&kind.file, conflict.shown).say(talk.language);
            Ok(Screen { text, keyboard: Some(buttons(talk, conflict)) })
        }
    }
}

/// The question: what stands there and since when, what differs, and what may be done.
async fn screen(
    talk: &Talk<'_>,
    kind: &Known,
    conflict: &Conflict,
    theirs: &Theirs,
    mine: Option<Arc<str>>,
) -> Result<Screen, Stopping> {
    let (head, label) = heading(&kind.file, conflict.base, &theirs.other);
    let (head, label) = (cut(&head.say(talk.language), HEAD_LIMIT), label.say(talk.language));
    let question = Text::conflict_question().say(talk.language);
    let room = MESSAGE_LIMIT.saturating_sub(length(&head) + length(&question) + 4);
    let differs = match (&theirs.content, mine) {
        (_, None) => Text::conflict_without_document(&kind.file).say(talk.language),
        (None, _) => Text::theirs_unreadable(&kind.file).say(talk.language),
        (Some(content), Some(mine)) => {
            let base = match conflict.base {
                0 => None,
                number => version(talk, kind, number).await?,
            };
            let base = base.map(|(_, content)| content).unwrap_or_default();
            compared(talk, base, content.clone(), mine, label, room).await
        }
    };
    let text = format!("{head}\n\n{}\n\n{question}", cut(differs.trim_end(), room));
    Ok(Screen { text, keyboard: Some(buttons(talk, conflict)) })
}

fn buttons(talk: &Talk<'_>, conflict: &Conflict) -> InlineKeyboardMarkup {
    let (update, version) = (conflict.update, conflict.shown);
    let overwrite = (Text::button_overwrite(), Button::Overwrite { update, version });
    let theirs = (Text::button_theirs(), Button::Theirs { update });
    keyboard(&[&[overwrite, theirs], &[(Text::button_cancel(), Button::Cancel { update })]], talk.language)
}

/// What stands there, as a sentence, and how it is called beside the lines.
fn heading(file: &str, base: i64, other: &Other) -> (Text, Text) {
    match other {
        Other::Version(current) => {
            let at = Value::at_ms(current.saved_ms);
            let head = match base {
                0 => Text::conflict_first(file, current.version, &current.author, at),
                _ => Text::conflict(file, base, current.version, &current.author, at),
            };
            (head, Text::conflict_theirs(&current.author, current.version))
        }
        Other::ByHand(by_hand) => {
            (Text::conflict_by_hand(file, Value::at_ms(by_hand.noticed_ms)), Text::conflict_theirs_by_hand())
        }
    }
}

/// What differs, in words. Takes a while: not for the runtime's thread.
async fn compared(talk: &Talk<'_>, base: String, theirs: String, mine: Arc<str>, label: String, room: usize) -> String {
    let (language, own) = (talk.language, Text::conflict_mine().say(talk.language));
    let comparing = tokio::task::spawn_blocking(move || {
        let labels = Labels { theirs: &label, mine: &own, language };
        render(&three_way(&base, &theirs, &mine), &labels, room)
    });
    comparing.await.inspect_err(|error| tracing::error!("comparing: {error}")).unwrap_or_default()
}

/// The other side of a question, as far as it still is there.
async fn shown_theirs(talk: &Talk<'_>, kind: &Known, conflict: &Conflict) -> Result<Option<Theirs>, Stopping> {
    if conflict.by_hand {
        return by_hand(talk, kind).await;
    }
    let shown = version(talk, kind, conflict.shown).await?;
    Ok(shown.map(|(version, content)| Theirs { other: Other::Version(version), content: Some(content) }))
}

async fn theirs_of(talk: &Talk<'_>, kind: &Known, other: Other) -> Result<Theirs, Stopping> {
    match other {
        Other::Version(current) => {
            let content = version(talk, kind, current.version).await?.map(|(_, content)| content);
            Ok(Theirs { other: Other::Version(current), content })
        }
        // What is shown is what is there now, and so what may be replaced.
        Other::ByHand(_) => Ok(by_hand(talk, kind).await?.unwrap_or(Theirs { other, content: None })),
    }
}

async fn by_hand(talk: &Talk<'_>, kind: &Known) -> Result<Option<Theirs>, Stopping> {
    let storage = &talk.desk.storage;
    let call = GetByHand { kind: kind.name.clone() };
    match storage.ask("asking for a file changed by hand", || storage.configs.get_by_hand(&call)).await? {
        Ok(reply) => Ok(reply.by_hand.map(|by_hand| Theirs { other: Other::ByHand(by_hand), content: reply.content })),
        Err(no) => {
            tracing::warn!("a file changed by hand is not shown: {no:?}");
            Ok(None)
        }
    }
}

async fn version(talk: &Talk<'_>, kind: &Known, number: i64) -> Result<Option<(Version, String)>, Stopping> {
    let storage = &talk.desk.storage;
    let call = Get { kind: kind.name.clone(), version: Some(number) };
    match storage.ask("asking for a version", || storage.configs.get(&call)).await? {
        Ok(reply) => Ok(Some((reply.version, reply.content))),
        Err(no) => {
            tracing::warn!("a version is not shown: {no:?}");
            Ok(None)
        }
    }
}
