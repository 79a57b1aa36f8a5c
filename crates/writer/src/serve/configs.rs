//! `io.natrium.Configs`.

use interfaces::admins::Role;
use interfaces::configs::{Author, Origin};
use interfaces::{Fault, Peer, configs};
use tracing::Instrument;

use super::speaker::{Claim, Said as _, speaks};
use super::{about, in_range, invalid, reason};
use crate::configs::{Configs, GetError, PublishError, Refused};
use crate::requests::RequestError;
use crate::store::StoreError;

/// Versions in one reply at most, as the interface says.
const VERSIONS: i64 = 100;
/// Bytes of what a program calls itself at most.
const NAME_BYTES: usize = 100;

impl configs::Configs for Configs {
    async fn kinds(&self, _: Peer, _: configs::Kinds) -> Result<configs::KindsReply, Fault<configs::Error>> {
        let (kinds, retired) = self.kinds().await.map_err(|error| unavailable(&error))?;
        Ok(configs::KindsReply { kinds, retired })
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

    async fn put(&self, peer: Peer, call: configs::Put) -> Result<configs::PutReply, Fault<configs::Error>> {
        speaks(self.trail(), peer, call.claim()).await?;
        if call.base < 0 {
            return Err(invalid("base"));
        }
        let (kind, id) = (call.kind.clone(), call.request_id.clone());
        let call = self.put(call).instrument(about(&id));
        call.await.map_err(|error| refused(error, kind, id))
    }

    async fn get_by_hand(
        &self,
        _: Peer,
        call: configs::GetByHand,
    ) -> Result<configs::GetByHandReply, Fault<configs::Error>> {
        let found = self.get_by_hand(call.kind).await.map_err(unread)?;
        let (by_hand, content) = found.map_or((None, None), |(by_hand, content)| (Some(by_hand), content));
        Ok(configs::GetByHandReply { by_hand, content })
    }

    async fn rollback(&self, peer: Peer, call: configs::Rollback) -> Result<configs::PutReply, Fault<configs::Error>> {
        speaks(self.trail(), peer, call.claim()).await?;
        if call.base < 0 {
            return Err(invalid("base"));
        }
        let (kind, id) = (call.kind.clone(), call.request_id.clone());
        let call = self.rollback(call).instrument(about(&id));
        call.await.map_err(|error| refused(error, kind, id))
    }

    async fn progress(
        &self,
        _: Peer,
        call: configs::Progress,
    ) -> Result<configs::ProgressReply, Fault<configs::Error>> {
        Ok(configs::ProgressReply { step: self.progress(call).await })
    }

    async fn cancel(&self, peer: Peer, call: configs::Cancel) -> Result<configs::CancelReply, Fault<configs::Error>> {
        if let Some(update) = call.settles.last() {
            // Whose updates these are, asks.
            let user = update.ends.map_or(0, |of| of.user);
            let by = Author { origin: Origin::Telegram, id: user, name: String::new() };
            let claim = Claim { by: &by, action: "cancel", kind: None, request_id: &call.request_id, settles: true };
            speaks(self.trail(), peer, claim).await?;
        }
        let id = call.request_id.clone();
        let call = self.cancel(call).instrument(about(&id));
        call.await.map_err(|error| refused(error, String::new(), id))
    }

    async fn propose(
        &self,
        peer: Peer,
        call: configs::Propose,
    ) -> Result<configs::ProposeReply, Fault<configs::Error>> {
        speaks(self.trail(), peer, call.claim()).await?;
        if call.base < 0 {
            return Err(invalid("base"));
        }
        let (kind, id) = (call.kind.clone(), call.request_id.clone());
        let call = self.propose(call).instrument(about(&id));
        call.await.map_err(|error| refused(error, kind, id))
    }

    async fn proposals(
        &self,
        _: Peer,
        call: configs::Proposals,
    ) -> Result<configs::ProposalsReply, Fault<configs::Error>> {
        let proposals = self.proposals(call.kind).await.map_err(|error| unavailable(&error))?;
        Ok(configs::ProposalsReply { proposals })
    }

    async fn get_proposal(
        &self,
        _: Peer,
        call: configs::GetProposal,
    ) -> Result<configs::GetProposalReply, Fault<configs::Error>> {
        let (proposal, content) = self.proposal(call.id).await.map_err(unread)?;
        let content = String::from_utf8(content).map_err(|_| unavailable(&StoreError::Unreadable("a content")))?;
        Ok(configs::GetProposalReply { proposal, content })
    }

    async fn approve(&self, peer: Peer, call: configs::Approve) -> Result<configs::PutReply, Fault<configs::Error>> {
        speaks(self.trail(), peer, call.claim()).await?;
        let id = call.request_id.clone();
        let call = self.approve(call).instrument(about(&id));
        call.await.map_err(|error| refused(error, String::new(), id))
    }

    async fn decline(
        &self,
        peer: Peer,
        call: configs::Decline,
    ) -> Result<configs::DeclineReply, Fault<configs::Error>> {
        speaks(self.trail(), peer, call.claim()).await?;
        let id = call.request_id.clone();
        let call = self.decline(call).instrument(about(&id));
        call.await.map_err(|error| refused(error, String::new(), id))
    }

    async fn adopt(&self, peer: Peer, call: configs::Adopt) -> Result<configs::PutReply, Fault<configs::Error>> {
        speaks(self.trail(), peer, call.claim()).await?;
        let (kind, id) = (call.kind.clone(), call.request_id.clone());
        let call = self.adopt(call).instrument(about(&id));
        call.await.map_err(|error| refused(error, kind, id))
    }

    async fn restore(
        &self,
        peer: Peer,
        call: configs::Restore,
    ) -> Result<configs::RestoreReply, Fault<configs::Error>> {
        speaks(self.trail(), peer, call.claim()).await?;
        let (kind, id) = (call.kind.clone(), call.request_id.clone());
        let call = self.restore(call).instrument(about(&id));
        call.await.map_err(|error| refused(error, kind, id))
    }

    async fn ack(&self, _: Peer, call: configs::Ack) -> Result<configs::AckReply, Fault<configs::Error>> {
        if !is_name(&call.consumer) {
            return Err(invalid("consumer"));
        }
        let (kind, version) = (call.kind.clone(), call.version);
        self.ack(call).await.map_err(|error| match error {
            GetError::Store(error) if error.is_certain() => {
                configs::Error::NotSaved { kind, reason: reason(&error) }.into()
            }
            error => Fault::from(get_error(error, kind, Some(version))),
        })?;
        Ok(configs::AckReply {})
    }

    async fn consumers(
        &self,
        _: Peer,
        call: configs::Consumers,
    ) -> Result<configs::ConsumersReply, Fault<configs::Error>> {
        let consumers = self.consumers(call.kind.clone()).await;
        let consumers = consumers.map_err(|error| get_error(error, call.kind, None))?;
        Ok(configs::ConsumersReply { consumers })
    }
}

/// What a program may call itself: it is shown in a chat and on a terminal.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME_BYTES && !name.chars().any(|character| character.is_control())
}

