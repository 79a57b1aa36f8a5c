//! Which chat a call means, and whether the bot may read and write there.
//!
//! Follows telegram-bot-api's `check_chat_access`; who may send what, TDLib's `can_send_message` and `can_send_message_content`.

use super::parameters::leading_number;
use super::{ApiCall, ApiError, Parameters};
use crate::control::{MemberStatus, RoomKind};
use crate::world::World;
use crate::world::chat::{Chat, ChatKey};
use crate::world::room::Room;

/// What the bot wants in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// To see it; a public one may be seen from outside, and a group from which the bot is gone.
    Read,
    /// To see who is there; of a group only from inside.
    Members,
    /// To write, edit or delete.
    Write,
}

/// What a message is made of, for which there are separate rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Text,
    Photo,
    Document,
}

/// The chat that `chat_id` names, if there is one that the bot knows of.
pub(super) fn known_chat(world: &World, call: &ApiCall<'_>) -> Result<ChatKey, ApiError> {
    let chat_id = call.parameters.text(call.chat).trim();
    if chat_id.is_empty() {
        return Err(ApiError::bad_request("chat_id is empty"));
    }
    named_chat(world, call.bot, chat_id)
}

/// The id of the chat that a call is about, whoever knows it; nothing if it names none.
pub(crate) fn meant(world: &World, parameters: &Parameters) -> Option<i64> {
    let named = parameters.text("chat_id").trim();
    match named.strip_prefix('@') {
        Some(username) => world.room_named(username).map(|key| key.id()),
        None if named.is_empty() => None,
        None => Some(leading_number(named)),
    }
}

/// The chat of this id or `@username`, if the bot knows it.
pub(super) fn named_chat(world: &World, bot: i64, chat_id: &str) -> Result<ChatKey, ApiError> {
    let not_found = || ApiError::bad_request("chat not found");
    if let Some(username) = chat_id.strip_prefix('@') {
        return world.room_named(username).ok_or_else(not_found);
    }
    let id = leading_number(chat_id);
    if id < 0 {
        let key = ChatKey::Shared(id);
        let room = world.chats.get(&key).and_then(Chat::room);
        let known = room.is_some_and(|room| room.username.is_some() || room.members.contains_key(&bot));
        return if known { Ok(key) } else { Err(not_found()) };
    }
    if world.bots.contains_key(&id) {
        return Err(ApiError::forbidden("bot can't send messages to bots"));
    }
    let key = ChatKey::Private { bot, user: id };
    let is_open = world.chats.get(&key).is_some_and(Chat::is_open);
    if is_open || has_met(world, bot, id) { Ok(key) } else { Err(not_found()) }
}

/// Whether the bot knows a person from a chat that both are in.
fn has_met(world: &World, bot: i64, user: i64) -> bool {
    world.users.contains_key(&user)
        && world.chats.values().filter_map(Chat::room).any(|room| room.has(bot) && room.has(user))
}

/// Whether the bot may do this in a chat that it knows.
pub(super) fn check_access(world: &World, bot: i64, key: ChatKey, access: Access) -> Result<(), ApiError> {
    let Some(chat) = world.chats.get(&key) else { return Err(ApiError::bad_request("chat not found")) };
    if let ChatKey::Private { user, .. } = key
        && access == Access::Write
    {
        if world.is_deactivated(user) {
            return Err(ApiError::forbidden("user is deactivated"));
        }
        if chat.is_blocked() {
            return Err(ApiError::forbidden("bot was blocked by the user"));
        }
        if !chat.is_open() {
            return Err(ApiError::forbidden("bot can't initiate conversation with a user"));
        }
    }
    match (chat.room(), chat.room_kind()) {
        (Some(room), Some(kind)) => check_room_access(room, kind, bot, access),
        _ => Ok(()),
    }
}

fn check_room_access(room: &Room, kind: RoomKind, bot: i64, access: Access) -> Result<(), ApiError> {
    let name = match kind {
        RoomKind::Group => "group",
        RoomKind::Supergroup => "supergroup",
        RoomKind::Channel => "channel",
    };
    if let Some(chat) = room.migrated_to
        && access != Access::Read
    {
        return Err(ApiError::migrated(chat));
    }
    let status = room.status(bot);
    if kind == RoomKind::Group && (access == Access::Read || room.migrated_to.is_some()) {
        return Ok(());
    }
    if status == MemberStatus::Kicked {
        return Err(ApiError::forbidden(&format!("bot was kicked from the {name} chat")));
    }
    let from_outside = room.username.is_some() && access != Access::Write;
    if !status.is_there() && !from_outside {
        return Err(ApiError::forbidden(&format!("bot is not a member of the {name} chat")));
    }
    Ok(())
}

/// The chat that `chat_id` names, if the bot is in there and not shut out.
pub(super) fn open_chat(world: &World, call: &ApiCall<'_>) -> Result<ChatKey, ApiError> {
    let key = known_chat(world, call)?;
    check_access(world, call.bot, key, Access::Write)?;
    Ok(key)
}

/// The chat that `chat_id` names, if the bot may send this there.
pub(super) fn writable_chat(world: &World, call: &ApiCall<'_>, content: Content) -> Result<ChatKey, ApiError> {
    let key = open_chat(world, call)?;
    check_rights(world, call.bot, key, content)?;
    Ok(key)
}

/// Whether a bot that is in a chat may send this there.
pub(super) fn check_rights(world: &World, bot: i64, key: ChatKey, content: Content) -> Result<(), ApiError> {
    let Some(chat) = world.chats.get(&key) else { return Ok(()) };
    let (Some(room), Some(kind)) = (chat.room(), chat.room_kind()) else { return Ok(()) };
    if room.may_write(bot, kind) {
        return Ok(());
    }
    Err(ApiError::bad_request(match (kind, content) {
        (RoomKind::Channel, _) => "need administrator rights in the channel chat",
        (_, Content::Text) => "not enough rights to send text messages to the chat",
        (_, Content::Photo) => "not enough rights to send photos to the chat",
        (_, Content::Document) => "not enough rights to send documents to the chat",
    }))
}
