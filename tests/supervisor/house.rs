//! A directory with the real `natriumd` and stand-ins for its workers.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use harness::{Instance, Programs, until};
use interfaces::supervisor::{Restart, Status, StatusReply, Worker, WorkerState};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

/// How long anything may take before something is wrong. This machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What a healthy stand-in does.
pub(crate) const HEALTHY: &str = "ping 100\nsay READY=1\nserve";

/// Deadlines for tests: short, but long enough for a busy machine.
const TIMING: &str = "watchdog=2s,start=5s,stop=2s,abort=300ms,total=8s";

/// An instance whose workers are stand-ins.
pub(crate) struct House {
    pub(crate) instance: Instance,
    libexec: TempDir,
    runtime: tokio::runtime::Runtime,
}

impl House {
    /// Nothing is started yet. `writer` and `bot`: the steps of the stand-ins.
    pub(crate) fn new(writer: &str, bot: &str) -> Self {
        let libexec = tempfile::Builder::new().prefix("natrium-libexec-").tempdir().unwrap();
        let natriumd = Path::new(env!("CARGO_BIN_EXE_natriumd"));
        let stand_in = natriumd.with_file_name("examples").join("stand-in");
        assert!(stand_in.exists(), "{} is missing: cargo build --workspace --all-targets", stand_in.display());
        for (name, target) in [
            ("natriumd", natriumd),
            ("natrium-writer", &stand_in),
            ("natrium-bot", &stand_in),
            ("natrium-web", &stand_in),
            ("natrium", &natriumd.with_file_name("natrium")),
            ("natrium-sim", natriumd),
        ] {
            symlink(target, libexec.path().join(name)).unwrap();
        }
        let programs = Programs::in_directory(libexec.path()).unwrap();
        let admin = harness::Admin { id: 1001, name: "Anna" };
        let mut instance = Instance::new(&programs, "http://127.0.0.1:9", "1:token", &[admin]).unwrap();
        instance.environment.push(("NATRIUM_LIBEXEC".into(), libexec.path().display().to_string()));
        instance.environment.push(("NATRIUM_TIMING".into(), TIMING.into()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let house = Self { instance, libexec, runtime };
        house.does("writer", writer);
        house.does("bot", bot);
        house
    }

    /// Both workers healthy and ready.
    pub(crate) fn healthy() -> Self {
        let mut house = Self::new(HEALTHY, HEALTHY);
        house.instance.start().unwrap();
        house
    }

    /// What the processes of `worker` do that are started from now on.
    pub(crate) fn does(&self, worker: &str, steps: &str) {
        fs::write(self.program(worker).with_extension("does"), steps).unwrap();
    }

    /// The processes of `worker` that are started from now on are of this program: a real one, or an example.
    pub(crate) fn plays(&self, worker: &str, program: &str) {
        let built = Path::new(env!("CARGO_BIN_EXE_natriumd")).with_file_name(program);
        assert!(built.exists(), "{} is missing: cargo build --workspace --all-targets", built.display());
        fs::remove_file(self.program(worker)).unwrap();
        symlink(built, self.program(worker)).unwrap();
    }

    /// Another stand-in, which one of the workers starts.
    pub(crate) fn companion(&self, name: &str, steps: &str) {
        symlink(fs::read_link(self.program("writer")).unwrap(), self.program(name)).unwrap();
        self.does(name, steps);
    }

    pub(crate) fn program(&self, worker: &str) -> PathBuf {
        self.libexec.path().join(format!("natrium-{worker}"))
    }

    /// A file for what the stand-ins write.
    pub(crate) fn journal(&self) -> PathBuf {
        self.libexec.path().join("journal")
    }

    /// The lines that the stand-ins wrote: who, and when in microseconds.
    pub(crate) fn lines(&self) -> Vec<(String, u64)> {
        let text = fs::read_to_string(self.journal()).unwrap_or_default();
        let line = |line: &str| {
            let mut fields = line.split(' ');
            (fields.next().unwrap().to_owned(), fields.nth(1).unwrap().parse().unwrap())
        };
        text.lines().map(line).collect()
    }

    /// What the supervisor says, as soon as it has its socket.
    pub(crate) fn status(&self) -> StatusReply {
        let supervisor = self.instance.supervisor();
        let answered =
            until("the supervisor answers", PATIENCE, || match self.runtime.block_on(supervisor.status(&Status {})) {
                Err(varlink::CallError::Unreachable(_)) => None,
                answer => Some(answer.unwrap()),
            });
        answered.unwrap_or_else(|error| panic!("{error}\n{}", self.instance.log()))
    }

    /// What an operator sees.
    pub(crate) fn screen(&self) -> String {
        let mut natrium = Command::new(env!("CARGO_BIN_EXE_natrium"));
        natrium.arg("status").env_clear().env("RUNTIME_DIRECTORY", self.instance.runtime());
        String::from_utf8(natrium.output().unwrap().stdout).unwrap()
    }

    pub(crate) fn worker(&self, name: &str) -> Worker {
        self.status().workers.into_iter().find(|worker| worker.name == name).unwrap()
    }

    /// Waits until a worker is as it should be.
    pub(crate) fn wait(&self, name: &str, what: &str, condition: impl Fn(&Worker) -> bool) -> Worker {
        let found = until(what, PATIENCE, || Some(self.worker(name)).filter(|worker| condition(worker)));
        found.unwrap_or_else(|error| panic!("{error}: {:?}\n{}", self.worker(name), self.instance.log()))
    }

    /// Waits until a worker is ready in this generation.
    pub(crate) fn ready(&self, name: &str, generation: u64) -> Worker {
        let what = format!("generation {generation} of the {name} is ready");
        self.wait(name, &what, |worker| worker.generation == generation && worker.state == WorkerState::Ready)
    }

    /// Restarts a worker as an operator does.
    pub(crate) fn restart(&self, name: &str, request: &str) {
        let call = Restart { worker: name.into(), request_id: request.into() };
        self.block_on(self.instance.supervisor().restart(&call)).unwrap();
    }

    pub(crate) fn kill(&self, name: &str, signal: Signal) -> i32 {
        let pid = self.worker(name).pid.unwrap();
        kill(Pid::from_raw(pid), signal).unwrap();
        pid
    }

    /// Asks a stand-in for its pid, through its socket.
    pub(crate) fn call(&self, worker: &str) -> i32 {
        let mut answer = String::new();
        let mut caller = self.connect(worker);
        caller.read_to_string(&mut answer).unwrap();
        answer.trim().parse().unwrap()
    }

    pub(crate) fn connect(&self, worker: &str) -> UnixStream {
        let caller = UnixStream::connect(self.instance.runtime().join(format!("{worker}.sock"))).unwrap();
        caller.set_read_timeout(Some(PATIENCE)).unwrap();
        caller
    }

    /// The way on which a worker says how it is, from this process, which is no worker. It never waits for room.
    pub(crate) fn way_of(&self, worker: &str) -> UnixDatagram {
        let pid = self.worker(worker).pid.unwrap();
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap();
        let path = environment.split(|byte| *byte == 0).find_map(|entry| entry.strip_prefix(b"NOTIFY_SOCKET="));
        let socket = UnixDatagram::unbound().unwrap();
        socket.connect(OsStr::from_bytes(path.unwrap())).unwrap();
        socket.set_nonblocking(true).unwrap();
        socket
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Stops as systemd does; nothing may be left but the PID file.
    pub(crate) fn stop(&mut self) {
        let status = self.instance.stop().unwrap();
        assert_eq!(status.code(), Some(0), "{}", self.instance.log());
        self.is_clean();
    }

    pub(crate) fn is_clean(&self) {
        let left: Vec<_> =
            fs::read_dir(self.instance.runtime()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["natrium.pid"]);
        // What a worker left behind was killed, and may take a moment to go.
        let gone = until("all processes are gone", PATIENCE, || self.instance.processes().is_empty().then_some(()));
        gone.unwrap_or_else(|error| panic!("{error}: {:?}", self.instance.processes()));
    }
}

/// The state of a process, as `proc(5)` calls it; none when it is gone.
pub(crate) fn state(pid: i32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(')').next()?.trim_start().chars().next()
}

/// A zombie waits only for its parent: it does nothing any more.
pub(crate) fn is_alive(pid: i32) -> bool {
    state(pid).is_some_and(|state| state != 'Z')
}
