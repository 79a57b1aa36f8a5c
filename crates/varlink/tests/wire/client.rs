//! One connection of the client: no answer is ever taken for another's.

use std::time::Duration;

use natrium_varlink::{CallError, Connection, PoolLimits, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::harness::{Running, SOON};
use crate::store::{Document, StoreError};

#[derive(Debug, PartialEq, Deserialize)]
struct Found {
    document: Document,
}

#[tokio::test]
async fn replies_and_typed_errors() {
    let running = Running::new();
    let mut connection = running.connect().await;
    let put = json!({ "kind": "fees", "expected": 0, "content": "a\"b\n", "author": { "id": 1, "name": "Anna" } });
    let reply: Value = connection.call::<_, _, StoreError>("org.example.Store.Put", &put).await.unwrap();
    assert_eq!(reply, json!({ "version": 1 }));
    let conflict = connection.call::<_, Value, StoreError>("org.example.Store.Put", &put).await;
    assert!(matches!(conflict, Err(CallError::Reply(StoreError::Conflict { current: 1 }))), "{conflict:?}");
    let found: Found =
        connection.call::<_, _, StoreError>("org.example.Store.Get", &json!({ "kind": "fees" })).await.unwrap();
    assert_eq!(found.document, Document { version: 1, content: "a\"b\n".to_owned() });
    let refused = connection.call::<_, Value, StoreError>("org.example.Store.Nope", &json!({})).await;
    let Err(CallError::Service(ServiceError::MethodNotFound { method })) = refused else { panic!("{refused:?}") };
    assert_eq!(method, "org.example.Store.Nope");
}

#[tokio::test]
async fn a_connection_is_of_no_use_after_an_abandoned_call() {
    let running = Running::new();
    let mut connection = running.connect().await;
    let sleep = json!({ "ms": 300 });
    let call = connection.call::<_, Value, Value>("org.example.Store.Sleep", &sleep);
    assert!(tokio::time::timeout(Duration::from_millis(50), call).await.is_err());
    for _ in 0..2 {
        let next = connection.call::<_, Value, Value>("org.example.Store.WhoAmI", &json!({})).await;
        assert!(matches!(next, Err(CallError::Unreachable(_))), "{next:?}");
    }
}

#[tokio::test]
async fn nor_after_one_abandoned_while_it_was_sent() {
    let running = Running::new();
    let mut connection = running.connect().await;
    // The server is not polled meanwhile, so only what fits the socket's buffer is sent.
    let large = json!({ "kind": "x".repeat(3_000_000) });
    let call = connection.call::<_, Value, Value>("org.example.Store.Get", &large);
    tokio::select! { biased;
        _ = call => panic!("it cannot be through"),
        () = std::future::ready(()) => {}
    }
    let next = connection.call::<_, Value, Value>("org.example.Store.WhoAmI", &json!({})).await;
    assert!(matches!(next, Err(CallError::Unreachable(_))), "{next:?}");
}

#[tokio::test]
async fn streams_end_after_the_last_reply_or_an_error() {
    let running = Running::new();
    let connection = running.connect().await;
    let mut replies =
        connection.stream::<_, Value, Value>("org.example.Store.Count", &json!({ "to": 3 })).await.unwrap();
    for n in 1..=3 {
        assert_eq!(replies.next().await.unwrap().unwrap(), json!({ "n": n }));
    }
    assert!(replies.next().await.is_none());

    let connection = running.connect().await;
    let mut replies =
        connection.stream::<_, Value, StoreError>("org.example.Store.Get", &json!({ "kind": "x" })).await.unwrap();
    let error = replies.next().await.unwrap();
    assert!(matches!(error, Err(CallError::Reply(StoreError::NotFound { .. }))), "{error:?}");
    assert!(replies.next().await.is_none());
}

/// A server that answers whatever it is asked with the same bytes, then hangs up if told so.
async fn answering(answer: &'static [u8], hang_up: bool) -> (Connection, tokio::task::JoinHandle<Option<UnixStream>>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let limits = PoolLimits { reply_bytes: 1000, ..PoolLimits::default() };
    let connection = Connection::connect_with(&path, &limits).await.unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    let task = tokio::spawn(async move {
        let mut request = Vec::new();
        while !request.ends_with(b"\0") {
            stream.read_buf(&mut request).await.unwrap();
        }
        stream.write_all(answer).await.unwrap();
        (!hang_up).then_some(stream)
    });
    (connection, task)
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_and_is_never_read_again() {
    for (answer, usable_after) in [
        (&b"{\"parameters\":{\"pid\":\"x\"}}\0"[..], true),
        (b"{\"parameters\":7}\0", true),
        (b"{\"error\":\"org.example.Unknown\",\"parameters\":{}}\0", true),
        (b"{\"error\":\"org.varlink.service.Unknown\"}\0", true),
        (b"{\0", false),
        (b"\0", false),
        (b"{\"parameters\":{\"pid\":1},\"continues\":true}\0", false),
        (b"{\"continues\":7}\0", false),
    ] {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "there to be parsed")]
        struct Who {
            pid: i32,
        }
        let (mut connection, task) = answering(answer, false).await;
        let text = String::from_utf8_lossy(answer);
        let result = connection.call::<_, Who, StoreError>("a.B", &json!({})).await;
        assert!(matches!(result, Err(CallError::Malformed(_))), "{text}: {result:?}");
        let _stream = task.await.unwrap();
        let nothing = json!({});
        let again = connection.call::<_, Who, StoreError>("a.B", &nothing);
        match tokio::time::timeout(Duration::from_millis(20), again).await {
            Ok(result) => {
                assert!(!usable_after && matches!(result, Err(CallError::Unreachable(_))), "{text}: {result:?}")
            }
            Err(_) => assert!(usable_after, "{text}"),
        }
    }
}

