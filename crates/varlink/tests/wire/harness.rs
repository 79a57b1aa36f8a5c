//! A server in this process, and a caller that can misbehave.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use natrium_varlink::{Connection, Limits, Pool, PoolLimits, Server};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::store::{Sleeps, Store};

/// How long anything may take that should happen soon.
pub const SOON: Duration = Duration::from_secs(10);

pub struct Running {
    pub path: PathBuf,
    pub sleeps: Arc<Sleeps>,
    _directory: TempDir,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    pub fn new() -> Self {
        Self::with(Limits::default())
    }

    pub fn with(limits: Limits) -> Self {
        Self::of(|server| server.limits(limits))
    }

    pub fn of(configure: impl FnOnce(Server) -> Server) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let store = Store::new();
        let sleeps = store.sleeps.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = configure(store.server());
        let task = tokio::spawn(server.serve(listener, async { stopped.await.unwrap_or(()) }));
        Self { path, sleeps, _directory: directory, stop: Some(stop), task }
    }

    pub async fn connect(&self) -> Connection {
        Connection::connect(&self.path).await.unwrap()
    }

    pub async fn raw(&self) -> Raw {
        Raw::of(UnixStream::connect(&self.path).await.unwrap())
    }

    pub fn pool(&self, limits: PoolLimits) -> Pool {
        Pool::new(&self.path, limits)
    }

    /// Asks the server to stop. It goes on until [`stopped`](Self::stopped).
    pub fn stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    pub async fn stopped(self) {
        tokio::time::timeout(SOON, self.task).await.expect("the server stops").unwrap();
    }
}

/// A caller who says what it likes, when it likes.
pub struct Raw {
    pub stream: UnixStream,
    buffer: Vec<u8>,
}

impl Raw {
    pub fn of(stream: UnixStream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    pub async fn send(&mut self, message: &Value) {
        self.send_bytes(format!("{message}\0").as_bytes()).await;
    }

    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next message; `None` at the end of file or a reset.
    pub async fn receive(&mut self) -> Option<Value> {
        let receiving = async {
            loop {
                if let Some(end) = self.buffer.iter().position(|byte| *byte == 0) {
                    let rest = self.buffer.split_off(end + 1);
                    let message = std::mem::replace(&mut self.buffer, rest);
                    return Some(serde_json::from_slice(&message[..end]).unwrap());
                }
                if self.stream.read_buf(&mut self.buffer).await.unwrap_or(0) == 0 {
                    assert!(self.buffer.is_empty(), "half a message: {:?}", String::from_utf8_lossy(&self.buffer));
                    return None;
                }
            }
        };
        tokio::time::timeout(SOON, receiving).await.expect("an answer or an end of file")
    }

    /// One call and its answer.
    pub async fn ask(&mut self, message: &Value) -> Value {
        self.send(message).await;
        self.receive().await.expect("an answer")
    }
}

/// Waits until something holds.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + SOON;
    while !holds() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// How many descriptors a process has open.
pub fn descriptors(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}
