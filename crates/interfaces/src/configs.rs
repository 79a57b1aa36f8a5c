//! `io.natrium.Configs`: config files with all their versions.

use serde::{Deserialize, Serialize};

use crate::define::define;

define! {
    /// What the configs' owner answers.
    Configs = "io.natrium.Configs";
    methods {
        /// All kinds that the settings declare.
        Kinds => kinds(Kinds) -> KindsReply;
        /// The current version, or the one asked for, with its content.
        Get => get(Get) -> GetReply;
        /// The published file as somebody changed it.
        GetByHand => get_by_hand(GetByHand) -> GetByHandReply;
        /// Older versions, newest first.
        History => history(History) -> HistoryReply;
        /// Saves and publishes a new version; answers when it is durable.
        Put => put(Put) -> PutReply;
        /// Saves and publishes a new version with the content of an older one.
        Rollback => rollback(Rollback) -> PutReply;
        /// Settles it that a request has no effect, or says which it had.
        Cancel => cancel(Cancel) -> CancelReply;
        /// Keeps a version for a second admin to approve.
        Propose => propose(Propose) -> ProposeReply;
        /// Open proposals, oldest first.
        Proposals => proposals(Proposals) -> ProposalsReply;
        /// A proposal with its content.
        GetProposal => get_proposal(GetProposal) -> GetProposalReply;
        /// Saves and publishes what was proposed.
        Approve => approve(Approve) -> PutReply;
        /// Ends a proposal without effect.
        Decline => decline(Decline) -> DeclineReply;
        /// Makes a version of a file that was changed by hand.
        Adopt => adopt(Adopt) -> PutReply;
        /// Publishes the current version again in place of a file that was changed by hand.
        Restore => restore(Restore) -> RestoreReply;
        /// A program says which version it runs.
        Ack => ack(Ack) -> AckReply;
        /// The programs that said so.
        Consumers => consumers(Consumers) -> ConsumersReply;
    }
    streams {}
}

/// A published file that somebody changed on the disk, so that it is no version.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ByHand {
    /// SHA-256 of its content; empty where that cannot be a version.
    pub sha256: String,
    /// Its length.
    pub bytes: i64,
    /// Whether it could become a version as it is.
    pub valid: bool,
    /// When it was noticed, in Unix milliseconds.
    pub noticed_ms: i64,
}

/// A kind of config.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Kind {
    /// Its name, such as `fees`.
    pub name: String,
    /// How its file is called, such as `fees.yml`.
    pub file: String,
    /// The JSON Schema, as text.
    pub schema: String,
    /// Which rules beyond the schema hold, such as `fees`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// Whether a version is published only when a second admin has approved it.
    pub approval: bool,
    /// The current version, 0 where there is none.
    pub current: i64,
    /// The published file, where somebody changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
}

/// Where a version came from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A Telegram user sent it.
    Telegram,
    /// An operator put it.
    Operator,
    /// It was found as a file at start.
    File,
}

/// Who brought or decided something.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Author {
    /// Where it came from.
    pub origin: Origin,
    /// The Telegram user's id, or the operator's user id.
    pub id: i64,
    /// The name to show.
    pub name: String,
}

/// One version, without its content.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Version {
    /// The kind.
    pub kind: String,
    /// Its number, from 1.
    pub version: i64,
    /// The version that its author had before him, 0 for none.
    pub base: i64,
    /// Its length.
    pub bytes: i64,
    /// SHA-256 of the content, in lower-case hexadecimal.
    pub sha256: String,
    /// Who brought it.
    pub author: Author,
    /// When it was saved, in Unix milliseconds.
    pub saved_ms: i64,
    /// The older version whose content it has again, by a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<i64>,
    /// The second admin, where one was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<Author>,
}

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

/// A program that says which version it runs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Consumer {
    /// What it calls itself.
    pub name: String,
    /// The version.
    pub version: i64,
    /// When it said so, in Unix milliseconds.
    pub acknowledged_ms: i64,
}

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

