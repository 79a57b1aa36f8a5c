//! The life cycle against a model of the writer, of Telegram and of whoever kills the bot: whatever happens in which order, the
//! last thing that the admin is told agrees with what the store has in the end.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::tests::{problems, proposal, saved, version};
use super::*;

/// What the store keeps under the upload's request id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kept {
    Saved,
    Proposed,
    Cancelled,
}

/// A call that is on its way to the writer, or an answer that is on its way back.
#[derive(Clone, Debug)]
enum Call {
    /// None: it has not arrived.
    Save(Option<Step>),
    Settle,
    SaveAnswered(Answer),
    SettleAnswered(Settled),
}

/// One choice of the scheduler.
#[derive(Clone, Copy, Debug)]
enum Choice {
    /// The document arrives, or not; the check passes, or not.
    Work { well: bool },
    /// The call to save goes on by one step before the writer takes it up, or loses its place with a writer that is killed.
    Reach { lost: bool },
    /// The question how far it is arrives at the writer, if it was asked.
    Look,
    /// The answer to that arrives.
    Hear,
    /// The writer takes up the call at this place in the queue, and does with a new one what `effect` says.
    Write { place: usize, effect: u8 },
    /// The answer at this place arrives.
    Deliver { place: usize },
    /// The admin cancels.
    Cancel,
    /// The writer is silent for a while.
    Silence,
    /// The bot is killed and starts again. Its calls may still be on their way.
    Kill,
    /// A call turns out to be our own mistake.
    Break { settle: bool },
}

#[derive(Debug)]
struct World {
    machine: Machine,
    to_do: Option<Action>,
    kept: Option<Kept>,
    /// Calls of this process.
    calls: Vec<Call>,
    /// Calls of processes that were killed: the writer may take them up, and nobody hears the answers.
    ghosts: Vec<Call>,
    /// How often it was asked how far the call to save is, without an answer yet.
    asked: usize,
    /// The answers to that on their way, oldest first.
    looks: VecDeque<Step>,
    /// What the writer was last heard to say about it.
    heard: Option<Step>,
    shown: Option<Stage>,
    last: Option<Ending>,
    /// Told before the bot was killed between telling and finishing the update.
    told: Vec<Ending>,
}

impl World {
    fn new() -> Self {
        let machine = Machine::new(false, None);
        let (calls, ghosts, told) = Default::default();
        let (asked, looks, heard) = Default::default();
        let (to_do, kept, shown, last) = Default::default();
        let mut world = Self { machine, to_do, kept, calls, ghosts, asked, looks, heard, shown, last, told };
        world.hears(Event::Began(Ok(())));
        world
    }

    fn hears(&mut self, event: Event) {
        for action in self.machine.step(event) {
            match action {
                Action::Show(stage) => {
                    assert!(self.last.is_none(), "progress after the end");
                    assert!(stage != Stage::Validating || self.shown.is_none(), "progress went back");
                    assert!(self.shown != Some(stage) && self.shown != Some(Stage::Cancelling), "shown in vain");
                    match stage {
                        Stage::Waiting => assert_eq!(self.heard, Some(Step::Waiting), "nobody said that it waits"),
                        Stage::Locked => assert_eq!(self.heard, Some(Step::Saving), "nobody said that it has the lock"),
                        _ => {}
                    }
                    self.shown = Some(stage);
                }
                Action::Download | Action::Validate(_) => self.to_do = Some(action),
                Action::Save(_) => self.calls.push(Call::Save(None)),
                Action::Follow(_) => self.asked += 1,
                Action::Settle => self.calls.push(Call::Settle),
                Action::End(ending) => {
                    assert!(self.last.replace(ending).is_none(), "told twice");
                    // What is still on its way is not waited for.
                    self.ghosts.append(&mut self.calls);
                    self.to_do = None;
                }
            }
        }
    }

