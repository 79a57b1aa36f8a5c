//! A caller cancels by hanging up.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use natrium_varlink::{Limits, PoolLimits};
use serde_json::{Value, json};

use crate::harness::{Running, until};

fn sleep(ms: u64) -> Value {
    json!({ "method": "org.example.Store.Sleep", "parameters": { "ms": ms } })
}

#[tokio::test]
async fn a_caller_who_hangs_up_drops_its_call() {
    let running = Running::new();
    let mut raw = running.raw().await;
    raw.send(&sleep(60_000)).await;
    until("the call begins", || running.sleeps.begun.load(SeqCst) == 1).await;
    drop(raw);
    until("the call is dropped", || running.sleeps.dropped.load(SeqCst) == 1).await;
}

#[tokio::test]
async fn so_does_one_who_had_sent_more_calls() {
    let running = Running::new();
    let mut raw = running.raw().await;
    for _ in 0..5 {
        raw.send(&sleep(60_000)).await;
    }
    until("the call begins", || running.sleeps.begun.load(SeqCst) == 1).await;
    drop(raw);
    until("the call is dropped", || running.sleeps.dropped.load(SeqCst) == 1).await;
    assert_eq!(running.sleeps.begun.load(SeqCst), 1, "the others were not begun");
}

#[tokio::test]
async fn and_one_whose_next_call_is_half_sent_or_too_long() {
    let running = Running::with(Limits { request_bytes: 1000, ..Limits::default() });
    for (n, rest) in [(1, b"{\"method\":".to_vec()), (2, vec![b'x'; 5000])] {
        let mut raw = running.raw().await;
        raw.send(&sleep(60_000)).await;
        raw.send_bytes(&rest).await;
        until("the call begins", || running.sleeps.begun.load(SeqCst) == n).await;
        drop(raw);
        until("the call is dropped", || running.sleeps.dropped.load(SeqCst) == n).await;
    }
}

#[tokio::test]
async fn a_oneway_call_goes_on_without_its_caller() {
    let running = Running::new();
    let mut raw = running.raw().await;
    for _ in 0..3 {
        let mut call = sleep(20);
        call["oneway"] = json!(true);
        raw.send(&call).await;
    }
    drop(raw);
    until("all calls end", || running.sleeps.ended.load(SeqCst) == 3).await;
    assert_eq!(running.sleeps.dropped.load(SeqCst), 0);
}

#[tokio::test]
async fn a_dropped_call_of_a_client_is_cancelled() {
    let running = Running::new();
    let pool = running.pool(PoolLimits::default());
    let long = json!({ "ms": 60_000 });
    let call = pool.call::<_, Value, Value>("org.example.Store.Sleep", &long);
    tokio::select! {
        _ = call => panic!("it sleeps"),
        () = until("the call begins", || running.sleeps.begun.load(SeqCst) == 1) => {}
    }
    until("the call is dropped", || running.sleeps.dropped.load(SeqCst) == 1).await;
    let late = pool.call_within::<_, Value, Value>(Duration::from_millis(50), "org.example.Store.Sleep", &long).await;
    assert!(late.is_err());
    until("a late call is dropped", || running.sleeps.dropped.load(SeqCst) == 2).await;
}
