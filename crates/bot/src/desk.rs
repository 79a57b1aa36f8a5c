//! Where an update becomes an answer: who wrote, in which language, and whose turn it is to answer.
//!
//! [`Desk`] is what all conversations share; a [`Talk`] is one update of one admin. What is answered is in `commands` and
//! `upload`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use interfaces::configs::Settlement;
use interfaces::inbox::{self, Entry, Outcome, State};
use serde::{Deserialize, Serialize};
use teloxide::types::{ChatId, Message, MessageKind, User};
use tokio::sync::mpsc;

use crate::commands::parse::{Parsed, parse};
use crate::commands::{self, Command};
use crate::dialogues::{Dialogue, Place};
use crate::registry::Registry;
use crate::send::{Outgoing, Stopping};
use crate::status::Board;
use crate::storage::Storage;
use crate::strangers::Strangers;
use crate::texts::{Language, Text, language_of};
use crate::upload;

/// What all conversations share.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The bot's id.
    pub(crate) bot: i64,
    /// The bot's user name, without `@`.
    pub(crate) me: String,
    /// The service's name in messages.
    pub(crate) instance: String,
    /// For admins whose own language is none of ours.
    pub(crate) language: Language,
    /// Telegram ids with names.
    pub(crate) admins: BTreeMap<i64, String>,
    /// The kinds of config.
    pub(crate) registry: Registry,
    /// The way to people.
    pub(crate) outgoing: Outgoing,
    /// The way to the writer.
    pub(crate) storage: Storage,
    /// Whose clock is used.
    pub(crate) board: Arc<Board>,
    strangers: Mutex<Strangers>,
    /// Admins who have their command menu, or have asked for it.
    menus: Mutex<BTreeSet<i64>>,
    /// Where an admin's menu is asked for.
    menu: mpsc::UnboundedSender<i64>,
}

/// What the bot remembers about its work on one update. Stored as JSON: fields may be added, never renamed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub(crate) struct Note {
    /// How often a restart found the update not handled.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) attempts: u32,
    /// The message that shows the progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) progress: Option<i32>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Note {
    /// The note that is kept with an update; one that is not understood counts as none.
    pub(crate) fn of(entry: &Entry) -> Self {
        entry.note.as_ref().and_then(|note| Self::deserialize(note).ok()).unwrap_or_default()
    }
}

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
    /// How the settings call them.
    pub(crate) admin: String,
    /// In which language to answer.
    pub(crate) language: Language,
    /// What is remembered about the update.
    pub(crate) note: Note,
}

impl Desk {
    #[expect(clippy::too_many_arguments, reason = "they are the fields")]
    pub(crate) fn new(
        bot: i64,
        me: String,
        instance: String,
        language: Language,
        admins: BTreeMap<i64, String>,
        registry: Registry,
        outgoing: Outgoing,
        storage: Storage,
        board: Arc<Board>,
        menu: mpsc::UnboundedSender<i64>,
    ) -> Self {
        let (strangers, menus) = Default::default();
        Self { bot, me, instance, language, admins, registry, outgoing, storage, board, strangers, menus, menu }
    }

    /// Answers an update.
    ///
    /// # Errors
    /// When the worker stops first. The update is not finished then.
    pub(crate) async fn handle(&self, entry: &Entry) -> Result<(), Stopping> {
        let Some(message) = message(entry) else { return Ok(()) };
        let Some(from) = message.from.as_ref().filter(|from| !from.is_bot) else { return Ok(()) };
        let Some(user) = user_id(from) else { return Ok(()) };
        let admin = self.admins.get(&user);
        if !message.chat.is_private() {
            return self.in_group(&message, from, admin.is_some()).await;
        }
        let language = language_of(from.language_code.as_deref(), self.language);
        let Some(admin) = admin.cloned() else {
            self.refuse(message.chat.id, user, language).await;
            return Ok(());
        };
        let talk =
            Talk { desk: self, update: entry.id, chat: message.chat.id, user, admin, language, note: Note::of(entry) };
        tracing::debug!(request = talk.request_id(), user, "handling an update");
        if self.menu_is_set(user) {
            // The admin may only now have begun to talk with the bot; before, Telegram had refused to set the menu.
            let _ = self.menu.send(user);
        }
        match applied(entry) {
            Some(outcome) => talk.tell(&message, &outcome).await,
            None => talk.answer(&message).await,
        }
    }

    /// Tells somebody that their update could not be handled because of our own mistake.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn apologise(&self, entry: &Entry) -> Result<(), Stopping> {
        let Some(message) = message(entry).filter(|message| message.chat.is_private()) else { return Ok(()) };
        let Some(from) = message.from.as_ref() else { return Ok(()) };
        if user_id(from).is_none_or(|user| !self.admins.contains_key(&user)) {
            return Ok(());
        }
        let language = language_of(from.language_code.as_deref(), self.language);
        let text = Text::failed_command(request_id(self.bot, entry.id));
        self.outgoing.text(message.chat.id, &text.say(language)).await.map(drop)
    }

    /// Takes note that the admin's menu is set, or is asked for; answers whether that is news.
    pub(crate) fn menu_is_set(&self, admin: i64) -> bool {
        self.menus.lock().unwrap_or_else(PoisonError::into_inner).insert(admin)
    }

    /// In groups only admins who name the bot are answered, and only with the request to write in private: configs are not
    /// for everybody who reads along.
    async fn in_group(&self, message: &Message, from: &User, is_admin: bool) -> Result<(), Stopping> {
        let parsed = message.text().map_or(Parsed::Words, |text| parse(text, &self.me));
        if !is_admin || !matches!(parsed, Parsed::Command { addressed: true, .. }) {
            return Ok(());
        }
        let language = language_of(from.language_code.as_deref(), self.language);
        self.outgoing.text(message.chat.id, &Text::private_only().say(language)).await.map(drop)
    }

    async fn refuse(&self, chat: ChatId, user: i64, language: Language) {
        let answered = self.strangers.lock().unwrap_or_else(PoisonError::into_inner).answer(user, self.board.now());
        if answered {
            tracing::info!(user, "somebody who is no admin was refused");
            self.outgoing.text_once(chat, &Text::stranger(user).say(language)).await;
        }
    }
}

