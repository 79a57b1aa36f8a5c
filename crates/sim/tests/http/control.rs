use std::time::Duration;

use natrium_sim::client::ClientError;
use natrium_sim::control::{Event, FaultKind, NewBot, NewFault, NewUser};
use natrium_sim::{Options, Simulator};
use serde_json::json;

use crate::bot::{Bot, scene, started_scene};

#[tokio::test]
async fn a_conversation() {
    let scene = scene().await;
    scene.anna.says("/set_fees").await.unwrap();
    let bot = scene.bot.clone();
    let serving = tokio::spawn(async move {
        let sent = bot.call("sendMessage", json!({ "chat_id": 1001, "text": "Downloading" })).await.result();
        let edit = json!({ "chat_id": 1001, "message_id": sent["message_id"], "text": "Updated" });
        bot.call("editMessageText", edit).await.result();
    });
    scene.anna.sees_now("Updated").await.unwrap();
    scene.anna.sees("Downloading").await.unwrap();
    serving.await.unwrap();
    assert_eq!(scene.anna.transcript().await.unwrap(), "  user 1: /set_fees\n  bot  2: Downloading → Updated\n");
    scene.anna.says("/get_fees").await.unwrap();
    let error = scene.control.clone().patient(Duration::from_millis(50));
    let anna = error.user(1001, "Anna").await.unwrap();
    let error = anna.sees("never said").await.unwrap_err();
    assert!(matches!(&error, ClientError::NotSeen { chat, .. } if chat.contains("Downloading → Updated")), "{error}");
}

#[tokio::test]
async fn sees_only_counts_since_the_last_action() {
    let scene = started_scene().await;
    scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "answer" })).await.result();
    scene.anna.sees("answer").await.unwrap();
    scene.anna.says("again").await.unwrap();
    let waiting = {
        let anna = scene.anna.clone();
        tokio::spawn(async move { anna.sees("answer").await.unwrap().message_id })
    };
    let again = scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "answer" })).await.result();
    assert_eq!(json!(waiting.await.unwrap()), again["message_id"]);
}

#[tokio::test]
async fn events_tell_everything_live() {
    let scene = scene().await;
    let url = format!("{}/control/events", scene.telegram.url());
    let mut response = reqwest::get(url).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    scene.anna.says("<script>alert(1)</script>").await.unwrap();
    let mut text = String::new();
    let event = loop {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let mut events = data.filter_map(|data| serde_json::from_str::<Event>(data).ok());
        if let Some(event) = events.find(|event| matches!(event, Event::Message { .. })) {
            break event;
        }
    };
    assert!(matches!(event, Event::Message { chat: 1001, message, .. } if message.text.text.starts_with("<script>")));
}

#[tokio::test]
async fn several_bots_have_their_own_chats() {
    let scene = started_scene().await;
    let bot = NewBot { token: "77:second".into(), username: Some("second_bot".into()), first_name: None };
    scene.control.add_bot(bot).await.unwrap();
    let second = Bot::new(&scene.telegram.url(), "77:second");
    assert_eq!(second.call("getMe", json!({})).await.result()["username"], "second_bot");
    let answer = second.call("sendMessage", json!({ "chat_id": 1001, "text": "x" })).await;
    assert_eq!(answer.error(), (400, "Bad Request: chat not found"));
}

#[tokio::test]
async fn mistakes_in_controls_are_named() {
    let scene = scene().await;
    let error = |result: Result<i64, ClientError>| result.unwrap_err().to_string();
    assert_eq!(error(scene.anna.says(" ").await), "400: a message needs text");
    assert!(error(scene.anna.says(&"x".repeat(4097)).await).starts_with("400: the text has 4097 characters"));
    assert_eq!(error(scene.anna.edits(9, "x").await), "404: there is no message 9 in this chat");
    assert!(scene.control.user(0, "Nobody").await.is_err());
    assert!(scene.control.user(5_550_001_111, "A bot").await.is_err());
    let response = reqwest::get(format!("{}/control/nothing", scene.telegram.url())).await.unwrap();
    assert_eq!(response.status(), 404);
}

