//! How much bots may send, as Telegram limits it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bot::{Answer, Bot, Scene, scene_of};
use crate::chats::Control;

/// Anna has said /start to a bot that is limited.
async fn started_scene() -> Scene {
    let scene = crate::bot::started_scene().await;
    scene.control.flood_limits(true).await.unwrap();
    scene
}

/// Sends until it is told to wait; how many messages went out, and the refusal.
async fn until_refused(bot: &Bot, method: &str, parameters: Value) -> (usize, Answer) {
    for sent in 0..100 {
        let answer = bot.call(method, parameters.clone()).await;
        if answer.status != 200 {
            return (sent, answer);
        }
    }
    panic!("{method} was never refused");
}

#[track_caller]
fn seconds(answer: &Answer) -> u64 {
    let seconds = answer.body["parameters"]["retry_after"].as_u64().unwrap();
    assert_eq!(answer.error(), (429, format!("Too Many Requests: retry after {seconds}").as_str()));
    assert_eq!(answer.headers["retry-after"], seconds.to_string().as_str());
    seconds
}

fn to_anna() -> Value {
    json!({ "chat_id": 1001, "text": "x" })
}

#[tokio::test]
async fn a_burst_in_a_chat_passes_and_whoever_goes_on_is_told_when() {
    let scene = started_scene().await;
    let (sent, refused) = until_refused(&scene.bot, "sendMessage", to_anna()).await;
    assert_eq!(sent, 20);
    let seconds = seconds(&refused);
    assert!((10..=20).contains(&seconds), "{seconds}");
    let shown = scene.anna.chat().await.unwrap().len();
    assert_eq!(shown, 21, "what was refused was not sent");
    scene.control.advance(Duration::from_secs(seconds)).await.unwrap();
    scene.bot.call("sendMessage", to_anna()).await.result();
}

#[tokio::test]
async fn only_what_telegram_would_send_counts() {
    let scene = started_scene().await;
    for _ in 0..30 {
        assert_eq!(scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "" })).await.status, 400);
        scene.bot.call("sendChatAction", json!({ "chat_id": 1001, "action": "typing" })).await.result();
    }
    assert_eq!(until_refused(&scene.bot, "sendMessage", to_anna()).await.0, 20);
    let edit = json!({ "chat_id": 1001, "message_id": 2, "text": "y" });
    scene.bot.call("editMessageText", edit).await.result();
    assert_eq!(scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "" })).await.status, 400);
}

#[tokio::test]
async fn whatever_sends_counts() {
    for method in ["copyMessage", "forwardMessage"] {
        let scene = started_scene().await;
        let parameters = json!({ "chat_id": 1001, "from_chat_id": 1001, "message_id": 1 });
        assert_eq!(until_refused(&scene.bot, method, parameters).await.0, 20, "{method}");
    }
    let several = json!({ "chat_id": 1001, "from_chat_id": 1001, "message_ids": [1, 2, 3] });
    for method in ["copyMessages", "forwardMessages"] {
        let scene = started_scene().await;
        for _ in 0..2 {
            scene.bot.call("sendMessage", to_anna()).await.result();
        }
        assert_eq!(until_refused(&scene.bot, method, several.clone()).await.0, 6, "{method}: 2 and six times 3");
    }
    let scene = started_scene().await;
    scene.anna.sends("a.bin", "a").await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({})).await.result();
    let file = &updates[0]["message"]["document"]["file_id"];
    let one = json!({ "type": "document", "media": file });
    let album = json!({ "chat_id": 1001, "media": vec![one; 10] });
    assert_eq!(until_refused(&scene.bot, "sendMediaGroup", album).await.0, 2);
    scene.control.advance(Duration::from_secs(20)).await.unwrap();
    let document = json!({ "chat_id": 1001, "document": file });
    assert_eq!(until_refused(&scene.bot, "sendDocument", document).await.0, 20);
}

#[tokio::test]
async fn a_group_gets_twenty_a_minute_and_a_channel_is_a_chat() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    for (kind, status, within) in
        [("group", "member", 50..=60), ("supergroup", "member", 50..=60), ("channel", "administrator", 10..=20)]
    {
        let chat = control.room(kind, status).await;
        let (sent, refused) = until_refused(&scene.bot, "sendMessage", json!({ "chat_id": chat, "text": "x" })).await;
        assert_eq!(sent, 20, "{kind}");
        let seconds = seconds(&refused);
        assert!(within.contains(&seconds), "{kind}: {seconds}");
        scene.control.advance(Duration::from_secs(2)).await.unwrap();
    }
}

/// A bot that ten people have started.
async fn crowd(flood_limits: bool) -> Scene {
    let options = natrium_sim::Options { flood_limits, ..natrium_sim::Options::default() };
    let scene = scene_of(options).await;
    for id in 1..=10 {
        scene.control.user(id, "Somebody").await.unwrap().says("/start").await.unwrap();
    }
    scene
}

/// Four messages to each of them; how many were refused.
async fn broadcast(scene: &Scene) -> usize {
    let mut refused = 0;
    for number in 0..40 {
        let answer = scene.bot.call("sendMessage", json!({ "chat_id": number % 10 + 1, "text": "x" })).await;
        refused += usize::from(answer.status == 429);
    }
    refused
}

#[tokio::test]
async fn limits_can_be_ended_and_kept_again() {
    let scene = crowd(true).await;
    assert!(scene.control.state().await.unwrap().flood_limits);
    scene.control.flood_limits(false).await.unwrap();
    assert!(!scene.control.state().await.unwrap().flood_limits);
    assert_eq!((broadcast(&scene).await, broadcast(&scene).await, broadcast(&scene).await), (0, 0, 0));
    scene.control.reset().await.unwrap();
    assert!(!scene.control.state().await.unwrap().flood_limits, "a reset does not bring them back");
    scene.anna.says("/start").await.unwrap_err();
    let anna = scene.control.user(1001, "Anna").await.unwrap();
    anna.says("/start").await.unwrap();
    scene.control.flood_limits(true).await.unwrap();
    assert_eq!(until_refused(&scene.bot, "sendMessage", to_anna()).await.0, 20);

    let scene = crowd(false).await;
    assert_eq!((broadcast(&scene).await, broadcast(&scene).await, broadcast(&scene).await), (0, 0, 0));
}
