//! What people do in the private chat with a bot.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::refuse;
use crate::control::{
    Block, Edit, MessageView, Millis, NewMessage, NewUser, Press, Pressed, Refusal, Sent, Upload, UserView,
};
use crate::http::asked::{Bytes, Json, Path, Query};
use crate::http::shared::Shared;
use crate::world::people::{Document, PeopleError};
use crate::world::{ChatKey, World};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(put_user))
        .routes(routes!(put_users))
        .routes(routes!(messages, say))
        .routes(routes!(send_document))
        .routes(routes!(send_photo))
        .routes(routes!(send_sample))
        .routes(routes!(press))
        .routes(routes!(edit))
        .routes(routes!(block))
        .routes(routes!(deactivate))
}

/// A bot named in the query string.
#[derive(Deserialize, IntoParams)]
struct WhichBot {
    bot: Option<i64>,
}

/// Creates a person, or changes the one with this id.
#[utoipa::path(
    post,
    path = "/users",
    tag = "people",
    request_body = NewUser,
    responses((status = 200, description = "Done", body = UserView), (status = "default", description = "Why not", body = Refusal))
)]
async fn put_user(State(shared): State<Shared>, Json(user): Json<NewUser>) -> Result<Json<UserView>, PeopleError> {
    shared.with(|world, _| world.put_user(user)).map(Json)
}

/// Creates or changes many people at once, up to the first one who cannot be.
#[utoipa::path(
    post,
    path = "/users/many",
    tag = "people",
    request_body = Vec<NewUser>,
    responses((status = 200, description = "How many", body = usize), (status = "default", description = "Why not", body = Refusal))
)]
async fn put_users(State(shared): State<Shared>, Json(users): Json<Vec<NewUser>>) -> Result<Json<usize>, PeopleError> {
    let count = users.len();
    shared.with(|world, _| users.into_iter().try_for_each(|user| world.put_user(user).map(drop)))?;
    Ok(Json(count))
}

/// The chat of a person and a bot, with everything that each message was.
#[utoipa::path(
    get,
    path = "/users/{user}/messages",
    tag = "people",
    params(("user" = i64, Path, description = "The person's id"), WhichBot),
    responses((status = 200, description = "Done", body = Vec<MessageView>), (status = "default", description = "Why not", body = Refusal))
)]
async fn messages(
    State(shared): State<Shared>,
    Path(user): Path<i64>,
    Query(which): Query<WhichBot>,
) -> Result<Json<Vec<MessageView>>, PeopleError> {
    shared.read(|world, _| world.chat_key(user, which.bot).map(|key| views(world, key))).map(Json)
}

/// A chat as people see it.
pub(in crate::http) fn views(world: &World, key: ChatKey) -> Vec<MessageView> {
    let chat = world.chats.get(&key).into_iter();
    chat.flat_map(|chat| chat.messages.values()).map(|message| message.view(&world.files)).collect()
}

/// Lets a person do something in the chat with a bot.
fn with_bot<T>(
    shared: &Shared,
    person: i64,
    bot: Option<i64>,
    act: impl FnOnce(&mut World, ChatKey, Millis) -> Result<T, PeopleError>,
) -> Result<T, PeopleError> {
    shared.with(|world, now| {
        let key = world.chat_key(person, bot)?;
        act(world, key, now)
    })
}

/// A person says something to a bot.
#[utoipa::path(
    post,
    path = "/users/{user}/messages",
    tag = "people",
    params(("user" = i64, Path, description = "The person's id")),
    request_body = NewMessage,
    responses((status = 200, description = "Done", body = Sent), (status = "default", description = "Why not", body = Refusal))
)]
async fn say(
    State(shared): State<Shared>,
    Path(user): Path<i64>,
    Json(message): Json<NewMessage>,
) -> Result<Json<Sent>, PeopleError> {
    with_bot(&shared, user, message.bot, |world, key, now| world.say(key, user, &message.text, message.reply_to, now))
        .map(Json)
}

/// A person changes what they said.
#[utoipa::path(
    post,
    path = "/users/{user}/edit",
    tag = "people",
    params(("user" = i64, Path, description = "The person's id")),
    request_body = Edit,
    responses((status = 200, description = "Done", body = Sent), (status = "default", description = "Why not", body = Refusal))
)]
async fn edit(
    State(shared): State<Shared>,
    Path(user): Path<i64>,
    Json(edit): Json<Edit>,
) -> Result<Json<Sent>, PeopleError> {
    with_bot(&shared, user, edit.bot, |world, key, now| world.edit_own(key, user, edit.message_id, &edit.text, now))
        .map(Json)
}

/// The document that an upload makes.
pub(in crate::http) fn document(upload: Upload, bytes: bytes::Bytes) -> Document {
    Document {
        name: upload.name.unwrap_or_else(|| "file".to_owned()),
        mime: upload.mime,
        bytes,
        caption: upload.caption.unwrap_or_default(),
    }
}

