//! What people may look at. There is nothing yet, and it says so.

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::api::healthz;

pub(crate) fn router() -> Router {
    Router::new().route("/healthz", get(healthz)).fallback(nothing)
}

async fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "the pages are not part of this version\n").into_response()
}
