//! From the command line to the main loop, in this order: arguments, settings (they say where the lock is), the lock, then
//! everything else. Until the lock is won nothing is changed, and nobody is disturbed.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::panic;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use instance::pidfile::{PidFile, PidFileError};
use instance::refusal::{self, Language};
use settings::Settings;
use tokio::net::UnixListener;
use tokio::sync::{broadcast, mpsc, oneshot};
use worker::events::{SECOND_START_REFUSED, SERVICE_FAILED, SERVICE_STOPPED};

use crate::arguments::{Arguments, USAGE};
use crate::control::{CHANGES, Control, Door, QUESTIONS};
use crate::core::{Core, Verdict};
use crate::hooks::Hooks;
use crate::launcher::{self, Launcher};
use crate::listeners::Sockets;
use crate::notify::{Complaints, NotifySockets};
use crate::ports::{HandedDown, Ports};
use crate::reader::{ReadError, Reader, Reading};
use crate::reload::Reload;
use crate::service::{Clock, Service};
use crate::signals::Signals;
use crate::spawn;
use crate::systemd::Systemd;
use crate::timing::Timing;
use crate::topology::TOPOLOGY;
use crate::wall::Wall;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Another instance runs.
const RUNS_ALREADY: u8 = 1;
/// Wrong usage (sysexits.h, `EX_USAGE`).
const USAGE_ERROR: u8 = 64;
/// A mistake of ours (`EX_SOFTWARE`).
const SOFTWARE: u8 = 70;
/// Something that another try may find mended (`EX_TEMPFAIL`).
const TRY_AGAIN: u8 = 75;
/// What is wrong is in the configuration (`EX_CONFIG`).
const CONFIGURATION: u8 = 78;

/// How a start ends that comes to nothing.
struct Refused {
    code: u8,
    text: String,
}

impl Refused {
    fn new(code: u8, text: impl std::fmt::Display) -> Self {
        Self { code, text: text.to_string() }
    }
}

/// natriumd, from its arguments to its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let clock = Clock::start();
    let settings = match Arguments::parse(std::env::args_os().skip(1)) {
        Ok(Arguments::Run { settings }) => settings,
        Ok(Arguments::Version) => return print(&format!("natriumd {VERSION}\n")),
        Ok(Arguments::Help) => return print(USAGE),
        Err(error) => return complain(&Refused::new(USAGE_ERROR, format!("{error}\n{USAGE}"))),
    };
    panic::set_hook(Box::new(|panic| {
        // A panic before the log has begun is told all the same; who has begun it counts.
        worker::logging::start("natriumd", "supervisor", "info", None);
        let place = panic.to_string().replace('\n', " ");
        worker::event!(error, SERVICE_FAILED, exit_status = SOFTWARE, "natriumd: a mistake of ours: {place}");
    }));
    // The workers die with this process.
    let code = match panic::catch_unwind(|| start(clock, settings)) {
        // The hook has told it.
        Err(_) => ExitCode::from(SOFTWARE),
        Ok(Ok(verdict)) => {
            if let Some(sentence) = &verdict.sentence {
                worker::event!(error, SERVICE_FAILED, exit_status = verdict.code, "{sentence}");
            }
            ExitCode::from(verdict.code)
        }
        Ok(Err(refused)) => complain(&refused),
    };
    worker::logging::finish();
    code
}

fn start(clock: Clock, path: Option<PathBuf>) -> Result<Verdict, Refused> {
    let mut handed_down = HandedDown::take();
    let libexec = launcher::libexec(std::env::var_os("NATRIUM_LIBEXEC"));
    let libexec = libexec.map_err(|error| Refused::new(TRY_AGAIN, error))?;
    let reader = Reader::new(&libexec, path);
    let settings = reader.begin().and_then(Reading::wait).map_err(|error| match error {
        ReadError::Wrong(text) => Refused::new(CONFIGURATION, text),
        other => Refused::new(TRY_AGAIN, other),
    })?;
    let timing = match std::env::var("NATRIUM_TIMING") {
        Ok(text) => Timing::parse(&text).map_err(|error| Refused::new(CONFIGURATION, error))?,
        Err(_) => Timing::default(),
    };
    let lock = lock(&settings)?;

    worker::logging::start("natriumd", "supervisor", settings.log.as_str(), None);
    tracing::info!(version = VERSION, instance = settings.instance, "starting");
    handed_down.check(&settings.web);
    for complaint in &handed_down.complaints {
        tracing::warn!("{complaint}");
    }
    spawn::close_on_exec();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let runtime = runtime.map_err(|error| Refused::new(TRY_AGAIN, format!("building the runtime: {error}")))?;
    let ports = Ports::new(handed_down, &settings.web);
    let run = serve(clock, settings, timing, &lock, libexec, ports, Reload::new(reader));
    let verdict = runtime.block_on(run).map_err(|error| Refused::new(TRY_AGAIN, format!("{error:#}")))?;
    worker::event!(info, SERVICE_STOPPED, exit_status = verdict.code, "stopped");
    Ok(verdict)
}

