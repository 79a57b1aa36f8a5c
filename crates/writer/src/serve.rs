//! The writer's Varlink interfaces: wire in, domain call, wire out.
//!
//! A store that fails is told at once: `NotSaved` where it is certain that nothing was kept, `Unavailable` where the answer is
//! not known. Nothing is tried again here: every call may be asked twice, and who asked knows for how long it is worth it.

use std::sync::Arc;

use interfaces::{Fault, Peer, Replies, configs, dialogues, inbox, store};
use tracing::{Instrument, Span};
use varlink::{Server, ServiceError};

use crate::Writer;
use crate::backup::free_bytes;
use crate::configs::{Configs, GetError, PublishError, PutError};
use crate::dialogues::Dialogues;
use crate::inbox::{Inbox, InboxError};
use crate::requests::{ID_BYTES, RequestError};
use crate::store::{KNOWN, OpenError, StoreError};
use crate::writer::WholeStore;

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
            .service(store::Serve(Arc::clone(&self.whole)))
    }
}

/// What an interface answers when the store fails.
trait Failed {
    /// Nothing was kept, for certain.
    fn not_saved(reason: String) -> Self;
    /// What would be the answer is not known.
    fn unavailable(reason: String) -> Self;
}

impl Failed for inbox::Error {
    fn not_saved(reason: String) -> Self {
        Self::NotSaved { reason }
    }

    fn unavailable(reason: String) -> Self {
        Self::Unavailable { reason }
    }
}

impl Failed for dialogues::Error {
    fn not_saved(reason: String) -> Self {
        Self::NotSaved { reason }
    }

    fn unavailable(reason: String) -> Self {
        Self::Unavailable { reason }
    }
}

/// All that is logged about a request bears its id.
fn about(request_id: &str) -> Span {
    // Longer ones will be refused.
    tracing::error_span!("call", natrium_request = &request_id[..request_id.floor_char_boundary(ID_BYTES)])
}

/// The answer to a call that was to change something.
fn unwritten<E: Failed>(error: &StoreError) -> Fault<E> {
    let reason = reason(error);
    if error.is_certain() { E::not_saved(reason) } else { E::unavailable(reason) }.into()
}

/// The answer to a call that was to read something.
fn unread<E: Failed>(error: &StoreError) -> Fault<E> {
    E::unavailable(reason(error)).into()
}

/// The store's words, which are logged as well.
fn reason(error: &StoreError) -> String {
    match error {
        StoreError::Panicked | StoreError::Refused(_) | StoreError::Unreadable(_) | StoreError::Damaged(_) => {
            tracing::error!("a call failed: {error}");
        }
        error => tracing::warn!("a call failed: {error}"),
    }
    error.to_string()
}

fn invalid<E>(parameter: &str) -> Fault<E> {
    Fault::Service(ServiceError::InvalidParameter { parameter: parameter.to_owned() })
}

fn in_range<E>(limit: i64, most: i64) -> Result<(), Fault<E>> {
    if (1..=most).contains(&limit) { Ok(()) } else { Err(invalid("limit")) }
}

impl configs::Configs for Configs {
    async fn kinds(&self, _: Peer, _: configs::Kinds) -> Result<configs::KindsReply, Fault<configs::Error>> {
        let kinds = self.kinds().await.map_err(|error| unavailable(&error))?;
        Ok(configs::KindsReply { kinds, retired: Vec::new() })
    }

    async fn get(&self, _: Peer, call: configs::Get) -> Result<configs::GetReply, Fault<configs::Error>> {
        let configs::Get { kind, version } = call;
        let (version, content) =
            self.get(kind.clone(), version).await.map_err(|error| get_error(error, kind, version))?;
        // Only UTF-8 is ever let in.
        let content = String::from_utf8(content).map_err(|_| unavailable(&StoreError::Unreadable("a content")))?;
        Ok(configs::GetReply { version, content })
    }

    async fn history(&self, _: Peer, call: configs::History) -> Result<configs::HistoryReply, Fault<configs::Error>> {
        in_range(call.limit, VERSIONS)?;
        let configs::History { kind, before, limit } = call;
        let versions =
            self.history(kind.clone(), before, limit).await.map_err(|error| get_error(error, kind, before))?;
        Ok(configs::HistoryReply { versions })
    }

