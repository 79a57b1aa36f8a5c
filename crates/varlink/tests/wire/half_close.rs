//! A caller who has finished sending still gets its answers.

use std::net::Shutdown;
use std::os::fd::AsFd;
use std::sync::atomic::Ordering::SeqCst;

use serde_json::{Value, json};

use crate::harness::{Raw, Running, until};

fn finish_sending(raw: &Raw) {
    let second = raw.stream.as_fd().try_clone_to_owned().unwrap();
    std::os::unix::net::UnixStream::from(second).shutdown(Shutdown::Write).unwrap();
}

fn sleep(ms: u64) -> Value {
    json!({ "method": "org.example.Store.Sleep", "parameters": { "ms": ms } })
}

#[tokio::test]
async fn fast_and_slow_calls_are_answered_after_shutdown() {
    let running = Running::new();
    for ms in [0, 1, 100] {
        let mut raw = running.raw().await;
        raw.send(&sleep(ms)).await;
        finish_sending(&raw);
        assert_eq!(raw.receive().await, Some(json!({ "parameters": { "ms": ms } })));
        assert_eq!(raw.receive().await, None, "then the server closes");
    }
    assert_eq!(running.sleeps.dropped.load(SeqCst), 0);
}

#[tokio::test]
async fn so_are_all_calls_sent_before() {
    let running = Running::new();
    let mut raw = running.raw().await;
    for ms in [30, 0, 30, 1, 30] {
        raw.send(&sleep(ms)).await;
    }
    finish_sending(&raw);
    for ms in [30, 0, 30, 1, 30] {
        assert_eq!(raw.receive().await, Some(json!({ "parameters": { "ms": ms } })));
    }
    assert_eq!(raw.receive().await, None);
}

#[tokio::test]
async fn shutdown_in_the_middle_of_a_call_changes_nothing() {
    let running = Running::new();
    let mut raw = running.raw().await;
    raw.send(&sleep(100)).await;
    until("the call begins", || running.sleeps.begun.load(SeqCst) == 1).await;
    finish_sending(&raw);
    assert_eq!(raw.receive().await, Some(json!({ "parameters": { "ms": 100 } })));
}

#[tokio::test]
async fn hanging_up_after_shutdown_cancels() {
    let running = Running::new();
    let mut raw = running.raw().await;
    raw.send(&sleep(60_000)).await;
    finish_sending(&raw);
    until("the call begins", || running.sleeps.begun.load(SeqCst) == 1).await;
    drop(raw);
    until("the call is dropped", || running.sleeps.dropped.load(SeqCst) == 1).await;
}

#[tokio::test]
async fn a_half_closed_caller_reads_a_large_reply_at_its_leisure() {
    let running = Running::new();
    let mut raw = running.raw().await;
    raw.send(&json!({ "method": "org.example.Store.Blob", "parameters": { "bytes": 4_000_000 } })).await;
    finish_sending(&raw);
    let text = raw.receive().await.unwrap()["parameters"]["text"].as_str().map(str::len);
    assert_eq!(text, Some(4_000_000));
}

#[tokio::test]
async fn half_a_call_and_then_nothing_is_no_call() {
    let running = Running::new();
    let mut raw = running.raw().await;
    raw.send_bytes(b"{\"method\":\"org.example.Store.WhoAmI\"}").await;
    finish_sending(&raw);
    assert_eq!(raw.receive().await, None);
}
