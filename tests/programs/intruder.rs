//! A worker that was taken over: it stands in the place of the bot, the writer or web, closed in the very same sandbox, and tries
//! what it must not be able to do. It says what became of it in its status.

use std::{
    fs::{self, File},
    io,
    net::{TcpListener, TcpStream},
    path::Path,
    process::ExitCode,
};

use interfaces::supervisor::{Client, Status};
use nix::{
    errno::Errno,
    sys::signal::{Signal, kill, killpg},
    unistd::{Pid, getpid, getppid},
};
use worker::{Context, DEADLINE, Exit, Sandbox, Start, Worker};

/// Which worker is played: the name of the program says so.
fn main() -> ExitCode {
    let program = std::env::args().next().unwrap_or_default();
    match program.rsplit('-').next() {
        Some("bot") => worker::run::<Bot>(),
        Some("web") => worker::run::<Web>(),
        _ => worker::run::<Writer>(),
    }
}

struct Bot;

impl Worker for Bot {
    const NAME: &'static str = "bot";

    fn prepare(_: &Start) -> Result<Self, Exit> {
        Ok(Self)
    }

    fn sandbox(start: &Start) -> Sandbox {
        bot::sandbox(start)
    }

    async fn run(self, context: Context) -> Result<(), Exit> {
        intrude(context).await
    }
}

struct Writer;

impl Worker for Writer {
    const NAME: &'static str = "writer";

    fn prepare(_: &Start) -> Result<Self, Exit> {
        Ok(Self)
    }

    fn sandbox(start: &Start) -> Sandbox {
        writer::sandbox(start)
    }

    async fn run(self, context: Context) -> Result<(), Exit> {
        intrude(context).await
    }
}

struct Web;

impl Worker for Web {
    const NAME: &'static str = "web";
    const LISTENERS: &'static [&'static str] = &["api", "page"];

    fn prepare(_: &Start) -> Result<Self, Exit> {
        Ok(Self)
    }

    fn sandbox(start: &Start) -> Sandbox {
        web::sandbox(start)
    }

    async fn run(self, context: Context) -> Result<(), Exit> {
        intrude(context).await
    }
}

async fn intrude(mut context: Context) -> Result<(), Exit> {
    let serving = context.serve(|server| server)?;
    let directories = &context.settings.directories;
    let port = context.settings.telegram.api_url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(0);
    let siblings = siblings(&context).await?;
    let tried = [
        ("read-store", outcome(&File::open(directories.state.join("store.sqlite")))),
        ("write-store", outcome(&File::options().append(true).open(directories.state.join("store.sqlite")))),
        ("list-state", outcome(&fs::read_dir(&directories.state))),
        ("write-published", outcome(&write(&directories.published.join("intruded")))),
        ("read-token", outcome(&File::open(directories.state.with_file_name("token")))),
        ("write-runtime", outcome(&write(&directories.runtime.join("intruded")))),
        ("read-passwd", outcome(&File::open("/etc/passwd"))),
        ("connect-api", outcome(&TcpStream::connect(("127.0.0.1", port)))),
        ("connect-other", outcome(&TcpStream::connect(("127.0.0.1", 9)))),
        ("bind-other", outcome(&TcpListener::bind(("127.0.0.1", 0)))),
        ("signal-supervisor", outcome(&signals(&[getppid()]))),
        ("signal-siblings", outcome(&signals(&siblings))),
    ];
    let told: Vec<_> = tried.iter().map(|(what, became)| format!("{what}={became}")).collect();
    context.notify.ready(&told.join(" "));
    let _ = serving.await;
    Ok(())
}

/// The processes of the other workers that live just now.
async fn siblings(context: &Context) -> Result<Vec<Pid>, Exit> {
    let status = Client::new(context.pool("supervisor"), DEADLINE).status(&Status {}).await;
    let workers = status.map_err(|error| Exit::Software(error.into()))?.workers;
    Ok(workers.into_iter().filter_map(|worker| worker.pid).map(Pid::from_raw).filter(|pid| *pid != getpid()).collect())
}

/// Tries every signal that could hurt, on each of them and on its process group. One that goes through is told.
fn signals(targets: &[Pid]) -> io::Result<()> {
    let harmful = [Signal::SIGSTOP, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGABRT, Signal::SIGKILL];
    let mut tried = targets.iter().flat_map(|pid| harmful.map(|signal| [kill(*pid, signal), killpg(*pid, signal)]));
    let refused =
        tried.all(|results| results.into_iter().all(|result| matches!(result, Err(Errno::EPERM | Errno::ESRCH))));
    if refused && !targets.is_empty() { Err(Errno::EPERM.into()) } else { Ok(()) }
}

fn write(path: &Path) -> io::Result<()> {
    fs::write(path, "intruded")?;
    fs::remove_file(path)
}

/// What became of an attempt. Only a refusal for want of rights is one by the sandbox.
fn outcome<T>(result: &io::Result<T>) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => "refused",
        Err(_) => "failed",
    }
}
