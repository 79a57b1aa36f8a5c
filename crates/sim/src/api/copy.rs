//! Messages that are forwarded or copied.

use serde_json::{Value, json};

use super::chats::{Access, check_access, check_rights, known_chat, open_chat};
use super::edits::message_ids;
use super::messages::{self, Draft};
use super::replies::Answered;
use super::uploads::Attached;
use super::{ApiCall, ApiError, Reply, objects};
use crate::control::FormattedText;
use crate::world::chat::Extra;
use crate::world::people::CAPTION_LENGTH;
use crate::world::{ChatKey, World};

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Forward,
    Copy,
}

pub(super) fn forward_message(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let (from, message_id) = source(world, call, "message to forward not found")?;
    let to = open_chat(world, call)?;
    let mut draft = draft(world, from, message_id, How::Forward)?;
    draft.extra.album = None;
    check_rights(world, call.bot, to, draft.content(world))?;
    messages::check_flood(world, call, to, 1)?;
    let message_id = messages::put(world, call, to, draft, None, None);
    Ok(objects::message(world, call.bot, to, message_id).into())
}

pub(super) fn copy_message(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    required(call, "from_chat_id")?;
    let parameters = call.parameters;
    let caption = match parameters.has("caption") {
        true => Some(messages::formatted(parameters.text("caption"), parameters, "caption_entities")?),
        false => None,
    };
    if caption.as_ref().is_some_and(|caption| caption.text.chars().count() > CAPTION_LENGTH) {
        return Err(ApiError::bad_request("message caption is too long"));
    }
    let (from, message_id) = source(world, call, "message to copy not found")?;
    let markup = messages::reply_markup(parameters)?;
    let reply = Answered::parse(parameters)?;
    let to = open_chat(world, call)?;
    let reply = reply.find(world, to)?;
    let mut draft = draft(world, from, message_id, How::Copy)?;
    draft.extra.album = None;
    check_rights(world, call.bot, to, draft.content(world))?;
    if let (Some(caption), Some(_)) = (caption, &draft.file) {
        draft.text = caption;
        draft.extra.caption_above = parameters.flag("show_caption_above_media");
    }
    messages::check_flood(world, call, to, 1)?;
    let message_id = messages::put(world, call, to, draft, reply, markup);
    Ok(json!({ "message_id": message_id }).into())
}

pub(super) fn forward_messages(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    several(world, call, How::Forward)
}

pub(super) fn copy_messages(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    several(world, call, How::Copy)
}

fn several(world: &mut World, call: &ApiCall<'_>, how: How) -> Result<Reply, ApiError> {
    required(call, "from_chat_id")?;
    let wanted = message_ids(call.parameters)?;
    let to = open_chat(world, call)?;
    let from = known_chat(world, &call.at("from_chat_id"))?;
    if matches!(from, ChatKey::Shared(_)) {
        check_access(world, call.bot, from, Access::Read)?;
    }
    let found = standing(world, from, &wanted);
    if found.is_empty() {
        return Err(ApiError::bad_request("message to forward not found"));
    }
    if !wanted.is_sorted_by(|one, next| one < next) {
        return Err(ApiError::bad_request("Message identifiers must be in a strictly increasing order"));
    }
    // Those that cannot be forwarded are left out as well.
    let mut drafts: Vec<Draft> = found.iter().filter_map(|id| draft(world, from, *id, how).ok()).collect();
    if let Some(first) = drafts.first() {
        check_rights(world, call.bot, to, first.content(world))?;
        messages::check_flood(world, call, to, drafts.len())?;
    }
    regroup(world, &mut drafts);
    let mut sent = Vec::new();
    for mut draft in drafts {
        if how == How::Copy && draft.file.is_some() && call.parameters.flag("remove_caption") {
            draft.text = FormattedText::default();
        }
        sent.push(json!({ "message_id": messages::put(world, call, to, draft, None, None) }));
    }
    if sent.is_empty() {
        return Err(ApiError::bad_request("message can't be forwarded"));
    }
    Ok(Value::Array(sent).into())
}

/// Albums stay albums, under new names; a message that is left alone of one is none.
fn regroup(world: &mut World, drafts: &mut [Draft]) {
    for together in drafts.chunk_by_mut(|one, next| one.extra.album.is_some() && one.extra.album == next.extra.album) {
        let album = (together.len() > 1).then(|| (world.next_random() >> 2).to_string());
        together.iter_mut().for_each(|draft| draft.extra.album.clone_from(&album));
    }
}

fn required(call: &ApiCall<'_>, name: &str) -> Result<(), ApiError> {
    match call.parameters.non_empty(name) {
        Some(_) => Ok(()),
        None => Err(ApiError::bad_request(&format!("Parameter \"{name}\" is required"))),
    }
}

/// The message that `from_chat_id` and `message_id` name.
fn source(world: &World, call: &ApiCall<'_>, missing: &str) -> Result<(ChatKey, i64), ApiError> {
    required(call, "from_chat_id")?;
    messages::message_in(world, &call.at("from_chat_id"), Access::Read, missing)
}

/// Those of the messages that are there, in the order that was asked for.
pub(super) fn standing(world: &World, key: ChatKey, wanted: &[i64]) -> Vec<i64> {
    let Some(chat) = world.chats.get(&key) else { return Vec::new() };
    let is_there = |id: &i64| chat.messages.get(id).is_some_and(|message| !message.deleted);
    wanted.iter().copied().filter(is_there).collect()
}

/// What is to be said again.
fn draft(world: &World, from: ChatKey, message_id: i64, how: How) -> Result<Draft, ApiError> {
    let message = world.chats.get(&from).and_then(|chat| chat.messages.get(&message_id));
    let message = message.ok_or_else(|| ApiError::bad_request("message to forward not found"))?;
    if message.protected {
        return Err(ApiError::bad_request("Message has protected content and can't be forwarded"));
    }
    if message.is_service() {
        let what = if how == How::Forward { "message can't be forwarded" } else { "message can't be copied" };
        return Err(ApiError::bad_request(what));
    }
    let Extra { album, link_preview, spoiler, caption_above, .. } = message.extra.clone();
    let forwarded = (how == How::Forward)
        .then(|| message.extra.forwarded.clone().unwrap_or_else(|| (message.origin(from), message.sent)));
    let extra = Extra { forwarded, album, link_preview, spoiler, caption_above, ..Extra::default() };
    Ok(Draft { text: message.current.text.clone(), file: message.file.map(Attached::Known), extra })
}
