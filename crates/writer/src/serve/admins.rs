//! `io.natrium.Admins`.

use interfaces::{Fault, Peer, admins};
use tracing::Instrument;

use super::speaker::{Claim, Said as _, speaks};
use super::{Failed, about, invalid, unread, unwritten};
use crate::admins::{People, Refused, who_pairs};
use crate::requests::RequestError;

impl Failed for admins::Error {
    fn not_saved(reason: String) -> Self {
        Self::NotSaved { reason }
    }

    fn unavailable(reason: String) -> Self {
        Self::Unavailable { reason }
    }
}

fn fault(refused: Refused) -> Fault<admins::Error> {
    match refused {
        Refused::Forbidden => admins::Error::Forbidden { needed: "owner".to_owned() }.into(),
        Refused::Fixed(user) => admins::Error::Fixed { user }.into(),
        Refused::LastOwner(user) => admins::Error::LastOwner { user }.into(),
        Refused::NoSuchKind(kind) => admins::Error::NoSuchKind { kind }.into(),
        Refused::WrongCode => admins::Error::WrongCode {}.into(),
        Refused::TooManyCodes(retry) => {
            let retry_ms = i64::try_from(retry.as_millis()).unwrap_or(i64::MAX).max(1);
            admins::Error::TooManyCodes { retry_ms }.into()
        }
        Refused::Senseless(parameter) => invalid(parameter),
        Refused::Request(RequestError::Reused(request_id)) => admins::Error::RequestReused { request_id }.into(),
        Refused::Request(RequestError::Malformed) => invalid("request_id"),
        Refused::Request(RequestError::Store(error)) => unwritten(&error),
    }
}

impl admins::Admins for People {
    async fn list(&self, _: Peer, _: admins::List) -> Result<admins::ListReply, Fault<admins::Error>> {
        let admins = self.list().await.map_err(|error| unread(&error))?;
        Ok(admins::ListReply { admins })
    }

    async fn get(&self, _: Peer, call: admins::Get) -> Result<admins::GetReply, Fault<admins::Error>> {
        let admin = self.get(call.user).await.map_err(|error| unread(&error))?;
        Ok(admins::GetReply { admin })
    }

    async fn set(&self, peer: Peer, call: admins::Set) -> Result<admins::SetReply, Fault<admins::Error>> {
        speaks(self.trail(), peer, call.claim()).await?;
        let about = about(&call.request_id);
        async { self.set(call).await.map_err(fault) }.instrument(about).await
    }

    async fn remove(&self, peer: Peer, call: admins::Remove) -> Result<admins::RemoveReply, Fault<admins::Error>> {
        speaks(self.trail(), peer, call.claim()).await?;
        let about = about(&call.request_id);
        async { self.remove(call).await.map_err(fault) }.instrument(about).await
    }

    async fn invite(&self, peer: Peer, call: admins::Invite) -> Result<admins::InviteReply, Fault<admins::Error>> {
        speaks(self.trail(), peer, call.claim()).await?;
        let about = about(&call.request_id);
        async { self.invite(call).await.map_err(fault) }.instrument(about).await
    }

    async fn pair(&self, peer: Peer, call: admins::Pair) -> Result<admins::PairReply, Fault<admins::Error>> {
        let by = who_pairs(&call);
        let claim = Claim {
            by: &by,
            action: "pair",
            kind: None,
            request_id: &call.request_id,
            settles: call.settles.is_some(),
        };
        speaks(self.trail(), peer, claim).await?;
        let about = about(&call.request_id);
        async { self.pair(call).await.map_err(fault) }.instrument(about).await
    }

    async fn pairing(&self, _: Peer, _: admins::Pairing) -> Result<admins::PairingReply, Fault<admins::Error>> {
        let code = self.pairing().await.map_err(|error| unwritten(&error))?;
        Ok(admins::PairingReply { code })
    }
}
