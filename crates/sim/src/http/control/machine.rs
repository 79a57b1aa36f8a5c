//! The simulator itself: all there is, files, bots, the clock.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::refuse;
use crate::control::{Advance, FloodLimits, NewBot, Refusal, Revoke, State as WholeState};
use crate::http::asked::{Json, Path};
use crate::http::shared::Shared;
use crate::world::flood::Flood;
use crate::world::people::PeopleError;
use crate::world::token::Token;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(state))
        .routes(routes!(crate::http::events::stream))
        .routes(routes!(file))
        .routes(routes!(add_bot))
        .routes(routes!(revoke))
        .routes(routes!(advance))
        .routes(routes!(flood))
        .routes(routes!(reset))
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
    let Some(file) = found else {
        return refuse(StatusCode::NOT_FOUND, format!("there is no file {key}; messages say the key of theirs"));
    };
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

/// Adds a bot, or gives the one of this id a new token.
#[utoipa::path(
    post,
    path = "/bots",
    tag = "bots",
    request_body = NewBot,
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn add_bot(State(shared): State<Shared>, Json(bot): Json<NewBot>) -> Result<StatusCode, PeopleError> {
    let token = Token::parse(bot.token.text()).ok_or(PeopleError::NoToken)?;
    shared.with(|world, _| world.add_bot(&token, bot.username, bot.first_name));
    Ok(StatusCode::NO_CONTENT)
}

/// Replaces a bot's token, or revokes it. A new token says itself whose it is.
#[utoipa::path(
    post,
    path = "/revoke",
    tag = "bots",
    request_body = Revoke,
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn revoke(State(shared): State<Shared>, Json(revoke): Json<Revoke>) -> Result<StatusCode, PeopleError> {
    let token = revoke.token.map(|token| Token::parse(token.text()).ok_or(PeopleError::NoToken)).transpose()?;
    shared.with(|world, _| world.revoke(revoke.bot, token))?;
    Ok(StatusCode::NO_CONTENT)
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

/// Keeps Telegram's limits of what a bot may send, or does not. What was sent before counts no more.
#[utoipa::path(
    post,
    path = "/flood",
    tag = "simulator",
    request_body = FloodLimits,
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn flood(State(shared): State<Shared>, Json(limits): Json<FloodLimits>) -> StatusCode {
    shared.with(|world, _| world.flood = Flood::new(limits.limited));
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
