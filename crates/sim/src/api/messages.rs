//! Messages that are sent, and "typing".

use std::time::Duration;

use serde_json::{Value, json};

use super::chats::{Access, Content, check_access, known_chat, writable_chat};
use super::replies::{Answered, Reference};
use super::uploads::{self, Attached};
use super::{ApiCall, ApiError, Parameters, Reply, objects};
use crate::control::{Author, FormattedText, Markup};
use crate::world::chat::{Extra, Kind, Message};
use crate::world::delivery::News;
use crate::world::people::{CAPTION_LENGTH, TEXT_LENGTH};
use crate::world::{ChatKey, World, markup, text};

/// Longest text before parsing, in bytes.
const RAW_BYTES: usize = 32_768;

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
    let extra = Extra { link_preview: link_preview(call.parameters)?, ..Extra::default() };
    post(world, call, Draft { text, file: None, extra })
}

/// What a message is to say.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) text: FormattedText,
    pub(super) file: Option<Attached>,
    pub(super) extra: Extra,
}

impl Draft {
    /// What it needs a right for.
    pub(super) fn content(&self, world: &World) -> Content {
        match &self.file {
            None => Content::Text,
            Some(file) if file.is_photo(world) => Content::Photo,
            Some(_) => Content::Document,
        }
    }
}

/// Puts a message into the chat that the call names and answers with it.
pub(super) fn post(world: &mut World, call: &ApiCall<'_>, draft: Draft) -> Result<Reply, ApiError> {
    let markup = reply_markup(call.parameters)?;
    let reply = Answered::parse(call.parameters)?;
    let key = writable_chat(world, call, draft.content(world))?;
    let reply = reply.find(world, key)?;
    uploads::check_room(world, &draft.file)?;
    check_flood(world, call, key, 1)?;
    let message_id = put(world, call, key, draft, reply, markup);
    Ok(objects::message(world, call.bot, key, message_id).into())
}

/// Whether the bot may put so many messages into a chat now. It is asked last, as only what Telegram would send counts.
pub(super) fn check_flood(world: &mut World, call: &ApiCall<'_>, key: ChatKey, count: usize) -> Result<(), ApiError> {
    world.may_send(call.bot, key, count, call.now).map_err(ApiError::too_many_requests)
}

/// Puts a message into a chat and returns its number; its file is kept from now on.
pub(super) fn put(
    world: &mut World,
    call: &ApiCall<'_>,
    key: ChatKey,
    Draft { text, file, extra }: Draft,
    reply: Option<Reference>,
    markup: Option<Markup>,
) -> i64 {
    let author = author_in(world, key);
    let moment = world.next_moment();
    let message_id = world.next_message_id(key);
    let mut message = Message::new(message_id, author, call.bot, text, moment, call.now);
    message.file = file.map(|file| file.kept(world));
    message.extra = extra;
    if let Some(reply) = reply {
        message.reply_to = Some(reply.message_id);
        message.extra.quote = reply.quote;
    }
    message.protected = call.parameters.flag("protect_content");
    message.current.markup = markup;
    world.put_message(key, message);
    world.set_action(key, call.bot, None);
    world.deliver(key, message_id, News::Sent, call.now);
    message_id
}

/// As whom a bot writes: a channel hides it.
fn author_in(world: &World, key: ChatKey) -> Author {
    let is_channel = world.chats.get(&key).is_some_and(|chat| matches!(chat.kind, Kind::Channel(_)));
    if is_channel { Author::Channel } else { Author::Bot }
}

/// The parameter `link_preview_options`, or what was there before it: what of it is told again.
pub(super) fn link_preview(parameters: &Parameters) -> Result<Option<Value>, ApiError> {
    let Some(value) = parameters.json("link_preview_options", "Can't parse link preview options JSON object")? else {
        return Ok(parameters.flag("disable_web_page_preview").then(|| json!({ "is_disabled": true })));
    };
    let Value::Object(mut object) = value else {
        return Err(ApiError::bad_request("Object expected as link preview options"));
    };
    let known = ["is_disabled", "url", "prefer_small_media", "prefer_large_media", "show_above_text"];
    object.retain(|name, value| known.contains(&name.as_str()) && !matches!(value, Value::Null | Value::Bool(false)));
    Ok((!object.is_empty()).then_some(Value::Object(object)))
}

pub(super) fn send_chat_action(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let action = call.parameters.text("action").to_ascii_lowercase();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(ApiError::bad_request("wrong parameter action in request"));
    }
    let key = writable_chat(world, call, Content::Text)?;
    world.set_action(key, call.bot, (action != "cancel").then(|| (action, call.now + ACTION_SHOWN)));
    Ok(Value::from(true).into())
}

/// The message that `chat_id` and `message_id` name, if it has not been deleted.
pub(super) fn standing_message(world: &World, call: &ApiCall<'_>, missing: &str) -> Result<(ChatKey, i64), ApiError> {
    message_in(world, call, Access::Write, missing)
}

/// The same, for whoever only wants to read it or to write too.
pub(super) fn message_in(
    world: &World,
    call: &ApiCall<'_>,
    access: Access,
    missing: &str,
) -> Result<(ChatKey, i64), ApiError> {
    let key = known_chat(world, call)?;
    match key {
        ChatKey::Shared(_) => check_access(world, call.bot, key, access)?,
        ChatKey::Private { user, .. } if access == Access::Write && world.is_deactivated(user) => {
            return Err(ApiError::forbidden("user is deactivated"));
        }
        ChatKey::Private { .. } => {}
    }
    let message_id = call.parameters.integer("message_id").filter(|id| *id > 0);
    let message_id = message_id.ok_or_else(|| ApiError::bad_request("message identifier is not specified"))?;
    let message = world.chats.get(&key).and_then(|chat| chat.messages.get(&message_id));
    match message.filter(|message| !message.deleted) {
        Some(_) => Ok((key, message_id)),
        None => Err(ApiError::bad_request(missing)),
    }
}

pub(super) fn reply_markup(parameters: &Parameters) -> Result<Option<Markup>, ApiError> {
    parameters.non_empty("reply_markup").map_or(Ok(None), markup::parse)
}

/// The parameter `caption`, parsed.
pub(super) fn caption(parameters: &Parameters) -> Result<FormattedText, ApiError> {
    let caption = formatted(parameters.text("caption"), parameters, "caption_entities")?;
    if caption.text.chars().count() > CAPTION_LENGTH {
        return Err(ApiError::bad_request("message caption is too long"));
    }
    Ok(caption)
}

/// The parameter `text`, parsed.
pub(super) fn text(parameters: &Parameters) -> Result<FormattedText, ApiError> {
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
