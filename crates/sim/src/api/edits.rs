//! Messages that are changed or deleted.

use serde_json::Value;

use super::chats::{Access, check_access, known_chat};
use super::messages::{reply_markup, standing_message};
use super::uploads::Attached;
use super::{ApiCall, ApiError, Parameters, Reply, copy, media, messages, objects, uploads};
use crate::control::{FormattedText, Markup, RoomKind};
use crate::world::chat::Message;
use crate::world::delivery::News;
use crate::world::people::{CAPTION_LENGTH, TEXT_LENGTH};
use crate::world::{ChatKey, World};

/// Messages that are so old cannot be deleted any more, in seconds.
const DELETABLE: u64 = 48 * 3_600;

pub(super) fn edit_message_text(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let text = messages::text(call.parameters)?;
    let extra = messages::link_preview(call.parameters)?;
    let (key, message_id, markup) = target(world, call)?;
    let message = editable(world, call, key, message_id)?;
    if message.file.is_some() {
        return Err(ApiError::bad_request("there is no text in the message to edit"));
    }
    if text.text.chars().count() > TEXT_LENGTH {
        return Err(ApiError::bad_request("MESSAGE_TOO_LONG"));
    }
    check_change(message, &text, markup.as_ref(), false)?;
    message.extra.link_preview = extra;
    finish(world, call, key, message_id, text, markup)
}

pub(super) fn edit_message_caption(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let caption = messages::formatted(call.parameters.text("caption"), call.parameters, "caption_entities")?;
    let (key, message_id, markup) = target(world, call)?;
    let above = call.parameters.flag("show_caption_above_media");
    let message = editable(world, call, key, message_id)?;
    if message.file.is_none() {
        return Err(ApiError::bad_request("there is no caption in the message to edit"));
    }
    if caption.text.chars().count() > CAPTION_LENGTH {
        return Err(ApiError::bad_request("MEDIA_CAPTION_TOO_LONG"));
    }
    check_change(message, &caption, markup.as_ref(), above != message.extra.caption_above)?;
    message.extra.caption_above = above;
    finish(world, call, key, message_id, caption, markup)
}

pub(super) fn edit_message_reply_markup(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let (key, message_id, markup) = target(world, call)?;
    let message = editable(world, call, key, message_id)?;
    let text = message.current.text.clone();
    check_change(message, &text, markup.as_ref(), false)?;
    finish(world, call, key, message_id, text, markup)
}

pub(super) fn edit_message_media(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let media = media::one(call.parameters)?;
    let (key, message_id, markup) = target(world, call)?;
    editable(world, call, key, message_id)?;
    let media = media.draft(world, call)?;
    let message = editable(world, call, key, message_id)?;
    if media.text.text.chars().count() > CAPTION_LENGTH {
        return Err(ApiError::bad_request("MEDIA_CAPTION_TOO_LONG"));
    }
    let is_same = matches!(media.file, Some(Attached::Known(file)) if message.file == Some(file));
    check_change(message, &media.text, markup.as_ref(), !is_same)?;
    uploads::check_room(world, &media.file)?;
    let file = media.file.map(|file| file.kept(world));
    let message = editable(world, call, key, message_id)?;
    message.file = file;
    message.extra.spoiler = media.extra.spoiler;
    message.extra.caption_above = media.extra.caption_above;
    finish(world, call, key, message_id, media.text, markup)
}

/// The message that the call wants changed, and the keyboard below it from then on.
fn target(world: &World, call: &ApiCall<'_>) -> Result<(ChatKey, i64, Option<Markup>), ApiError> {
    let parameters = call.parameters;
    let markup = reply_markup(parameters)?;
    if parameters.text("chat_id").is_empty() && parameters.text("message_id").is_empty() {
        return Err(ApiError::bad_request("message identifier is not specified"));
    }
    let (key, message_id) = standing_message(world, call, "message to edit not found")?;
    if !matches!(markup, None | Some(Markup::Inline(_))) {
        return Err(ApiError::bad_request("inline keyboard expected"));
    }
    Ok((key, message_id, markup))
}

/// A message that the bot may change.
fn editable<'w>(
    world: &'w mut World,
    call: &ApiCall<'_>,
    key: ChatKey,
    message_id: i64,
) -> Result<&'w mut Message, ApiError> {
    let chat = world.chats.get_mut(&key);
    let message = chat.and_then(|chat| chat.messages.get_mut(&message_id));
    let message = message.ok_or_else(|| ApiError::bad_request("message to edit not found"))?;
    if !message.is_of(call.bot) || message.extra.forwarded.is_some() {
        return Err(ApiError::bad_request("message can't be edited"));
    }
    Ok(message)
}

