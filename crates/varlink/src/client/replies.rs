//! The replies of a `more` call.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Stream, StreamExt};
use serde::de::DeserializeOwned;

use super::connection::{Connection, received};
use super::{CallError, message};

/// The replies of a `more` call, as a stream that ends after the last one or the first error. Dropping it cancels the call.
#[derive(Debug)]
pub struct Replies<R, E> {
    connection: Option<Connection>,
    first: bool,
    of: PhantomData<fn() -> (R, E)>,
}

impl<R: DeserializeOwned, E: DeserializeOwned> Replies<R, E> {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection: Some(connection), first: true, of: PhantomData }
    }

    /// The next reply; `None` after the last one or an error. May be dropped and called again.
    pub async fn next(&mut self) -> Option<Result<R, CallError<E>>> {
        StreamExt::next(self).await
    }
}

impl<R: DeserializeOwned, E: DeserializeOwned> Stream for Replies<R, E> {
    type Item = Result<R, CallError<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let first = self.first;
        let Some(connection) = &mut self.connection else { return Poll::Ready(None) };
        let read = ready!(connection.frames.poll_next_unpin(cx));
        let reply = received(read, connection.reply_bytes(), first)
            .and_then(|message| message::reply(&message).map_err(CallError::Malformed));
        self.first = false;
        let (item, continues) = reply.unwrap_or_else(|error| (Err(error), false));
        if !continues || item.is_err() {
            self.connection = None;
        }
        Poll::Ready(Some(item))
    }
}
