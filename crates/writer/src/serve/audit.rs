//! `io.natrium.Audit`.

use interfaces::{Fault, Peer, audit};

use super::speaker::{Claim, speaks};
use super::{Failed, in_range, invalid, unread, unwritten};
use crate::audit::Trail;
use crate::requests::ID_BYTES;

/// Entries in one reply at most, as the interface says.
const ENTRIES: i64 = 100;
/// Bytes of a verb, of a kind's name and of a reason at most.
const WORD_BYTES: usize = 64;
/// Bytes of what somebody calls themselves, and of what a refusal is about, at most.
const TEXT_BYTES: usize = 1024;

impl Failed for audit::Error {
    fn not_saved(reason: String) -> Self {
        Self::NotSaved { reason }
    }

    fn unavailable(reason: String) -> Self {
        Self::Unavailable { reason }
    }
}

impl audit::Audit for Trail {
    async fn list(&self, _: Peer, call: audit::List) -> Result<audit::ListReply, Fault<audit::Error>> {
        in_range(call.limit, ENTRIES)?;
        let audit::List { before, limit, kind, user } = call;
        let entries = self.list(before.unwrap_or(i64::MAX), limit, kind, user).await.map_err(|error| unread(&error))?;
        Ok(audit::ListReply { entries })
    }

    async fn record(&self, peer: Peer, call: audit::Record) -> Result<audit::RecordReply, Fault<audit::Error>> {
        let lengths = [
            ("action", Some(&call.action), WORD_BYTES),
            ("reason", Some(&call.reason), WORD_BYTES),
            ("request_id", Some(&call.request_id), ID_BYTES),
            ("kind", call.kind.as_ref(), WORD_BYTES),
            ("about", call.about.as_ref(), TEXT_BYTES),
            ("actor", Some(&call.actor.name), TEXT_BYTES),
        ];
        for (name, text, most) in lengths {
            // Nobody is made to have a name.
            let is_right = |text: &String| text.len() <= most && (name == "actor" || !text.is_empty());
            if !text.is_none_or(is_right) {
                return Err(invalid(name));
            }
        }
        let claim = Claim {
            by: &call.actor,
            action: "record",
            kind: call.kind.as_deref(),
            request_id: &call.request_id,
            settles: false,
        };
        speaks(self, peer, claim).await?;
        self.record(call).await.map_err(|error| unwritten(&error))?;
        Ok(audit::RecordReply {})
    }
}
