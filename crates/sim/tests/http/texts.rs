//! Texts with entities, in every notation, as a bot gets them back.

use serde_json::{Value, json};

use crate::bot::started_scene;

#[tokio::test]
async fn every_notation_becomes_text_and_entities() {
    let scene = started_scene().await;
    for (mode, text) in [
        ("MarkdownV2", "😀 *fees*\\! _[x](example.org)_ /help"),
        ("markdownv2", "😀 *fees*\\! [_x_](example.org) /help"),
        ("HTML", "😀 <b>fees</b>! <i><a href=\"example.org\">x</a></i> /help"),
    ] {
        let sent = json!({ "chat_id": 1001, "text": text, "parse_mode": mode });
        let message = scene.bot.call("sendMessage", sent).await.result();
        assert_eq!(message["text"], "😀 fees! x /help", "{mode}");
        assert_eq!(
            message["entities"],
            json!([
                { "type": "bold", "offset": 3, "length": 4 },
                { "type": "text_link", "offset": 9, "length": 1, "url": "http://example.org/" },
                { "type": "italic", "offset": 9, "length": 1 },
                { "type": "bot_command", "offset": 11, "length": 5 },
            ]),
            "{mode}"
        );
    }
    let sent = json!({ "chat_id": 1001, "text": "*fees*! [x](nowhere) \\_", "parse_mode": "Markdown" });
    let message = scene.bot.call("sendMessage", sent).await.result();
    assert_eq!(message["text"], "fees! x _");
    assert_eq!(message["entities"], json!([{ "type": "bold", "offset": 0, "length": 4 }]));
}

#[tokio::test]
async fn what_is_wrong_with_a_text_is_said_as_telegram_does() {
    let scene = started_scene().await;
    let given = |entity: Value| json!({ "chat_id": 1001, "text": "a😀", "entities": [entity] });
    for (parameters, description) in [
        (
            json!({ "chat_id": 1001, "text": "a.b", "parse_mode": "MarkdownV2" }),
            "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
        (
            json!({ "chat_id": 1001, "text": "é*b", "parse_mode": "MarkdownV2" }),
            "can't parse entities: Can't find end of Bold entity at byte offset 2",
        ),
        (
            json!({ "chat_id": 1001, "text": "é_b", "parse_mode": "Markdown" }),
            "can't parse entities: Can't find end of the entity starting at byte offset 2",
        ),
        (
            json!({ "chat_id": 1001, "text": "<b>", "parse_mode": "HTML" }),
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (json!({ "chat_id": 1001, "text": "****", "parse_mode": "MarkdownV2" }), "text must be non-empty"),
        (json!({ "chat_id": 1001, "text": "\u{200b}\u{2800}" }), "text must be non-empty"),
        (
            given(json!({ "type": "blink", "offset": 0, "length": 1 })),
            "can't parse MessageEntity: Unsupported type specified",
        ),
        (
            given(json!({ "type": "text_link", "offset": 0, "length": 1, "url": "nowhere" })),
            "entity URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
        (
            given(json!({ "type": "bold", "offset": 2, "length": 1 })),
            "entity begins in a middle of a UTF-16 symbol at byte offset 5",
        ),
        (given(json!({ "type": "bold", "offset": -1, "length": 1 })), "receive an entity with incorrect offset -1"),
    ] {
        let answer = scene.bot.call("sendMessage", parameters.clone()).await;
        assert_eq!(answer.error(), (400, format!("Bad Request: {description}").as_str()), "{parameters}");
    }
}

#[tokio::test]
async fn entities_beside_a_text_count_only_without_a_mode() {
    let scene = started_scene().await;
    let bold = json!([{ "type": "bold", "offset": 0, "length": 3 }, { "type": "url", "offset": 0, "length": 1 }]);
    for (mode, text, kind) in [("", "*a*", "bold"), ("None", "*a*", "bold"), ("Markdown", "_a_", "italic")] {
        let sent = json!({ "chat_id": 1001, "text": text, "entities": bold, "parse_mode": mode });
        let message = scene.bot.call("sendMessage", sent).await.result();
        assert_eq!(message["entities"].as_array().map(Vec::len), Some(1), "{mode}");
        assert_eq!(message["entities"][0]["type"], kind, "{mode}");
    }
}

#[tokio::test]
async fn who_is_known_is_mentioned() {
    let scene = started_scene().await;
    let text = "[Anna](tg://user?id=1001) [nobody](tg://user?id=4242)";
    let sent = json!({ "chat_id": 1001, "text": text, "parse_mode": "MarkdownV2" });
    let message = scene.bot.call("sendMessage", sent).await.result();
    assert_eq!(message["text"], "Anna nobody");
    let entities = message["entities"].as_array().unwrap();
    assert_eq!(entities.len(), 1, "{entities:?}");
    assert_eq!((&entities[0]["type"], &entities[0]["offset"]), (&json!("text_mention"), &json!(0)));
    assert_eq!(entities[0]["user"], user(&message));
}

/// The person of a private chat as a `User`.
fn user(message: &Value) -> Value {
    let mut user = message["chat"].clone();
    let object = user.as_object_mut().unwrap();
    object.remove("type");
    object.insert("is_bot".to_owned(), false.into());
    user
}

#[tokio::test]
async fn bots_are_not_told_of_bank_cards_and_of_moments_they_are() {
    let scene = started_scene().await;
    let text = "4242 4242 4242 4242 <tg-time unix=\"1647531900\" format=\"tDW\">then</tg-time>";
    let sent = json!({ "chat_id": 1001, "text": text, "parse_mode": "HTML" });
    let message = scene.bot.call("sendMessage", sent).await.result();
    let moment = json!({ "type": "date_time", "offset": 20, "length": 4, "unix_time": 1_647_531_900, "date_time_format": "wDt" });
    assert_eq!(message["entities"], json!([moment]));
}