/// The Telegram update that a call settles: it is marked as applied, with the call's reply as its outcome, and the dialogue
/// of that user in that chat ends, in the transaction of the call's own effect.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Settlement {
    /// The bot that received the update.
    pub bot: i64,
    /// The update.
    pub update_id: i64,
    /// The chat of the dialogue that ends.
    pub chat: i64,
    /// The user of the dialogue that ends.
    pub user: i64,
}

/// Asks which kinds there are.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Kinds {}

/// The kinds, in the order of the settings.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KindsReply {
    /// The kinds.
    pub kinds: Vec<Kind>,
    /// Those that are no longer declared but have a history, by name.
    pub retired: Vec<String>,
}

/// Asks for a version.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Get {
    /// The kind.
    pub kind: String,
    /// Its number; absent: the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// A version with its content.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetReply {
    /// The version.
    pub version: Version,
    /// The document, exactly as it was sent.
    pub content: String,
}

/// Asks for a published file as somebody changed it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetByHand {
    /// The kind.
    pub kind: String,
}

/// A published file as somebody changed it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GetByHandReply {
    /// Absent where the file is what it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
    /// Its content, where that is text of a size that a version may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// Asks for older versions.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct History {
    /// The kind.
    pub kind: String,
    /// Only versions below this; absent: from the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    /// How many at most, 1 to 100.
    pub limit: i64,
}

/// Versions, newest first.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct HistoryReply {
    /// The versions.
    pub versions: Vec<Version>,
}

/// Asks for a version to be saved and published.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Put {
    /// The kind.
    pub kind: String,
    /// The document; it is kept and published exactly as it is.
    pub content: String,
    /// The version that the author had before him, 0 for none.
    pub base: i64,
    /// The content (its SHA-256) of a file changed by hand that the author has seen and means to replace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// Who brings it.
    pub author: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// The version is durable.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PutReply {
    /// The version now current.
    pub version: Version,
    /// The content equalled the current version, and none was made.
    pub unchanged: bool,
    /// The file is in place.
    pub published: bool,
}

/// Asks for a version with the content of an older one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Rollback {
    /// The kind.
    pub kind: String,
    /// The older version.
    pub to: i64,
    /// The version that the author had before him.
    pub base: i64,
    /// The content (its SHA-256) of a file changed by hand that is to be replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// Who rolls back.
    pub author: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// Asks that a request has no effect.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Cancel {
    /// The request to cancel, and this one: asking twice is harmless.
    pub request_id: String,
    /// The updates that this settles.
    pub settles: Vec<Settlement>,
}

/// What became of the request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CancelReply {
    /// It had no effect, and never will.
    pub cancelled: bool,
    /// The version that it had made, or had found to be current.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<Version>,
    /// That version was there before.
    pub unchanged: bool,
    /// The proposal that it had made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Proposal>,
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

/// Makes a version of a file that was changed by hand.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Adopt {
    /// The kind.
    pub kind: String,
    /// The content that it is believed to have.
    pub sha256: String,
    /// Who adopts it.
    pub author: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// Publishes the current version again in place of a file that was changed by hand.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Restore {
    /// The kind.
    pub kind: String,
    /// The content that it is believed to have.
    pub sha256: String,
    /// Who restores it.
    pub by: Author,
    /// Makes asking twice harmless.
    pub request_id: String,
    /// The update that this settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Settlement>,
}

/// The file is put in place again.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RestoreReply {
    /// The version that stands there.
    pub version: Version,
    /// The file is in place.
    pub published: bool,
}

/// A program says which version it runs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Ack {
    /// The kind.
    pub kind: String,
    /// What it calls itself.
    pub consumer: String,
    /// The version.
    pub version: i64,
}

/// It is noted.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct AckReply {}

/// Asks which programs said what they run.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Consumers {
    /// The kind.
    pub kind: String,
}

/// The programs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ConsumersReply {
    /// By name.
    pub consumers: Vec<Consumer>,
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
