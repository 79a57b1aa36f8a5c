#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};

use super::*;

const NOW: Millis = Millis(1_800_000_000_000);
const IN_1001: Known = Known::Body(Some(1001));

fn later(millis: u64) -> Millis {
    NOW + Duration::from_millis(millis)
}

/// In force since [`NOW`].
fn faults(written: &[Value]) -> Faults {
    let mut faults = Faults::new(7);
    for fault in written {
        faults.add(checked(fault).unwrap(), NOW);
    }
    faults
}

fn hit(faults: &mut Faults, method: &str) -> Option<FaultKind> {
    faults.strike(method, Known::Method, false, NOW).fault
}

#[test]
fn a_fault_hits_its_method_so_many_times() {
    let mut faults = faults(&[json!({ "kind": "drop", "method": "sendmessage", "calls": 2, "skip": 1 })]);
    let mut strikes = |method: &str| hit(&mut faults, method);
    assert_eq!(strikes("getUpdates"), None);
    assert_eq!(strikes("sendMessage"), None, "the first one is let through");
    assert_eq!(strikes("sendMessage"), Some(FaultKind::Drop));
    assert_eq!(strikes("sendMessage"), Some(FaultKind::Drop));
    assert_eq!(strikes("sendMessage"), None);
    assert!(faults.list().is_empty());
}

#[test]
fn delays_add_up_and_the_first_other_fault_strikes() {
    let mut faults = faults(&[
        json!({ "kind": "latency", "millis": 100 }),
        json!({ "kind": "hang" }),
        json!({ "kind": "drop", "calls": 1 }),
        json!({ "kind": "latency", "millis": 20 }),
        json!({ "kind": "latency", "millis": 5, "after": true }),
    ]);
    let strike = faults.strike("getMe", Known::Method, false, NOW);
    let delays = (strike.delay, strike.late);
    assert_eq!(delays, (Duration::from_millis(120), Duration::from_millis(5)));
    assert_eq!((strike.fault, strike.after), (Some(FaultKind::Hang), false));
    assert!(faults.clear(Some(2)));
    assert_eq!(hit(&mut faults, "getMe"), Some(FaultKind::Drop), "it was not used up before");
    assert!(faults.clear(None));
    assert_eq!(faults.strike("getMe", Known::Method, false, NOW), Strike::default());
}

#[test]
fn a_fault_of_one_chat_waits_for_the_body_and_others_do_not() {
    let mut faults = faults(&[json!({ "kind": "drop", "chat": 1001 }), json!({ "kind": "hang", "skip": 1 })]);
    let mut strike = |known| faults.strike("sendMessage", known, false, NOW).fault;
    for (known, fault) in [
        (Known::Method, None),
        (Known::Body(None), None),
        (Known::Body(Some(1002)), None),
        (IN_1001, Some(FaultKind::Drop)),
        (Known::Method, Some(FaultKind::Hang)),
    ] {
        assert_eq!(strike(known), fault, "{known:?}");
    }
}

#[test]
fn what_has_struck_a_call_is_not_followed_by_another() {
    let mut faults = faults(&[json!({ "kind": "drop", "chat": 1001, "calls": 1 })]);
    assert_eq!(faults.strike("sendMessage", IN_1001, true, NOW), Strike::default());
    assert_eq!(faults.list()[0].hits, 0, "it is kept for the next one");
    assert_eq!(faults.strike("sendMessage", IN_1001, false, NOW).fault, Some(FaultKind::Drop));
}

#[test]
fn a_fault_has_its_time() {
    let mut faults = faults(&[json!({ "kind": "outage", "from_millis": 2_000, "until_millis": 7_000 })]);
    let mut strikes = |millis| faults.strike("getMe", Known::Method, false, later(millis)).fault.is_some();
    assert_eq!([0, 1_999, 2_000, 6_999, 7_000].map(&mut strikes), [false, false, true, true, false]);
    assert_eq!(faults.next_end(), Some(later(7_000)));
    assert!(!faults.expire(later(6_999)));
    assert!(faults.expire(later(7_000)) && faults.list().is_empty());
    assert_eq!(faults.next_end(), None);
}

