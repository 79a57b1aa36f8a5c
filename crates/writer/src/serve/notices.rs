//! `io.natrium.Notices`.

use interfaces::{Fault, Peer, Replies, notices};

use super::{Failed, in_range, unread, unwritten};
use crate::notices::Notices;

/// Notices in one reply at most, as the interface says.
const NOTICES: i64 = 100;

impl Failed for notices::Error {
    fn not_saved(reason: String) -> Self {
        Self::NotSaved { reason }
    }

    fn unavailable(reason: String) -> Self {
        Self::Unavailable { reason }
    }
}

impl notices::Notices for Notices {
    async fn pending(&self, _: Peer, call: notices::Pending) -> Result<notices::PendingReply, Fault<notices::Error>> {
        in_range(call.limit, NOTICES)?;
        let notices = self.pending(call.after.unwrap_or(0), call.limit).await.map_err(|error| unread(&error))?;
        Ok(notices::PendingReply { notices })
    }

    async fn told(&self, _: Peer, call: notices::Told) -> Result<notices::ToldReply, Fault<notices::Error>> {
        self.told(call.id).await.map_err(|error| unwritten(&error))?;
        Ok(notices::ToldReply {})
    }

    async fn watch(&self, _: Peer, _: notices::Watch) -> Result<Replies<notices::WatchReply>, Fault<notices::Error>> {
        self.watch().await.map_err(|error| unread(&error))
    }
}
