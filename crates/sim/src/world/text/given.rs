//! Entities that a bot gives beside a text, as JSON.
//!
//! Follows the Bot API's `get_text_entity` and TDLib's `get_message_entities`. Those that Telegram finds by itself
//! are left to it. Where they lie in the text is not checked here.

use serde_json::{Map, Value};
use thiserror::Error;

use super::{TextError, dates, link};
use crate::control::{Entity, EntityKind, MentionedUser};

/// Farthest that an entity may start or reach.
const FARTHEST: i64 = 1_000_000;

/// What is wrong with an entity, as Telegram says it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum GivenError {
    #[error("Can't parse MessageEntity: {0}")]
    Json(#[from] JsonError),
    #[error("Entity URL '{url}' is invalid: {reason}")]
    Link { url: String, reason: link::LinkError },
    #[error("User not found")]
    User,
    #[error("Invalid custom emoji identifier specified")]
    CustomEmoji,
    #[error("Invalid date specified")]
    Date,
    #[error("Receive an entity with incorrect offset {0}")]
    Offset(i64),
    #[error("Receive an entity with incorrect length {0}")]
    Length(i64),
}

/// What is wrong with its JSON.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum JsonError {
    #[error("expected an Object")]
    NoObject,
    #[error("Can't find field \"{0}\"")]
    Missing(&'static str),
    #[error("Field \"{name}\" must be {what}")]
    Type { name: &'static str, what: &'static str },
    #[error("Can't parse as an integer string \"{0}\"")]
    Number(String),
    #[error("Type is not specified")]
    NoType,
    #[error("Unsupported type specified")]
    UnknownType,
    #[error("Invalid date-time format specified")]
    DateFormat,
}

/// An entity as it was given: where it lies may be nonsense.
struct Given {
    offset: i64,
    length: i64,
    kind: EntityKind,
}

/// The entities of a parameter. One that is no list gives none, as with Telegram.
///
/// # Errors
///
/// The first wrong one, as Telegram says it: first of all JSON, then of all contents, then of all places.
pub(crate) fn entities(json: &str) -> Result<Vec<Entity>, TextError> {
    Ok(read(json).map_err(super::Reason::from)?)
}

fn read(json: &str) -> Result<Vec<Entity>, GivenError> {
    let Ok(Value::Array(list)) = serde_json::from_str(json) else { return Ok(Vec::new()) };
    let mut given = Vec::new();
    for value in &list {
        given.extend(of_json(value)?);
    }
    let given = given.into_iter().map(|given| Ok(Given { kind: meant(given.kind)?, ..given }));
    let given = given.collect::<Result<Vec<Given>, GivenError>>()?;
    given.into_iter().map(placed).collect()
}

fn of_json(value: &Value) -> Result<Option<Given>, JsonError> {
    let object = value.as_object().ok_or(JsonError::NoObject)?;
    let offset: i32 = integer(object, "offset", "of type Number")?;
    let length: i32 = integer(object, "length", "of type Number")?;
    let kind = kind(object)?;
    Ok(kind.map(|kind| Given { offset: offset.into(), length: length.into(), kind }))
}

/// What the entity is; nothing if Telegram finds its kind by itself.
fn kind(object: &Map<String, Value>) -> Result<Option<EntityKind>, JsonError> {
    let kind = text(object, "type")?.ok_or(JsonError::Missing("type"))?;
    Ok(Some(match kind.as_str() {
        "" => return Err(JsonError::NoType),
        "bold" => EntityKind::Bold,
        "italic" => EntityKind::Italic,
        "underline" => EntityKind::Underline,
        "strikethrough" => EntityKind::Strikethrough,
        "spoiler" => EntityKind::Spoiler,
        "code" => EntityKind::Code,
        "pre" => EntityKind::Pre { language: text(object, "language")?.filter(|language| !language.is_empty()) },
        "blockquote" => EntityKind::Blockquote,
        "expandable_blockquote" => EntityKind::ExpandableBlockquote,
        "text_link" => EntityKind::TextLink { url: text(object, "url")?.ok_or(JsonError::Missing("url"))? },
        "text_mention" => {
            let user = object.get("user").ok_or(JsonError::Missing("user"))?;
            let user = user.as_object().ok_or(JsonError::Type { name: "user", what: "of type Object" })?;
            EntityKind::TextMention { user: MentionedUser { id: integer(user, "id", "a Number")? } }
        }
        "custom_emoji" => {
            let id: i64 = integer(object, "custom_emoji_id", "a Number")?;
            EntityKind::CustomEmoji { custom_emoji_id: id.to_string() }
        }
        "date_time" => {
            let unix_time = integer(object, "unix_time", "of type Number")?;
            let format = text(object, "date_time_format")?.unwrap_or_default();
            let date_time_format = dates::of_entity(&format).ok_or(JsonError::DateFormat)?;
            EntityKind::DateTime { unix_time, date_time_format }
        }
        "mention" | "hashtag" | "cashtag" | "bot_command" | "url" | "email" | "phone_number" | "bank_card_number" => {
            return Ok(None);
        }
        _ => return Err(JsonError::UnknownType),
    }))
}

/// A field that is a number, or a number as text.
fn integer<T: std::str::FromStr + ToString>(
    object: &Map<String, Value>,
    name: &'static str,
    what: &'static str,
) -> Result<T, JsonError> {
    let digits = match object.get(name) {
        None => return Err(JsonError::Missing(name)),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(JsonError::Type { name, what }),
    };
    link::number(&digits).ok_or(JsonError::Number(digits))
}

/// A field that is a text, or a number taken as text.
fn text(object: &Map<String, Value>, name: &'static str) -> Result<Option<String>, JsonError> {
    match object.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(JsonError::Type { name, what: "of type String" }),
    }
}

/// What it is to Telegram.
fn meant(kind: EntityKind) -> Result<EntityKind, GivenError> {
    match kind {
        EntityKind::TextLink { url } => match link::user(&url) {
            Some(id) => Ok(EntityKind::TextMention { user: MentionedUser { id } }),
            None => match link::checked(&url) {
                Ok(url) => Ok(EntityKind::TextLink { url }),
                Err(reason) => Err(GivenError::Link { url, reason }),
            },
        },
        EntityKind::TextMention { user } if !link::is_user(user.id) => Err(GivenError::User),
        EntityKind::CustomEmoji { custom_emoji_id } if custom_emoji_id == "0" => Err(GivenError::CustomEmoji),
        EntityKind::DateTime { unix_time: ..=0, .. } => Err(GivenError::Date),
        kind => Ok(kind),
    }
}

fn placed(given: Given) -> Result<Entity, GivenError> {
    let within = |number: i64| usize::try_from(number).ok().filter(|_| number <= FARTHEST);
    let offset = within(given.offset).ok_or(GivenError::Offset(given.offset))?;
    let length = within(given.length).ok_or(GivenError::Length(given.length))?;
    Ok(Entity { offset, length, kind: given.kind })
}
