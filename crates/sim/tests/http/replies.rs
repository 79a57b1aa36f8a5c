//! Answers with quotes, link previews, and what of it is refused.

use serde_json::{Value, json};

use crate::bot::{Scene, started_scene};

async fn answer(scene: &Scene, reply: Value) -> crate::bot::Answer {
    scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "x", "reply_parameters": reply })).await
}

#[tokio::test]
async fn a_part_of_the_answered_message_is_quoted() {
    let scene = started_scene().await;
    let id = scene.anna.says("😀 fees and fees").await.unwrap();
    let reply = json!({ "message_id": id, "chat_id": "1001", "quote": "<b>fees</b>", "quote_parse_mode": "HTML" });
    let message = answer(&scene, reply).await.result();
    let bold = json!([{ "type": "bold", "offset": 0, "length": 4 }]);
    assert_eq!(message["quote"], json!({ "text": "fees", "position": 3, "is_manual": true, "entities": bold }));
    assert_eq!(message["reply_to_message"]["message_id"], json!(id));
    let second = json!({ "message_id": id, "quote": "fees", "quote_position": 11 });
    assert_eq!(answer(&scene, second).await.result()["quote"]["position"], json!(12));
    let absent = answer(&scene, json!({ "message_id": id, "quote": "taxes" })).await;
    assert_eq!(absent.error(), (400, "Bad Request: QUOTE_TEXT_INVALID"));
}

#[tokio::test]
async fn errors_of_reply_parameters() {
    let scene = started_scene().await;
    for (reply, description) in [
        (json!("{"), "can't parse reply parameters JSON object"),
        (json!([]), "object expected as reply parameters"),
        (json!({ "chat_id": 1001 }), "can't find field \"message_id\""),
        (json!({ "message_id": "x" }), "field \"message_id\" must be a valid Number"),
        (json!({ "message_id": 99 }), "message to be replied not found"),
    ] {
        let answer = answer(&scene, reply.clone()).await;
        assert_eq!(answer.error(), (400, format!("Bad Request: {description}").as_str()), "{reply}");
    }
    for reply in [json!({ "message_id": 1, "checklist_task_id": 1 }), json!({ "message_id": 1, "chat_id": 5 })] {
        assert_eq!(answer(&scene, reply).await.status, 501);
    }
    for lenient in [json!({}), json!({ "message_id": 99, "allow_sending_without_reply": true })] {
        assert!(answer(&scene, lenient).await.result().get("reply_to_message").is_none());
    }
    let old = json!({ "chat_id": 1001, "text": "x", "reply_to_message_id": 99 });
    assert_eq!(
        scene.bot.call("sendMessage", old.clone()).await.error().1,
        "Bad Request: message to be replied not found"
    );
    let mut lenient = old;
    lenient["allow_sending_without_reply"] = json!(true);
    scene.bot.call("sendMessage", lenient).await.result();
}

#[tokio::test]
async fn what_was_said_of_the_link_preview_is_told_again() {
    let scene = started_scene().await;
    let send =
        |name: &str, value: Value| scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "x", name: value }));
    let options = json!({ "is_disabled": false, "url": "https://example.org", "show_above_text": true });
    let message = send("link_preview_options", options).await.result();
    assert_eq!(message["link_preview_options"], json!({ "url": "https://example.org", "show_above_text": true }));
    let message = send("disable_web_page_preview", json!(true)).await.result();
    assert_eq!(message["link_preview_options"], json!({ "is_disabled": true }));
    let broken = send("link_preview_options", json!("{")).await;
    assert_eq!(broken.error(), (400, "Bad Request: can't parse link preview options JSON object"));
    let list = send("link_preview_options", json!([])).await;
    assert_eq!(list.error(), (400, "Bad Request: object expected as link preview options"));
}

#[tokio::test]
async fn several_messages_are_deleted() {
    let scene = started_scene().await;
    let two = scene.anna.says("two").await.unwrap();
    let delete = |ids: Value| scene.bot.call("deleteMessages", json!({ "chat_id": 1001, "message_ids": ids }));
    assert_eq!(delete(json!([1, two, 99])).await.result(), json!(true));
    assert!(scene.anna.chat().await.unwrap().iter().all(|message| message.deleted));
    assert_eq!(delete(json!([1])).await.error(), (400, "Bad Request: message to delete not found"));
    assert_eq!(delete(json!([])).await.error(), (400, "Bad Request: message identifiers are not specified"));
    let nowhere = scene.bot.call("deleteMessage", json!({ "message_id": 1 })).await;
    assert_eq!(nowhere.error(), (400, "Bad Request: chat identifier is not specified"));
}
