use interfaces::configs::{Author, Origin};
use proptest::prelude::*;

use super::*;

fn version(number: i64) -> Version {
    Version {
        kind: "fees".to_owned(),
        version: number,
        base: number - 1,
        bytes: 3,
        sha256: String::new(),
        author: Author { origin: Origin::Telegram, id: 1, name: "Anna".to_owned() },
        saved_ms: 0,
        restores: None,
        approved_by: None,
    }
}

fn saved() -> PutReply {
    PutReply { version: version(2), unchanged: false, published: true }
}

fn problems() -> Problems {
    Problems { listed: Vec::new(), hidden: 1 }
}

/// Plays events from the beginning; gives all actions.
fn play(events: impl IntoIterator<Item = Event>) -> (State, Vec<Action>) {
    let mut all = Vec::new();
    let state = events.into_iter().fold(State::Received, |state, event| {
        let (next, actions) = state.step(event);
        all.extend(actions);
        next
    });
    (state, all)
}

#[test]
fn a_good_document_goes_all_the_way() {
    let (state, actions) = play([
        Event::Began(Ok(())),
        Event::Downloaded(Ok(b"a: 1".to_vec())),
        Event::Validated(Ok("a: 1".to_owned())),
        Event::Answered(Answer::Saved(saved())),
    ]);
    assert_eq!(state, State::Ended);
    assert_eq!(
        actions,
        [
            Action::Show(Stage::Validating),
            Action::Download,
            Action::Validate(b"a: 1".to_vec()),
            Action::Show(Stage::Saving),
            Action::Save("a: 1".to_owned()),
            Action::End(Ending::Saved(saved())),
        ]
    );
}

#[test]
fn a_silent_writer_is_told_once_and_its_answer_still_counts() {
    let (state, actions) = play([
        Event::Began(Ok(())),
        Event::Downloaded(Ok(Vec::new())),
        Event::Validated(Ok(String::new())),
        Event::WriterSilent,
        Event::WriterSilent,
        Event::Answered(Answer::Conflict(version(9))),
    ]);
    assert_eq!(state, State::Ended);
    assert_eq!(actions.iter().filter(|action| **action == Action::Show(Stage::SavingSilent)).count(), 1);
    assert_eq!(actions.last(), Some(&Action::End(Ending::Conflict(version(9)))));
}

#[test]
fn what_is_refused_by_name_or_size_is_not_downloaded() {
    let (_, actions) = play([Event::Began(Err(Refusal::Unnamed)), Event::Downloaded(Ok(Vec::new()))]);
    assert_eq!(actions, [Action::End(Ending::Refused(Refusal::Unnamed))]);
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let answer = prop_oneof![
        Just(Answer::Saved(saved())),
        Just(Answer::Invalid(problems())),
        Just(Answer::Conflict(version(9))),
        Just(Answer::NotSaved("disk full".to_owned())),
        Just(Answer::NoSuchKind),
    ];
    let event = prop_oneof![
        3 => Just(Event::Began(Ok(()))),
        1 => Just(Event::Began(Err(Refusal::Unnamed))),
        3 => Just(Event::Downloaded(Ok(Vec::new()))),
        1 => Just(Event::Downloaded(Err(Refusal::Unnamed))),
        3 => Just(Event::Validated(Ok(String::new()))),
        1 => Just(Event::Validated(Err(problems()))),
        1 => Just(Event::WriterSilent),
        2 => answer.prop_map(Event::Answered),
        1 => Just(Event::Broke),
    ];
    proptest::collection::vec(event, 0..30)
}

proptest! {
    #[test]
    fn every_ending_is_told_once_and_agrees_with_what_is_known(events in events()) {
        let mut state = State::Received;
        let (mut saves, mut endings, mut answered) = (0, Vec::new(), None);
        for event in events {
            if let (State::Saving { .. }, Event::Answered(answer)) = (state, &event) {
                answered = Some(answer.clone());
            }
            let (next, actions) = state.step(event);
            for action in actions {
                match action {
                    Action::Save(_) => saves += 1,
                    Action::End(ending) => endings.push(ending),
                    Action::Show(_) => prop_assert!(endings.is_empty(), "progress after the end"),
                    Action::Download | Action::Validate(_) => prop_assert_eq!(saves, 0),
                }
            }
            prop_assert_eq!(endings.len(), usize::from(next == State::Ended));
            state = next;
        }
        prop_assert!(saves <= 1);
        match endings.first() {
            Some(Ending::Saved(_)) => prop_assert!(matches!(answered, Some(Answer::Saved(_)))),
            Some(Ending::Conflict(_)) => prop_assert!(matches!(answered, Some(Answer::Conflict(_)))),
            Some(Ending::NotSaved(_)) => prop_assert!(matches!(answered, Some(Answer::NotSaved(_)))),
            Some(Ending::Refused(_)) => prop_assert_eq!(saves, 0),
            Some(Ending::Failed { asked }) => prop_assert_eq!(*asked, saves == 1),
            Some(Ending::Invalid(_) | Ending::NoSuchKind) | None => {}
        }
        // As long as the writer has been asked and has not answered, nothing ends but by our own mistake.
        if saves == 1 && answered.is_none() {
            let broke = Ending::Failed { asked: true };
            prop_assert!(endings.first().is_none_or(|ending| *ending == broke));
        }
    }
}
