#![allow(clippy::unwrap_used, reason = "tests may fail")]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn secret(number: u32) -> Secret {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Secret::of(bytes)
}

fn person(user: i64) -> Person {
    Person { user, name: format!("User {user}"), language: Language::English }
}

/// What may happen.
#[derive(Clone, Debug)]
enum Step {
    Invite {
        user: i64,
    },
    /// The code made at this place, counted back from the newest, by a browser that has the token of another one, or none.
    SignIn {
        back: u32,
        before: Option<u32>,
    },
    Use {
        back: u32,
    },
    SignOut {
        back: u32,
    },
    Wait(Duration),
}

fn step() -> impl Strategy<Value = Step> {
    let back = 0..12_u32;
    let pause = prop_oneof![0..400_u64, 30_000..50_000_u64].prop_map(Duration::from_secs);
    prop_oneof![
        4 => (0..3_i64).prop_map(|user| Step::Invite { user }),
        4 => (back.clone(), proptest::option::of(back.clone())).prop_map(|(back, before)| Step::SignIn { back, before }),
        2 => back.clone().prop_map(|back| Step::Use { back }),
        1 => back.prop_map(|back| Step::SignOut { back }),
        1 => pause.prop_map(Step::Wait),
    ]
}

/// The same, said as plainly as possible: secret → (whose, since when), by age.
#[derive(Default)]
struct Model {
    codes: BTreeMap<u32, (i64, Duration)>,
    sessions: BTreeMap<u32, (i64, Duration)>,
    next: u32,
}

impl Model {
    fn expire(&mut self, at: Duration) {
        self.codes.retain(|_, (_, since)| at - *since < CODE_LIFE);
        self.sessions.retain(|_, (_, since)| at - *since < SESSION_LIFE);
    }

    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }
}

/// Adds one, and lets the oldest of that person go where there are too many.
fn put(book: &mut BTreeMap<u32, (i64, Duration)>, each: usize, number: u32, user: i64, at: Duration) {
    book.insert(number, (user, at));
    let of_person: Vec<_> = book.iter().filter(|(_, (of, _))| *of == user).map(|(number, _)| *number).collect();
    if of_person.len() > each {
        book.remove(&of_person[0]);
    }
}

proptest! {
    /// A code signs in once at most, never after its time, never somebody else; nor does a token live longer than it may.
    #[test]
    fn every_story_goes_as_the_model_says(steps in prop::collection::vec(step(), 0..200)) {
        let (mut signs, mut model) = (SignIns::default(), Model::default());
        let (start, mut at) = (Instant::now(), Duration::ZERO);
        for step in steps {
            let now = start + at;
            model.expire(at);
            match step {
                Step::Invite { user } => {
                    let number = model.number();
                    signs.invite(now, &secret(number), person(user));
                    put(&mut model.codes, CODES_EACH, number, user, at);
                }
                Step::SignIn { back, before } => {
                    let code = model.next.saturating_sub(back);
                    let before = before.map(|back| model.next.saturating_sub(back));
                    let token = model.number();
                    let expected = model.codes.remove(&code);
                    let told = signs.sign_in(now, &secret(code), &secret(token), before.map(secret).as_ref());
                    prop_assert_eq!(told.map(|person| person.user), expected.map(|(user, _)| user));
                    if let Some((user, _)) = expected {
                        before.map(|before| model.sessions.remove(&before));
                        put(&mut model.sessions, SESSIONS_EACH, token, user, at);
                    }
                }
                Step::Use { back } => {
                    let token = model.next.saturating_sub(back);
                    let expected = model.sessions.get(&token).map(|(user, _)| *user);
                    prop_assert_eq!(signs.who(now, &secret(token)).map(|person| person.user), expected);
                }
                Step::SignOut { back } => {
                    let token = model.next.saturating_sub(back);
                    let expected = model.sessions.remove(&token).map(|(user, _)| user);
                    prop_assert_eq!(signs.sign_out(now, &secret(token)).map(|person| person.user), expected);
                }
                Step::Wait(pause) => at += pause,
            }
            model.expire(at);
            prop_assert_eq!(signs.sessions(start + at), model.sessions.len());
        }
    }

    #[test]
    fn no_text_is_taken_for_another_secret(text in "[A-Za-z0-9_=-]{0,60}") {
        if let Some(secret) = Secret::read(&text) {
            prop_assert_eq!(secret.text(), text);
        }
    }
}

#[test]
fn nobody_fills_the_memory() {
    let (mut signs, now) = (SignIns::default(), Instant::now());
    for number in 0..5000_u32 {
        signs.invite(now, &secret(number), person(i64::from(number)));
        if number % 2 == 0 {
            signs.sign_in(now, &secret(number), &secret(10_000 + number), None).unwrap();
        }
    }
    assert_eq!((signs.codes.kept.len(), signs.sessions(now)), (MOST, MOST));
    // The oldest went.
    assert!(signs.who(now, &secret(10_000)).is_none());
    assert!(signs.who(now, &secret(14_998)).is_some());
    assert!(signs.sign_in(now, &secret(1), &secret(20_000), None).is_none());
    assert!(signs.sign_in(now, &secret(4999), &secret(20_001), None).is_some());
}

#[test]
fn a_code_and_a_session_last_exactly_as_long_as_is_said() {
    let (mut signs, start) = (SignIns::default(), Instant::now());
    let moment = Duration::from_millis(1);
    signs.invite(start, &secret(1), person(1));
    signs.invite(start, &secret(2), person(1));
    assert!(signs.sign_in(start + CODE_LIFE - moment, &secret(1), &secret(3), None).is_some());
    assert!(signs.sign_in(start + CODE_LIFE, &secret(2), &secret(4), None).is_none());
    let end = start + CODE_LIFE - moment + SESSION_LIFE;
    assert!(signs.who(end - moment, &secret(3)).is_some());
    assert!(signs.who(end, &secret(3)).is_none());
}

#[test]
fn no_secret_is_shown_to_who_debugs() {
    let (mut signs, now) = (SignIns::default(), Instant::now());
    let code = Secret::of([0xAB; 32]);
    signs.invite(now, &code, person(1));
    let shown = format!("{code:?} {signs:?}");
    assert!(!shown.contains("171, 171") && !shown.contains(&code.text()), "{shown}");
    assert_eq!(code.text().len(), 43);
}
