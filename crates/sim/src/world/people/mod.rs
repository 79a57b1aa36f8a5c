//! What people do: talk, send files, press buttons, block.

mod error;

use bytes::Bytes;
use serde_json::json;

pub use error::PeopleError;

use crate::api::{members, objects};
use crate::control::{
    Author, Button, Event, FormattedText, Markup, Millis, NewUser, Press, Pressed, RoomCommand, Sent, UserView,
};
use crate::world::chat::{Chat, Kind, Message};
use crate::world::delivery::News;
use crate::world::files::NewFile;
use crate::world::queries::Query;
use crate::world::queue::{MESSAGE_LIFETIME, QUERY_LIFETIME};
use crate::world::room::Room;
use crate::world::text;
use crate::world::{ChatKey, World, files};

/// Longest message, in characters.
pub(crate) const TEXT_LENGTH: usize = 4096;
/// Longest text below a file, in characters.
pub(crate) const CAPTION_LENGTH: usize = 1024;
/// Ids of people and chats have up to 52 bits.
const LARGEST_ID: i64 = 1 << 52;

/// A document that a person sends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Document {
    pub(crate) name: String,
    /// Guessed from the name if absent.
    pub(crate) mime: Option<String>,
    pub(crate) bytes: Bytes,
    pub(crate) caption: String,
}

impl World {
    /// Creates a person or changes one. With `started` all bots may write first.
    pub(crate) fn put_user(&mut self, user: NewUser) -> Result<UserView, PeopleError> {
        if !(1..LARGEST_ID).contains(&user.id) || self.bots.contains_key(&user.id) {
            return Err(PeopleError::BadId(user.id));
        }
        if user.first_name.trim().is_empty() {
            return Err(PeopleError::NoName);
        }
        let view = UserView {
            id: user.id,
            first_name: user.first_name,
            last_name: user.last_name,
            username: user.username,
            language_code: user.language_code,
            note: user.note,
            deactivated: self.is_deactivated(user.id),
        };
        self.users.insert(user.id, view.clone());
        self.events.push(Event::User { user: view.clone() });
        let bots: Vec<i64> = self.bots.keys().copied().collect();
        for bot in bots {
            let key = ChatKey::Private { bot, user: user.id };
            self.chat(key);
            if user.started {
                self.open(key);
            }
            self.tell_chat(key);
        }
        Ok(view)
    }

    /// The chat; a private one is made if it was not there.
    fn chat(&mut self, key: ChatKey) -> &mut Chat {
        let instance = self.next_random();
        self.chats.entry(key).or_insert_with(|| Chat::new(Kind::Private { open: false, blocked: false }, instance))
    }

    /// Lets the bot of a private chat write there. Says whether it could not before.
    fn open(&mut self, key: ChatKey) -> bool {
        match &mut self.chat(key).kind {
            Kind::Private { open, .. } => !std::mem::replace(open, true),
            _ => false,
        }
    }

    /// A shared chat in which this person, or bot, is known.
    pub(crate) fn shared_chat(&self, chat: i64, from: i64) -> Result<ChatKey, PeopleError> {
        let key = ChatKey::Shared(chat);
        self.room(key)?;
        if !self.users.contains_key(&from) {
            return Err(PeopleError::NoUser(from));
        }
        Ok(key)
    }

    /// The menus of the bots in a shared chat, as a person is offered them there.
    pub(crate) fn room_commands(&self, chat: i64, user: i64) -> Result<Vec<RoomCommand>, PeopleError> {
        let room = self.room(self.shared_chat(chat, user)?)?;
        let language = self.users.get(&user).and_then(|user| user.language_code.as_deref()).unwrap_or_default();
        let is_administrator = room.status(user).is_administrator();
        let bots = room.present().filter_map(|id| self.bots.get(&id));
        let offered = bots.flat_map(|bot| {
            let menu = bot.menus.shown_in(chat, user, is_administrator, language);
            menu.iter().map(|command| RoomCommand { bot: bot.username.clone(), command: command.clone() })
        });
        Ok(offered.collect())
    }

    /// What a shared chat is beside its messages.
    pub(crate) fn room(&self, key: ChatKey) -> Result<&Room, PeopleError> {
        self.chats.get(&key).and_then(Chat::room).ok_or(PeopleError::NoChat(key.id()))
    }

    /// A person's account is deleted, for good.
    pub(crate) fn deactivate(&mut self, user: i64) -> Result<(), PeopleError> {
        let account = self.users.get_mut(&user).ok_or(PeopleError::NoUser(user))?;
        account.deactivated = true;
        let user = account.clone();
        self.events.push(Event::User { user });
        Ok(())
    }