impl Talk<'_> {
    async fn answer(&self, message: &Message) -> Result<(), Stopping> {
        let text = message.text().unwrap_or_default();
        match parse(text, &self.desk.me) {
            Parsed::ForAnother => Ok(()),
            Parsed::Command { name, .. } => match Command::named(&name, self.desk.registry.kinds()) {
                Some(command) => command.run(self).await,
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
            Some(Dialogue::Document { kind, base }) => upload::receive(self, &kind, base, message).await,
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
    async fn tell(&self, message: &Message, outcome: &Outcome) -> Result<(), Stopping> {
        if outcome.method == "io.natrium.Configs.Put" {
            return upload::tell(self, outcome).await;
        }
        match parse(message.text().unwrap_or_default(), &self.desk.me) {
            Parsed::Command { name, .. } => match Command::named(&name, self.desk.registry.kinds()) {
                Some(command) => command.tell(self, outcome).await,
                None => commands::unknown(self, &name).await,
            },
            Parsed::Words | Parsed::ForAnother => {
                self.say_broken(&format!("{} settled an update that is no command", outcome.method)).await
            }
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
        tracing::error!(request = self.request_id(), "a command could not be answered: {why}");
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

    /// Where this admin's dialogue is kept.
    pub(crate) fn place(&self) -> Place {
        Place { bot: self.desk.bot, chat: self.chat.0, user: self.user }
    }

    /// Marks this update as settled by a config's change, which ends the dialogue.
    pub(crate) fn settlement(&self) -> Settlement {
        Settlement { bot: self.desk.bot, update_id: self.update, chat: self.chat.0, user: self.user }
    }

    /// Keeps a note with this update. One that cannot be kept is only missed after a restart.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn remember(&self, note: Note) -> Result<(), Stopping> {
        remember(&self.desk.storage, self.desk.bot, self.update, note).await
    }
}

/// Keeps a note with an update.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn remember(storage: &Storage, bot: i64, update_id: i64, note: Note) -> Result<(), Stopping> {
    let Ok(note) = serde_json::to_value(note) else { return Ok(()) };
    let call = inbox::Note { bot, update_id, note };
    if let Err(no) = storage.ask("keeping a note", || storage.inbox.note(&call)).await? {
        tracing::warn!(request = request_id(bot, update_id), "a note was not kept: {no:?}");
    }
    Ok(())
}

/// The id under which everything about an update is logged, and from which the request ids of its effects are made.
pub(crate) fn request_id(bot: i64, update: i64) -> String {
    format!("tg:{bot}:{update}")
}

/// The message that an update is; none when it is another kind of update.
fn message(entry: &Entry) -> Option<Message> {
    let message = entry.payload.get("message")?;
    // Through text, because teloxide's `Update` reads keys only where they are borrowed from one, and what holds for one of
    // its types today may hold for another one tomorrow.
    match serde_json::from_str(&message.to_string()) {
        Ok(message) => Some(message),
        Err(error) => {
            tracing::warn!(update = entry.id, "a message is not understood; it is passed over: {error}");
            None
        }
    }
}

fn applied(entry: &Entry) -> Option<Outcome> {
    let outcome = entry.outcome.as_ref().filter(|_| entry.state == State::Applied)?;
    Outcome::deserialize(outcome).inspect_err(|error| tracing::error!(update = entry.id, "its outcome: {error}")).ok()
}

fn user_id(user: &User) -> Option<i64> {
    i64::try_from(user.id.0).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use serde_json::json;

    use super::*;

    fn entry(payload: serde_json::Value) -> Entry {
        Entry { id: 7, payload, state: State::Received, outcome: None, note: Some(json!({"attempts": 3, "new": true})) }
    }

    #[test]
    fn a_message_is_read_from_an_update_that_was_kept() {
        let payload = json!({
            "update_id": 7,
            "message": {
                "message_id": 1, "date": 1_795_176_431,
                "chat": {"id": 1001, "type": "private", "first_name": "Anna"},
                "from": {"id": 1001, "is_bot": false, "first_name": "Anna", "language_code": "ru"},
                "document": {"file_id": "f", "file_unique_id": "u", "file_name": "fees.yml", "file_size": 12},
            },
        });
        let message = message(&entry(payload)).unwrap();
        assert_eq!(message.document().unwrap().file_name.as_deref(), Some("fees.yml"));
        assert_eq!(user_id(message.from.as_ref().unwrap()), Some(1001));
    }

    #[test]
    fn what_is_no_message_is_passed_over() {
        for payload in [json!({"update_id": 7, "poll": {}}), json!({"update_id": 7, "message": {"odd": 1}}), json!("?")]
        {
            assert!(message(&entry(payload)).is_none());
        }
    }

    #[test]
    fn the_stored_form_of_a_note_stays_readable() {
        assert_eq!(Note::of(&entry(json!({}))), Note { attempts: 3, progress: None });
        assert_eq!(serde_json::to_value(Note { attempts: 0, progress: Some(5) }).unwrap(), json!({"progress": 5}));
    }
}
