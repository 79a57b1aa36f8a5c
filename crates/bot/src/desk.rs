//! Where an update becomes a conversation: who wrote, in which language, and whether they are answered at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use interfaces::inbox::Entry;
use serde::de::DeserializeOwned;
use teloxide::types::{CallbackQuery, ChatId, Message, User};
use tokio::sync::mpsc;

use crate::commands::parse::{Parsed, parse};
use crate::commands::press::{self, Press};
use crate::note::{Note, request_id};
use crate::registry::Registry;
use crate::send::{Outgoing, Stopping};
use crate::status::Board;
use crate::storage::Storage;
use crate::strangers::Strangers;
use crate::talk::{Talk, applied};
use crate::texts::{Language, Text, language_of};

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
        if let Some(query) = part::<CallbackQuery>(entry, "callback_query") {
            return self.pressed(entry, &query).await;
        }
        let Some(message) = part::<Message>(entry, "message") else { return Ok(()) };
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
        tracing::debug!(user_id = user, "handling an update");
        if self.menu_is_set(user) {
            // The admin may only now have begun to talk with the bot; before, Telegram had refused to set the menu.
            let _ = self.menu.send(user);
        }
        match applied(entry) {
            Some(outcome) => talk.tell(&message, &outcome).await,
            None => talk.answer(&message).await,
        }
    }

    /// Answers the press of a button. Who has no role any more is refused, whatever the button says.
    async fn pressed(&self, entry: &Entry, query: &CallbackQuery) -> Result<(), Stopping> {
        let Some(user) = user_id(&query.from) else { return Ok(()) };
        let language = language_of(query.from.language_code.as_deref(), self.language);
        let refuse = async |text: Text| {
            let text = press::fitting(&text.say(language));
            self.outgoing.answer(&query.id, Some(&text), true).await
        };
        let Some(admin) = self.admins.get(&user).cloned() else {
            tracing::info!(user_id = user, "somebody who is no admin pressed a button");
            return refuse(Text::stranger(user)).await;
        };
        let Some(press) = Press::of(query) else { return refuse(Text::press_unknown()).await };
        let chat = query.message.as_ref().map(|message| message.chat());
        let Some(chat) = chat.filter(|chat| chat.is_private()) else { return refuse(Text::private_only()).await };
        let talk = Talk { desk: self, update: entry.id, chat: chat.id, user, admin, language, note: Note::of(entry) };
        tracing::debug!(user_id = user, "handling the press of a button");
        match applied(entry) {
            Some(outcome) => press::tell(&talk, &press, &outcome).await,
            None => press::run(&talk, &press).await,
        }
    }

    /// Tells somebody that their update could not be handled because of our own mistake.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn apologise(&self, entry: &Entry) -> Result<(), Stopping> {
        let text = Text::failed_command(request_id(self.bot, entry.id));
        if let Some(query) = part::<CallbackQuery>(entry, "callback_query") {
            if user_id(&query.from).is_none_or(|user| !self.admins.contains_key(&user)) {
                return Ok(());
            }
            let language = language_of(query.from.language_code.as_deref(), self.language);
            return self.outgoing.answer(&query.id, Some(&press::fitting(&text.say(language))), true).await;
        }
        let Some(message) = part::<Message>(entry, "message").filter(|message| message.chat.is_private()) else {
            return Ok(());
        };
        let Some(from) = message.from.as_ref() else { return Ok(()) };
        if user_id(from).is_none_or(|user| !self.admins.contains_key(&user)) {
            return Ok(());
        }
        let language = language_of(from.language_code.as_deref(), self.language);
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
            tracing::info!(user_id = user, "somebody who is no admin was refused");
            self.outgoing.text_once(chat, &Text::stranger(user).say(language)).await;
        }
    }
}

/// The message, or the press, that an update is; none when it is another kind of update.
fn part<T: DeserializeOwned>(entry: &Entry, name: &str) -> Option<T> {
    let part = entry.payload.get(name)?;
    // Through text, because teloxide's `Update` reads keys only where they are borrowed from one, and what holds for one of
    // its types today may hold for another one tomorrow.
    match serde_json::from_str(&part.to_string()) {
        Ok(part) => Some(part),
        Err(error) => {
            tracing::warn!("a {name} is not understood; it is passed over: {error}");
            None
        }
    }
}

fn user_id(user: &User) -> Option<i64> {
    i64::try_from(user.id.0).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use interfaces::inbox::State;
    use serde_json::json;

    use super::*;

    fn entry(payload: serde_json::Value) -> Entry {
        Entry { id: 7, payload, state: State::Received, outcome: None, note: None }
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
        let message = part::<Message>(&entry(payload), "message").unwrap();
        assert_eq!(message.document().unwrap().file_name.as_deref(), Some("fees.yml"));
        assert_eq!(user_id(message.from.as_ref().unwrap()), Some(1001));
    }

    #[test]
    fn what_is_no_message_is_passed_over() {
        for payload in [json!({"update_id": 7, "poll": {}}), json!({"update_id": 7, "message": {"odd": 1}}), json!("?")]
        {
            assert!(part::<Message>(&entry(payload), "message").is_none());
        }
    }
}
