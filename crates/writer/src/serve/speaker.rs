//! Who may speak for whom.
//!
//! Root and the service's own user, as whom the bot runs, may name anybody as author: they could write the store itself. Everybody
//! else speaks for himself only, as an operator with the number that the kernel names.

use interfaces::audit::Record;
use interfaces::configs::{Author, Origin};
use interfaces::{Fault, Peer, admins, configs};
use nix::unistd::geteuid;
use varlink::ServiceError;

use crate::audit::Trail;
use crate::requests::ID_BYTES;

/// As whom the kernel shows users that a user namespace has no number for (user_namespaces(7)): a unit with `PrivateUsers=` sees
/// everybody so but root and its own user.
const OVERFLOW: u32 = 65_534;
/// Bytes of a kind's name that nobody has checked.
const NAME: usize = 64;

/// What somebody is said to want.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim<'a> {
    /// Who is said to.
    pub(super) by: &'a Author,
    /// The verb.
    pub(super) action: &'static str,
    pub(super) kind: Option<&'a str>,
    pub(super) request_id: &'a str,
    /// An update is settled with it, which only a person of Telegram can have sent.
    pub(super) settles: bool,
}

/// A call that somebody is said to make.
pub(super) trait Said {
    fn claim(&self) -> Claim<'_>;
}

/// `Call: "verb" by the field that says who, |call| the kind that it names.`
macro_rules! said {
    ($($type:ty: $action:literal by $by:ident, |$call:ident| $kind:expr;)*) => {
        $(impl Said for $type {
            fn claim(&self) -> Claim<'_> {
                let $call = self;
                Claim {
                    by: &self.$by,
                    action: $action,
                    kind: $kind,
                    request_id: &self.request_id,
                    settles: self.settles.is_some(),
                }
            }
        })*
    };
}

said! {
    configs::Put: "put" by author, |call| Some(&call.kind);
    configs::Rollback: "rollback" by author, |call| Some(&call.kind);
    configs::Propose: "propose" by author, |call| Some(&call.kind);
    configs::Adopt: "adopt" by author, |call| Some(&call.kind);
    configs::Restore: "restore" by by, |call| Some(&call.kind);
    configs::Approve: "approve" by by, |_call| None;
    configs::Decline: "decline" by by, |_call| None;
    admins::Set: "set" by by, |call| call.kind.as_deref();
    admins::Invite: "invite" by by, |call| call.kind.as_deref();
    admins::Remove: "remove" by by, |call| call.kind.as_deref();
}

/// Refuses who speaks for somebody else, before anything is done, and records it under who really asked.
pub(super) async fn speaks<E>(trail: &Trail, peer: Peer, claim: Claim<'_>) -> Result<(), Fault<E>> {
    let Claim { by, action, kind, request_id, settles } = claim;
    if may_name(peer.uid, geteuid().as_raw(), by, settles) {
        return Ok(());
    }
    let (uid, pid) = (peer.uid, peer.pid);
    tracing::warn!(peer_uid = uid, peer_pid = pid, action, "refused a caller who speaks for somebody else");
    let refusal = Record {
        actor: Author { origin: Origin::Operator, id: i64::from(uid), name: format!("user {uid}") },
        action: action.to_owned(),
        kind: kind.map(|kind| kind[..kind.floor_char_boundary(NAME)].to_owned()),
        about: Some(format!("in the name of {}", named(by))),
        reason: "another's name".to_owned(),
        request_id: request_id[..request_id.floor_char_boundary(ID_BYTES)].to_owned(),
    };
    if let Err(error) = trail.record(refusal).await {
        tracing::warn!(peer_uid = uid, "cannot record that a caller was refused: {error}");
    }
    Err(Fault::Service(ServiceError::PermissionDenied {}))
}

fn may_name(uid: u32, own: u32, by: &Author, settles: bool) -> bool {
    if uid == 0 || uid == own {
        return true;
    }
    // Whom the kernel has no number for here is not one of those for whom it has.
    let is_unseen = uid == OVERFLOW && ![0, i64::from(own)].contains(&by.id);
    by.origin == Origin::Operator && !settles && (by.id == i64::from(uid) || is_unseen)
}

fn named(by: &Author) -> String {
    match by.origin {
        Origin::Telegram => format!("Telegram user {}", by.id),
        Origin::Operator => format!("user {}", by.id),
        Origin::File => "a file".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_and_the_service_itself_name_others() {
        let by = |origin, id| Author { origin, id, name: "x".to_owned() };
        let own = 990;
        for uid in [0, own] {
            for origin in [Origin::Telegram, Origin::Operator, Origin::File] {
                assert!(may_name(uid, own, &by(origin, 7), false), "{uid} {origin:?}");
            }
        }
        assert!(may_name(1000, own, &by(Origin::Operator, 1000), false));
        assert!(!may_name(1000, own, &by(Origin::Operator, 1000), true), "he has sent no update");
        for (origin, id) in
            [(Origin::Telegram, 1000), (Origin::File, 1000), (Origin::Operator, 1001), (Origin::Operator, 0)]
        {
            assert!(!may_name(1000, own, &by(origin, id), false), "{origin:?} {id}");
        }
        // Without a number here: a person who is none of those that have one.
        assert!(may_name(OVERFLOW, own, &by(Origin::Operator, 1000), false));
        for (origin, id) in [(Origin::Telegram, 1000), (Origin::Operator, 0), (Origin::Operator, 990)] {
            assert!(!may_name(OVERFLOW, own, &by(origin, id), false), "{origin:?} {id}");
        }
    }
}