    async fn put(&self, _: Peer, call: configs::Put) -> Result<configs::PutReply, Fault<configs::Error>> {
        if call.base < 0 {
            return Err(invalid("base"));
        }
        let (kind, base, request_id) = (call.kind.clone(), call.base, call.request_id.clone());
        let about = about(&request_id);
        let refused = |error| match error {
            PutError::NoSuchKind => configs::Error::NoSuchKind { kind }.into(),
            PutError::NoSuchBase => configs::Error::NoSuchVersion { kind, version: base }.into(),
            PutError::Invalid(problems) => configs::Error::Invalid { kind, problems }.into(),
            PutError::Conflict(current) => configs::Error::Conflict { kind, current: *current }.into(),
            PutError::Request(RequestError::Reused(_)) => configs::Error::RequestReused { request_id }.into(),
            PutError::Request(RequestError::Malformed) => invalid("request_id"),
            PutError::Disk(PublishError::Store(error)) | PutError::Request(RequestError::Store(error)) => {
                configs::Error::NotSaved { kind, reason: reason(&error) }.into()
            }
            PutError::Disk(PublishError::Disk { source, .. }) => {
                configs::Error::NotSaved { kind, reason: source.to_string() }.into()
            }
            PutError::Unknown(error) => unavailable(&error).into(),
        };
        async { self.put(call).await.map_err(refused) }.instrument(about).await
    }

    async fn get_by_hand(
        &self,
        _: Peer,
        _: configs::GetByHand,
    ) -> Result<configs::GetByHandReply, Fault<configs::Error>> {
        Err(configs::Error::Unavailable { reason: "not yet".to_owned() }.into())
    }

    async fn rollback(&self, _: Peer, _: configs::Rollback) -> Result<configs::PutReply, Fault<configs::Error>> {
        Err(configs::Error::Unavailable { reason: "not yet".to_owned() }.into())
    }

    async fn cancel(&self, _: Peer, _: configs::Cancel) -> Result<configs::CancelReply, Fault<configs::Error>> {
        Err(configs::Error::Unavailable { reason: "not yet".to_owned() }.into())
    }

    async fn propose(&self, _: Peer, _: configs::Propose) -> Result<configs::ProposeReply, Fault<configs::Error>> {
        Err(configs::Error::Unavailable { reason: "not yet".to_owned() }.into())
    }

    async fn proposals(
        &self,
        _: Peer,
        _: configs::Proposals,
    ) -> Result<configs::ProposalsReply, Fault<configs::Error>> {
        Err(configs::Error::Unavailable { reason: "not yet".to_owned() }.into())
    }

    async fn get_proposal(
        &self,
        _: Peer,
        _: configs::GetProposal,
    ) -> Result<configs::GetProposalReply, Fault<configs::Error>> {
        Err(configs::Error::Unavailable { reason: "not yet".to_owned() }.into())
    }

    async fn approve(&self, _: Peer, _: configs::Approve) -> Result<configs::PutReply, Fault<configs::Error>> {
        Err(configs::Error::Unavailable { reason: "not yet".to_owned() }.into())
    }

    async fn decline(&self, _: Peer, _: configs::Decline) -> Result<configs::DeclineReply, Fault<configs::Error>> {
        Err(configs::Error::Unavailable { reason: "not yet".to_owned() }.into())
    }

    async fn adopt(&self, _: Peer, _: configs::Adopt) -> Result<configs::PutReply, Fault<configs::Error>> {
        Err(configs::Error::Unavailable { reason: "not yet".to_owned() }.into())
    }

    async fn restore(&self, _: Peer, _: configs::Restore) -> Result<configs::RestoreReply, Fault<configs::Error>> {
        Err(configs::Error::Unavailable { reason: "not yet".to_owned() }.into())
    }

    async fn ack(&self, _: Peer, _: configs::Ack) -> Result<configs::AckReply, Fault<configs::Error>> {
        Err(configs::Error::Unavailable { reason: "not yet".to_owned() }.into())
    }

    async fn consumers(
        &self,
        _: Peer,
        _: configs::Consumers,
    ) -> Result<configs::ConsumersReply, Fault<configs::Error>> {
        Err(configs::Error::Unavailable { reason: "not yet".to_owned() }.into())
    }
}

fn unavailable(error: &StoreError) -> configs::Error {
    configs::Error::Unavailable { reason: reason(error) }
}

fn get_error(error: GetError, kind: String, version: Option<i64>) -> configs::Error {
    match error {
        GetError::NoSuchKind => configs::Error::NoSuchKind { kind },
        GetError::NoSuchVersion => configs::Error::NoSuchVersion { kind, version: version.unwrap_or(0) },
        GetError::Store(error) => unavailable(&error),
    }
}

impl inbox::Inbox for Inbox {
    async fn receive(&self, _: Peer, call: inbox::Receive) -> Result<inbox::ReceiveReply, Fault<inbox::Error>> {
        let fresh = self.receive(call.bot, call.updates).await.map_err(|error| unwritten(&error))?;
        Ok(inbox::ReceiveReply { fresh })
    }

