//! What every worker does the same way, so that a new one is thirty lines.
//!
//! A worker is an ordinary service: it is started with its listener and its settings handed down, says when it is ready and
//! that it is alive, and stops on `SIGTERM`. Whether `natriumd` or systemd itself is the parent makes no difference to it.
//!
//! Its life, in this order: read the command line, take what was handed down, read the settings, start logging,
//! [`prepare`](Worker::prepare) (secrets, locks), close the sandbox, turn the runtime, [`run`](Worker::run).
//! No thread is started before the sandbox is closed, because the kernel restricts only the calling thread and its children.
//!
//! This crate must not know what any worker is for.

pub mod access;
mod arguments;
mod context;
pub mod events;
mod exit;
mod inherited;
pub mod logging;
mod metrics;
mod notify;
pub mod recorder;
mod sandbox;
mod stop;

use std::{
    io::Write,
    os::unix::fs::FileExt,
    panic,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use settings::{Environment, Settings};

pub use self::{
    arguments::{Arguments, ArgumentsError},
    context::{Context, DEADLINE, Probe},
    exit::Exit,
    notify::Notify,
    sandbox::{Sandbox, SandboxError},
};
use self::{inherited::Inherited, metrics::Metrics};

/// What a worker has before its sandbox closes.
#[derive(Clone, Debug)]
pub struct Start {
    /// The validated settings.
    pub settings: Arc<Settings>,
    /// The environment as it was at the start.
    pub environment: Environment,
}

/// One of the programs that the supervisor runs.
pub trait Worker: Sized {
    /// The worker's name, such as `writer`; its program is `natrium-writer`.
    const NAME: &'static str;

    /// The names of the TCP listeners that it serves, if they are handed down.
    const LISTENERS: &'static [&'static str] = &[];

    /// Reads what lies outside the sandbox: secrets, locks. Must not start a thread.
    ///
    /// # Errors
    /// Why the worker cannot start, and whether trying again could help.
    fn prepare(start: &Start) -> Result<Self, Exit>;

    /// What the worker may touch from then on.
    fn sandbox(start: &Start) -> Sandbox;

    /// The worker's life, from not ready to stopped.
    fn run(self, context: Context) -> impl Future<Output = Result<(), Exit>>;
}

/// Runs a worker as this process's program, and answers how it ended.
#[must_use]
pub fn run<W: Worker>() -> ExitCode {
    let program = format!("natrium-{}", W::NAME);
    let settings = match Arguments::parse(std::env::args_os().skip(1)) {
        Ok(Arguments::Run { settings }) => settings,
        Ok(Arguments::Version) => return say(&format!("{program} {}", env!("CARGO_PKG_VERSION"))),
        Ok(Arguments::Help) => {
            return say(&format!(
                "{program} {}\n\nA part of the service that natriumd runs. By itself it needs a listening socket handed down\n\
                 (systemd: FileDescriptorName=varlink).\n\nUsage: {program} [--settings FILE] [--version] [--help]",
                env!("CARGO_PKG_VERSION")
            ));
        }
        Err(error) => return fail(&program, &Exit::Usage(error.into())),
    };
    panic::set_hook(Box::new({
        let program = program.clone();
        move |panic| {
            fail(
                &program,
                &Exit::Software(anyhow::anyhow!("a mistake of ours: {}", panic.to_string().replace('\n', " "))),
            );
        }
    }));
    let ended = panic::catch_unwind(|| live::<W>(&program, settings));
    let code = match ended {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(exit)) => fail(&program, &exit),
        // The hook has told it.
        Err(_) => ExitCode::from(Exit::SOFTWARE),
    };
    logging::finish();
    code
}

