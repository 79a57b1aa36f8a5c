//! One update of one admin: what it means in the conversation, and the words to answer with.
//!
//! What commands and documents do is in `commands` and `upload`; here is only whose turn it is.

use interfaces::admins::Admin;
use interfaces::configs::{Author, DialogueOf, Settlement};
use interfaces::inbox::{self, Entry, Outcome, State};
use serde::Deserialize as _;
use teloxide::types::{ChatId, Message, MessageId, MessageKind};

use crate::commands::parse::{Parsed, parse};
use crate::commands::{self, Command};
use crate::desk::Desk;
use crate::dialogues::{Dialogue, Place};
use crate::note::{Note, remember, request_id};
use crate::send::Stopping;
use crate::texts::{Language, Text};
use crate::{trail, upload};

/// One update of an admin in a private chat.
#[derive(Debug)]
pub(crate) struct Talk<'a> {
    /// What all share.
    pub(crate) desk: &'a Desk,
    /// The update's id.
    pub(crate) update: i64,
    /// Where to answer.
    pub(crate) chat: ChatId,
    /// Who wrote.
    pub(crate) user: i64,
    /// How they are called.
    pub(crate) admin: String,
    /// What they may do, as it was when the update was looked at; the writer asks again.
    pub(crate) person: Admin,
    /// In which language to answer.
    pub(crate) language: Language,
    /// What is remembered about the update.
    pub(crate) note: Note,
}

impl Talk<'_> {
    /// Answers an update that nothing has come of yet.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn answer(&self, message: &Message) -> Result<(), Stopping> {
        let text = message.text().unwrap_or_default();
        match parse(text, &self.desk.me) {
            Parsed::ForAnother => Ok(()),
            Parsed::Command { name, words, .. } => match Command::named(&name, self.desk.registry.kinds()) {
                Some(command) => command.run(self, &words).await,
                None => commands::unknown(self, &name).await,
            },
            Parsed::Words => self.answer_content(message).await,
        }
    }

    /// Words, a document or something else: what it means depends on the dialogue.
    async fn answer_content(&self, message: &Message) -> Result<(), Stopping> {
        if !matches!(message.kind, MessageKind::Common(_)) {
            return Ok(());
        }
        let dialogue = match self.place().dialogue(&self.desk.storage).await? {
            Ok(dialogue) => dialogue,
            Err(no) => return self.say_broken(&format!("{no:?}")).await,
        };
        if dialogue.is_none()
            && self.note.attempts > 0
            && let Some(outcome) = self.settled_meanwhile().await?
        {
            return self.tell(message, &outcome).await;
        }
        match dialogue {
            // The process before this one has asked what is to become of this very document.
            Some(Dialogue::Conflict(conflict)) if conflict.update == self.update => {
                upload::conflict::tell(self, self.note.progress.map(MessageId)).await
            }
            Some(dialogue) => upload::receive(self, &dialogue, message).await,
            None => match (message.document(), self.desk.registry.kinds().first()) {
                (Some(document), Some(first)) => {
                    let name = document.file_name.as_deref();
                    let meant = self.desk.registry.kinds().iter().find(|kind| name == Some(kind.file.as_str()));
                    self.say(&Text::document_unexpected(&meant.unwrap_or(first).command)).await
                }
                _ => self.say(&Text::nothing_expected()).await,
            },
        }
    }

    /// Answers an update whose effect stands since before a restart.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn tell(&self, message: &Message, outcome: &Outcome) -> Result<(), Stopping> {
        match parse(message.text().unwrap_or_default(), &self.desk.me) {
            Parsed::Command { name, words, .. } => match Command::named(&name, self.desk.registry.kinds()) {
                Some(command) => command.tell(self, &words, outcome).await,
                None => commands::unknown(self, &name).await,
            },
            Parsed::Words | Parsed::ForAnother => upload::tell(self, outcome, self.note.progress.map(MessageId)).await,
        }
    }

    /// What came of this update since it was read from the inbox. A call of the process that was killed may have reached the
    /// writer after the successor had looked: then its effect stands, and the dialogue that it needed is gone.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn settled_meanwhile(&self) -> Result<Option<Outcome>, Stopping> {
        let (bot, storage) = (self.desk.bot, &self.desk.storage);
        let mut after = None;
        loop {
            let call = inbox::Unfinished { bot, after, limit: 100 };
            let page = storage.ask("looking for an update", || storage.inbox.unfinished(&call)).await?;
            let entries = page.map(|page| page.entries).unwrap_or_default();
            if let Some(entry) = entries.iter().find(|entry| entry.id == self.update) {
                return Ok(applied(entry));
            }
            let Some(last) = entries.last() else { return Ok(None) };
            after = Some(last.id);
        }
    }

    /// Answers with a sentence.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn say(&self, text: &Text) -> Result<(), Stopping> {
        self.say_words(&text.say(self.language)).await
    }

    /// Answers with words that are already in the admin's language.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn say_words(&self, words: &str) -> Result<(), Stopping> {
        self.desk.outgoing.text(self.chat, words).await.map(drop)
    }

    /// Logs our own mistake and says that there was one.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn say_broken(&self, why: &str) -> Result<(), Stopping> {
        tracing::error!("a command could not be answered: {why}");
        self.say(&Text::failed_command(self.request_id())).await
    }

    /// The id under which everything about this update is logged.
    pub(crate) fn request_id(&self) -> String {
        request_id(self.desk.bot, self.update)
    }

    /// The request id of one effect of this update.
    pub(crate) fn request(&self, step: &str) -> String {
        format!("{}:{step}", self.request_id())
    }

    /// Who talks, as versions and the audit trail name them.
    pub(crate) fn author(&self) -> Author {
        trail::person(self.user, &self.admin)
    }

    /// Where this admin's dialogue is kept.
    pub(crate) fn place(&self) -> Place {
        Place { bot: self.desk.bot, chat: self.chat.0, user: self.user }
    }

    /// Marks this update as settled. What is asked in the chat is still asked: it is about something else.
    pub(crate) fn settlement(&self) -> Settlement {
        Settlement { bot: self.desk.bot, update_id: self.update, ends: None }
    }

    /// Marks an update as settled by what the dialogue was about, which ends with it.
    pub(crate) fn settlement_of_dialogue(&self, update_id: i64) -> Settlement {
        let ends = Some(DialogueOf { chat: self.chat.0, user: self.user });
        Settlement { bot: self.desk.bot, update_id, ends }
    }

    /// Keeps a note with this update. One that cannot be kept is only missed after a restart.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn remember(&self, note: Note) -> Result<(), Stopping> {
        remember(&self.desk.storage, self.desk.bot, self.update, note).await
    }
}

/// What came of an update, if its effect stands.
pub(crate) fn applied(entry: &Entry) -> Option<Outcome> {
    let outcome = entry.outcome.as_ref().filter(|_| entry.state == State::Applied)?;
    Outcome::deserialize(outcome).inspect_err(|error| tracing::error!("its outcome: {error}")).ok()
}