    /// The writer's transaction: what is kept under the id decides.
    fn writes(&mut self, call: &Call, effect: u8) -> Call {
        match (call, self.kept) {
            (Call::Save(_), None) => {
                let (kept, answer) = match effect % 8 {
                    0..=2 => (Some(Kept::Saved), Answer::Saved(saved())),
                    3 => (Some(Kept::Proposed), Answer::Proposed(proposal())),
                    4 => (None, Answer::Conflict(version(9))),
                    5 => (None, Answer::Invalid(problems())),
                    6 => (None, Answer::NotSaved("disk full".to_owned())),
                    _ => (None, Answer::Forbidden),
                };
                self.kept = kept;
                Call::SaveAnswered(answer)
            }
            (Call::Save(_), Some(Kept::Saved)) => Call::SaveAnswered(Answer::Saved(saved())),
            (Call::Save(_), Some(Kept::Proposed)) => Call::SaveAnswered(Answer::Proposed(proposal())),
            (Call::Save(_), Some(Kept::Cancelled)) => Call::SaveAnswered(Answer::Cancelled),
            (Call::Settle, kept) => Call::SettleAnswered(match *self.kept.insert(kept.unwrap_or(Kept::Cancelled)) {
                Kept::Saved => Settled::Saved { version: version(2), unchanged: false },
                Kept::Proposed => Settled::Proposed(proposal()),
                Kept::Cancelled => Settled::Cancelled,
            }),
            (answered, _) => answered.clone(),
        }
    }

    fn plays(&mut self, choice: Choice) {
        match choice {
            Choice::Work { well } => match self.to_do.take() {
                Some(Action::Download) if well => self.hears(Event::Downloaded(Ok(Vec::new()))),
                Some(Action::Download) => self.hears(Event::Downloaded(Err(Refusal::Unnamed))),
                Some(_) if well => self.hears(Event::Validated(Ok(String::new()))),
                Some(_) => self.hears(Event::Validated(Err(problems()))),
                None => {}
            },
            Choice::Reach { lost } => {
                if let Some(Call::Save(step)) = self.calls.iter_mut().find(|call| matches!(call, Call::Save(_))) {
                    *step = match step {
                        _ if lost => None,
                        None => Some(Step::Preparing),
                        Some(Step::Preparing) => Some(Step::Waiting),
                        Some(_) => Some(Step::Saving),
                    };
                }
            }
            Choice::Look => {
                let step = self.calls.iter().find_map(|call| match call {
                    Call::Save(step) => *step,
                    _ => None,
                });
                if let (Some(step), 1..) = (step, self.asked) {
                    self.asked -= 1;
                    self.looks.push_back(step);
                }
            }
            Choice::Hear => {
                if let Some(step) = self.looks.pop_front() {
                    self.heard = Some(step);
                    self.hears(Event::Reached(step));
                    let saving = self.machine.state == State::Saving;
                    let waiting = self.machine.state == State::WaitingForLock;
                    assert!(!saving || step == Step::Saving, "it is not being saved: {step:?}");
                    assert!(!waiting || step != Step::Saving, "it has the lock");
                }
            }
            Choice::Write { place, effect } => {
                let all = self.calls.len() + self.ghosts.len();
                let place = place % all.max(1);
                let own = self.calls.len();
                let call = self.calls.get(place).or_else(|| self.ghosts.get(place - own)).cloned();
                let Some(call) = call else { return };
                let answered = self.writes(&call, effect);
                match self.calls.get_mut(place) {
                    Some(call) => *call = answered,
                    None => drop(self.ghosts.swap_remove(place - own)),
                }
            }
            Choice::Deliver { place } => self.delivers(place),
            Choice::Cancel => self.hears(Event::Cancel),
            Choice::Silence => self.hears(Event::WriterSilent),
            Choice::Kill => self.is_killed(),
            Choice::Break { settle } => {
                let broken = |call: &Call| matches!((call, settle), (Call::Save(_), false) | (Call::Settle, true));
                if let Some(place) = self.calls.iter().position(broken) {
                    // It may have an effect all the same.
                    let call = self.calls.remove(place);
                    self.ghosts.push(call);
                    self.hears(if settle { Event::Unsettled } else { Event::Answered(Answer::Broke) });
                }
            }
        }
    }

    fn delivers(&mut self, place: usize) {
        let answered = |call: &Call| matches!(call, Call::SaveAnswered(_) | Call::SettleAnswered(_));
        let places: Vec<usize> = (0..self.calls.len()).filter(|place| answered(&self.calls[*place])).collect();
        let Some(place) = places.get(place % places.len().max(1)) else { return };
        match self.calls.remove(*place) {
            Call::SaveAnswered(answer) => self.hears(Event::Answered(answer)),
            Call::SettleAnswered(settled) => self.hears(Event::Settled(settled)),
            Call::Save(_) | Call::Settle => {}
        }
    }

