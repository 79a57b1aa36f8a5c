//! The Bot API's objects as JSON: absent fields are left out, never `null`.

use serde_json::{Map, Value, json};

use crate::control::{Author, Button, Entity, EntityKind, FormattedText, Markup, Millis, RoomKind, UserView};
use crate::world::chat::{Extra, Message, Origin};
use crate::world::files::StoredFile;
use crate::world::{Bot, ChatKey, World};

/// `User` of a person.
pub(crate) fn user(user: &UserView) -> Value {
    let mut object = person(user);
    object.insert("is_bot".into(), false.into());
    put(&mut object, "language_code", user.language_code.as_deref());
    Value::Object(object)
}

fn person(user: &UserView) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("id".into(), user.id.into());
    object.insert("first_name".into(), user.first_name.clone().into());
    put(&mut object, "last_name", user.last_name.as_deref());
    put(&mut object, "username", user.username.as_deref());
    object
}

fn put(object: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        object.insert(name.to_owned(), value.into());
    }
}

/// `User` of a bot, as others see it.
pub(crate) fn bot(bot: &Bot) -> Value {
    json!({ "id": bot.id, "is_bot": true, "first_name": bot.first_name, "username": bot.username })
}

/// `User` of a bot, as getMe tells it.
pub(crate) fn me(bot: &Bot) -> Value {
    json!({
        "id": bot.id,
        "is_bot": true,
        "first_name": bot.first_name,
        "username": bot.username,
        "can_join_groups": true,
        "can_read_all_group_messages": bot.reads_all,
        "supports_inline_queries": false,
        "can_connect_to_business": false,
        "has_main_web_app": false,
        "has_topics_enabled": false,
        "allows_users_to_create_topics": false,
    })
}

/// `User` of whoever has this id.
pub(crate) fn somebody(world: &World, id: i64) -> Value {
    match world.users.get(&id) {
        Some(person) => user(person),
        None => world.bots.get(&id).map_or(Value::Null, bot),
    }
}

/// `Chat`: what every message tells of the chat it is in.
pub(crate) fn chat(world: &World, key: ChatKey) -> Value {
    let mut object = Map::new();
    match key {
        ChatKey::Private { user, .. } => {
            object = world.users.get(&user).map(person).unwrap_or_default();
            object.insert("type".into(), "private".into());
        }
        ChatKey::Shared(id) => {
            let chat = world.chats.get(&key);
            if let Some((room, kind)) = chat.and_then(|chat| Some((chat.room()?, chat.room_kind()?))) {
                object.insert("id".into(), id.into());
                object.insert("title".into(), room.title.clone().into());
                put(&mut object, "username", room.username.as_deref());
                object.insert("type".into(), room_type(kind).into());
                if kind == RoomKind::Group {
                    object.insert("all_members_are_administrators".into(), false.into());
                    object.insert("accepted_gift_types".into(), gifts(false));
                }
            }
        }
    }
    Value::Object(object)
}

