//! What admins may ask for: one file per family of commands.

mod cancel;
mod get;
mod help;
pub(crate) mod menu;
pub(crate) mod parse;
pub(crate) mod press;
mod set;
mod start;

use interfaces::inbox::Outcome;

use crate::registry::Known;
use crate::send::Stopping;
use crate::talk::Talk;
use crate::texts::Text;

/// A command that this bot knows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Command<'a> {
    Start,
    Help,
    Cancel,
    Set(&'a Known),
    Get(&'a Known),
}

impl<'a> Command<'a> {
    /// The command of this name, given the kinds that there are.
    pub(crate) fn named(name: &str, kinds: &'a [Known]) -> Option<Self> {
        let kind = |command: &str| kinds.iter().find(|kind| kind.command == command);
        match name {
            "start" => Some(Self::Start),
            "help" => Some(Self::Help),
            "cancel" => Some(Self::Cancel),
            _ => match (name.strip_prefix("set_"), name.strip_prefix("get_")) {
                (Some(command), _) => kind(command).map(Self::Set),
                (_, Some(command)) => kind(command).map(Self::Get),
                (None, None) => None,
            },
        }
    }

    /// Does what the command says and answers.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn run(self, talk: &Talk<'_>) -> Result<(), Stopping> {
        match self {
            Self::Start => start::run(talk).await,
            Self::Help => help::run(talk).await,
            Self::Cancel => cancel::run(talk).await,
            Self::Set(kind) => set::run(talk, kind).await,
            Self::Get(kind) => get::run(talk, kind).await,
        }
    }

    /// Answers a command whose effect stands since before a restart.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn tell(self, talk: &Talk<'_>, outcome: &Outcome) -> Result<(), Stopping> {
        match self {
            Self::Cancel => cancel::tell(talk, outcome).await,
            Self::Set(kind) => set::tell(talk, kind).await,
            // These have no effect, so nothing of theirs can stand: answering is all that they do.
            Self::Start | Self::Help | Self::Get(_) => self.run(talk).await,
        }
    }
}

/// Answers a command that does not exist.
///
/// # Errors
/// When the worker stops first.
pub(crate) async fn unknown(talk: &Talk<'_>, name: &str) -> Result<(), Stopping> {
    talk.say(&Text::unknown_command(format!("/{name}"))).await
}
