//! Tokens and secrets are told nobody but those whom they are for.

use std::time::Duration;

use natrium_sim::Options;
use natrium_sim::control::{Condition, NewBot, Revoke};
use serde_json::json;

use crate::bot::{Bot, Scene, scene};
use crate::hook::Hook;

const SECRET: &str = "s-e_C3-of-the-webhook";

/// All that people are told: calls, state, and events until now.
async fn told(scene: &Scene, events: &mut reqwest::Response) -> String {
    let mut told = String::new();
    for path in ["calls", "state"] {
        let url = format!("{}/control/{path}", scene.telegram.url());
        told.push_str(&reqwest::get(url).await.unwrap().text().await.unwrap());
    }
    scene.control.user(77_001, "The last one").await.unwrap();
    while !told.ends_with("The last one\"}}\n\n") {
        let chunk = events.chunk().await.unwrap().unwrap();
        told.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    told
}

#[tokio::test]
async fn a_webhook_whose_address_has_the_token_is_told_without_it() {
    let scene = scene().await;
    let token = scene.telegram.token().to_owned();
    let secret_of = |token: &str| token.split_once(':').unwrap().1.to_owned();
    let second = "77:the-token-of-another-bot";
    scene.control.add_bot(NewBot { token: second.into(), username: None, first_name: None }).await.unwrap();
    let mut events = reqwest::get(format!("{}/control/events", scene.telegram.url())).await.unwrap();
    let hook = Hook::content().await;
    let url = format!("{}/{token}/x12{}?again={second}", hook.url, token.replace(':', "%3A"));
    let set = scene.bot.call("setWebhook", json!({ "url": url, "secret_token": SECRET })).await;
    assert_eq!(set.body["ok"], json!(true), "{}", set.body);
    let info = scene.bot.call("getWebhookInfo", json!({})).await.result();
    assert_eq!(info["url"], json!(url), "the bot itself is told all of it");
    scene.anna.says("hello").await.unwrap();
    assert!(hook.came(1).await[0].uri.path().contains(&token), "and so is its server");
    let delivered = Condition::Calls { method: "webhook".to_owned(), at_least: 1, status: Some(200), after: 0 };
    scene.control.wait(delivered, "a delivery").await.unwrap();
    let long = format!("{}{token}", "x".repeat((16 << 10) - 20));
    scene.bot.call(&format!("noSuch{token}"), json!({ "text": long, token.clone(): { "a": [token.clone()] } })).await;
    let told = told(&scene, &mut events).await;
    for secret in [&secret_of(&token), &secret_of(second), SECRET] {
        assert_eq!(told.matches(secret).count(), 0, "{secret} in {told}");
    }
    assert!(!told.contains("SIMULATED"), "nor a part of it: {told}");
    assert!(told.contains(&format!("{}/…/x12…?again=…", hook.url)), "the rest of it is: {told}");
}

#[tokio::test]
async fn what_is_written_for_people_who_debug_shows_no_token() {
    let token = "4242:deadbeef-and-more";
    let options = Options { tokens: vec![token.into()], ..Options::default() };
    let written = [
        format!("{options:?}"),
        format!("{:?}", natrium_sim::Simulator::start(options).await.unwrap()),
        format!("{:?}", NewBot { token: token.into(), username: None, first_name: None }),
        format!("{:?}", Revoke { bot: None, token: Some(token.into()) }),
    ];
    for text in written {
        assert!(!text.contains("deadbeef"), "{text}");
    }
}

#[tokio::test]
async fn a_revoked_token_is_told_nobody_either() {
    let scene = scene().await;
    let hook = Hook::content().await;
    let token = scene.telegram.token().to_owned();
    scene.bot.call("setWebhook", json!({ "url": format!("{}/{token}", hook.url) })).await.result();
    scene.control.revoke(Revoke { bot: None, token: Some("5550001111:the-new-one".into()) }).await.unwrap();
    scene.control.advance(Duration::from_secs(1)).await.unwrap();
    let renewed = Bot::new(&scene.telegram.url(), "5550001111:the-new-one");
    renewed.call("getMe", json!({})).await.result();
    let told = reqwest::get(format!("{}/control/calls", scene.telegram.url())).await.unwrap().text().await.unwrap();
    assert!(!told.contains("SIMULATED") && !told.contains("the-new-one"), "{told}");
}
