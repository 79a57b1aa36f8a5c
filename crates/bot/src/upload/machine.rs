//! The life cycle of an upload: a total function from state and event to the next state and what to do, without I/O.
//!
//! ```text
//! Received ─▶ Downloading ─▶ Validating ─▶ WaitingForLock ─▶ Saving ─▶ Ended: saved, unchanged, proposed, refused, conflict, failed
//!     │            │              │           └──────────────┴─ cancel ─▶ Cancelling ─▶ Ended: cancelled, or one of the above
//!     └────────────┴──────────────┴─ cancel, refused ─▶ Settling ─▶ Ended: cancelled, refused
//! ```
//!
//! Owns the order of things and what is known at each moment; must not know languages, Telegram or the writer's wire.
//!
//! * Who has the lock, the writer alone knows: an upload is said to be being saved when the writer has said so, and a writer that
//!   was restarted may say that it waits again.
//! * Once the writer was asked to save, only its answer ends the upload, be it to that request or to the one that settles it that
//!   nothing is saved. Until then nothing is claimed.
//! * After a restart a request to save of the process before may still be on its way. So "nothing was saved" is not said
//!   before the writer has settled it.

use interfaces::configs::{ByHand, Proposal, PutReply, Step, Version};
use serde::{Deserialize, Serialize};

use super::document::Refusal;
use super::problems::Problems;

/// One upload.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Machine {
    state: State,
    /// A process before this one may have asked the writer to save.
    resumed: bool,
    /// How far the admin has been shown that it is.
    shown: Option<Stage>,
}

/// Where an upload is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum State {
    /// The update is durable in the inbox; nothing was done about it.
    Received,
    /// Telegram is asked for the document.
    Downloading,
    /// The document is checked against its kind.
    Validating,
    /// The writer was asked to save, and has not said that the lock is won.
    WaitingForLock,
    /// The writer has said that the lock is won, or that none is needed.
    Saving,
    /// The same, and the writer was asked as well to settle it that nothing is saved.
    Cancelling {
        /// What the writer answered to the request to save.
        answer: Option<Box<Answer>>,
        /// What it answered to the other one.
        settled: Option<Box<Settled>>,
    },
    /// Nothing is to be saved any more; the writer is asked to settle it so.
    Settling {
        /// How it ends then.
        ending: Box<Ending>,
        /// Whether the writer may have been asked to save, so that only its answer is the truth.
        asked: bool,
    },
    /// The ending was handed out.
    Ended,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// Work begins. The ending is what stands against it from the first: the document's name or size, or the sender's role.
    Began(Result<(), Ending>),
    /// The document is here, or will not come.
    Downloaded(Result<Vec<u8>, Refusal>),
    /// The document was checked; if it is good, here is its text.
    Validated(Result<String, Problems>),
    /// The writer has said how far the request to save is.
    Reached(Step),
    /// The writer has said nothing about the request for a while; it is asked again with the same request id.
    WriterSilent,
    /// The writer answered to the request to save.
    Answered(Answer),
    /// The admin cancels.
    Cancel,
    /// The writer has settled whether anything is saved.
    Settled(Settled),
    /// The writer cannot settle it: our own mistake, or one of a writer that does not know the question.
    Unsettled,
    /// Our own mistake stands in the way of going on.
    Broke,
}

/// The writer's answer to the request to save, or to propose.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// It stands.
    Saved(PutReply),
    /// It waits for the approval of a second admin.
    Proposed(Proposal),
    /// The writer's own check found problems.
    Invalid(Problems),
    /// Somebody was faster.
    Conflict(Version),
    /// The published file was changed by hand.
    ChangedByHand(ByHand),
    /// The sender's role does not allow it.
    Forbidden,
    /// It could not be saved; the old version stands.
    NotSaved(String),
    /// The kind is not declared any more.
    NoSuchKind,
    /// It was cancelled before.
    Cancelled,
    /// None that could be understood.
    Broke,
}

/// What is settled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Settled {
    /// Nothing was saved, and never will be.
    Cancelled,
    /// This version had been saved, or found to be the current one.
    Saved {
        /// The version.
        version: Version,
        /// It was there before.
        unchanged: bool,
    },
    /// It had been proposed.
    Proposed(Proposal),
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
    /// Ask the writer how far that is, once it is another step than this one.
    Follow(Option<Step>),
    /// Ask the writer to settle it that nothing is saved.
    Settle,
    /// Tell how it ended.
    End(Ending),
}

/// How far an upload is, as the admin sees it. Kept with the update: the stored names may be added to, never changed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Downloading and validating.
    Validating,
    /// The writer was asked to save. One that goes through shows no more than this.
    Saving,
    /// Another change of the kind has the lock.
    Waiting,
    /// It has the lock.
    Locked,
    /// The writer is silent.
    SavingSilent,
    /// Being cancelled while it may be being saved.
    Cancelling,
}