#[test]
fn an_outage_stops_answers_to_what_was_asked_before_it() {
    let mut faults = faults(&[json!({ "kind": "drop" }), json!({ "kind": "outage", "from_millis": 100, "calls": 2 })]);
    let answer = |came, chat| Known::Answer { came: later(came), chat };
    let mut stopped = |known, has_struck, millis| {
        faults.strike("getUpdates", known, has_struck, later(millis)).fault == Some(FaultKind::Outage)
    };
    assert!(!stopped(answer(0, None), false, 99), "not yet");
    assert!(!stopped(answer(0, None), true, 100), "that one is lost already");
    assert!(stopped(answer(99, Some(1001)), false, 100));
    assert!(!stopped(answer(100, None), false, 200), "it was asked about that one at the beginning");
    assert!(stopped(answer(0, None), false, 200));
    assert!(!stopped(answer(0, None), false, 200), "it has hit all that it may");
}

/// Which of 200 calls are hit, and how late.
fn story(seed: u64, between: usize) -> Vec<(bool, u64)> {
    let mut faults = Faults::new(seed);
    for fault in [
        json!({ "kind": "drop", "method": "sendMessage", "probability": 0.3 }),
        json!({ "kind": "latency", "method": "sendMessage", "millis": 100, "up_to_millis": 200 }),
        json!({ "kind": "drop", "method": "getMe", "probability": 0.5 }),
    ] {
        faults.add(checked(&fault).unwrap(), NOW);
    }
    let mut call = |_| {
        for _ in 0..between {
            faults.strike("getMe", Known::Method, false, NOW);
        }
        let strike = faults.strike("sendMessage", Known::Method, false, NOW);
        (strike.fault.is_some(), u64::try_from(strike.delay.as_millis()).unwrap())
    };
    (0..200).map(&mut call).collect()
}

#[test]
fn the_same_seed_strikes_the_same_calls_whatever_else_is_called() {
    assert_eq!(story(7, 0), story(7, 0));
    assert_eq!(story(7, 0), story(7, 3));
    assert_ne!(story(7, 0), story(8, 0));
    let hits = story(7, 0).iter().filter(|(hit, _)| *hit).count();
    assert!((30..90).contains(&hits), "{hits} of 200 with a probability of 0.3");
    let delays: Vec<u64> = story(7, 0).into_iter().map(|(_, delay)| delay).collect();
    assert!(delays.iter().all(|delay| (100..=200).contains(delay)), "{delays:?}");
    assert!(delays.iter().any(|delay| *delay < 120) && delays.iter().any(|delay| *delay > 180), "{delays:?}");
}

#[test]
fn a_seed_of_its_own_wins_over_the_worlds() {
    let fault = json!({ "kind": "drop", "probability": 0.5, "seed": 42 });
    let strikes = |seed| {
        let mut faults = Faults::new(seed);
        faults.add(checked(&fault).unwrap(), NOW);
        (0..64).map(|_| hit(&mut faults, "getMe").is_some()).collect::<Vec<bool>>()
    };
    assert_eq!(strikes(1), strikes(2));
}

#[test]
fn certain_and_impossible_are_what_they_say() {
    let mut certain = faults(&[json!({ "kind": "drop", "probability": 1 })]);
    let mut never = faults(&[json!({ "kind": "drop", "probability": 0.0, "calls": 1 })]);
    assert!((0..500).all(|_| hit(&mut certain, "getMe").is_some()));
    assert!((0..500).all(|_| hit(&mut never, "getMe").is_none()));
}

