//! The life cycle of an upload: a total function from state and event to the next state and what to do, without I/O.
//!
//! ```text
//! Received ──▶ Downloading ──▶ Validating ──▶ Saving ──▶ Ended: saved, conflict, not saved, failed
//!     └────────────┴───────────────┴─────────────────▶ Ended: refused
//! ```
//!
//! Owns the order of things and what is known at each moment; must not know languages, Telegram or the writer's wire.
//! Once `Save` was asked for, only the writer's answer ends the upload: until then nobody knows, and nothing is claimed.

use interfaces::configs::{PutReply, Version};

use super::document::Refusal;
use super::problems::Problems;

/// Where an upload is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    /// The update is durable in the inbox; nothing was done about it.
    Received,
    /// Telegram is asked for the document.
    Downloading,
    /// The document is checked against its kind.
    Validating,
    /// The writer was asked to save. `silent`: it has not answered for a while.
    Saving {
        /// The admin was told that the writer is silent.
        silent: bool,
    },
    /// The ending was handed out.
    Ended,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// Work begins. The refusal is what the document's name and size alone say against it.
    Began(Result<(), Refusal>),
    /// The document is here, or will not come.
    Downloaded(Result<Vec<u8>, Refusal>),
    /// The document was checked; if it is good, here is its text.
    Validated(Result<String, Problems>),
    /// The writer has not answered for a while and is asked again with the same request id.
    WriterSilent,
    /// The writer answered.
    Answered(Answer),
    /// Our own mistake stands in the way of going on.
    Broke,
}

/// The writer's answer to the request to save.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// It stands.
    Saved(PutReply),
    /// The writer's own check found problems.
    Invalid(Problems),
    /// Somebody was faster.
    Conflict(Version),
    /// It could not be saved; the old version stands.
    NotSaved(String),
    /// The kind is not declared any more.
    NoSuchKind,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    /// Show how far it is.
    Show(Stage),
    /// Fetch the document.
    Download,
    /// Check it.
    Validate(Vec<u8>),
    /// Ask the writer to save it.
    Save(String),
    /// Tell how it ended.
    End(Ending),
}

/// How far an upload is, as the admin sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    /// Downloading and validating.
    Validating,
    /// Waiting for the lock and saving.
    Saving,
    /// The same, and the writer is silent.
    SavingSilent,
}

/// How an upload ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ending {
    /// A version stands: a new one, or the content equalled the current one.
    Saved(PutReply),
    /// Nothing was saved, because of the document itself.
    Refused(Refusal),
    /// Nothing was saved, because of what is in the document.
    Invalid(Problems),
    /// Nothing was saved, because somebody else saved this version in the meantime.
    Conflict(Version),
    /// Nothing was saved, because the writer could not.
    NotSaved(String),
    /// Nothing was saved, because the kind is not declared any more.
    NoSuchKind,
    /// Our own mistake. `asked`: the writer had been asked to save, so what stands is not known.
    Failed {
        /// Whether the writer had been asked.
        asked: bool,
    },
}

impl Ending {
    /// Whether the dialogue stays open for another document.
    pub(crate) fn keeps_dialogue(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Invalid(_) | Self::NotSaved(_) => true,
            // A version was made or is known to be newer: the remembered base is of no use any more.
            Self::Saved(_) | Self::Conflict(_) | Self::NoSuchKind | Self::Failed { .. } => false,
        }
    }
}

impl State {
    /// The next state and what to do. An event that does not belong to the state changes nothing.
    pub(crate) fn step(self, event: Event) -> (Self, Vec<Action>) {
        match (self, event) {
            (Self::Received, Event::Began(Ok(()))) => {
                (Self::Downloading, vec![Action::Show(Stage::Validating), Action::Download])
            }
            (Self::Downloading, Event::Downloaded(Ok(bytes))) => (Self::Validating, vec![Action::Validate(bytes)]),
            (Self::Validating, Event::Validated(Ok(text))) => {
                (Self::Saving { silent: false }, vec![Action::Show(Stage::Saving), Action::Save(text)])
            }
            (Self::Saving { silent: false }, Event::WriterSilent) => {
                (Self::Saving { silent: true }, vec![Action::Show(Stage::SavingSilent)])
            }
            (Self::Received, Event::Began(Err(refusal))) | (Self::Downloading, Event::Downloaded(Err(refusal))) => {
                end(Ending::Refused(refusal))
            }
            (Self::Validating, Event::Validated(Err(problems))) => end(Ending::Invalid(problems)),
            (Self::Saving { .. }, Event::Answered(answer)) => end(match answer {
                Answer::Saved(reply) => Ending::Saved(reply),
                Answer::Invalid(problems) => Ending::Invalid(problems),
                Answer::Conflict(current) => Ending::Conflict(current),
                Answer::NotSaved(reason) => Ending::NotSaved(reason),
                Answer::NoSuchKind => Ending::NoSuchKind,
            }),
            (Self::Saving { .. }, Event::Broke) => end(Ending::Failed { asked: true }),
            (Self::Received | Self::Downloading | Self::Validating, Event::Broke) => {
                end(Ending::Failed { asked: false })
            }
            (state, _) => (state, Vec::new()),
        }
    }
}

fn end(ending: Ending) -> (State, Vec<Action>) {
    (State::Ended, vec![Action::End(ending)])
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
