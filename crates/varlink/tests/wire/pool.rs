//! The pool: it waits for the owner, never uses a connection that is not whole, and never executes a call twice unasked.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use natrium_varlink::{CallError, Limits, Pool, PoolLimits};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::harness::{Running, until};
use crate::store::Store;

const QUICK: Duration = Duration::from_millis(500);

async fn sleep(pool: &Pool, ms: u64) -> Result<Value, CallError<Value>> {
    pool.call("org.example.Store.Sleep", &json!({ "ms": ms })).await
}

fn serve(path: &Path) -> tokio::task::JoinHandle<()> {
    let listener = UnixListener::bind(path).unwrap();
    tokio::spawn(Store::new().server().serve(listener, std::future::pending()))
}

#[tokio::test]
async fn calls_share_connections_and_wait_for_one() {
    let running = Running::new();
    let pool = running.pool(PoolLimits { connections: 4, ..PoolLimits::default() });
    let calls = (0..40).map(|ms| {
        let pool = pool.clone();
        tokio::spawn(async move { assert_eq!(sleep(&pool, ms % 5).await.unwrap(), json!({ "ms": ms % 5 })) })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    let busy: Vec<_> = (0..4)
        .map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move { sleep(&pool, 60_000).await })
        })
        .collect();
    until("all connections are busy", || running.sleeps.begun.load(SeqCst) == 44).await;
    let late = pool.call_within::<_, Value, Value>(QUICK, "org.example.Store.Sleeps", &json!({})).await;
    assert!(matches!(late, Err(CallError::Deadline { sent: false })), "{late:?}");
    busy.iter().for_each(tokio::task::JoinHandle::abort);
    assert!(sleep(&pool, 0).await.is_ok(), "aborted calls give their places back");
}

#[tokio::test]
async fn an_abandoned_call_never_answers_the_next() {
    let running = Running::new();
    let pool = running.pool(PoolLimits { connections: 1, ..PoolLimits::default() });
    for n in 0..50 {
        let late = pool
            .call_within::<_, Value, Value>(
                Duration::from_millis(n % 4),
                "org.example.Store.Sleep",
                &json!({ "ms": 2 }),
            )
            .await;
        assert!(matches!(late, Ok(_) | Err(CallError::Deadline { .. })), "{late:?}");
        assert_eq!(sleep(&pool, 0).await.unwrap(), json!({ "ms": 0 }), "round {n}");
    }
}

#[tokio::test]
async fn deadlines_tell_whether_the_call_was_sent() {
    let running = Running::new();
    let pool = running.pool(PoolLimits { deadline: QUICK, ..PoolLimits::default() });
    let asked = Instant::now();
    let late = sleep(&pool, 60_000).await;
    assert!(matches!(late, Err(CallError::Deadline { sent: true })), "{late:?}");
    assert!(asked.elapsed() >= QUICK);
}

#[tokio::test]
async fn an_owner_that_is_not_there_yet_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.sock");
    let pool = Pool::new(&path, PoolLimits::default());
    let call = tokio::spawn({
        let pool = pool.clone();
        async move { sleep(&pool, 0).await }
    });
    // First there is no file, then one that nobody serves.
    tokio::task::yield_now().await;
    drop(UnixListener::bind(&path).unwrap());
    let refused = pool.call_within::<_, Value, Value>(QUICK, "a.B", &json!({})).await;
    let Err(CallError::Unreachable(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    std::fs::remove_file(&path).unwrap();
    let owner = serve(&path);
    assert_eq!(call.await.unwrap().unwrap(), json!({ "ms": 0 }));
    owner.abort();
}

#[tokio::test]
async fn a_restart_between_calls_goes_unnoticed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.sock");
    let pool = Pool::new(&path, PoolLimits::default());
    for _ in 0..5 {
        let owner = serve(&path);
        for _ in 0..3 {
            sleep(&pool, 0).await.unwrap();
        }
        owner.abort();
        let _ = owner.await;
        std::fs::remove_file(&path).unwrap();
    }
}

