//! Versions that need a second admin, until they are decided about.

use serde::{Deserialize, Serialize};

use super::{Author, Settlement};

/// How far a proposal is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// It waits.
    Open,
    /// It became a version.
    Approved,
    /// Somebody else ended it.
    Declined,
    /// Its author ended it.
    Withdrawn,
}

/// A version that waits, or waited, for the approval of a second admin.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Proposal {
    /// Its number, from 1, over all kinds.
    pub id: i64,
    /// The kind.
    pub kind: String,
    /// The version that its author had before him, 0 for none.
    pub base: i64,
    /// Its length.
    pub bytes: i64,
    /// SHA-256 of the content, in lower-case hexadecimal.
    pub sha256: String,
    /// Who proposed it.
    pub author: Author,
    /// When, in Unix milliseconds.
    pub proposed_ms: i64,
    /// The older version whose content it is, where a rollback was proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<i64>,
    /// How far it is.
    pub state: ProposalState,
    /// Who decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Author>,
    /// When it was decided, in Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_ms: Option<i64>,
    /// Which version it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// Asks for a version to be kept for a second admin to approve.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Propose {
    /// The kind.
    pub kind: String,
    /// The document.
    pub content: String,
    /// The version that the author had before him, 0 for none.
    pub base: i64,
    /// The older version whose content this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<i64>,
    /// Who proposes it.
    pub author: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// The proposal is durable.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ProposeReply {
    /// It.
    pub proposal: Proposal,
}

/// Asks for open proposals.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Proposals {
    /// Only those of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// Open proposals.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ProposalsReply {
    /// Oldest first.
    pub proposals: Vec<Proposal>,
}

/// Asks for a proposal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetProposal {
    /// Its number.
    pub id: i64,
}

/// A proposal with its content.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetProposalReply {
    /// The proposal.
    pub proposal: Proposal,
    /// The document.
    pub content: String,
}

/// Approves a proposal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Approve {
    /// Its number.
    pub id: i64,
    /// The content (its SHA-256) of a file changed by hand that is to be replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// Who approves it.
    pub by: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// Declines or withdraws a proposal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Decline {
    /// Its number.
    pub id: i64,
    /// Who does.
    pub by: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// The proposal is decided.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DeclineReply {
    /// It.
    pub proposal: Proposal,
}
