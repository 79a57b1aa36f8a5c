//! The page to play on, from the program itself.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

/// Nothing from elsewhere, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// A file of the page: where it is served, as what, and what is in it.
macro_rules! asset {
    ($kind:expr, $name:literal) => {
        (concat!("/page/", $name), $kind, include_str!(concat!("../../page/", $name)))
    };
}

/// Everything below `/page/`.
const ASSETS: &[(&str, &str, &str)] = &[
    asset!(STYLE, "style.css"),
    asset!(STYLE, "chat.css"),
    asset!(STYLE, "panels.css"),
    asset!(SCRIPT, "app.js"),
    asset!(SCRIPT, "attach.js"),
    asset!(SCRIPT, "calls.js"),
    asset!(SCRIPT, "chatlist.js"),
    asset!(SCRIPT, "column.js"),
    asset!(SCRIPT, "composer.js"),
    asset!(SCRIPT, "control.js"),
    asset!(SCRIPT, "deeds.js"),
    asset!(SCRIPT, "faults.js"),
    asset!(SCRIPT, "live.js"),
    asset!(SCRIPT, "machine.js"),
    asset!(SCRIPT, "menu.js"),
    asset!(SCRIPT, "people.js"),
    asset!(SCRIPT, "rooms.js"),
    asset!(SCRIPT, "store.js"),
    asset!(SCRIPT, "timeline.js"),
    asset!(SCRIPT, "view/dom.js"),
    asset!(SCRIPT, "view/message.js"),
    asset!(SCRIPT, "view/text.js"),
];

/// `/` and what belongs to it.
pub(crate) fn router() -> Router {
    let page = Router::new()
        .route("/", get(|| asset("text/html; charset=utf-8", include_str!("../../page/index.html"))))
        .route("/favicon.ico", get(|| asset("image/svg+xml", include_str!("../../page/icon.svg"))));
    ASSETS.iter().fold(page, |page, (path, kind, text)| page.route(path, get(|| asset(kind, text))))
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