/// Something must be different afterwards.
fn check_change(
    message: &Message,
    text: &FormattedText,
    markup: Option<&Markup>,
    otherwise: bool,
) -> Result<(), ApiError> {
    let below = message.current.markup.as_ref().filter(|markup| matches!(markup, Markup::Inline(_)));
    if otherwise || message.current.text != *text || below != markup {
        return Ok(());
    }
    Err(ApiError::bad_request(
        "message is not modified: specified new message content and reply markup are exactly the same as a current content \
         and reply markup of the message",
    ))
}

fn finish(
    world: &mut World,
    call: &ApiCall<'_>,
    key: ChatKey,
    message_id: i64,
    text: FormattedText,
    markup: Option<Markup>,
) -> Result<Reply, ApiError> {
    let (moment, now) = (world.next_moment(), call.now);
    editable(world, call, key, message_id)?.edit(text, markup, moment, now);
    world.tell_message(key, message_id);
    world.deliver(key, message_id, News::Edited, now);
    Ok(objects::message(world, call.bot, key, message_id).into())
}

pub(super) fn delete_message(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    if call.parameters.text("chat_id").is_empty() {
        return Err(ApiError::bad_request("Chat identifier is not specified"));
    }
    let missing = call.parameters.integer("message_id").is_none_or(|id| id <= 0);
    if missing {
        return Err(ApiError::bad_request("Message identifier is not specified"));
    }
    let (key, message_id) = standing_message(world, call, "message to delete not found")?;
    delete(world, call, key, message_id)?;
    Ok(Value::from(true).into())
}

pub(super) fn delete_messages(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let wanted = message_ids(call.parameters)?;
    let key = known_chat(world, call)?;
    if matches!(key, ChatKey::Shared(_)) {
        check_access(world, call.bot, key, Access::Write)?;
    }
    let found = copy::standing(world, key, &wanted);
    if found.is_empty() {
        return Err(ApiError::bad_request("message to delete not found"));
    }
    for message_id in found {
        // What cannot be deleted stays, and nobody is told.
        let _ = delete(world, call, key, message_id);
    }
    Ok(Value::from(true).into())
}

fn delete(world: &mut World, call: &ApiCall<'_>, key: ChatKey, message_id: i64) -> Result<(), ApiError> {
    if !may_delete(world, call, key, message_id) {
        return Err(ApiError::bad_request("message can't be deleted"));
    }
    world.delete_message(key, message_id);
    Ok(())
}

/// Whether a bot may delete a message that is there: in a shared chat its own ones, as an administrator all of them, but not that with
/// which a supergroup or channel began.
fn may_delete(world: &World, call: &ApiCall<'_>, key: ChatKey, message_id: i64) -> bool {
    let Some(chat) = world.chats.get(&key) else { return false };
    let Some(message) = chat.messages.get(&message_id) else { return false };
    let is_beginning = message_id == 1 && matches!(chat.room_kind(), Some(RoomKind::Supergroup | RoomKind::Channel));
    let is_allowed =
        chat.room().is_none_or(|room| message.from == call.bot || room.status(call.bot).is_administrator());
    is_allowed && !is_beginning && call.now.seconds() < message.sent.seconds() + DELETABLE
}

/// The parameter `message_ids`: one to a hundred numbers.
pub(super) fn message_ids(parameters: &Parameters) -> Result<Vec<i64>, ApiError> {
    let bad = ApiError::bad_request;
    let value = parameters.json("message_ids", "Can't parse message_ids JSON object")?;
    let value = value.ok_or_else(|| bad("Message identifiers are not specified"))?;
    let Value::Array(list) = value else { return Err(bad("Expected an Array of message identifiers")) };
    if list.len() > 100 {
        return Err(bad("Too many message identifiers specified"));
    }
    let mut ids = Vec::new();
    for value in list {
        let number = match &value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => return Err(bad("Message identifier must be a Number")),
        };
        let id: i32 = number.parse().map_err(|_| bad("Can't parse message identifier as Number"))?;
        if id <= 0 {
            return Err(bad("Invalid message identifier specified"));
        }
        ids.push(i64::from(id));
    }
    if ids.is_empty() {
        return Err(bad("Message identifiers are not specified"));
    }
    Ok(ids)
}
