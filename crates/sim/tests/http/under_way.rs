//! Calls that are under way: too many of them, a webhook that is set while another one is being set, and a server that stops.

use std::time::{Duration, Instant};

use natrium_sim::control::{FaultKind, NewFault};
use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::bot::{Scene, read, scene, started_scene};

/// The answers to the next calls of a method are late, or never come.
async fn held(scene: &Scene, kind: FaultKind, method: &str, calls: u32) {
    let fault = NewFault { method: Some(method.to_owned()), after: true, calls: Some(calls), ..kind.into() };
    scene.control.add_fault(fault).await.unwrap();
}

#[tokio::test]
async fn too_many_messages_that_are_not_sent_yet_are_refused_late() {
    let scene = started_scene().await;
    scene.control.flood_limits(true).await.unwrap();
    held(&scene, FaultKind::Hang, "sendMessage", 310).await;
    let message = json!({ "chat_id": 1001, "text": "x" });
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..310 {
        let (bot, message) = (scene.bot.clone(), message.clone());
        waiting.spawn(async move { bot.try_call("sendMessage", message).await.map(|answer| answer.status) });
    }
    let deadline = Instant::now() + Duration::from_secs(60);
    while scene.control.counters().await.unwrap().faults < 310 {
        assert!(Instant::now() < deadline, "they did not all arrive");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let refused = scene.bot.call("sendMessage", message.clone()).await;
    assert_eq!(refused.error(), (429, "Too Many Requests: retry after 60"));
    assert_eq!(refused.headers["retry-after"], "60");
    assert!(refused.took >= Duration::from_secs(3), "{:?}", refused.took);
    scene.control.flood_limits(false).await.unwrap();
    scene.bot.call("sendMessage", message).await.result();
}

#[tokio::test]
async fn files_of_the_same_size_are_spaced_out() {
    let scene = started_scene().await;
    scene.control.flood_limits(true).await.unwrap();
    let since = Instant::now();
    for number in 0..15 {
        let part = Part::bytes(vec![number; 150_000]).file_name("a.bin");
        let form = Form::new().text("chat_id", "1001").part("document", part);
        read(scene.bot.post("sendDocument").multipart(form)).await.unwrap().result();
    }
    assert!(since.elapsed() >= Duration::from_millis(1_700), "{:?}", since.elapsed());
}

/// Asks for a webhook whose answer is late, and waits until it is there.
async fn late_webhook(scene: &Scene, path: &str) -> tokio::task::JoinHandle<crate::bot::Answer> {
    held(scene, FaultKind::latency(120_000), "setWebhook", 1).await;
    let (bot, url) = (scene.bot.clone(), format!("http://127.0.0.1:9/{path}"));
    let wanted = url.clone();
    let setting = tokio::spawn(async move { bot.call("setWebhook", json!({ "url": url })).await });
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let state = scene.control.state().await.unwrap();
        if state.bots[0].webhook.as_ref().is_some_and(|webhook| webhook.url == wanted) {
            return setting;
        }
        assert!(Instant::now() < deadline, "it was not set");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_webhook_that_is_set_or_deleted_meanwhile_ends_the_first_request() {
    let scene = scene().await;
    let first = late_webhook(&scene, "one").await;
    scene.bot.call("deleteWebhook", json!({})).await.result();
    let told = first.await.unwrap();
    assert_eq!(told.error(), (409, "Conflict: terminated by other setWebhook"));
    assert!(told.took < Duration::from_secs(60), "at once");

    scene.control.advance(Duration::from_secs(5)).await.unwrap();
    let first = late_webhook(&scene, "two").await;
    let soon = scene.bot.call("setWebhook", json!({ "url": "http://127.0.0.1:9/three" })).await;
    assert_eq!(soon.error(), (429, "Too Many Requests: retry after 1"));
    assert!(!first.is_finished());
    scene.control.advance(Duration::from_secs(1)).await.unwrap();
    scene.bot.call("setWebhook", json!({ "url": "http://127.0.0.1:9/three" })).await.result();
    assert_eq!(first.await.unwrap().error(), (409, "Conflict: terminated by other setWebhook"));
    for call in scene.control.calls(Some("setWebhook")).await.unwrap() {
        let says = call.response.unwrap();
        assert_eq!(call.status == Some(200), says.contains(r#""ok":true"#), "the log tells what each was told: {says}");
    }
}

#[tokio::test]
async fn a_server_that_stops_answers_what_is_under_way() {
    let scene = started_scene().await;
    held(&scene, FaultKind::latency(120_000), "getChat", 1).await;
    let poll = scene.bot.poll(json!({ "timeout": 50 }));
    let bot = scene.bot.clone();
    let slow = tokio::spawn(async move { bot.call("getChat", json!({ "chat_id": 1001 })).await });
    scene.control.polling().await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while scene.control.counters().await.unwrap().faults == 0 {
        assert!(Instant::now() < deadline, "it did not arrive");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let address = scene.telegram.address();
    scene.telegram.close().await;
    assert_eq!(poll.await.unwrap().result(), json!([]));
    let told = slow.await.unwrap();
    assert_eq!(
        (told.error(), &told.body["parameters"]["retry_after"]),
        ((429, "Too Many Requests: retry after 5"), &json!(5))
    );
    tokio::net::TcpStream::connect(address).await.unwrap_err();
}
