//! The world without a network: people on one side, API calls on the other, time by hand.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use serde_json::{Value, json};

use super::polling::PollRequest;
use super::token::Token;
use super::*;
use crate::api::{self, ApiCall, ApiError, Parameters, Reply};
use crate::control::{Condition, MessagePattern, NewUser, Press};

const BOT: i64 = 77;
const ANNA: ChatKey = ChatKey::Private { bot: BOT, user: 1001 };
const NOW: Millis = Millis(1_800_000_000_000);

fn world() -> World {
    let mut world = World::new(7);
    world.add_bot(&Token::parse("77:secret").unwrap(), None, None);
    let anna = NewUser {
        id: 1001,
        first_name: "Anna".into(),
        last_name: None,
        username: None,
        language_code: None,
        note: None,
        started: true,
    };
    world.put_user(anna).unwrap();
    world
}

fn call(world: &mut World, method: &str, parameters: Value, now: Millis) -> Result<Value, ApiError> {
    let mut decoded = Parameters::default();
    for (name, value) in parameters.as_object().unwrap() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        decoded.add(name.clone(), text);
    }
    let call = ApiCall::new(BOT, &decoded, now);
    match api::perform(world, &api::find(method).unwrap(), &call)? {
        Reply::Done(result, _) => Ok(result),
        Reply::Poll(id) => Ok(json!(id)),
    }
}

#[test]
fn the_same_seed_makes_the_same_world() {
    let story = || {
        let mut world = world();
        world.say(ANNA, 1001, "/start", None, NOW).unwrap();
        let markup = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
        let parameters = json!({ "chat_id": 1001, "text": "Sure?", "reply_markup": markup });
        call(&mut world, "sendMessage", parameters, NOW).unwrap();
        world.press(ANNA, 1001, &Press { text: Some("Yes".into()), ..Press::default() }, NOW).unwrap();
        let queue = &mut world.bots.get_mut(&BOT).unwrap().queue;
        queue.take(0, 100, NOW)
    };
    assert_eq!(story(), story());
    assert_eq!(story().len(), 2);
}

#[test]
fn an_update_wakes_the_waiting_poll() {
    let mut world = world();
    let request = PollRequest::clamped(0, None, 50);
    let poll = world.begin_poll(BOT, request, NOW);
    assert!(world.finished_polls.is_empty());
    world.say(ANNA, 1001, "hi", None, NOW + Duration::from_secs(1)).unwrap();
    let due = world.next_deadline(NOW).unwrap();
    assert!(due <= NOW + Duration::from_millis(1_002));
    world.tick(due);
    assert!(
        matches!(&world.finished_polls[..], [(id, PollOutcome::Updates(updates))] if *id == poll && updates.len() == 1)
    );
}

#[test]
fn the_second_conflict_under_a_webhook_is_late_too() {
    let mut world = world();
    call(&mut world, "setWebhook", json!({ "url": "http://127.0.0.1:9/" }), NOW).unwrap();
    for _ in 0..2 {
        call(&mut world, "getUpdates", json!({}), NOW).unwrap();
    }
    assert_eq!(world.finished_polls.len(), 1);
    world.tick(NOW + Duration::from_millis(2_999));
    assert_eq!(world.finished_polls.len(), 1);
    world.tick(NOW + Duration::from_secs(3));
    assert_eq!(world.finished_polls.len(), 2);
}

#[test]
fn a_poller_is_counted_until_it_has_its_answer() {
    let mut world = world();
    let first = world.begin_poll(BOT, PollRequest::clamped(1, None, 50), NOW);
    let second = world.begin_poll(BOT, PollRequest::clamped(2, None, 50), NOW);
    let (id, outcome) = world.finished_polls.remove(0);
    assert!(id == first && matches!(outcome, PollOutcome::Conflict(_)));
    world.end_poll(first, true);
    world.end_poll(second, false);
    let counters = world.counters();
    assert_eq!((counters.pollers, counters.pollers_max, counters.conflicts), (0, 2, 1));
    assert!(world.meets(&Condition::Polling { bot: None }).is_none(), "a poll whose client is gone does not count");
}

#[test]
fn an_edit_is_found_by_what_it_was_and_by_what_it_is() {
    let mut world = world();
    call(&mut world, "sendMessage", json!({ "chat_id": 1001, "text": "one" }), NOW).unwrap();
    let moment = world.moment;
    call(&mut world, "editMessageText", json!({ "chat_id": 1001, "message_id": 1, "text": "two" }), NOW).unwrap();
    let finds = |contains: &str, ever: bool, after: u64| {
        let matching = MessagePattern { contains: Some(contains.into()), ever, after, ..MessagePattern::default() };
        world.meets(&Condition::Message { user: Some(1001), chat: None, matching }).is_some()
    };
    assert!(finds("one", true, 0));
    assert!(!finds("one", false, 0));
    assert!(finds("two", false, moment));
    assert!(!finds("one", true, moment), "that was before");
}

#[test]
fn a_fresh_world_keeps_bots_and_goes_on_counting() {
    let mut world = world();
    world.say(ANNA, 1001, "one", None, NOW).unwrap();
    let id = |world: &mut World| world.bots[&BOT].queue.after(0).unwrap().id;
    let before = id(&mut world);
    let mut fresh = world.emptied();
    assert!(fresh.users.is_empty() && fresh.chats.is_empty());
    assert_eq!(fresh.bot_by_token(&Token::parse("77:secret").unwrap()), Some(BOT));
    let moment = fresh.moment;
    assert!(moment > world.moment);
    let anna = NewUser {
        id: 1001,
        first_name: "Anna".into(),
        last_name: None,
        username: None,
        language_code: None,
        note: None,
        started: false,
    };
    fresh.put_user(anna).unwrap();
    let sent = fresh.say(ANNA, 1001, "two", None, NOW).unwrap();
    assert_eq!(id(&mut fresh), before + 1);
    assert_eq!(sent.message_id, 2, "as the chat was cleared, not the account");
}

#[test]
fn a_week_without_updates_begins_their_ids_anew() {
    let mut world = world();
    let mut next = |days: u64| {
        let now = NOW + Duration::from_hours(24 * days);
        world.say(ANNA, 1001, "hello", None, now).unwrap();
        world.bots[&BOT].queue.after(0).unwrap().id
    };
    let (first, same, anew) = (next(0), next(1), next(9));
    assert_eq!(same, first, "it is the oldest one that waits");
    assert!((anew - first).abs() > 1_000, "{first}, then {anew}");
}

#[test]
fn a_server_that_stops_answers_polls_and_begins_nothing() {
    let mut world = world();
    let request = PollRequest::clamped(0, None, 50);
    let poll = world.begin_poll(BOT, request, NOW);
    assert!(world.finished_polls.is_empty());
    world.close(NOW);
    assert_eq!(world.finished_polls, [(poll, PollOutcome::Updates(vec![]))]);
    let refused = world.admit(&Token::parse("77:secret").unwrap(), NOW).unwrap_err();
    assert_eq!((refused.code, refused.description.as_str()), (500, "Internal Server Error: restart"));
}
