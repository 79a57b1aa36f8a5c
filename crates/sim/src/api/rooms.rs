//! What bots ask about chats and their members, and what administrators do to them.
//!
//! Follows telegram-bot-api's `process_*_query` and TDLib's `DialogManager` and `DialogParticipantManager`, words of errors included.

use serde_json::{Map, Value, json};

use super::chats::{Access, check_access, known_chat};
use super::{ApiCall, ApiError, Reply, members, objects};
use crate::control::{MemberStatus, RoomKind};
use crate::world::chat::{Chat, ChatKey};
use crate::world::membership::Announced;
use crate::world::room::{Member, Room};
use crate::world::{World, membership};

/// Longest title and description, in characters.
const TITLE_LENGTH: usize = 128;
const DESCRIPTION_LENGTH: usize = 255;

/// The chat that `chat_id` names, if the bot may see so much of it.
fn readable(world: &World, call: &ApiCall<'_>, access: Access) -> Result<ChatKey, ApiError> {
    let key = known_chat(world, call)?;
    check_access(world, call.bot, key, access)?;
    Ok(key)
}

/// A shared chat in which the bot is an administrator; the texts are of chats that are private, and of other members.
fn administered<'w>(
    world: &'w World,
    call: &ApiCall<'_>,
    private: &str,
    refusal: &str,
) -> Result<(ChatKey, &'w Room), ApiError> {
    let key = known_chat(world, call)?;
    check_access(world, call.bot, key, Access::Write)?;
    let room = world.chats.get(&key).and_then(Chat::room).ok_or_else(|| ApiError::bad_request(private))?;
    if !room.status(call.bot).is_administrator() {
        return Err(ApiError::bad_request(refusal));
    }
    Ok((key, room))
}

pub(super) fn get_chat(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let key = readable(world, call, Access::Read)?;
    Ok(full_info(world, call.bot, key).into())
}

