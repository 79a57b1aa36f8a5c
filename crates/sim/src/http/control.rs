//! `/control`: people, faults, the call log, waiting. See the crate's README.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::shared::Shared;
use crate::control::{
    Advance, Block, CallView, Condition, Counters, Edit, FaultView, MessageView, Met, NewBot, NewFault, NewMessage,
    NewUser, Press, Pressed, Refusal, Revoke, Sent, State as WholeState, Upload, UserView, Wait,
};
use crate::world::faults::checked;
use crate::world::people::{Document, PeopleError};
use crate::world::token::Token;
use crate::world::{ChatKey, World};

/// Largest file that a person can send here, in bytes.
const UPLOAD_BYTES: usize = 128 << 20;
const WAIT_DEFAULT: u64 = 10_000;
const WAIT_MAX: u64 = 600_000;

/// The routes, with `/control` before each. Each stands in the OpenAPI document at `/control/openapi.json`, for that is made
/// of what is served.
pub(crate) fn router(shared: Shared) -> Router {
    let routes = OpenApiRouter::new()
        .routes(routes!(state))
        .routes(routes!(super::events::stream))
        .routes(routes!(put_user))
        .routes(routes!(put_users))
        .routes(routes!(messages, say))
        .routes(routes!(send_document))
        .routes(routes!(send_photo))
        .routes(routes!(send_sample))
        .routes(routes!(press))
        .routes(routes!(edit))
        .routes(routes!(block))
        .merge(super::chats::routes())
        .merge(super::posts::routes())
        .routes(routes!(file))
        .routes(routes!(wait))
        .routes(routes!(faults, add_fault, clear_faults))
        .routes(routes!(clear_fault))
        .routes(routes!(calls))
        .routes(routes!(counters))
        .routes(routes!(add_bot))
        .routes(routes!(revoke))
        .routes(routes!(advance))
        .routes(routes!(reset));
    let (router, document) =
        OpenApiRouter::with_openapi(super::openapi::head()).nest("/control", routes).split_for_parts();
    let document = super::openapi::text(&document);
    router
        .route("/control/openapi.json", get(|| async { ([(header::CONTENT_TYPE, "application/json")], document) }))
        .route("/control/{*rest}", any(|| async { refuse(StatusCode::NOT_FOUND, "there is no such control") }))
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES))
        .with_state(shared)
}

pub(crate) fn refuse(status: StatusCode, error: impl ToString) -> Response {
    (status, Json(Refusal { error: error.to_string(), messages: Vec::new() })).into_response()
}

impl IntoResponse for PeopleError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NoUser(_)
            | Self::NoBot(_)
            | Self::NoMessage(_)
            | Self::NoButton(_)
            | Self::NoChat(_)
            | Self::Nobody(_) => StatusCode::NOT_FOUND,
            Self::Blocked(_)
            | Self::NoBots
            | Self::NotThere(_)
            | Self::MayNotWrite(_)
            | Self::NotAdministrator(_)
            | Self::Migrated(_) => StatusCode::CONFLICT,
            Self::NoRoom => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::BAD_REQUEST,
        };
        refuse(status, self)
    }
}

/// A bot named in the query string.
#[derive(Deserialize, IntoParams)]
struct WhichBot {
    bot: Option<i64>,
}

