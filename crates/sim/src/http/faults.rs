//! What a fault looks like on the wire, once it has been decided that it strikes.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, stream};

use super::connection::Shears;
use super::envelope::{envelope, with_text};
use crate::api::ApiError;
use crate::control::FaultKind;
use crate::world::faults::Strike;
use crate::world::polling::OTHER_POLL;

/// In how many pieces a slow body comes.
const PIECES: usize = 20;
/// A client has what was written before its connection ends.
const LAST_WORDS: Duration = Duration::from_millis(20);
/// What is written at once of an answer that will not be complete.
const PIECE_BYTES: usize = 64 << 10;

/// Marks an answer that goes nowhere, because its connection has been cut.
#[derive(Clone)]
struct Unseen;

/// The status that the client sees, if it sees any.
pub(super) fn seen(response: &Response) -> Option<StatusCode> {
    response.extensions().get::<Unseen>().is_none().then_some(response.status())
}

/// Faults that strike before the call is done; `Some` if there is nothing more to do.
pub(super) async fn before(strike: &Strike, shears: &Shears) -> Option<Response> {
    if !strike.delay.is_zero() {
        tokio::time::sleep(strike.delay).await;
    }
    let fault = strike.fault.as_ref().filter(|_| !strike.after)?;
    Some(fail(fault, StatusCode::OK.into_response(), shears).await)
}

/// Faults that spoil the answer of a call that has been done.
pub(super) async fn after(response: Response, strike: &Strike, shears: &Shears) -> Response {
    if !strike.late.is_zero() {
        tokio::time::sleep(strike.late).await;
    }
    match strike.fault.as_ref().filter(|_| strike.after) {
        Some(fault) => fail(fault, response, shears).await,
        None => response,
    }
}

/// The answer in place of `response`.
async fn fail(fault: &FaultKind, response: Response, shears: &Shears) -> Response {
    match fault {
        // Delays are no answers; they have been waited for.
        FaultKind::Latency { .. } => response,
        FaultKind::Hang => std::future::pending().await,
        FaultKind::Drop | FaultKind::Outage => {
            shears.cut();
            let mut unseen = Response::default();
            unseen.extensions_mut().insert(Unseen);
            unseen
        }
        FaultKind::TooManyRequests { retry_after } => envelope(&Err(ApiError::too_many_requests(*retry_after))),
        FaultKind::ServerError { status } => server_error(*status),
        FaultKind::Unauthorized => envelope(&Err(ApiError::unauthorized())),
        FaultKind::Conflict => envelope(&Err(ApiError::new(409, OTHER_POLL))),
        FaultKind::Truncated => rewritten(response, |body| Body::from_stream(half(&body))).await,
        FaultKind::SlowBody { millis } => {
            let pause = Duration::from_millis(*millis) / u32::try_from(PIECES).unwrap_or(u32::MAX);
            rewritten(response, |body| Body::from_stream(slowly(&body, pause))).await
        }
    }
}

/// The same answer with the same length in its head, its body written another way.
async fn rewritten(response: Response, how: impl FnOnce(Bytes) -> Body) -> Response {
    let (mut head, body) = response.into_parts();
    // Answers are in memory already, and reading them cannot fail.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(head, how(body))
}

/// The first half; then the connection ends, because the server would break its word about the length.
fn half(body: &Bytes) -> impl Stream<Item = io::Result<Bytes>> + use<> {
    let pieces = pieces(&body.slice(..body.len() / 2), PIECE_BYTES);
    stream::unfold(pieces.into_iter(), |mut pieces| async {
        if let Some(piece) = pieces.next() {
            return Some((Ok(piece), pieces));
        }
        tokio::time::sleep(LAST_WORDS).await;
        Some((Err(io::ErrorKind::ConnectionReset.into()), pieces))
    })
}

/// All of it, with a pause before each piece.
fn slowly(body: &Bytes, pause: Duration) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
    let pieces = pieces(body, body.len().div_ceil(PIECES));
    stream::unfold(pieces.into_iter(), move |mut pieces| async move {
        tokio::time::sleep(pause).await;
        pieces.next().map(|piece| (Ok(piece), pieces))
    })
}

fn pieces(body: &Bytes, size: usize) -> Vec<Bytes> {
    (0..body.len()).step_by(size.max(1)).map(|from| body.slice(from..body.len().min(from + size))).collect()
}

/// What a proxy in front of Telegram sends when there is nothing behind it.
fn server_error(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("Error"));
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
    );
    with_text((status, [(header::CONTENT_TYPE, "text/html")], page.clone()).into_response(), page)
}
