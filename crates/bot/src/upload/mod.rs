//! A document that is to become a config: fetched, checked and handed to the writer, while the admin watches.
//!
//! What decides is [`machine`]; here is what does it. The document stays in memory from the first byte to the last: there is
//! no file that a crash could leave behind.

pub(crate) mod document;
mod fetch;
mod machine;
pub(crate) mod problems;
mod told;

use std::sync::Arc;
use std::time::{Duration, Instant};

use interfaces::configs::{Author, Error, Origin, Put, PutReply};
use interfaces::inbox::Outcome;
use serde::Deserialize as _;
use teloxide::types::{Document, Message, MessageId};
use tokio::sync::mpsc;

use self::document::Offer;
use self::machine::{Action, Answer, Ending, Event, Stage, State};
use crate::note::Note;
use crate::registry::Known;
use crate::send::{Progress, Stopping};
use crate::storage::No;
use crate::talk::Talk;
use crate::texts::Text;

/// How long the writer may take before the admin is told that it takes long.
const SILENCE: Duration = Duration::from_secs(3);

/// Answers a message in the dialogue of `/set_<kind>`.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn receive(talk: &Talk<'_>, kind: &str, base: i64, message: &Message) -> Result<(), Stopping> {
    let Some(known) = talk.desk.registry.named(kind) else {
        talk.say(&Text::no_such_kind(kind)).await?;
        return end_dialogue(talk).await;
    };
    match message.document() {
        Some(document) => run(talk, known, base, document).await,
        None => talk.say(&instead(message, known)).await,
    }
}

/// Tells how an upload ended whose version stands since before a restart.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn tell(talk: &Talk<'_>, outcome: &Outcome) -> Result<(), Stopping> {
    let reply = match PutReply::deserialize(&outcome.reply) {
        Ok(reply) => reply,
        Err(error) => return talk.say_broken(&format!("the outcome of an upload: {error}")).await,
    };
    let file = talk.desk.registry.named(&reply.version.kind).map_or(&reply.version.kind, |known| &known.file);
    let (sender, texts) = mpsc::unbounded_channel();
    show(&sender, told::saved(&reply, file).say(talk.language));
    drop(sender);
    progress(talk).show(texts, |message| remember(talk, message)).await
}

/// What to answer to something that is no document.
fn instead(message: &Message, kind: &Known) -> Text {
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

/// The whole upload. Work and telling run side by side; when both are done the admin knows how it ended.
async fn run(talk: &Talk<'_>, kind: &Known, base: i64, document: &Document) -> Result<(), Stopping> {
    let (sender, texts) = mpsc::unbounded_channel();
    let telling = progress(talk).show(texts, |message| remember(talk, message));
    let work = Work { talk, kind, base, document, sender };
    let (told, ending) = tokio::join!(telling, work.go());
    let ending = ending?;
    told?;
    // Saving ends the dialogue in its own transaction. Elsewhere it ends after the admin knows, so that a restart in between
    // still finds it and comes to the same end.
    if ending.keeps_dialogue() || matches!(ending, Ending::Saved(_)) { Ok(()) } else { end_dialogue(talk).await }
}

fn progress<'a>(talk: &'a Talk<'_>) -> Progress<'a> {
    Progress::new(&talk.desk.outgoing, talk.chat, talk.note.progress.map(MessageId))
}

async fn remember(talk: &Talk<'_>, message: MessageId) -> Result<(), Stopping> {
    talk.remember(Note { progress: Some(message.0), ..talk.note }).await
}

async fn end_dialogue(talk: &Talk<'_>) -> Result<(), Stopping> {
    if let Err(no) = talk.place().end(&talk.desk.storage, talk.request("end"), None).await? {
        tracing::error!("a dialogue was not ended: {no:?}");
    }
    Ok(())
}

fn show(sender: &mpsc::UnboundedSender<String>, text: String) {
    // Nobody listens when the admin has blocked the bot; the work goes on all the same.
    let _ = sender.send(text);
}

/// What an upload needs. Dropping it ends the telling.
struct Work<'a> {
    talk: &'a Talk<'a>,
    kind: &'a Known,
    base: i64,
    document: &'a Document,
    sender: mpsc::UnboundedSender<String>,
}