/// Everything, as the page shows it.
#[utoipa::path(
    get,
    path = "/state",
    tag = "simulator",
    responses((status = 200, description = "Done", body = WholeState), (status = "default", description = "Why not", body = Refusal))
)]
async fn state(State(shared): State<Shared>) -> Json<WholeState> {
    let samples = shared.samples().views();
    Json(shared.read(|world, now| world.state(now, samples)))
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
pub(super) fn views(world: &World, key: ChatKey) -> Vec<MessageView> {
    let chat = world.chats.get(&key).into_iter();
    chat.flat_map(|chat| chat.messages.values()).map(|message| message.view(&world.files)).collect()
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
    shared
        .with(|world, now| {
            let key = world.chat_key(user, message.bot)?;
            world.say(key, user, &message.text, message.reply_to, now)
        })
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
    shared
        .with(|world, now| {
            let key = world.chat_key(user, edit.bot)?;
            world.edit_own(key, user, edit.message_id, &edit.text, now)
        })
        .map(Json)
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
    bytes: Bytes,
) -> Result<Json<Sent>, PeopleError> {
    let document = Document {
        name: upload.name.unwrap_or_else(|| "file".to_owned()),
        mime: upload.mime,
        bytes,
        caption: upload.caption.unwrap_or_default(),
    };
    shared
        .with(|world, now| {
            let key = world.chat_key(user, upload.bot)?;
            world.send_document(key, user, document, now)
        })
        .map(Json)
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
    bytes: Bytes,
) -> Result<Json<Sent>, PeopleError> {
    let caption = upload.caption.unwrap_or_default();
    shared
        .with(|world, now| {
            let key = world.chat_key(user, upload.bot)?;
            world.send_photo(key, user, bytes, &caption, now)
        })
        .map(Json)
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
    let Some(sample) = shared.samples().get(&name) else {
        return refuse(StatusCode::NOT_FOUND, format!("there is no sample {name}"));
    };
    let (bytes, photo) = (sample.bytes(), sample.photo);
    let sent = shared.with(|world, now| {
        let key = world.chat_key(user, which.bot)?;
        if photo {
            return world.send_photo(key, user, bytes, "", now);
        }
        world.send_document(key, user, Document { name, bytes, ..Document::default() }, now)
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
    shared
        .with(|world, now| {
            let key = world.chat_key(user, press.bot)?;
            world.press(key, user, &press, now)
        })
        .map(Json)
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
    shared.with(|world, now| {
        let key = world.chat_key(user, block.bot)?;
        world.set_blocked(key, block.blocked, now);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// The bytes of a file in a message.
#[utoipa::path(
    get,
    path = "/files/{key}",
    tag = "simulator",
    params(("key" = u64, Path, description = "The file's key")),
    responses((status = 200, description = "The file", content_type = "application/octet-stream"), (status = "default", description = "Why not", body = Refusal))
)]
async fn file(State(shared): State<Shared>, Path(key): Path<u64>) -> Response {
    let found = shared.read(|world, _| world.files.get(key).cloned());
    let Some(file) = found else { return refuse(StatusCode::NOT_FOUND, "there is no such file") };
    // A picture may be shown, anything else is only ever saved: it is foreign.
    let is_picture = file.photo.is_some();
    let kind = if file.bytes.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" };
    let kind = if is_picture { kind } else { "application/octet-stream" };
    let disposition = if is_picture { "inline" } else { "attachment" };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, file.bytes).into_response()
}

/// Answers as soon as the condition is true; 408 with the chat as it is when the time is over.
#[utoipa::path(
    post,
    path = "/wait",
    tag = "waiting",
    request_body = Wait,
    responses((status = 200, description = "Done", body = Met), (status = 408, description = "It was not true in time", body = Refusal), (status = "default", description = "Why not", body = Refusal))
)]
async fn wait(State(shared): State<Shared>, Json(wait): Json<Wait>) -> Response {
    let mut changes = shared.changes();
    let millis = wait.timeout.unwrap_or(WAIT_DEFAULT).min(WAIT_MAX);
    let deadline = Instant::now() + Duration::from_millis(millis);
    loop {
        changes.mark_unchanged();
        if let Some(met) = shared.read(|world, _| world.meets(&wait.condition)) {
            return Json::<Met>(met).into_response();
        }
        if timeout_at(deadline, changes.changed()).await.is_err() {
            break;
        }
    }
    let messages = match &wait.condition {
        Condition::Message { user, chat, matching } => shared.read(|world, _| {
            let key = world.awaited_chat(*user, *chat, matching.bot);
            key.map_or_else(Vec::new, |key| views(world, key))
        }),
        _ => Vec::new(),
    };
    let error = format!("not true within {millis} ms");
    (StatusCode::REQUEST_TIMEOUT, Json(Refusal { error, messages })).into_response()
}

/// The faults in force.
#[utoipa::path(
    get,
    path = "/faults",
    tag = "faults",
    responses((status = 200, description = "Done", body = Vec<FaultView>), (status = "default", description = "Why not", body = Refusal))
)]
async fn faults(State(shared): State<Shared>) -> Json<Vec<FaultView>> {
    Json(shared.read(|world, _| world.faults.list()))
}

/// Puts a fault in force, and answers with all that are.
#[utoipa::path(
    post,
    path = "/faults",
    tag = "faults",
    request_body = NewFault,
    responses((status = 200, description = "Done", body = Vec<FaultView>), (status = "default", description = "Why not", body = Refusal))
)]
async fn add_fault(State(shared): State<Shared>, written: Result<Json<serde_json::Value>, JsonRejection>) -> Response {
    let written = match written {
        Ok(Json(written)) => written,
        Err(rejection) => return refuse(rejection.status(), rejection.body_text()),
    };
    let fault = match checked(&written) {
        Ok(fault) => fault,
        Err(mistake) => return refuse(StatusCode::BAD_REQUEST, mistake),
    };
    let list = shared.with(|world, now| {
        world.faults.add(fault, now);
        world.tell_faults();
        world.faults.list()
    });
    Json(list).into_response()
}

/// Ends all faults.
#[utoipa::path(
    delete,
    path = "/faults",
    tag = "faults",
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn clear_faults(State(shared): State<Shared>) -> StatusCode {
    shared.with(|world, _| {
        world.faults.clear(None);
        world.tell_faults();
    });
    StatusCode::NO_CONTENT
}

