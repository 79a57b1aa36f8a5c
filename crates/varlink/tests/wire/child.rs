//! What only a process of its own can show: descriptors running out, memory, processor time.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use natrium_varlink::{Limits, PoolLimits};
use nix::sys::resource::{Resource, setrlimit};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};

use crate::harness::{Raw, Running, SOON, descriptors, until};
use crate::store::Store;

const SOCKET: &str = "WIRE_TEST_SOCKET";
const CALLER: &str = "WIRE_TEST_CALLER";
const DESCRIPTORS: &str = "WIRE_TEST_DESCRIPTORS";
const REQUEST_BYTES: usize = 1 << 20;

/// Not a test by itself: the program that the tests below run, which is this one.
#[test]
fn server_program() {
    let Some(path) = std::env::var_os(SOCKET) else { return };
    if let Ok(descriptors) = std::env::var(DESCRIPTORS) {
        let descriptors = descriptors.parse().unwrap();
        setrlimit(Resource::RLIMIT_NOFILE, descriptors, 256).unwrap();
    }
    // The end of its standard input is the end of its parent.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = UnixListener::bind(path).unwrap();
        let limits = Limits { request_bytes: REQUEST_BYTES, ..Limits::default() };
        Store::new().server().limits(limits).serve(listener, std::future::pending()).await;
    });
}

/// Not a test by itself either: a caller that is another process.
#[test]
fn caller_program() {
    let Some(path) = std::env::var_os(CALLER) else { return };
    let mut stream = std::os::unix::net::UnixStream::connect(path).unwrap();
    stream.write_all(b"{\"method\":\"org.example.Store.WhoAmI\"}\0").unwrap();
    let mut reply = [0; 4096];
    let length = stream.read(&mut reply).unwrap();
    assert!(String::from_utf8_lossy(&reply[..length]).contains("\"pid\""));
}

#[tokio::test]
async fn one_process_cannot_keep_the_others_out() {
    let limits = Limits { connections: 8, connections_of_one: 4, ..Limits::default() };
    let running = Running::with(limits);
    let mut ours = Vec::new();
    for _ in 0..4 {
        let mut raw = running.raw().await;
        raw.ask(&json!({ "method": "org.example.Store.WhoAmI" })).await;
        ours.push(raw);
    }
    // More of this process are closed at once, and so take nobody's place.
    for _ in 0..20 {
        assert_eq!(running.raw().await.receive().await, None);
    }
    let mut other = Command::new(std::env::current_exe().unwrap());
    other.args(["--exact", "child::caller_program"]).env(CALLER, &running.path).stdout(Stdio::null());
    let answered = tokio::task::spawn_blocking(move || other.status().unwrap().success()).await.unwrap();
    assert!(answered, "another process is not answered");

    // Who has given one up may have another.
    drop(ours.pop());
    let pool = running.pool(PoolLimits { connections: 1, ..PoolLimits::default() });
    pool.call::<_, Value, Value>("org.example.Store.WhoAmI", &json!({})).await.unwrap();
}

struct Server {
    child: Child,
    directory: TempDir,
    /// Kept, so that the number of descriptors does not change when the server gets round to closing it.
    _first: std::os::unix::net::UnixStream,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    async fn start(descriptors: Option<u32>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "child::server_program"]).env(SOCKET, directory.path().join("store.sock"));
        if let Some(descriptors) = descriptors {
            command.env(DESCRIPTORS, descriptors.to_string());
        }
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let socket = directory.path().join("store.sock");
        let mut first = None;
        until("the server listens", || {
            first = std::os::unix::net::UnixStream::connect(&socket).ok();
            first.is_some()
        })
        .await;
        Self { child, directory, _first: first.unwrap() }
    }

    async fn raw(&self) -> Raw {
        Raw::of(UnixStream::connect(self.directory.path().join("store.sock")).await.unwrap())
    }

    fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory, in bytes.
    fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
    }

    /// Processor time used so far, in ticks of 10 ms.
    fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }
}

fn who_am_i() -> serde_json::Value {
    json!({ "method": "org.example.Store.WhoAmI" })
}

/// A server without a descriptor left, one who is served all the same, and more callers than it can accept.
async fn exhausted() -> (Server, Raw, Vec<Raw>) {
    let server = Server::start(Some(32)).await;
    let mut first = server.raw().await;
    first.ask(&who_am_i()).await;
    let mut callers = Vec::new();
    for _ in 0..64 {
        let mut raw = server.raw().await;
        raw.send(&who_am_i()).await;
        callers.push(raw);
    }
    until("no descriptor is left", || descriptors(server.pid()) >= 32).await;
    (server, first, callers)
}

