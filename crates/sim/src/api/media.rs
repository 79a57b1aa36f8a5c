//! Photos, albums and `InputMedia`: files that are shown, one or several.

use serde_json::{Map, Value};

use super::chats::{Content, writable_chat};
use super::messages::{self, Draft};
use super::replies::Answered;
use super::uploads::{self, Shape};
use super::{ApiCall, ApiError, Parameters, Reply, objects};
use crate::control::FormattedText;
use crate::world::World;
use crate::world::chat::Extra;
use crate::world::people::CAPTION_LENGTH;

/// Messages that an album can have.
const ALBUM: usize = 10;

pub(super) fn send_photo(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let parameters = call.parameters;
    if parameters.text("photo").is_empty() && parameters.file("photo").is_none() {
        return Err(ApiError::bad_request("there is no photo in the request"));
    }
    let text = messages::caption(parameters)?;
    let file = uploads::named(world, call, "photo", Shape::Photo)?;
    let extra = Extra {
        spoiler: parameters.flag("has_spoiler"),
        caption_above: parameters.flag("show_caption_above_media"),
        ..Extra::default()
    };
    messages::post(world, call, Draft { text, file: Some(file), extra })
}

pub(super) fn send_media_group(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let reply = Answered::parse(call.parameters)?;
    let all = several(call.parameters)?;
    let is_documents = all.first().is_some_and(|media| media.shape == Shape::Document);
    let key = writable_chat(world, call, if is_documents { Content::Document } else { Content::Photo })?;
    let reply = reply.find(world, key)?;
    match all.len() {
        0 => return Err(ApiError::bad_request("There are no messages to send")),
        count if count > ALBUM => return Err(ApiError::bad_request("Too many messages to send as an album")),
        _ => {}
    }
    if all.iter().any(|media| media.shape != all[0].shape) {
        return Err(ApiError::bad_request("Document can't be mixed with other media types"));
    }
    let album = (all.len() > 1).then(|| (world.next_random() >> 2).to_string());
    let mut drafts = Vec::new();
    for media in all {
        let mut draft = media.draft(world, call)?;
        if draft.text.text.chars().count() > CAPTION_LENGTH {
            return Err(ApiError::bad_request("message caption is too long"));
        }
        draft.extra.album.clone_from(&album);
        drafts.push(draft);
    }
    uploads::check_room(world, drafts.iter().flat_map(|draft| &draft.file))?;
    messages::check_flood(world, call, key, drafts.len())?;
    let mut sent = Vec::new();
    for draft in drafts {
        let message_id = messages::put(world, call, key, draft, reply.clone(), None);
        sent.push(objects::message(world, call.bot, key, message_id));
    }
    Ok(Value::Array(sent).into())
}

/// One `InputMedia`, its file not looked at yet.
#[derive(Debug)]
pub(super) struct Media {
    shape: Shape,
    source: String,
    text: FormattedText,
    extra: Extra,
}

impl Media {
    /// Finds the file and says what the message is to be.
    pub(super) fn draft(self, world: &World, call: &ApiCall<'_>) -> Result<Draft, ApiError> {
        let file = uploads::resolve(world, call, &self.source, None, self.shape)?;
        Ok(Draft { text: self.text, file: Some(file), extra: self.extra })
    }
}

/// The parameter `media` as one `InputMedia`.
pub(super) fn one(parameters: &Parameters) -> Result<Media, ApiError> {
    let value = value(parameters, "Can't parse input media JSON object")?;
    let media = read(parameters, &value)?;
    if media.shape == Shape::Document && value.get("disable_content_type_detection") != Some(&Value::Bool(true)) {
        uploads::check_stays_document(parameters, &media.source)?;
    }
    Ok(media)
}

/// The parameter `media` as an array of `InputMedia`.
fn several(parameters: &Parameters) -> Result<Vec<Media>, ApiError> {
    match value(parameters, "Can't parse media JSON object")? {
        Value::Array(list) => list.iter().map(|value| read(parameters, value)).collect(),
        _ => Err(ApiError::bad_request("Expected an Array of InputMedia")),
    }
}

fn value(parameters: &Parameters, wrong: &str) -> Result<Value, ApiError> {
    let value = parameters.json("media", wrong)?;
    value.ok_or_else(|| ApiError::bad_request("Parameter \"media\" is required"))
}

fn read(parameters: &Parameters, value: &Value) -> Result<Media, ApiError> {
    let wrong = |what: &str| ApiError::bad_request(&format!("Can't parse InputMedia: {what}"));
    let object = value.as_object().ok_or_else(|| wrong("expected an Object"))?;
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let caption = caption(object, text("caption"), text("parse_mode"))?;
    let source = text("media");
    let is_missing = source.strip_prefix("attach://").is_some_and(|part| parameters.file(part).is_none());
    if source.is_empty() || is_missing {
        return Err(wrong("media not found"));
    }
    if ["thumbnail", "thumb", "cover"].iter().any(|name| !text(name).is_empty()) {
        return Err(ApiError::not_simulated("thumbnails of InputMedia"));
    }
    let shape = match object.get("type").and_then(Value::as_str) {
        Some("photo") => Shape::Photo,
        Some("document") => Shape::Document,
        Some(other @ ("video" | "animation" | "audio" | "live_photo")) => {
            return Err(ApiError::not_simulated(&format!("InputMedia of the type {other}")));
        }
        Some(other) => return Err(wrong(&format!("type \"{other}\" is unsupported"))),
        None => return Err(wrong("Can't find field \"type\"")),
    };
    let flag = |name: &str| object.get(name) == Some(&Value::Bool(true));
    let extra =
        Extra { spoiler: flag("has_spoiler"), caption_above: flag("show_caption_above_media"), ..Extra::default() };
    Ok(Media { shape, source: source.to_owned(), text: caption, extra })
}

/// The caption with the parse mode or the entities beside it.
fn caption(object: &Map<String, Value>, caption: &str, parse_mode: &str) -> Result<FormattedText, ApiError> {
    let mut parameters = Parameters::default();
    parameters.add("parse_mode".to_owned(), parse_mode.to_owned());
    if let Some(entities) = object.get("caption_entities") {
        parameters.add("caption_entities".to_owned(), entities.to_string());
    }
    messages::formatted(caption, &parameters, "caption_entities")
}