/// Ends one fault.
#[utoipa::path(
    delete,
    path = "/faults/{id}",
    tag = "faults",
    params(("id" = u64, Path, description = "The fault's id")),
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn clear_fault(State(shared): State<Shared>, Path(id): Path<u64>) -> Response {
    let cleared = shared.with(|world, _| {
        let cleared = world.faults.clear(Some(id));
        world.tell_faults();
        cleared
    });
    if cleared {
        StatusCode::NO_CONTENT.into_response()
    } else {
        refuse(StatusCode::NOT_FOUND, "there is no such fault")
    }
}

/// Which calls are asked for.
#[derive(Deserialize, IntoParams)]
struct CallFilter {
    method: Option<String>,
    /// Only calls with a higher number.
    #[serde(default)]
    after: u64,
    /// Only calls with a lower number.
    before: Option<u64>,
    /// At most so many, the latest ones.
    limit: Option<usize>,
    /// Only calls of what is not simulated.
    #[serde(default)]
    unsimulated: bool,
}

/// The calls of the Bot API, as they were and as they were answered.
#[utoipa::path(
    get,
    path = "/calls",
    tag = "calls",
    params(CallFilter),
    responses((status = 200, description = "Done", body = Vec<CallView>), (status = "default", description = "Why not", body = Refusal))
)]
async fn calls(State(shared): State<Shared>, Query(filter): Query<CallFilter>) -> Json<Vec<CallView>> {
    let matching = |call: &&CallView| {
        call.number > filter.after
            && filter.before.is_none_or(|before| call.number < before)
            && filter.method.as_ref().is_none_or(|method| call.method.eq_ignore_ascii_case(method))
            && (!filter.unsimulated || call.unsimulated)
    };
    Json(shared.read(|world, _| {
        let found: Vec<&CallView> = world.calls.iter().filter(matching).collect();
        let first = found.len().saturating_sub(filter.limit.unwrap_or(usize::MAX));
        found[first..].iter().map(|call| (*call).clone()).collect()
    }))
}

/// What was counted since the start or the last reset.
#[utoipa::path(
    get,
    path = "/counters",
    tag = "calls",
    responses((status = 200, description = "Done", body = Counters), (status = "default", description = "Why not", body = Refusal))
)]
async fn counters(State(shared): State<Shared>) -> Json<Counters> {
    Json(shared.read(|world, _| world.counters()))
}

/// Adds a bot, or gives the one of this id a new token.
#[utoipa::path(
    post,
    path = "/bots",
    tag = "bots",
    request_body = NewBot,
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn add_bot(State(shared): State<Shared>, Json(bot): Json<NewBot>) -> Response {
    let Some(token) = Token::parse(&bot.token) else {
        return refuse(StatusCode::BAD_REQUEST, "this is not a token, <number>:<secret>");
    };
    shared.with(|world, _| world.add_bot(&token, bot.username, bot.first_name));
    StatusCode::NO_CONTENT.into_response()
}

/// Replaces a bot's token, or revokes it.
#[utoipa::path(
    post,
    path = "/revoke",
    tag = "bots",
    request_body = Revoke,
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn revoke(State(shared): State<Shared>, Json(revoke): Json<Revoke>) -> Response {
    let token = match revoke.token.as_deref().map(Token::parse) {
        Some(None) => return refuse(StatusCode::BAD_REQUEST, "this is not a token, <number>:<secret>"),
        Some(Some(token)) => Some(token),
        None => None,
    };
    let found = shared.with(|world, _| {
        let id = revoke.bot.or_else(|| world.default_bot())?;
        let bot = world.bots.get_mut(&id)?;
        bot.token = token.filter(|token| token.bot() == id).map(|token| token.text().to_owned());
        // It belonged to the old token.
        bot.webhook = None;
        world.tell_bot(id);
        Some(())
    });
    match found {
        Some(()) => StatusCode::NO_CONTENT.into_response(),
        None => refuse(StatusCode::NOT_FOUND, "there is no such bot"),
    }
}

/// Moves the simulator's clock forward.
#[utoipa::path(
    post,
    path = "/clock",
    tag = "simulator",
    request_body = Advance,
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn advance(State(shared): State<Shared>, Json(advance): Json<Advance>) -> StatusCode {
    shared.advance(advance.millis);
    StatusCode::NO_CONTENT
}

/// Forgets all but the bots, their tokens, and the people there were at the start.
#[utoipa::path(
    post,
    path = "/reset",
    tag = "simulator",
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn reset(State(shared): State<Shared>) -> StatusCode {
    shared.reset();
    StatusCode::NO_CONTENT
}
