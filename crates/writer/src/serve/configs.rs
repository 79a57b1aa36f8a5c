//! `io.natrium.Configs`.

use interfaces::{Fault, Peer, configs};
use tracing::Instrument;

use super::{about, in_range, invalid, reason};
use crate::configs::{Configs, GetError, PublishError, PutError};
use crate::requests::RequestError;
use crate::store::StoreError;

/// Versions in one reply at most, as the interface says.
const VERSIONS: i64 = 100;

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
