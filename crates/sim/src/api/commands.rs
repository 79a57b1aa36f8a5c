//! The command menus.

use serde_json::{Value, json};

use super::{ApiCall, ApiError, Parameters, Reply, chats};
use crate::control::Command;
use crate::world::commands::Scope;
use crate::world::{ChatKey, World};

const COMMAND_LENGTH: usize = 32;
const DESCRIPTION_LENGTH: usize = 256;
const MOST: usize = 100;

pub(super) fn set_my_commands(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let commands = commands(call.parameters)?;
    replace(world, call, commands)
}

pub(super) fn delete_my_commands(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    replace(world, call, Vec::new())
}

pub(super) fn get_my_commands(world: &mut World, call: &ApiCall<'_>) -> Result<Reply, ApiError> {
    let (scope, language) = (scope(call.parameters)?, language(call.parameters)?);
    Ok(json!(call.bot(world)?.menus.get(scope, language)).into())
}

fn replace(world: &mut World, call: &ApiCall<'_>, commands: Vec<Command>) -> Result<Reply, ApiError> {
    let (scope, language) = (scope(call.parameters)?, language(call.parameters)?);
    if let Scope::Chat(chat) | Scope::ChatAdministrators(chat) | Scope::ChatMember(chat, _) = scope {
        let key = chats::named_chat(world, call.bot, &chat.to_string())?;
        chats::check_access(world, call.bot, key, chats::Access::Members)?;
    }
    call.bot(world)?.menus.set(scope, language, commands);
    world.next_moment();
    let chats: Vec<ChatKey> =
        world.chats.keys().filter(|key| key.private_bot().is_none_or(|bot| bot == call.bot)).copied().collect();
    for key in chats {
        world.tell_chat(key);
    }
    Ok(Value::from(true).into())
}

fn commands(parameters: &Parameters) -> Result<Vec<Command>, ApiError> {
    let Some(value) = parameters.json("commands", "can't parse commands JSON object")? else { return Ok(Vec::new()) };
    let Value::Array(list) = value else { return Err(ApiError::bad_request("expected an Array of BotCommand")) };
    if list.len() > MOST {
        return Err(ApiError::bad_request("BOT_COMMANDS_TOO_MUCH"));
    }
    list.into_iter().map(command).collect()
}

fn command(value: Value) -> Result<Command, ApiError> {
    let wrong = |what: &str| ApiError::bad_request(&format!("can't parse BotCommand: {what}"));
    if !value.is_object() {
        return Err(wrong("expected an Object"));
    }
    let text = |name: &str| value[name].as_str().ok_or_else(|| wrong(&format!("Can't find field \"{name}\"")));
    let (name, description) = (text("command")?.trim(), text("description")?.trim());
    let name = name.strip_prefix('/').unwrap_or(name);
    if name.chars().count() > COMMAND_LENGTH {
        return Err(ApiError::bad_request("command length must not exceed 32"));
    }
    if description.is_empty() {
        return Err(ApiError::bad_request("command description must be non-empty"));
    }
    if description.chars().count() > DESCRIPTION_LENGTH {
        return Err(ApiError::bad_request("command description length must not exceed 256"));
    }
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        return Err(ApiError::bad_request("BOT_COMMAND_INVALID"));
    }
    Ok(Command { command: name.to_owned(), description: description.to_owned() })
}

fn scope(parameters: &Parameters) -> Result<Scope, ApiError> {
    let wrong = |what: &str| ApiError::bad_request(&format!("can't parse BotCommandScope: {what}"));
    let Some(value) = parameters.json("scope", "can't parse BotCommandScope JSON object")? else {
        return Ok(Scope::Default);
    };
    if !value.is_object() {
        return Err(wrong("BotCommandScope must be an Object"));
    }
    if value["chat_id"] == "" {
        return Err(wrong("Empty chat_id specified"));
    }
    if value["type"] == "chat_member" && value["user_id"].as_i64().is_some_and(|id| id <= 0) {
        return Err(wrong("Invalid user_id specified"));
    }
    let number = |name: &str| {
        let value = &value[name];
        let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number.ok_or_else(|| wrong(&format!("Can't find field \"{name}\"")))
    };
    match value["type"].as_str() {
        Some("default") => Ok(Scope::Default),
        Some("all_private_chats") => Ok(Scope::AllPrivateChats),
        Some("all_group_chats") => Ok(Scope::AllGroupChats),
        Some("all_chat_administrators") => Ok(Scope::AllChatAdministrators),
        Some("chat") => Ok(Scope::Chat(number("chat_id")?)),
        Some("chat_administrators") => Ok(Scope::ChatAdministrators(number("chat_id")?)),
        Some("chat_member") => Ok(Scope::ChatMember(number("chat_id")?, number("user_id")?)),
        Some(_) => Err(wrong("Unsupported type specified")),
        None => Err(wrong("Can't find field \"type\"")),
    }
}

fn language(parameters: &Parameters) -> Result<&str, ApiError> {
    let language = parameters.text("language_code");
    let is_code = language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase());
    if language.is_empty() || is_code {
        Ok(language)
    } else {
        Err(ApiError::bad_request("invalid language code specified"))
    }
}
