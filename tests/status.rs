//! `natrium status` and `natrium restart`, against a supervisor that is whatever the test wants it to be.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fs;
use std::path::Path;
use std::pin::pin;
use std::process::Command;
use std::sync::Arc;

use interfaces::supervisor::{
    Death, Deaths, DeathsReply, Error, Phase, Restart, RestartReply, Serve, Status, StatusReply, Supervisor, Watch,
    WatchReply, WhoIs, WhoIsReply, Worker, WorkerState,
};
use interfaces::{Fault, Peer, Replies};
use tokio::net::UnixListener;
use tokio::sync::watch;
use varlink::{Product, Server};

/// A supervisor that says what it was told to say.
struct Told {
    status: watch::Sender<StatusReply>,
}

impl Told {
    fn worker(&self, name: &str) -> Option<Worker> {
        self.status.borrow().workers.iter().find(|worker| worker.name == name).cloned()
    }
}

impl Supervisor for Told {
    async fn status(&self, _: Peer, _: Status) -> Result<StatusReply, Fault<Error>> {
        Ok(self.status.borrow().clone())
    }

    async fn deaths(&self, _: Peer, call: Deaths) -> Result<DeathsReply, Fault<Error>> {
        let workers = self.status.borrow().workers.clone();
        let deaths = workers.into_iter().filter(|worker| call.worker.as_ref().is_none_or(|name| worker.name == *name));
        Ok(DeathsReply { deaths: deaths.filter_map(|worker| worker.last_death).collect() })
    }

    /// Stops the worker; its successor is ready at once, or fails if it is called `broken`.
    async fn restart(&self, _: Peer, call: Restart) -> Result<RestartReply, Fault<Error>> {
        let worker = self.worker(&call.worker).ok_or(Error::NoSuchWorker { worker: call.worker })?;
        let stopped = worker.generation;
        self.status.send_modify(|status| {
            for worker in status.workers.iter_mut().filter(|other| other.name == worker.name) {
                worker.generation += 1;
                worker.pid = Some(99);
                if worker.name == "broken" {
                    worker.state = WorkerState::Failed;
                    worker.last_death = Some(death(worker.generation));
                }
            }
        });
        Ok(RestartReply { generation: stopped })
    }

    async fn who_is(&self, _: Peer, call: WhoIs) -> Result<WhoIsReply, Fault<Error>> {
        Err(Error::NotAWorker { pid: call.pid }.into())
    }

    async fn watch(&self, _: Peer, _: Watch) -> Result<Replies<WatchReply>, Fault<Error>> {
        let now = self.status.borrow().workers.clone();
        let replies = now.into_iter().map(|worker| WatchReply { worker }).collect::<Vec<_>>();
        Ok(Box::pin(tokio_stream::iter(replies)))
    }
}

fn death(generation: u64) -> Death {
    Death {
        worker: "broken".to_owned(),
        at_ms: now_ms(),
        pid: 98,
        generation,
        uptime_ms: 20,
        ready_ms: None,
        code: Some(78),
        signal: None,
        errno: None,
        hung: false,
        asked: false,
        status: "no token".to_owned(),
        log: "ERROR no token".to_owned(),
    }
}

fn now_ms() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

fn worker(name: &str, state: WorkerState) -> Worker {
    Worker {
        name: name.to_owned(),
        state,
        since_ms: now_ms(),
        next_start_ms: None,
        pid: Some(42),
        generation: 1,
        restarts: 0,
        status: "serving".to_owned(),
        sandbox: "landlock".to_owned(),
        memory_bytes: Some(5 << 20),
        last_death: None,
    }
}

