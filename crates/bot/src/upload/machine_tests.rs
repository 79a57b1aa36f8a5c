use interfaces::configs::{Author, Origin, ProposalState};
use proptest::prelude::*;

use super::*;

fn anna() -> Author {
    Author { origin: Origin::Telegram, id: 1, name: "Anna".to_owned() }
}

pub(super) fn version(number: i64) -> Version {
    Version {
        kind: "fees".to_owned(),
        version: number,
        base: number - 1,
        bytes: 3,
        sha256: String::new(),
        author: anna(),
        saved_ms: 0,
        restores: None,
        approved_by: None,
    }
}

pub(super) fn proposal() -> Proposal {
    Proposal {
        id: 4,
        kind: "fees".to_owned(),
        base: 1,
        bytes: 3,
        sha256: String::new(),
        author: anna(),
        proposed_ms: 0,
        restores: None,
        state: ProposalState::Open,
        by: None,
        decided_ms: None,
        version: None,
    }
}

pub(super) fn saved() -> PutReply {
    PutReply { version: version(2), unchanged: false, published: true }
}

pub(super) fn problems() -> Problems {
    Problems { listed: Vec::new(), hidden: 1 }
}

/// Plays events from the beginning; gives all actions.
fn play(machine: &mut Machine, events: impl IntoIterator<Item = Event>) -> Vec<Action> {
    events.into_iter().flat_map(|event| machine.step(event)).collect()
}

fn anew(events: impl IntoIterator<Item = Event>) -> Vec<Action> {
    play(&mut Machine::new(false, None), events)
}

fn until_saving() -> [Event; 3] {
    [Event::Began(Ok(())), Event::Downloaded(Ok(Vec::new())), Event::Validated(Ok(String::new()))]
}

fn cancelled(settled: bool) -> Action {
    Action::End(Ending::Cancelled { settled })
}

#[test]
fn a_good_document_goes_all_the_way() {
    let actions = anew([
        Event::Began(Ok(())),
        Event::Downloaded(Ok(b"a: 1".to_vec())),
        Event::Validated(Ok("a: 1".to_owned())),
        Event::Answered(Answer::Saved(saved())),
    ]);
    assert_eq!(
        actions,
        [
            Action::Show(Stage::Validating),
            Action::Download,
            Action::Validate(b"a: 1".to_vec()),
            Action::Show(Stage::Saving),
            Action::Save("a: 1".to_owned()),
            Action::Follow(None),
            Action::End(Ending::Saved(saved())),
        ]
    );
}

#[test]
fn a_silent_writer_is_told_once_and_its_answer_still_counts() {
    let late = [Event::WriterSilent, Event::WriterSilent, Event::Answered(Answer::Conflict(version(9)))];
    let actions = anew(until_saving().into_iter().chain(late));
    assert_eq!(actions.iter().filter(|action| **action == Action::Show(Stage::SavingSilent)).count(), 1);
    assert_eq!(actions.last(), Some(&Action::End(Ending::Conflict(version(9)))));
}

#[test]
fn who_has_the_lock_is_what_the_writer_says() {
    let mut machine = Machine::new(false, None);
    play(&mut machine, until_saving());
    assert_eq!(machine.state, State::WaitingForLock);
    let follow = |step| Action::Follow(Some(step));
    for (step, state, actions) in [
        (Step::Preparing, State::WaitingForLock, vec![follow(Step::Preparing)]),
        (Step::Waiting, State::WaitingForLock, vec![Action::Show(Stage::Waiting), follow(Step::Waiting)]),
        (Step::Waiting, State::WaitingForLock, vec![follow(Step::Waiting)]),
        (Step::Saving, State::Saving, vec![Action::Show(Stage::Locked), follow(Step::Saving)]),
        // The writer was restarted meanwhile.
        (Step::Waiting, State::WaitingForLock, vec![Action::Show(Stage::Waiting), follow(Step::Waiting)]),
    ] {
        assert_eq!(machine.step(Event::Reached(step)), actions, "{step:?}");
        assert_eq!(machine.state, state, "{step:?}");
    }
    assert_eq!(machine.step(Event::WriterSilent), [Action::Show(Stage::SavingSilent), Action::Follow(None)]);
    assert_eq!(machine.step(Event::Cancel), [Action::Show(Stage::Cancelling), Action::Settle]);
    assert!(machine.step(Event::Reached(Step::Saving)).is_empty(), "nothing is shown any more but the end");
    assert_eq!(machine.step(Event::Unsettled), [Action::Follow(None)]);
    assert_eq!(machine.state, State::WaitingForLock);
}

#[test]
fn what_is_refused_by_name_or_size_is_not_downloaded() {
    let unnamed = || Ending::Refused(Refusal::Unnamed);
    let actions = anew([Event::Began(Err(unnamed())), Event::Downloaded(Ok(Vec::new()))]);
    assert_eq!(actions, [Action::End(unnamed())]);
}

#[test]
fn before_saving_a_cancel_is_settled_at_once() {
    for number in 0..until_saving().len() {
        let events = until_saving().into_iter().take(number);
        let settled = [Event::Cancel, Event::Downloaded(Ok(Vec::new())), Event::Settled(Settled::Cancelled)];
        let actions = anew(events.chain(settled));
        assert_eq!(actions[actions.len() - 2..], [Action::Settle, cancelled(true)], "{number}");
        // Nothing can have been saved, so it is cancelled even if that cannot be settled.
        let actions = anew(until_saving().into_iter().take(number).chain([Event::Cancel, Event::Unsettled]));
        assert_eq!(actions.last(), Some(&cancelled(false)));
    }
}

