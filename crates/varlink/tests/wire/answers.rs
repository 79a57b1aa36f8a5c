//! What callers are told: replies, typed errors, and the wire's own errors with what is at fault named.

use std::net::Shutdown;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use natrium_varlink::{BoxFuture, Gate, Guest, Peer, ServiceError};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::harness::Running;

fn service_error(name: &str, parameters: Value) -> Value {
    json!({ "error": format!("org.varlink.service.{name}"), "parameters": parameters })
}

#[tokio::test]
async fn reply_and_typed_errors() {
    let running = Running::new();
    let mut raw = running.raw().await;
    let author = json!({ "id": 1, "name": "Anna" });
    let put = json!({ "method": "org.example.Store.Put",
        "parameters": { "kind": "fees", "expected": 0, "content": "a\"b\u{e9}\n\u{1}", "author": author } });
    assert_eq!(raw.ask(&put).await, json!({ "parameters": { "version": 1 } }));
    assert_eq!(raw.ask(&put).await, json!({ "error": "org.example.Store.Conflict", "parameters": { "current": 1 } }));
    assert_eq!(
        raw.ask(&json!({ "method": "org.example.Store.Get", "parameters": { "kind": "fees" } })).await,
        json!({ "parameters": { "document": { "version": 1, "content": "a\"b\u{e9}\n\u{1}" } } })
    );
    assert_eq!(
        raw.ask(&json!({ "method": "org.example.Store.Get", "parameters": { "kind": "rates" } })).await,
        json!({ "error": "org.example.Store.NotFound", "parameters": { "kind": "rates" } })
    );
}

#[tokio::test]
async fn unknown_methods_and_interfaces_are_named_and_the_connection_lives() {
    let running = Running::new();
    let mut raw = running.raw().await;
    for parameters in [json!(null), json!({}), json!({ "a": 1 })] {
        let call = json!({ "method": "org.example.Store.Nope", "parameters": parameters });
        let expected = service_error("MethodNotFound", json!({ "method": "org.example.Store.Nope" }));
        assert_eq!(raw.ask(&call).await, expected);
    }
    assert_eq!(
        raw.ask(&json!({ "method": "org.example.Shop.Get" })).await,
        service_error("InterfaceNotFound", json!({ "interface": "org.example.Shop" }))
    );
    assert_eq!(
        raw.ask(&json!({ "method": "org.varlink.service.Nope" })).await,
        service_error("MethodNotFound", json!({ "method": "org.varlink.service.Nope" }))
    );
    for method in ["Get", ".Get", ""] {
        let expected = service_error("InvalidParameter", json!({ "parameter": "method" }));
        assert_eq!(raw.ask(&json!({ "method": method })).await, expected, "{method:?}");
    }
    assert_eq!(
        raw.ask(&json!({ "method": "org.example.Store.WhoAmI" })).await["parameters"]["pid"],
        std::process::id()
    );
}

#[tokio::test]
async fn invalid_parameters_are_named() {
    let running = Running::new();
    let mut raw = running.raw().await;
    let good = json!({ "kind": "fees", "expected": 0, "content": "", "author": { "id": 1, "name": "Anna" } });
    let with = |path: &str, value: Option<Value>| {
        let mut parameters = good.clone();
        let (parent, name) = path.rsplit_once('/').unwrap();
        let object = parameters.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => drop(object.insert(name.to_owned(), value)),
            None => drop(object.remove(name)),
        }
        parameters
    };
    for (parameters, at_fault) in [
        (with("/kind", None), "kind"),
        (with("/kind", Some(json!(7))), "kind"),
        (with("/expected", Some(json!(-1))), "expected"),
        (with("/expected", Some(json!("secret"))), "expected"),
        (with("/author/id", None), "author.id"),
        (with("/author/id", Some(json!("x"))), "author.id"),
        (with("/author", Some(json!([]))), "author"),
        (with("/surplus", Some(json!(1))), "surplus"),
        (json!({}), "kind"),
        (json!(null), "kind"),
        (json!(["fees", 0, "", [1, "Anna"]]), "parameters"),
        (json!("x"), "parameters"),
    ] {
        let call = json!({ "method": "org.example.Store.Put", "parameters": parameters });
        let expected = service_error("InvalidParameter", json!({ "parameter": at_fault }));
        assert_eq!(raw.ask(&call).await, expected, "{parameters}");
    }
}