fn lock(settings: &Settings) -> Result<PidFile, Refused> {
    let directory = &settings.directories.runtime;
    // systemd makes it; by hand somebody has to.
    if let Err(error) = fs::DirBuilder::new().recursive(true).mode(0o750).create(directory) {
        return Err(Refused::new(
            CONFIGURATION,
            format!("making the runtime directory {}: {error}", directory.display()),
        ));
    }
    PidFile::acquire(&directory.join("natrium.pid")).map_err(|error| match error {
        PidFileError::Held { holder, .. } => {
            let language = Language::of(|name| std::env::var(name).ok());
            let unit = holder.and_then(refusal::unit_of);
            Refused::new(RUNS_ALREADY, refusal::message(language, &settings.instance, holder, unit.as_ref()))
        }
        PidFileError::Open { .. } => Refused::new(CONFIGURATION, error),
        PidFileError::Lock { .. } | PidFileError::Write { .. } => Refused::new(TRY_AGAIN, error),
    })
}

async fn serve(
    clock: Clock,
    settings: Settings,
    timing: Timing,
    lock: &PidFile,
    libexec: PathBuf,
    ports: Ports,
    reload: Reload,
) -> anyhow::Result<Verdict> {
    // Before anything can die or ask us to stop.
    let signals = Signals::listen().context("listening for signals")?;
    let directory = settings.directories.runtime.clone();
    let mut sockets = Sockets::new(&directory, lock);
    let (mut listeners, mut notify) = (Vec::new(), Vec::new());
    for spec in TOPOLOGY {
        listeners.push(sockets.listener(&format!("{}.sock", spec.name))?);
        notify.push(sockets.datagram(&spec.notify_socket())?);
    }
    let notify = NotifySockets::new(notify).context("setting up the notify sockets")?;
    let own = sockets.listener("supervisor.sock")?;
    own.set_nonblocking(true)?;
    let own = UnixListener::from_std(own)?;

    let launcher = Launcher::new(TOPOLOGY, libexec, timing, listeners, ports, &settings)?;
    let above = std::env::var_os("NOTIFY_SOCKET");
    let systemd = Systemd::connect(above.as_deref().map(OsStr::new), sd_notify::watchdog_enabled());
    let systemd = systemd.context("connecting to NOTIFY_SOCKET")?;

    let (asking, questions) = mpsc::channel(QUESTIONS);
    let control = Control(asking);
    let product = varlink::Product {
        vendor: "Natrium",
        product: "natriumd",
        version: VERSION,
        url: env!("CARGO_PKG_REPOSITORY"),
    };
    let server = varlink::Server::new(product)
        .service(interfaces::supervisor::Serve(Arc::new(control.clone())))
        .gate(Door(control))
        .limits(varlink::Limits { drain: LAST_ANSWERS, ..varlink::Limits::default() });
    // Workers ask who their callers are until they have stopped, so the server lives as long as the main loop.
    let (end, ended) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(own, async { drop(ended.await) }));

    let service = Service {
        specs: TOPOLOGY,
        clock,
        core: Core::new(TOPOLOGY, |spec| spec.is_on(&settings), timing, seed(clock), clock.now()),
        launcher,
        notify,
        signals,
        systemd,
        questions,
        changes: broadcast::channel(CHANGES).0,
        settings,
        reload,
        children: Vec::new(),
        hooks: Hooks::default(),
        wall: Wall::new(clock.now()),
        complaints: Complaints::new(COMPLAIN_EVERY),
        is_finished: false,
    };
    let verdict = service.run().await;
    // Who watches is told of the last changes, too: why the service ends is among them.
    drop(end);
    let _ = serving.await;
    Ok(verdict)
}

/// How long callers have to take their last answers.
const LAST_ANSWERS: Duration = Duration::from_millis(100);

/// How often dropped notifications are complained about at most.
const COMPLAIN_EVERY: Duration = Duration::from_secs(10);

/// What differs between hosts and starts, for jitter; it need not be hard to guess.
fn seed(clock: Clock) -> u64 {
    clock.now().ms.unsigned_abs() ^ (u64::from(std::process::id()) << 40)
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(TRY_AGAIN),
    }
}

/// Says why nothing was started: to the journal where that is standard error, else in plain words to whoever started it.
fn complain(refused: &Refused) -> ExitCode {
    let Refused { code, text } = refused;
    let text = text.trim_end();
    if worker::logging::stderr_is_journal() {
        // It may have been started already, and then stays as it is.
        worker::logging::start("natriumd", "supervisor", "info", None);
        let event = if *code == RUNS_ALREADY { SECOND_START_REFUSED } else { SERVICE_FAILED };
        worker::event!(error, event, exit_status = code, "{text}");
    } else {
        let _ = writeln!(std::io::stderr(), "natriumd: {text}");
    }
    ExitCode::from(*code)
}