/// The name of whoever wrote a post of a channel that shows it.
pub(crate) fn signature(world: &World, key: ChatKey, message: &Message) -> Option<String> {
    let signs = message.author == Author::Channel && world.chats.get(&key)?.room()?.signatures;
    let person = world.users.get(&message.from).filter(|_| signs && message.service.is_none())?;
    let name = [Some(person.first_name.as_str()), person.last_name.as_deref()];
    Some(name.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// `AcceptedGiftTypes`, all or none.
pub(super) fn gifts(accepted: bool) -> Value {
    json!({
        "unlimited_gifts": accepted,
        "limited_gifts": accepted,
        "unique_gifts": accepted,
        "premium_subscription": accepted,
        "gifts_from_channels": accepted,
    })
}

fn room_type(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Group => "group",
        RoomKind::Supergroup => "supergroup",
        RoomKind::Channel => "channel",
    }
}

/// `Message` as a bot gets it, with the message that it answers.
pub(crate) fn message(world: &World, bot: i64, key: ChatKey, message_id: i64) -> Value {
    let Some(mut object) = bare_message(world, bot, key, message_id) else { return Value::Null };
    let chat = world.chats.get(&key);
    let reply_to = chat.and_then(|chat| chat.messages.get(&message_id)).and_then(|message| message.reply_to);
    let answered = reply_to.filter(|id| chat.is_some_and(|chat| chat.messages.get(id).is_some_and(|m| !m.deleted)));
    if let Some(answered) = answered.and_then(|id| bare_message(world, bot, key, id)) {
        object.insert("reply_to_message".into(), Value::Object(answered));
    }
    Value::Object(object)
}

/// `Message` without the message that it answers.
pub(super) fn bare_message(world: &World, bot: i64, key: ChatKey, message_id: i64) -> Option<Map<String, Value>> {
    let message = world.chats.get(&key)?.messages.get(&message_id)?;
    let mut object = Map::new();
    object.insert("message_id".into(), message.id.into());
    match message.author {
        Author::User | Author::Bot => object.insert("from".into(), somebody(world, message.from)),
        Author::Channel => object.insert("sender_chat".into(), chat(world, key)),
    };
    if let Some(signature) = signature(world, key, message) {
        object.insert("author_signature".into(), signature.into());
    }
    object.insert("chat".into(), chat(world, key));
    object.insert("date".into(), message.sent.seconds().into());
    if let Some(edited) = message.edited() {
        object.insert("edit_date".into(), edited.seconds().into());
    }
    let file = message.file.and_then(|key| world.files.get(key));
    let (text, entities) = if file.is_some() { ("caption", "caption_entities") } else { ("text", "entities") };
    put_text(world, &mut object, text, entities, &message.current.text);
    if let Some(file) = file {
        match file.photo {
            Some(_) => object.insert("photo".into(), photo(world, file, bot)),
            None => object.insert("document".into(), document(file, bot)),
        };
    }
    if let Some(service) = &message.service {
        super::members::put_service(&mut object, world, bot, key, service);
    }
    put_extra(&mut object, world, &message.extra);
    if message.protected {
        object.insert("has_protected_content".into(), true.into());
    }
    if let Some(Markup::Inline(rows)) = &message.current.markup {
        object.insert(
            "reply_markup".into(),
            json!({ "inline_keyboard": rows.iter().map(|row| {
            row.iter().map(inline_button).collect::<Vec<Value>>()
        }).collect::<Vec<_>>() }),
        );
    }
    Some(object)
}

fn put_text(world: &World, object: &mut Map<String, Value>, text: &str, entities: &str, value: &FormattedText) {
    if value.text.is_empty() {
        return;
    }
    object.insert(text.to_owned(), value.text.clone().into());
    let shown: Vec<Value> = value.entities.iter().filter_map(|shown| entity(world, shown)).collect();
    if !shown.is_empty() {
        object.insert(entities.to_owned(), shown.into());
    }
}

/// `MessageEntity`; nothing of bank cards, which bots are not told, and of people whom nobody knows.
fn entity(world: &World, entity: &Entity) -> Option<Value> {
    let mut object = json!(entity);
    match &entity.kind {
        EntityKind::BankCardNumber => return None,
        EntityKind::TextMention { user: mentioned } => {
            let person = world.users.get(&mentioned.id).map(user);
            object["user"] = person.or_else(|| world.bots.get(&mentioned.id).map(bot))?;
        }
        _ => {}
    }
    Some(object)
}

fn inline_button(button: &Button) -> Value {
    let mut object = Map::new();
    object.insert("text".into(), button.text.clone().into());
    put(&mut object, "url", button.url.as_deref());
    put(&mut object, "callback_data", button.callback_data.as_deref());
    if let Some(copied) = &button.copy_text {
        object.insert("copy_text".into(), json!({ "text": copied }));
    }
    Value::Object(object)
}

fn document(file: &StoredFile, bot: i64) -> Value {
    let mut object = file_ids(file, bot);
    put(&mut object, "file_name", Some(&file.name));
    put(&mut object, "mime_type", Some(&file.mime));
    Value::Object(object)
}

/// All sizes of a photo, the smallest one first.
fn photo(world: &World, file: &StoredFile, bot: i64) -> Value {
    let sizes = file.sizes.iter().filter_map(|key| world.files.get(*key)).chain([file]);
    sizes
        .map(|size| {
            let mut object = file_ids(size, bot);
            let (width, height) = size.photo.unwrap_or_default();
            object.insert("width".into(), width.into());
            object.insert("height".into(), height.into());
            Value::Object(object)
        })
        .collect()
}

/// What only some messages have.
fn put_extra(object: &mut Map<String, Value>, world: &World, extra: &Extra) {
    if let Some((origin, date)) = &extra.forwarded {
        put_origin(object, world, origin, *date);
    }
    put(object, "media_group_id", extra.album.as_deref());
    for (name, value) in [("quote", &extra.quote), ("link_preview_options", &extra.link_preview)] {
        if let Some(value) = value {
            object.insert(name.into(), value.clone());
        }
    }
    for (name, flag) in [("has_media_spoiler", extra.spoiler), ("show_caption_above_media", extra.caption_above)] {
        if flag {
            object.insert(name.into(), true.into());
        }
    }
}

/// `MessageOrigin`, and the fields that were there before it.
fn put_origin(object: &mut Map<String, Value>, world: &World, origin: &Origin, date: Millis) {
    let date = date.seconds();
    match origin {
        Origin::User(id) => {
            let sender = somebody(world, *id);
            object.insert("forward_origin".into(), json!({ "type": "user", "sender_user": sender, "date": date }));
            object.insert("forward_from".into(), sender);
        }
        Origin::Channel { chat: id, message_id } => {
            let chat = chat(world, ChatKey::Shared(*id));
            let origin = json!({ "type": "channel", "chat": chat, "message_id": message_id, "date": date });
            object.insert("forward_origin".into(), origin);
            object.insert("forward_from_chat".into(), chat);
            object.insert("forward_from_message_id".into(), (*message_id).into());
        }
    }
    object.insert("forward_date".into(), date.into());
}

fn file_ids(file: &StoredFile, bot: i64) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("file_id".into(), file.id_for(bot).into());
    object.insert("file_unique_id".into(), file.unique_id().into());
    object.insert("file_size".into(), file.bytes.len().into());
    object
}

/// `File`, ready for download.
pub(crate) fn file(file: &StoredFile, bot: i64, path: &str) -> Value {
    let mut object = file_ids(file, bot);
    object.insert("file_path".into(), path.into());
    Value::Object(object)
}
