use reqwest::multipart::Form;
use serde_json::json;

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
async fn a_body_that_is_no_json_object_is_refused() {
    let scene = started_scene().await;
    for body in ["[1]", "{", "1"] {
        let request = scene.bot.post("sendMessage").header("content-type", "application/json").body(body);
        assert_eq!(read(request).await.unwrap().error(), (400, "Bad Request: can't parse JSON object"));
    }
}
