use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use natrium_sim::control::Condition;
use serde_json::{Value, json};

use crate::bot::{Bot, Scene, scene, started_scene};
use crate::hook::{Hook, json, status};

/// Sets a webhook; an earlier one may have been set just now.
async fn set(scene: &Scene, parameters: Value) -> Value {
    scene.control.advance(Duration::from_secs(1)).await.unwrap();
    let answer = scene.bot.call("setWebhook", parameters).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

async fn info(bot: &Bot) -> Value {
    bot.call("getWebhookInfo", json!({})).await.result()
}

/// Waits until a delivery has been noted with this status.
async fn logged(scene: &Scene, at_least: usize, status: Option<u16>) {
    let deliveries = Condition::Calls { method: "webhook".to_owned(), at_least, status, after: 0 };
    scene.control.wait(deliveries, "deliveries").await.unwrap();
}

#[tokio::test]
async fn an_update_is_posted_with_the_secret() {
    let scene = scene().await;
    let hook = Hook::content().await;
    let url = format!("{}?bot=1", hook.url.replace("http://", "http://anna:pass@"));
    set(&scene, json!({ "url": url, "secret_token": "s-e_C3" })).await;
    scene.anna.says("hello").await.unwrap();
    let came = hook.came(1).await.remove(0);
    assert_eq!((came.method.as_str(), came.uri.to_string().as_str()), ("POST", "/hook?bot=1"));
    assert_eq!(came.headers["content-type"], "application/json");
    assert_eq!(came.headers["x-telegram-bot-api-secret-token"], "s-e_C3");
    assert_eq!(came.headers["authorization"], "Basic YW5uYTpwYXNz");
    assert_eq!(came.headers["host"], "127.0.0.1", "without the port, as Telegram writes it");
    assert_eq!(came.said(), "hello");
    assert!(came.update["update_id"].is_i64());
    assert!(came.text.contains(",\n\"message\":{"), "{}", came.text);
    scene.control.confirmed().await.unwrap();
    assert_eq!(info(&scene.bot).await["pending_update_count"], 0);
    let calls = scene.control.calls(Some("webhook")).await.unwrap();
    assert_eq!((calls.len(), calls[0].status, &calls[0].path), (1, Some(200), &url));
    assert!(calls[0].took.is_some() && calls[0].parameters["message"]["text"] == "hello");
    let view = scene.control.state().await.unwrap().bots[0].webhook.clone().unwrap();
    assert_eq!((view.delivered, view.failed, view.under_way, view.has_secret), (1, 0, 0, true));
}

#[tokio::test]
async fn without_a_secret_there_is_no_header() {
    let scene = scene().await;
    let hook = Hook::content().await;
    set(&scene, json!({ "url": hook.url })).await;
    scene.anna.says("hello").await.unwrap();
    let came = hook.came(1).await.remove(0);
    assert!(!came.headers.contains_key("x-telegram-bot-api-secret-token"));
}

#[tokio::test]
async fn what_waited_before_is_delivered_unless_it_is_dropped() {
    let scene = scene().await;
    let hook = Hook::content().await;
    scene.anna.says("dropped").await.unwrap();
    set(&scene, json!({ "url": hook.url, "drop_pending_updates": true })).await;
    scene.bot.call("deleteWebhook", json!({})).await.result();
    scene.anna.says("waited").await.unwrap();
    set(&scene, json!({ "url": hook.url })).await;
    assert_eq!(hook.came(1).await[0].said(), "waited");
}

#[tokio::test]
async fn one_chat_waits_for_its_answer_and_others_do_not() {
    let scene = scene().await;
    let hook = Hook::content().await;
    set(&scene, json!({ "url": hook.url })).await;
    let boris = scene.control.user(1002, "Boris").await.unwrap();
    scene.anna.says("first").await.unwrap();
    logged(&scene, 1, Some(200)).await;
    hook.open(false);
    for text in ["one", "two"] {
        scene.anna.says(text).await.unwrap();
        boris.says(text).await.unwrap();
    }
    let said =
        |came: Vec<crate::hook::Came>| -> Vec<String> { came.iter().map(|came| came.said().to_owned()).collect() };
    let mut first = said(hook.came(3).await);
    assert_eq!(first.split_off(1), ["one", "one"], "of either one");
    assert_eq!(scene.control.state().await.unwrap().bots[0].webhook.as_ref().unwrap().under_way, 2);
    hook.open(true);
    assert_eq!(said(hook.came(5).await)[3..], ["two", "two"]);
    scene.control.confirmed().await.unwrap();
}

#[tokio::test]
async fn what_fails_comes_again_and_is_told() {
    let scene = scene().await;
    let hook = Hook::new(|number, _| status(if number < 2 { 500 } else { 204 })).await;
    set(&scene, json!({ "url": hook.url })).await;
    scene.anna.says("hello").await.unwrap();
    let came = hook.came(3).await;
    assert!(came.iter().all(|again| again.text == came[0].text), "it is the same update");
    scene.control.confirmed().await.unwrap();
    let info = info(&scene.bot).await;
    assert_eq!(info["last_error_message"], "Wrong response from the webhook: 500 Internal Server Error");
    assert!(info["last_error_date"].is_u64());
    assert_eq!(info["pending_update_count"], 0);
    let calls = scene.control.calls(Some("webhook")).await.unwrap();
    let statuses: Vec<_> = calls.iter().map(|call| call.status.unwrap()).collect();
    assert_eq!(statuses, [500, 500, 204]);
    let since = |call: usize| calls[call].at.0 - calls[0].at.0;
    assert!(since(2) >= 2_000, "the first repetition is made at once, the second after two seconds: {}", since(2));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let scene = scene().await;
    let elsewhere = |_: usize, _: &crate::hook::Came| {
        Response::builder().status(302).header("location", "/other").body(Body::empty()).unwrap()
    };
    let hook = Hook::new(elsewhere).await;
    set(&scene, json!({ "url": hook.url })).await;
    scene.anna.says("hello").await.unwrap();
    let came = hook.came(2).await;
    assert!(came.iter().all(|came| came.uri.path() == "/hook"));
    assert_eq!(info(&scene.bot).await["last_error_message"], "Wrong response from the webhook: 302 Found");
}

#[tokio::test]
async fn retry_after_is_kept_to() {
    let scene = scene().await;
    let busy = |number: usize, _: &crate::hook::Came| {
        if number > 0 {
            return status(200);
        }
        Response::builder().status(429).header("retry-after", "600").body(Body::empty()).unwrap()
    };
    let hook = Hook::new(busy).await;
    set(&scene, json!({ "url": hook.url })).await;
    scene.anna.says("hello").await.unwrap();
    logged(&scene, 1, Some(429)).await;
    scene.control.advance(Duration::from_secs(300)).await.unwrap();
    assert_eq!(info(&scene.bot).await["pending_update_count"], 1);
    assert_eq!(hook.came(1).await.len(), 1, "half of the time is not enough");
    scene.control.advance(Duration::from_secs(300)).await.unwrap();
    hook.came(2).await;
    scene.control.confirmed().await.unwrap();
}

#[tokio::test]
async fn a_webhook_where_nobody_listens_is_told() {
    let scene = scene().await;
    let hook = Hook::content().await;
    let url = hook.url.clone();
    drop(hook);
    set(&scene, json!({ "url": url })).await;
    scene.anna.says("hello").await.unwrap();
    let refused = async {
        while info(&scene.bot).await["last_error_message"] != "Connection refused" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), refused).await.expect("it is told why");
    assert_eq!(info(&scene.bot).await["pending_update_count"], 1);
    let calls = scene.control.calls(Some("webhook")).await.unwrap();
    assert!(calls[0].status.is_none() && calls[0].abandoned, "{:?}", calls[0]);
}

