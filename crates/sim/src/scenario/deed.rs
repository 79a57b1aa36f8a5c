//! What a step does or expects, once nothing about it is left open.

use std::time::Duration;

use crate::control::{MemberStatus, NewFault};
use crate::scenario::shelf::Source;

/// Which of a scenario's people.
pub type Who = usize;

/// Which of a scenario's groups.
pub type Which = usize;

/// One thing that is done, or waited for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Deed {
    /// Somebody says something.
    Says {
        /// Who.
        who: Who,
        /// In which group; alone with the bot if in none.
        room: Option<Which>,
        /// What.
        text: String,
    },
    /// Somebody changes what they said last.
    Edits {
        /// Who.
        who: Who,
        /// In which group; alone with the bot if in none.
        room: Option<Which>,
        /// The new text.
        text: String,
    },
    /// Somebody sends a document.
    Sends {
        /// Who.
        who: Who,
        /// In which group; alone with the bot if in none.
        room: Option<Which>,
        /// Under this name.
        name: String,
        /// Where it comes from.
        source: Source,
    },
    /// Somebody sends a photo.
    SendsPhoto {
        /// Who.
        who: Who,
        /// In which group; alone with the bot if in none.
        room: Option<Which>,
        /// Where it comes from.
        source: Source,
    },
    /// Somebody presses a button as soon as it is there.
    Presses {
        /// Who.
        who: Who,
        /// In which group; alone with the bot if in none.
        room: Option<Which>,
        /// What it says, or a part of that.
        button: String,
        /// How long is waited for it.
        within: Duration,
    },
    /// Somebody blocks the bot, or lets it talk again.
    Blocks {
        /// Who.
        who: Who,
        /// Which of both.
        blocked: bool,
    },
    /// The bot shows this after the last thing that somebody did.
    Sees {
        /// Who.
        who: Who,
        /// In which group; alone with the bot if in none.
        room: Option<Which>,
        /// What.
        what: Sight,
        /// How long is waited for it.
        within: Duration,
    },
    /// The bot does not show this.
    DoesNotSee {
        /// Who.
        who: Who,
        /// In which group; alone with the bot if in none.
        room: Option<Which>,
        /// What.
        text: String,
        /// How long is looked.
        during: Duration,
    },
    /// The bot has shown this so often since the scenario began.
    Saw {
        /// Who.
        who: Who,
        /// In which group; alone with the bot if in none.
        room: Option<Which>,
        /// What.
        text: String,
        /// In how many messages.
        times: usize,
    },
    /// The bot answers the press of a button.
    IsAnswered {
        /// Who pressed.
        who: Who,
        /// What the answer contains, perhaps nothing.
        text: String,
        /// How long is waited for it.
        within: Duration,
    },
    /// The bot has called a method since the scenario began.
    BotCalled {
        /// The method.
        method: String,
        /// How often at least.
        at_least: usize,
        /// How often at most, at the moment when it is often enough.
        at_most: Option<usize>,
        /// Only calls answered with this status.
        status: Option<u16>,
        /// How long is waited for it.
        within: Duration,
    },
    /// The bot waits for updates.
    BotPolls {
        /// How long is waited for it.
        within: Duration,
    },
    /// The bot has confirmed all updates.
    BotConfirms {
        /// How long is waited for it.
        within: Duration,
    },
    /// Somebody comes into a group.
    Joins {
        /// Who.
        who: Who,
        /// Which group.
        room: Which,
    },
    /// Somebody leaves a group.
    Leaves {
        /// Who.
        who: Who,
        /// Which group.
        room: Which,
    },
    /// A group gets another title.
    IsRenamed {
        /// Which group.
        room: Which,
        /// The title.
        title: String,
    },
    /// A group becomes a supergroup, with another id.
    Migrates {
        /// Which group.
        room: Which,
    },
    /// The owner of a group makes something else of the bot there.
    MakesBot {
        /// Which group.
        room: Which,
        /// What it is from now on.
        status: MemberStatus,
    },
    /// A fault is put in force.
    Fault {
        /// Which.
        fault: Box<NewFault>,
        /// Only in this group, whose id is known once it is there.
        room: Option<Which>,
    },
    /// All faults end.
    ClearFaults,
    /// Time passes, everywhere.
    Wait {
        /// At least.
        least: Duration,
        /// At most; in a plan the same.
        most: Duration,
    },
    /// The simulator's clock jumps.
    Clock {
        /// Forward, by so much.
        by: Duration,
    },
}

/// What somebody is to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// A text, if only for a moment.
    Text(String),
    /// A text that stands there.
    TextNow(String),
    /// A button.
    Button(String),
    /// A file.
    File(String),
}
