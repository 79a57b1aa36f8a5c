//! `io.natrium.Dialogues`.

use interfaces::{Fault, Peer, dialogues};
use tracing::Instrument;

use super::{Failed, about, invalid, unread, unwritten};
use crate::dialogues::Dialogues;
use crate::requests::RequestError;

impl Failed for dialogues::Error {
    fn not_saved(reason: String) -> Self {
        Self::NotSaved { reason }
    }

    fn unavailable(reason: String) -> Self {
        Self::Unavailable { reason }
    }
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
