//! `/control`: people, faults, the call log, waiting. See the crate's README.

mod calls;
mod faults;
mod machine;
pub(super) mod people;
mod waiting;

use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use utoipa_axum::router::OpenApiRouter;

use crate::control::Refusal;
use crate::http::asked::nothing;
use crate::http::shared::Shared;
use crate::world::people::PeopleError;

/// Largest file that a person can send here, in bytes.
pub(super) const UPLOAD_BYTES: usize = 128 << 20;

/// The routes, with `/control` before each. Each stands in the OpenAPI document at `/control/openapi.json`, for that is made
/// of what is served.
pub(crate) fn router(shared: Shared) -> Router {
    let routes = people::routes()
        .merge(super::chats::routes())
        .merge(super::posts::routes())
        .merge(waiting::routes())
        .merge(faults::routes())
        .merge(calls::routes())
        .merge(machine::routes());
    let (router, document) =
        OpenApiRouter::with_openapi(super::openapi::head()).nest("/control", routes).split_for_parts();
    let document = super::openapi::text(&document);
    router
        .route("/control/openapi.json", get(|| async { ([(header::CONTENT_TYPE, "application/json")], document) }))
        .route("/control/", any(|method, uri| nothing(StatusCode::NOT_FOUND, method, uri)))
        .route("/control/{*rest}", any(|method, uri| nothing(StatusCode::NOT_FOUND, method, uri)))
        .method_not_allowed_fallback(|method, uri| nothing(StatusCode::METHOD_NOT_ALLOWED, method, uri))
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
            | Self::Deactivated(_)
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
