use std::time::Duration;

use serde_json::{Value, json};

use crate::bot::scene;

const CONFLICT: &str =
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";

fn texts(updates: &Value) -> Vec<&str> {
    updates.as_array().unwrap().iter().filter_map(|update| update["message"]["text"].as_str()).collect()
}

fn first_id(updates: &Value) -> i64 {
    updates[0]["update_id"].as_i64().unwrap()
}

#[tokio::test]
async fn updates_come_again_until_an_offset_confirms_them() {
    let scene = scene().await;
    for text in ["one", "two", "three"] {
        scene.anna.says(text).await.unwrap();
    }
    let updates = scene.bot.call("getUpdates", json!({})).await.result();
    assert_eq!(texts(&updates), ["one", "two", "three"]);
    let first = first_id(&updates);
    assert_eq!(updates[1]["update_id"], json!(first + 1));
    let updates = scene.bot.call("getUpdates", json!({ "offset": first + 1 })).await.result();
    assert_eq!(texts(&updates), ["two", "three"]);
    let updates = scene.bot.call("getUpdates", json!({ "offset": -1 })).await.result();
    assert_eq!(texts(&updates), ["three"], "the rest is forgotten");
    let updates = scene.bot.call("getUpdates", json!({ "limit": "1" })).await.result();
    assert_eq!(texts(&updates), ["three"], "numbers may be strings");
    scene.bot.call("getUpdates", json!({ "offset": first + 3 })).await.result();
    scene.control.confirmed().await.unwrap();
}

#[tokio::test]
async fn a_waiting_poll_is_answered_when_an_update_comes() {
    let scene = scene().await;
    let poll = scene.bot.poll(json!({ "timeout": 30 }));
    scene.control.polling().await.unwrap();
    scene.anna.says("hello").await.unwrap();
    let answer = poll.await.unwrap();
    assert!(answer.took < Duration::from_secs(10), "{:?}", answer.took);
    let updates = answer.result();
    assert_eq!(texts(&updates), ["hello"]);
    let message = &updates[0]["message"];
    assert_eq!(message["chat"], json!({ "id": 1001, "type": "private", "first_name": "Anna" }));
    assert_eq!(message["from"], json!({ "id": 1001, "is_bot": false, "first_name": "Anna" }));
    assert!(message["date"].is_u64());
    assert!(message.get("reply_markup").is_none(), "absent fields are left out");
}

#[tokio::test]
async fn a_poll_without_updates_ends_after_its_timeout() {
    let scene = scene().await;
    let answer = scene.bot.call("getUpdates", json!({ "timeout": 1 })).await;
    assert!(answer.took >= Duration::from_secs(1) && answer.took < Duration::from_secs(3), "{:?}", answer.took);
    assert_eq!(answer.result(), json!([]));
}

#[tokio::test]
async fn two_pollers_fight_as_on_telegram() {
    let scene = scene().await;
    let first = scene.bot.poll(json!({ "timeout": 50 }));
    scene.control.polling().await.unwrap();
    let second = scene.bot.poll(json!({ "timeout": 50 }));

    let answer = first.await.unwrap();
    assert_eq!(answer.error(), (409, CONFLICT), "the one that came first is told, at once");
    let third = scene.bot.poll(json!({ "timeout": 50 }));
    let answer = second.await.unwrap();
    assert_eq!(answer.error(), (409, CONFLICT));
    assert!(answer.took >= Duration::from_millis(2_500), "the next conflict is told late, after {:?}", answer.took);

    scene.anna.says("who gets it?").await.unwrap();
    assert_eq!(texts(&third.await.unwrap().result()), ["who gets it?"], "the last one goes on waiting");
    let counters = scene.control.counters().await.unwrap();
    assert_eq!((counters.conflicts, counters.pollers_max, counters.pollers), (2, 2, 0));
}

#[tokio::test]
async fn pollers_that_find_something_do_not_conflict_but_steal() {
    let scene = scene().await;
    scene.anna.says("one").await.unwrap();
    scene.anna.says("two").await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({ "timeout": 50 })).await.result();
    let next = first_id(&updates) + 1;
    let other = scene.bot.call("getUpdates", json!({ "offset": next, "timeout": 50 })).await.result();
    assert_eq!(texts(&other), ["two"]);
    let again = scene.bot.call("getUpdates", json!({ "offset": 0, "timeout": 50 })).await.result();
    assert_eq!(texts(&again), ["two"], "the other one has confirmed the first update");
    assert_eq!(scene.control.counters().await.unwrap().conflicts, 0);
}

#[tokio::test]
async fn a_poll_whose_client_is_gone_is_nobodys_conflict() {
    let scene = scene().await;
    let gone = scene.bot.poll(json!({ "timeout": 50 }));
    scene.control.polling().await.unwrap();
    gone.abort();
    let calls =
        natrium_sim::control::Condition::Calls { method: "getUpdates".to_owned(), at_least: 1, status: None, after: 0 };
    scene.control.wait(calls, "the poll").await.unwrap();
    let noticed = async {
        while scene.control.counters().await.unwrap().pollers > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), noticed)
        .await
        .expect("the simulator notices that the client is gone");
    let next = scene.bot.poll(json!({ "timeout": 50 }));
    scene.control.polling().await.unwrap();
    scene.anna.says("hello").await.unwrap();
    assert_eq!(texts(&next.await.unwrap().result()), ["hello"]);
    assert_eq!(scene.control.counters().await.unwrap().conflicts, 0);
    let calls = scene.control.calls(Some("getUpdates")).await.unwrap();
    assert!(calls[0].abandoned && calls[0].status.is_none());
}

