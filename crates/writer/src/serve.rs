//! The writer's Varlink interfaces: wire in, domain call, wire out.
//!
//! The interfaces have no error for a store that cannot be read or written just now, and none is needed: every call may be
//! asked twice, so the call is tried again here until it succeeds or its caller has waited long enough. Only a config that
//! could not be saved is told at once: a person waits for the answer.

use std::sync::Arc;
use std::time::Duration;

use interfaces::{Fault, Peer, configs, dialogues, inbox};
use varlink::{Server, ServiceError};

use crate::Writer;
use crate::configs::{Configs, GetError, PublishError, PutError};
use crate::dialogues::Dialogues;
use crate::inbox::{Inbox, InboxError};
use crate::requests::RequestError;
use crate::store::StoreError;

/// Between attempts.
const PAUSE: Duration = Duration::from_millis(250);
/// Versions in one reply at most, as the interface says.
const VERSIONS: i64 = 100;
/// Updates in one reply at most, as the interface says.
const UPDATES: i64 = 1000;

impl Writer {
    /// Adds the writer's interfaces to a server.
    #[must_use]
    pub fn offer(&self, server: Server) -> Server {
        server
            .service(configs::Serve(Arc::clone(&self.configs)))
            .service(inbox::Serve(Arc::clone(&self.inbox)))
            .service(dialogues::Serve(Arc::clone(&self.dialogues)))
    }
}

/// What stands behind a failure: the store (then trying again may help), or an answer.
trait Cause: Sized {
    fn store(&self) -> Option<&StoreError>;
}

impl Cause for StoreError {
    fn store(&self) -> Option<&StoreError> {
        Some(self)
    }
}

impl Cause for GetError {
    fn store(&self) -> Option<&StoreError> {
        if let Self::Store(error) = self { Some(error) } else { None }
    }
}

impl Cause for InboxError {
    fn store(&self) -> Option<&StoreError> {
        if let Self::Store(error) = self { Some(error) } else { None }
    }
}

impl Cause for RequestError {
    fn store(&self) -> Option<&StoreError> {
        if let Self::Store(error) = self { Some(error) } else { None }
    }
}

