#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

fn at(ms: u64) -> Moment {
    Moment::after_start(Duration::from_millis(ms))
}

const LIMIT: Duration = Duration::from_secs(5);

impl Plan {
    fn ask(&mut self, id: Id, kind: &str, ms: u64) -> Vec<Action> {
        self.handle(Event::Asked { id, kind: kind.into() }, at(ms))
    }

    fn started(&mut self, id: Id, ms: u64) {
        assert_eq!(self.handle(Event::Started { id, limit: LIMIT }, at(ms)), []);
    }

    fn died(&mut self, id: Id, end: End, ms: u64) -> Vec<Action> {
        self.handle(Event::Died { id, end, failure: None }, at(ms))
    }

    fn passed(&mut self, ms: u64) -> Vec<Action> {
        self.handle(Event::TimePassed, at(ms))
    }
}

fn ran(id: Id, end: End, timed_out: bool, took: u64) -> Action {
    Action::Answer { id, outcome: Outcome::Ran { end, timed_out, took: Duration::from_millis(took) } }
}

fn stopping(id: Id) -> Action {
    Action::Answer { id, outcome: Outcome::Stopping }
}

#[test]
fn one_of_a_kind_runs_at_a_time_and_kinds_run_side_by_side() {
    let mut plan = Plan::default();
    assert_eq!(plan.ask(1, "fees", 0), [Action::Start { id: 1 }]);
    plan.started(1, 0);
    assert_eq!(plan.ask(2, "fees", 1), []);
    assert_eq!(plan.ask(3, "fees", 2), []);
    assert_eq!(plan.ask(4, "rates", 3), [Action::Start { id: 4 }]);
    plan.started(4, 3);
    assert_eq!(plan.died(1, End::Code(0), 10), [ran(1, End::Code(0), false, 10), Action::Start { id: 2 }]);
    plan.started(2, 10);
    assert_eq!(plan.died(4, End::Signal(6), 11), [ran(4, End::Signal(6), false, 8)]);
    assert_eq!(plan.died(2, End::Code(3), 15), [ran(2, End::Code(3), false, 5), Action::Start { id: 3 }]);
}

#[test]
fn one_that_takes_too_long_is_told_to_end_and_then_killed() {
    let mut plan = Plan::default();
    plan.ask(1, "fees", 0);
    assert_eq!(plan.due(), None, "there is no process yet");
    plan.started(1, 100);
    assert_eq!(plan.due(), Some(at(5100)));
    assert_eq!(plan.passed(5099), []);
    assert_eq!(plan.passed(5100), [Action::Terminate { id: 1 }]);
    assert_eq!(plan.due(), Some(at(7100)));
    assert_eq!(plan.passed(7099), []);
    assert_eq!(plan.passed(7100), [Action::Kill { id: 1 }]);
    assert_eq!((plan.due(), plan.passed(99_999)), (None, vec![]));
    assert_eq!(plan.died(1, End::Signal(9), 7200), [ran(1, End::Signal(9), true, 7100)]);

    // However well it says that it ended.
    plan.ask(2, "fees", 8000);
    plan.started(2, 8000);
    assert_eq!(plan.passed(13_000), [Action::Terminate { id: 2 }]);
    assert_eq!(plan.died(2, End::Code(0), 13_001), [ran(2, End::Code(0), true, 5001)]);
    assert!(!plan.is_running());
}

#[test]
fn one_that_cannot_be_started_makes_way_for_the_next() {
    let mut plan = Plan::default();
    plan.ask(1, "fees", 0);
    plan.ask(2, "fees", 0);
    let why = NotRun::Refused("no descriptors".into());
    let answer = Action::Answer { id: 1, outcome: Outcome::NotRun(why.clone()) };
    assert_eq!(plan.handle(Event::NotStarted { id: 1, why }, at(1)), [answer, Action::Start { id: 2 }]);
    plan.started(2, 1);
    let failure = Some("no such program".to_owned());
    let died = plan.handle(Event::Died { id: 2, end: End::Code(127), failure }, at(2));
    let why = NotRun::Refused("no such program".into());
    assert_eq!(died, [Action::Answer { id: 2, outcome: Outcome::NotRun(why) }]);
}

