//! What is answered instead of a reply.

use serde::{Deserialize, Serialize};

use super::{ByHand, Proposal, Version};

/// One thing wrong with a document.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Problem {
    /// The line, from 1; 0 where no place can be named.
    pub line: i64,
    /// The column in characters, from 1; 0 where no place can be named.
    pub column: i64,
    /// The value, such as `brackets[2].percent`.
    pub path: String,
    /// What is wrong, in English.
    pub reason: String,
}

/// What the configs' owner may answer instead.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "error", content = "parameters")]
pub enum Error {
    /// The settings declare no such kind.
    #[error("there is no kind \"{kind}\"")]
    #[serde(rename = "io.natrium.Configs.NoSuchKind")]
    NoSuchKind {
        /// The kind asked for.
        kind: String,
    },
    /// The kind has no such version.
    #[error("{kind} has no version {version}")]
    #[serde(rename = "io.natrium.Configs.NoSuchVersion")]
    NoSuchVersion {
        /// The kind.
        kind: String,
        /// The version asked for, 0 where the current one was asked for and there is none.
        version: i64,
    },
    /// The document is not what its kind demands.
    #[error("{kind} has {} problem(s)", problems.len())]
    #[serde(rename = "io.natrium.Configs.Invalid")]
    Invalid {
        /// The kind.
        kind: String,
        /// What is wrong, in the document's order.
        problems: Vec<Problem>,
    },
    /// `base` is not the current version any more.
    #[error("{kind} is at version {} by now", current.version)]
    #[serde(rename = "io.natrium.Configs.Conflict")]
    Conflict {
        /// The kind.
        kind: String,
        /// The current version.
        current: Version,
    },
    /// Nothing was saved; the old version stands.
    #[error("{kind} was not saved: {reason}")]
    #[serde(rename = "io.natrium.Configs.NotSaved")]
    NotSaved {
        /// The kind.
        kind: String,
        /// Why.
        reason: String,
    },
    /// This request id belonged to a different request.
    #[error("request id {request_id} belonged to a different request")]
    #[serde(rename = "io.natrium.Configs.RequestReused")]
    RequestReused {
        /// The id.
        request_id: String,
    },
    /// No answer is known: what it would say cannot be read just now, or whether an effect will last. Asking again, with
    /// the same request id, may tell.
    #[error("no answer is known just now: {reason}")]
    #[serde(rename = "io.natrium.Configs.Unavailable")]
    Unavailable {
        /// Why.
        reason: String,
    },
    /// The author's role does not allow it.
    #[error("{kind}: only {needed} may do that")]
    #[serde(rename = "io.natrium.Configs.Forbidden")]
    Forbidden {
        /// The kind.
        kind: String,
        /// The role that would.
        needed: String,
    },
    /// The file was changed by hand: saving would replace what nobody has looked at.
    #[error("the file of {kind} was changed by hand")]
    #[serde(rename = "io.natrium.Configs.ChangedByHand")]
    ChangedByHand {
        /// The kind.
        kind: String,
        /// The file.
        by_hand: ByHand,
    },
    /// Versions of this kind need a second admin.
    #[error("{kind} needs the approval of a second admin")]
    #[serde(rename = "io.natrium.Configs.ApprovalRequired")]
    ApprovalRequired {
        /// The kind.
        kind: String,
    },
    /// What was proposed equals the current version: there is nothing to decide.
    #[error("{kind}: it equals version {}, the current one", current.version)]
    #[serde(rename = "io.natrium.Configs.Unchanged")]
    Unchanged {
        /// The kind.
        kind: String,
        /// The current version.
        current: Version,
    },
    /// There is no such proposal.
    #[error("there is no proposal {id}")]
    #[serde(rename = "io.natrium.Configs.NoSuchProposal")]
    NoSuchProposal {
        /// Its number.
        id: i64,
    },
    /// It is decided already.
    #[error("proposal {} is decided already", proposal.id)]
    #[serde(rename = "io.natrium.Configs.Decided")]
    Decided {
        /// The proposal.
        proposal: Proposal,
    },
    /// Nobody approves what he has proposed himself.
    #[error("proposal {id} needs somebody else than its author")]
    #[serde(rename = "io.natrium.Configs.OwnProposal")]
    OwnProposal {
        /// Its number.
        id: i64,
    },
    /// The file has not, or no longer, the content named.
    #[error("the file of {kind} has not the content named")]
    #[serde(rename = "io.natrium.Configs.NotByHand")]
    NotByHand {
        /// The kind.
        kind: String,
        /// What it has; absent where it is what it should be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by_hand: Option<ByHand>,
    },
    /// The file cannot become a version.
    #[error("the file of {kind} cannot become a version: {reason}")]
    #[serde(rename = "io.natrium.Configs.NotAdoptable")]
    NotAdoptable {
        /// The kind.
        kind: String,
        /// Why.
        reason: String,
    },
    /// The request was cancelled before it had an effect.
    #[error("request {request_id} was cancelled")]
    #[serde(rename = "io.natrium.Configs.Cancelled")]
    Cancelled {
        /// The request.
        request_id: String,
    },
}

impl varlink::ErrorReply for Error {}