impl Stage {
    /// What is shown goes on to whatever the writer says, but never back to another part of the work.
    fn follows(self, shown: Option<Self>) -> bool {
        let part = |stage| match stage {
            Self::Validating => 1,
            Self::Saving | Self::Waiting | Self::Locked | Self::SavingSilent => 2,
            Self::Cancelling => 3,
        };
        match (part(self), shown.map_or(0, part)) {
            (2, 2) => Some(self) != shown,
            (next, last) => next > last,
        }
    }
}

/// How an upload ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ending {
    /// A version stands: a new one, or the content equalled the current one.
    Saved(PutReply),
    /// The same, found out afterwards; whether the file is in place is not known.
    SavedBefore {
        /// The version.
        version: Version,
        /// It was there before.
        unchanged: bool,
    },
    /// It waits for the approval of a second admin.
    Proposed(Proposal),
    /// Nothing was saved, because of the document itself.
    Refused(Refusal),
    /// Nothing was saved, because of what is in the document. `by_writer`: the writer found it.
    Invalid {
        /// What is wrong.
        problems: Problems,
        /// Whether the writer found it, who has recorded it then.
        by_writer: bool,
    },
    /// Nothing was saved, because of the sender's role.
    Forbidden {
        /// Whether the writer refused it, who has recorded it then.
        by_writer: bool,
    },
    /// Nothing was saved, because somebody else saved this version in the meantime.
    Conflict(Version),
    /// Nothing was saved, because the published file was changed by hand.
    ChangedByHand(ByHand),
    /// Nothing was saved, because the writer could not.
    NotSaved(String),
    /// Nothing was saved, because the kind is not declared any more.
    NoSuchKind,
    /// Nothing was saved, because the admin cancelled. `settled`: the writer has settled it together with the updates.
    Cancelled {
        /// Whether it is settled.
        settled: bool,
    },
    /// Our own mistake. `asked`: the writer may have been asked to save, so what stands is not known.
    Failed {
        /// Whether the writer may have been asked.
        asked: bool,
    },
}

impl From<Answer> for Ending {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Saved(reply) => Self::Saved(reply),
            Answer::Proposed(proposal) => Self::Proposed(proposal),
            Answer::Invalid(problems) => Self::Invalid { problems, by_writer: true },
            Answer::Conflict(current) => Self::Conflict(current),
            Answer::ChangedByHand(by_hand) => Self::ChangedByHand(by_hand),
            Answer::Forbidden => Self::Forbidden { by_writer: true },
            Answer::NotSaved(reason) => Self::NotSaved(reason),
            Answer::NoSuchKind => Self::NoSuchKind,
            Answer::Cancelled => Self::Cancelled { settled: true },
            Answer::Broke => Self::Failed { asked: true },
        }
    }
}

impl From<Settled> for Ending {
    fn from(settled: Settled) -> Self {
        match settled {
            Settled::Cancelled => Self::Cancelled { settled: true },
            Settled::Saved { version, unchanged } => Self::SavedBefore { version, unchanged },
            Settled::Proposed(proposal) => Self::Proposed(proposal),
        }
    }
}

impl Answer {
    /// Whether the writer has it in its store, or has settled that it never will be.
    fn is_settled(&self) -> bool {
        matches!(self, Self::Saved(_) | Self::Proposed(_) | Self::Cancelled)
    }
}

impl Machine {
    /// An upload of which nothing was done yet, or by an earlier process: then `resumed` is how far that had come, if known.
    pub(crate) fn new(resumed: bool, shown: Option<Stage>) -> Self {
        Self { state: State::Received, resumed, shown: shown.filter(|_| resumed) }
    }

    /// Takes an event in; says what to do. An event that does not belong to the state changes nothing.
    pub(crate) fn step(&mut self, event: Event) -> Vec<Action> {
        let state = std::mem::replace(&mut self.state, State::Ended);
        let (next, actions) = self.next(state, event);
        self.state = next;
        actions
    }

    fn next(&mut self, state: State, event: Event) -> (State, Vec<Action>) {
        match (state, event) {
            (State::Received, Event::Began(Ok(()))) => {
                (State::Downloading, self.showing(Stage::Validating, Action::Download))
            }
            (State::Downloading, Event::Downloaded(Ok(bytes))) => (State::Validating, vec![Action::Validate(bytes)]),
            (State::Validating, Event::Validated(Ok(text))) => {
                let mut actions = self.showing(Stage::Saving, Action::Save(text));
                actions.push(Action::Follow(None));
                (State::WaitingForLock, actions)
            }
            (State::Received, Event::Began(Err(ending))) => self.without_effect(ending),
            (State::Downloading, Event::Downloaded(Err(refusal))) => self.without_effect(Ending::Refused(refusal)),
            (State::Validating, Event::Validated(Err(problems))) => {
                self.without_effect(Ending::Invalid { problems, by_writer: false })
            }
            (State::Received | State::Downloading | State::Validating, Event::Broke) => {
                self.without_effect(Ending::Failed { asked: false })
            }
            (State::Received | State::Downloading | State::Validating, Event::Cancel) => {
                let ending = Box::new(Ending::Cancelled { settled: false });
                (State::Settling { ending, asked: self.resumed }, vec![Action::Settle])
            }
            (state @ (State::WaitingForLock | State::Saving), event) => self.saving(state, event),
            (State::Cancelling { answer, settled }, event) => {
                self.cancelling(answer.map(|answer| *answer), settled.map(|settled| *settled), event)
            }
            (State::Settling { ending, asked }, event) => settling(ending, asked, event),
            (state, _) => (state, Vec::new()),
        }
    }