/// `ChatFullInfo`.
fn full_info(world: &World, bot: i64, key: ChatKey) -> Value {
    let mut info = match objects::chat(world, key) {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    if let Some(username) = info.get("username").cloned() {
        info.insert("active_usernames".into(), json!([username]));
    }
    let chat = world.chats.get(&key);
    let room = chat.and_then(|chat| Some((chat.room()?, chat.room_kind()?)));
    if let Some((room, kind)) = room {
        if let Some(description) = &room.description {
            info.insert("description".into(), description.as_str().into());
        }
        match kind {
            RoomKind::Channel => info.insert("can_send_paid_media".into(), true.into()),
            _ => info.insert("permissions".into(), members::permissions()),
        };
        let pinned = room.pinned.last().and_then(|id| objects::bare_message(world, bot, key, *id));
        if let Some(pinned) = pinned {
            info.insert("pinned_message".into(), Value::Object(pinned));
        }
    }
    info.insert("accent_color_id".into(), (key.id().unsigned_abs() % 7).into());
    info.insert("max_reaction_count".into(), 11.into());
    info.insert("accepted_gift_types".into(), objects::gifts(room.is_none()));
    Value::Object(info)
}

pub(super) fn get_chat_member(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let user = user_id(call)?;
    let key = readable(world, call, if user == call.bot { Access::Read } else { Access::Members })?;
    check_known(world, user)?;
    let chat = world.chats.get(&key);
    let Some((room, kind)) = chat.and_then(|chat| Some((chat.room()?, chat.room_kind()?))) else {
        let here = user == call.bot || user == key.id();
        let status = if here { MemberStatus::Member } else { MemberStatus::Left };
        return Ok(members::member(world, key, user, Member { status }).into());
    };
    if kind == RoomKind::Channel && user != call.bot && !room.status(call.bot).is_administrator() {
        return Err(ApiError::bad_request("member list is inaccessible"));
    }
    let member = room.members.get(&user).copied().unwrap_or(membership::STRANGER);
    Ok(members::member(world, key, user, member).into())
}

/// The parameter `user_id`, which is looked at before the chat.
fn user_id(call: &ApiCall<'_>) -> Result<i64, ApiError> {
    let id = call.parameters.integer("user_id").filter(|id| *id > 0);
    id.ok_or_else(|| ApiError::bad_request("invalid user_id specified"))
}

fn check_known(world: &World, user: i64) -> Result<(), ApiError> {
    let known = world.users.contains_key(&user) || world.bots.contains_key(&user);
    if known { Ok(()) } else { Err(ApiError::bad_request("user not found")) }
}

/// All administrators but other bots.
pub(super) fn get_chat_administrators(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let key = readable(world, call, Access::Members)?;
    let Some(room) = world.chats.get(&key).and_then(Chat::room) else {
        return Err(ApiError::bad_request("there are no administrators in the private chat"));
    };
    let shown = |id: &i64| room.status(*id).is_administrator() && (*id == call.bot || world.users.contains_key(id));
    let administrators = room.members.iter().filter(|(id, _)| shown(id));
    let list: Vec<Value> = administrators.map(|(id, member)| members::member(world, key, *id, *member)).collect();
    Ok(Value::Array(list).into())
}

pub(super) fn get_chat_member_count(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let key = readable(world, call, Access::Members)?;
    let room = world.chats.get(&key).and_then(Chat::room);
    Ok(json!(room.map_or(2, |room| room.present().count())).into())
}

pub(super) fn leave_chat(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let key = readable(world, call, Access::Read)?;
    let Some(room) = world.chats.get(&key).and_then(Chat::room) else {
        return Err(ApiError::bad_request("chat member status can't be changed in private chats"));
    };
    if room.has(call.bot) {
        let left = Member { status: MemberStatus::Left };
        world.set_member(key, call.bot, left, call.bot, Announced::Yes, call.now);
    }
    Ok(Value::from(true).into())
}

const PRIVATE_MEMBERS: &str = "chat member status can't be changed in private chats";
const MAY_NOT_RESTRICT: &str = "not enough rights to restrict/unrestrict chat member";

pub(super) fn ban_chat_member(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let user = user_id(call)?;
    let (key, room) = administered(world, call, PRIVATE_MEMBERS, MAY_NOT_RESTRICT)?;
    check_known(world, user)?;
    match room.status(user) {
        _ if user == call.bot => return Err(ApiError::bad_request("can't restrict self")),
        MemberStatus::Creator => return Err(ApiError::bad_request("can't remove chat owner")),
        MemberStatus::Administrator => return Err(ApiError::bad_request("user is an administrator of the chat")),
        _ => {}
    }
    world.set_member(key, user, Member { status: MemberStatus::Kicked }, call.bot, Announced::Yes, call.now);
    Ok(Value::from(true).into())
}

/// Lets somebody in again; somebody who is there is put out unless `only_if_banned`.
pub(super) fn unban_chat_member(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let user = user_id(call)?;
    let (key, room) = administered(world, call, PRIVATE_MEMBERS, MAY_NOT_RESTRICT)?;
    check_known(world, user)?;
    let status = room.status(user);
    if world.chats.get(&key).and_then(Chat::room_kind) == Some(RoomKind::Group) {
        return Err(ApiError::bad_request("method is available for supergroup and channel chats only"));
    }
    let only_if_banned = call.parameters.flag("only_if_banned");
    if status.is_administrator() && !only_if_banned {
        return Err(ApiError::bad_request("user is an administrator of the chat"));
    }
    if status == MemberStatus::Kicked || (status.is_there() && !only_if_banned) {
        let left = Member { status: MemberStatus::Left };
        world.set_member(key, user, left, call.bot, Announced::Yes, call.now);
    }
    Ok(Value::from(true).into())
}

pub(super) fn set_chat_title(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let private = "can't change private chat title";
    let (key, room) = administered(world, call, private, "not enough rights to change chat title")?;
    let title = call.parameters.text("title").trim();
    if title.is_empty() {
        return Err(ApiError::bad_request("title must be non-empty"));
    }
    let title: String = title.chars().take(TITLE_LENGTH).collect();
    if room.title == title {
        return Err(ApiError::bad_request("chat title is not modified"));
    }
    world.rename(key, &title, call.bot, call.now);
    Ok(Value::from(true).into())
}

pub(super) fn set_chat_description(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let private = "can't change private chat description";
    let (key, room) = administered(world, call, private, "not enough rights to set chat description")?;
    let description: String = call.parameters.text("description").trim().chars().take(DESCRIPTION_LENGTH).collect();
    if room.description.as_deref().unwrap_or_default() == description {
        return Err(ApiError::bad_request("chat description is not modified"));
    }
    world.describe(key, &description);
    Ok(Value::from(true).into())
}

const MAY_NOT_PIN: &str = "not enough rights to manage pinned messages in the chat";

/// The chat in which a message is to be pinned or unpinned. The message is looked at before the bot's rights.
fn pinning(world: &World, call: &ApiCall<'_>, message_id: Option<i64>, missing: &str) -> Result<ChatKey, ApiError> {
    let key = known_chat(world, call)?;
    if matches!(key, ChatKey::Private { .. }) {
        return Err(ApiError::not_simulated("pinned messages in private chats"));
    }
    check_access(world, call.bot, key, Access::Write)?;
    if message_id.is_some_and(|id| world.chats.get(&key).and_then(|chat| chat.standing(id)).is_none()) {
        return Err(ApiError::bad_request(missing));
    }
    administered(world, call, "", MAY_NOT_PIN).map(|(key, _)| key)
}

pub(super) fn pin_chat_message(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let message_id = call.parameters.integer("message_id").unwrap_or(0);
    let key = pinning(world, call, Some(message_id), "message to pin not found")?;
    world.pin(key, message_id, call.bot, call.now);
    Ok(Value::from(true).into())
}

pub(super) fn unpin_chat_message(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let message_id = call.parameters.integer("message_id").filter(|id| *id != 0);
    let key = pinning(world, call, message_id, "message to unpin not found")?;
    world.unpin(key, message_id);
    Ok(Value::from(true).into())
}
