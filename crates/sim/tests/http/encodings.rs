use std::time::Duration;

use reqwest::multipart::Form;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::bot::{read, started_scene};

#[tokio::test]
async fn parameters_come_in_four_ways() {
    let scene = started_scene().await;
    let markup = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
    let fields = [("chat_id", "1001"), ("text", "привет & <hi>"), ("reply_markup", &markup.to_string())];
    let query = scene.bot.get("sendMessage").query(&fields);
    let form_body = reqwest::Url::parse_with_params("http://x/", fields).unwrap().query().unwrap().to_owned();
    let urlencoded =
        scene.bot.post("sendMessage").header("content-type", "application/x-www-form-urlencoded").body(form_body);
    let form = fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value.to_owned()));
    let multipart = scene.bot.post("sendMessage").multipart(form);
    let structured = json!({ "chat_id": 1001, "text": "привет & <hi>", "reply_markup": markup });
    let json_body = scene.bot.post("sendMessage").json(&structured);
    for (name, request) in [("query", query), ("urlencoded", urlencoded), ("multipart", multipart), ("json", json_body)]
    {
        let message = read(request).await.unwrap().result();
        assert_eq!(message["text"], "привет & <hi>", "{name}");
        assert_eq!(message["reply_markup"], markup, "{name}");
        let calls = scene.control.calls(Some("sendMessage")).await.unwrap();
        assert_eq!(calls.last().unwrap().encoding, name);
    }
}

#[tokio::test]
async fn the_query_string_counts_before_the_body_and_null_is_absent() {
    let scene = started_scene().await;
    let request = scene.bot.post("sendMessage?text=query").json(&json!({
        "chat_id": "1001", "text": "body", "parse_mode": null, "disable_notification": "true"
    }));
    assert_eq!(read(request).await.unwrap().result()["text"], "query");
}

#[tokio::test]
async fn numbers_may_be_texts_and_objects_may_be_json_text() {
    let scene = started_scene().await;
    let markup = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
    let parameters = json!({
        "chat_id": "1001", "text": "x", "disable_notification": "1", "protect_content": "yes",
        "reply_parameters": r#"{"message_id":1}"#, "reply_markup": markup.to_string(),
    });
    let message = scene.bot.call("sendMessage", parameters).await.result();
    assert_eq!(message["reply_markup"], markup);
    assert_eq!(message["reply_to_message"]["message_id"], json!(1));
    assert_eq!(message["has_protected_content"], json!(true));
}

#[tokio::test]
async fn a_get_may_have_a_body() {
    let scene = started_scene().await;
    let request = scene.bot.get("sendMessage").json(&json!({ "chat_id": 1001, "text": "by GET" }));
    assert_eq!(read(request).await.unwrap().result()["text"], "by GET");
}

