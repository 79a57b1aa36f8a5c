//! `/control/channels/…` and `/control/preview/…`: what the preview pages show, and whom they refuse.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::asked::{Json, Path};
use super::control::refuse;
use super::shared::Shared;
use crate::control::{NewPost, PageChange, PostChange, Posted, PreviewLimit, Refusal};
use crate::world::posts::PostError;

/// The routes below `/control`.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(change_page))
        .routes(routes!(put))
        .routes(routes!(change, delete))
        .routes(routes!(limit, no_limit))
}

impl IntoResponse for PostError {
    fn into_response(self) -> Response {
        match self {
            Self::People(error) => error.into_response(),
            Self::NoChannel(_) | Self::NoPost(..) => refuse(StatusCode::NOT_FOUND, self),
            _ => refuse(StatusCode::BAD_REQUEST, self),
        }
    }
}

/// A post of any kind appears in a channel and on its preview page.
#[utoipa::path(
    post,
    path = "/channels/{name}/posts",
    tag = "channels",
    operation_id = "post",
    params(("name" = String, Path, description = "The channel's username")),
    request_body = NewPost,
    responses((status = 200, description = "Done", body = Posted), (status = "default", description = "Why not", body = Refusal))
)]
async fn put(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(new): Json<NewPost>,
) -> Result<Json<Posted>, PostError> {
    shared.with(|world, now| world.post(&name, new, now)).map(Json)
}

/// A post changes: its text, views, reactions, votes.
#[utoipa::path(
    post,
    path = "/channels/{name}/posts/{id}",
    tag = "channels",
    operation_id = "change_post",
    params(("name" = String, Path, description = "The channel's username"), ("id" = i64, Path, description = "The post's number")),
    request_body = PostChange,
    responses((status = 200, description = "Done", body = Posted), (status = "default", description = "Why not", body = Refusal))
)]
async fn change(
    State(shared): State<Shared>,
    Path((name, id)): Path<(String, i64)>,
    Json(change): Json<PostChange>,
) -> Result<Json<Posted>, PostError> {
    shared.with(|world, now| world.change_post(&name, id, change, now)).map(Json)
}

/// A post is deleted.
#[utoipa::path(
    delete,
    path = "/channels/{name}/posts/{id}",
    tag = "channels",
    operation_id = "delete_post",
    params(("name" = String, Path, description = "The channel's username"), ("id" = i64, Path, description = "The post's number")),
    responses((status = 200, description = "Done", body = Posted), (status = "default", description = "Why not", body = Refusal))
)]
async fn delete(
    State(shared): State<Shared>,
    Path((name, id)): Path<(String, i64)>,
) -> Result<Json<Posted>, PostError> {
    shared.with(|world, _| world.delete_post(&name, id)).map(Json)
}

/// What the page of a channel says of it changes.
#[utoipa::path(
    post,
    path = "/channels/{name}",
    tag = "channels",
    operation_id = "change_page",
    params(("name" = String, Path, description = "The channel's username")),
    request_body = PageChange,
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn change_page(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    Json(change): Json<PageChange>,
) -> Result<StatusCode, PostError> {
    shared.with(|world, _| world.change_page(&name, change))?;
    Ok(StatusCode::NO_CONTENT)
}

/// From now on the preview pages refuse readers who ask too often.
#[utoipa::path(
    post,
    path = "/preview/limit",
    tag = "channels",
    operation_id = "set_preview_limit",
    request_body = PreviewLimit,
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn limit(State(shared): State<Shared>, Json(limit): Json<PreviewLimit>) -> StatusCode {
    shared.with(|world, _| world.preview_limit.set(Some(limit)));
    StatusCode::NO_CONTENT
}

/// The preview pages refuse nobody any more.
#[utoipa::path(
    delete,
    path = "/preview/limit",
    tag = "channels",
    operation_id = "clear_preview_limit",
    responses((status = 204, description = "Done"), (status = "default", description = "Why not", body = Refusal))
)]
async fn no_limit(State(shared): State<Shared>) -> StatusCode {
    shared.with(|world, _| world.preview_limit.set(None));
    StatusCode::NO_CONTENT
}