/// A person sends a document; the body is the file, up to 128 MiB.
#[utoipa::path(
    post,
    path = "/users/{user}/documents",
    tag = "people",
    params(("user" = i64, Path, description = "The person's id"), Upload),
    request_body(content_type = "application/octet-stream", description = "The file"),
    responses((status = 200, description = "Done", body = Sent), (status = "default", description = "Why not", body = Refusal))
)]
async fn send_document(
    State(shared): State<Shared>,
    Path(user): Path<i64>,
    Query(upload): Query<Upload>,
    Bytes(bytes): Bytes,
) -> Result<Json<Sent>, PeopleError> {
    let bot = upload.bot;
    let document = document(upload, bytes);
    with_bot(&shared, user, bot, |world, key, now| world.send_document(key, user, document, now)).map(Json)
}

/// A person sends a photo; the body is a PNG or JPEG.
#[utoipa::path(
    post,
    path = "/users/{user}/photos",
    tag = "people",
    params(("user" = i64, Path, description = "The person's id"), Upload),
    request_body(content_type = "application/octet-stream", description = "The file"),
    responses((status = 200, description = "Done", body = Sent), (status = "default", description = "Why not", body = Refusal))
)]
async fn send_photo(
    State(shared): State<Shared>,
    Path(user): Path<i64>,
    Query(upload): Query<Upload>,
    Bytes(bytes): Bytes,
) -> Result<Json<Sent>, PeopleError> {
    let caption = upload.caption.unwrap_or_default();
    with_bot(&shared, user, upload.bot, |world, key, now| world.send_photo(key, user, bytes, &caption, now)).map(Json)
}

/// A person sends one of the sample files.
#[utoipa::path(
    post,
    path = "/users/{user}/samples/{name}",
    tag = "people",
    params(("user" = i64, Path, description = "The person's id"), ("name" = String, Path, description = "The sample's name"), WhichBot),
    responses((status = 200, description = "Done", body = Sent), (status = "default", description = "Why not", body = Refusal))
)]
async fn send_sample(
    State(shared): State<Shared>,
    Path((user, name)): Path<(i64, String)>,
    Query(which): Query<WhichBot>,
) -> Response {
    sample(&shared, &name, user, |world| world.chat_key(user, which.bot))
}

/// Somebody sends a sample into the chat that `find` finds.
pub(in crate::http) fn sample(
    shared: &Shared,
    name: &str,
    from: i64,
    find: impl FnOnce(&World) -> Result<ChatKey, PeopleError>,
) -> Response {
    let Some(sample) = shared.samples().get(name) else {
        return refuse(
            StatusCode::NOT_FOUND,
            format!("there is no sample {name}; GET /control/state lists those there are"),
        );
    };
    let (name, bytes) = (name.to_owned(), sample.bytes());
    let sent = shared.with(|world, now| {
        let key = find(world)?;
        if sample.photo {
            return world.send_photo(key, from, bytes, "", now);
        }
        world.send_document(key, from, Document { name, bytes, ..Document::default() }, now)
    });
    sent.map(Json).into_response()
}

/// A person presses a button of an inline keyboard.
#[utoipa::path(
    post,
    path = "/users/{user}/press",
    tag = "people",
    params(("user" = i64, Path, description = "The person's id")),
    request_body = Press,
    responses((status = 200, description = "Done", body = Pressed), (status = "default", description = "Why not", body = Refusal))
)]
async fn press(
    State(shared): State<Shared>,
    Path(user): Path<i64>,
    Json(press): Json<Press>,
) -> Result<Json<Pressed>, PeopleError> {
    with_bot(&shared, user, press.bot, |world, key, now| world.press(key, user, &press, now)).map(Json)
}

/// A person blocks a bot, or lets it talk again.
#[utoipa::path(
    post,
    path = "/users/{user}/block",
    tag = "people",
    params(("user" = i64, Path, description = "The person's id")),
    request_body = Block,
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn block(
    State(shared): State<Shared>,
    Path(user): Path<i64>,
    Json(block): Json<Block>,
) -> Result<StatusCode, PeopleError> {
    with_bot(&shared, user, block.bot, |world, key, now| {
        world.set_blocked(key, block.blocked, now);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// A person's account is deleted, for good.
#[utoipa::path(
    post,
    path = "/users/{user}/deactivate",
    tag = "people",
    params(("user" = i64, Path, description = "The person's id")),
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn deactivate(State(shared): State<Shared>, Path(user): Path<i64>) -> Result<StatusCode, PeopleError> {
    shared.with(|world, _| world.deactivate(user)).map(|()| StatusCode::NO_CONTENT)
}