#[tokio::test]
async fn two_answers_to_one_call_spoil_the_connection() {
    let (mut connection, task) = answering(b"{\"parameters\":{\"n\":1}}\0{\"parameters\":{\"n\":2}}\0", false).await;
    let first = connection.call::<_, Value, Value>("a.B", &json!({})).await.unwrap();
    assert_eq!(first, json!({ "n": 1 }));
    let _stream = task.await.unwrap();
    let second = connection.call::<_, Value, Value>("a.B", &json!({})).await;
    assert!(matches!(second, Err(CallError::Unreachable(_))), "{second:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_cut_at_the_limit() {
    static ENDLESS: [u8; 100_000] = [b' '; 100_000];
    let (mut connection, _task) = answering(&ENDLESS, false).await;
    let result = connection.call::<_, Value, Value>("a.B", &json!({})).await;
    assert!(matches!(result, Err(CallError::TooLarge { limit: 1000, .. })), "{result:?}");
}

#[tokio::test]
async fn a_hang_up_after_the_request_was_read_loses_the_call() {
    for part in [&b""[..], b"{\"parameters\""] {
        let (mut connection, _task) = answering(part, true).await;
        let result = connection.call::<_, Value, Value>("a.B", &json!({})).await;
        assert!(matches!(&result, Err(error @ CallError::Lost(_)) if error.outcome_is_unknown()), "{result:?}");
    }
}

#[tokio::test]
async fn a_hang_up_before_the_request_was_read_does_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    // Closed unread; closed with only a part read.
    for read in [0, 5000] {
        let mut connection = Connection::connect(&path).await.unwrap();
        let call = tokio::spawn(async move {
            let padding = "x".repeat(10_000);
            connection.call::<_, Value, Value>("a.B", &json!({ "padding": padding })).await
        });
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.readable().await.unwrap();
        stream.read_exact(&mut vec![0; read]).await.unwrap();
        drop(stream);
        let result = tokio::time::timeout(SOON, call).await.unwrap().unwrap();
        assert!(matches!(&result, Err(error @ CallError::Unreachable(_)) if !error.outcome_is_unknown()), "{result:?}");
    }
    // Never accepted.
    let mut connection = Connection::connect(&path).await.unwrap();
    let call = tokio::spawn(async move { connection.call::<_, Value, Value>("a.B", &json!({})).await });
    tokio::task::yield_now().await;
    drop(listener);
    let result = tokio::time::timeout(SOON, call).await.unwrap().unwrap();
    assert!(matches!(result, Err(CallError::Unreachable(_))), "{result:?}");
}
