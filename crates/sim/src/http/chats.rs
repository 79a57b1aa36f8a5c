//! `/control/chats`: groups, supergroups and channels, and what people do in them.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asked::{Bytes, Json, Path, Query};
use super::control::people::document;
use super::shared::Shared;
use crate::control::{
    MessageView, Migrate, Millis, NewMember, NewRoom, NewRoomMessage, NewTitle, Press, Pressed, Refusal, RoomCommand,
    RoomDelete, RoomEdit, RoomPress, RoomUpload, RoomView, Sent, Upload,
};
use crate::world::people::PeopleError;
use crate::world::{ChatKey, World};

/// The routes below `/control/chats`.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(member))
        .routes(routes!(messages, say))
        .routes(routes!(send_document))
        .routes(routes!(send_photo))
        .routes(routes!(send_sample))
        .routes(routes!(edit))
        .routes(routes!(delete))
        .routes(routes!(press))
        .routes(routes!(commands))
        .routes(routes!(migrate))
        .routes(routes!(title))
}

/// Lets a person do something in a shared chat.
fn in_chat<T>(
    shared: &Shared,
    chat: i64,
    person: i64,
    act: impl FnOnce(&mut World, ChatKey, Millis) -> Result<T, PeopleError>,
) -> Result<T, PeopleError> {
    shared.with(|world, now| {
        let key = world.shared_chat(chat, person)?;
        act(world, key, now)
    })
}

/// Creates a group, a supergroup or a channel.
#[utoipa::path(
    post,
    path = "/chats",
    tag = "chats",
    operation_id = "chat_create",
    request_body = NewRoom,
    responses((status = 200, description = "Done", body = RoomView), (status = "default", description = "Why not", body = Refusal))
)]
async fn create(State(shared): State<Shared>, Json(new): Json<NewRoom>) -> Result<Json<RoomView>, PeopleError> {
    shared.with(|world, now| world.create_room(&new, now)).map(Json)
}

/// Adds, promotes, restricts or removes a person or a bot.
#[utoipa::path(
    post,
    path = "/chats/{chat}/members",
    tag = "chats",
    operation_id = "chat_member",
    params(("chat" = i64, Path, description = "The chat's id, negative")),
    request_body = NewMember,
    responses((status = 200, description = "Done", body = RoomView), (status = "default", description = "Why not", body = Refusal))
)]
async fn member(
    State(shared): State<Shared>,
    Path(chat): Path<i64>,
    Json(member): Json<NewMember>,
) -> Result<Json<RoomView>, PeopleError> {
    shared.with(|world, now| world.change_room(chat, &member, now)).map(Json)
}

/// The chat, with everything that each message was.
#[utoipa::path(
    get,
    path = "/chats/{chat}/messages",
    tag = "chats",
    operation_id = "chat_messages",
    params(("chat" = i64, Path, description = "The chat's id, negative")),
    responses((status = 200, description = "Done", body = Vec<MessageView>), (status = "default", description = "Why not", body = Refusal))
)]
async fn messages(State(shared): State<Shared>, Path(chat): Path<i64>) -> Result<Json<Vec<MessageView>>, PeopleError> {
    let key = ChatKey::Shared(chat);
    shared.read(|world, _| world.room(key).map(|_| super::control::people::views(world, key))).map(Json)
}

/// A member says something, or an administrator posts in a channel.
#[utoipa::path(
    post,
    path = "/chats/{chat}/messages",
    tag = "chats",
    operation_id = "chat_say",
    params(("chat" = i64, Path, description = "The chat's id, negative")),
    request_body = NewRoomMessage,
    responses((status = 200, description = "Done", body = Sent), (status = "default", description = "Why not", body = Refusal))
)]
async fn say(
    State(shared): State<Shared>,
    Path(chat): Path<i64>,
    Json(message): Json<NewRoomMessage>,
) -> Result<Json<Sent>, PeopleError> {
    in_chat(&shared, chat, message.from, |world, key, now| {
        world.say(key, message.from, &message.text, message.reply_to, now)
    })
    .map(Json)
}

/// A member sends a document; the body is the file.
#[utoipa::path(
    post,
    path = "/chats/{chat}/documents",
    tag = "chats",
    operation_id = "chat_send_document",
    params(("chat" = i64, Path, description = "The chat's id, negative"), RoomUpload),
    request_body(content_type = "application/octet-stream", description = "The file"),
    responses((status = 200, description = "Done", body = Sent), (status = "default", description = "Why not", body = Refusal))
)]
async fn send_document(
    State(shared): State<Shared>,
    Path(chat): Path<i64>,
    Query(upload): Query<RoomUpload>,
    Bytes(bytes): Bytes,
) -> Result<Json<Sent>, PeopleError> {
    let RoomUpload { from, name, mime, caption } = upload;
    let document = document(Upload { bot: None, name, mime, caption }, bytes);
    in_chat(&shared, chat, from, |world, key, now| world.send_document(key, from, document, now)).map(Json)
}

/// A member sends a photo; the body is a PNG or JPEG.
#[utoipa::path(
    post,
    path = "/chats/{chat}/photos",
    tag = "chats",
    operation_id = "chat_send_photo",
    params(("chat" = i64, Path, description = "The chat's id, negative"), RoomUpload),
    request_body(content_type = "application/octet-stream", description = "The file"),
    responses((status = 200, description = "Done", body = Sent), (status = "default", description = "Why not", body = Refusal))
)]
async fn send_photo(
    State(shared): State<Shared>,
    Path(chat): Path<i64>,
    Query(upload): Query<RoomUpload>,
    Bytes(bytes): Bytes,
) -> Result<Json<Sent>, PeopleError> {
    let caption = upload.caption.unwrap_or_default();
    in_chat(&shared, chat, upload.from, |world, key, now| world.send_photo(key, upload.from, bytes, &caption, now))
        .map(Json)
}

