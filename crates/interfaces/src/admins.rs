//! `io.natrium.Admins`: who may do what with the configs.

use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::configs::{Author, DialogueOf, Settlement};
use crate::define::define;

define! {
    /// What the owner of the list of admins answers.
    Admins = "io.natrium.Admins";
    methods {
        /// Everybody, by name.
        List => list(List) -> ListReply;
        /// One person.
        Get => get(Get) -> GetReply;
        /// Gives somebody a role.
        Set => set(Set) -> SetReply;
        /// Takes somebody's role for one kind, or all of them.
        Remove => remove(Remove) -> RemoveReply;
        /// Makes a code that gives a role to whoever sends it to the bot first.
        Invite => invite(Invite) -> InviteReply;
        /// Takes a code for somebody.
        Pair => pair(Pair) -> PairReply;
        /// The code for the first owner.
        Pairing => pairing(Pairing) -> PairingReply;
    }
    streams {}
}

/// What somebody may do. Each may do what those before it may.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look.
    Viewer,
    /// Change configs.
    Admin,
    /// Say who else may.
    Owner,
}

/// A role for one kind, which counts for it instead of the general one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KindRole {
    /// The kind.
    pub kind: String,
    /// The role.
    pub role: Role,
}

/// Somebody with a role.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Admin {
    /// The Telegram user's id.
    pub user: i64,
    /// The name to show.
    pub name: String,
    /// The general role; absent where there are only roles for single kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Roles for single kinds.
    pub kinds: Vec<KindRole>,
    /// The settings name them, and only the settings change that.
    pub fixed: bool,
    /// Since when, in Unix milliseconds.
    pub since_ms: i64,
}

impl Admin {
    /// What they may do with `kind`.
    #[must_use]
    pub fn role_for(&self, kind: &str) -> Option<Role> {
        if self.role == Some(Role::Owner) {
            return self.role;
        }
        self.kinds.iter().find(|one| one.kind == kind).map(|one| one.role).or(self.role)
    }

    /// Whether they are an owner.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.role == Some(Role::Owner)
    }
}

/// Asks for everybody.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct List {}

/// Everybody.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ListReply {
    /// By name.
    pub admins: Vec<Admin>,
}

/// Asks for one person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Get {
    /// The Telegram user's id.
    pub user: i64,
}

/// One person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetReply {
    /// Absent: somebody without any role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<Admin>,
}

/// Gives somebody a role.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Set {
    /// The Telegram user's id.
    pub user: i64,
    /// The name to show.
    pub name: String,
    /// The role.
    pub role: Role,
    /// Only for this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who asks for it.
    pub by: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// It is durable.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SetReply {
    /// What they are now.
    pub admin: Admin,
}

/// Takes somebody's roles.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Remove {
    /// The Telegram user's id.
    pub user: i64,
    /// Only for this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who asks for it.
    pub by: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// It is durable.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RemoveReply {
    /// What they were before; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Admin>,
}

/// Asks for a code.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Invite {
    /// The role that it gives.
    pub role: Role,
    /// Only for this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who asks for it.
    pub by: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// A code.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct InviteReply {
    /// It.
    pub code: String,
    /// Until when it is good, in Unix milliseconds.
    pub expires_ms: i64,
}

/// Takes a code.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct Pair {
    /// The code, as it was typed.
    pub code: String,
    /// The Telegram user's id.
    pub user: i64,
    /// The name to show.
    pub name: String,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// It is durable.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PairReply {
    /// What they are now.
    pub admin: Admin,
}

/// Asks for the code for the first owner.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Pairing {}

/// The code for the first owner.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct PairingReply {
    /// Absent where there is an owner already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// Stands for a code where people may look: who knows one may take the role.
const HIDDEN: &str = "[code]";

impl fmt::Debug for InviteReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InviteReply").field("code", &HIDDEN).field("expires_ms", &self.expires_ms).finish()
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair")
            .field("code", &HIDDEN)
            .field("user", &self.user)
            .field("name", &self.name)
            .field("request_id", &self.request_id)
            .field("settles", &self.settles)
            .finish()
    }
}

impl fmt::Debug for PairingReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PairingReply").field("code", &self.code.as_ref().map(|_| HIDDEN)).finish()
    }
}

/// What the owner of the list may answer instead.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "error", content = "parameters")]
pub enum Error {
    /// Whoever asks is no owner.
    #[error("only {needed} may do that")]
    #[serde(rename = "io.natrium.Admins.Forbidden")]
    Forbidden {
        /// The role that would.
        needed: String,
    },
    /// The settings name them.
    #[error("the settings name {user}, and only they change that")]
    #[serde(rename = "io.natrium.Admins.Fixed")]
    Fixed {
        /// The user.
        user: i64,
    },
    /// There would be no owner left.
    #[error("{user} is the last owner")]
    #[serde(rename = "io.natrium.Admins.LastOwner")]
    LastOwner {
        /// The user.
        user: i64,
    },
    /// There is no such code, or not any more.
    #[error("there is no such code, or not any more")]
    #[serde(rename = "io.natrium.Admins.WrongCode")]
    WrongCode {},
    /// Too many wrong codes came lately.
    #[error("too many wrong codes came lately")]
    #[serde(rename = "io.natrium.Admins.TooManyCodes")]
    TooManyCodes {
        /// How long none is looked at.
        retry_ms: i64,
    },
    /// The settings declare no such kind.
    #[error("there is no kind \"{kind}\"")]
    #[serde(rename = "io.natrium.Admins.NoSuchKind")]
    NoSuchKind {
        /// The kind.
        kind: String,
    },
    /// This request id belonged to a different request.
    #[error("request id {request_id} belonged to a different request")]
    #[serde(rename = "io.natrium.Admins.RequestReused")]
    RequestReused {
        /// The id.
        request_id: String,
    },
    /// Nothing was saved; all is as it was before the call.
    #[error("nothing was saved: {reason}")]
    #[serde(rename = "io.natrium.Admins.NotSaved")]
    NotSaved {
        /// Why.
        reason: String,
    },
    /// No answer is known. Asking again may tell.
    #[error("no answer is known just now: {reason}")]
    #[serde(rename = "io.natrium.Admins.Unavailable")]
    Unavailable {
        /// Why.
        reason: String,
    },
}

impl varlink::ErrorReply for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_shown_to_who_debugs() {
        let code = "K7QF-9M2X".to_owned();
        let pair =
            Pair { code: code.clone(), user: 7, name: "Anna".to_owned(), request_id: "r".to_owned(), settles: None };
        let shown = [
            format!("{:?}", InviteReply { code: code.clone(), expires_ms: 5 }),
            format!("{pair:#?}"),
            format!("{:?}", PairingReply { code: Some(code) }),
        ];
        for text in shown {
            assert!(!text.contains("K7QF") && text.contains(HIDDEN), "{text}");
        }
    }
}
