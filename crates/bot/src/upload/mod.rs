//! A document that is to become a config: fetched, checked and handed to the writer, while the admin watches.
//!
//! What decides is [`machine`]; `work` does it, `save` speaks with the writer, `conflict` asks what is to become of a document
//! that met something else. The document stays in memory from the first byte to the last: there is no file that a crash could
//! leave behind.

pub(crate) mod conflict;
pub(crate) mod document;
mod fetch;
mod machine;
pub(crate) mod problems;
mod save;
mod told;
mod work;

use std::time::{Duration, Instant};

use interfaces::configs::{CancelReply, ProposeReply, PutReply};
use interfaces::inbox::Outcome;
use serde::Deserialize as _;
use teloxide::types::{FileId, Message, MessageId};
use tokio::sync::{mpsc, watch};

use self::document::Offer;
pub(crate) use self::machine::Stage;
use self::machine::{Ending, Settled};
use self::work::Work;
use crate::dialogues::Dialogue;
use crate::note::Note;
use crate::registry::Known;
use crate::send::{Progress, Screen, Stopping};
use crate::talk::Talk;
use crate::texts::Text;
use crate::trail;

/// How long an upload is at one stage before that is kept with its update. One that goes through needs none of it.
const LASTS: Duration = Duration::from_millis(200);

/// A document on its way to become a version.
#[derive(Clone, Debug)]
struct Upload<'a> {
    kind: &'a Known,
    /// The version that it was made from, 0 for none.
    made_from: i64,
    /// The version that the admin has seen last and means to replace.
    base: i64,
    /// The content (its SHA-256) of a file changed by hand that the admin means to replace.
    over: Option<String>,
    file: FileId,
    offer: Offer,
}

/// Answers a message in the dialogue of `/set_<kind>`, or in the one about a conflict.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn receive(talk: &Talk<'_>, dialogue: &Dialogue, message: &Message) -> Result<(), Stopping> {
    let Some(known) = talk.desk.registry.named(dialogue.kind()) else {
        if message.text().is_none() {
            trail::refused(talk, "put", Some(dialogue.kind()), "no such kind").await?;
        }
        talk.say(&Text::no_such_kind(dialogue.kind())).await?;
        return end_dialogue(talk).await;
    };
    let Some(document) = message.document() else {
        if message.text().is_none() {
            trail::refused(talk, "put", Some(&known.name), "document").await?;
        }
        return talk.say(&instead(message, known, dialogue)).await;
    };
    // teloxide's stand-in for a size that Telegram did not tell.
    let size = Some(document.file.size).filter(|size| *size != u32::MAX).map(u64::from);
    let (made_from, base, over) = match dialogue {
        Dialogue::Document { base, .. } => (*base, *base, None),
        // Whoever has seen the other side and sends a document again has put both together.
        Dialogue::Conflict(conflict) => (conflict.shown, conflict.shown, conflict.over.clone()),
    };
    let offer = Offer { name: document.file_name.clone(), size };
    let upload = Upload { kind: known, made_from, base, over, file: document.file.id.clone(), offer };
    let question = dialogue.question();
    if question.is_some() {
        // Before anything stands, so that whoever comes after a crash finds the question, too.
        talk.remember(Note { question, ..talk.note }).await?;
    }
    let ending = run(talk, &upload, Note { question, ..talk.note }).await?;
    match ending {
        Ending::Refused(_) | Ending::Invalid { .. } | Ending::NotSaved(_) => Ok(()),
        ending => {
            conflict::replaced(talk, question).await?;
            close(talk, &ending).await
        }
    }
}

/// Ends the dialogue, unless the effect has ended or replaced it in its own transaction. Otherwise it ends after the admin knows,
/// so that a restart in between still finds it and comes to the same end.
async fn close(talk: &Talk<'_>, ending: &Ending) -> Result<(), Stopping> {
    match ending {
        Ending::Saved(_)
        | Ending::SavedBefore { .. }
        | Ending::Proposed(_)
        | Ending::Conflict(_)
        | Ending::ChangedByHand(_) => Ok(()),
        _ => end_dialogue(talk).await,
    }
}

/// Tells how an upload ended whose effect stands since before a restart. `message` is the one that tells.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn tell(talk: &Talk<'_>, outcome: &Outcome, message: Option<MessageId>) -> Result<(), Stopping> {
    let ending = match outcome.method.strip_prefix("io.natrium.Configs.") {
        Some("Put") => PutReply::deserialize(&outcome.reply).map(Ending::Saved),
        Some("Propose") => ProposeReply::deserialize(&outcome.reply).map(|reply| Ending::Proposed(reply.proposal)),
        Some("Cancel") => CancelReply::deserialize(&outcome.reply).map(|reply| save::settled(reply).into()),
        _ => return conflict::tell(talk, message).await,
    };
    conflict::replaced(talk, talk.note.question).await?;
    match ending {
        Ok(ending) => show(talk, message, told::afterwards(&ending, talk)).await.map(drop),
        Err(error) => talk.say_broken(&format!("the outcome of an upload: {error}")).await,
    }
}

