//! A log that nobody reads: the service works on.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use harness::{Admin, Instance, Programs, until_async};
use interfaces::configs::{Author, Origin, Put, PutReply};
use interfaces::supervisor::{Phase, Status};
use nix::sys::signal::{Signal, kill};
use nix::sys::stat::stat;
use nix::unistd::{Pid, geteuid};
use worker::events::{CONFIG_UPLOAD_LOCK_RELEASED, LINES_LOST, SERVICE_READY};

use super::journal::Journal;

const PATIENCE: Duration = Duration::from_secs(20);
/// More lines than any pipe or socket queue holds come of so many uploads while everything is logged.
const UPLOADS: usize = 300;

/// A service whose `natriumd` was started by hand.
struct Running {
    natriumd: Child,
    service: Instance,
}

impl Drop for Running {
    fn drop(&mut self) {
        // By its own way, so that what it does at its end does not wait for the log either.
        let _ = kill(Pid::from_raw(i32::try_from(self.natriumd.id()).unwrap()), Signal::SIGTERM);
        let ended = harness::until("natriumd stops", PATIENCE, || self.natriumd.try_wait().transpose());
        if ended.is_err() {
            let _ = self.natriumd.kill();
            let _ = self.natriumd.wait();
        }
        if !std::thread::panicking() {
            assert_eq!(ended.unwrap().unwrap().code(), Some(0), "the stop does not wait for the log");
        }
    }
}

impl Running {
    async fn start(how: impl FnOnce(&Instance, Command) -> Command, level: &str) -> Self {
        let programs = Programs::beside_this_one().unwrap();
        // Nobody listens on the discard port of the loopback.
        let token = "7000000001:SIMULATED-not-a-secret-0123456789abcd";
        let admin = Admin { id: 1001, name: "Anna" };
        let mut service = Instance::new(&programs, "http://127.0.0.1:9", token, &[admin]).unwrap();
        service.environment.push(("NATRIUM_LOG".into(), level.into()));
        let mut command = service.command("natriumd");
        command.arg("--settings").arg(service.settings()).stdin(Stdio::null()).stdout(Stdio::null());
        let natriumd = how(&service, command).spawn().unwrap();
        let running = Self { natriumd, service };
        running.ready().await;
        running
    }

    async fn ready(&self) {
        let supervisor = self.service.supervisor();
        let ready = until_async("it is ready", PATIENCE, async || {
            let status = supervisor.status(&Status {}).await.ok()?;
            let all = status.workers.iter().all(|worker| worker.state == interfaces::supervisor::WorkerState::Ready);
            (status.phase == Phase::Ready && all).then_some(())
        });
        ready.await.unwrap();
    }

    /// Kills a worker, and waits for its successor.
    async fn replace(&self, worker: &str) {
        let old = self.service.worker(worker).await.unwrap();
        kill(Pid::from_raw(old), Signal::SIGKILL).unwrap();
        let replaced = until_async("its successor is there", PATIENCE, async || {
            self.service.worker(worker).await.ok().filter(|pid| *pid != old)
        });
        replaced.await.unwrap();
        self.ready().await;
    }

    /// Uploads a version, and answers it.
    async fn upload(&self, request_id: &str, version: usize) -> PutReply {
        let content = format!("{}# {version}\n", kinds::sample("fees").unwrap());
        let call = Put {
            kind: "fees".into(),
            content,
            base: i64::try_from(version).unwrap(),
            over: None,
            author: Author { origin: Origin::Operator, id: 1001, name: "Olga".into() },
            request_id: request_id.into(),
            settles: None,
        };
        self.service.configs().put(&call).await.unwrap()
    }

    async fn uploads(&self, from: usize, to: usize) {
        for version in from..to {
            let saved = self.upload(&format!("unread-{version}"), version).await;
            assert!(saved.published, "{saved:?}");
        }
    }
}

#[tokio::test]
async fn a_pipe_that_nobody_reads_disturbs_nobody_and_what_was_lost_is_told() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let writer = OwnedFd::from(writer);
    let started = |_: &Instance, mut command: Command| {
        command.stderr(writer);
        command
    };
    let running = Running::start(started, "trace").await;
    running.uploads(0, UPLOADS).await;
    // Who starts while nobody reads is not kept waiting either.
    running.replace("bot").await;

    let told = tokio::task::spawn_blocking(move || {
        let (mut text, mut buffer) = (String::new(), [0; 4096]);
        while !(text.contains("natrium_writer") && text.contains("log lines were lost: nobody took them")) {
            let length = reader.read(&mut buffer).unwrap();
            assert!(length > 0, "nobody told of lost lines:\n{text}");
            text.push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
        (text, reader)
    });
    running.uploads(UPLOADS, UPLOADS + 5).await;
    let (text, reader) = tokio::time::timeout(PATIENCE, told).await.expect("it is told").unwrap();
    // Each line is whole: it begins with its time, and only one that does not lose anything follows one without its end.
    let lines = text.lines().count() - 1;
    let torn = text.lines().take(lines).find(|line| !line.is_empty() && !line.starts_with("20"));
    assert_eq!(torn, None);
    drop((running, reader));
}

