//! A supervisor that says what it was told to say.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use interfaces::supervisor::{
    Death, Deaths, DeathsReply, Error, Phase, Reload, ReloadReply, Restart, RestartReply, RunHook, RunHookReply, Serve,
    Status, StatusReply, Supervisor, Watch, WatchReply, WhoIs, WhoIsReply, Worker, WorkerState,
};
use interfaces::{Fault, Peer, Replies};
use tempfile::TempDir;
use tokio::net::UnixListener;
use tokio::sync::{broadcast, oneshot};
use tokio_stream::wrappers::BroadcastStream;
use varlink::{Product, Server};

use crate::running::{Run, Running, natrium};

struct Told {
    status: Mutex<StatusReply>,
    deaths: Vec<Death>,
    changes: broadcast::Sender<Worker>,
    /// What becomes of a worker that is restarted.
    restarted: fn(&mut Worker),
}

impl Told {
    fn worker(&self, name: &str) -> Result<Worker, Error> {
        let workers = self.status.lock().unwrap().workers.clone();
        let found = workers.into_iter().find(|worker| worker.name == name);
        found.ok_or_else(|| Error::NoSuchWorker { worker: name.to_owned() })
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Worker)) {
        let mut status = self.status.lock().unwrap();
        let worker = status.workers.iter_mut().find(|worker| worker.name == name).unwrap();
        change(worker);
        // Nobody may be watching.
        let _ = self.changes.send(worker.clone());
    }
}

impl Supervisor for Told {
    async fn status(&self, _: Peer, _: Status) -> Result<StatusReply, Fault<Error>> {
        Ok(self.status.lock().unwrap().clone())
    }

    async fn deaths(&self, _: Peer, call: Deaths) -> Result<DeathsReply, Fault<Error>> {
        if let Some(worker) = &call.worker {
            self.worker(worker)?;
        }
        let of = |death: &&Death| call.worker.as_ref().is_none_or(|worker| death.worker == *worker);
        Ok(DeathsReply { deaths: self.deaths.iter().filter(of).cloned().collect() })
    }

    async fn restart(&self, _: Peer, call: Restart) -> Result<RestartReply, Fault<Error>> {
        let generation = self.worker(&call.worker)?.generation;
        self.change(&call.worker, self.restarted);
        if self.worker(&call.worker)?.state == WorkerState::Failed {
            self.status.lock().unwrap().phase = Phase::Stopping;
        }
        Ok(RestartReply { generation })
    }

    async fn reload(&self, _: Peer, _: Reload) -> Result<ReloadReply, Fault<Error>> {
        Err(Error::SettingsNotRead { reason: "reading the settings took too long".to_owned() }.into())
    }

    async fn who_is(&self, _: Peer, call: WhoIs) -> Result<WhoIsReply, Fault<Error>> {
        Err(Error::NotAWorker { pid: call.pid }.into())
    }

    async fn run_hook(&self, _: Peer, call: RunHook) -> Result<RunHookReply, Fault<Error>> {
        Err(Error::NoHook { kind: call.kind }.into())
    }

    async fn watch(&self, _: Peer, _: Watch) -> Result<Replies<WatchReply>, Fault<Error>> {
        // Under the lock: no change may fall between the present states and the stream.
        let status = self.status.lock().unwrap();
        // It ends over a worker that failed, sooner than anybody could begin to watch.
        if status.phase == Phase::Stopping {
            return Err(Error::Stopping {}.into());
        }
        let changes = BroadcastStream::new(self.changes.subscribe()).filter_map(async |change| change.ok());
        let present = futures_util::stream::iter(status.workers.clone());
        Ok(Box::pin(present.chain(changes).map(|worker| WatchReply { worker })))
    }
}

/// A service that is told what to say.
pub(crate) struct Service {
    told: Arc<Told>,
    directory: TempDir,
    server: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Service {
    pub(crate) fn new(status: StatusReply) -> Self {
        Self::remembering(status, Vec::new())
    }

    pub(crate) fn remembering(status: StatusReply, deaths: Vec<Death>) -> Self {
        Self::restarting(status, deaths, |_| {})
    }

    pub(crate) fn restarting(status: StatusReply, deaths: Vec<Death>, restarted: fn(&mut Worker)) -> Self {
        let (changes, _) = broadcast::channel(64);
        let told = Arc::new(Told { status: Mutex::new(status), deaths, changes, restarted });
        let mut service = Self { told, directory: tempfile::tempdir().unwrap(), server: None };
        service.start();
        service
    }

    pub(crate) fn start(&mut self) {
        let listener = std::os::unix::net::UnixListener::bind(self.directory().join("supervisor.sock")).unwrap();
        listener.set_nonblocking(true).unwrap();
        let (stop, stopped) = oneshot::channel();
        let told = Arc::clone(&self.told);
        let server = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let product = Product { vendor: "test", product: "test", version: "0", url: "https://example.org" };
                let listener = UnixListener::from_std(listener).unwrap();
                let stopped = async { drop(stopped.await) };
                Server::new(product).service(Serve(told)).serve(listener, stopped).await;
            });
        });
        self.server = Some((stop, server));
    }

    /// Nobody serves the socket any more. As after `kill -9`, its file stays.
    pub(crate) fn die(&mut self) {
        let (stop, server) = self.server.take().unwrap();
        let _ = stop.send(());
        server.join().unwrap();
    }

    /// The same, orderly: no file is left.
    pub(crate) fn stop(&mut self) {
        std::fs::remove_file(self.directory().join("supervisor.sock")).unwrap();
        self.die();
    }

    /// Changes what is told of the service from now on.
    pub(crate) fn is(&self, change: impl FnOnce(&mut StatusReply)) {
        change(&mut self.told.status.lock().unwrap());
    }

    /// Changes a worker, and tells those who watch.
    pub(crate) fn change(&self, worker: &str, change: impl FnOnce(&mut Worker)) {
        self.told.change(worker, change);
    }

    /// A worker as it is told.
    pub(crate) fn worker(&self, name: &str) -> Worker {
        self.told.worker(name).unwrap()
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn natrium(&self, arguments: &[&str]) -> Run {
        natrium(arguments, self.directory())
    }

    pub(crate) fn watch(&self, arguments: &[&str]) -> Running {
        Running::start(&[&["watch"], arguments].concat(), self.directory())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.die();
        }
    }
}

pub(crate) fn now_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// A death of the bot just now.
pub(crate) fn death(generation: u64) -> Death {
    Death {
        worker: "bot".to_owned(),
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
        log: String::new(),
    }
}

pub(crate) fn worker(name: &str, state: WorkerState) -> Worker {
    Worker {
        name: name.to_owned(),
        state,
        since_ms: now_ms(),
        next_start_ms: None,
        pid: Some(42),
        generation: 1,
        restarts: 0,
        status: "serving".to_owned(),
        sandbox: "landlock: writes nothing, no TCP".to_owned(),
        memory_bytes: Some(5 << 20),
        last_death: None,
    }
}

/// A service with a writer and a bot.
pub(crate) fn service(phase: Phase, writer: WorkerState, bot: WorkerState) -> StatusReply {
    StatusReply {
        instance: "natrium".to_owned(),
        version: "9.9.9".to_owned(),
        pid: 41,
        started_ms: now_ms(),
        phase,
        ready: phase == Phase::Ready,
        status: "ready".to_owned(),
        memory_bytes: Some(3 << 20),
        workers: vec![worker("writer", writer), worker("bot", bot)],
    }
}

pub(crate) fn healthy() -> StatusReply {
    service(Phase::Ready, WorkerState::Ready, WorkerState::Ready)
}
