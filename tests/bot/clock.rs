//! Somebody sets the clock of the host while uploads go on. Nothing is measured by it, and what is shown stays true.
//!
//! The machine's own clock is nobody's to set: libfaketime stands between the programs and it. A file without a name holds by
//! how much their clocks differ from the machine's. It reaches natriumd by the test's own process; and the workers, whose
//! environment natriumd makes from nothing and whose sandbox lets them open no file, as a descriptor.

use std::fs::{self, File, Permissions};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::id as process_id;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use harness::{skip, until, until_async};
use interfaces::configs::{Get, History};
use interfaces::supervisor::{StatusReply, WorkerState};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sim::client::User;

use crate::stage::{PATIENCE, SAVED, Stage, fees, uploads};

const DAY: i64 = 86_400;

/// The clock of the programs under test.
struct Clock {
    offset: File,
    library: PathBuf,
    libexec: tempfile::TempDir,
}

impl Clock {
    /// Sets the stage so that all its programs have this clock. `None` where libfaketime is missing; that is told.
    fn of(stage: &mut Stage) -> Option<Self> {
        let installed = fs::read_dir("/usr/lib").unwrap().flatten().map(|entry| entry.path());
        let library = installed.map(|path| path.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
        let Some(library) = library else {
            skip("libfaketime is missing (Debian: faketime)").unwrap();
            return None;
        };
        let offset = File::from(memfd_create(c"natrium-test-clock", MFdFlags::MFD_CLOEXEC).unwrap());
        let libexec = tempfile::Builder::new().prefix("natrium-libexec-").tempdir().unwrap();
        let clock = Self { offset, library, libexec };
        clock.set(0);
        let outside = clock.environment(&format!("/proc/{}/fd/{}", process_id(), clock.offset.as_raw_fd()));
        for name in ["natrium-writer", "natrium-bot"] {
            clock.wrap(name);
        }
        let natrium = Path::new(env!("CARGO_BIN_EXE_natrium"));
        symlink(natrium, clock.libexec.path().join("natrium")).unwrap();
        let libexec = clock.libexec.path().display().to_string();
        stage.service.environment.extend(outside.into_iter().chain([("NATRIUM_LIBEXEC".to_owned(), libexec)]));
        Some(clock)
    }

    /// Starts a worker's program with this clock, in the same process.
    fn wrap(&self, name: &str) {
        let (own, number) = (process_id(), self.offset.as_raw_fd());
        let variables = self.environment("/proc/self/fd/9");
        let variables: Vec<_> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let program = Path::new(env!("CARGO_BIN_EXE_natriumd")).with_file_name(name);
        let text = format!(
            "#!/bin/sh\nexec 9</proc/{own}/fd/{number}\nexec env {} {} \"$@\"\n",
            variables.join(" "),
            program.display()
        );
        let path = self.libexec.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }

    fn environment(&self, file: &str) -> Vec<(String, String)> {
        let library = self.library.display().to_string();
        [
            ("LD_PRELOAD", library.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", file),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("FAKETIME_DISABLE_SHM", "1"),
            ("NO_FAKE_STAT", "1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// From now on it differs from the machine's by so many seconds.
    fn set(&self, seconds: i64) {
        // Always of the same length, in one write: nobody reads half of it.
        self.offset.write_all_at(format!("{seconds:+010}\n").as_bytes(), 0).unwrap();
    }
}

/// The machine's clock, which nobody sets.
fn true_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// What is shown is true by the clock as it stands now: everything began after the test did.
fn assert_sane(stage: &Stage, status: &StatusReply, offset: i64, began: Instant) {
    let now = true_ms() + offset * 1000;
    let earliest = now - i64::try_from(began.elapsed().as_millis()).unwrap() - 2000;
    let times = status.workers.iter().flat_map(|worker| {
        [Some(worker.since_ms), worker.last_death.as_ref().map(|death| death.at_ms)].into_iter().flatten()
    });
    for shown in times.chain([status.started_ms]) {
        assert!((earliest..=now + 2000).contains(&shown), "{shown} is not in {earliest}..{now}: {status:?}");
    }
    let screen = stage.service.command("natrium").arg("status").output().unwrap().stdout;
    let screen = String::from_utf8(screen).unwrap();
    // It has run for seconds, or for minutes where the machine is busy.
    for absurd in [" d ", " d)", " h ", " h)"] {
        assert!(!screen.contains(absurd), "{absurd:?} in\n{screen}");
    }
}

async fn status(stage: &Stage) -> StatusReply {
    stage.service.supervisor().status(&interfaces::supervisor::Status {}).await.unwrap()
}

/// Uploads a document, sets the clock on the way, and waits until it is saved.
async fn through(stage: &Stage, anna: &User, mark: &str, clock: &Clock, seconds: i64) {
    uploads(anna, fees(mark)).await;
    clock.set(seconds);
    anna.sees_now(SAVED).await.unwrap();
    assert_eq!(stage.fees(), fees(mark));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_set_disturbs_nobody() {
    let mut stage = Stage::set().await;
    let Some(clock) = Clock::of(&mut stage) else { return };
    stage.service.environment.push(("NATRIUM_TIMING".into(), "watchdog=2s,abort=300ms".into()));
    let began = Instant::now();
    stage.service.start().unwrap();
    let anna = stage.anna().await;
    let mut offset = 0;
    for (by, how, times) in [(DAY, "forward", 1), (-DAY, "back", 1), (-DAY, "back", 2), (DAY, "forward", 2)] {
        offset += by;
        through(&stage, &anna, &format!("{how} {times}"), &clock, offset).await;
        // In whole seconds; some milliseconds may be missing to the last.
        let told = format!("the wall clock was set {how} by 86");
        until(&told, PATIENCE, || (stage.service.log().matches(&told).count() == times).then_some(())).unwrap();
        let status = status(&stage).await;
        assert!(status.workers.iter().all(|worker| (worker.generation, worker.state) == (1, WorkerState::Ready)));
        assert_sane(&stage, &status, offset, began);
    }

    // In the pause after a second death: by the wall clock it would be over at once, or last for a day.
    for (by, name) in [(DAY, "writer"), (-2 * DAY, "bot")] {
        offset += by;
        dies(&stage, name, 1).await;
        let killed = dies(&stage, name, 2).await;
        clock.set(offset);
        through(&stage, &anna, name, &clock, offset).await;
        ready(&stage, name, 3).await;
        assert!(killed.elapsed() > Duration::from_millis(250), "no pause: {:?}", killed.elapsed());
        assert_sane(&stage, &status(&stage).await, offset, began);
    }
    assert!(!stage.service.log().contains("it missed its watchdog"), "{}", stage.service.log());
    saved_in_order(&stage).await;
    stage.strike().await;
}

/// Waits until a worker is ready in this generation; answers its process.
async fn ready(stage: &Stage, name: &str, generation: u64) -> i32 {
    let is_ready = async || {
        let worker = stage.worker(name).await;
        (worker.generation == generation && worker.state == WorkerState::Ready).then_some(worker.pid.unwrap())
    };
    until_async("it is ready", PATIENCE, is_ready).await.unwrap()
}

/// Kills a worker's process of this generation, and waits until the supervisor knows. Answers when it was killed.
async fn dies(stage: &Stage, name: &str, generation: u64) -> Instant {
    let pid = ready(stage, name, generation).await;
    let killed = Instant::now();
    kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    let is_known = async || stage.worker(name).await.last_death.filter(|death| death.pid == pid);
    until_async("its death is known", PATIENCE, is_known).await.unwrap();
    killed
}

/// The uploads are versions in the order in which they were made, whatever the clock said then; and it really said that.
async fn saved_in_order(stage: &Stage) {
    let configs = stage.service.configs();
    let history = History { kind: "fees".to_owned(), before: None, limit: 100 };
    let versions = configs.history(&history).await.unwrap().versions;
    let mut marks = Vec::new();
    for version in versions.iter().rev() {
        let get = Get { kind: "fees".to_owned(), version: Some(version.version) };
        marks.push(configs.get(&get).await.unwrap().content);
    }
    let expected = ["forward 1", "back 1", "back 2", "forward 2", "writer", "bot"].map(fees);
    assert_eq!(marks, expected);
    let is_ahead = versions.iter().any(|version| version.saved_ms > true_ms() + DAY * 500);
    assert!(is_ahead, "no version was saved by a clock that was set: {versions:?}");
}