#[tokio::test]
async fn of_broken_json_what_comes_before_the_mistake_counts() {
    let scene = started_scene().await;
    let send = |body: &'static str| {
        read(scene.bot.post("sendMessage").header("content-type", "application/json; charset=utf-8").body(body))
    };
    for body in ["[1]", "{", "1", "\"chat_id\"", "text"] {
        assert_eq!(send(body).await.unwrap().error(), (400, "Bad Request: message text is empty"), "{body}");
    }
    let cut = send(r#"{"chat_id":1001,"text":"cut","parse_mode":"bbcode"#).await.unwrap();
    assert_eq!(cut.result()["text"], "cut");
    let more = send(r#"{"chat_id":1001,"text":"more"}, and more"#).await.unwrap();
    assert_eq!(more.result()["text"], "more");
    let calls = scene.control.calls(Some("sendMessage")).await.unwrap();
    assert!(calls.iter().all(|call| call.encoding == "json (broken)"), "the log tells of it");
}

#[tokio::test]
async fn if_a_parameter_comes_twice_the_first_one_counts() {
    let scene = started_scene().await;
    let body = r#"{"chat_id":1001,"text":"first","text":"second"}"#;
    let request = scene.bot.post("sendMessage").header("content-type", "application/json").body(body);
    assert_eq!(read(request).await.unwrap().result()["text"], "first");
}

#[tokio::test]
async fn a_body_of_another_type_is_no_parameters() {
    let scene = started_scene().await;
    let request = scene.bot.post("sendMessage?chat_id=1001&text=query").header("content-type", "text/plain").body("?");
    assert_eq!(read(request).await.unwrap().result()["text"], "query");
}

/// Sends a body of this type, which cannot be read, and returns the status.
async fn unreadable(bot: &crate::bot::Bot, kind: &str, body: String) -> u16 {
    let response = bot.post("sendDocument").header("content-type", kind).body(body).send().await.unwrap();
    let status = response.status().as_u16();
    assert_eq!(response.headers()["connection"], "close");
    assert_eq!(response.text().await.unwrap(), "", "the status is all there is");
    status
}

#[tokio::test]
async fn multipart_that_cannot_be_read_is_400_and_nothing_else() {
    let scene = started_scene().await;
    let kind = "multipart/form-data; boundary=B";
    assert_eq!(unreadable(&scene.bot, "multipart/form-data", "x".to_owned()).await, 400);
    assert_eq!(unreadable(&scene.bot, kind, "nothing of the kind".to_owned()).await, 400);
    let nameless = "--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--\r\n";
    assert_eq!(unreadable(&scene.bot, kind, nameless.to_owned()).await, 400);
    let endless = "--B\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n1001";
    assert_eq!(unreadable(&scene.bot, kind, endless.to_owned()).await, 400);
    let calls = scene.control.calls(Some("sendDocument")).await.unwrap();
    assert!(calls.iter().all(|call| call.status == Some(400) && !call.unsimulated), "{calls:?}");
    let why: Vec<&str> = calls.iter().filter_map(|call| call.response.as_deref()).collect();
    assert!(why[0].contains("boundary not found") && why[2].contains("field name"), "{why:?}");
}

#[tokio::test]
async fn bodies_that_are_too_large_are_413() {
    let scene = started_scene().await;
    let text = json!({ "chat_id": 1001, "text": "x".repeat(1 << 20) });
    assert_eq!(scene.bot.call("sendMessage", text).await.error(), (413, "Request Entity Too Large"));
    let many = (0..51).fold(Form::new(), |form, number| {
        form.part(format!("file{number}"), reqwest::multipart::Part::text("x").file_name("x"))
    });
    let answer = read(scene.bot.post("sendDocument").multipart(many)).await.unwrap();
    assert_eq!(answer.error(), (413, "Request Entity Too Large"), "50 files are the most");
}

#[tokio::test]
async fn a_connection_goes_on_after_a_body_whose_end_comes_late() {
    let scene = started_scene().await;
    let mut connection = TcpStream::connect(scene.telegram.address()).await.unwrap();
    let token = scene.telegram.token();
    let part =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let body = format!("{}{}--b--", part("chat_id", "1001"), part("text", "in parts"));
    let request = format!(
        "POST /bot{token}/sendMessage HTTP/1.1\r\nHost: sim\r\nTransfer-Encoding: chunked\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n\r\n{:x}\r\n{body}\r\n",
        body.len()
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let early = timeout(Duration::from_millis(300), connection.readable()).await;
    assert!(early.is_err(), "answered before the request was complete");
    connection.write_all(b"2\r\n\r\n\r\n0\r\n\r\n").await.unwrap();
    let next = format!("GET /bot{token}/getMe HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n");
    connection.write_all(next.as_bytes()).await.unwrap();
    let mut answers = String::new();
    connection.read_to_string(&mut answers).await.unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert!(answers.contains("in parts") && answers.contains("can_join_groups"), "{answers}");
}

#[tokio::test]
async fn a_connection_goes_on_after_a_body_that_nobody_asked_for() {
    let scene = started_scene().await;
    let token = scene.telegram.token();
    for (asked, kind) in [
        ("/control/users/1001/samples/fees.yml".to_owned(), "application/json"),
        ("/control/nothing".to_owned(), "application/json"),
        ("/nothing".to_owned(), "application/json"),
        (format!("/bot{token}/getMe"), "text/plain"),
        (format!("/file/bot{token}/nothing"), "text/plain"),
    ] {
        let mut connection = TcpStream::connect(scene.telegram.address()).await.unwrap();
        let head = format!("POST {asked} HTTP/1.1\r\nHost: sim\r\nContent-Type: {kind}\r\nContent-Length: 2\r\n\r\n");
        connection.write_all(head.as_bytes()).await.unwrap();
        let early = timeout(Duration::from_millis(100), connection.readable()).await;
        assert!(early.is_err(), "{asked}: answered before the request was complete");
        connection.write_all(b"{}").await.unwrap();
        let next = format!("GET /bot{token}/getMe HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n");
        connection.write_all(next.as_bytes()).await.unwrap();
        let mut answers = String::new();
        connection.read_to_string(&mut answers).await.unwrap();
        assert_eq!(answers.matches("HTTP/1.1 ").count(), 2, "{asked}: {answers}");
        assert!(answers.contains("can_join_groups"), "{asked}: {answers}");
    }
}

#[tokio::test]
async fn a_text_that_is_not_utf8_is_refused_and_cuts_nothing() {
    let scene = started_scene().await;
    let form = |body: &'static [u8]| ("application/x-www-form-urlencoded", body.to_vec());
    let json = |body: &'static [u8]| ("application/json", body.to_vec());
    let part = b"--B\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n1001\r\n\
        --B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\xff\r\n--B--\r\n";
    let strings = "Bad Request: strings must be encoded in UTF-8";
    for ((kind, body), description) in [
        (form(b"chat_id=1001&text=%FF"), strings),
        (form(b"text=caf\xe9&chat_id=1001"), strings),
        (json(br#"{"chat_id":1001,"text":"\ud83d"}"#), strings),
        (json(br#"{"text":"\ude00 cut","chat_id":1001}"#), strings),
        (json(b"{\"text\":\"\xff\",\"chat_id\":1001}"), strings),
        (
            json(br#"{"chat_id":1001,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"\ud83d","callback_data":"y"}]]}}"#),
            strings,
        ),
        (("multipart/form-data; boundary=B", part.to_vec()), strings),
        (json(br#"{"text":"\ud83d","chat_id":1001,"parse_mode":"HTML"}"#), "Bad Request: text must be encoded in UTF-8"),
    ] {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let request = scene.bot.post("sendMessage").header("content-type", kind).body(body);
        assert_eq!(read(request).await.unwrap().error(), (400, description), "{shown}");
    }
    let query = read(scene.bot.get("sendMessage?chat_id=1001&text=%C3%28")).await.unwrap();
    assert_eq!(query.error(), (400, strings));
    assert_eq!(scene.anna.chat().await.unwrap().len(), 1, "nothing was sent");
}

#[tokio::test]
async fn what_is_utf8_after_all_is_sent_and_what_nobody_reads_may_be_anything() {
    let scene = started_scene().await;
    let send = |kind: &'static str, body: &'static [u8]| {
        read(scene.bot.post("sendMessage").header("content-type", kind).body(body))
    };
    let pair = send("application/json", br#"{"chat_id":1001,"text":"\ud83d\ude00 \u0430","unknown":"\ud83d"}"#).await;
    assert_eq!(pair.unwrap().result()["text"], "😀 а");
    let form = send("application/x-www-form-urlencoded", "unknown=%FF&&chat_id=1001&text=а+b%2B%zz=".as_bytes()).await;
    assert_eq!(form.unwrap().result()["text"], "а b+%zz=");
    let replaced = send("application/json", "{\"chat_id\":1001,\"text\":\"\u{fffd}\"}".as_bytes()).await;
    assert_eq!(replaced.unwrap().result()["text"], "\u{fffd}", "which is a character like any other");
}

#[tokio::test]
async fn of_a_number_the_leading_digits_count() {
    let scene = started_scene().await;
    for chat in [json!(1001.0), json!("1001abc"), json!("1001 ")] {
        scene.bot.call("sendMessage", json!({ "chat_id": chat, "text": "x" })).await.result();
    }
    for chat in [json!("abc"), json!("+1001"), json!("-"), json!(true)] {
        let answer = scene.bot.call("sendMessage", json!({ "chat_id": chat, "text": "x" })).await;
        assert_eq!(answer.error(), (400, "Bad Request: chat not found"), "{chat}");
    }
    scene.anna.says("one").await.unwrap();
    scene.anna.says("two").await.unwrap();
    let count = async |limit: serde_json::Value| {
        let updates = scene.bot.call("getUpdates", json!({ "limit": limit, "timeout": 0 })).await.result();
        updates.as_array().unwrap().len()
    };
    assert_eq!(count(json!("2nd")).await, 2);
    assert_eq!(count(json!("abc")).await, 1, "which is 0, and that is too few");
    let last = scene.bot.call("getUpdates", json!({ "offset": -1 })).await.result()[0]["update_id"].as_i64().unwrap();
    let poll = scene.bot.poll(json!({ "offset": format!("{}.5", last + 1), "timeout": 50.0 }));
    scene.control.polling().await.unwrap();
    scene.anna.says("three").await.unwrap();
    assert_eq!(poll.await.unwrap().result()[0]["message"]["text"], "three");
}

#[tokio::test]
async fn a_name_that_comes_very_often_is_remembered_once() {
    let scene = started_scene().await;
    let form = "a=&".repeat((1 << 20) / 3);
    let request = scene.bot.post("getMe").header("content-type", "application/x-www-form-urlencoded").body(form);
    read(request).await.unwrap().result();
    let call = scene.control.calls(Some("getMe")).await.unwrap().remove(0);
    assert_eq!((call.ignored.len(), call.parameters.len()), (1, 1));
}
