use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::bot::{Bot, read, scene, started_scene};
use crate::chats::{Control, updates};

#[tokio::test]
async fn a_document_can_be_downloaded() {
    let scene = scene().await;
    scene.anna.sends("Прайс.yml", "fees: []").await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({})).await.result();
    let document = &updates[0]["message"]["document"];
    assert_eq!(document["file_name"], "Прайс.yml");
    assert_eq!(document["file_size"], json!(8));
    assert_eq!(document["mime_type"], "application/x-yaml");
    let file = scene.bot.call("getFile", json!({ "file_id": document["file_id"] })).await.result();
    assert_eq!(file["file_unique_id"], document["file_unique_id"]);
    assert_eq!(file["file_path"], "documents/file_0.yml");
    let response = scene.bot.file("documents/file_0.yml").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (200, "fees: []"));
    let encoded = scene.bot.file("documents%2Ffile_0.yml").send().await.unwrap();
    assert_eq!(encoded.status(), 200, "the path is decoded before it is read");
    assert_eq!(read(scene.bot.file("documents/file_1.yml")).await.unwrap().error(), (404, "Not Found"));
    let calls = scene.control.calls(Some("download")).await.unwrap();
    assert_eq!(calls.len(), 3);
    assert_eq!(calls[0].path, "/file/bot…/documents/file_0.yml", "the token is not recorded");
}

#[tokio::test]
async fn a_file_of_30_mebibytes_is_too_big_and_20_are_not() {
    let scene = scene().await;
    scene.anna.sends_sample("fees-30MiB.yml").await.unwrap();
    scene.anna.sends("exact.bin", vec![b'x'; 20 << 20]).await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({})).await.result();
    let document = |index: usize| updates[index]["message"]["document"].clone();
    assert_eq!(document(0)["file_size"], json!(30 << 20), "the bot is told the size");
    let answer = scene.bot.call("getFile", json!({ "file_id": document(0)["file_id"] })).await;
    assert_eq!(answer.error(), (400, "Bad Request: file is too big"));
    scene.bot.call("getFile", json!({ "file_id": document(1)["file_id"] })).await.result();
}

#[tokio::test]
async fn errors_of_get_file() {
    let scene = scene().await;
    let unknown = "BQACAgIAAxkBAAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for (file_id, description) in [
        ("", "Bad Request: file_id not specified"),
        ("nonsense!", "Bad Request: invalid file_id"),
        (unknown, "Bad Request: wrong file_id or the file is temporarily unavailable"),
    ] {
        let answer = scene.bot.call("getFile", json!({ "file_id": file_id })).await;
        assert_eq!(answer.error(), (400, description));
    }
}

#[tokio::test]
async fn a_photo_is_not_a_document() {
    let scene = scene().await;
    scene.anna.sends_sample("photo.png").await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({})).await.result();
    let message = &updates[0]["message"];
    assert!(message.get("document").is_none() && message.get("text").is_none());
    let sizes: Vec<_> =
        message["photo"].as_array().unwrap().iter().map(|size| (&size["width"], &size["height"])).collect();
    let expected = [(&json!(90), &json!(60)), (&json!(320), &json!(213)), (&json!(480), &json!(320))];
    assert_eq!(sizes, expected, "the largest one is the last one");
    let photo = &message["photo"][2];
    let file = scene.bot.call("getFile", json!({ "file_id": photo["file_id"] })).await.result();
    assert_eq!(file["file_path"], "photos/file_0.jpg");
    assert!(scene.anna.sends_photo("not a picture").await.is_err());
}

#[tokio::test]
async fn documents_are_sent_as_part_by_reference_or_by_id() {
    let scene = started_scene().await;
    let part = || Part::text("brackets: []").file_name("fees.yml").mime_str("application/x-yaml").unwrap();
    let direct = Form::new().text("chat_id", "1001").text("caption", "<b>now</b>").text("parse_mode", "HTML");
    let message =
        read(scene.bot.post("sendDocument").multipart(direct.part("document", part()))).await.unwrap().result();
    assert_eq!(message["caption"], "now");
    assert_eq!(message["caption_entities"][0]["type"], "bold");
    assert_eq!(scene.anna.gets("fees.yml").await.unwrap(), "brackets: []");

    let attached = Form::new().text("chat_id", "1001").text("document", "attach://abc").part("abc", part());
    let message = read(scene.bot.post("sendDocument").multipart(attached)).await.unwrap().result();
    assert_eq!(message["document"]["file_name"], "fees.yml");
    assert!(scene.control.calls(Some("sendDocument")).await.unwrap().iter().all(|call| call.ignored.is_empty()));

    let id = message["document"]["file_id"].clone();
    let again = scene.bot.call("sendDocument", json!({ "chat_id": 1001, "document": id })).await.result();
    assert_eq!(again["document"], message["document"], "the same file keeps its ids");
}

#[tokio::test]
async fn errors_of_send_document() {
    let scene = started_scene().await;
    let answer = scene.bot.call("sendDocument", json!({ "chat_id": 1001 })).await;
    assert_eq!(answer.error(), (400, "Bad Request: there is no document in the request"));
    let form =
        |bytes: Vec<u8>| Form::new().text("chat_id", "1001").part("document", Part::bytes(bytes).file_name("a.bin"));
    let empty = read(scene.bot.post("sendDocument").multipart(form(Vec::new()))).await.unwrap();
    assert_eq!(empty.error(), (400, "Bad Request: file must be non-empty"));
    let large = read(scene.bot.post("sendDocument").multipart(form(vec![0; (50 << 20) + 1]))).await.unwrap();
    assert_eq!(large.error(), (413, "Request Entity Too Large"));
    let captioned = form(vec![1]).text("caption", "x".repeat(1025));
    let answer = read(scene.bot.post("sendDocument").multipart(captioned)).await.unwrap();
    assert_eq!(answer.error(), (400, "Bad Request: message caption is too long"));
    let answer = scene.bot.call("sendDocument", json!({ "chat_id": 1001, "document": "no-such-file" })).await;
    assert_eq!(answer.error(), (400, "Bad Request: wrong file identifier/HTTP URL specified"));
    let form = form(vec![1]);
    let id = read(scene.bot.post("sendDocument").multipart(form)).await.unwrap().result()["message_id"].clone();
    let edit = scene.bot.call("editMessageText", json!({ "chat_id": 1001, "message_id": id, "text": "x" })).await;
    assert_eq!(edit.error(), (400, "Bad Request: there is no text in the message to edit"));
}