    /// Whether a person has deleted their account.
    pub(crate) fn is_deactivated(&self, user: i64) -> bool {
        self.users.get(&user).is_some_and(|user| user.deactivated)
    }

    /// Whether a person may act in a chat: in a private one unless the bot is blocked, in a shared one as a member.
    fn check_presence(&mut self, key: ChatKey, person: i64) -> Result<(), PeopleError> {
        if self.is_deactivated(person) {
            return Err(PeopleError::Deactivated(person));
        }
        let chat = self.chat(key);
        match chat.room() {
            None if chat.is_blocked() => Err(PeopleError::Blocked(person)),
            Some(room) if room.migrated_to.is_some() => Err(PeopleError::Migrated(room.migrated_to.unwrap_or(0))),
            Some(room) if !room.has(person) => Err(PeopleError::NotThere(person)),
            _ => Ok(()),
        }
    }

    /// Whether a person may write in a chat, and as whom.
    fn check_writing(&mut self, key: ChatKey, person: i64) -> Result<Author, PeopleError> {
        self.check_presence(key, person)?;
        let chat = self.chat(key);
        if let (Some(room), Some(kind)) = (chat.room(), chat.room_kind())
            && !room.may_write(person, kind)
        {
            return Err(PeopleError::MayNotWrite(person));
        }
        Ok(if matches!(chat.kind, Kind::Channel(_)) { Author::Channel } else { Author::User })
    }

    /// The chat between a person and a bot (the first one if none is named).
    pub(crate) fn chat_key(&self, user: i64, bot: Option<i64>) -> Result<ChatKey, PeopleError> {
        if !self.users.contains_key(&user) {
            return Err(PeopleError::NoUser(user));
        }
        let bot = bot.or_else(|| self.default_bot()).ok_or(PeopleError::NoBots)?;
        if !self.bots.contains_key(&bot) {
            return Err(PeopleError::NoBot(bot));
        }
        Ok(ChatKey::Private { bot, user })
    }

    /// A person says something.
    pub(crate) fn say(
        &mut self,
        key: ChatKey,
        from: i64,
        text: &str,
        reply_to: Option<i64>,
        now: Millis,
    ) -> Result<Sent, PeopleError> {
        let text = person_text(text, TEXT_LENGTH)?;
        if text.text.is_empty() {
            return Err(PeopleError::NoText);
        }
        self.send(key, from, text, (reply_to, None), now)
    }

    /// A person sends a document.
    pub(crate) fn send_document(
        &mut self,
        key: ChatKey,
        from: i64,
        document: Document,
        now: Millis,
    ) -> Result<Sent, PeopleError> {
        if document.bytes.is_empty() {
            return Err(PeopleError::EmptyFile);
        }
        let caption = person_text(&document.caption, CAPTION_LENGTH)?;
        let file = NewFile::document(document.name, document.mime, document.bytes);
        self.send(key, from, caption, (None, Some(file)), now)
    }

    /// A person sends a photo: the bot gets sizes without a name.
    pub(crate) fn send_photo(
        &mut self,
        key: ChatKey,
        from: i64,
        bytes: Bytes,
        caption: &str,
        now: Millis,
    ) -> Result<Sent, PeopleError> {
        let size = files::picture_size(&bytes).ok_or(PeopleError::NotAPicture)?;
        let caption = person_text(caption, CAPTION_LENGTH)?;
        let file = NewFile::photo(bytes, size);
        self.send(key, from, caption, (None, Some(file)), now)
    }

    fn send(
        &mut self,
        key: ChatKey,
        from: i64,
        text: FormattedText,
        (reply_to, file): (Option<i64>, Option<NewFile>),
        now: Millis,
    ) -> Result<Sent, PeopleError> {
        let author = self.check_writing(key, from)?;
        if let Some(reply_to) = reply_to.filter(|id| self.chat(key).standing(*id).is_none()) {
            return Err(PeopleError::NoMessage(reply_to));
        }
        if file.as_ref().is_some_and(|file| !self.files.has_room(file.takes())) {
            return Err(PeopleError::NoRoom);
        }
        if self.open(key) {
            self.tell_chat(key);
        }
        let moment = self.next_moment();
        let message_id = self.next_message_id(key);
        let mut message = Message::new(message_id, author, from, text, moment, now);
        message.reply_to = reply_to;
        message.file = file.map(|file| self.files.add(file));
        self.put_message(key, message);
        self.deliver(key, message_id, News::Sent, now);
        Ok(Sent { message_id, moment })
    }

