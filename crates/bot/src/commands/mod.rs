//! What admins may ask for: one file per family of commands.

mod admins;
mod answers;
mod arguments;
mod audit;
pub(crate) mod by_hand;
mod cancel;
mod diff;
mod get;
mod help;
mod history;
pub(crate) mod menu;
mod page;
pub(crate) mod pair;
pub(crate) mod parse;
pub(crate) mod press;
pub(crate) mod proposals;
mod rollback;
mod set;
mod start;

use interfaces::inbox::Outcome;

use crate::registry::Known;
use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::Text;
use crate::trail;

/// A command that this bot knows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Command<'a> {
    Start,
    Help,
    Cancel,
    Set(&'a Known),
    Get(&'a Known),
    History,
    Diff,
    Rollback,
    Proposals,
    Audit,
    Admins,
    Page,
    Pair,
}

impl<'a> Command<'a> {
    /// The command of this name, given the kinds that there are.
    pub(crate) fn named(name: &str, kinds: &'a [Known]) -> Option<Self> {
        let kind = |command: &str| kinds.iter().find(|kind| kind.command == command);
        match name {
            "start" => Some(Self::Start),
            "help" => Some(Self::Help),
            "cancel" => Some(Self::Cancel),
            "history" => Some(Self::History),
            "diff" => Some(Self::Diff),
            "rollback" => Some(Self::Rollback),
            "proposals" => Some(Self::Proposals),
            "audit" => Some(Self::Audit),
            "admins" => Some(Self::Admins),
            "page" => Some(Self::Page),
            "pair" => Some(Self::Pair),
            _ => match (name.strip_prefix("set_"), name.strip_prefix("get_")) {
                (Some(command), _) => kind(command).map(Self::Set),
                (_, Some(command)) => kind(command).map(Self::Get),
                (None, None) => None,
            },
        }
    }

    /// Does what the command says and answers. `words` are what stands after it.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn run(self, talk: &Talk<'_>, words: &[String]) -> Result<(), Stopping> {
        match self {
            Self::Start => start::run(talk, words).await,
            Self::Help => help::run(talk).await,
            Self::Cancel => cancel::run(talk).await,
            Self::Set(kind) => set::run(talk, kind).await,
            Self::Get(kind) => get::run(talk, kind, words).await,
            Self::History => history::run(talk, words).await,
            Self::Diff => diff::run(talk, words).await,
            Self::Rollback => rollback::run(talk, words).await,
            Self::Proposals => proposals::run(talk, None).await,
            Self::Audit => audit::run(talk, words).await,
            Self::Admins => admins::run(talk, words).await,
            Self::Page => page::run(talk).await,
            Self::Pair => pair::run(talk, words).await,
        }
    }

    /// Answers a command whose effect stands since before a restart.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn tell(self, talk: &Talk<'_>, words: &[String], outcome: &Outcome) -> Result<(), Stopping> {
        match self {
            Self::Start | Self::Pair => pair::tell(talk, outcome).await,
            Self::Admins => admins::tell(talk, None, None, outcome).await,
            Self::Cancel => cancel::tell(talk, outcome).await,
            Self::Set(kind) => set::tell(talk, kind).await,
            // These have no effect, so nothing of theirs can stand: answering is all that they do.
            Self::Help
            | Self::Get(_)
            | Self::History
            | Self::Diff
            | Self::Rollback
            | Self::Proposals
            | Self::Audit
            | Self::Page => self.run(talk, words).await,
        }
    }
}

/// Answers a command that does not exist, or not any more: who would replace what the settings name no more is refused that.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn unknown(talk: &Talk<'_>, name: &str) -> Result<(), Stopping> {
    let mut retired = talk.desk.registry.retired().iter();
    if let Some(kind) = retired.find(|kind| name.strip_prefix("set_") == Some(&kind.command)) {
        trail::refused(talk, "put", Some(&kind.name), "no such kind").await?;
    }
    talk.say(&Text::unknown_command(format!("/{name}"))).await
}
