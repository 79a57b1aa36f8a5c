//! The preview pages at t.me's paths: `/s/<name>`, `/<name>`, `/<name>/<id>?embed=1`, and `/file/…` for their pictures.
//!
//! Nothing here is an HTTP error, as on the real site: who may not see a page is sent to the landing page.

use axum::Router;
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::connection::Shears;
use super::envelope::nowhere;
use super::faults;
use super::logged::Logged;
use super::shared::Shared;
use crate::control::LimitAnswer;
use crate::preview::Wanted;
use crate::world::addresses;
use crate::world::faults::{Known, PREVIEW};

/// The routes that no path of the Bot API can be taken for.
pub(crate) fn router(shared: Shared) -> Router {
    Router::new()
        .route("/s/{name}", get(history).fallback(not_a_page))
        .route("/file/{name}", get(file).fallback(not_a_page))
        .route("/{name}", get(landing).fallback(not_a_page))
        .with_state(shared)
}

/// Whoever does more than look means the Bot API, which is not at such a path.
async fn not_a_page() -> Response {
    nowhere()
}

/// Whether somebody could have this name.
fn is_name(text: &str) -> bool {
    (4..=32).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The channel and the number in `/<name>/<id>`.
pub(super) fn post_at(path: &str) -> Option<(&str, i64)> {
    let (name, number) = path.strip_prefix('/')?.split_once('/')?;
    Some((name, number.parse().ok().filter(|_| is_name(name) && number.bytes().all(|byte| byte.is_ascii_digit()))?))
}

/// Where the client found the simulator, for the addresses of files.
fn base(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.map_or_else(String::new, |host| format!("http://{host}"))
}

fn wanted(query: Option<&str>) -> Wanted {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query.unwrap_or_default()).unwrap_or_default();
    Wanted::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

fn html(page: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], page).into_response()
}

/// The way to the landing page, on this host.
fn to_landing(base: &str, name: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, format!("{base}/{name}"))]).into_response()
}

/// One request: logged like a call, and hit by faults for the method `preview`.
async fn serve(shared: &Shared, shears: &Shears, path: String, page: impl FnOnce() -> Response) -> Response {
    let mut log = Logged::begin(shared, None, path, PREVIEW);
    let strike = log.strike(PREVIEW, Known::Method, false);
    let response = match faults::before(&strike, shears).await {
        Some(response) => response,
        None => faults::after(page(), &strike, shears).await,
    };
    log.end(faults::seen(&response), "(page)");
    response
}

async fn history(
    State(shared): State<Shared>,
    ConnectInfo(shears): ConnectInfo<Shears>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if !is_name(&name) {
        return nowhere();
    }
    let path = format!("/s/{name}{}", query.as_deref().map_or_else(String::new, |query| format!("?{query}")));
    serve(&shared, &shears, path, || {
        let base = base(&headers);
        let refused = shared.with(|world, now| world.preview_limit.ask(shears.client(), now));
        let page = match refused {
            None => shared.read(|world, now| world.history_page(&name, &wanted(query.as_deref()), &base, now)),
            Some(LimitAnswer::Empty) => shared.read(|world, now| world.empty_page(&name, &base, now)),
            Some(LimitAnswer::Redirect) => None,
            Some(LimitAnswer::TooManyRequests) => return StatusCode::TOO_MANY_REQUESTS.into_response(),
        };
        page.map_or_else(|| to_landing(&base, &name), html)
    })
    .await
}

async fn landing(
    State(shared): State<Shared>,
    ConnectInfo(shears): ConnectInfo<Shears>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !is_name(&name) {
        return nowhere();
    }
    let page = || html(shared.read(|world, now| world.landing_page(&name, &base(&headers), now)));
    serve(&shared, &shears, format!("/{name}"), page).await
}

/// The widget of a post with `embed=1`, else the way to the landing page of its channel.
pub(super) async fn post(
    shared: &Shared,
    shears: &Shears,
    path: &str,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Response {
    let Some((name, id)) = post_at(path) else { return nowhere() };
    let is_embedded = query.unwrap_or_default().split('&').any(|pair| pair.starts_with("embed=1"));
    serve(shared, shears, path.to_owned(), || {
        let base = base(headers);
        if !is_embedded {
            return html(shared.read(|world, now| world.landing_page(name, &base, now)));
        }
        html(shared.read(|world, now| world.widget_page(name, id, &base, now)))
    })
    .await
}

async fn file(State(shared): State<Shared>, Path(name): Path<String>, RawQuery(query): RawQuery) -> Response {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&query.unwrap_or_default()).unwrap_or_default();
    let token = pairs.iter().find(|(name, _)| name == "token").map(|(_, token)| token.as_str());
    match shared.read(|world, now| addresses::at(world, &name, token, now)) {
        // It is foreign: never run, whatever it is.
        Some((bytes, kind)) => {
            ([(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")], bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
