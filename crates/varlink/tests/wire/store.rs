//! The service that the tests call.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use natrium_varlink::{
    BoxFuture, Call, CallEnd, ErrorReply, Interface, Product, Replier, Server, Service, ServiceError,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::broadcast;

pub const STORE: Interface = Interface {
    name: "org.example.Store",
    description: include_str!("org.example.Store.varlink"),
    methods: &[
        "Get", "Put", "Watch", "WhoAmI", "Sleep", "Blob", "Count", "Flood", "Sleeps", "Panic", "Silent", "Twice",
        "Hasty", "Rude",
    ],
};

pub const PRODUCT: Product =
    Product { vendor: "Example", product: "store", version: "1.2.3", url: "https://example.org" };

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "error", content = "parameters")]
pub enum StoreError {
    #[serde(rename = "org.example.Store.Conflict")]
    Conflict { current: u64 },
    #[serde(rename = "org.example.Store.NotFound")]
    NotFound { kind: String },
}
impl ErrorReply for StoreError {}

#[derive(Debug, PartialEq, Clone, Serialize, Deserialize)]
pub struct Document {
    pub version: u64,
    pub content: String,
}

#[derive(Deserialize)]
struct Get {
    kind: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "there to be parsed")]
struct Author {
    id: u64,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Put {
    kind: String,
    expected: u64,
    content: String,
    #[expect(dead_code, reason = "there to be parsed")]
    author: Author,
}

#[derive(Deserialize)]
struct Sleep {
    ms: u64,
}

#[derive(Deserialize)]
struct Bytes {
    bytes: usize,
}

#[derive(Deserialize)]
struct Count {
    to: u64,
}

#[derive(Deserialize)]
struct Nothing {}

#[derive(Default)]
pub struct Sleeps {
    pub begun: AtomicU64,
    pub ended: AtomicU64,
    pub dropped: AtomicU64,
}

struct Asleep(Arc<Sleeps>);
impl Drop for Asleep {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

pub struct Store {
    documents: Mutex<HashMap<String, Document>>,
    versions: broadcast::Sender<u64>,
    pub sleeps: Arc<Sleeps>,
}

impl Store {
    pub fn new() -> Self {
        Self { documents: Mutex::default(), versions: broadcast::channel(1024).0, sleeps: Arc::default() }
    }

    pub fn server(self) -> Server {
        Server::new(PRODUCT).service(self)
    }

    fn put(&self, put: Put) -> Result<u64, StoreError> {
        let mut documents = self.documents.lock().unwrap();
        let current = documents.get(&put.kind).map_or(0, |document| document.version);
        if current != put.expected {
            return Err(StoreError::Conflict { current });
        }
        documents.insert(put.kind, Document { version: current + 1, content: put.content });
        let _ = self.versions.send(current + 1);
        Ok(current + 1)
    }

    async fn answer(&self, call: &Call, replier: &mut Replier) -> Result<(), CallEnd> {
        match call.method() {
            "Get" => {
                let Get { kind } = call.parameters()?;
                let document = self.documents.lock().unwrap().get(&kind).cloned();
                let document = document.ok_or(StoreError::NotFound { kind })?;
                replier.reply(&json!({ "document": document })).await
            }
            "Put" => replier.reply(&json!({ "version": self.put(call.parameters()?)? })).await,
            "Watch" => {
                call.require_more()?;
                let Nothing {} = call.parameters()?;
                let mut versions = self.versions.subscribe();
                let stopping = replier.stopping();
                tokio::pin!(stopping);
                let mut last = 0;
                loop {
                    tokio::select! {
                        () = &mut stopping => return replier.reply(&json!({ "version": last })).await,
                        version = versions.recv() => {
                            last = version.map_err(std::io::Error::other)?;
                            replier.stream(&json!({ "version": last })).await?;
                        }
                    }
                }
            }
            "WhoAmI" => {
                let peer = replier.peer();
                replier.reply(&json!({ "pid": peer.pid, "uid": peer.uid, "gid": peer.gid })).await
            }
            "Sleep" => {
                let Sleep { ms } = call.parameters()?;
                self.sleeps.begun.fetch_add(1, Ordering::SeqCst);
                let asleep = Asleep(self.sleeps.clone());
                tokio::time::sleep(Duration::from_millis(ms)).await;
                std::mem::forget(asleep);
                self.sleeps.ended.fetch_add(1, Ordering::SeqCst);
                replier.reply(&json!({ "ms": ms })).await
            }
            "Blob" => {
                let Bytes { bytes } = call.parameters()?;
                replier.reply(&json!({ "text": "x".repeat(bytes) })).await
            }
            "Count" => {
                call.require_more()?;
                let Count { to } = call.parameters()?;
                for n in 1..to {
                    replier.stream(&json!({ "n": n })).await?;
                }
                replier.reply(&json!({ "n": to })).await
            }
            "Flood" => {
                call.require_more()?;
                let text = "x".repeat(100_000);
                loop {
                    replier.stream(&json!({ "text": text })).await?;
                }
            }
            "Sleeps" => {
                let [begun, ended, dropped] =
                    [&self.sleeps.begun, &self.sleeps.ended, &self.sleeps.dropped].map(|n| n.load(Ordering::SeqCst));
                replier.reply(&json!({ "begun": begun, "ended": ended, "dropped": dropped })).await
            }
            "Panic" => panic!("as asked"),
            "Silent" => Ok(()),
            "Twice" => {
                replier.reply(&json!({ "n": 1 })).await?;
                replier.reply(&json!({ "n": 2 })).await
            }
            "Hasty" => {
                let Bytes { bytes } = call.parameters()?;
                let text = json!({ "text": "x".repeat(bytes) });
                // Far more than the socket takes at once: both are begun, and then given up.
                tokio::select! { biased;
                    end = replier.stream(&text) => end?,
                    () = tokio::task::yield_now() => {}
                }
                tokio::select! { biased;
                    end = replier.reply(&text) => end,
                    () = tokio::task::yield_now() => Ok(()),
                }
            }
            "Rude" => {
                replier.stream(&json!({ "n": 1 })).await?;
                replier.reply(&json!({ "n": 2 })).await
            }
            _ => Err(ServiceError::MethodNotFound { method: call.full_method().to_owned() }.into()),
        }
    }
}

impl Service for Store {
    fn interface(&self) -> &'static Interface {
        &STORE
    }

    fn call<'a>(&'a self, call: &'a Call, replier: &'a mut Replier) -> BoxFuture<'a, Result<(), CallEnd>> {
        Box::pin(self.answer(call, replier))
    }
}