#[tokio::test]
async fn without_descriptors_others_are_served_and_waiting_costs_nothing() {
    let (server, mut first, callers) = exhausted().await;
    let (since, ticks) = (Instant::now(), server.ticks());
    // A second in which it could spin; whoever is served asks meanwhile.
    let mut rhythm = tokio::time::interval(Duration::from_millis(20));
    for _ in 0..50 {
        rhythm.tick().await;
        first.ask(&who_am_i()).await;
    }
    let busy = Duration::from_millis((server.ticks() - ticks) * 10);
    assert!(busy < since.elapsed() / 4, "busy for {busy:?} while waiting");

    // Everybody's turn comes as those before leave.
    for mut raw in callers {
        assert_eq!(raw.receive().await.unwrap()["parameters"]["pid"], std::process::id());
    }
    first.ask(&who_am_i()).await;
    server.raw().await.ask(&who_am_i()).await;
}

#[tokio::test]
async fn descriptors_that_come_from_elsewhere_are_noticed() {
    let (server, _first, mut callers) = exhausted().await;
    let raised = Command::new("prlimit").args(["--nofile=256", "--pid", &server.pid().to_string()]).status().unwrap();
    assert!(raised.success());
    for raw in &mut callers {
        assert_eq!(raw.receive().await.unwrap()["parameters"]["pid"], std::process::id());
    }
}

#[tokio::test]
async fn memory_of_a_connection_is_bounded_by_the_limit() {
    let server = Server::start(None).await;
    server.raw().await.ask(&who_am_i()).await;
    let before = server.memory();

    // Twenty who stop just below the limit, in the middle of a request.
    let mut callers = Vec::new();
    for _ in 0..20 {
        let mut raw = server.raw().await;
        raw.send_bytes(&vec![b'x'; REQUEST_BYTES - 1000]).await;
        callers.push(raw);
    }
    server.raw().await.ask(&who_am_i()).await;
    let held = server.memory().saturating_sub(before);
    assert!(held < 20 * REQUEST_BYTES * 3 / 2, "{held} bytes for 20 requests of {REQUEST_BYTES}");
    drop(callers);

    // One who never stops is stopped.
    let mut raw = server.raw().await;
    let before = server.memory();
    let chunk = vec![b'x'; 64 << 10];
    let mut sent = 0;
    while let Ok(()) =
        tokio::time::timeout(SOON, tokio::io::AsyncWriteExt::write_all(&mut raw.stream, &chunk)).await.unwrap()
    {
        sent += chunk.len();
        assert!(sent < 64 << 20, "the server takes it all");
    }
    assert!(sent < 4 * REQUEST_BYTES, "{sent} bytes were taken");
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 2 * REQUEST_BYTES, "{grown} bytes for one request");
    let refused = raw.receive().await.unwrap();
    assert_eq!(
        refused,
        json!({ "error": "io.natrium.Wire.RequestTooLarge", "parameters": { "limit": REQUEST_BYTES } })
    );
}

#[tokio::test]
async fn idle_connections_hold_little_whatever_they_did_before() {
    let server = Server::start(None).await;
    server.raw().await.ask(&who_am_i()).await;
    let before = server.memory();
    let mut callers = Vec::new();
    let text = "x".repeat(REQUEST_BYTES - 1000);
    for _ in 0..20 {
        let mut raw = server.raw().await;
        raw.ask(&json!({ "method": "org.example.Store.WhoAmI", "parameters": { "text": text } })).await;
        raw.ask(&json!({ "method": "org.example.Store.Blob", "parameters": { "bytes": 1_000_000 } })).await;
        callers.push(raw);
    }
    let held = server.memory().saturating_sub(before);
    assert!(held < 8 << 20, "{held} bytes for 20 idle connections");
}

#[tokio::test]
async fn watchers_who_left_leave_nothing_behind() {
    let server = Server::start(None).await;
    let mut first = server.raw().await;
    first.ask(&who_am_i()).await;
    let before = descriptors(server.pid());
    let mut watchers = Vec::new();
    for _ in 0..50 {
        let mut raw = server.raw().await;
        raw.send(&json!({ "method": "org.example.Store.Watch", "more": true })).await;
        watchers.push(raw);
    }
    until("all are served", || descriptors(server.pid()) == before + 50).await;
    drop(watchers);
    until("the descriptors are closed, without any further event", || descriptors(server.pid()) <= before).await;
}