#[tokio::test]
async fn only_what_is_allowed_is_delivered() {
    let scene = started_scene().await;
    let hook = Hook::content().await;
    set(&scene, json!({ "url": hook.url, "allowed_updates": ["callback_query"] })).await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
    scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "?", "reply_markup": keyboard })).await.result();
    scene.anna.says("not wanted").await.unwrap();
    scene.anna.presses("Yes").await.unwrap();
    let came = hook.came(1).await;
    assert_eq!(came[0].update["callback_query"]["data"], "y");
    assert_eq!(info(&scene.bot).await["allowed_updates"], json!(["callback_query"]));
}

#[tokio::test]
async fn an_answer_can_be_a_call() {
    let scene = scene().await;
    let echo = |number: usize, came: &crate::hook::Came| match number {
        0 => json(&json!({ "method": "SendMessage", "chat_id": 1001, "text": format!("You said {}", came.said()) })),
        1 => Response::builder()
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("method=sendMessage&chat_id=1001&text=a+form"))
            .unwrap(),
        2 => json(&json!({ "method": "deleteWebhook" })),
        3 => json(&json!({ "method": "getMe" })),
        4 => json(&json!({ "method": "sendDice", "chat_id": 1001 })),
        _ => status(200),
    };
    let hook = Hook::new(echo).await;
    set(&scene, json!({ "url": hook.url })).await;
    scene.anna.says("hello").await.unwrap();
    scene.anna.sees("You said hello").await.unwrap();
    scene.anna.says("again").await.unwrap();
    scene.anna.sees("a form").await.unwrap();
    for text in ["2", "3", "4", "5"] {
        scene.anna.says(text).await.unwrap();
    }
    hook.came(6).await;
    scene.control.called("sendDice", 1).await.unwrap();
    assert_eq!(info(&scene.bot).await["url"], json!(hook.url), "a webhook cannot delete itself");
    let calls = scene.control.calls(None).await.unwrap();
    let replies: Vec<_> = calls.iter().filter(|call| call.path.starts_with("(answer of the webhook)")).collect();
    let methods: Vec<_> = replies.iter().map(|call| (call.method.as_str(), call.status, call.unsimulated)).collect();
    assert_eq!(
        methods,
        [("sendMessage", Some(200), false), ("sendMessage", Some(200), false), ("sendDice", Some(501), true)]
    );
    assert!(replies.iter().all(|call| call.ignored.is_empty()), "{replies:?}");
}

