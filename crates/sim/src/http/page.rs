//! The page to play on, from the program itself.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

/// Nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `/` and what belongs to it.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/", get(|| asset("text/html; charset=utf-8", include_str!("../../page/index.html"))))
        .route("/page/style.css", get(|| asset("text/css; charset=utf-8", include_str!("../../page/style.css"))))
        .route("/page/app.js", get(|| asset("text/javascript; charset=utf-8", include_str!("../../page/app.js"))))
        .route("/page/view.js", get(|| asset("text/javascript; charset=utf-8", include_str!("../../page/view.js"))))
        .route("/favicon.ico", get(|| asset("image/svg+xml", include_str!("../../page/icon.svg"))))
}

async fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text)
}
