//! A stop loses no call: what was sent is answered, what was not is not executed.

use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use natrium_varlink::{CallError, Limits, PoolLimits};
use serde_json::{Value, json};

use crate::harness::{Running, until};

fn sleep(ms: u64) -> Value {
    json!({ "method": "org.example.Store.Sleep", "parameters": { "ms": ms } })
}

#[tokio::test]
async fn calls_under_way_are_answered_and_idle_connections_closed() {
    let mut running = Running::new();
    let mut idle = running.raw().await;
    idle.ask(&sleep(0)).await;
    let mut raw = running.raw().await;
    raw.send(&sleep(200)).await;
    raw.send(&sleep(1)).await;
    raw.send(&sleep(2)).await;
    until("the call begins", || running.sleeps.begun.load(SeqCst) == 2).await;
    running.stop();
    assert_eq!(idle.receive().await, None);
    for ms in [200, 1, 2] {
        assert_eq!(raw.receive().await, Some(json!({ "parameters": { "ms": ms } })));
    }
    assert_eq!(raw.receive().await, None);
    running.stopped().await;
}

#[tokio::test]
async fn nothing_can_be_sent_after_the_stop() {
    let mut running = Running::new();
    let mut raw = running.raw().await;
    raw.send(&sleep(1000)).await;
    until("the call begins", || running.sleeps.begun.load(SeqCst) == 1).await;
    running.stop();
    // The caller learns from its own send that it came too late.
    let mut late = Ok(0);
    until("sends fail", || {
        late = raw.stream.try_write(b" ");
        late.is_err()
    })
    .await;
    assert_eq!(late.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
    assert_eq!(running.sleeps.ended.load(SeqCst), 0, "and does so at once");
    assert_eq!(raw.receive().await, Some(json!({ "parameters": { "ms": 1000 } })));
    running.stopped().await;
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_dropped() {
    let drain = Duration::from_millis(100);
    let mut running = Running::with(Limits { drain, ..Limits::default() });
    let mut raw = running.raw().await;
    raw.send(&sleep(60_000)).await;
    until("the call begins", || running.sleeps.begun.load(SeqCst) == 1).await;
    let asked = Instant::now();
    running.stop();
    assert_eq!(raw.receive().await, None);
    assert!(asked.elapsed() >= drain);
    let sleeps = running.sleeps.clone();
    running.stopped().await;
    assert_eq!(sleeps.dropped.load(SeqCst), 1);
}

#[tokio::test]
async fn streams_hear_of_the_stop() {
    let mut running = Running::new();
    let mut raw = running.raw().await;
    raw.send(&json!({ "method": "org.example.Store.Watch", "more": true })).await;
    let put = json!({ "method": "org.example.Store.Put",
        "parameters": { "kind": "fees", "expected": 0, "content": "", "author": { "id": 1, "name": "Anna" } } });
    running.raw().await.ask(&put).await;
    assert_eq!(raw.receive().await.unwrap()["continues"], true);
    let asked = Instant::now();
    running.stop();
    assert_eq!(raw.receive().await, Some(json!({ "parameters": { "version": 1 } })), "its last reply");
    running.stopped().await;
    assert!(asked.elapsed() < Duration::from_secs(3), "not only when the drain ended");
}

#[tokio::test]
async fn a_busy_pool_sees_no_call_lost() {
    for round in 0..5 {
        let mut running = Running::new();
        let limits = PoolLimits { deadline: Duration::from_millis(200), ..PoolLimits::default() };
        let pool = running.pool(limits);
        let callers: Vec<_> = (0..8)
            .map(|_| {
                let pool = pool.clone();
                tokio::spawn(async move {
                    let mut answered = 0;
                    loop {
                        match pool.call::<_, Value, Value>("org.example.Store.Sleep", &json!({ "ms": 0 })).await {
                            Ok(_) => answered += 1,
                            Err(CallError::Unreachable(_)) => return answered,
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                })
            })
            .collect();
        let sleeps = running.sleeps.clone();
        until("they are busy", || sleeps.begun.load(SeqCst) > 50 + round).await;
        running.stop();
        running.stopped().await;
        let mut answered = 0;
        for caller in callers {
            answered += caller.await.unwrap();
        }
        assert_eq!(sleeps.begun.load(SeqCst), answered, "each execution was answered");
    }
}
