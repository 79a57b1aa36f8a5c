use serde_json::json;

use crate::bot::{Bot, read, scene, started_scene};

#[tokio::test]
async fn get_me_has_the_fields_that_clients_insist_on() {
    let scene = scene().await;
    let me = scene.bot.call("getMe", json!({})).await.result();
    assert_eq!(me["id"], json!(5_550_001_111_i64));
    assert_eq!(me["is_bot"], json!(true));
    assert!(me["username"].as_str().unwrap().ends_with("_bot"));
    for flag in [
        "can_join_groups",
        "can_read_all_group_messages",
        "supports_inline_queries",
        "can_connect_to_business",
        "has_main_web_app",
    ] {
        assert!(me[flag].is_boolean(), "{flag}");
    }
}

#[tokio::test]
async fn method_names_in_any_case() {
    let scene = scene().await;
    for name in ["getMe", "GetMe", "getme", "GETME"] {
        assert_eq!(scene.bot.call(name, json!({})).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn answers_are_json_on_a_connection_that_is_kept() {
    let scene = scene().await;
    let answer = scene.bot.call("getMe", json!({})).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    assert!(answer.headers.get("connection").is_none_or(|connection| connection != "close"));
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let scene = scene().await;
    assert_eq!(scene.bot.call("getMeNot", json!({})).await.error(), (404, "Not Found: method not found"));
    let elsewhere = read(reqwest::Client::new().get(format!("{}/nowhere/at/all", scene.telegram.url()))).await.unwrap();
    assert_eq!(elsewhere.error(), (404, "Not Found"));
    for path in ["sendMessage", "bot77:abc", "s/sendMessage", "file/77"] {
        let posted = reqwest::Client::new().post(format!("{}/{path}", scene.telegram.url()));
        assert_eq!(read(posted.json(&json!({}))).await.unwrap().error(), (404, "Not Found"), "POST /{path}");
    }
}

#[tokio::test]
async fn wrong_tokens_are_401_and_malformed_ones_404() {
    let scene = scene().await;
    for token in ["5550001111:wrong", "77:unknown"] {
        let bot = Bot::new(&scene.telegram.url(), token);
        assert_eq!(bot.call("getMe", json!({})).await.error(), (401, "Unauthorized"), "{token}");
        assert_eq!(bot.call("noMethod", json!({})).await.error(), (401, "Unauthorized"), "{token}");
    }
    let long = format!("1:{}", "x".repeat(90));
    for token in ["no-colon", "0123:abc", "12x:abc", &long] {
        let bot = Bot::new(&scene.telegram.url(), token);
        assert_eq!(bot.call("getMe", json!({})).await.error(), (404, "Not Found"), "{token}");
    }
}

#[tokio::test]
async fn what_is_not_simulated_is_refused_and_listed() {
    let scene = started_scene().await;
    let (status, description) = {
        let answer = scene.bot.call("sendDice", json!({ "chat_id": 1001 })).await;
        (answer.status, answer.error().1.to_owned())
    };
    assert_eq!(
        (status, description.as_str()),
        (501, "Not Implemented: natrium-sim does not simulate the method sendDice")
    );

    let refused = |parameters| scene.bot.call("sendMessage", parameters);
    let answer = refused(json!({ "chat_id": 1001, "text": "x", "message_thread_id": 5 })).await;
    assert!(answer.error().1.contains("parameter message_thread_id of sendMessage"));
    let answer = refused(json!({ "chat_id": 1001, "text": "x", "business_connection_id": "a" })).await;
    assert_eq!(answer.status, 501);
    let listed = scene.control.unsimulated().await.unwrap();
    assert_eq!(listed.len(), 3);
    assert_eq!(scene.control.counters().await.unwrap().unsimulated, 3);
    assert_eq!(scene.anna.chat().await.unwrap().len(), 1, "nothing was sent");

    let answer = refused(json!({ "chat_id": 1001, "text": "x", "message_thread_id": 0, "no_such_thing": 1 })).await;
    answer.result();
    let calls = scene.control.calls(Some("sendMessage")).await.unwrap();
    assert_eq!(calls.last().unwrap().ignored, ["no_such_thing"], "Telegram ignores it, the log says so");
}

#[tokio::test]
async fn a_revoked_token_is_401_and_the_new_one_works() {
    let scene = scene().await;
    let new = "5550001111:another-secret";
    let revoke = natrium_sim::control::Revoke { bot: None, token: Some(new.into()) };
    scene.control.revoke(revoke).await.unwrap();
    assert_eq!(scene.bot.call("getUpdates", json!({})).await.error(), (401, "Unauthorized"));
    let renewed = Bot::new(&scene.telegram.url(), new);
    renewed.call("getMe", json!({})).await.result();
    scene.control.revoke(natrium_sim::control::Revoke::default()).await.unwrap();
    assert_eq!(renewed.call("getMe", json!({})).await.error(), (401, "Unauthorized"));
}

#[tokio::test]
async fn only_get_and_post_are_understood() {
    let scene = scene().await;
    for method in ["PUT", "HEAD", "DELETE", "PATCH", "OPTIONS"] {
        let url = format!("{}/bot{}/getMe", scene.telegram.url(), scene.telegram.token());
        let response = reqwest::Client::new().request(method.parse().unwrap(), url).send().await.unwrap();
        assert_eq!(response.status(), 501, "{method}");
        assert_eq!(response.headers()["connection"], "close");
        assert_eq!(response.text().await.unwrap(), "");
    }
    assert_eq!(scene.control.counters().await.unwrap().unsimulated, 0, "it is Telegram who does not know them");
}

#[tokio::test]
async fn the_test_environment_is_the_same_one() {
    let scene = scene().await;
    scene.bot.call("test/getMe", json!({})).await.result();
    assert_eq!(scene.bot.call("test/getMeNot", json!({})).await.error(), (404, "Not Found: method not found"));
    assert_eq!(scene.bot.call("testgetMe", json!({})).await.error(), (404, "Not Found: method not found"));
}

#[tokio::test]
async fn a_path_without_a_method_is_404() {
    let scene = scene().await;
    let at = |path: String| read(reqwest::Client::new().get(format!("{}{path}", scene.telegram.url())));
    let token = scene.telegram.token();
    for (path, description) in [
        (format!("/bot{token}"), "Not Found"),
        (format!("/bot{token}/"), "Not Found: method not found"),
        (format!("/Bot{token}/getMe"), "Not Found"),
        (format!("//bot{token}/getMe"), "Not Found"),
    ] {
        assert_eq!(at(path.clone()).await.unwrap().error(), (404, description), "{path}");
    }
}

#[tokio::test]
async fn more_than_twenty_unknown_tokens_a_minute_are_too_many() {
    let scene = scene().await;
    let call = |number: u64| {
        let bot = Bot::new(&scene.telegram.url(), &format!("77:stranger-{number}"));
        async move { bot.call("getMe", json!({})).await }
    };
    for number in 0..20 {
        assert_eq!(call(number).await.error(), (401, "Unauthorized"));
    }
    let answer = call(20).await;
    let (status, description) = answer.error();
    assert!(status == 429 && description.starts_with("Too Many Requests: retry after "), "{}", answer.body);
    let seconds = answer.body["parameters"]["retry_after"].as_u64().unwrap();
    assert!((30..=61).contains(&seconds), "{seconds}");
    assert_eq!(answer.headers["retry-after"], seconds.to_string().as_str());
    scene.bot.call("getMe", json!({})).await.result();
    scene.control.advance(std::time::Duration::from_secs(61)).await.unwrap();
    assert_eq!(call(20).await.error(), (401, "Unauthorized"));
}

/// Says where there is a `null`.
fn nulls(value: &serde_json::Value, path: &str) -> Vec<String> {
    match value {
        serde_json::Value::Null => vec![path.to_owned()],
        serde_json::Value::Array(list) => list.iter().flat_map(|value| nulls(value, &format!("{path}[]"))).collect(),
        serde_json::Value::Object(object) => {
            object.iter().flat_map(|(name, value)| nulls(value, &format!("{path}.{name}"))).collect()
        }
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn absent_fields_are_left_out() {
    let scene = scene().await;
    scene.anna.says("hello").await.unwrap();
    scene.anna.sends("fees.yml", "a: 1").await.unwrap();
    scene.anna.sends_sample("photo.png").await.unwrap();
    scene.anna.blocks(true).await.unwrap();
    scene.anna.blocks(false).await.unwrap();
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
    let parameters = json!({ "chat_id": 1001, "text": "?", "reply_markup": keyboard });
    let mut answers = vec![scene.bot.call("sendMessage", parameters).await.body];
    scene.anna.presses("Yes").await.unwrap();
    for method in ["getMe", "getUpdates", "getWebhookInfo", "getMyCommands", "noMethod"] {
        answers.push(scene.bot.call(method, json!({})).await.body);
    }
    assert_eq!(answers[2]["result"].as_array().unwrap().len(), 6, "{}", answers[2]);
    for answer in answers {
        assert_eq!(nulls(&answer, ""), [] as [String; 0], "{answer}");
    }
}

#[tokio::test]
async fn ids_are_larger_than_32_bits() {
    let scene = scene().await;
    let id = (1_i64 << 52) - 1;
    let far = scene.control.user(id, "Far").await.unwrap();
    far.says("hello").await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({})).await.result();
    assert_eq!(updates[0]["message"]["chat"]["id"], json!(id));
    scene.bot.call("sendMessage", json!({ "chat_id": id, "text": "x" })).await.result();
}