fn service(phase: Phase, workers: Vec<Worker>) -> StatusReply {
    StatusReply {
        instance: "natrium".to_owned(),
        version: "9.9.9".to_owned(),
        pid: 41,
        started_ms: now_ms(),
        phase,
        status: "ready".to_owned(),
        memory_bytes: Some(3 << 20),
        workers,
    }
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

async fn natrium(arguments: &[&str], directory: &Path) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_natrium"));
    command.args(arguments).env_clear().env("RUNTIME_DIRECTORY", directory);
    // It ends by itself: every answer has a deadline.
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    Run {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs `natrium` beside a supervisor that answers with `status`.
async fn with(status: StatusReply, arguments: &[&str]) -> Run {
    let directory = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(directory.path().join("supervisor.sock")).unwrap();
    let told = Arc::new(Told { status: watch::channel(status).0 });
    let product = Product { vendor: "test", product: "test", version: "0", url: "https://example.org" };
    let server = Server::new(product).service(Serve(told)).serve(listener, std::future::pending());
    let mut server = pin!(server);
    tokio::select! {
        () = &mut server => panic!("the server ended"),
        run = natrium(arguments, directory.path()) => run,
    }
}

#[tokio::test]
async fn a_healthy_service() {
    let workers = || vec![worker("writer", WorkerState::Ready), worker("bot", WorkerState::Ready)];
    let run = with(service(Phase::Ready, workers()), &["status"]).await;
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(lines[0].starts_with("natrium 9.9.9: ready, process 41, since 20"), "{}", run.out);
    assert!(lines[2].starts_with("WORKER  STATE"), "{}", run.out);
    assert!(
        lines[3].starts_with("writer  ready  42 ") && lines[3].ends_with(" 0         5.0 MiB  serving"),
        "{}",
        run.out
    );
    assert_eq!(lines[6], "writer sandbox: landlock");

    let run = with(service(Phase::Ready, workers()), &["status", "--json"]).await;
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(run.code, 0);
    assert_eq!((&json["running"], &json["healthy"]), (&true.into(), &true.into()));
    assert_eq!(json["workers"][1]["name"], "bot");
}

#[tokio::test]
async fn something_is_wrong() {
    let run = with(service(Phase::Ready, vec![worker("bot", WorkerState::Backoff)]), &["status"]).await;
    assert_eq!(run.code, 1);
    assert!(run.out.contains("ready, but not every worker is"), "{}", run.out);
    let run = with(service(Phase::Starting, vec![worker("bot", WorkerState::Ready)]), &["status", "--json"]).await;
    assert_eq!(run.code, 1);
    assert!(run.out.contains("\"healthy\": false"), "{}", run.out);
}

#[tokio::test]
async fn nothing_runs() {
    let directory = tempfile::tempdir().unwrap();
    let run = natrium(&["status"], directory.path()).await;
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (3, "natrium is not running\n", ""));
    let run = natrium(&["restart", "bot"], directory.path()).await;
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (3, "", "natrium is not running\n"));

    // A socket file that nobody listens on, and a PID file, as `kill -9` leaves them.
    drop(UnixListener::bind(directory.path().join("supervisor.sock")).unwrap());
    fs::write(directory.path().join("natrium.pid"), "4711\n").unwrap();
    let run = natrium(&["status"], directory.path()).await;
    assert_eq!(run.code, 3);
    assert_eq!(
        run.out,
        "natrium is not running; its PID file is left from process 4711, which is gone: nothing needs to be deleted\n"
    );
    let json = natrium(&["status", "--json"], directory.path()).await;
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["running"], &json["healthy"]), (&false.into(), &false.into()));
}

#[tokio::test]
async fn a_lock_without_an_answer_is_not_called_dead() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("natrium.pid");
    let pid = std::process::id();
    fs::write(&path, format!("{pid}\n")).unwrap();
    let file = fs::File::open(&path).unwrap();
    file.try_lock().unwrap();
    let run = natrium(&["status"], directory.path()).await;
    assert_eq!(run.code, 4);
    assert!(run.err.contains(&format!("process {pid} holds its lock")), "{}", run.err);
}

#[tokio::test]
async fn which_service_is_meant() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let missing = at.join("none.yml");
    let run = natrium(&["status", "--settings", missing.to_str().unwrap()], at).await;
    assert_eq!(run.code, 78);
    assert!(run.err.starts_with("there is no settings file"), "{}", run.err);

    let settings = at.join("natrium.yml");
    let elsewhere = at.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("natrium.pid"), "7\n").unwrap();
    let text = "telegram: { token: { environment: T } }\nadmins: [{ id: 1, name: A }]\n";
    fs::write(&settings, format!("{text}directories: {{ runtime: {} }}\n", elsewhere.display())).unwrap();
    for arguments in [["--settings", settings.to_str().unwrap()], ["--runtime-directory", elsewhere.to_str().unwrap()]]
    {
        let run = natrium(&[&["status"][..], &arguments].concat(), at).await;
        assert!(run.out.contains("left from process 7"), "{}", run.out);
    }
}

#[tokio::test]
async fn restarts() {
    let status =
        || service(Phase::Ready, vec![worker("bot", WorkerState::Ready), worker("broken", WorkerState::Ready)]);
    let run = with(status(), &["restart", "bot"]).await;
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.starts_with("bot: ready again as process 99, after "), "{}", run.out);
    let run = with(status(), &["restart", "--no-wait", "bot"]).await;
    assert_eq!((run.code, run.out.as_str()), (0, "bot: stopping; its successor starts by itself\n"));
    let run = with(status(), &["restart", "broken"]).await;
    assert_eq!(run.code, 1);
    assert!(
        run.err.starts_with("broken: its successor is not ready: process 98 ended with exit code 78"),
        "{}",
        run.err
    );
    assert!(run.err.ends_with("its last words: no token\n"), "{}", run.err);
    let run = with(status(), &["restart", "nobody"]).await;
    assert_eq!((run.code, run.err.as_str()), (1, "there is no worker \"nobody\"\n"));
}
