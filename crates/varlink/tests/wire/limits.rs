//! Limits of size and time.

use std::time::{Duration, Instant};

use natrium_varlink::{CallError, Connection, Direction, Limits, PoolLimits};
use serde_json::{Value, json};

use crate::harness::{Running, until};

fn blob(bytes: usize) -> Value {
    json!({ "method": "org.example.Store.Blob", "parameters": { "bytes": bytes } })
}

#[tokio::test]
async fn a_request_may_be_just_as_long_as_the_limit() {
    let limit = 5000;
    let running = Running::with(Limits { request_bytes: limit, ..Limits::default() });
    let mut call = json!({ "method": "org.example.Store.WhoAmI", "parameters": { "x": "" } });
    call["parameters"]["x"] = json!("x".repeat(limit - call.to_string().len()));
    assert_eq!(call.to_string().len(), limit);
    let mut raw = running.raw().await;
    assert!(raw.ask(&call).await["parameters"]["pid"].is_number());

    call["method"] = json!("org.example.Store.WhoAmIt");
    raw.send(&call).await;
    let refused = json!({ "error": "io.natrium.Wire.RequestTooLarge", "parameters": { "limit": limit } });
    assert_eq!(raw.receive().await, Some(refused));
    assert_eq!(raw.receive().await, None, "there is no way to go on");
}

#[tokio::test]
async fn a_request_too_long_does_not_spoil_the_call_before_it() {
    let running = Running::with(Limits { request_bytes: 1000, ..Limits::default() });
    let mut raw = running.raw().await;
    raw.send(&json!({ "method": "org.example.Store.Sleep", "parameters": { "ms": 50 } })).await;
    raw.send_bytes(&[b'x'; 3000]).await;
    assert_eq!(raw.receive().await, Some(json!({ "parameters": { "ms": 50 } })));
    assert_eq!(raw.receive().await.unwrap()["error"], "io.natrium.Wire.RequestTooLarge");
}

#[tokio::test]
async fn a_reply_too_long_is_replaced_by_an_error_and_the_connection_lives() {
    let limit = 1000;
    let running = Running::with(Limits { reply_bytes: limit, ..Limits::default() });
    let mut raw = running.raw().await;
    let fits = limit - json!({ "parameters": { "text": "" } }).to_string().len();
    assert!(raw.ask(&blob(fits)).await["parameters"]["text"].is_string());
    let refused = json!({ "error": "io.natrium.Wire.ReplyTooLarge", "parameters": { "limit": limit } });
    assert_eq!(raw.ask(&blob(fits + 1)).await, refused);
    assert_eq!(raw.ask(&blob(50_000_000)).await, refused);
    assert!(raw.ask(&blob(1)).await["parameters"]["text"].is_string());
}

#[tokio::test]
async fn the_client_keeps_its_own_limits_and_understands_the_servers() {
    let limits = Limits { request_bytes: 2000, reply_bytes: 3000, ..Limits::default() };
    let running = Running::with(limits);
    let connect = |request_bytes, reply_bytes| {
        let limits = PoolLimits { request_bytes, reply_bytes, ..PoolLimits::default() };
        let path = running.path.clone();
        async move { Connection::connect_with(path, &limits).await.unwrap() }
    };
    for (request_bytes, reply_bytes, asked, sent, which, limit) in [
        (1000, 9000, 10, 1500, Direction::Request, 1000),
        (9_000_000, 9000, 10, 2500, Direction::Request, 2000),
        (9_000_000, 9000, 10, 8_000_000, Direction::Request, 2000),
        (1000, 1000, 2000, 10, Direction::Reply, 1000),
        (1000, 9000, 4000, 10, Direction::Reply, 3000),
    ] {
        let mut connection = connect(request_bytes, reply_bytes).await;
        let parameters = json!({ "bytes": asked, "padding": "x".repeat(sent) });
        let result = connection.call::<_, Value, Value>("org.example.Store.Blob", &parameters).await;
        let Err(CallError::TooLarge { which: told, limit: at }) = result else { panic!("{result:?}") };
        assert_eq!((told, at), (which, limit));
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_a_while_of_nothing() {
    let idle = Duration::from_secs(1);
    let running = Running::with(Limits { idle, ..Limits::default() });
    let mut raw = running.raw().await;
    let mut last = Instant::now();
    // Calls put it off, and so does a call under way.
    for ms in [0, 0, 1500] {
        raw.ask(&json!({ "method": "org.example.Store.Sleep", "parameters": { "ms": ms } })).await;
        last = Instant::now();
    }
    assert_eq!(raw.receive().await, None);
    assert!(last.elapsed() > idle - Duration::from_millis(20), "closed after {:?}", last.elapsed());
}

#[tokio::test]
async fn a_half_sent_request_is_given_up_after_a_while() {
    let half_sent = Duration::from_millis(200);
    let running = Running::with(Limits { half_sent, ..Limits::default() });
    let mut raw = running.raw().await;
    raw.ask(&json!({ "method": "org.example.Store.WhoAmI" })).await;
    let began = Instant::now();
    // A byte now and then does not put it off.
    let closed = async {
        while tokio::io::AsyncWriteExt::write_all(&mut raw.stream, b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::harness::SOON, closed).await.unwrap();
    assert!(began.elapsed() >= half_sent, "closed after {:?}", began.elapsed());
}

#[tokio::test]
async fn a_request_sent_slowly_but_in_time_is_answered() {
    let running = Running::with(Limits { half_sent: Duration::from_secs(5), ..Limits::default() });
    let mut raw = running.raw().await;
    for _ in 0..2 {
        for byte in b"{\"method\":\"org.example.Store.WhoAmI\"}\0" {
            raw.send_bytes(&[*byte]).await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(raw.receive().await.unwrap()["parameters"]["pid"].is_number());
    }
}

#[tokio::test]
async fn more_connections_than_allowed_wait_their_turn() {
    let running = Running::with(Limits { connections: 2, ..Limits::default() });
    let call = json!({ "method": "org.example.Store.Sleep", "parameters": { "ms": 60_000 } });
    let mut callers = Vec::new();
    for _ in 0..3 {
        let mut raw = running.raw().await;
        raw.send(&call).await;
        callers.push(raw);
    }
    let begun = || running.sleeps.begun.load(std::sync::atomic::Ordering::SeqCst);
    until("two are served", || begun() == 2).await;
    // The third is accepted no sooner than one has left.
    let third = tokio::time::timeout(Duration::from_millis(100), async { until("never", || begun() == 3).await });
    assert!(third.await.is_err());
    drop(callers.swap_remove(0));
    until("the third is served", || begun() == 3).await;
}
