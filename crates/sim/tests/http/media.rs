//! Photos, albums and reactions of bots.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::bot::{Answer, Bot, Scene, read, started_scene};

/// The beginning of a PNG of this size, which is all that is looked at.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(width.to_be_bytes());
    png.extend(height.to_be_bytes());
    png
}

fn part(bytes: Vec<u8>) -> Part {
    Part::bytes(bytes).file_name("x.png")
}

async fn send_photo(bot: &Bot, bytes: Vec<u8>) -> Answer {
    let form = Form::new().text("chat_id", "1001").text("caption", "Look").part("photo", part(bytes));
    read(bot.post("sendPhoto").multipart(form)).await.unwrap()
}

async fn sent_photo(scene: &Scene) -> Value {
    send_photo(&scene.bot, picture(1000, 500)).await.result()
}

#[tokio::test]
async fn a_photo_comes_in_several_sizes() {
    let scene = started_scene().await;
    let message = sent_photo(&scene).await;
    let photo = message["photo"].as_array().unwrap();
    let sizes: Vec<(u64, u64)> =
        photo.iter().map(|size| (size["width"].as_u64().unwrap(), size["height"].as_u64().unwrap())).collect();
    assert_eq!(sizes, [(90, 45), (320, 160), (800, 400), (1000, 500)]);
    assert_eq!(message["caption"], "Look");
    for size in photo {
        let file = scene.bot.call("getFile", json!({ "file_id": size["file_id"] })).await.result();
        let bytes = scene.bot.file(file["file_path"].as_str().unwrap()).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(bytes.len() as u64, size["file_size"].as_u64().unwrap());
        assert_eq!(u64::from(u32::from_be_bytes(bytes[16..20].try_into().unwrap())), size["width"].as_u64().unwrap());
    }
    let seen = scene.anna.sees("Look").await.unwrap();
    assert_eq!(seen.file.unwrap().photo, Some((1000, 500)));

    let again =
        json!({ "chat_id": 1001, "photo": photo[0]["file_id"], "has_spoiler": true, "show_caption_above_media": true });
    let again = scene.bot.call("sendPhoto", again).await.result();
    assert_eq!(again["photo"], message["photo"], "any size stands for the whole");
    assert_eq!((&again["has_media_spoiler"], &again["show_caption_above_media"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn errors_of_photos() {
    let scene = started_scene().await;
    let mut huge = picture(10, 10);
    huge.resize((10 << 20) + 1, 0);
    for (bytes, description) in [
        (vec![], "file must be non-empty"),
        (b"no picture".to_vec(), "IMAGE_PROCESS_FAILED"),
        (picture(6000, 4001), "PHOTO_INVALID_DIMENSIONS"),
        (picture(21, 1), "PHOTO_INVALID_DIMENSIONS"),
        (picture(0, 1), "PHOTO_INVALID_DIMENSIONS"),
        (huge, "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"),
    ] {
        let answer = send_photo(&scene.bot, bytes).await;
        assert_eq!(answer.error(), (400, format!("Bad Request: {description}").as_str()));
    }
    send_photo(&scene.bot, picture(6000, 4000)).await.result();
    send_photo(&scene.bot, picture(20, 1)).await.result();
    let document = Form::new().text("chat_id", "1001").part("document", part(vec![1]));
    let document = read(scene.bot.post("sendDocument").multipart(document)).await.unwrap().result();
    for (photo, description) in [
        (json!(""), "there is no photo in the request"),
        (json!("attach://nowhere"), "there is no photo in the request"),
        (json!("no-such-file"), "wrong file identifier/HTTP URL specified"),
        (document["document"]["file_id"].clone(), "can't use file of type Document as Photo"),
    ] {
        let answer = scene.bot.call("sendPhoto", json!({ "chat_id": 1001, "photo": photo })).await;
        assert_eq!(answer.error(), (400, format!("Bad Request: {description}").as_str()), "{photo}");
    }
    for (photo, why) in [(b"GIF89a".to_vec(), "PNG nor JPEG")] {
        let answer = send_photo(&scene.bot, photo).await;
        assert!(answer.status == 501 && answer.error().1.contains(why));
    }
}

#[tokio::test]
async fn a_file_is_fetched_from_the_loopback_only() {
    let scene = started_scene().await;
    scene.anna.sends_sample("photo.png").await.unwrap();
    let key = scene.anna.chat().await.unwrap().pop().unwrap().file.unwrap().key;
    let here = format!("{}/control/files/{key}", scene.telegram.url());
    let send = |method: &'static str, name: &str, url: &str| {
        let parameters = json!({ "chat_id": 1001, name: url });
        scene.bot.call(method, parameters)
    };
    let message = send("sendPhoto", "photo", &here).await.result();
    assert_eq!(message["photo"][2]["width"], json!(480));
    let message = send("sendDocument", "document", &here).await.result();
    assert_eq!(message["document"]["file_name"], json!(key.to_string()));
    for (url, description) in [
        (format!("{}/control/files/99", scene.telegram.url()), "failed to get HTTP URL content"),
        (format!("{}/control/state", scene.telegram.url()), "wrong type of the web page content"),
        ("http://127.0.0.1:9/nobody".to_owned(), "failed to get HTTP URL content"),
    ] {
        let answer = send("sendPhoto", "photo", &url).await;
        assert_eq!(answer.error(), (400, format!("Bad Request: {description}").as_str()), "{url}");
    }
    for elsewhere in ["https://example.org/photo.jpg", "http://example.org/a", "https://127.0.0.1/a"] {
        assert_eq!(send("sendPhoto", "photo", elsewhere).await.status, 501, "{elsewhere}");
    }
}

#[tokio::test]
async fn a_stranger_makes_nobody_fetch_a_file() {
    let scene = started_scene().await;
    let place = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/photo.jpg", place.local_addr().unwrap());
    for token in ["77:unknown", "5550001111:wrong"] {
        let stranger = Bot::new(&scene.telegram.url(), token);
        let call = stranger.call("sendPhoto", json!({ "chat_id": 1001, "photo": url }));
        tokio::select! {
            answer = call => assert_eq!(answer.error(), (401, "Unauthorized"), "{token}"),
            _ = place.accept() => panic!("{token} had the file fetched"),
        }
    }
}

#[tokio::test]
async fn an_album_is_several_messages_with_one_id() {
    let scene = started_scene().await;
    let media = json!([
        { "type": "photo", "media": "attach://one", "caption": "<b>both</b>", "parse_mode": "HTML" },
        { "type": "photo", "media": "attach://two", "has_spoiler": true },
    ]);
    let form = Form::new()
        .text("chat_id", "1001")
        .text("media", media.to_string())
        .part("one", part(picture(100, 100)))
        .part("two", part(picture(200, 200)));
    let messages = read(scene.bot.post("sendMediaGroup").multipart(form)).await.unwrap().result();
    assert_eq!(messages.as_array().unwrap().len(), 2);
    assert!(messages[0]["media_group_id"].is_string());
    assert_eq!(messages[0]["media_group_id"], messages[1]["media_group_id"]);
    assert_eq!((&messages[0]["caption"], &messages[1]["has_media_spoiler"]), (&json!("both"), &json!(true)));
    let calls = scene.control.calls(Some("sendMediaGroup")).await.unwrap();
    assert!(calls[0].ignored.is_empty(), "{:?}", calls[0].ignored);

    let photo = messages[0]["photo"][0]["file_id"].clone();
    let item = json!({ "type": "photo", "media": photo });
    let single = scene.bot.call("sendMediaGroup", json!({ "chat_id": 1001, "media": [item] })).await.result();
    assert!(single[0].get("media_group_id").is_none(), "one is no album");
}

#[tokio::test]
async fn an_album_stays_one_when_its_messages_are_forwarded_or_copied_together() {
    let scene = started_scene().await;
    let photo = sent_photo(&scene).await["photo"][0]["file_id"].clone();
    let media = vec![json!({ "type": "photo", "media": photo }); 3];
    let sent = scene.bot.call("sendMediaGroup", json!({ "chat_id": 1001, "media": media })).await.result();
    let ids: Vec<&Value> = sent.as_array().unwrap().iter().map(|message| &message["message_id"]).collect();
    let albums = async |method: &str, ids: &[&Value]| -> Vec<Option<String>> {
        let parameters = json!({ "chat_id": 1001, "from_chat_id": 1001, "message_ids": ids });
        scene.bot.call(method, parameters).await.result();
        let chat = scene.anna.chat().await.unwrap();
        chat.iter().rev().take(ids.len()).map(|message| message.album.clone()).collect()
    };
    for method in ["forwardMessages", "copyMessages"] {
        let kept = albums(method, &ids).await;
        assert!(kept[0].is_some() && kept.iter().all(|album| *album == kept[0]), "{method}: {kept:?}");
        assert_ne!(kept[0].as_deref(), sent[0]["media_group_id"].as_str(), "{method}: another album");
        assert_eq!(albums(method, &ids[..1]).await, [None], "{method}: one is no album");
    }
    let one = json!({ "chat_id": 1001, "from_chat_id": 1001, "message_id": ids[0] });
    let one = scene.bot.call("forwardMessage", one).await.result();
    assert!(one.get("media_group_id").is_none());
}

#[tokio::test]
async fn errors_of_albums_and_media() {
    let scene = started_scene().await;
    let message = sent_photo(&scene).await;
    let document = Form::new().text("chat_id", "1001").part("document", part(vec![1]));
    let document = read(scene.bot.post("sendDocument").multipart(document)).await.unwrap().result();
    let photo = json!({ "type": "photo", "media": message["photo"][0]["file_id"] });
    let document = json!({ "type": "document", "media": document["document"]["file_id"] });
    for (media, description) in [
        (json!(""), "parameter \"media\" is required"),
        (json!("{"), "can't parse media JSON object"),
        (json!({}), "expected an Array of InputMedia"),
        (json!([]), "there are no messages to send"),
        (json!([1]), "can't parse InputMedia: expected an Object"),
        (json!([{ "type": "photo" }]), "can't parse InputMedia: media not found"),
        (json!([{ "type": "photo", "media": "attach://x" }]), "can't parse InputMedia: media not found"),
        (json!([{ "type": "cake", "media": "x" }]), "can't parse InputMedia: type \"cake\" is unsupported"),
        (json!([photo, document]), "document can't be mixed with other media types"),
        (json!(vec![photo.clone(); 11]), "too many messages to send as an album"),
    ] {
        let answer = scene.bot.call("sendMediaGroup", json!({ "chat_id": 1001, "media": media })).await;
        assert_eq!(answer.error(), (400, format!("Bad Request: {description}").as_str()), "{media}");
    }
    let video = json!({ "chat_id": 1001, "media": [{ "type": "video", "media": "x" }] });
    assert_eq!(scene.bot.call("sendMediaGroup", video).await.status, 501);
    assert_eq!(scene.anna.chat().await.unwrap().len(), 3, "nothing else was sent");
}

#[tokio::test]
async fn media_and_captions_are_edited() {
    let scene = started_scene().await;
    let message = sent_photo(&scene).await;
    let id = message["message_id"].clone();
    let edit = |method: &'static str, mut parameters: Value| {
        parameters["chat_id"] = json!(1001);
        parameters["message_id"] = id.clone();
        let bot = scene.bot.clone();
        async move { bot.call(method, parameters).await }
    };
    let same = "Bad Request: message is not modified: specified new message content and reply markup are exactly the \
                same as a current content and reply markup of the message";
    assert_eq!(edit("editMessageCaption", json!({ "caption": "Look" })).await.error(), (400, same));
    assert_eq!(edit("editMessageCaption", json!({ "caption": "New" })).await.result()["caption"], "New");
    let long = json!({ "caption": "x".repeat(1025) });
    assert_eq!(edit("editMessageCaption", long).await.error(), (400, "Bad Request: MEDIA_CAPTION_TOO_LONG"));
    assert!(edit("editMessageCaption", json!({})).await.result().get("caption").is_none(), "none takes it away");

    let keyboard = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
    let below = edit("editMessageReplyMarkup", json!({ "reply_markup": keyboard })).await.result();
    assert_eq!(below["reply_markup"], keyboard);
    assert_eq!(edit("editMessageReplyMarkup", json!({ "reply_markup": keyboard })).await.error(), (400, same));
    assert!(edit("editMessageReplyMarkup", json!({})).await.result().get("reply_markup").is_none());
    let reply = edit("editMessageReplyMarkup", json!({ "reply_markup": { "keyboard": [["x"]] } })).await;
    assert_eq!(reply.error(), (400, "Bad Request: inline keyboard expected"));

    let form = Form::new()
        .text("chat_id", "1001")
        .text("message_id", id.to_string())
        .text("media", json!({ "type": "document", "media": "attach://new", "caption": "Doc" }).to_string())
        .part("new", part(vec![1, 2]));
    let edited = read(scene.bot.post("editMessageMedia").multipart(form)).await.unwrap().result();
    assert_eq!((&edited["document"]["file_size"], &edited["caption"]), (&json!(2), &json!("Doc")));
    assert!(edited.get("photo").is_none() && edited["edit_date"].is_u64());
    let media = json!({ "type": "document", "media": edited["document"]["file_id"], "caption": "Doc" });
    assert_eq!(edit("editMessageMedia", json!({ "media": media })).await.error(), (400, same));
    for (media, description) in [
        (json!(""), "parameter \"media\" is required"),
        (json!("{"), "can't parse input media JSON object"),
        (json!([]), "can't parse InputMedia: expected an Object"),
    ] {
        let answer = edit("editMessageMedia", json!({ "media": media })).await;
        assert_eq!(answer.error(), (400, format!("Bad Request: {description}").as_str()));
    }
    let text = scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "x" })).await.result();
    let caption = json!({ "chat_id": 1001, "message_id": text["message_id"], "caption": "x" });
    let caption = scene.bot.call("editMessageCaption", caption).await;
    assert_eq!(caption.error(), (400, "Bad Request: there is no caption in the message to edit"));
}