#[test]
fn a_stop_ends_what_runs_and_starts_nothing_more() {
    let mut plan = Plan::default();
    for (id, kind) in [(1, "fees"), (2, "rates"), (3, "fees")] {
        plan.ask(id, kind, 0);
    }
    plan.started(1, 0);
    plan.started(2, 0);
    let stop = Event::StopRequested { kill_by: at(60_000) };
    let expected = [stopping(3), Action::Terminate { id: 1 }, Action::Terminate { id: 2 }];
    assert_eq!(plan.handle(stop.clone(), at(1000)), expected);
    assert_eq!(plan.handle(stop, at(1500)), [], "once is enough");
    assert_eq!(plan.ask(4, "limits", 1600), [stopping(4)]);
    assert_eq!(plan.died(2, End::Code(0), 1700), [stopping(2)], "it may have ended in the middle");
    assert_eq!(plan.passed(3000), [Action::Kill { id: 1 }]);
    assert_eq!(plan.died(1, End::Signal(9), 3001), [stopping(1)]);
    assert!(!plan.is_running());
}

#[test]
fn a_stop_that_has_less_time_kills_sooner() {
    let mut plan = Plan::default();
    plan.ask(1, "fees", 0);
    plan.started(1, 0);
    plan.ask(2, "rates", 0);
    plan.started(2, 4000);
    // One takes too long already, the other does not.
    assert_eq!(plan.passed(5000), [Action::Terminate { id: 1 }]);
    assert_eq!(plan.handle(Event::StopRequested { kill_by: at(5500) }, at(5100)), [Action::Terminate { id: 2 }]);
    assert_eq!(plan.passed(5500), [Action::Kill { id: 1 }, Action::Kill { id: 2 }]);
    assert_eq!(plan.died(1, End::Signal(9), 5501), [ran(1, End::Signal(9), true, 5501)]);
    assert_eq!(plan.died(2, End::Signal(9), 5501), [stopping(2)]);
}

#[test]
fn who_has_gone_waits_no_more_and_what_runs_goes_on() {
    let mut plan = Plan::default();
    plan.ask(1, "fees", 0);
    plan.started(1, 0);
    plan.ask(2, "fees", 0);
    plan.ask(3, "fees", 0);
    assert_eq!(plan.handle(Event::Abandoned { id: 2 }, at(1)), []);
    assert_eq!(plan.handle(Event::Abandoned { id: 1 }, at(1)), []);
    assert_eq!(plan.died(1, End::Code(0), 2), [ran(1, End::Code(0), false, 2), Action::Start { id: 3 }]);
}

#[test]
fn no_more_wait_than_there_is_room_for() {
    let mut plan = Plan::default();
    let most = Id::try_from(MOST_WAITING).unwrap();
    assert_eq!(plan.ask(0, "fees", 0), [Action::Start { id: 0 }]);
    assert!((1..=most).all(|id| plan.ask(id, "fees", 0).is_empty()));
    let refused = plan.ask(most + 1, "fees", 0);
    let why = NotRun::Refused("16 runs of it wait already".into());
    assert_eq!(refused, [Action::Answer { id: most + 1, outcome: Outcome::NotRun(why) }]);
    assert_eq!(plan.ask(most + 2, "rates", 0), [Action::Start { id: most + 2 }], "other kinds have room of their own");
}

/// What happens next in a story.
#[derive(Clone, Debug)]
enum Turn {
    Ask(u8),
    Abandon(prop::sample::Index),
    /// One of those that run ends.
    Die(prop::sample::Index),
    Pass(u16),
    Stop(u16),
}

fn turn() -> impl Strategy<Value = Turn> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        6 => (0_u8..3).prop_map(Turn::Ask),
        1 => index().prop_map(Turn::Abandon),
        4 => index().prop_map(Turn::Die),
        4 => (0_u16..4000).prop_map(Turn::Pass),
        1 => (0_u16..4000).prop_map(Turn::Stop),
    ]
}

/// Who runs the plan: starts what it says, one in four in vain, and writes down what it does.
#[derive(Default)]
struct Story {
    plan: Plan,
    now: u64,
    kinds: BTreeMap<Id, u8>,
    /// Those that run, with the signals they got and when.
    lives: BTreeMap<Id, (u64, Option<u64>, Option<u64>)>,
    answered: BTreeSet<Id>,
    abandoned: BTreeSet<Id>,
    stopped: Option<(u64, u64)>,
}

