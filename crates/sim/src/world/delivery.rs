//! Which bots hear of a message, and what it is to them.

use crate::api::objects;
use crate::control::{Author, EntityKind, FormattedText, MemberStatus, Millis, RoomKind};
use crate::world::chat::{Chat, ChatKey, Message};
use crate::world::queue::MESSAGE_LIFETIME;
use crate::world::{Bot, World};

/// What happened to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    Sent,
    Edited,
}

impl World {
    /// Tells the bots of a chat about a message that is new or edited.
    pub(crate) fn deliver(&mut self, key: ChatKey, message_id: i64, news: News, now: Millis) {
        let Some(chat) = self.chats.get(&key) else { return };
        let Some(message) = chat.messages.get(&message_id) else { return };
        let kind = match (chat.room_kind(), news) {
            (Some(RoomKind::Channel), News::Sent) => "channel_post",
            (Some(RoomKind::Channel), News::Edited) => "edited_channel_post",
            (_, News::Sent) => "message",
            (_, News::Edited) => "edited_message",
        };
        for bot in self.hearers(key, chat, message) {
            let body = objects::message(self, bot, key, message_id);
            self.push_update(bot, kind, &body, now + MESSAGE_LIFETIME, now);
            self.tell_bot(bot);
        }
    }

    fn hearers(&self, key: ChatKey, chat: &Chat, message: &Message) -> Vec<i64> {
        if let Some(bot) = key.private_bot() {
            return if message.from == bot { Vec::new() } else { vec![bot] };
        }
        let Some(room) = chat.room() else { return Vec::new() };
        let there = room.present().filter_map(|id| self.bots.get(&id));
        there.filter(|bot| hears(chat, message, bot, room.status(bot.id))).map(|bot| bot.id).collect()
    }
}

/// Whether a bot that is in a shared chat hears of a message there.
fn hears(chat: &Chat, message: &Message, bot: &Bot, status: MemberStatus) -> bool {
    if chat.room_kind() == Some(RoomKind::Channel) {
        // A bot hears of nothing that it says, but of a new title and a pinned message although it was the bot that did it.
        return status.is_administrator() && (message.from != bot.id || message.service.is_some());
    }
    if message.service.is_some() {
        return true;
    }
    // Bots never see what bots say.
    if message.author == Author::Bot {
        return false;
    }
    let answered = message.reply_to.and_then(|id| chat.messages.get(&id));
    status.is_administrator()
        || bot.reads_all
        || answered.is_some_and(|answered| answered.from == bot.id)
        || mentions(&message.current.text, &bot.username)
        || command(&message.current.text).is_some_and(|to| is_meant(chat, message.id, bot, to))
}

/// Whether a command is for this bot: addressed to it, or to nobody and no other bot spoke last.
fn is_meant(chat: &Chat, before: i64, bot: &Bot, to: Option<&str>) -> bool {
    if let Some(name) = to {
        return name.eq_ignore_ascii_case(&bot.username);
    }
    let spoken = chat.messages.range(..before).rev().map(|(_, message)| message);
    let last = spoken.into_iter().find(|message| message.author == Author::Bot);
    last.is_none_or(|message| message.from == bot.id)
}

/// The bot that a text which starts with a command names after the `@`; nothing if it is no command.
fn command(text: &FormattedText) -> Option<Option<&str>> {
    let entity = text.entities.iter().find(|entity| entity.offset == 0 && entity.kind == EntityKind::BotCommand)?;
    // A command is ASCII: as many bytes as UTF-16 units.
    let command = text.text.get(..entity.length)?;
    Some(command.split_once('@').map(|(_, name)| name))
}

fn mentions(text: &FormattedText, username: &str) -> bool {
    let mut mentions = text.entities.iter().filter(|entity| entity.kind == EntityKind::Mention);
    mentions.any(|entity| {
        let mention = slice(&text.text, entity.offset, entity.length);
        mention.strip_prefix('@').is_some_and(|name| name.eq_ignore_ascii_case(username))
    })
}

/// A stretch of a text given in UTF-16 code units.
fn slice(text: &str, offset: usize, length: usize) -> &str {
    let bytes = |units: usize| {
        let mut passed = 0;
        let at = text.char_indices().find(|(_, character)| {
            passed += character.len_utf16();
            passed > units
        });
        at.map_or(text.len(), |(at, _)| at)
    };
    &text[bytes(offset)..bytes(offset + length)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_cut_by_utf16_units() {
        assert_eq!(slice("😀 @bot x", 3, 4), "@bot");
        assert_eq!(slice("я😀", 1, 2), "😀");
        assert_eq!(slice("abc", 1, 9), "bc");
    }

    #[test]
    fn a_command_may_name_its_bot() {
        let named = |text: &str| {
            let text = crate::world::text::plain(text);
            command(&text).map(|to| to.map(str::to_owned))
        };
        assert_eq!(named("/start now"), Some(None));
        assert_eq!(named("/start@a_bot now"), Some(Some("a_bot".to_owned())));
        assert_eq!(named("say /start"), None, "only at the beginning");
        assert!(mentions(&crate::world::text::plain("😀 ask @A_Bot!"), "a_bot"));
        assert!(!mentions(&crate::world::text::plain("ask @a_bots"), "a_bot"));
    }
}
