//! A service that misbehaves hurts only the connection it misbehaves on, and never makes one answer pass for another.

use serde_json::{Value, json};

use crate::harness::Running;
use crate::log::Log;

fn call(method: &str) -> Value {
    json!({ "method": format!("org.example.Store.{method}") })
}

#[tokio::test]
async fn a_panic_or_a_missing_answer_ends_only_its_connection() {
    let running = Running::new();
    let mut other = running.raw().await;
    other.send(&json!({ "method": "org.example.Store.Sleep", "parameters": { "ms": 100 } })).await;
    for method in ["Panic", "Silent"] {
        let mut raw = running.raw().await;
        raw.send(&call(method)).await;
        assert_eq!(raw.receive().await, None, "{method}");
    }
    assert_eq!(other.receive().await, Some(json!({ "parameters": { "ms": 100 } })));
    assert!(other.ask(&call("WhoAmI")).await.get("parameters").is_some());
}

#[tokio::test]
async fn a_second_answer_is_not_sent() {
    let running = Running::new();
    let mut raw = running.raw().await;
    raw.send(&call("Twice")).await;
    raw.send(&call("WhoAmI")).await;
    assert_eq!(raw.receive().await, Some(json!({ "parameters": { "n": 1 } })));
    assert_eq!(raw.receive().await, None);
}

#[tokio::test]
async fn a_stream_nobody_asked_for_is_not_sent() {
    let running = Running::new();
    let reply = running.raw().await.ask(&call("Rude")).await;
    assert_eq!(reply, json!({ "error": "org.varlink.service.ExpectedMore", "parameters": {} }));
}

#[tokio::test]
async fn replies_given_up_midway_are_still_sent_whole() {
    let running = Running::new();
    let mut raw = running.raw().await;
    let bytes = 3_000_000;
    let call = json!({ "method": "org.example.Store.Hasty", "parameters": { "bytes": bytes }, "more": true });
    raw.send(&call).await;
    for continues in [Some(true), None] {
        let reply = raw.receive().await.unwrap();
        assert_eq!(reply["parameters"]["text"].as_str().map(str::len), Some(bytes));
        assert_eq!(reply.get("continues").and_then(Value::as_bool), continues);
    }
}

#[test]
fn a_panic_is_logged_without_what_it_said() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let running = Running::new();
        let mut raw = running.raw().await;
        raw.send(&call("Panic")).await;
        assert_eq!(raw.receive().await, None);
    });
    let text = log.text();
    assert!(text.contains("org.example.Store.Panic"), "{text}");
    assert!(!text.contains("as asked"), "{text}");
}