    async fn unfinished(
        &self,
        _: Peer,
        call: inbox::Unfinished,
    ) -> Result<inbox::UnfinishedReply, Fault<inbox::Error>> {
        in_range(call.limit, UPDATES)?;
        let inbox::Unfinished { bot, after, limit } = call;
        let entries = self.unfinished(bot, after, limit).await.map_err(|error| match error {
            InboxError::NoSuchUpdate => no_such_update(bot, after.unwrap_or(0)),
            InboxError::Store(error) => unread(&error),
        })?;
        Ok(inbox::UnfinishedReply { entries })
    }

    async fn note(&self, _: Peer, call: inbox::Note) -> Result<inbox::NoteReply, Fault<inbox::Error>> {
        let inbox::Note { bot, update_id, note } = call;
        self.note(bot, update_id, note).await.map_err(|error| inbox_fault(&error, bot, update_id))?;
        Ok(inbox::NoteReply {})
    }

    async fn finish(&self, _: Peer, call: inbox::Finish) -> Result<inbox::FinishReply, Fault<inbox::Error>> {
        let inbox::Finish { bot, update_id } = call;
        self.finish(bot, update_id).await.map_err(|error| inbox_fault(&error, bot, update_id))?;
        Ok(inbox::FinishReply {})
    }
}

fn inbox_fault(error: &InboxError, bot: i64, update_id: i64) -> Fault<inbox::Error> {
    match error {
        InboxError::NoSuchUpdate => no_such_update(bot, update_id),
        InboxError::Store(error) => unwritten(error),
    }
}

fn no_such_update(bot: i64, update_id: i64) -> Fault<inbox::Error> {
    inbox::Error::NoSuchUpdate { bot, update_id }.into()
}

impl dialogues::Dialogues for Dialogues {
    async fn get(&self, _: Peer, call: dialogues::Get) -> Result<dialogues::GetReply, Fault<dialogues::Error>> {
        let dialogue = self.get(call.bot, call.chat, call.user).await.map_err(|error| unread(&error))?;
        Ok(dialogues::GetReply { dialogue })
    }

    async fn set(&self, _: Peer, call: dialogues::Set) -> Result<dialogues::SetReply, Fault<dialogues::Error>> {
        let about = about(&call.request_id);
        async { self.set(call).await.map_err(dialogue_fault) }.instrument(about).await
    }

    async fn end(&self, _: Peer, call: dialogues::End) -> Result<dialogues::EndReply, Fault<dialogues::Error>> {
        let about = about(&call.request_id);
        async { self.end(call).await.map_err(dialogue_fault) }.instrument(about).await
    }
}

fn dialogue_fault(error: RequestError) -> Fault<dialogues::Error> {
    match error {
        RequestError::Reused(request_id) => dialogues::Error::RequestReused { request_id }.into(),
        RequestError::Malformed => invalid("request_id"),
        RequestError::Store(error) => unwritten(&error),
    }
}

impl store::Store for WholeStore {
    async fn get_info(&self, _: Peer, _: store::GetInfo) -> Result<store::GetInfoReply, Fault<store::Error>> {
        let path = self.path.clone();
        let look = move |whole: &crate::store::Whole| {
            let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
            let free = path.parent().map_or(Ok(0), free_bytes).unwrap_or(0);
            let schema = whole.schema(&path).map_err(|error| match error {
                OpenError::Store { source, .. } => source,
                _ => StoreError::Unreadable("a schema"),
            })?;
            Ok((schema, whole.since(schema)?, number(whole.bytes()?), number(free)))
        };
        let (schema, since, bytes, free_bytes) =
            self.store.whole(look).await.map_err(|error: StoreError| store_unavailable(&error))?;
        Ok(store::GetInfoReply { schema, since, known: KNOWN, bytes, free_bytes })
    }

    async fn check(&self, _: Peer, _: store::Check) -> Result<store::CheckReply, Fault<store::Error>> {
        let _turn = self.looking.lock().await;
        let problems = self.store.whole(crate::store::Whole::problems).await;
        let mut problems: Vec<String> = problems.map_err(|error| store_unavailable(&error))?;
        problems.extend(self.configs.published_problems().await.map_err(|error| store_unavailable(&error))?);
        Ok(store::CheckReply { problems })
    }

    async fn backup(&self, _: Peer, _: store::Backup) -> Result<Replies<store::BackupReply>, Fault<store::Error>> {
        self.backups.stream().await
    }
}

fn store_unavailable(error: &StoreError) -> store::Error {
    store::Error::Unavailable { reason: reason(error) }
}