/// Starts it where `journal` stands in the place of the host's.
fn beside(journal: &Journal) -> impl FnOnce(&Instance, Command) -> Command {
    let place = journal.directory().to_owned();
    move |service, command| {
        let log = File::create(service.path().join("log")).unwrap();
        let found = stat(&service.path().join("log")).unwrap();
        let mut outer = Command::new("unshare");
        outer
            .args(["--mount", "sh", "-c"])
            .arg(
                "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal && \
                 mount --bind \"$1\" /run/systemd/journal && shift && exec \"$@\"",
            )
            .arg("sh")
            .arg(place)
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear()
            .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .env("JOURNAL_STREAM", format!("{}:{}", found.st_dev, found.st_ino))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        outer
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_that_stops_disturbs_nobody_and_what_was_lost_is_told() {
    if !geteuid().is_root() {
        return harness::skip("it takes root to stand in the journal's place").unwrap();
    }
    let journal = Journal::new();
    let running = Running::start(beside(&journal), "info").await;
    let ready = journal.find(|entry| entry.get("MESSAGE_ID") == Some(SERVICE_READY.id)).await;
    assert_eq!(ready.get("NATRIUM_WORKER"), Some("supervisor"));
    assert_eq!(ready.get("SYSLOG_IDENTIFIER"), Some("natriumd"));

    // The queue of a host without systemd is short: a line may be lost, and another upload is made.
    let mut version = 0;
    let released = until_async("an upload's entry", PATIENCE, async || {
        running.uploads(version, version + 1).await;
        version += 1;
        journal.look(|entry| entry.get("MESSAGE_ID") == Some(CONFIG_UPLOAD_LOCK_RELEASED.id))
    });
    let released = released.await.unwrap();
    for (name, value) in [
        ("MESSAGE", "config_upload_lock_released"),
        ("NATRIUM_WORKER", "writer"),
        ("CONFIG_TYPE", "fees"),
        ("USER_ID", "1001"),
        ("SYSLOG_IDENTIFIER", "natrium-writer"),
        ("CODE_FUNC", "natrium_writer::configs::telemetry::lock_released"),
        ("CODE_FILE", "crates/writer/src/configs/telemetry.rs"),
        ("PRIORITY", "5"),
    ] {
        assert_eq!(released.get(name), Some(value), "{name} of {released:?}");
    }
    assert!(released.get("NATRIUM_REQUEST").is_some_and(|id| id.starts_with("unread-")), "{released:?}");
    assert!(released.get("DURATION_MS").is_some_and(|ms| ms.parse::<f64>().is_ok()), "{released:?}");
    assert!(released.get("CODE_LINE").is_some_and(|line| line.parse::<u32>().is_ok()), "{released:?}");

    journal.stop();
    running.uploads(version, version + UPLOADS).await;
    version += UPLOADS;
    running.replace("bot").await;
    journal.go_on();
    let told = until_async("what was lost is told", PATIENCE, async || {
        running.uploads(version, version + 1).await;
        version += 1;
        journal.look(|entry| {
            entry.get("MESSAGE_ID") == Some(LINES_LOST.id) && entry.get("NATRIUM_WORKER") == Some("writer")
        })
    });
    let told = told.await.unwrap();
    let lines: u64 = told.get("LINES").unwrap().parse().unwrap();
    assert!(lines >= 100, "{told:?}");
    assert!(
        told.get("MESSAGE").is_some_and(|text| text.starts_with(&format!("{lines} log lines were lost"))),
        "{told:?}"
    );
    // Whoever has no journal has standard error.
    let log = running.service.log();
    assert!(log.lines().all(|line| line.contains("natrium_bot") || line.contains("natrium_worker")), "{log}");
    drop(running);
}

#[test]
fn whoever_binds_the_socket_is_heard() {
    // The stand-in's own parser, against what tracing-journald and sd_journal_send(3) write.
    let journal = Journal::new();
    let socket = UnixDatagram::unbound().unwrap();
    let entry = b"MESSAGE\n\x05\0\0\0\0\0\0\0two\n3\nPRIORITY=6\n";
    socket.send_to(entry, journal.directory().join("socket")).unwrap();
    let found = harness::until("it is read", PATIENCE, || journal.look(|_| true)).unwrap();
    assert_eq!((found.get("MESSAGE"), found.get("PRIORITY")), (Some("two\n3"), Some("6")));
}