#[tokio::test]
async fn a_connection_the_server_closed_for_idleness_is_replaced() {
    let running = Running::with(Limits { idle: Duration::from_millis(20), ..Limits::default() });
    let pool = running.pool(PoolLimits { connections: 1, ..PoolLimits::default() });
    for pause in [0, 10, 18, 19, 20, 21, 22, 30, 60] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        sleep(&pool, 0).await.unwrap();
    }
}

#[tokio::test]
async fn what_cannot_be_mended_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let not_a_socket = directory.path().join("file");
    std::fs::write(&not_a_socket, "").unwrap();
    let beyond_a_file = not_a_socket.join("store.sock");
    let asked = Instant::now();
    let unreachable = sleep(&Pool::new(beyond_a_file, PoolLimits::default()), 0).await;
    assert!(matches!(unreachable, Err(CallError::Unreachable(_))), "{unreachable:?}");
    assert!(asked.elapsed() < Duration::from_secs(2));
}

/// A server that reads whole requests and hangs up on the first `lossy` of them instead of answering.
fn lossy(path: &Path, lossy: usize) -> Arc<AtomicUsize> {
    let listener = UnixListener::bind(path).unwrap();
    let received = Arc::new(AtomicUsize::new(0));
    let count = received.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
            if count.fetch_add(1, SeqCst) >= lossy {
                stream.write_all(b"{\"parameters\":{\"ms\":0}}\0").await.unwrap();
            }
        }
    });
    received
}

async fn read_request(stream: &mut UnixStream) {
    let mut request = Vec::new();
    while !request.ends_with(b"\0") {
        stream.read_buf(&mut request).await.unwrap();
    }
}

#[tokio::test]
async fn a_lost_call_is_repeated_only_if_asked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.sock");
    let received = lossy(&path, 4);
    let pool = Pool::new(&path, PoolLimits::default());
    let lost = sleep(&pool, 0).await;
    assert!(matches!(lost, Err(CallError::Lost(_))), "{lost:?}");
    assert_eq!(received.load(SeqCst), 1);
    let answered = pool
        .call_idempotent::<_, Value, Value>(Duration::from_secs(10), "org.example.Store.Sleep", &json!({ "ms": 0 }))
        .await;
    assert_eq!(answered.unwrap(), json!({ "ms": 0 }));
    assert_eq!(received.load(SeqCst), 5);
}

#[tokio::test]
async fn repeating_in_vain_still_says_that_it_may_have_happened() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.sock");
    let received = lossy(&path, usize::MAX);
    let pool = Pool::new(&path, PoolLimits::default());
    let lost = pool.call_idempotent::<_, Value, Value>(QUICK, "org.example.Store.Sleep", &json!({ "ms": 0 })).await;
    assert!(matches!(lost, Err(CallError::Lost(_))), "{lost:?}");
    assert!(received.load(SeqCst) > 1);

    // Also when in the end nobody was there any more.
    let path = directory.path().join("gone.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let once = tokio::spawn({
        let path = path.clone();
        async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
            std::fs::remove_file(path).unwrap();
        }
    });
    let pool = Pool::new(&path, PoolLimits::default());
    let lost = pool.call_idempotent::<_, Value, Value>(QUICK, "org.example.Store.Sleep", &json!({ "ms": 0 })).await;
    assert!(matches!(lost, Err(CallError::Lost(_))), "{lost:?}");
    once.await.unwrap();
}

#[tokio::test]
async fn streams_do_not_use_up_the_pool() {
    let running = Running::new();
    let pool = running.pool(PoolLimits { connections: 1, ..PoolLimits::default() });
    let mut watchers = Vec::new();
    for _ in 0..3 {
        watchers.push(pool.stream::<_, Value, Value>("org.example.Store.Count", &json!({ "to": 2 })).await.unwrap());
    }
    sleep(&pool, 0).await.unwrap();
    for watcher in &mut watchers {
        assert_eq!(watcher.next().await.unwrap().unwrap(), json!({ "n": 1 }));
        assert_eq!(watcher.next().await.unwrap().unwrap(), json!({ "n": 2 }));
        assert!(watcher.next().await.is_none());
    }
}
