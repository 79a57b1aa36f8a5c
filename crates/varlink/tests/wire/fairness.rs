//! Nobody waits for anybody else: not for a slow call, not for a slow reader, not for a greedy stream.

use std::time::{Duration, Instant};

use natrium_varlink::Limits;
use serde_json::json;

use crate::harness::{Running, SOON};

/// Far more than an answer takes, far less than what it must not wait for.
const AT_ONCE: Duration = Duration::from_millis(2500);

async fn answers_at_once(running: &Running) {
    let mut raw = running.raw().await;
    let asked = Instant::now();
    raw.ask(&json!({ "method": "org.example.Store.WhoAmI" })).await;
    assert!(asked.elapsed() < AT_ONCE, "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_slow_call_delays_nobody_else() {
    let running = Running::new();
    let mut sleeper = running.raw().await;
    sleeper.send(&json!({ "method": "org.example.Store.Sleep", "parameters": { "ms": 60_000 } })).await;
    answers_at_once(&running).await;
}

#[tokio::test]
async fn one_who_does_not_read_is_alone_with_that_and_disconnected() {
    let patience = Duration::from_secs(3);
    let running = Running::with(Limits { patience, ..Limits::default() });
    let mut slow = Vec::new();
    for call in [
        json!({ "method": "org.example.Store.Blob", "parameters": { "bytes": 4_000_000 } }),
        json!({ "method": "org.example.Store.Flood", "more": true }),
    ] {
        let mut raw = running.raw().await;
        raw.send(&call).await;
        slow.push(raw);
    }
    let asked = Instant::now();
    while asked.elapsed() < patience / 2 {
        answers_at_once(&running).await;
    }
    for raw in &mut slow {
        // Hung up on: what was sent can still be read, and then there is nothing.
        let deadline = Instant::now() + SOON;
        while !raw.stream.ready(tokio::io::Interest::WRITABLE).await.unwrap().is_write_closed() {
            assert!(Instant::now() < deadline, "still connected");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(asked.elapsed() >= patience, "disconnected after only {:?}", asked.elapsed());
    }
}

#[tokio::test]
async fn a_reader_who_is_merely_slow_gets_it_all() {
    let running = Running::with(Limits { patience: Duration::from_millis(500), ..Limits::default() });
    let mut raw = running.raw().await;
    raw.send(&json!({ "method": "org.example.Store.Count", "parameters": { "to": 20_000 }, "more": true })).await;
    let mut last = 0;
    while last < 20_000 {
        last = raw.receive().await.unwrap()["parameters"]["n"].as_u64().unwrap();
        if last % 5_000 == 0 {
            answers_at_once(&running).await;
        }
    }
}

#[tokio::test]
async fn a_stream_read_as_fast_as_it_comes_starves_nobody() {
    let mut running = Running::with(Limits { drain: Duration::from_millis(50), ..Limits::default() });
    let mut raw = running.raw().await;
    raw.send(&json!({ "method": "org.example.Store.Flood", "more": true })).await;
    let reader = std::thread::spawn(move || {
        let stream = raw.stream.into_std().unwrap();
        stream.set_nonblocking(false).unwrap();
        std::io::copy(&mut &stream, &mut std::io::sink())
    });
    for _ in 0..20 {
        answers_at_once(&running).await;
    }
    running.stop();
    running.stopped().await;
    let _ = reader.join().unwrap();
}

#[tokio::test]
async fn large_messages_take_linear_time() {
    let running = Running::new();
    for bytes in [256 << 10, 1 << 20, 4 << 20] {
        let mut connection = running.connect().await;
        let asked = Instant::now();
        let reply: serde_json::Value = connection
            .call::<_, _, serde_json::Value>("org.example.Store.Blob", &json!({ "bytes": bytes }))
            .await
            .unwrap();
        assert_eq!(reply["text"].as_str().map(str::len), Some(bytes));
        // Quadratic, this took 21 s.
        assert!(asked.elapsed() < Duration::from_secs(3), "{bytes} bytes took {:?}", asked.elapsed());
    }
}
