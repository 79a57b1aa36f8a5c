//! What people do: talk, send files, press buttons, block.

use bytes::Bytes;
use serde_json::json;
use thiserror::Error;

use crate::api::objects;
use crate::control::{Author, Button, Event, FormattedText, Markup, Millis, NewUser, Press, Pressed, Sent, UserView};
use crate::world::chat::{Chat, Message};
use crate::world::queue::{MESSAGE_LIFETIME, QUERY_LIFETIME};
use crate::world::text;
use crate::world::{ChatKey, Query, World, files};

/// Longest message, in characters.
pub(crate) const TEXT_LENGTH: usize = 4096;
/// Longest text below a file, in characters.
pub(crate) const CAPTION_LENGTH: usize = 1024;
/// Ids of people and chats have up to 52 bits.
const LARGEST_ID: i64 = 1 << 52;

/// Why a person cannot do this.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PeopleError {
    /// There is no such person.
    #[error("there is no user {0}; create it with POST /control/users")]
    NoUser(i64),
    /// There is no such bot.
    #[error("there is no bot {0}")]
    NoBot(i64),
    /// There are no bots.
    #[error("there is no bot at all; start natrium-sim with --bot TOKEN or POST /control/bots")]
    NoBots,
    /// The id cannot be a person's.
    #[error("{0} cannot be a user's id: it must be positive, have up to 52 bits and not be a bot's")]
    BadId(i64),
    /// The first name is missing.
    #[error("a first name is needed")]
    NoName,
    /// The person has blocked the bot.
    #[error("user {0} has blocked the bot")]
    Blocked(i64),
    /// There is no text.
    #[error("a message needs text")]
    NoText,
    /// The text is too long.
    #[error("the text has {length} characters, more than {most}; Telegram's apps would not send it")]
    TooLong {
        /// Characters that it has.
        length: usize,
        /// Characters that it may have.
        most: usize,
    },
    /// The file is empty.
    #[error("the file is empty; Telegram's apps would not send it")]
    EmptyFile,
    /// The file is not a picture.
    #[error("this is neither a PNG nor a JPEG picture")]
    NotAPicture,
    /// There is no such message.
    #[error("there is no message {0} in this chat")]
    NoMessage(i64),
    /// The message is somebody else's.
    #[error("message {0} is not this person's")]
    NotTheirs(i64),
    /// There is no such button.
    #[error("no message in this chat has a button {0}")]
    NoButton(String),
    /// The button cannot be pressed.
    #[error("the button {0} has no callback data")]
    NoData(String),
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
        };
        self.users.insert(user.id, view.clone());
        self.events.push(Event::User { user: view.clone() });
        let bots: Vec<i64> = self.bots.keys().copied().collect();
        for bot in bots {
            let key = ChatKey { bot, chat: user.id };
            self.chat(key).open |= user.started;
            self.tell_chat(key);
        }
        Ok(view)
    }

    /// The chat, made if it was not there.
    fn chat(&mut self, key: ChatKey) -> &mut Chat {
        let instance = self.next_random();
        self.chats.entry(key).or_insert_with(|| Chat {
            open: false,
            blocked: false,
            instance: instance.cast_signed().to_string(),
            action: None,
            messages: std::collections::BTreeMap::new(),
        })
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
        Ok(ChatKey { bot, chat: user })
    }

    /// A person says something.
    pub(crate) fn say(
        &mut self,
        key: ChatKey,
        text: &str,
        reply_to: Option<i64>,
        now: Millis,
    ) -> Result<Sent, PeopleError> {
        let text = person_text(text, TEXT_LENGTH)?;
        if text.text.is_empty() {
            return Err(PeopleError::NoText);
        }
        self.send(key, text, reply_to, None, now)
    }

    /// A person sends a document.
    pub(crate) fn send_document(
        &mut self,
        key: ChatKey,
        name: String,
        mime: Option<String>,
        bytes: Bytes,
        caption: &str,
        now: Millis,
    ) -> Result<Sent, PeopleError> {
        if bytes.is_empty() {
            return Err(PeopleError::EmptyFile);
        }
        let caption = person_text(caption, CAPTION_LENGTH)?;
        let file = self.files.add(name, mime, bytes, None);
        self.send(key, caption, None, Some(file), now)
    }

    /// A person sends a photo: the bot gets sizes without a name.
    pub(crate) fn send_photo(
        &mut self,
        key: ChatKey,
        bytes: Bytes,
        caption: &str,
        now: Millis,
    ) -> Result<Sent, PeopleError> {
        let size = files::picture_size(&bytes).ok_or(PeopleError::NotAPicture)?;
        let caption = person_text(caption, CAPTION_LENGTH)?;
        let file = self.files.add("photo.jpg".to_owned(), None, bytes, Some(size));
        self.send(key, caption, None, Some(file), now)
    }

    fn send(
        &mut self,
        key: ChatKey,
        text: FormattedText,
        reply_to: Option<i64>,
        file: Option<files::FileKey>,
        now: Millis,
    ) -> Result<Sent, PeopleError> {
        let chat = self.chat(key);
        if chat.blocked {
            return Err(PeopleError::Blocked(key.chat));
        }
        if let Some(reply_to) = reply_to.filter(|id| chat.messages.get(id).is_none_or(|message| message.deleted)) {
            return Err(PeopleError::NoMessage(reply_to));
        }
        let was_open = std::mem::replace(&mut chat.open, true);
        let moment = self.next_moment();
        let message_id = self.bots.get_mut(&key.bot).ok_or(PeopleError::NoBot(key.bot))?.next_message_id();
        let mut message = Message::new(message_id, Author::User, text, moment, now);
        message.reply_to = reply_to;
        message.file = file;
        self.chat(key).messages.insert(message_id, message);
        if !was_open {
            self.tell_chat(key);
        }
        self.tell_message(key, message_id);
        let body = objects::message(self, key, message_id);
        self.push_update(key.bot, "message", body, now + MESSAGE_LIFETIME, now);
        self.tell_bot(key.bot);
        Ok(Sent { message_id, moment })
    }

    /// A person changes what they said.
    pub(crate) fn edit_own(
        &mut self,
        key: ChatKey,
        message_id: i64,
        text: &str,
        now: Millis,
    ) -> Result<Sent, PeopleError> {
        let text = person_text(text, TEXT_LENGTH)?;
        let moment = self.next_moment();
        let chat = self.chat(key);
        let message = chat.messages.get_mut(&message_id).filter(|message| !message.deleted);
        let message = message.ok_or(PeopleError::NoMessage(message_id))?;
        if message.author != Author::User {
            return Err(PeopleError::NotTheirs(message_id));
        }
        if text.text.is_empty() && message.file.is_none() {
            return Err(PeopleError::NoText);
        }
        message.edit(text, None, moment, now);
        self.tell_message(key, message_id);
        let body = objects::message(self, key, message_id);
        self.push_update(key.bot, "edited_message", body, now + MESSAGE_LIFETIME, now);
        self.tell_bot(key.bot);
        Ok(Sent { message_id, moment })
    }

    /// A person presses a button of an inline keyboard.
    pub(crate) fn press(&mut self, key: ChatKey, press: &Press, now: Millis) -> Result<Pressed, PeopleError> {
        if self.chat(key).blocked {
            return Err(PeopleError::Blocked(key.chat));
        }
        let (message_id, button) = self.find_button(key, press)?;
        let data = button.callback_data.ok_or(PeopleError::NoData(button.text))?;
        let query_id = (self.next_random() >> 1).to_string();
        let expires = now + QUERY_LIFETIME;
        let query = Query { bot: key.bot, chat: key.chat, message_id, data: data.clone(), expires, answer: None };
        self.queries.insert(query_id.clone(), query);
        let moment = self.next_moment();
        let body = json!({
            "id": query_id,
            "from": self.users.get(&key.chat).map(objects::user),
            "message": objects::message(self, key, message_id),
            "chat_instance": self.chat(key).instance,
            "data": data,
        });
        self.push_update(key.bot, "callback_query", body, expires, now);
        self.tell_query(&query_id);
        self.tell_bot(key.bot);
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
        let was_blocked = std::mem::replace(&mut self.chat(key).blocked, blocked);
        if was_blocked == blocked {
            return;
        }
        self.next_moment();
        let body = objects::membership(self, key, blocked, now);
        self.push_update(key.bot, "my_chat_member", body, now + MESSAGE_LIFETIME, now);
        self.tell_chat(key);
        self.tell_bot(key.bot);
    }
}

fn person_text(text: &str, most: usize) -> Result<FormattedText, PeopleError> {
    let text = text::plain(text);
    let length = text.text.chars().count();
    if length > most { Err(PeopleError::TooLong { length, most }) } else { Ok(text) }
}
