//! Messages: sent, edited, deleted, and "typing".

use std::time::Duration;

use serde_json::Value;

use super::chats::{Access, check_access, known_chat, writable_chat};
use super::{ApiCall, ApiError, Parameters, Reply, objects};
use crate::control::{Author, FormattedText, Markup, Revision};
use crate::world::chat::{Kind, Message};
use crate::world::delivery::News;
use crate::world::files::FileKey;
use crate::world::people::TEXT_LENGTH;
use crate::world::{ChatKey, World, markup, text};

/// Longest text before parsing, in bytes.
const RAW_BYTES: usize = 32_768;
/// Messages older than this cannot be deleted, in milliseconds.
const DELETABLE: u64 = 48 * 3_600_000;

/// How long an action is shown unless a message comes.
const ACTION_SHOWN: Duration = Duration::from_secs(5);

const ACTIONS: &[&str] = &[
    "cancel",
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "record_audio",
    "upload_voice",
    "upload_audio",
    "upload_document",
    "choose_sticker",
    "pick_up_location",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

pub(super) fn send_message(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let text = text(call.parameters)?;
    if text.text.chars().count() > TEXT_LENGTH {
        return Err(ApiError::bad_request("message is too long"));
    }
    post(world, call, text, None)
}

/// Puts a message into a chat and answers with it.
pub(super) fn post(
    world: &mut World,
    call: &ApiCall<'_>,
    text: FormattedText,
    file: Option<FileKey>,
) -> Result<Reply, ApiError> {
    let markup = reply_markup(call.parameters)?;
    let key = writable_chat(world, call)?;
    let reply_to = reply_to(world, call.parameters, key)?;
    let author = author_in(world, key);
    let moment = world.next_moment();
    let message_id = world.next_message_id(key);
    let mut message = Message::new(message_id, author, call.bot, text, moment, call.now);
    message.file = file;
    message.reply_to = reply_to;
    message.protected = call.parameters.flag("protect_content");
    message.current.markup = markup;
    world.put_message(key, message);
    world.set_action(key, call.bot, None);
    world.deliver(key, message_id, News::Sent, call.now);
    Ok(objects::message(world, call.bot, key, message_id).into())
}

/// As whom a bot writes: a channel hides it.
fn author_in(world: &World, key: ChatKey) -> Author {
    let is_channel = world.chats.get(&key).is_some_and(|chat| matches!(chat.kind, Kind::Channel(_)));
    if is_channel { Author::Channel } else { Author::Bot }
}

pub(super) fn edit_message_text(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let parameters = call.parameters;
    if parameters.text("chat_id").is_empty() && parameters.text("message_id").is_empty() {
        return Err(ApiError::bad_request("inline message identifier is not specified"));
    }
    let text = text(parameters)?;
    let markup = reply_markup(parameters)?;
    let (key, message_id) = standing_message(world, call, "message to edit not found")?;
    let (moment, now) = (world.next_moment(), call.now);
    let chat = world.chats.get_mut(&key);
    let message = chat.and_then(|chat| chat.messages.get_mut(&message_id));
    let message = message.ok_or_else(|| ApiError::bad_request("message to edit not found"))?;
    if message.from != call.bot || message.service.is_some() {
        return Err(ApiError::bad_request("message can't be edited"));
    }
    if message.file.is_some() {
        return Err(ApiError::bad_request("there is no text in the message to edit"));
    }
    if text.text.chars().count() > TEXT_LENGTH {
        return Err(ApiError::bad_request("MESSAGE_TOO_LONG"));
    }
    if !matches!(markup, None | Some(Markup::Inline(_))) {
        return Err(ApiError::bad_request("inline keyboard expected"));
    }
    let Revision { text: shown, markup: below, .. } = &message.current;
    let below = below.as_ref().filter(|markup| matches!(markup, Markup::Inline(_)));
    if *shown == text && below == markup.as_ref() {
        return Err(ApiError::bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same as a \
             current content and reply markup of the message",
        ));
    }
    message.edit(text, markup, moment, now);
    world.tell_message(key, message_id);
    world.deliver(key, message_id, News::Edited, now);
    Ok(objects::message(world, call.bot, key, message_id).into())
}

pub(super) fn delete_message(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let (key, message_id) = standing_message(world, call, "message to delete not found")?;
    check_deleting(world, call.bot, key, message_id)?;
    let (moment, now) = (world.next_moment(), call.now);
    let chat = world.chats.get_mut(&key);
    if let Some(message) = chat.and_then(|chat| chat.messages.get_mut(&message_id)) {
        if now.0.saturating_sub(message.sent.0) > DELETABLE {
            return Err(ApiError::bad_request("message can't be deleted"));
        }
        message.deleted = true;
        message.current.moment = moment;
    }
    world.tell_message(key, message_id);
    Ok(Value::from(true).into())
}