#[tokio::test]
async fn a_bot_reacts_with_one_known_emoji() {
    let scene = started_scene().await;
    let react = |message_id: i64, reaction: Value| {
        let parameters = json!({ "chat_id": 1001, "message_id": message_id, "reaction": reaction });
        scene.bot.call("setMessageReaction", parameters)
    };
    let emoji = |emoji: &str| json!({ "type": "emoji", "emoji": emoji });
    assert_eq!(react(1, json!([emoji("👍")])).await.result(), json!(true));
    react(1, json!([emoji("❤️")])).await.result();
    react(1, json!([])).await.result();
    for (message, reaction, description) in [
        (99, json!([emoji("👍")]), "message to react not found"),
        (1, json!([emoji("👍"), emoji("🔥")]), "REACTIONS_TOO_MANY"),
        (1, json!([emoji("x")]), "REACTION_INVALID"),
        (1, json!("{"), "can't parse reaction types JSON object"),
        (1, json!({}), "expected an Array of ReactionType"),
        (1, json!([1]), "can't parse ReactionType: expected an Object"),
        (1, json!([{ "type": "paid" }]), "can't parse ReactionType: invalid reaction type specified"),
    ] {
        let answer = react(message, reaction.clone()).await;
        assert_eq!(answer.error(), (400, format!("Bad Request: {description}").as_str()), "{reaction}");
    }
    let custom = json!([{ "type": "custom_emoji", "custom_emoji_id": "1" }]);
    assert_eq!(react(1, custom).await.status, 501);
}