impl Work<'_> {
    async fn go(self) -> Result<Ending, Stopping> {
        let offer = self.offer();
        let mut state = State::Received;
        let mut event = Event::Began(offer.check(&self.kind.file));
        loop {
            let (next, actions) = state.step(event);
            state = next;
            event = Event::Broke;
            for action in actions {
                match action {
                    Action::Show(stage) => self.show(stage),
                    Action::Download => {
                        let name = offer.shown_name(&self.kind.file);
                        let fetched = fetch::fetch(&self.talk.desk.outgoing, &self.document.file.id, name).await?;
                        event = Event::Downloaded(fetched);
                    }
                    Action::Validate(bytes) => event = self.validate(bytes).await,
                    Action::Save(text) => event = self.save(&mut state, text).await?,
                    Action::End(ending) => {
                        self.log(&ending);
                        show(&self.sender, told::ending(&ending, self.kind, self.base, self.talk));
                        return Ok(ending);
                    }
                }
            }
        }
    }

    fn offer(&self) -> Offer {
        // teloxide's stand-in for a size that Telegram did not tell.
        let size = Some(self.document.file.size).filter(|size| *size != u32::MAX).map(u64::from);
        Offer { name: self.document.file_name.clone(), size }
    }

    fn show(&self, stage: Stage) {
        let text = match stage {
            Stage::Validating => Text::progress_validating(),
            Stage::Saving => Text::progress_saving(),
            Stage::SavingSilent => Text::progress_saving_silent(&self.kind.file),
        };
        show(&self.sender, text.say(self.talk.language));
    }

    async fn validate(&self, bytes: Vec<u8>) -> Event {
        let (checker, language) = (Arc::clone(&self.kind.checker), self.talk.language);
        let began = Instant::now();
        let checked = tokio::task::spawn_blocking(move || told::check(&checker, bytes, language)).await;
        metrics::histogram!(
            "config_upload_duration_seconds", "config_type" => self.kind.name.clone(), "stage" => "validation"
        )
        .record(began.elapsed());
        match checked {
            Ok(checked) => Event::Validated(checked),
            Err(error) => {
                tracing::error!("checking a document failed: {error}");
                Event::Broke
            }
        }
    }

    /// Asks the writer to save, and tells when that takes long.
    async fn save(&self, state: &mut State, content: String) -> Result<Event, Stopping> {
        let mut saving = std::pin::pin!(self.put(content));
        if let Ok(event) = tokio::time::timeout(SILENCE, &mut saving).await {
            return event;
        }
        let (next, actions) = state.step(Event::WriterSilent);
        *state = next;
        for action in actions {
            if let Action::Show(stage) = action {
                self.show(stage);
            }
        }
        saving.await
    }

    async fn put(&self, content: String) -> Result<Event, Stopping> {
        let talk = self.talk;
        let call = Put {
            kind: self.kind.name.clone(),
            content,
            base: self.base,
            over: None,
            author: Author { origin: Origin::Telegram, id: talk.user, name: talk.admin.clone() },
            request_id: talk.request("put"),
            settles: Some(talk.settlement()),
        };
        let storage = &talk.desk.storage;
        Ok(match storage.ask("saving a config", || storage.configs.put(&call)).await? {
            Ok(reply) => Event::Answered(Answer::Saved(reply)),
            Err(No::Said(Error::Invalid { problems, .. })) => {
                Event::Answered(Answer::Invalid(told::problems(problems)))
            }
            Err(No::Said(Error::Conflict { current, .. })) => Event::Answered(Answer::Conflict(current)),
            Err(No::Said(Error::NotSaved { reason, .. })) => Event::Answered(Answer::NotSaved(reason)),
            Err(No::Said(Error::NoSuchKind { .. })) => Event::Answered(Answer::NoSuchKind),
            Err(no) => {
                tracing::error!("saving a config: {no:?}");
                Event::Broke
            }
        })
    }

    fn log(&self, ending: &Ending) {
        let (user_id, config_type) = (self.talk.user, self.kind.name.as_str());
        match ending {
            Ending::Saved(reply) => {
                let PutReply { version, unchanged, published } = reply;
                tracing::info!(
                    user_id,
                    config_type,
                    version = version.version,
                    unchanged,
                    published,
                    "an upload was saved"
                );
            }
            Ending::Invalid(problems) => {
                tracing::info!(
                    user_id,
                    config_type,
                    problems = problems.listed.len() + problems.hidden,
                    "an upload was refused"
                );
            }
            Ending::Refused(refusal) => tracing::info!(user_id, config_type, ?refusal, "an upload was refused"),
            Ending::Conflict(current) => {
                tracing::info!(
                    user_id,
                    config_type,
                    base = self.base,
                    current = current.version,
                    "an upload came too late"
                );
            }
            Ending::NotSaved(reason) => tracing::warn!(user_id, config_type, reason, "an upload was not saved"),
            Ending::NoSuchKind => tracing::warn!(user_id, config_type, "an upload's kind is not declared any more"),
            Ending::Failed { asked } => tracing::error!(user_id, config_type, asked, "an upload failed"),
        }
    }
}
