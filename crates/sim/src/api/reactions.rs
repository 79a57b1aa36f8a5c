//! Reactions of bots to messages.

use serde_json::{Value, json};

use super::messages::standing_message;
use super::{ApiCall, ApiError, Parameters, Reply};
use crate::world::World;

/// Emoji that can be reacted with, as the Bot API's documentation of `ReactionTypeEmoji` lists them.
const EMOJI: &[&str] = &[
    "❤",
    "👍",
    "👎",
    "🔥",
    "🥰",
    "👏",
    "😁",
    "🤔",
    "🤯",
    "😱",
    "🤬",
    "😢",
    "🎉",
    "🤩",
    "🤮",
    "💩",
    "🙏",
    "👌",
    "🕊",
    "🤡",
    "🥱",
    "🥴",
    "😍",
    "🐳",
    "❤‍🔥",
    "🌚",
    "🌭",
    "💯",
    "🤣",
    "⚡",
    "🍌",
    "🏆",
    "💔",
    "🤨",
    "😐",
    "🍓",
    "🍾",
    "💋",
    "🖕",
    "😈",
    "😴",
    "😭",
    "🤓",
    "👻",
    "👨‍💻",
    "👀",
    "🎃",
    "🙈",
    "😇",
    "😨",
    "🤝",
    "✍",
    "🤗",
    "🫡",
    "🎅",
    "🎄",
    "☃",
    "💅",
    "🤪",
    "🗿",
    "🆒",
    "💘",
    "🙉",
    "🦄",
    "😘",
    "💊",
    "🙊",
    "😎",
    "👾",
    "🤷‍♂",
    "🤷",
    "🤷‍♀",
    "😡",
];

pub(super) fn set_message_reaction(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let reactions = reactions(call.parameters)?;
    let (key, message_id) = standing_message(world, call, "message to react not found")?;
    if reactions.len() > 1 {
        return Err(ApiError::bad_request("REACTIONS_TOO_MANY"));
    }
    let is_known = |reaction: &Value| reaction["emoji"].as_str().is_some_and(|emoji| EMOJI.contains(&emoji));
    if !reactions.iter().all(is_known) {
        return Err(ApiError::bad_request("REACTION_INVALID"));
    }
    world.next_moment();
    if let Some(message) = world.chats.get_mut(&key).and_then(|chat| chat.messages.get_mut(&message_id)) {
        message.extra.reactions.insert(call.bot, reactions);
        message.extra.reactions.retain(|_, reactions| !reactions.is_empty());
    }
    world.tell_message(key, message_id);
    Ok(Value::from(true).into())
}

fn reactions(parameters: &Parameters) -> Result<Vec<Value>, ApiError> {
    let wrong = |what: &str| ApiError::bad_request(&format!("Can't parse ReactionType: {what}"));
    let list = match parameters.json("reaction", "Can't parse reaction types JSON object")? {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(ApiError::bad_request("Expected an Array of ReactionType")),
    };
    let read = |value: &Value| {
        let object = value.as_object().ok_or_else(|| wrong("expected an Object"))?;
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        match text("type").ok_or_else(|| wrong("Can't find field \"type\""))? {
            "emoji" => {
                let emoji = text("emoji").ok_or_else(|| wrong("Can't find field \"emoji\""))?;
                Ok(json!({ "type": "emoji", "emoji": emoji.trim_end_matches('\u{fe0f}') }))
            }
            "custom_emoji" => Err(ApiError::not_simulated("reactions with a custom emoji")),
            _ => Err(wrong("invalid reaction type specified")),
        }
    };
    list.iter().map(read).collect()
}
