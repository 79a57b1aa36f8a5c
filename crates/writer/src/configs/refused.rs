//! Why a call has no effect.

use std::io::ErrorKind;

use interfaces::admins::Role;
use interfaces::configs::{ByHand, Problem, Proposal, Version};

use super::PublishError;
use crate::requests::RequestError;
use crate::store::StoreError;

/// Why a call has no effect, and what its caller is told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("no such kind")]
    NoSuchKind(String),
    /// Also a base where there is no version at all.
    #[error("{kind} has no version {version}")]
    NoSuchVersion { kind: String, version: i64 },
    #[error("the document has {} problem(s)", problems.len())]
    Invalid { kind: String, problems: Vec<Problem> },
    /// The base is not the current version.
    #[error("based on another version than the current one")]
    Conflict(Box<Version>),
    #[error("the role does not allow it")]
    Forbidden { kind: String, needed: Role },
    /// The published file is not ours to replace.
    #[error("the file of {kind} was changed by hand")]
    ChangedByHand { kind: String, by_hand: ByHand },
    #[error("{0} needs a second admin")]
    ApprovalRequired(String),
    /// What was proposed is the current version: nobody is refused anything.
    #[error("it is the current version")]
    Unchanged(Box<Version>),
    #[error("no such proposal")]
    NoSuchProposal(i64),
    #[error("the proposal is decided")]
    Decided(Box<Proposal>),
    #[error("nobody approves what he has proposed")]
    OwnProposal(Box<Proposal>),
    /// The published file has not the content named.
    #[error("the file of {kind} has not the content named")]
    NotByHand { kind: String, by_hand: Option<ByHand> },
    #[error("the file of {kind} cannot be a version: {reason}")]
    NotAdoptable { kind: String, reason: &'static str },
    /// It was cancelled before.
    #[error("request {0} was cancelled")]
    Cancelled(String),
    /// The published directory does not take the file; the store was not asked.
    #[error(transparent)]
    Disk(#[from] PublishError),
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Whether it is saved, now or by an earlier attempt, is not known.
    #[error("not known to be saved: {0}")]
    Unknown(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Request(RequestError::Store(error))
    }
}

impl Refused {
    /// The word for it in the audit trail and in the metrics; nothing where it says nothing of who asked.
    pub(crate) fn reason(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoSuchKind(_) => "no such kind",
            Self::NoSuchVersion { .. } => "no such version",
            Self::NoSuchProposal(_) => "no such proposal",
            Self::Invalid { .. } | Self::NotAdoptable { .. } => "invalid",
            Self::Conflict(_) => "conflict",
            Self::Forbidden { .. } => "forbidden",
            Self::ChangedByHand { .. } | Self::NotByHand { by_hand: Some(_), .. } => "changed by hand",
            Self::ApprovalRequired(_) => "approval required",
            Self::Decided(_) | Self::NotByHand { by_hand: None, .. } => "decided",
            Self::OwnProposal(_) => "own proposal",
            Self::Cancelled(_) => "cancelled",
            Self::Request(RequestError::Store(error)) if !error.is_certain() => return None,
            Self::Disk(_) | Self::Request(RequestError::Store(_)) => "not saved",
            Self::Request(RequestError::Reused(_)) => "request reused",
            Self::Request(RequestError::Malformed) | Self::Unchanged(_) | Self::Unknown(_) => return None,
        })
    }

    /// There was no space to save anything.
    pub(crate) fn is_for_want_of_space(&self) -> bool {
        match self {
            Self::Disk(PublishError::Disk { source, .. }) => {
                matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
            }
            Self::Disk(PublishError::Store(error)) | Self::Request(RequestError::Store(error)) => {
                matches!(error, StoreError::Full)
            }
            _ => false,
        }
    }

    /// What became of an upload, for its metric.
    pub(crate) fn result(&self) -> &'static str {
        match self {
            Self::Request(RequestError::Reused(_) | RequestError::Malformed) => "bad request id",
            Self::NoSuchVersion { .. } => "conflict",
            Self::Unchanged(_) => "unchanged",
            other => other.reason().unwrap_or("unknown"),
        }
    }

    /// The kind that it is about, where it says so.
    pub(crate) fn kind(&self) -> Option<&str> {
        match self {
            Self::NoSuchKind(kind)
            | Self::NoSuchVersion { kind, .. }
            | Self::Invalid { kind, .. }
            | Self::Forbidden { kind, .. }
            | Self::ChangedByHand { kind, .. }
            | Self::ApprovalRequired(kind)
            | Self::NotByHand { kind, .. }
            | Self::NotAdoptable { kind, .. } => Some(kind),
            Self::Conflict(version) | Self::Unchanged(version) => Some(&version.kind),
            Self::Decided(proposal) | Self::OwnProposal(proposal) => Some(&proposal.kind),
            Self::NoSuchProposal(_) | Self::Cancelled(_) | Self::Disk(_) | Self::Request(_) | Self::Unknown(_) => None,
        }
    }
}
