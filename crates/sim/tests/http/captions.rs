//! Captions, spoilers and rights of albums and copies.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::bot::{Scene, read, started_scene};
use crate::chats::{Control, updates};

/// A photo of the bot with a caption and a spoiler, the caption above.
async fn photo(scene: &Scene) -> Value {
    scene.anna.sends_sample("photo.png").await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({ "offset": -1 })).await.result();
    let file = updates[0]["message"]["photo"][0]["file_id"].clone();
    let parameters = json!({ "chat_id": 1001, "photo": file, "caption": "Look", "has_spoiler": true,
        "show_caption_above_media": true });
    scene.bot.call("sendPhoto", parameters).await.result()
}

/// How many messages stand in Anna's chat.
async fn count(scene: &Scene) -> usize {
    scene.anna.chat().await.unwrap().len()
}

#[tokio::test]
async fn what_an_item_of_an_album_says_of_itself_is_kept() {
    let scene = started_scene().await;
    let photo = photo(&scene).await;
    let file = &photo["photo"][0]["file_id"];
    let bold = json!([{ "type": "bold", "offset": 0, "length": 3 }]);
    let first = json!({ "type": "photo", "media": file, "caption": "one", "caption_entities": bold,
        "show_caption_above_media": true });
    let items = [vec![first], vec![json!({ "type": "photo", "media": file }); 9]].concat();
    let reply = json!({ "message_id": photo["message_id"] });
    let parameters = json!({ "chat_id": 1001, "media": items, "reply_parameters": reply });
    let sent = scene.bot.call("sendMediaGroup", parameters).await.result();
    let sent = sent.as_array().unwrap();
    assert_eq!(sent.len(), 10);
    assert_eq!((&sent[0]["caption_entities"], &sent[0]["show_caption_above_media"]), (&bold, &json!(true)));
    let answered = |message: &Value| message["reply_to_message"]["message_id"] == photo["message_id"];
    assert!(sent.iter().all(answered), "all of them answer");
}

#[tokio::test]
async fn an_album_is_sent_whole_or_not_at_all() {
    let scene = started_scene().await;
    let photo = photo(&scene).await;
    let item = |file: &Value| json!({ "type": "photo", "media": file });
    let good = item(&photo["photo"][0]["file_id"]);
    let mut long = good.clone();
    long["caption"] = json!("x".repeat(1025));
    let mut thumbnail = good.clone();
    thumbnail["thumbnail"] = json!("attach://x");
    let before = count(&scene).await;
    for (last, status, text) in [
        (item(&json!("no-such-file")), 400, "Bad Request: wrong file identifier/HTTP URL specified"),
        (long, 400, "Bad Request: message caption is too long"),
        (thumbnail, 501, "Not Implemented: natrium-sim does not simulate thumbnails of InputMedia"),
    ] {
        let media = json!({ "chat_id": 1001, "media": [good, last] });
        let answer = scene.bot.call("sendMediaGroup", media).await;
        assert_eq!(answer.error(), (status, text));
    }
    assert_eq!(count(&scene).await, before, "nothing was sent");
    let document = json!({ "chat_id": 1001, "document": photo["photo"][0]["file_id"] });
    let document = scene.bot.call("sendDocument", document).await;
    assert_eq!(document.error(), (400, "Bad Request: can't use file of type Photo as Document"));
}

#[tokio::test]
async fn photos_at_the_edge_of_what_is_allowed() {
    let scene = started_scene().await;
    let send = |width: u32, height: u32, size: usize| {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend(width.to_be_bytes());
        png.extend(height.to_be_bytes());
        png.resize(size.max(png.len()), 0);
        let form = Form::new().text("chat_id", "1001").part("photo", Part::bytes(png).file_name("x.png"));
        let request = scene.bot.post("sendPhoto").multipart(form);
        async move { read(request).await.unwrap() }
    };
    send(10, 10, 10 << 20).await.result();
    assert_eq!(send(41, 2, 0).await.error(), (400, "Bad Request: PHOTO_INVALID_DIMENSIONS"));
}

#[tokio::test]
async fn a_copy_keeps_what_is_not_changed() {
    let scene = started_scene().await;
    let photo = photo(&scene).await;
    let copy = async |parameters: Value| {
        let mut all = json!({ "chat_id": 1001, "from_chat_id": 1001, "message_id": photo["message_id"] });
        all.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
        scene.bot.call("copyMessage", all).await.result();
        scene.anna.chat().await.unwrap().pop().unwrap().text.text
    };
    assert_eq!(copy(json!({})).await, "Look");
    assert_eq!(copy(json!({ "caption": "" })).await, "", "an empty caption takes it away");
    let forward = json!({ "chat_id": 1001, "from_chat_id": 1001, "message_id": photo["message_id"] });
    let forward = scene.bot.call("forwardMessage", forward).await.result();
    let seen = ["caption", "has_media_spoiler", "show_caption_above_media"].map(|field| forward[field].clone());
    assert_eq!(seen, [json!("Look"), json!(true), json!(true)]);
}

#[tokio::test]
async fn several_are_copied_without_their_captions() {
    let scene = started_scene().await;
    let photo = photo(&scene).await;
    let text = scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "said" })).await.result();
    let protected = json!({ "chat_id": 1001, "text": "secret", "protect_content": true });
    let protected = scene.bot.call("sendMessage", protected).await.result();
    let ids = [&photo, &text, &protected].map(|message| message["message_id"].clone());
    let parameters = json!({ "chat_id": 1001, "from_chat_id": 1001, "message_ids": ids, "remove_caption": true });
    let sent = scene.bot.call("copyMessages", parameters).await.result();
    assert_eq!(sent.as_array().unwrap().len(), 2, "what is protected is left out");
    let chat = scene.anna.chat().await.unwrap();
    let last: Vec<&str> = chat[chat.len() - 2..].iter().map(|message| message.text.text.as_str()).collect();
    assert_eq!(last, ["", "said"], "a text is no caption");
}

#[tokio::test]
async fn only_what_may_be_read_is_copied() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let team = control.room("supergroup", "administrator").await;
    let said = control.say(team, 1001, "here").await;
    control.done(&format!("/chats/{team}/title"), json!({ "title": "Other", "by": 1001 })).await;
    let told = updates(&scene.bot).await;
    let service = &told.last().unwrap()["message"];
    assert_eq!(service["new_chat_title"], "Other");
    for (method, what) in [("forwardMessage", "forwarded"), ("copyMessage", "copied")] {
        let parameters = json!({ "chat_id": 1001, "from_chat_id": team, "message_id": service["message_id"] });
        let answer = scene.bot.call(method, parameters).await;
        assert_eq!(answer.error(), (400, format!("Bad Request: message can't be {what}").as_str()));
    }
    let several = || json!({ "chat_id": 1001, "from_chat_id": team, "message_ids": [said] });
    scene.bot.call("copyMessages", several()).await.result();
    let members = format!("/chats/{team}/members");
    control.done(&members, json!({ "id": crate::chats::BOT, "status": "kicked", "by": 1001 })).await;
    for method in ["copyMessages", "forwardMessages"] {
        let answer = scene.bot.call(method, several()).await;
        assert_eq!(answer.error(), (403, "Forbidden: bot was kicked from the supergroup chat"), "{method}");
    }
}
