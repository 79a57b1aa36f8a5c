//! `io.natrium.Configs`: config files with all their versions.

mod by_hand;
mod consumers;
mod errors;
mod kinds;
mod progress;
mod proposals;
mod put;
mod versions;

pub use by_hand::{ANY, Adopt, ByHand, GetByHand, GetByHandReply, Restore, RestoreReply};
pub use consumers::{Ack, AckReply, Consumer, Consumers, ConsumersReply};
pub use errors::{Error, Problem};
pub use kinds::{Kind, Kinds, KindsReply};
pub use progress::{Progress, ProgressReply, Step};
pub use proposals::{
    Approve, Decline, DeclineReply, GetProposal, GetProposalReply, Proposal, ProposalState, Proposals, ProposalsReply,
    Propose, ProposeReply,
};
pub use put::{Cancel, CancelReply, DialogueOf, Put, PutReply, Rollback, Settlement};
pub use versions::{Author, Get, GetReply, History, HistoryReply, Origin, Version};

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
        /// How far a call that saves or proposes is.
        Progress => progress(Progress) -> ProgressReply;
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