/// Who sends a sample.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SampleOf {
    /// A member.
    from: i64,
}

/// A member sends one of the sample files.
#[utoipa::path(
    post,
    path = "/chats/{chat}/samples/{name}",
    tag = "chats",
    operation_id = "chat_send_sample",
    params(("chat" = i64, Path, description = "The chat's id, negative"), ("name" = String, Path, description = "The sample's name"), SampleOf),
    responses((status = 200, description = "Done", body = Sent), (status = "default", description = "Why not", body = Refusal))
)]
async fn send_sample(
    State(shared): State<Shared>,
    Path((chat, name)): Path<(i64, String)>,
    Query(SampleOf { from }): Query<SampleOf>,
) -> Response {
    super::control::people::sample(&shared, &name, from, |world| world.shared_chat(chat, from))
}

/// A member changes what they said.
#[utoipa::path(
    post,
    path = "/chats/{chat}/edit",
    tag = "chats",
    operation_id = "chat_edit",
    params(("chat" = i64, Path, description = "The chat's id, negative")),
    request_body = RoomEdit,
    responses((status = 200, description = "Done", body = Sent), (status = "default", description = "Why not", body = Refusal))
)]
async fn edit(
    State(shared): State<Shared>,
    Path(chat): Path<i64>,
    Json(edit): Json<RoomEdit>,
) -> Result<Json<Sent>, PeopleError> {
    in_chat(&shared, chat, edit.from, |world, key, now| {
        world.edit_own(key, edit.from, edit.message_id, &edit.text, now)
    })
    .map(Json)
}

/// A member deletes a message.
#[utoipa::path(
    post,
    path = "/chats/{chat}/delete",
    tag = "chats",
    operation_id = "chat_delete",
    params(("chat" = i64, Path, description = "The chat's id, negative")),
    request_body = RoomDelete,
    responses((status = 200, description = "Done", body = Sent), (status = "default", description = "Why not", body = Refusal))
)]
async fn delete(
    State(shared): State<Shared>,
    Path(chat): Path<i64>,
    Json(delete): Json<RoomDelete>,
) -> Result<Json<Sent>, PeopleError> {
    in_chat(&shared, chat, delete.from, |world, key, _| world.delete_in_room(key, &delete)).map(Json)
}

/// A member presses a button of an inline keyboard.
#[utoipa::path(
    post,
    path = "/chats/{chat}/press",
    tag = "chats",
    operation_id = "chat_press",
    params(("chat" = i64, Path, description = "The chat's id, negative")),
    request_body = RoomPress,
    responses((status = 200, description = "Done", body = Pressed), (status = "default", description = "Why not", body = Refusal))
)]
async fn press(
    State(shared): State<Shared>,
    Path(chat): Path<i64>,
    Json(press): Json<RoomPress>,
) -> Result<Json<Pressed>, PeopleError> {
    let RoomPress { from, message_id, text, data } = press;
    in_chat(&shared, chat, from, |world, key, now| {
        world.press(key, from, &Press { message_id, text, data, bot: None }, now)
    })
    .map(Json)
}

/// Whose menu is asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CommandsOf {
    /// A person.
    user: i64,
}

/// The menus of the bots in the chat, as a person is offered them there.
#[utoipa::path(
    get,
    path = "/chats/{chat}/commands",
    tag = "chats",
    operation_id = "chat_commands",
    params(("chat" = i64, Path, description = "The chat's id, negative"), CommandsOf),
    responses((status = 200, description = "Done", body = Vec<RoomCommand>), (status = "default", description = "Why not", body = Refusal))
)]
async fn commands(
    State(shared): State<Shared>,
    Path(chat): Path<i64>,
    Query(of): Query<CommandsOf>,
) -> Result<Json<Vec<RoomCommand>>, PeopleError> {
    shared.read(|world, _| world.room_commands(chat, of.user)).map(Json)
}

/// A group becomes a supergroup.
#[utoipa::path(
    post,
    path = "/chats/{chat}/migrate",
    tag = "chats",
    operation_id = "chat_migrate",
    params(("chat" = i64, Path, description = "The chat's id, negative")),
    request_body = Migrate,
    responses((status = 200, description = "Done", body = RoomView), (status = "default", description = "Why not", body = Refusal))
)]
async fn migrate(
    State(shared): State<Shared>,
    Path(chat): Path<i64>,
    Json(migrate): Json<Migrate>,
) -> Result<Json<RoomView>, PeopleError> {
    shared.with(|world, now| world.migrate(ChatKey::Shared(chat), &migrate, now)).map(Json)
}

/// A chat gets another title.
#[utoipa::path(
    post,
    path = "/chats/{chat}/title",
    tag = "chats",
    operation_id = "chat_title",
    params(("chat" = i64, Path, description = "The chat's id, negative")),
    request_body = NewTitle,
    responses((status = 200, description = "Done", body = RoomView), (status = "default", description = "Why not", body = Refusal))
)]
async fn title(
    State(shared): State<Shared>,
    Path(chat): Path<i64>,
    Json(title): Json<NewTitle>,
) -> Result<Json<RoomView>, PeopleError> {
    let key = ChatKey::Shared(chat);
    shared
        .with(|world, now| {
            world.set_title(key, &title, now)?;
            world.room_view(key).ok_or(PeopleError::NoChat(chat))
        })
        .map(Json)
}