/// In a shared chat a bot deletes its own messages, an administrator all of them.
fn check_deleting(world: &World, bot: i64, key: ChatKey, message_id: i64) -> Result<(), ApiError> {
    let Some(chat) = world.chats.get(&key) else { return Ok(()) };
    let is_own = chat.messages.get(&message_id).is_some_and(|message| message.from == bot);
    match chat.room() {
        Some(room) if !is_own && !room.status(bot).is_administrator() => {
            Err(ApiError::bad_request("message can't be deleted"))
        }
        _ => Ok(()),
    }
}

pub(super) fn send_chat_action(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let action = call.parameters.text("action").to_ascii_lowercase();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(ApiError::bad_request("wrong parameter action in request"));
    }
    let key = writable_chat(world, call)?;
    world.set_action(key, call.bot, (action != "cancel").then(|| (action, call.now + ACTION_SHOWN)));
    Ok(Value::from(true).into())
}

/// The message that `chat_id` and `message_id` name, if it has not been deleted.
fn standing_message(world: &World, call: &ApiCall<'_>, missing: &str) -> Result<(ChatKey, i64), ApiError> {
    let key = known_chat(world, call)?;
    if matches!(key, ChatKey::Shared(_)) {
        check_access(world, call.bot, key, Access::Write)?;
    }
    let message_id = call.parameters.integer("message_id").filter(|id| *id > 0);
    let message_id = message_id.ok_or_else(|| ApiError::bad_request("message identifier is not specified"))?;
    let message = world.chats.get(&key).and_then(|chat| chat.messages.get(&message_id));
    match message.filter(|message| !message.deleted) {
        Some(_) => Ok((key, message_id)),
        None => Err(ApiError::bad_request(missing)),
    }
}

/// The message to be answered: `reply_parameters`, or `reply_to_message_id` of older clients.
fn reply_to(world: &World, parameters: &Parameters, key: ChatKey) -> Result<Option<i64>, ApiError> {
    let wrong = "can't parse reply parameters JSON object";
    let (target, lenient) = match parameters.json("reply_parameters", wrong)? {
        None => (parameters.integer("reply_to_message_id"), parameters.flag("allow_sending_without_reply")),
        Some(Value::Object(object)) => {
            let text = |chat: &Value| chat.as_str().map_or_else(|| chat.to_string(), str::to_owned);
            let simulated = |(name, value): &(&String, &Value)| match name.as_str() {
                "message_id" | "allow_sending_without_reply" => true,
                // Answers to messages elsewhere are not simulated.
                "chat_id" => text(value) == key.id().to_string(),
                _ => false,
            };
            if let Some((name, _)) = object.iter().find(|field| !simulated(field)) {
                return Err(ApiError::not_simulated(&format!("the field {name} of ReplyParameters")));
            }
            (
                object.get("message_id").and_then(Value::as_i64),
                object.get("allow_sending_without_reply") == Some(&Value::Bool(true)),
            )
        }
        Some(_) => return Err(ApiError::bad_request(wrong)),
    };
    let Some(target) = target.filter(|id| *id > 0) else { return Ok(None) };
    let message = world.chats.get(&key).and_then(|chat| chat.messages.get(&target));
    match message.filter(|message| !message.deleted) {
        Some(_) => Ok(Some(target)),
        None if lenient => Ok(None),
        None => Err(ApiError::bad_request("message to be replied not found")),
    }
}

fn reply_markup(parameters: &Parameters) -> Result<Option<Markup>, ApiError> {
    parameters.non_empty("reply_markup").map_or(Ok(None), markup::parse)
}

/// The parameter `text`, parsed.
fn text(parameters: &Parameters) -> Result<FormattedText, ApiError> {
    let raw = parameters.text("text");
    if raw.is_empty() {
        return Err(ApiError::bad_request("message text is empty"));
    }
    let text = formatted(raw, parameters, "entities")?;
    if text::is_invisible(&text.text) {
        return Err(ApiError::bad_request("text must be non-empty"));
    }
    Ok(text)
}

/// A text with `parse_mode` or with the entities of another parameter.
pub(super) fn formatted(raw: &str, parameters: &Parameters, entities: &str) -> Result<FormattedText, ApiError> {
    let refused = |error: text::TextError| ApiError::bad_request(&error.to_string());
    if raw.len() > RAW_BYTES {
        return Err(ApiError::bad_request("text is too long"));
    }
    let mode = parameters.text("parse_mode");
    if raw.is_empty() || mode.is_empty() || mode.eq_ignore_ascii_case("none") {
        let given = text::given_entities(parameters.text(entities)).map_err(refused)?;
        return text::finished(raw, given).map_err(refused);
    }
    let mode = text::ParseMode::named(mode).ok_or_else(|| ApiError::bad_request("unsupported parse_mode"))?;
    text::formatted(raw, mode).map_err(refused)
}