#[test]
fn what_an_earlier_process_asked_for_may_come_to_something_though_this_one_is_refused() {
    let conflict = || Answer::Conflict(version(9));
    for (resumed, ending) in [(true, Ending::Failed { asked: true }), (false, Ending::Conflict(version(9)))] {
        let mut machine = Machine::new(resumed, None);
        let events = until_saving().into_iter().chain([Event::Cancel, Event::Answered(conflict()), Event::Unsettled]);
        let actions: Vec<_> = events.flat_map(|event| machine.step(event)).collect();
        assert_eq!(actions.last(), Some(&Action::End(ending)), "{resumed}");
    }
}

#[test]
fn while_saving_the_writer_says_whether_a_cancel_came_in_time() {
    let cancel = || until_saving().into_iter().chain([Event::Cancel]);
    let settled = |settled| Event::Settled(settled);
    let had_been = || settled(Settled::Saved { version: version(2), unchanged: false });
    for (events, last) in [
        (vec![settled(Settled::Cancelled)], Some(cancelled(true))),
        (vec![Event::Answered(Answer::Conflict(version(9))), settled(Settled::Cancelled)], Some(cancelled(true))),
        (vec![Event::Answered(Answer::Cancelled), settled(Settled::Cancelled)], Some(cancelled(true))),
        (vec![had_been(), Event::Answered(Answer::Saved(saved()))], Some(Action::End(Ending::Saved(saved())))),
        (vec![Event::Answered(Answer::Saved(saved())), had_been()], Some(Action::End(Ending::Saved(saved())))),
        (vec![Event::Answered(Answer::Saved(saved())), Event::Unsettled], Some(Action::End(Ending::Saved(saved())))),
        (vec![Event::Unsettled, Event::Answered(Answer::Saved(saved()))], Some(Action::End(Ending::Saved(saved())))),
        // Who cancels is not told that it was saved before both is known.
        (vec![Event::Answered(Answer::Saved(saved()))], None),
        (vec![had_been()], None),
    ] {
        let actions = anew(cancel().chain(events.clone()));
        let ended = actions.last().filter(|action| matches!(action, Action::End(_)));
        assert_eq!(ended, last.as_ref(), "{events:?}");
    }
}

#[test]
fn after_a_restart_nothing_is_called_not_saved_before_that_is_settled() {
    let refused = Ending::Refused(Refusal::Unnamed);
    let mut machine = Machine::new(true, Some(Stage::Saving));
    let actions = play(&mut machine, [Event::Began(Ok(())), Event::Downloaded(Err(Refusal::Unnamed))]);
    assert_eq!(actions, [Action::Download, Action::Settle], "and what is shown does not go back");
    let mut other = machine.clone();
    assert_eq!(machine.step(Event::Settled(Settled::Cancelled)), [Action::End(refused)]);
    let had_been = Settled::Saved { version: version(2), unchanged: true };
    let ending = Ending::SavedBefore { version: version(2), unchanged: true };
    assert_eq!(other.step(Event::Settled(had_been)), [Action::End(ending)]);
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let answer = prop_oneof![
        Just(Answer::Saved(saved())),
        Just(Answer::Proposed(proposal())),
        Just(Answer::Invalid(problems())),
        Just(Answer::Conflict(version(9))),
        Just(Answer::Forbidden),
        Just(Answer::NotSaved("disk full".to_owned())),
        Just(Answer::NoSuchKind),
        Just(Answer::Cancelled),
        Just(Answer::Broke),
    ];
    let settled = prop_oneof![
        Just(Settled::Cancelled),
        Just(Settled::Saved { version: version(2), unchanged: false }),
        Just(Settled::Proposed(proposal())),
    ];
    let event = prop_oneof![
        3 => Just(Event::Began(Ok(()))),
        1 => Just(Event::Began(Err(Ending::Refused(Refusal::Unnamed)))),
        3 => Just(Event::Downloaded(Ok(Vec::new()))),
        1 => Just(Event::Downloaded(Err(Refusal::Unnamed))),
        3 => Just(Event::Validated(Ok(String::new()))),
        1 => Just(Event::Validated(Err(problems()))),
        1 => Just(Event::WriterSilent),
        2 => prop_oneof![Just(Step::Preparing), Just(Step::Waiting), Just(Step::Saving)].prop_map(Event::Reached),
        1 => Just(Event::Cancel),
        2 => answer.prop_map(Event::Answered),
        1 => settled.prop_map(Event::Settled),
        1 => Just(Event::Unsettled),
        1 => Just(Event::Broke),
    ];
    proptest::collection::vec(event, 0..40)
}

proptest! {
    #[test]
    fn events_in_any_order_end_it_once_at_most_and_ask_each_thing_once(events in events(), resumed: bool) {
        let mut machine = Machine::new(resumed, None);
        let unsettled = events.iter().filter(|event| matches!(event, Event::Unsettled)).count();
        let (mut saves, mut settles, mut endings) = (0, 0, 0);
        for event in events {
            for action in machine.step(event) {
                prop_assert_eq!(endings, 0, "something was done after the end");
                match action {
                    Action::Save(_) => saves += 1,
                    Action::Settle => settles += 1,
                    Action::End(_) => endings += 1,
                    Action::Show(_) | Action::Download | Action::Validate(_) | Action::Follow(_) => {}
                }
            }
            prop_assert_eq!(endings, usize::from(machine.state == State::Ended));
        }
        // What could not be settled may be asked once more, by another cancel or to make sure.
        prop_assert!(saves <= 1 && settles <= 1 + unsettled);
    }
}
