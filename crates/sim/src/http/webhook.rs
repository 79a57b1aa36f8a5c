//! Sends updates to webhooks, and does what their answers ask for.
//!
//! What is sent when is decided by [`crate::world::webhook`]. Connections go to the loopback only: to the address that
//! was checked when the webhook was set, whatever the name in the URL.

use std::error::Error as _;
use std::io;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, Version, header};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::bot_api;
use super::shared::Shared;
use crate::world::webhook::{Answer, Delivery};

/// A bot has this long to answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much of an answer is read, in bytes.
const ANSWER_BYTES: usize = 1 << 20;
/// The header with the secret token.
const SECRET: &str = "X-Telegram-Bot-Api-Secret-Token";

/// What came back.
struct Received {
    status: StatusCode,
    headers: HeaderMap,
    keep_alive: bool,
    body: Bytes,
}

/// Sends what is due for as long as it is polled.
pub(crate) async fn deliver(shared: Shared, mut due: mpsc::UnboundedReceiver<Delivery>) {
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
    let client = match builder.build() {
        Ok(client) => client,
        Err(error) => return tracing::error!(%error, "webhooks cannot be delivered to"),
    };
    // They end with this task.
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            delivery = due.recv() => match delivery {
                Some(delivery) => drop(under_way.spawn(send(shared.clone(), client.clone(), delivery))),
                None => return,
            },
            Some(_) = under_way.join_next() => {}
        }
    }
}

async fn send(shared: Shared, client: reqwest::Client, delivery: Delivery) {
    let since = Instant::now();
    let received = exchange(&client, &delivery).await;
    let took = since.elapsed();
    let (answer, text) = match &received {
        Ok(received) => (answer(received), String::from_utf8_lossy(&received.body).into_owned()),
        Err(error) => (Answer::Failed(told(error)), format!("({})", innermost(error))),
    };
    shared.with(|world, now| world.delivered(&delivery, answer, &text, took, now));
    if let Ok(received) = received
        && received.status.is_success()
        && !received.body.is_empty()
    {
        let mut reply = Request::new(Body::from(received.body));
        if let Some(kind) = received.headers.get(header::CONTENT_TYPE) {
            reply.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
        }
        bot_api::perform_reply(&shared, delivery.bot, reply).await;
    }
}

async fn exchange(client: &reqwest::Client, delivery: &Delivery) -> Result<Received, reqwest::Error> {
    let address = &delivery.settings.address;
    let mut request = client
        .post(format!("http://{}{}", address.socket, address.path.text()))
        .header(header::HOST, &address.host)
        .header(header::CONTENT_TYPE, "application/json")
        .body(delivery.body.clone());
    if let Some(secret) = &delivery.settings.secret {
        request = request.header(SECRET, secret.text());
    }
    if let Some(user) = &address.user {
        let (user, password) = user.text().split_once(':').unwrap_or((user.text(), ""));
        request = request.basic_auth(user, Some(password));
    }
    let mut response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let closes = headers.get(header::CONNECTION).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
    let keep_alive = !closes && response.version() > Version::HTTP_10;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES {
            body.clear();
            break;
        }
    }
    Ok(Received { status, headers, keep_alive, body: body.into() })
}

fn answer(received: &Received) -> Answer {
    let retry_after = received.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Answer::Status {
        code: received.status.as_u16(),
        reason: received.status.canonical_reason().unwrap_or_default().to_owned(),
        retry_after: retry_after.unwrap_or(0),
        keep_alive: received.keep_alive,
    }
}

/// What Telegram would tell of a delivery without an answer.
fn told(error: &reqwest::Error) -> Option<String> {
    if error.is_timeout() {
        return Some("Read timeout expired".to_owned());
    }
    let mut cause: Option<&dyn std::error::Error> = error.source();
    while let Some(error) = cause {
        match error.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => return Some("Connection refused".to_owned()),
            Some(io::ErrorKind::ConnectionReset) => return Some("Connection reset by peer".to_owned()),
            Some(io::ErrorKind::TimedOut) => return Some("Connection timed out".to_owned()),
            _ => cause = error.source(),
        }
    }
    None
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