    /// The successor finds the update settled, and only tells it, or begins anew.
    fn is_killed(&mut self) {
        self.ghosts.append(&mut self.calls);
        self.to_do = None;
        self.told.extend(self.last.take());
        self.asked = 0;
        self.looks.clear();
        self.machine.state = State::Ended;
        match self.kept {
            // The effect and "this update is settled" are one transaction. A cancelling that settles updates is, too; one that
            // only makes sure settles none, and then it is begun anew.
            Some(Kept::Saved) => self.last = Some(Ending::Saved(saved())),
            Some(Kept::Proposed) => self.last = Some(Ending::Proposed(proposal())),
            Some(Kept::Cancelled) | None => {
                self.machine = Machine::new(true, self.shown);
                self.hears(Event::Began(Ok(())));
            }
        }
    }

    /// Lets everything come to its end, the dead processes' calls first or last.
    fn ends(&mut self, ghosts_first: bool) {
        if ghosts_first {
            self.exorcise();
        }
        for _ in 0..100 {
            if self.last.is_some() {
                break;
            }
            self.plays(Choice::Work { well: true });
            for place in 0..self.calls.len() {
                self.plays(Choice::Write { place, effect: 0 });
            }
            self.delivers(0);
        }
        self.exorcise();
    }

    fn exorcise(&mut self) {
        while let Some(ghost) = self.ghosts.pop() {
            self.writes(&ghost, 0);
        }
    }
}

/// Whether an ending that was told is true of what is kept.
fn is_true(ending: &Ending, kept: Option<Kept>) -> bool {
    match ending {
        Ending::Saved(_) | Ending::SavedBefore { .. } => kept == Some(Kept::Saved),
        Ending::Proposed(_) => kept == Some(Kept::Proposed),
        // It says that it does not know.
        Ending::Failed { asked: true } => true,
        Ending::Cancelled { settled: true } => kept == Some(Kept::Cancelled),
        _ => matches!(kept, None | Some(Kept::Cancelled)),
    }
}

fn choices() -> impl Strategy<Value = Vec<Choice>> {
    let choice = prop_oneof![
        6 => proptest::bool::weighted(0.9).prop_map(|well| Choice::Work { well }),
        6 => (any::<usize>(), any::<u8>()).prop_map(|(place, effect)| Choice::Write { place, effect }),
        5 => any::<usize>().prop_map(|place| Choice::Deliver { place }),
        3 => proptest::bool::weighted(0.1).prop_map(|lost| Choice::Reach { lost }),
        3 => Just(Choice::Look),
        3 => Just(Choice::Hear),
        2 => Just(Choice::Cancel),
        1 => Just(Choice::Silence),
        2 => Just(Choice::Kill),
        1 => any::<bool>().prop_map(|settle| Choice::Break { settle }),
    ];
    proptest::collection::vec(choice, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn the_last_thing_told_agrees_with_the_store_over_kills_at_any_moment(choices in choices(), ghosts_first: bool) {
        let mut world = World::new();
        for choice in choices {
            world.plays(choice);
        }
        world.ends(ghosts_first);
        let last = world.last.clone();
        prop_assert!(last.is_some(), "nothing was told: {:?}", world);
        prop_assert!(last.iter().all(|last| is_true(last, world.kept)), "{:?} of {:?}", last, world.kept);
        // Nor was anything told before that the admin might have acted upon and that is not true.
        for told in &world.told {
            prop_assert!(is_true(told, world.kept) || matches!(told, Ending::Failed { .. }) || !is_final(told),
                "{:?} was told of {:?}", told, world.kept);
        }
    }
}

/// Of what a bot that is killed before it could finish the update has told, a document refused may pass the next time: then
/// the message says so.
fn is_final(ending: &Ending) -> bool {
    matches!(
        ending,
        Ending::Saved(_) | Ending::SavedBefore { .. } | Ending::Proposed(_) | Ending::Cancelled { settled: true }
    )
}
