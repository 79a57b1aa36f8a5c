//! What happens, as server-sent events.

use std::convert::Infallible;

use axum::extract::State;
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use futures_util::Stream;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::BroadcastStream;

use super::shared::Shared;
use crate::control::{Event, Refusal};

/// All events from now on, as server-sent events of JSON. A listener that is too slow is told to start anew.
#[utoipa::path(
    get,
    path = "/events",
    tag = "simulator",
    responses((status = 200, description = "Events", body = Event, content_type = "text/event-stream"), (status = "default", description = "Why not", body = Refusal))
)]
pub(crate) async fn stream(State(shared): State<Shared>) -> Sse<impl Stream<Item = Result<SseEvent, Infallible>>> {
    let events = BroadcastStream::new(shared.events()).map(|event| {
        let event = event.unwrap_or(Event::Reset);
        let text = serde_json::to_string(&event).unwrap_or_else(|_| r#"{"type":"reset"}"#.to_owned());
        Ok(SseEvent::default().data(text))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