/// What the caller is told. `kind`: where the call names it.
fn refused(error: Refused, kind: String, request_id: String) -> Fault<configs::Error> {
    use configs::Error;
    match error {
        Refused::NoSuchKind(kind) => Error::NoSuchKind { kind },
        Refused::NoSuchVersion { kind, version } => Error::NoSuchVersion { kind, version },
        Refused::Invalid { kind, problems } => Error::Invalid { kind, problems },
        Refused::Conflict(current) => Error::Conflict { kind: current.kind.clone(), current: *current },
        Refused::Forbidden { kind, needed } => Error::Forbidden { kind, needed: role_name(needed).to_owned() },
        Refused::ChangedByHand { kind, by_hand } => Error::ChangedByHand { kind, by_hand },
        Refused::ApprovalRequired(kind) => Error::ApprovalRequired { kind },
        Refused::Unchanged(current) => Error::Unchanged { kind: current.kind.clone(), current: *current },
        Refused::NoSuchProposal(id) => Error::NoSuchProposal { id },
        Refused::Decided(proposal) => Error::Decided { proposal: *proposal },
        Refused::OwnProposal(proposal) => Error::OwnProposal { id: proposal.id },
        Refused::NotByHand { kind, by_hand } => Error::NotByHand { kind, by_hand },
        Refused::NotAdoptable { kind, reason } => Error::NotAdoptable { kind, reason: reason.to_owned() },
        Refused::Cancelled(request_id) => Error::Cancelled { request_id },
        Refused::Request(RequestError::Reused(_)) => Error::RequestReused { request_id },
        Refused::Request(RequestError::Malformed) => return invalid("request_id"),
        Refused::Disk(PublishError::Store(error)) | Refused::Request(RequestError::Store(error)) => {
            Error::NotSaved { kind, reason: reason(&error) }
        }
        Refused::Disk(PublishError::Disk { source, .. }) => Error::NotSaved { kind, reason: source.to_string() },
        Refused::Unknown(error) => unavailable(&error),
    }
    .into()
}

/// The same for a call that only reads.
fn unread(error: Refused) -> Fault<configs::Error> {
    match error {
        Refused::Disk(error) => configs::Error::Unavailable { reason: error.to_string() }.into(),
        Refused::Request(RequestError::Store(error)) => unavailable(&error).into(),
        error => refused(error, String::new(), String::new()),
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Admin => "admin",
        Role::Owner => "owner",
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