impl Story {
    fn tell(&mut self, event: Event) -> Result<(), TestCaseError> {
        for action in self.plan.handle(event, at(self.now)) {
            match action {
                Action::Start { id } => {
                    prop_assert!(self.stopped.is_none(), "started while stopping");
                    prop_assert!(self.lives.keys().all(|other| self.kinds[other] != self.kinds[&id]), "two of a kind");
                    if id % 4 == 3 {
                        self.tell(Event::NotStarted { id, why: NotRun::NoHook })?;
                    } else {
                        self.lives.insert(id, (self.now, None, None));
                        self.tell(Event::Started { id, limit: LIMIT })?;
                    }
                }
                Action::Terminate { id } => {
                    let now = self.now;
                    let (_, told, _) = self.lives.get_mut(&id).unwrap();
                    prop_assert!(told.replace(now).is_none(), "told twice");
                }
                Action::Kill { id } => {
                    let now = self.now;
                    let (_, told, killed) = self.lives.get_mut(&id).unwrap();
                    prop_assert!(killed.replace(now).is_none(), "killed twice");
                    let had = now - told.unwrap();
                    let hurried = self.stopped.is_some_and(|(_, kill_by)| kill_by <= now);
                    prop_assert!(had >= 2000 || hurried, "killed after {had} ms");
                }
                Action::Answer { id, .. } => prop_assert!(self.answered.insert(id), "answered twice"),
            }
        }
        Ok(())
    }

    fn take(&mut self, turn: &Turn) -> Result<(), TestCaseError> {
        match turn {
            Turn::Ask(kind) => {
                let id = self.kinds.len() as Id;
                self.kinds.insert(id, *kind);
                self.tell(Event::Asked { id, kind: kind.to_string() })?;
            }
            Turn::Abandon(which) => {
                let waiting: Vec<_> = self.plan.waiting().collect();
                if !waiting.is_empty() {
                    let id = *which.get(&waiting);
                    self.abandoned.insert(id);
                    self.tell(Event::Abandoned { id })?;
                }
            }
            Turn::Die(which) => {
                let living: Vec<_> = self.lives.keys().copied().collect();
                if !living.is_empty() {
                    self.die(*which.get(&living))?;
                }
            }
            Turn::Pass(ms) => self.pass(u64::from(*ms))?,
            Turn::Stop(room) => {
                let kill_by = self.now + u64::from(*room);
                self.stopped = self.stopped.or(Some((self.now, kill_by)));
                self.tell(Event::StopRequested { kill_by: at(kill_by) })?;
            }
        }
        Ok(())
    }

    fn die(&mut self, id: Id) -> Result<(), TestCaseError> {
        self.lives.remove(&id);
        self.tell(Event::Died { id, end: End::Code(0), failure: None })?;
        prop_assert!(self.answered.contains(&id), "who waited for it is told");
        Ok(())
    }

    /// Time passes, and whatever is due is so in time.
    fn pass(&mut self, ms: u64) -> Result<(), TestCaseError> {
        let end = self.now + ms;
        while let Some(due) = self.plan.due().filter(|due| *due <= at(end)) {
            self.now = u64::try_from(due.since_start().as_millis()).unwrap().max(self.now);
            self.tell(Event::TimePassed)?;
            prop_assert!(self.plan.due().is_none_or(|next| next > at(self.now)), "it would wake for ever");
        }
        self.now = end;
        for (began, told, killed) in self.lives.values() {
            let most = self.stopped.map_or(began + 5000, |(since, _)| since.min(began + 5000));
            prop_assert!(told.is_some() || end < most, "never told to end");
            prop_assert!(killed.is_some() || end < most + 2000, "never killed");
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn every_story_keeps_the_promises_and_ends_with_an_answer_to_each(turns in prop::collection::vec(turn(), 0..80)) {
        let mut story = Story::default();
        for turn in &turns {
            story.take(turn)?;
            prop_assert_eq!(story.plan.is_running(), !story.lives.is_empty());
        }
        while let Some(id) = story.lives.keys().next().copied() {
            story.die(id)?;
        }
        let all: BTreeSet<Id> = story.kinds.keys().copied().collect();
        prop_assert_eq!(&story.answered | &story.abandoned, all);
        prop_assert!(story.plan.due().is_none());
    }
}