    fn saving(&mut self, state: State, event: Event) -> (State, Vec<Action>) {
        match event {
            Event::Reached(step) => {
                let (state, stage) = match step {
                    Step::Preparing => (State::WaitingForLock, None),
                    Step::Waiting => (State::WaitingForLock, Some(Stage::Waiting)),
                    Step::Saving => (State::Saving, Some(Stage::Locked)),
                };
                let shown = stage.and_then(|stage| self.show(stage));
                (state, shown.into_iter().chain([Action::Follow(Some(step))]).collect())
            }
            Event::WriterSilent => (state, self.showing(Stage::SavingSilent, Action::Follow(None))),
            Event::Answered(answer) if answer.is_settled() => end(answer.into()),
            Event::Answered(Answer::Broke) | Event::Broke => {
                (State::Settling { ending: Ending::Failed { asked: false }.into(), asked: true }, vec![Action::Settle])
            }
            Event::Answered(answer) => self.without_effect(answer.into()),
            Event::Cancel => {
                (State::Cancelling { answer: None, settled: None }, self.showing(Stage::Cancelling, Action::Settle))
            }
            _ => (state, Vec::new()),
        }
    }

    /// The answer to the question whether anything is saved decides; the other one tells more about it.
    fn cancelling(&self, answer: Option<Answer>, settled: Option<Settled>, event: Event) -> (State, Vec<Action>) {
        match (answer, settled, event) {
            (None, None, Event::Unsettled) => (State::WaitingForLock, vec![Action::Follow(None)]),
            // What an earlier process has asked for may come to something yet.
            (Some(answer), None, Event::Unsettled) if self.resumed && !answer.is_settled() => {
                end(Ending::Failed { asked: true })
            }
            (Some(answer), None, Event::Unsettled) => end(answer.into()),
            (_, None, Event::Settled(Settled::Cancelled)) => end(Ending::Cancelled { settled: true }),
            (Some(answer), None, Event::Settled(settled)) | (None, Some(settled), Event::Answered(answer)) => {
                if answer.is_settled() { end(answer.into()) } else { end(settled.into()) }
            }
            (None, settled, Event::Broke) => self.cancelling(None, settled, Event::Answered(Answer::Broke)),
            (answer, settled, event) => {
                let (answer, settled) = match event {
                    Event::Settled(news) => (answer, settled.or(Some(news))),
                    Event::Answered(news) => (answer.or(Some(news)), settled),
                    _ => (answer, settled),
                };
                (State::Cancelling { answer: answer.map(Box::new), settled: settled.map(Box::new) }, Vec::new())
            }
        }
    }

    /// Ends without effect, as far as this process can tell.
    fn without_effect(&self, ending: Ending) -> (State, Vec<Action>) {
        if self.resumed {
            (State::Settling { ending: ending.into(), asked: true }, vec![Action::Settle])
        } else {
            end(ending)
        }
    }

    fn showing(&mut self, stage: Stage, and: Action) -> Vec<Action> {
        self.show(stage).into_iter().chain([and]).collect()
    }

    fn show(&mut self, stage: Stage) -> Option<Action> {
        if !stage.follows(self.shown) {
            return None;
        }
        self.shown = Some(stage);
        Some(Action::Show(stage))
    }
}

fn settling(ending: Box<Ending>, asked: bool, event: Event) -> (State, Vec<Action>) {
    match (event, *ending) {
        (Event::Settled(Settled::Cancelled), Ending::Cancelled { .. }) => end(Ending::Cancelled { settled: true }),
        (Event::Settled(Settled::Cancelled), ending) => end(ending),
        (Event::Settled(settled), _) => end(settled.into()),
        (Event::Unsettled | Event::Broke, _) if asked => end(Ending::Failed { asked: true }),
        (Event::Unsettled | Event::Broke, ending) => end(ending),
        (_, ending) => (State::Settling { ending: ending.into(), asked }, Vec::new()),
    }
}

fn end(ending: Ending) -> (State, Vec<Action>) {
    (State::Ended, vec![Action::End(ending)])
}

#[cfg(test)]
#[path = "machine_model.rs"]
mod model;
#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
