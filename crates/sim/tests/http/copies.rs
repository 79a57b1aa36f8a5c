//! Forwarded and copied messages.

use serde_json::{Value, json};

use crate::bot::{Scene, started_scene};

/// A message of the bot in Anna's chat; returns its number.
async fn said(scene: &Scene, parameters: Value) -> i64 {
    let mut all = json!({ "chat_id": 1001, "text": "said" });
    all.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
    scene.bot.call("sendMessage", all).await.result()["message_id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_forwarded_message_says_where_it_is_from() {
    let scene = started_scene().await;
    let boris = scene.control.user(1002, "Boris").await.unwrap();
    boris.says("hi").await.unwrap();
    let theirs = scene.anna.says("/help from Anna").await.unwrap();
    let parameters = json!({ "chat_id": 1002, "from_chat_id": 1001, "message_id": theirs });
    let message = scene.bot.call("forwardMessage", parameters).await.result();
    assert_eq!(message["text"], "/help from Anna");
    assert_eq!(message["entities"][0]["type"], "bot_command");
    assert_eq!(message["chat"]["id"], json!(1002));
    assert_eq!(message["from"]["is_bot"], json!(true));
    let origin = &message["forward_origin"];
    assert_eq!((&origin["type"], &origin["sender_user"]["id"]), (&json!("user"), &json!(1001)));
    assert!(origin["date"].is_u64());
    assert_eq!(message["forward_from"], origin["sender_user"]);
    boris.sees("/help from Anna").await.unwrap();

    let again = json!({ "chat_id": 1001, "from_chat_id": 1002, "message_id": message["message_id"] });
    let again = scene.bot.call("forwardMessage", again).await.result();
    assert_eq!(again["forward_origin"], *origin, "it stays where it was from at first");
    let edit = json!({ "chat_id": 1001, "message_id": again["message_id"], "text": "x" });
    let edit = scene.bot.call("editMessageText", edit).await;
    assert_eq!(edit.error(), (400, "Bad Request: message can't be edited"));
}

#[tokio::test]
async fn a_copy_says_nothing_of_its_origin_and_may_have_another_caption() {
    let scene = started_scene().await;
    scene.anna.sends("fees.yml", "a: 1").await.unwrap();
    let file = scene.anna.chat().await.unwrap().last().unwrap().message_id;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
    let parameters = json!({
        "chat_id": 1001, "from_chat_id": "1001", "message_id": file, "caption": "<b>now</b>", "parse_mode": "HTML",
        "reply_markup": keyboard, "reply_parameters": { "message_id": file }, "protect_content": true,
    });
    let copy = scene.bot.call("copyMessage", parameters).await.result();
    assert_eq!(copy.as_object().unwrap().keys().collect::<Vec<_>>(), ["message_id"]);
    let seen = scene.anna.chat().await.unwrap().pop().unwrap();
    assert_eq!((seen.text.text.as_str(), seen.file.unwrap().name.as_str()), ("now", "fees.yml"));
    assert_eq!(seen.reply_to, Some(file));
    let text = said(&scene, json!({})).await;
    let copied = json!({ "chat_id": 1001, "from_chat_id": 1001, "message_id": text, "caption": "ignored" });
    scene.bot.call("copyMessage", copied).await.result();
    assert_eq!(scene.anna.chat().await.unwrap().pop().unwrap().text.text, "said", "a text has no caption");
}

#[tokio::test]
async fn several_are_forwarded_or_copied_and_missing_ones_left_out() {
    let scene = started_scene().await;
    let (one, two) = (said(&scene, json!({})).await, said(&scene, json!({})).await);
    for method in ["forwardMessages", "copyMessages"] {
        let call =
            |ids: Value| scene.bot.call(method, json!({ "chat_id": 1001, "from_chat_id": 1001, "message_ids": ids }));
        let sent = call(json!([one, two, 999])).await.result();
        assert_eq!(sent.as_array().unwrap().len(), 2, "{method}: {sent}");
        assert!(sent[0]["message_id"].as_i64() < sent[1]["message_id"].as_i64());
        for (ids, description) in [
            (json!([]), "message identifiers are not specified"),
            (json!("x"), "can't parse message_ids JSON object"),
            (json!({}), "expected an Array of message identifiers"),
            (json!([true]), "message identifier must be a Number"),
            (json!(["x"]), "can't parse message identifier as Number"),
            (json!([0]), "invalid message identifier specified"),
            (json!((1..=101).collect::<Vec<_>>()), "too many message identifiers specified"),
            (json!([two, one]), "message identifiers must be in a strictly increasing order"),
            (json!([998, 999]), "message to forward not found"),
        ] {
            assert_eq!(call(ids.clone()).await.error().1, format!("Bad Request: {description}"), "{method} {ids}");
        }
    }
}

#[tokio::test]
async fn errors_of_forwards_and_copies() {
    let scene = started_scene().await;
    let protected = said(&scene, json!({ "protect_content": true })).await;
    let forward = json!({ "chat_id": 1001, "from_chat_id": 1001, "message_id": protected });
    let with = |name: &str, value: Value| {
        let mut parameters = forward.clone();
        parameters[name] = value;
        parameters
    };
    for (method, what) in
        [("forwardMessage", "message to forward not found"), ("copyMessage", "message to copy not found")]
    {
        for (parameters, description) in [
            (forward.clone(), "message has protected content and can't be forwarded"),
            (with("message_id", json!(99)), what),
            (with("message_id", json!("")), "message identifier is not specified"),
            (with("from_chat_id", json!("")), "parameter \"from_chat_id\" is required"),
            (with("from_chat_id", json!(9)), "chat not found"),
            (with("chat_id", json!(9)), "chat not found"),
            (with("chat_id", json!("")), "chat_id is empty"),
        ] {
            let answer = scene.bot.call(method, parameters.clone()).await;
            assert_eq!(answer.error().1, format!("Bad Request: {description}"), "{method} {parameters}");
        }
    }
    let long = with("caption", json!("x".repeat(1025)));
    let answer = scene.bot.call("copyMessage", long).await;
    assert_eq!(answer.error().1, "Bad Request: message caption is too long");
}