#[tokio::test]
async fn the_same_offset_again_does_not_spin() {
    let scene = scene().await;
    scene.bot.call("getUpdates", json!({ "timeout": 0 })).await.result();
    let answer = scene.bot.call("getUpdates", json!({ "timeout": 0 })).await;
    assert!(answer.took >= Duration::from_millis(2_900), "{:?}", answer.took);
}

#[tokio::test]
async fn allowed_updates_are_remembered() {
    let scene = scene().await;
    scene.bot.call("getUpdates", json!({ "allowed_updates": ["callback_query"] })).await.result();
    scene.anna.says("not wanted").await.unwrap();
    scene.bot.call("getUpdates", json!({ "allowed_updates": "no JSON", "offset": 1 })).await.result();
    scene.anna.says("not wanted either").await.unwrap();
    let info = scene.bot.call("getWebhookInfo", json!({})).await.result();
    assert_eq!((&info["pending_update_count"], &info["allowed_updates"]), (&json!(0), &json!(["callback_query"])));
    scene.bot.call("getUpdates", json!({ "allowed_updates": [], "offset": 2 })).await.result();
    scene.anna.says("wanted").await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({ "offset": 0 })).await.result();
    assert_eq!(texts(&updates), ["wanted"]);
}

#[tokio::test]
async fn an_update_waits_a_day() {
    let scene = scene().await;
    scene.anna.says("yesterday").await.unwrap();
    scene.control.advance(Duration::from_secs(86_300)).await.unwrap();
    scene.anna.says("today").await.unwrap();
    assert_eq!(texts(&scene.bot.call("getUpdates", json!({})).await.result()), ["yesterday", "today"]);
    scene.control.advance(Duration::from_secs(200)).await.unwrap();
    assert_eq!(texts(&scene.bot.call("getUpdates", json!({})).await.result()), ["today"]);
}

#[tokio::test]
async fn a_reset_ends_waiting_polls_and_update_ids_go_on() {
    let scene = scene().await;
    scene.anna.says("before").await.unwrap();
    let before = first_id(&scene.bot.call("getUpdates", json!({})).await.result());
    let poll = scene.bot.poll(json!({ "timeout": 50, "offset": before + 1 }));
    scene.control.polling().await.unwrap();
    scene.control.reset().await.unwrap();
    assert_eq!(poll.await.unwrap().error(), (500, "Internal Server Error: restart"));
    let anna = scene.control.user(1001, "Anna").await.unwrap();
    anna.says("after").await.unwrap();
    assert_eq!(first_id(&scene.bot.call("getUpdates", json!({})).await.result()), before + 1);
}

#[tokio::test]
async fn a_waiting_poll_is_ended_by_a_webhook_that_turns_out_to_be_wrong() {
    for wrong in
        [json!({ "url": "ftp://example.org" }), json!({ "url": "http://127.0.0.1:9/hook", "secret_token": "a b" })]
    {
        let scene = scene().await;
        let poll = scene.bot.poll(json!({ "timeout": 50 }));
        scene.control.polling().await.unwrap();
        assert_eq!(scene.bot.call("setWebhook", wrong.clone()).await.status, 400, "{wrong}");
        scene.anna.says("too late").await.unwrap();
        assert_eq!(poll.await.unwrap().error(), (409, "Conflict: terminated by setWebhook request"), "{wrong}");
        assert_eq!(texts(&scene.bot.call("getUpdates", json!({})).await.result()), ["too late"], "there is no webhook");
    }
}

#[tokio::test]
async fn a_negative_offset_keeps_as_many_updates_however_their_ids_lie() {
    let scene = scene().await;
    scene.anna.says("/start").await.unwrap();
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "yes" }]] });
    let question = json!({ "chat_id": 1001, "text": "Really?", "reply_markup": keyboard });
    scene.bot.call("sendMessage", question).await.result();
    scene.anna.says("wait").await.unwrap();
    scene.anna.presses("Yes").await.unwrap();
    scene.anna.says("no").await.unwrap();
    scene.control.advance(Duration::from_secs(151)).await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({ "offset": -2 })).await.result();
    assert_eq!(texts(&updates), ["wait", "no"], "the press between them is out of date");
    let updates = scene.bot.call("getUpdates", json!({})).await.result();
    assert_eq!(texts(&updates), ["wait", "no"], "and the rest is forgotten");
}

#[tokio::test]
async fn a_poll_that_a_webhook_refuses_confirms_nothing() {
    let scene = scene().await;
    scene.anna.says("one").await.unwrap();
    let next = first_id(&scene.bot.call("getUpdates", json!({})).await.result()) + 1;
    // Nobody is there, so that the update stays.
    scene.bot.call("setWebhook", json!({ "url": "http://127.0.0.1:9/" })).await.result();
    for offset in [next, -1] {
        let refused = scene.bot.call("getUpdates", json!({ "offset": offset, "allowed_updates": ["poll"] })).await;
        assert_eq!(refused.status, 409, "{offset}");
    }
    scene.bot.call("deleteWebhook", json!({})).await.result();
    scene.anna.says("two").await.unwrap();
    assert_eq!(texts(&scene.bot.call("getUpdates", json!({})).await.result()), ["one", "two"]);
}