/// Tries until there is an answer. The caller ends it by leaving.
async fn patiently<T, E: Cause, F: Future<Output = Result<T, E>>>(mut attempt: impl FnMut() -> F) -> Result<T, E> {
    loop {
        match attempt().await {
            Err(error) => match error.store() {
                None => return Err(error),
                Some(
                    StoreError::Panicked | StoreError::Refused(_) | StoreError::Unreadable(_) | StoreError::Closed,
                ) => {
                    // No answer would be true, and another attempt would end the same way.
                    tracing::error!(error = %error.store().unwrap_or(&StoreError::Closed), "a call stays without an answer");
                    std::future::pending::<()>().await;
                }
                Some(error) => {
                    tracing::warn!(%error, "trying a call again");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            done => return done,
        }
    }
}

fn invalid<E>(parameter: &str) -> Fault<E> {
    Fault::Service(ServiceError::InvalidParameter { parameter: parameter.to_owned() })
}

fn in_range<E>(limit: i64, most: i64) -> Result<(), Fault<E>> {
    if (1..=most).contains(&limit) { Ok(()) } else { Err(invalid("limit")) }
}

/// [`patiently`] leaves none of the store's errors.
fn never<E>(error: &StoreError) -> Fault<E> {
    tracing::error!(%error, "a store error got past its retries");
    invalid("parameters")
}

impl configs::Configs for Configs {
    async fn kinds(&self, _: Peer, _: configs::Kinds) -> Result<configs::KindsReply, Fault<configs::Error>> {
        let kinds = patiently(|| self.kinds()).await.map_err(|error| never(&error))?;
        Ok(configs::KindsReply { kinds })
    }

    async fn get(&self, _: Peer, call: configs::Get) -> Result<configs::GetReply, Fault<configs::Error>> {
        let configs::Get { kind, version } = call;
        let (version, content) =
            patiently(|| self.get(kind.clone(), version)).await.map_err(|error| get_fault(error, &kind, version))?;
        // Only UTF-8 is ever let in.
        let content = String::from_utf8(content).map_err(|_| never(&StoreError::Unreadable("a content")))?;
        Ok(configs::GetReply { version, content })
    }

    async fn history(&self, _: Peer, call: configs::History) -> Result<configs::HistoryReply, Fault<configs::Error>> {
        in_range(call.limit, VERSIONS)?;
        let configs::History { kind, before, limit } = call;
        let versions = patiently(|| self.history(kind.clone(), before, limit))
            .await
            .map_err(|error| get_fault(error, &kind, before))?;
        Ok(configs::HistoryReply { versions })
    }

    async fn put(&self, _: Peer, call: configs::Put) -> Result<configs::PutReply, Fault<configs::Error>> {
        if call.base < 0 {
            return Err(invalid("base"));
        }
        let (kind, base, request_id) = (call.kind.clone(), call.base, call.request_id.clone());
        loop {
            let error = match self.put(call.clone()).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            return Err(match error {
                // Whether it was saved is not known: asking again finds out.
                PutError::Request(RequestError::Store(StoreError::Unclear(_))) => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                PutError::NoSuchKind => configs::Error::NoSuchKind { kind }.into(),
                PutError::NoSuchBase => configs::Error::NoSuchVersion { kind, version: base }.into(),
                PutError::Invalid(problems) => configs::Error::Invalid { kind, problems }.into(),
                PutError::Conflict(current) => configs::Error::Conflict { kind, current: *current }.into(),
                PutError::Request(RequestError::Reused(_)) => configs::Error::RequestReused { request_id }.into(),
                PutError::Request(RequestError::Malformed) => invalid("request_id"),
                PutError::Disk(PublishError::Store(error)) | PutError::Request(RequestError::Store(error)) => {
                    configs::Error::NotSaved { kind, reason: error.to_string() }.into()
                }
                PutError::Disk(PublishError::Disk { source, .. }) => {
                    configs::Error::NotSaved { kind, reason: source.to_string() }.into()
                }
            });
        }
    }
}

fn get_fault(error: GetError, kind: &str, version: Option<i64>) -> Fault<configs::Error> {
    let kind = kind.to_owned();
    match error {
        GetError::NoSuchKind => configs::Error::NoSuchKind { kind }.into(),
        GetError::NoSuchVersion => configs::Error::NoSuchVersion { kind, version: version.unwrap_or(0) }.into(),
        GetError::Store(error) => never(&error),
    }
}

impl inbox::Inbox for Inbox {
    async fn receive(&self, _: Peer, call: inbox::Receive) -> Result<inbox::ReceiveReply, Fault<inbox::Error>> {
        let fresh = patiently(|| self.receive(call.bot, call.updates.clone())).await.map_err(|error| never(&error))?;
        Ok(inbox::ReceiveReply { fresh })
    }

    async fn unfinished(
        &self,
        _: Peer,
        call: inbox::Unfinished,
    ) -> Result<inbox::UnfinishedReply, Fault<inbox::Error>> {
        in_range(call.limit, UPDATES)?;
        let entries = patiently(|| self.unfinished(call.bot, call.after, call.limit))
            .await
            .map_err(|error| inbox_fault(&error, call.bot, call.after.unwrap_or(0)))?;
        Ok(inbox::UnfinishedReply { entries })
    }

    async fn note(&self, _: Peer, call: inbox::Note) -> Result<inbox::NoteReply, Fault<inbox::Error>> {
        patiently(|| self.note(call.bot, call.update_id, call.note.clone()))
            .await
            .map_err(|error| inbox_fault(&error, call.bot, call.update_id))?;
        Ok(inbox::NoteReply {})
    }

    async fn finish(&self, _: Peer, call: inbox::Finish) -> Result<inbox::FinishReply, Fault<inbox::Error>> {
        patiently(|| self.finish(call.bot, call.update_id))
            .await
            .map_err(|error| inbox_fault(&error, call.bot, call.update_id))?;
        Ok(inbox::FinishReply {})
    }
}

fn inbox_fault(error: &InboxError, bot: i64, update_id: i64) -> Fault<inbox::Error> {
    match error {
        InboxError::NoSuchUpdate => inbox::Error::NoSuchUpdate { bot, update_id }.into(),
        InboxError::Store(error) => never(error),
    }
}

impl dialogues::Dialogues for Dialogues {
    async fn get(&self, _: Peer, call: dialogues::Get) -> Result<dialogues::GetReply, Fault<dialogues::Error>> {
        let dialogue = patiently(|| self.get(call.bot, call.chat, call.user)).await.map_err(|error| never(&error))?;
        Ok(dialogues::GetReply { dialogue })
    }

    async fn set(&self, _: Peer, call: dialogues::Set) -> Result<dialogues::SetReply, Fault<dialogues::Error>> {
        patiently(|| self.set(call.clone())).await.map_err(dialogue_fault)
    }

    async fn end(&self, _: Peer, call: dialogues::End) -> Result<dialogues::EndReply, Fault<dialogues::Error>> {
        patiently(|| self.end(call.clone())).await.map_err(dialogue_fault)
    }
}

fn dialogue_fault(error: RequestError) -> Fault<dialogues::Error> {
    match error {
        RequestError::Reused(request_id) => dialogues::Error::RequestReused { request_id }.into(),
        RequestError::Malformed => invalid("request_id"),
        RequestError::Store(error) => never(&error),
    }
}
