//! Chats and the messages in them, with everything that a message was before.

use std::collections::BTreeMap;

use crate::control::{Author, FormattedText, Markup, MessageView, Millis, Revision};
use crate::world::files::{FileKey, Files};

/// A private chat between a bot and a person.
#[derive(Debug, Clone)]
pub(crate) struct Chat {
    /// The person has said something; before that the bot cannot find the chat.
    pub(crate) open: bool,
    /// The person has blocked the bot.
    pub(crate) blocked: bool,
    /// What callback queries name the chat.
    pub(crate) instance: String,
    /// What the bot says it is doing, and until when that is shown.
    pub(crate) action: Option<(String, Millis)>,
    pub(crate) messages: BTreeMap<i64, Message>,
}

/// A message and its past.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: i64,
    pub(crate) author: Author,
    pub(crate) sent: Millis,
    pub(crate) file: Option<FileKey>,
    pub(crate) reply_to: Option<i64>,
    /// The bot forbade to forward it.
    pub(crate) protected: bool,
    pub(crate) deleted: bool,
    pub(crate) current: Revision,
    pub(crate) past: Vec<Revision>,
}

impl Message {
    /// A new message.
    pub(crate) fn new(id: i64, author: Author, text: FormattedText, moment: u64, now: Millis) -> Self {
        Self {
            id,
            author,
            sent: now,
            file: None,
            reply_to: None,
            protected: false,
            deleted: false,
            current: Revision { moment, at: now, text, markup: None },
            past: Vec::new(),
        }
    }

    /// Replaces text and keyboard.
    pub(crate) fn edit(&mut self, text: FormattedText, markup: Option<Markup>, moment: u64, now: Millis) {
        let edited = Revision { moment, at: now, text, markup };
        self.past.push(std::mem::replace(&mut self.current, edited));
    }

    /// When it was last edited.
    pub(crate) fn edited(&self) -> Option<Millis> {
        (!self.past.is_empty()).then_some(self.current.at)
    }

    /// As people see it.
    pub(crate) fn view(&self, files: &Files) -> MessageView {
        MessageView {
            message_id: self.id,
            author: self.author,
            sent: self.sent,
            text: self.current.text.clone(),
            file: self.file.and_then(|key| files.get(key)).map(super::files::StoredFile::view),
            markup: self.current.markup.clone(),
            reply_to: self.reply_to,
            deleted: self.deleted,
            history: self.past.iter().chain([&self.current]).cloned().collect(),
        }
    }
}