/// Shows one last thing in the message that tells; gives the message that shows it.
async fn show(talk: &Talk<'_>, message: Option<MessageId>, screen: Screen) -> Result<Option<MessageId>, Stopping> {
    let (sender, screens) = mpsc::unbounded_channel();
    // It is listened to below.
    let _ = sender.send(screen);
    drop(sender);
    Progress::new(&talk.desk.outgoing, talk.chat, message).show(screens, |_| ()).await
}

/// What to answer to something that is no document.
fn instead(message: &Message, kind: &Known, dialogue: &Dialogue) -> Text {
    if matches!(dialogue, Dialogue::Conflict(_)) {
        return Text::conflict_awaiting(&kind.file);
    }
    let sent = if message.text().is_some() {
        return Text::awaiting_document(&kind.file);
    } else if message.photo().is_some() {
        "photo"
    } else if message.voice().is_some() {
        "voice"
    } else if message.sticker().is_some() {
        "sticker"
    } else if message.video().is_some() || message.video_note().is_some() || message.animation().is_some() {
        "video"
    } else if message.audio().is_some() {
        "audio"
    } else {
        "other"
    };
    Text::not_a_document(sent, &kind.file)
}

/// How far the telling is, for what works beside it.
#[derive(Clone, Copy, Debug, Default)]
struct Telling {
    /// What is kept of it.
    note: Note,
    /// A message is there whose id could not be read.
    unnamed: bool,
}

impl Telling {
    fn shown_in(&mut self, message: Option<MessageId>) {
        self.unnamed = message.is_none();
        self.note.progress = message.map(|message| message.0);
    }
}

/// The whole upload. Work, telling and keeping how far it is run side by side; when all are done the admin knows how it ended.
async fn run(talk: &Talk<'_>, upload: &Upload<'_>, before: Note) -> Result<Ending, Stopping> {
    let began = Instant::now();
    let (telling, watched) = watch::channel(Telling { note: before, unnamed: false });
    let doing = async move {
        let (sender, screens) = mpsc::unbounded_channel();
        let showing = Progress::new(&talk.desk.outgoing, talk.chat, before.progress.map(MessageId))
            .show(screens, |message| telling.send_modify(|telling| telling.shown_in(message)));
        let work = Work::new(talk, upload, sender, &telling);
        let (shown, ending) = tokio::join!(showing, work.go());
        Ok((shown?, ending?))
    };
    let (done, kept) = tokio::join!(doing, keep(talk, before, watched));
    let (shown, ending) = done?;
    kept?;
    if let Ending::Conflict(_) | Ending::ChangedByHand(_) = ending {
        conflict::asked_in(talk, shown).await?;
    }
    stage(upload.kind, "total", began);
    record(talk, upload.kind, &ending).await?;
    Ok(ending)
}

/// Keeps the newest note with the update: a new message at once, how far the work is when it lasts.
async fn keep(talk: &Talk<'_>, mut kept: Note, mut telling: watch::Receiver<Telling>) -> Result<(), Stopping> {
    loop {
        let news = telling.wait_for(|telling| telling.note != kept).await.is_ok();
        if !news {
            return Ok(());
        }
        let moved = async { telling.wait_for(|telling| telling.note.progress != kept.progress).await.is_ok() };
        if let Ok(false) = tokio::time::timeout(LASTS, moved).await {
            return Ok(());
        }
        let newest = telling.borrow_and_update().note;
        talk.remember(newest).await?;
        kept = newest;
    }
}

/// Refusals that the bot has decided itself go into the audit trail; the writer has recorded its own.
async fn record(talk: &Talk<'_>, kind: &Known, ending: &Ending) -> Result<(), Stopping> {
    let reason = match ending {
        Ending::Refused(_) => "document",
        Ending::Invalid { by_writer: false, .. } => "invalid",
        Ending::Forbidden { by_writer: false } => "forbidden",
        _ => return Ok(()),
    };
    trail::refused(talk, "put", Some(&kind.name), reason).await
}

/// Measures a stage of an upload.
fn stage(kind: &Known, stage: &'static str, began: Instant) {
    metrics::histogram!("config_upload_duration_seconds", "config_type" => kind.name.clone(), "stage" => stage)
        .record(began.elapsed());
}

async fn end_dialogue(talk: &Talk<'_>) -> Result<(), Stopping> {
    if let Err(no) = talk.place().end(&talk.desk.storage, talk.request("end"), None).await? {
        tracing::error!("a dialogue was not ended: {no:?}");
    }
    Ok(())
}

impl Settled {
    /// What an update that cancelled is answered.
    pub(crate) fn text(&self, talk: &Talk<'_>) -> Text {
        let file =
            |kind: &str| talk.desk.registry.named(kind).map_or_else(|| kind.to_owned(), |known| known.file.clone());
        match self {
            Self::Cancelled => Text::upload_cancelled(),
            Self::Saved { version, unchanged: false } => Text::cancel_too_late(file(&version.kind), version.version),
            Self::Saved { version, unchanged: true } => Text::cancel_unchanged(file(&version.kind), version.version),
            Self::Proposed(proposal) => Text::cancel_proposed(file(&proposal.kind), proposal.id),
        }
    }
}

pub(crate) use self::save::settled;