#[tokio::test]
async fn absent_and_null_parameters_read_as_none() {
    let running = Running::new();
    let mut raw = running.raw().await;
    for call in [
        json!({ "method": "org.example.Store.Sleeps" }),
        json!({ "method": "org.example.Store.Sleeps", "parameters": null, "more": null, "oneway": false }),
        json!({ "method": "org.example.Store.Sleeps", "parameters": {}, "extension": [1] }),
    ] {
        assert_eq!(raw.ask(&call).await, json!({ "parameters": { "begun": 0, "ended": 0, "dropped": 0 } }));
    }
}

#[tokio::test]
async fn what_is_no_call_is_answered_once_and_ends_the_connection() {
    let running = Running::new();
    for (bytes, at_fault) in [
        (&b"{\"method\": "[..], "message"),
        (b"", "message"),
        (b"[]", "message"),
        (b"\xff\xfe", "message"),
        (b"{\"method\":\"org.example.Store.WhoAmI\",\"ignored\":\"\xff\"}", "message"),
        (b"{\"method\":\"org.example.Store.Get\"} {}", "message"),
        (b"{\"parameters\":{}}", "method"),
        (b"{\"method\":7}", "method"),
        (b"{\"method\":\"a.B\",\"more\":\"yes\"}", "more"),
    ] {
        let mut raw = running.raw().await;
        raw.send_bytes(bytes).await;
        raw.send_bytes(b"\0").await;
        let expected = service_error("InvalidParameter", json!({ "parameter": at_fault }));
        assert_eq!(raw.receive().await, Some(expected), "{:?}", String::from_utf8_lossy(bytes));
        assert_eq!(raw.receive().await, None);
    }
}

#[tokio::test]
async fn streams_want_more_and_more_is_no_duty() {
    let running = Running::new();
    let mut raw = running.raw().await;
    let count = |more: bool| json!({ "method": "org.example.Store.Count", "parameters": { "to": 3 }, "more": more });
    assert_eq!(raw.ask(&count(false)).await, service_error("ExpectedMore", json!({})));
    raw.send(&count(true)).await;
    for n in [1, 2] {
        assert_eq!(raw.receive().await, Some(json!({ "parameters": { "n": n }, "continues": true })));
    }
    assert_eq!(raw.receive().await, Some(json!({ "parameters": { "n": 3 } })));
    // A method with a single reply may be called with more, too.
    let call = json!({ "method": "org.example.Store.Sleep", "parameters": { "ms": 0 }, "more": true });
    assert_eq!(raw.ask(&call).await, json!({ "parameters": { "ms": 0 } }));
}

#[tokio::test]
async fn oneway_calls_are_executed_and_never_answered() {
    let running = Running::new();
    let mut raw = running.raw().await;
    for method in ["Sleep", "Nope", "Count", "Get"] {
        let method = format!("org.example.Store.{method}");
        raw.send(&json!({ "method": method, "parameters": { "ms": 0 }, "oneway": true })).await;
    }
    let sleeps = raw.ask(&json!({ "method": "org.example.Store.Sleeps" })).await;
    assert_eq!(sleeps, json!({ "parameters": { "begun": 1, "ended": 1, "dropped": 0 } }));
}

#[tokio::test]
async fn a_oneway_stream_ends_the_connection() {
    let running = Running::new();
    for also in ["more", "upgrade"] {
        let mut raw = running.raw().await;
        raw.send(&json!({ "method": "org.example.Store.Flood", "oneway": true, also: true })).await;
        assert_eq!(raw.receive().await, None);
    }
}

#[tokio::test]
async fn upgrade_is_refused_and_the_connection_stays_varlink() {
    let running = Running::new();
    let mut raw = running.raw().await;
    let call = json!({ "method": "org.example.Store.Sleep", "parameters": { "ms": 0 }, "upgrade": true });
    assert_eq!(raw.ask(&call).await, service_error("InvalidParameter", json!({ "parameter": "upgrade" })));
    let sleeps = raw.ask(&json!({ "method": "org.example.Store.Sleeps" })).await;
    assert_eq!(sleeps["parameters"]["begun"], 0, "it was not executed");
}

#[tokio::test]
async fn calls_sent_at_once_are_answered_in_order() {
    let running = Running::new();
    let mut raw = running.raw().await;
    let calls: String = (0..200)
        .map(|n| {
            let method = if n % 3 == 0 { "Sleep" } else { "Nope" };
            format!("{}\0", json!({ "method": format!("org.example.Store.{method}"), "parameters": { "ms": n % 4 } }))
        })
        .collect();
    raw.send_bytes(calls.as_bytes()).await;
    for n in 0..200 {
        let reply = raw.receive().await.unwrap();
        if n % 3 == 0 {
            assert_eq!(reply, json!({ "parameters": { "ms": n % 4 } }), "{n}");
        } else {
            assert_eq!(reply["error"], "org.varlink.service.MethodNotFound", "{n}");
        }
    }
}