#[test]
fn wrong_faults_are_refused_with_a_sentence() {
    for (fault, sentence) in [
        (json!([]), "a fault is an object such as {\"kind\": \"drop\", \"method\": \"sendMessage\"}"),
        (json!({}), "`kind` is missing; it is one of `latency`, `hang`, `drop`, "),
        (
            json!({ "kind": "latancy" }),
            "there is no kind of fault `latancy`; did you mean `latency`? There are `latency`",
        ),
        (json!({ "kind": "latency" }), "`latency` needs `millis`, a whole number from 0 to 86400000"),
        (json!({ "kind": "latency", "millis": -1 }), "`millis` must be a whole number from 0 to 86400000, and is -1"),
        (
            json!({ "kind": "latency", "millis": 9, "up_to_millis": 9 }),
            "`up_to_millis` (9) must be more than `millis` (9)",
        ),
        (json!({ "kind": "too_many_requests" }), "`too_many_requests` needs `retry_after`, a whole number from 1"),
        (
            json!({ "kind": "server_error", "status": 404 }),
            "`status` must be a whole number from 500 to 599, and is 404",
        ),
        (json!({ "kind": "slow_body", "millis": 0 }), "`millis` must be a whole number from 1 to 86400000, and is 0"),
        (json!({ "kind": "drop", "status": 500 }), "`drop` has no field `status`; it may have `method`, `chat`, "),
        (json!({ "kind": "drop", "metod": "x" }), "`drop` has no field `metod`; did you mean `method`? It may have"),
        (json!({ "kind": "drop", "probability": 2 }), "`probability` must be a number from 0 to 1, and is 2"),
        (json!({ "kind": "drop", "probability": -0.1 }), "`probability` must be a number from 0 to 1, and is -0.1"),
        (
            json!({ "kind": "drop", "probability": "often" }),
            "`probability` must be a number from 0 to 1, and is \"often\"",
        ),
        (
            json!({ "kind": "outage", "from_millis": 5_000, "until_millis": 5_000 }),
            "`until_millis` (5000) must be later than `from_millis` (5000)",
        ),
        (json!({ "kind": "outage", "until_millis": 0 }), "`until_millis` (0) must be later than `from_millis` (0)"),
        (
            json!({ "kind": "drop", "method": "sendMesage" }),
            "Telegram has no method `sendMesage`; did you mean `sendMessage`?",
        ),
        (json!({ "kind": "drop", "method": "downlod" }), "Telegram has no method `downlod`; did you mean `download`?"),
        (json!({ "kind": "drop", "method": "xyzzy" }), "Telegram has no method `xyzzy`"),
        (
            json!({ "kind": "drop", "method": 7 }),
            "`method` must be the name of a method, such as \"sendMessage\", and is 7",
        ),
        (json!({ "kind": "drop", "chat": "anna" }), "`chat` must be the id of a chat, a whole number, and is \"anna\""),
        (
            json!({ "kind": "drop", "chat": 1001, "method": "GETUPDATES" }),
            "getUpdates has no chat_id, so that a fault with `chat` would never hit it",
        ),
        (
            json!({ "kind": "drop", "chat": 1001, "method": "download" }),
            "download has no chat_id, so that a fault with `chat` would never hit it",
        ),
        (json!({ "kind": "drop", "calls": 0 }), "`calls` must be a whole number from 1 to 4294967295, and is 0"),
        (json!({ "kind": "drop", "after": "yes" }), "`after` must be true or false, and is \"yes\""),
    ] {
        let said = checked(&fault).unwrap_err().to_string();
        assert!(said.starts_with(sentence), "{fault}: {said}");
    }
}

#[test]
fn every_kind_is_read_as_it_is_written() {
    let latency = FaultKind::Latency { millis: 5, up_to_millis: Some(9) };
    for (kind, fields) in [
        (FaultKind::latency(3), json!({})),
        (latency, json!({ "method": "sendDocument", "chat": -100_123, "after": true })),
        (FaultKind::Hang, json!({ "calls": 3, "skip": 2 })),
        (FaultKind::Drop, json!({ "from_millis": 5, "until_millis": 6 })),
        (FaultKind::TooManyRequests { retry_after: 3 }, json!({ "probability": 0.25, "seed": 9 })),
        (FaultKind::ServerError { status: 502 }, json!({ "method": "sendPhoto", "chat": 5 })),
        (FaultKind::Unauthorized, json!({})),
        (FaultKind::Conflict, json!({})),
        (FaultKind::Truncated, json!({ "method": "download" })),
        (FaultKind::SlowBody { millis: 300 }, json!({})),
        (FaultKind::Outage, json!({})),
    ] {
        let mut written = serde_json::to_value(&kind).unwrap();
        written.as_object_mut().unwrap().append(&mut fields.as_object().unwrap().clone());
        let read = checked(&written).unwrap();
        assert_eq!(read.kind, kind);
        assert_eq!(serde_json::to_value(read).unwrap(), written, "nothing was lost");
    }
}

#[test]
fn every_kind_and_field_is_explained() {
    let page = include_str!("../../../README.md");
    for (kind, own) in checked::KINDS {
        let line =
            page.lines().find(|line| line.starts_with(&format!("| `{kind}`"))).unwrap_or_else(|| panic!("{kind}"));
        assert!(own.iter().all(|field| line.contains(&format!("`{field}`"))), "{line}");
    }
    for field in checked::COMMON.iter().filter(|field| **field != "seed") {
        assert!(page.lines().any(|line| line.starts_with("| `") && line.contains(&format!("`{field}`"))), "{field}");
    }
}