#[tokio::test]
async fn a_webhook_excludes_polling() {
    let scene = scene().await;
    let poll = scene.bot.poll(json!({ "timeout": 50 }));
    scene.control.polling().await.unwrap();
    // Nothing is ever answered here, so that the update stays.
    let hook = Hook::content().await;
    hook.open(false);
    let url = hook.url.as_str();
    assert_eq!(set(&scene, json!({ "url": url })).await["description"], "Webhook was set");
    assert_eq!(poll.await.unwrap().error(), (409, "Conflict: terminated by setWebhook request"));
    assert_eq!(set(&scene, json!({ "url": url })).await["description"], "Webhook is already set");
    assert_eq!(
        set(&scene, json!({ "url": url, "secret_token": "x" })).await["description"],
        "Webhook was set",
        "anything else makes it another one"
    );

    scene.anna.says("waits").await.unwrap();
    assert_eq!(
        info(&scene.bot).await,
        json!({
            "url": url,
            "has_custom_certificate": false,
            "pending_update_count": 1,
            "max_connections": 40,
            "ip_address": "127.0.0.1",
        })
    );
    let refused = scene.bot.call("getUpdates", json!({})).await;
    assert_eq!(
        refused.error(),
        (
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    );
    let deleted = scene.bot.call("deleteWebhook", json!({})).await;
    assert_eq!(deleted.body["description"], "Webhook was deleted");
    let deleted = scene.bot.call("deleteWebhook", json!({})).await;
    assert_eq!(deleted.body["description"], "Webhook is already deleted");
    assert_eq!(scene.bot.call("getUpdates", json!({})).await.result().as_array().unwrap().len(), 1);
    assert_eq!(
        info(&scene.bot).await,
        json!({ "url": "", "has_custom_certificate": false, "pending_update_count": 1 })
    );
}

#[tokio::test]
async fn two_webhooks_within_a_second_are_too_many() {
    let scene = scene().await;
    set(&scene, json!({ "url": "http://127.0.0.1:9/" })).await;
    let again = scene.bot.call("setWebhook", json!({ "url": "http://127.0.0.1:9/" })).await;
    assert_eq!(again.error(), (429, "Too Many Requests: retry after 1"));
    assert_eq!(again.headers["retry-after"], "1");
    scene.bot.call("setWebhook", json!({ "url": "" })).await.result();
}

#[tokio::test]
async fn errors_of_set_webhook() {
    let scene = scene().await;
    scene.anna.says("lost").await.unwrap();
    scene.bot.call("deleteWebhook", json!({ "drop_pending_updates": true })).await.result();
    assert_eq!(info(&scene.bot).await["pending_update_count"], json!(0));
    let here = "http://127.0.0.1:9/hook";
    for (parameters, description) in [
        (
            json!({ "url": "http://example.org/hook" }),
            "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
        ),
        (
            json!({ "url": "https://example.org:8080/hook" }),
            "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        (json!({ "url": "ftp://example.org" }), "Bad Request: invalid webhook URL specified"),
        (json!({ "url": here, "ip_address": "x" }), "Bad Request: bad webhook: Invalid IP address specified"),
        (json!({ "url": here, "secret_token": "x".repeat(257) }), "Bad Request: secret token is too long"),
        (json!({ "url": here, "secret_token": "a b" }), "Bad Request: secret token contains unallowed characters"),
    ] {
        set(&scene, json!({ "url": here, "max_connections": 5 })).await;
        scene.control.advance(Duration::from_secs(1)).await.unwrap();
        let answer = scene.bot.call("setWebhook", parameters.clone()).await;
        assert_eq!(answer.error(), (400, description), "{parameters}");
        assert_eq!(info(&scene.bot).await["url"], "", "the old one is gone all the same");
    }
    set(&scene, json!({ "url": here, "secret_token": "x".repeat(256), "max_connections": 1000 })).await;
    assert_eq!(info(&scene.bot).await["max_connections"], 100);
}

#[tokio::test]
async fn webhooks_elsewhere_and_certificates_are_refused() {
    let scene = scene().await;
    let answer = scene.bot.call("setWebhook", json!({ "url": "https://example.org/hook" })).await;
    let sentence = "Not Implemented: natrium-sim does not simulate webhooks by HTTPS: it delivers to the loopback, by \
                    HTTP (http://127.0.0.1:PORT/PATH)";
    assert_eq!(answer.error(), (501, sentence));
    let answer = scene.bot.call("setWebhook", json!({ "url": "http://127.0.0.1:9/", "certificate": "x" })).await;
    assert_eq!(answer.status, 501);
    assert_eq!(scene.control.unsimulated().await.unwrap().len(), 2);
    assert_eq!(info(&scene.bot).await["url"], "");
}

#[tokio::test]
async fn a_webhook_that_is_gone_is_deleted_after_a_day() {
    let scene = scene().await;
    let gone = |_: usize, _: &crate::hook::Came| {
        Response::builder().status(410).header("retry-after", "3600").body(Body::empty()).unwrap()
    };
    let hook = Hook::new(gone).await;
    set(&scene, json!({ "url": hook.url })).await;
    scene.anna.says("hello").await.unwrap();
    hook.came(1).await;
    logged(&scene, 1, Some(410)).await;
    assert_eq!(info(&scene.bot).await["last_error_message"], "Wrong response from the webhook: 410 Gone");
    scene.control.advance(Duration::from_secs(23 * 3600 + 60)).await.unwrap();
    logged(&scene, 2, Some(410)).await;
    assert_eq!(info(&scene.bot).await["url"], "");
    assert_eq!(info(&scene.bot).await["pending_update_count"], 1, "its updates stay");
}

#[tokio::test]
async fn an_answer_to_a_webhook_that_was_replaced_confirms_nothing() {
    let scene = scene().await;
    let (old, new) = (Hook::content().await, Hook::content().await);
    old.open(false);
    new.open(false);
    set(&scene, json!({ "url": old.url })).await;
    scene.anna.says("hello").await.unwrap();
    old.came(1).await;
    set(&scene, json!({ "url": new.url })).await;
    assert_eq!(new.came(1).await[0].said(), "hello", "the new one gets it at once");
    old.open(true);
    logged(&scene, 1, Some(200)).await;
    assert_eq!(info(&scene.bot).await["pending_update_count"], 1, "that was the old one's answer");
    new.open(true);
    scene.control.confirmed().await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_an_error_is_no_call() {
    let scene = scene().await;
    let call = json!({ "method": "sendMessage", "chat_id": 1001, "text": "from an error" });
    let answering = move |number: usize, _: &crate::hook::Came| {
        let mut response = json(&call);
        if number == 0 {
            *response.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        }
        response
    };
    let hook = Hook::new(answering).await;
    set(&scene, json!({ "url": hook.url })).await;
    scene.anna.says("hello").await.unwrap();
    scene.control.called("sendMessage", 1).await.unwrap();
    let count = scene.anna.chat().await.unwrap().len();
    assert_eq!((hook.came(2).await.len(), count), (2, 2), "said once, by the second answer");
}

#[tokio::test]
async fn a_webhook_that_is_there_already_takes_other_wishes() {
    let scene = scene().await;
    let url = "http://127.0.0.1:9/hook";
    set(&scene, json!({ "url": url })).await;
    let again = set(&scene, json!({ "url": url, "allowed_updates": ["MESSAGE", "poll"] })).await;
    assert_eq!(again["description"], "Webhook is already set");
    assert_eq!(info(&scene.bot).await["allowed_updates"], json!(["message", "poll"]), "names in any case");
    let refused = scene.bot.call("getUpdates", json!({ "allowed_updates": ["callback_query"] })).await;
    assert_eq!(refused.status, 409);
    assert_eq!(info(&scene.bot).await["allowed_updates"], json!(["message", "poll"]), "a refused poll changes nothing");
}

#[tokio::test]
async fn what_is_out_of_date_does_not_wait_any_more() {
    let scene = scene().await;
    scene.anna.says("hello").await.unwrap();
    assert_eq!(info(&scene.bot).await["pending_update_count"], 1);
    scene.control.advance(Duration::from_secs(86_401)).await.unwrap();
    assert_eq!(info(&scene.bot).await["pending_update_count"], 0);
}
