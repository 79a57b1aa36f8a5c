use std::time::Duration;

use natrium_sim::control::{FaultKind, NewFault};
use serde_json::json;

use crate::bot::{read, started_scene};

#[tokio::test]
async fn a_429_says_how_long_in_header_and_body() {
    let scene = started_scene().await;
    scene.control.fails("sendMessage", FaultKind::TooManyRequests { retry_after: 7 }, 1).await.unwrap();
    let answer = scene.bot.call("SendMessage", json!({ "chat_id": 1001, "text": "x" })).await;
    assert_eq!(answer.error(), (429, "Too Many Requests: retry after 7"));
    assert_eq!(answer.headers["retry-after"], "7");
    assert_eq!(answer.body["parameters"], json!({ "retry_after": 7 }));
    assert_eq!(scene.anna.chat().await.unwrap().len(), 1, "it was not sent");
    scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "x" })).await.result();
    assert!(scene.control.state().await.unwrap().faults.is_empty());
}

#[tokio::test]
async fn a_5xx_is_a_page_and_confirms_nothing() {
    let scene = started_scene().await;
    scene.anna.says("keep me").await.unwrap();
    scene.control.fails("getUpdates", FaultKind::ServerError { status: 502 }, 1).await.unwrap();
    let response = scene.bot.get("getUpdates?offset=2000000000").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()), (502, "text/html"));
    assert!(response.text().await.unwrap().contains("<h1>502 Bad Gateway</h1>"));
    assert_eq!(scene.bot.call("getUpdates", json!({})).await.result()[0]["message"]["text"], "keep me");
}

#[tokio::test]
async fn a_dropped_connection_has_no_answer() {
    let scene = started_scene().await;
    scene.control.fails("getMe", FaultKind::Drop, 1).await.unwrap();
    let error = scene.bot.try_call("getMe", json!({})).await.unwrap_err();
    assert!(error.is_request(), "{error:?}");
    scene.bot.call("getMe", json!({})).await.result();
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_deed() {
    let scene = started_scene().await;
    let fault =
        NewFault { kind: FaultKind::Drop, method: Some("sendMessage".into()), calls: Some(1), skip: 0, after: true };
    scene.control.add_fault(fault).await.unwrap();
    scene.bot.try_call("sendMessage", json!({ "chat_id": 1001, "text": "twice?" })).await.unwrap_err();
    scene.anna.sees("twice?").await.unwrap();
    let call = scene.control.calls(Some("sendMessage")).await.unwrap().remove(0);
    assert_eq!(call.fault, Some(FaultKind::Drop));
}

#[tokio::test]
async fn an_outage_lasts_until_it_is_cleared() {
    let scene = started_scene().await;
    scene.control.outage().await.unwrap();
    for method in ["getMe", "getUpdates", "sendMessage"] {
        assert!(scene.bot.try_call(method, json!({})).await.is_err(), "{method}");
    }
    assert!(scene.bot.file("documents/file_0.yml").send().await.is_err());
    scene.control.clear_faults().await.unwrap();
    scene.bot.call("getMe", json!({})).await.result();
}

#[tokio::test]
async fn a_hang_hangs_and_latency_delays() {
    let scene = started_scene().await;
    scene.control.fails("getMe", FaultKind::Hang, 1).await.unwrap();
    let hanging = scene.bot.post("getMe").timeout(Duration::from_millis(300));
    assert!(read(hanging).await.unwrap_err().is_timeout());
    scene.control.fails("getMe", FaultKind::Latency { millis: 400 }, 1).await.unwrap();
    let answer = scene.bot.call("getMe", json!({})).await;
    assert!(answer.status == 200 && answer.took >= Duration::from_millis(400), "{:?}", answer.took);
}

#[tokio::test]
async fn a_401_and_a_409_by_order() {
    let scene = started_scene().await;
    scene.control.fails("getUpdates", FaultKind::Unauthorized, 1).await.unwrap();
    assert_eq!(scene.bot.call("getUpdates", json!({})).await.error(), (401, "Unauthorized"));
    scene.control.fails("getUpdates", FaultKind::Conflict, 1).await.unwrap();
    assert_eq!(scene.bot.call("getUpdates", json!({})).await.status, 409);
    let fault = NewFault { kind: FaultKind::Unauthorized, method: None, calls: Some(1), skip: 2, after: false };
    scene.control.add_fault(fault).await.unwrap();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(scene.bot.call("getMe", json!({})).await.status);
    }
    assert_eq!(statuses, [200, 200, 401, 200]);
    assert_eq!(scene.control.counters().await.unwrap().faults, 3);
}
