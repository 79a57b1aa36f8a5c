//! What a worker cannot do even when it is taken over, tried from inside each worker's sandbox.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeMap,
    net::TcpListener,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::Duration,
};

use harness::{Admin, Instance, Programs, until_async};
use interfaces::supervisor::Status;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);

/// The programs, with intruders in the place of some workers.
fn programs(intruders: &[&str]) -> (TempDir, Programs) {
    let libexec = tempfile::Builder::new().prefix("natrium-libexec-").tempdir().unwrap();
    let built: PathBuf = Path::new(env!("CARGO_BIN_EXE_natriumd")).parent().unwrap().to_owned();
    for name in ["natriumd", "natrium-writer", "natrium-bot", "natrium-web", "natrium", "natrium-sim"] {
        let real = if intruders.contains(&name) { built.join("examples/intruder") } else { built.join(name) };
        assert!(real.exists(), "{} is missing: cargo build --workspace --all-targets", real.display());
        symlink(real, libexec.path().join(name)).unwrap();
    }
    let programs = Programs::in_directory(libexec.path()).unwrap();
    (libexec, programs)
}

/// Puts an intruder in `worker`'s place; answers what became of each of its attempts.
async fn intrusion(intruders: &[&str], worker: &str) -> BTreeMap<String, String> {
    let (libexec, programs) = programs(intruders);
    // Somebody listens there: a refusal is the sandbox's, not the host's.
    let api = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}", api.local_addr().unwrap().port());
    let admin = Admin { id: 1001, name: "Anna" };
    let mut service = Instance::new(&programs, &url, "1:token", &[admin]).unwrap();
    service.environment.push(("NATRIUM_LIBEXEC".into(), libexec.path().display().to_string()));
    // What stands there must be refused because it may not be touched, not because it is missing.
    std::fs::write(service.state().join("store.sqlite"), "").unwrap();
    service.with_web().unwrap();
    service.start().unwrap();
    // The service is ready without web.
    let supervisor = service.supervisor();
    let found = until_async("the intruder tells", PATIENCE, async || {
        let workers = supervisor.status(&Status {}).await.unwrap().workers;
        workers.into_iter().find(|known| known.name == worker && known.status.contains('='))
    });
    let worker = found.await.unwrap();
    assert!(worker.sandbox.starts_with("landlock:"), "this test needs a kernel with landlock: {}", worker.sandbox);
    worker.status.split(' ').filter_map(|tried| tried.split_once('=')).map(|(a, b)| (a.into(), b.into())).collect()
}

#[tokio::test]
async fn the_bot_cannot_touch_the_store_nor_anything_else_on_the_disk() {
    let became = intrusion(&["natrium-bot"], "bot").await;
    for attempt in
        ["read-store", "write-store", "list-state", "write-published", "read-token", "write-runtime", "read-passwd"]
    {
        assert_eq!(became[attempt], "refused", "{attempt}: {became:?}");
    }
    assert_eq!(became["connect-other"], "refused", "{became:?}");
    for attempt in ["signal-supervisor", "signal-siblings"] {
        assert_eq!(became[attempt], "refused", "{attempt}: {became:?}");
    }
    assert_eq!(became["connect-api"], "done", "the bot lives from this: {became:?}");
}

#[tokio::test]
async fn the_writer_cannot_connect_nor_touch_what_is_not_its_own() {
    let became = intrusion(&["natrium-bot", "natrium-writer"], "writer").await;
    for attempt in ["connect-api", "connect-other", "read-token", "write-runtime", "read-passwd", "signal-supervisor"] {
        assert_eq!(became[attempt], "refused", "{attempt}: {became:?}");
    }
    for attempt in ["read-store", "write-store", "list-state", "write-published"] {
        assert_eq!(became[attempt], "done", "the writer lives from this: {attempt}: {became:?}");
    }
}

#[tokio::test]
async fn the_web_worker_can_touch_nothing_and_reach_nobody() {
    let became = intrusion(&["natrium-web"], "web").await;
    for attempt in
        ["read-store", "write-store", "list-state", "write-published", "read-token", "write-runtime", "read-passwd"]
            .into_iter()
            .chain(["connect-api", "connect-other", "bind-other", "signal-supervisor", "signal-siblings"])
    {
        assert_eq!(became[attempt], "refused", "{attempt}: {became:?}");
    }
}