fn live<W: Worker>(program: &str, path: Option<std::path::PathBuf>) -> Result<(), Exit> {
    let environment = Environment::from_process();
    let inherited = Inherited::take(W::LISTENERS)
        .context("taking what was handed down by LISTEN_FDS")
        .map_err(Exit::Configuration)?;
    let settings = match inherited.settings {
        Some(file) => handed_down(&file).context("reading the settings handed down").map_err(Exit::Software),
        None => Settings::load(&environment.settings_path(path), &environment)
            .map_err(|error| Exit::Configuration(error.into())),
    };
    let level = settings.as_ref().map_or("info", |settings| settings.log.as_str());
    logging::start(program, W::NAME, level, inherited.recorder);
    let settings = settings?;
    let notify = Notify::open().context("opening NOTIFY_SOCKET").map_err(Exit::TryAgain)?;
    let start = Start { settings: Arc::new(settings), environment };

    let told = notify.clone();
    let result = sandboxed::<W>(&start, notify, inherited.listener, inherited.tcp);
    if let Err(exit) = &result {
        told.status(&exit.to_string());
    }
    result
}

fn sandboxed<W: Worker>(
    start: &Start,
    notify: Notify,
    listener: Option<std::os::unix::net::UnixListener>,
    tcp: Vec<(&'static str, std::net::TcpListener)>,
) -> Result<(), Exit> {
    let worker = W::prepare(start)?;
    let sandbox = W::sandbox(start).close().context("closing the sandbox").map_err(Exit::Configuration)?;
    notify.sandbox(&sandbox);
    let metrics = Metrics::record(W::NAME).context("setting up metrics").map_err(Exit::Software)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Blocking work is rare and short, and its threads do not outlive it for long. There may be many while a disk hangs:
        // what waits for one file must not keep others from theirs.
        .max_blocking_threads(64)
        .thread_keep_alive(Duration::from_secs(1))
        .build()
        .context("building the runtime")
        .map_err(Exit::Software)?;
    runtime.block_on(async {
        let stop = stop::on_signals().context("listening for signals").map_err(Exit::Software)?;
        let probe = Arc::new(Mutex::new(None));
        let context = Context {
            name: W::NAME,
            settings: start.settings.clone(),
            notify: notify.clone(),
            stop: stop.clone(),
            supervised: start.environment.get("NATRIUM_SUPERVISED").is_some(),
            listener,
            tcp,
            metrics,
            sandbox,
            probe: probe.clone(),
        };
        let told = notify.clone();
        let telling = async move {
            stop.cancelled().await;
            told.stopping();
            std::future::pending().await
        };
        tokio::select! {
            result = worker.run(context) => result,
            never = watchdog(&notify, &probe) => never,
            never = telling => never,
        }
    })
}

/// How long to wait before a sign of life is sent again for which the parent's queue had no room.
const AGAIN: Duration = Duration::from_millis(5);

/// Says that the main loop turns, at half the interval that the parent waits for. It is polled by the same task as the
/// worker's own life: whatever blocks that, silences this.
async fn watchdog<T>(notify: &Notify, probe: &Mutex<Option<Probe>>) -> T {
    let Some(interval) = sd_notify::watchdog_enabled() else { return std::future::pending().await };
    let mut turn = tokio::time::interval(interval / 2);
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turn.tick().await;
        let answer = probe.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|probe| probe());
        if let Some(answer) = answer {
            answer.await;
        }
        // The queue may be full of what this worker said while the parent did not run, or of what somebody sends that it started.
        while !notify.alive() {
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// Reads settings that the supervisor has validated.
fn handed_down(file: &std::fs::File) -> anyhow::Result<Settings> {
    let length = usize::try_from(file.metadata()?.len())?;
    let mut text = vec![0; length];
    file.read_exact_at(&mut text, 0)?;
    Ok(serde_json::from_slice(&text)?)
}

fn say(text: &str) -> ExitCode {
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(75),
    }
}

/// The one line that says why a program ended: to the journal or the terminal, wherever log lines go.
fn fail(program: &str, exit: &Exit) -> ExitCode {
    logging::start(program, program.trim_start_matches("natrium-"), "info", None);
    tracing::error!(exit_status = exit.code(), "{program}: {exit}");
    exit.into()
}
