//! `io.natrium.Supervisor`: which workers there are, how they are, and who a process is.

use serde::{Deserialize, Serialize};

use crate::define::define;

define! {
    /// What the supervisor answers.
    Supervisor = "io.natrium.Supervisor";
    methods {
        /// What the supervisor and all its workers do just now.
        Status => status(Status) -> StatusReply;
        /// The last deaths of one worker, or of all.
        Deaths => deaths(Deaths) -> DeathsReply;
        /// Stops one worker and starts its successor; answers when the stop has begun.
        Restart => restart(Restart) -> RestartReply;
        /// Reads the settings again, and starts those workers again that what changed concerns.
        Reload => reload(Reload) -> ReloadReply;
        /// Which worker a process is.
        WhoIs => who_is(WhoIs) -> WhoIsReply;
        /// Runs what the settings want run after a version was published; answers when it has ended.
        RunHook => run_hook(RunHook) -> RunHookReply;
    }
    streams {
        /// Each worker's present state, then every change.
        Watch => watch(Watch) -> WatchReply;
    }
}

/// How far the whole service is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Not all essential workers have been ready yet.
    Starting,
    /// All essential workers have been ready.
    Ready,
    /// The workers are being stopped.
    Stopping,
}

/// The state of one worker.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerState {
    /// What it needs is not ready yet.
    Waiting,
    /// Its process runs and has not said `READY=1`.
    Starting,
    /// Its process said `READY=1`.
    Ready,
    /// It was told to stop.
    Stopping,
    /// It stopped because it was told to.
    Stopped,
    /// It ended by itself; its successor starts after a pause.
    Backoff,
    /// It ended in a way that a restart cannot mend.
    Failed,
}

/// How one process of a worker ended. Exactly one of `code`, `signal` and `errno` is set.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Death {
    /// Whose process it was.
    pub worker: String,
    /// When, in Unix milliseconds.
    pub at_ms: i64,
    /// Which process; 0 where the kernel refused to make one.
    pub pid: i32,
    /// Which process of this worker, counted from 1.
    pub generation: u64,
    /// How long it had run, in milliseconds.
    pub uptime_ms: u64,
    /// How long it had been ready, in milliseconds; nothing if it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_ms: Option<u64>,
    /// Its exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Why the kernel refused to make it (`errno(3)`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errno: Option<i32>,
    /// Whether it was ended because it had stopped answering.
    pub hung: bool,
    /// Whether it had been told to stop.
    pub asked: bool,
    /// What it last said of itself.
    pub status: String,
    /// The last line that it logged.
    pub log: String,
}

/// One worker.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Worker {
    /// Its name, such as `writer`.
    pub name: String,
    /// Its state.
    pub state: WorkerState,
    /// Since when it is in that state, in Unix milliseconds.
    pub since_ms: i64,
    /// When its next process starts, in Unix milliseconds; only in [`WorkerState::Backoff`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_start_ms: Option<i64>,
    /// Its process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<i32>,
    /// How many processes have been started for it.
    pub generation: u64,
    /// How many of these were started because the one before had ended.
    pub restarts: u64,
    /// What it last said of itself.
    pub status: String,
    /// What the kernel enforces on it, in its own words.
    pub sandbox: String,
    /// Its proportional memory (PSS), in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// How its last process ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_death: Option<Death>,
}

/// Asks for the state of everything.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Status {}

/// The state of everything.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct StatusReply {
    /// The instance's name, from its settings.
    pub instance: String,
    /// The program's version.
    pub version: String,
    /// The supervisor's process.
    pub pid: i32,
    /// When it started, in Unix milliseconds.
    pub started_ms: i64,
    /// How far the whole service is.
    pub phase: Phase,
    /// Whether all essential workers are ready just now.
    pub ready: bool,
    /// The line that systemd is told.
    pub status: String,
    /// The supervisor's own proportional memory (PSS), in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The workers, in the order in which they start.
    pub workers: Vec<Worker>,
}

/// Asks how processes ended.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Deaths {
    /// Of which worker; of all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
}

/// How processes ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DeathsReply {
    /// The last deaths of each worker, oldest first.
    pub deaths: Vec<Death>,
}

/// Asks for a worker to be restarted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Restart {
    /// Its name.
    pub worker: String,
    /// Makes asking twice harmless.
    pub request_id: String,
}

/// The restart has begun.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RestartReply {
    /// The generation that is being stopped.
    pub generation: u64,
}

/// Asks for the settings to be read again.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Reload {}

/// The new settings are in use.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ReloadReply {
    /// The workers that what changed concerns; they have been told to stop.
    pub restarting: Vec<Restarting>,
}

/// A worker that is started again.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Restarting {
    /// Its name.
    pub worker: String,
    /// The generation that is being stopped.
    pub generation: u64,
}

/// Asks who a process is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct WhoIs {
    /// The process, as the kernel names it (`SO_PEERCRED`).
    pub pid: i32,
}

/// Who a process is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct WhoIsReply {
    /// The worker's name.
    pub worker: String,
    /// Which process of it.
    pub generation: u64,
}

/// Asks to be told of every change.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Watch {}

/// A worker as it is now.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct WatchReply {
    /// The worker.
    pub worker: Worker,
}

/// How a hook ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HookEnd {
    /// It exited with 0.
    Succeeded,
    /// It exited otherwise, or a signal ended it.
    Failed,
    /// It took too long and was ended.
    TimedOut,
    /// It could not be started.
    NotStarted,
}

/// Runs what the settings want run after a version was published.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RunHook {
    /// The kind.
    pub kind: String,
    /// The version.
    pub version: i64,
}

/// How it ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RunHookReply {
    /// In one word.
    pub end: HookEnd,
    /// Its exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i64>,
    /// How long it ran, in milliseconds.
    pub took_ms: i64,
    /// The last line it wrote.
    pub log: String,
    /// Why it was not started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What the supervisor may answer instead.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "error", content = "parameters")]
pub enum Error {
    /// No worker has this name.
    #[error("there is no worker \"{worker}\"")]
    #[serde(rename = "io.natrium.Supervisor.NoSuchWorker")]
    NoSuchWorker {
        /// The name asked for.
        worker: String,
    },
    /// The process is none that the supervisor started, or it has ended.
    #[error("process {pid} is no worker")]
    #[serde(rename = "io.natrium.Supervisor.NotAWorker")]
    NotAWorker {
        /// The process asked for.
        pid: i32,
    },
    /// The settings are wrong; the old ones stay in use.
    #[error("{problems}")]
    #[serde(rename = "io.natrium.Supervisor.SettingsRefused")]
    SettingsRefused {
        /// Everything that is wrong, for people.
        problems: String,
    },
    /// The settings could not be read; the old ones stay in use.
    #[error("{reason}")]
    #[serde(rename = "io.natrium.Supervisor.SettingsNotRead")]
    SettingsNotRead {
        /// Why.
        reason: String,
    },
    /// The service is stopping: nothing is started any more.
    #[error("the service is stopping")]
    #[serde(rename = "io.natrium.Supervisor.Stopping")]
    Stopping {},
    /// The settings want nothing run for this kind.
    #[error("nothing is to be run after {kind} was published")]
    #[serde(rename = "io.natrium.Supervisor.NoHook")]
    NoHook {
        /// The kind.
        kind: String,
    },
}

impl varlink::ErrorReply for Error {}
