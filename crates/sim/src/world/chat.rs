//! Chats and the messages in them, with everything that a message was before.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::control::{Author, FormattedText, Markup, MessageView, Millis, Reaction, Revision, RoomKind, Service};
use crate::world::files::{FileKey, Files};
use crate::world::room::Room;

/// Names a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChatKey {
    /// The chat of one bot with one person.
    Private { bot: i64, user: i64 },
    /// A group, supergroup or channel by its id, which is negative.
    Shared(i64),
}

impl ChatKey {
    /// The id by which bots call it.
    pub(crate) fn id(self) -> i64 {
        match self {
            Self::Private { user, .. } => user,
            Self::Shared(id) => id,
        }
    }

    /// The bot whose private chat it is.
    pub(crate) fn private_bot(self) -> Option<i64> {
        match self {
            Self::Private { bot, .. } => Some(bot),
            Self::Shared(_) => None,
        }
    }
}

/// What only some chats have.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Private {
        /// The person has said something; before that the bot cannot find the chat.
        open: bool,
        /// The person has blocked the bot.
        blocked: bool,
    },
    Group(Room),
    Supergroup(Room),
    Channel(Room),
}

/// A chat.
#[derive(Debug, Clone)]
pub(crate) struct Chat {
    pub(crate) kind: Kind,
    /// What callback queries name the chat.
    pub(crate) instance: String,
    /// What each bot says it is doing, and until when that is shown.
    pub(crate) actions: BTreeMap<i64, (String, Millis)>,
    pub(crate) messages: BTreeMap<i64, Message>,
}

impl Chat {
    /// A chat without messages.
    pub(crate) fn new(kind: Kind, instance: u64) -> Self {
        let instance = instance.cast_signed().to_string();
        Self { kind, instance, actions: BTreeMap::new(), messages: BTreeMap::new() }
    }

    /// Whether a private chat's person has talked to the bot.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.kind, Kind::Private { open: true, .. })
    }

    /// Whether a private chat's person has blocked the bot.
    pub(crate) fn is_blocked(&self) -> bool {
        matches!(self.kind, Kind::Private { blocked: true, .. })
    }

    /// What kind of shared chat this is.
    pub(crate) fn room_kind(&self) -> Option<RoomKind> {
        match self.kind {
            Kind::Private { .. } => None,
            Kind::Group(_) => Some(RoomKind::Group),
            Kind::Supergroup(_) => Some(RoomKind::Supergroup),
            Kind::Channel(_) => Some(RoomKind::Channel),
        }
    }

    /// A shared chat's title, members and so on.
    pub(crate) fn room(&self) -> Option<&Room> {
        match &self.kind {
            Kind::Private { .. } => None,
            Kind::Group(room) | Kind::Supergroup(room) | Kind::Channel(room) => Some(room),
        }
    }

    /// The same, to be changed.
    pub(crate) fn room_mut(&mut self) -> Option<&mut Room> {
        match &mut self.kind {
            Kind::Private { .. } => None,
            Kind::Group(room) | Kind::Supergroup(room) | Kind::Channel(room) => Some(room),
        }
    }

    /// A message that has not been deleted.
    pub(crate) fn standing(&self, message_id: i64) -> Option<&Message> {
        self.messages.get(&message_id).filter(|message| !message.deleted)
    }
}

/// Where a forwarded message comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A person or a bot.
    User(i64),
    /// A channel's post.
    Channel {
        /// The channel.
        chat: i64,
        /// The number of the post there.
        message_id: i64,
    },
}

/// What only some messages have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extra {
    /// It was forwarded: from where, and when that was written.
    pub(crate) forwarded: Option<(Origin, Millis)>,
    /// The album that it is part of.
    pub(crate) album: Option<String>,
    /// The part of the answered message that it quotes, as `TextQuote`.
    pub(crate) quote: Option<Value>,
    /// What was asked for as `LinkPreviewOptions`.
    pub(crate) link_preview: Option<Value>,
    /// The photo is covered until it is touched.
    pub(crate) spoiler: bool,
    /// The caption is above the photo.
    pub(crate) caption_above: bool,
    /// Reactions of bots, as `ReactionType`.
    pub(crate) reactions: BTreeMap<i64, Vec<Value>>,
}

