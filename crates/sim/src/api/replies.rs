//! What a message answers: the parameter `reply_parameters`, and what was there before it.

use serde_json::{Map, Value, json};

use super::{ApiError, Parameters, messages};
use crate::control::FormattedText;
use crate::world::{ChatKey, World, text};

/// Fields that Telegram has and that are refused.
const OTHER: &[&str] = &["checklist_task_id", "poll_option_id"];

/// What the call says about the message to be answered.
#[derive(Debug, Default)]
pub(super) struct Answered {
    message_id: Option<i64>,
    /// Another chat than the one that is written to, as it was named.
    chat: Option<String>,
    /// Without the message it is sent all the same.
    lenient: bool,
    quote: Option<Quote>,
}

#[derive(Debug)]
struct Quote {
    text: FormattedText,
    position: usize,
}

/// A message that is there, and what of it is quoted.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) message_id: i64,
    pub(super) quote: Option<Value>,
}

impl Answered {
    /// Reads the parameters.
    pub(super) fn parse(parameters: &Parameters) -> Result<Self, ApiError> {
        let value = parameters.json("reply_parameters", "Can't parse reply parameters JSON object")?;
        match value {
            None => Ok(Self {
                message_id: parameters.integer("reply_to_message_id").filter(|id| *id > 0),
                lenient: parameters.flag("allow_sending_without_reply"),
                ..Self::default()
            }),
            Some(Value::Object(object)) if object.is_empty() => Ok(Self::default()),
            Some(Value::Object(object)) => Self::read(&object),
            Some(_) => Err(ApiError::bad_request("Object expected as reply parameters")),
        }
    }

    fn read(object: &Map<String, Value>) -> Result<Self, ApiError> {
        if let Some(name) = OTHER.iter().find(|name| object.get(**name).is_some_and(|value| !value.is_null())) {
            return Err(ApiError::not_simulated(&format!("the field {name} of ReplyParameters")));
        }
        let number = |name: &str| {
            let value = object.get(name)?;
            value.as_i64().or_else(|| value.as_str()?.parse().ok())
        };
        let message_id = match object.get("message_id") {
            None | Some(Value::Null) => Err(ApiError::bad_request("Can't find field \"message_id\"")),
            Some(_) => {
                number("message_id").ok_or_else(|| ApiError::bad_request("Field \"message_id\" must be a valid Number"))
            }
        }?;
        let text = |name: &str| match object.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        Ok(Self {
            message_id: Some(message_id).filter(|id| *id > 0),
            chat: Some(text("chat_id")).filter(|chat| !chat.is_empty()),
            lenient: object.get("allow_sending_without_reply") == Some(&Value::Bool(true)),
            quote: quote(&text("quote"), &text("quote_parse_mode"), &text("quote_entities"))?.map(|text| Quote {
                text,
                position: number("quote_position").unwrap_or(0).max(0).unsigned_abs() as usize,
            }),
        })
    }

    /// Finds the message in the chat that is written to.
    pub(super) fn find(self, world: &World, key: ChatKey) -> Result<Option<Reference>, ApiError> {
        let Some(message_id) = self.message_id else { return Ok(None) };
        if self.chat.is_some_and(|chat| chat != key.id().to_string()) {
            return Err(ApiError::not_simulated("answers to messages of another chat"));
        }
        let message = world.chats.get(&key).and_then(|chat| chat.messages.get(&message_id));
        let Some(message) = message.filter(|message| !message.deleted) else {
            return if self.lenient { Ok(None) } else { Err(ApiError::bad_request("message to be replied not found")) };
        };
        let quote = self.quote.map(|quote| quote.in_text(&message.current.text.text)).transpose()?;
        Ok(Some(Reference { message_id, quote }))
    }
}

/// The quoted text with its entities; nothing if nothing is quoted.
fn quote(raw: &str, parse_mode: &str, entities: &str) -> Result<Option<FormattedText>, ApiError> {
    if raw.is_empty() {
        return Ok(None);
    }
    let mut parameters = Parameters::default();
    parameters.add("parse_mode".to_owned(), parse_mode.to_owned());
    parameters.add("entities".to_owned(), entities.to_owned());
    messages::formatted(raw, &parameters, "entities").map(Some)
}

impl Quote {
    /// `TextQuote`, if the text has it; the occurrence next to the position that was given.
    fn in_text(self, whole: &str) -> Result<Value, ApiError> {
        let places = whole.match_indices(&self.text.text).map(|(at, _)| text::utf16_len(&whole[..at]));
        let place = places.min_by_key(|at| at.abs_diff(self.position));
        let place = place.ok_or_else(|| ApiError::bad_request("QUOTE_TEXT_INVALID"))?;
        let mut object = json!({ "text": self.text.text, "position": place, "is_manual": true });
        if !self.text.entities.is_empty() {
            object["entities"] = json!(self.text.entities);
        }
        Ok(object)
    }
}
