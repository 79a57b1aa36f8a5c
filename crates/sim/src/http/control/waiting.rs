//! Being told when something is true.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, timeout_at};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::people::views;
use crate::control::{Condition, Met, Refusal, Wait};
use crate::http::asked::Json;
use crate::http::shared::Shared;

/// How long is waited unless said otherwise, in milliseconds.
const WAIT_DEFAULT: u64 = 10_000;
/// The longest that is waited, in milliseconds.
const WAIT_MAX: u64 = 600_000;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(wait))
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
