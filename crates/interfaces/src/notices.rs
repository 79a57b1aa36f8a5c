//! `io.natrium.Notices`: what people must be told though they did not ask.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::configs::{Author, ByHand, Proposal};
use crate::define::define;
use crate::supervisor::HookEnd;

define! {
    /// What the keeper of the notices answers.
    Notices = "io.natrium.Notices";
    methods {
        /// Notices not told yet, oldest first.
        Pending => pending(Pending) -> PendingReply;
        /// The person was told, or never will be.
        Told => told(Told) -> ToldReply;
    }
    streams {
        /// The newest notice's id, now and whenever there is a new one.
        Watch => watch(Watch) -> WatchReply;
    }
}

/// What a person is to be told. Kept as JSON: variants and fields may be added, never renamed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Somebody else proposed a version that needs approval.
    Proposed {
        /// The proposal.
        proposal: Proposal,
    },
    /// Your proposal was approved or declined.
    Decided {
        /// The proposal.
        proposal: Proposal,
    },
    /// A published file was changed by hand.
    ChangedByHand {
        /// The kind.
        kind: String,
        /// What stands there now.
        by_hand: ByHand,
    },
    /// A published file was removed by hand, and the current version was published again.
    RemovedByHand {
        /// The kind.
        kind: String,
        /// The version that stands there now.
        version: i64,
    },
    /// What is to run after publishing failed. The publication stands.
    HookFailed {
        /// The kind.
        kind: String,
        /// The version.
        version: i64,
        /// How it ended.
        end: HookEnd,
        /// Why, and the last line it wrote.
        reason: String,
    },
    /// Your role was changed or taken.
    RoleChanged {
        /// Who did.
        by: Author,
        /// For one kind only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// The role; absent: none any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<crate::admins::Role>,
    },
}

/// What one person is to be told.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Notice {
    /// Its number.
    pub id: i64,
    /// The Telegram user's id, which is that of the private chat with them, too.
    pub user: i64,
    /// Since when, in Unix milliseconds.
    pub at_ms: i64,
    /// An [`Event`] as JSON; one that is not known is of a newer program.
    pub event: Value,
}

/// Asks for notices.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Pending {
    /// Only notices after this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// How many at most, 1 to 100.
    pub limit: i64,
}

/// Notices.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PendingReply {
    /// Oldest first.
    pub notices: Vec<Notice>,
}

/// The person was told.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Told {
    /// The notice's number.
    pub id: i64,
}

/// It is durable.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ToldReply {}

/// Asks to be told of new notices.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Watch {}

/// There may be something new.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct WatchReply {
    /// The newest notice's number, 0 for none.
    pub newest: i64,
}

/// What the keeper may answer instead.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "error", content = "parameters")]
pub enum Error {
    /// Nothing was saved; all is as it was before the call.
    #[error("nothing was saved: {reason}")]
    #[serde(rename = "io.natrium.Notices.NotSaved")]
    NotSaved {
        /// Why.
        reason: String,
    },
    /// No answer is known. Asking again may tell.
    #[error("no answer is known just now: {reason}")]
    #[serde(rename = "io.natrium.Notices.Unavailable")]
    Unavailable {
        /// Why.
        reason: String,
    },
}

impl varlink::ErrorReply for Error {}