/// Knows nobody at first, then lets everybody call `Sleeps` only. Counts how often it was asked who has connected.
#[derive(Default)]
struct OnlySleeps(Arc<AtomicUsize>);

impl Gate for OnlySleeps {
    fn meet(&self, peer: Peer) -> BoxFuture<'_, Result<Box<dyn Guest>, ServiceError>> {
        assert_eq!(peer.pid, i32::try_from(std::process::id()).unwrap());
        let known = self.0.fetch_add(1, Ordering::Relaxed) > 0;
        Box::pin(async move {
            if known { Ok(Box::new(Sleeper) as Box<dyn Guest>) } else { Err(ServiceError::PermissionDenied {}) }
        })
    }
}

struct Sleeper;

impl Guest for Sleeper {
    fn admit(&self, interface: &str, method: &str) -> Result<(), ServiceError> {
        assert_eq!(interface, "org.example.Store");
        if method == "Sleeps" { Ok(()) } else { Err(ServiceError::PermissionDenied {}) }
    }
}

#[tokio::test]
async fn the_gate_is_asked_who_it_is_once_and_what_it_may_before_each_call() {
    let gate = OnlySleeps::default();
    let met = gate.0.clone();
    let running = Running::of(|server| server.gate(gate));
    let mut raw = running.raw().await;
    let sleeps = json!({ "method": "org.example.Store.Sleeps" });
    assert_eq!(raw.ask(&sleeps).await, service_error("PermissionDenied", json!({})), "nobody knows the caller yet");
    for _ in 0..2 {
        let call = json!({ "method": "org.example.Store.Sleep", "parameters": { "ms": 0 } });
        assert_eq!(raw.ask(&call).await, service_error("PermissionDenied", json!({})));
        assert_eq!(raw.ask(&sleeps).await["parameters"]["begun"], 0, "it was not executed");
    }
    assert_eq!(met.load(Ordering::Relaxed), 2, "a guest that is known is not met again");
    let info = raw.ask(&json!({ "method": "org.varlink.service.GetInfo" })).await;
    assert_eq!(info["parameters"]["product"], "store", "introspection is open");
    let mut other = running.raw().await;
    other.ask(&sleeps).await;
    assert_eq!(met.load(Ordering::Relaxed), 3, "another connection may be somebody else's");
}

/// Pieces that calls are made of, whole and broken.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let text = |text: &str| Just(text.as_bytes().to_vec());
    prop_oneof![
        text("\0"),
        text("{\"method\":\"org.example.Store.WhoAmI\"}\0"),
        text("{\"method\":\"org.example.Store.Get\",\"parameters\":{\"kind\":\"x\"}}\0"),
        text("{\"method\":\"org.example.Store.Count\",\"parameters\":{\"to\":3},\"more\":true}\0"),
        text("{\"method\":\"org.example.Store.Blob\",\"parameters\":{\"bytes\":300000}}\0"),
        text("{\"method\":\"org.example.Store.Sleep\",\"parameters\":{\"ms\":1},\"oneway\":true}\0"),
        text("{\"method\":\"org.example.Store.Sleep\",\"parameters\":{\"ms\":2}}\0"),
        text("{\"method\":\"org.example.Store.Panic\"}\0"),
        text("{\"method\":"),
        proptest::collection::vec(any::<u8>(), 1..20),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_sent_the_answers_are_messages_and_come_to_an_end(pieces in proptest::collection::vec(piece(), 0..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let running = Running::new();
            let mut raw = running.raw().await;
            for piece in pieces {
                // The server may have had enough before.
                let _ = tokio::io::AsyncWriteExt::write_all(&mut raw.stream, &piece).await;
            }
            let second = raw.stream.as_fd().try_clone_to_owned().unwrap();
            let _ = std::os::unix::net::UnixStream::from(second).shutdown(Shutdown::Write);
            while let Some(reply) = raw.receive().await {
                assert!(reply.get("parameters").is_some(), "{reply}");
            }
            running.raw().await.ask(&json!({ "method": "org.example.Store.WhoAmI" })).await;
        });
    }
}
