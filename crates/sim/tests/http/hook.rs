//! A bot that takes its updates by webhook: a server that notes what comes and answers as the test says.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// A delivery as it came.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) update: Value,
}

impl Came {
    /// What the person said.
    pub(crate) fn said(&self) -> &str {
        self.update["message"]["text"].as_str().unwrap_or_default()
    }
}

type Answering = Arc<dyn Fn(usize, &Came) -> Response<Body> + Send + Sync>;

#[derive(Clone)]
struct Desk {
    came: Arc<Mutex<Vec<Came>>>,
    count: Arc<watch::Sender<usize>>,
    /// The next delivery is not answered while this is false.
    open: watch::Receiver<bool>,
    answering: Answering,
}

/// Stops when it is dropped.
pub(crate) struct Hook {
    pub(crate) url: String,
    desk: Desk,
    gate: watch::Sender<bool>,
    server: AbortHandle,
}

impl Hook {
    /// Answers the delivery of this number, counted from 0, with what `answering` says.
    pub(crate) async fn new(answering: impl Fn(usize, &Came) -> Response<Body> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (gate, open) = watch::channel(true);
        let came = Arc::default();
        let desk = Desk { came, count: Arc::new(watch::channel(0).0), open, answering: Arc::new(answering) };
        let app = Router::new().fallback(take).with_state(desk.clone());
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, desk, gate, server: server.abort_handle() }
    }

    /// Says 200 and nothing to everything.
    pub(crate) async fn content() -> Self {
        Self::new(|_, _| status(200)).await
    }

    /// From now on deliveries are not answered until it is opened again.
    pub(crate) fn open(&self, open: bool) {
        self.gate.send_replace(open);
    }

    /// Waits until so many deliveries have come, and returns all.
    pub(crate) async fn came(&self, at_least: usize) -> Vec<Came> {
        let mut count = self.desk.count.subscribe();
        let waited = tokio::time::timeout(std::time::Duration::from_secs(20), count.wait_for(|n| *n >= at_least)).await;
        let came = self.desk.came.lock().unwrap().clone();
        assert!(waited.is_ok(), "{at_least} deliveries expected: {came:#?}");
        came
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(
    State(mut desk): State<Desk>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let came = Came { method, uri, headers, update: serde_json::from_str(&text).unwrap(), text };
    let number = {
        let mut all = desk.came.lock().unwrap();
        all.push(came.clone());
        desk.count.send_replace(all.len());
        all.len() - 1
    };
    let _ = desk.open.wait_for(|open| *open).await;
    (desk.answering)(number, &came)
}

pub(crate) fn status(code: u16) -> Response<Body> {
    Response::builder().status(code).body(Body::empty()).unwrap()
}

pub(crate) fn json(text: &Value) -> Response<Body> {
    Response::builder().header("content-type", "application/json").body(Body::from(text.to_string())).unwrap()
}
