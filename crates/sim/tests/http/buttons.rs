use std::time::Duration;

use serde_json::json;

use crate::bot::{Scene, started_scene};

const TOO_OLD: &str = "Bad Request: query is too old and response timeout expired or query ID is invalid";

async fn with_keyboard() -> Scene {
    let scene = started_scene().await;
    let keyboard = json!({ "inline_keyboard": [
        [{ "text": "Overwrite", "callback_data": "o:1" }, { "text": "Cancel", "callback_data": "c" }],
        [{ "text": "Docs", "url": "https://example.org" }],
    ] });
    let parameters = json!({ "chat_id": 1001, "text": "Sure?", "reply_markup": keyboard });
    scene.bot.call("sendMessage", parameters).await.result();
    scene
}

#[tokio::test]
async fn a_press_is_a_callback_query() {
    let scene = with_keyboard().await;
    let query = scene.anna.presses("Over").await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({ "offset": 0 })).await.result();
    let update = &updates[0]["callback_query"];
    assert_eq!(update["id"], json!(query));
    assert_eq!(update["data"], "o:1");
    assert_eq!(update["from"]["id"], json!(1001));
    assert_eq!(update["message"]["text"], "Sure?");
    assert!(update["message"]["reply_markup"]["inline_keyboard"].is_array());
    assert!(update["chat_instance"].is_string());

    let answer = json!({ "callback_query_id": query, "text": "Done", "show_alert": true });
    scene.bot.call("answerCallbackQuery", answer.clone()).await.result();
    let answered = scene.anna.is_answered(&query).await.unwrap();
    assert_eq!((answered.text.as_str(), answered.alert), ("Done", true));
    assert_eq!(scene.bot.call("answerCallbackQuery", answer).await.error(), (400, TOO_OLD), "once is enough");
}

#[tokio::test]
async fn a_query_gets_too_old() {
    let scene = with_keyboard().await;
    let query = scene.anna.presses("Cancel").await.unwrap();
    scene.control.advance(Duration::from_secs(151)).await.unwrap();
    let answer = scene.bot.call("answerCallbackQuery", json!({ "callback_query_id": query })).await;
    assert_eq!(answer.error(), (400, TOO_OLD));
    assert_eq!(scene.bot.call("getUpdates", json!({ "offset": 0 })).await.result(), json!([]), "nor is it delivered");
    let unknown = scene.bot.call("answerCallbackQuery", json!({ "callback_query_id": "1" })).await;
    assert_eq!(unknown.error(), (400, TOO_OLD));
}

#[tokio::test]
async fn only_buttons_that_are_there_can_be_pressed() {
    let scene = with_keyboard().await;
    let error = scene.anna.presses("Delete").await.unwrap_err().to_string();
    assert_eq!(error, "404: no message in this chat has a button “Delete”");
    let error = scene.anna.presses("Docs").await.unwrap_err().to_string();
    assert_eq!(error, "400: the button Docs has no callback data");
}

#[tokio::test]
async fn reply_keyboards_are_shown_and_not_returned() {
    let scene = started_scene().await;
    let keyboard = json!({ "keyboard": [["One", { "text": "Two" }]], "one_time_keyboard": true });
    let parameters = json!({ "chat_id": 1001, "text": "Which?", "reply_markup": keyboard });
    let message = scene.bot.call("sendMessage", parameters).await.result();
    assert!(message.get("reply_markup").is_none());
    assert_eq!(scene.anna.sees_button("Two").await.unwrap().message_id, 2);
}
