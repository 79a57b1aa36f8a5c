//! Edits and deletions: what counts as a change, whom it concerns, and how long it may be done.

use std::time::Duration;

use natrium_sim::control::NewBot;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::bot::{Bot, Scene, read, started_scene};
use crate::chats::{Control, updates};

const SAME: &str = "Bad Request: message is not modified: specified new message content and reply markup are exactly the \
                    same as a current content and reply markup of the message";

/// A text of the bot; its number.
async fn said(scene: &Scene, text: &str) -> Value {
    scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": text })).await.result()["message_id"].clone()
}

/// A document of the bot; its number.
async fn document(scene: &Scene) -> Value {
    let form = Form::new().text("chat_id", "1001").part("document", Part::bytes(vec![1]).file_name("a.bin"));
    read(scene.bot.post("sendDocument").multipart(form)).await.unwrap().result()["message_id"].clone()
}

#[tokio::test]
async fn another_look_of_the_same_text_is_a_change() {
    let scene = started_scene().await;
    let text = said(&scene, "fees").await;
    let edit = |parameters: Value| {
        let mut all = json!({ "chat_id": 1001, "message_id": text, "text": "fees" });
        all.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
        scene.bot.call("editMessageText", all)
    };
    assert_eq!(edit(json!({})).await.error(), (400, SAME));
    let bold = json!([{ "type": "bold", "offset": 0, "length": 4 }]);
    assert_eq!(edit(json!({ "entities": bold })).await.result()["entities"], bold);
    assert!(edit(json!({})).await.result().get("entities").is_none());
    let options = json!({ "is_disabled": true });
    let linked = json!({ "text": "see example.org", "link_preview_options": options });
    assert_eq!(edit(linked).await.result()["link_preview_options"], options);
    let again = edit(json!({ "text": "see example.net" })).await.result();
    assert!(again.get("link_preview_options").is_none(), "they are those of the last edit");
    let photo = scene.bot.call("sendPhoto", json!({ "chat_id": 1001, "photo": photo(&scene).await })).await.result();
    let above = json!({ "chat_id": 1001, "message_id": photo["message_id"], "show_caption_above_media": true });
    let edited = scene.bot.call("editMessageCaption", above).await.result();
    assert_eq!(edited["show_caption_above_media"], true, "where the caption stands is a change too");
}

/// What the bot calls a photo that Anna sent.
async fn photo(scene: &Scene) -> Value {
    scene.anna.sends_sample("photo.png").await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({ "offset": -1 })).await.result();
    updates[0]["message"]["photo"][0]["file_id"].clone()
}

#[tokio::test]
async fn lengths_of_edits_are_counted_in_characters() {
    let scene = started_scene().await;
    let (text, document) = (said(&scene, "x").await, document(&scene).await);
    let long = json!({ "chat_id": 1001, "message_id": text, "text": "я".repeat(4096) });
    scene.bot.call("editMessageText", long).await.result();
    let long = json!({ "chat_id": 1001, "message_id": document, "caption": "я".repeat(1024) });
    scene.bot.call("editMessageCaption", long).await.result();
}

#[tokio::test]
async fn what_a_bot_edits_in_a_channel_is_told_to_the_other_one() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let channel = control.room("channel", "administrator").await;
    scene.control.add_bot(NewBot { token: "77:second".into(), username: None, first_name: None }).await.unwrap();
    let second = Bot::new(&scene.telegram.url(), "77:second");
    control.done(&format!("/chats/{channel}/members"), json!({ "id": 77, "status": "administrator" })).await;
    let said = scene.bot.call("sendMessage", json!({ "chat_id": channel, "text": "one" })).await.result();
    let edit = json!({ "chat_id": channel, "message_id": said["message_id"], "text": "two" });
    scene.bot.call("editMessageText", edit).await.result();
    let heard = updates(&second).await;
    assert_eq!(heard.last().unwrap()["edited_channel_post"]["text"], "two", "{heard:?}");
    assert!(updates(&scene.bot).await.iter().all(|update| update.get("edited_channel_post").is_none()));
}

#[tokio::test]
async fn messages_are_deleted_for_two_days() {
    let scene = started_scene().await;
    let (one, other) = (said(&scene, "one").await, said(&scene, "other").await);
    let delete = |id: &Value| scene.bot.call("deleteMessage", json!({ "chat_id": 1001, "message_id": id }));
    scene.control.advance(Duration::from_secs(48 * 3600 - 60)).await.unwrap();
    delete(&one).await.result();
    scene.control.advance(Duration::from_secs(61)).await.unwrap();
    assert_eq!(delete(&other).await.error(), (400, "Bad Request: message can't be deleted"));
}

#[tokio::test]
async fn several_are_deleted_and_what_cannot_be_stays() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let team = control.room("supergroup", "member").await;
    let theirs = control.say(team, 1001, "hers").await;
    let own = scene.bot.call("sendMessage", json!({ "chat_id": team, "text": "its own" })).await.result();
    let delete = |ids: Value| scene.bot.call("deleteMessages", json!({ "chat_id": team, "message_ids": ids }));
    assert_eq!(delete(json!([98, "99"])).await.error(), (400, "Bad Request: message to delete not found"));
    let own = own["message_id"].to_string();
    assert_eq!(delete(json!([theirs, own, 99])).await.result(), json!(true), "numbers may be texts");
    let one = scene.bot.call("deleteMessage", json!({ "chat_id": team, "message_id": theirs })).await;
    assert_eq!(one.error(), (400, "Bad Request: message can't be deleted"), "it is there, and Anna's");
    let one = scene.bot.call("deleteMessage", json!({ "chat_id": team, "message_id": own })).await;
    assert_eq!(one.error(), (400, "Bad Request: message to delete not found"));
}