#[tokio::test]
async fn people_do_not_send_empty_files() {
    let scene = scene().await;
    let error = scene.anna.sends("empty.yml", "").await.unwrap_err().to_string();
    assert!(error.contains("the file is empty"), "{error}");
}

#[tokio::test]
async fn a_document_that_telegram_would_send_as_something_else_is_refused() {
    let scene = started_scene().await;
    for (name, bytes, kind) in [
        ("a.gif", &b"GIF89a\x01\0"[..], "animation"),
        ("a.mp4", b"\0\0\0\x18ftypisom\0\0\0\0", "video"),
        ("a.mp3", b"ID3\x04\0\0", "audio"),
        ("b.mp3", b"\xff\xfb\x90\x64\0", "audio"),
        ("a.webp", b"RIFF\x20\0\0\0WEBPVP8 ", "sticker"),
    ] {
        let form = || Form::new().text("chat_id", "1001").part("document", Part::bytes(bytes.to_vec()).file_name(name));
        let refused = read(scene.bot.post("sendDocument").multipart(form())).await.unwrap();
        assert_eq!(refused.status, 501, "{name}");
        let why = refused.error().1;
        assert!(why.contains(kind) && why.contains("disable_content_type_detection"), "{why}");
        let kept = form().text("disable_content_type_detection", "true");
        let kept = read(scene.bot.post("sendDocument").multipart(kept)).await.unwrap().result();
        assert_eq!(kept["document"]["file_name"], name);

        let id = kept["message_id"].to_string();
        let edit = |media: serde_json::Value| {
            let form = form().text("message_id", id.clone()).text("media", media.to_string());
            read(scene.bot.post("editMessageMedia").multipart(form))
        };
        let media = json!({ "type": "document", "media": "attach://document" });
        assert_eq!(edit(media).await.unwrap().status, 501, "{name}");
        let media = json!({ "type": "document", "media": "attach://document", "disable_content_type_detection": true });
        edit(media).await.unwrap().result();
        let album = json!([{ "type": "document", "media": "attach://document" }]).to_string();
        let album = read(scene.bot.post("sendMediaGroup").multipart(form().text("media", album))).await.unwrap();
        assert_eq!(album.result()[0]["document"]["file_name"], name, "in albums nothing is looked for");
    }
    for (name, bytes) in
        [("utf16.csv", &b"\xff\xfea\0"[..]), ("song.txt", b"\xff\xfb\x90\x64"), ("a.png", b"\x89PNG\r\n")]
    {
        let form = Form::new().text("chat_id", "1001").part("document", Part::bytes(bytes.to_vec()).file_name(name));
        read(scene.bot.post("sendDocument").multipart(form)).await.unwrap().result();
    }
}

#[tokio::test]
async fn a_file_has_one_unique_id_for_all_bots_and_an_id_for_each() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    assert_eq!(control.post("/bots", json!({ "token": "77:second" })).await.0, 204);
    let second = Bot::new(&scene.telegram.url(), "77:second");
    let bots = json!([{ "status": "administrator" }, { "bot": 77, "status": "administrator" }]);
    let new = json!({ "kind": "supergroup", "title": "Team", "owner": 1001, "bots": bots });
    let team = control.done("/chats", new).await["chat"].clone();
    updates(&scene.bot).await;
    updates(&second).await;
    let url = format!("{}/control/chats/{team}/documents?from=1001&name=fees.yml", scene.telegram.url());
    let sent = reqwest::Client::new().post(url).body("fees: []").send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let mut heard = Vec::new();
    for bot in [&scene.bot, &second] {
        let document = updates(bot).await[0]["message"]["document"].clone();
        let file = bot.call("getFile", json!({ "file_id": document["file_id"] })).await.result();
        assert_eq!(file["file_unique_id"], document["file_unique_id"]);
        heard.push(document);
    }
    assert_eq!(heard[0]["file_unique_id"], heard[1]["file_unique_id"]);
    assert_ne!(heard[0]["file_id"], heard[1]["file_id"]);
    let foreign = second.call("getFile", json!({ "file_id": heard[0]["file_id"] })).await;
    assert_eq!(foreign.error(), (400, "Bad Request: wrong file_id or the file is temporarily unavailable"));
}

#[tokio::test]
async fn a_download_goes_on_for_an_hour_and_longer() {
    let scene = scene().await;
    scene.anna.sends("fees.yml", "fees: []").await.unwrap();
    let file_id = updates(&scene.bot).await[0]["message"]["document"]["file_id"].clone();
    let file = scene.bot.call("getFile", json!({ "file_id": file_id })).await.result();
    let path = file["file_path"].as_str().unwrap();
    for _ in 0..2 {
        scene.control.advance(Duration::from_secs(3_599)).await.unwrap();
        let response = scene.bot.file(path).send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (200, "fees: []"));
    }
    let again = scene.bot.call("getFile", json!({ "file_id": file_id })).await.result();
    assert_eq!(again["file_path"].as_str(), Some(path));
}