#[tokio::test]
async fn the_page_comes_with_a_strict_policy() {
    let scene = scene().await;
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/page/style.css", "text/css; charset=utf-8"),
        ("/page/app.js", "text/javascript; charset=utf-8"),
        ("/page/view/text.js", "text/javascript; charset=utf-8"),
    ] {
        let response = reqwest::get(format!("{}{path}", scene.telegram.url())).await.unwrap();
        assert_eq!(response.headers()["content-type"], kind);
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"));
        let text = response.text().await.unwrap();
        assert!(!text.contains("innerHTML"), "{path} could run what people write");
    }
}

#[tokio::test]
async fn people_given_at_the_start_are_there_again_after_a_reset() {
    let olga = NewUser {
        id: 7,
        first_name: "Olga".into(),
        last_name: None,
        username: None,
        language_code: None,
        note: Some("admin".into()),
        started: false,
    };
    let telegram = Simulator::start(Options { people: vec![olga], ..Options::default() }).await.unwrap();
    let control = telegram.client();
    control.user(8, "Oleg").await.unwrap();
    control.reset().await.unwrap();
    let users = control.state().await.unwrap().users;
    assert_eq!(users.iter().map(|user| user.id).collect::<Vec<i64>>(), [7]);
    assert_eq!(users[0].note.as_deref(), Some("admin"));
}

#[tokio::test]
async fn the_call_log_tells_what_was_answered_and_not_what_would_have_been() {
    let scene = started_scene().await;
    let good = r#"{"ok":true"#;
    for (kind, after, status, answer) in [
        (FaultKind::TooManyRequests { retry_after: 3 }, true, 429, "retry after 3"),
        (FaultKind::TooManyRequests { retry_after: 4 }, false, 429, "retry after 4"),
        (FaultKind::Conflict, true, 409, "terminated by other getUpdates"),
        (FaultKind::Unauthorized, true, 401, "Unauthorized"),
        (FaultKind::ServerError { status: 502 }, true, 502, "502 Bad Gateway"),
        (FaultKind::SlowBody { millis: 20 }, true, 200, good),
    ] {
        let fault = NewFault { method: Some("getMe".to_owned()), after, calls: Some(1), ..kind.clone().into() };
        scene.control.add_fault(fault).await.unwrap();
        let response = scene.bot.post("getMe").send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{kind:?}");
        let told = response.text().await.unwrap();
        let calls = scene.control.calls(Some("getMe")).await.unwrap();
        let call = calls.last().unwrap();
        assert_eq!((call.status, call.response.as_deref()), (Some(status), Some(told.as_str())), "{kind:?}");
        assert!(told.contains(answer), "{kind:?}: {told}");
    }
    let lost = NewFault { method: Some("download".to_owned()), after: true, ..FaultKind::Unauthorized.into() };
    scene.control.add_fault(lost).await.unwrap();
    assert_eq!(scene.bot.file("documents/file_0.yml").send().await.unwrap().status(), 401);
    let calls = scene.control.calls(Some("download")).await.unwrap();
    assert!(calls[0].response.as_ref().is_some_and(|told| told.contains("Unauthorized")), "{calls:?}");
}

#[tokio::test]
async fn a_call_that_a_reset_overtook_is_not_mixed_up_with_a_later_one() {
    let scene = started_scene().await;
    let late = NewFault { method: Some("sendMessage".into()), ..FaultKind::latency(1_000).into() };
    scene.control.add_fault(late).await.unwrap();
    let bot = scene.bot.clone();
    let sending =
        tokio::spawn(async move { bot.call("sendMessage", json!({ "chat_id": 1001, "text": "late" })).await });
    scene.control.called("sendMessage", 1).await.unwrap();
    scene.control.reset().await.unwrap();
    for _ in 0..5 {
        scene.bot.call("getMe", json!({})).await.result();
    }
    sending.await.unwrap();
    let calls = scene.control.calls(None).await.unwrap();
    assert_eq!(calls.len(), 5);
    for call in calls {
        assert_eq!((call.method.as_str(), call.parameters.len(), call.status), ("getMe", 0, Some(200)), "{call:?}");
        assert!(call.response.unwrap().contains("\"is_bot\":true"), "it has its own answer");
    }
}