    /// A person changes what they said.
    pub(crate) fn edit_own(
        &mut self,
        key: ChatKey,
        from: i64,
        message_id: i64,
        text: &str,
        now: Millis,
    ) -> Result<Sent, PeopleError> {
        let text = person_text(text, TEXT_LENGTH)?;
        if matches!(key, ChatKey::Shared(_)) {
            self.check_writing(key, from)?;
        }
        let moment = self.next_moment();
        let chat = self.chat(key);
        let message = chat.messages.get_mut(&message_id).filter(|message| !message.deleted);
        let message = message.ok_or(PeopleError::NoMessage(message_id))?;
        // In a channel every administrator may edit.
        if (message.author != Author::Channel && message.from != from) || message.service.is_some() {
            return Err(PeopleError::NotTheirs(message_id));
        }
        if text.text.is_empty() && message.file.is_none() {
            return Err(PeopleError::NoText);
        }
        message.edit(text, None, moment, now);
        self.tell_message(key, message_id);
        self.deliver(key, message_id, News::Edited, now);
        Ok(Sent { message_id, moment })
    }

    /// A person presses a button of an inline keyboard.
    ///
    /// The bot that put it there is told, unless it is gone.
    pub(crate) fn press(
        &mut self,
        key: ChatKey,
        from: i64,
        press: &Press,
        now: Millis,
    ) -> Result<Pressed, PeopleError> {
        self.check_presence(key, from)?;
        let (message_id, button) = self.find_button(key, press)?;
        let data = button.callback_data.ok_or(PeopleError::NoData(button.text))?;
        let query_id = (self.next_random() >> 1).to_string();
        let expires = now + QUERY_LIFETIME;
        let bot = self.chat(key).messages.get(&message_id).map_or(0, |message| message.from);
        let query = Query { bot, chat: key, from, message_id, data: data.clone(), expires, answer: None };
        self.queries.insert(query_id.clone(), query);
        let moment = self.next_moment();
        let body = json!({
            "id": query_id,
            "from": self.users.get(&from).map(objects::user),
            "message": objects::message(self, bot, key, message_id),
            "chat_instance": self.chat(key).instance,
            "data": data,
        });
        if self.chat(key).room().is_none_or(|room| room.has(bot)) {
            self.push_update(bot, "callback_query", &body, expires, now);
        }
        self.tell_query(&query_id);
        self.tell_bot(bot);
        Ok(Pressed { query_id, moment })
    }

    /// The button that is meant, on the latest message that has it.
    fn find_button(&mut self, key: ChatKey, press: &Press) -> Result<(i64, Button), PeopleError> {
        let wanted = |button: &&Button| {
            press.data.as_ref().is_none_or(|data| button.callback_data.as_ref() == Some(data))
                && press.text.as_ref().is_none_or(|text| button.text.contains(text.as_str()))
        };
        let standing = self.chat(key).messages.values().rev().filter(|message| !message.deleted);
        let mut named = standing.filter(|message| press.message_id.is_none_or(|id| id == message.id)).peekable();
        if let (None, Some(id)) = (named.peek(), press.message_id) {
            return Err(PeopleError::NoMessage(id));
        }
        let found = named.find_map(|message| match &message.current.markup {
            Some(Markup::Inline(rows)) => rows.iter().flatten().find(wanted).map(|button| (message.id, button.clone())),
            _ => None,
        });
        let name = press.text.as_ref().or(press.data.as_ref());
        found.ok_or_else(|| PeopleError::NoButton(name.map_or_else(String::new, |name| format!("“{name}”"))))
    }

    /// A person blocks a bot or lets it talk again; the bot is told.
    pub(crate) fn set_blocked(&mut self, key: ChatKey, blocked: bool, now: Millis) {
        let ChatKey::Private { bot, .. } = key else { return };
        let Kind::Private { blocked: is_blocked, .. } = &mut self.chat(key).kind else { return };
        if std::mem::replace(is_blocked, blocked) == blocked {
            return;
        }
        self.next_moment();
        let body = members::blocking(self, key, blocked, now);
        self.push_update(bot, "my_chat_member", &body, now + MESSAGE_LIFETIME, now);
        self.tell_chat(key);
        self.tell_bot(bot);
    }
}

fn person_text(text: &str, most: usize) -> Result<FormattedText, PeopleError> {
    let text = text::plain(text);
    let length = text.text.chars().count();
    if length > most { Err(PeopleError::TooLong { length, most }) } else { Ok(text) }
}