/// States of one message that are remembered beside the present one.
const PAST: usize = 100;

/// A message and its past.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: i64,
    pub(crate) author: Author,
    /// The person or bot that wrote it, also if a channel hides that.
    pub(crate) from: i64,
    pub(crate) sent: Millis,
    pub(crate) file: Option<FileKey>,
    pub(crate) reply_to: Option<i64>,
    /// It is a service message.
    pub(crate) service: Option<Service>,
    pub(crate) extra: Extra,
    /// The bot forbade to forward it.
    pub(crate) protected: bool,
    pub(crate) deleted: bool,
    pub(crate) current: Revision,
    pub(crate) past: Vec<Revision>,
}

impl Message {
    /// A new message.
    pub(crate) fn new(id: i64, author: Author, from: i64, text: FormattedText, moment: u64, now: Millis) -> Self {
        Self {
            id,
            author,
            from,
            sent: now,
            file: None,
            reply_to: None,
            service: None,
            extra: Extra::default(),
            protected: false,
            deleted: false,
            current: Revision { moment, at: now, text, markup: None },
            past: Vec::new(),
        }
    }

    /// Replaces text and keyboard.
    pub(crate) fn edit(&mut self, text: FormattedText, markup: Option<Markup>, moment: u64, now: Millis) {
        let edited = Revision { moment, at: now, text, markup };
        if self.past.len() == PAST {
            // The first state stays: it is what was sent.
            self.past.remove(1);
        }
        self.past.push(std::mem::replace(&mut self.current, edited));
    }

    /// Whether this bot wrote it and may change it.
    pub(crate) fn is_of(&self, bot: i64) -> bool {
        self.from == bot && self.service.is_none()
    }

    /// Whether it only tells what happened to the chat.
    pub(crate) fn is_service(&self) -> bool {
        self.service.is_some()
    }

    /// Where it comes from, for those to whom it is forwarded.
    pub(crate) fn origin(&self, chat: ChatKey) -> Origin {
        match self.author {
            Author::Channel => Origin::Channel { chat: chat.id(), message_id: self.id },
            Author::User | Author::Bot => Origin::User(self.from),
        }
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
            from: self.from,
            sent: self.sent,
            text: self.current.text.clone(),
            file: self.file.and_then(|key| files.get(key)).map(super::files::StoredFile::view),
            markup: self.current.markup.clone(),
            reply_to: self.reply_to,
            quote: self.extra.quote.as_ref().and_then(quoted),
            album: self.extra.album.clone(),
            reactions: self.extra.reactions.iter().flat_map(|(from, reactions)| emoji(*from, reactions)).collect(),
            spoiler: self.extra.spoiler,
            caption_above: self.extra.caption_above,
            forwarded_from: self.extra.forwarded.as_ref().map(|(origin, _)| match origin {
                Origin::User(id) | Origin::Channel { chat: id, .. } => *id,
            }),
            service: self.service.clone(),
            deleted: self.deleted,
            history: self.past.iter().chain([&self.current]).cloned().collect(),
        }
    }
}

/// What a `TextQuote` says.
fn quoted(quote: &Value) -> Option<FormattedText> {
    let entities = quote.get("entities").and_then(|entities| serde_json::from_value(entities.clone()).ok());
    Some(FormattedText { text: quote["text"].as_str()?.to_owned(), entities: entities.unwrap_or_default() })
}

/// The emoji among somebody's `ReactionType`s.
fn emoji(from: i64, reactions: &[Value]) -> impl Iterator<Item = Reaction> {
    let emoji = reactions.iter().filter_map(|reaction| reaction["emoji"].as_str());
    emoji.map(move |emoji| Reaction { from, emoji: emoji.to_owned() })
}
