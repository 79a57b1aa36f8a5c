//! `io.natrium.Inbox`.

use interfaces::{Fault, Peer, inbox};

use super::{Failed, in_range, unread, unwritten};
use crate::inbox::{Inbox, InboxError};

/// Updates in one reply at most, as the interface says.
const UPDATES: i64 = 1000;

impl Failed for inbox::Error {
    fn not_saved(reason: String) -> Self {
        Self::NotSaved { reason }
    }

    fn unavailable(reason: String) -> Self {
        Self::Unavailable { reason }
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
