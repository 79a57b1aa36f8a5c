//! The service as an operator starts it: `natriumd` with settings of its own, its workers below it, in a fresh directory.

use std::{
    fs::{self, File},
    io,
    os::unix::net::UnixDatagram,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use interfaces::configs::{Author, Origin, Put};
use nix::{sys::signal::Signal, unistd::geteuid};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    bench::Bench,
    process::{Listed, Process, tree},
    victim::Victim,
};

/// The admin whom the settings name, by Telegram user id.
pub(crate) const ADMIN: i64 = 1001;
/// The bot's token. The simulator takes any of this shape.
pub(crate) const TOKEN: &str = "4200000001:AAbenchbenchbenchbenchbenchbenchbench";
/// How long the service may take to become ready.
const PATIENCE: Duration = Duration::from_secs(30);
/// The service is idle when it has used hardly any processor time for so long.
const REST: Duration = Duration::from_secs(3);
/// How long it may take to become idle.
const REST_PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait for a datagram before looking whether the service still lives.
const LOOK: Duration = Duration::from_millis(100);

/// Where a service keeps its things. Outlives the service, which may be started on it again.
#[derive(Debug)]
pub(crate) struct Home {
    /// On the disk that is measured.
    disk: TempDir,
    /// Holds the runtime directory.
    sockets: TempDir,
    /// Where the workers' programs lie if not beside natriumd.
    programs: Option<PathBuf>,
}

impl Home {
    /// An empty one with settings: a bot that talks to the Bot API at `api_url`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn new(bench: &Bench, api_url: &str) -> Result<Self> {
        Self::with_kinds(bench, api_url, &[])
    }

    /// As [`new`](Self::new), with further kinds of config, of which any document is valid.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn with_kinds(bench: &Bench, api_url: &str, kinds: &[String]) -> Result<Self> {
        let home = Self { disk: bench.room("service")?, sockets: bench.sockets("run")?, programs: None };
        let [token, schema] = ["token", "any.schema.json"].map(|name| home.disk.path().join(name));
        fs::write(&token, TOKEN)?;
        fs::write(&schema, r#"{ "type": "object" }"#)?;
        for directory in [home.state(), home.runtime()] {
            fs::create_dir(directory)?;
        }
        let builtin =
            ["fees", "rates"].map(|kind| (kind.to_owned(), json!({ "file": file_of(kind), "schema": "builtin" })));
        let further = kinds.iter().map(|kind| (kind.clone(), json!({ "file": file_of(kind), "schema": schema })));
        let configs: serde_json::Map<String, Value> = builtin.into_iter().chain(further).collect();
        let settings = json!({
            "directories": { "state": home.state(), "runtime": home.runtime() },
            "telegram": { "api_url": api_url, "token": { "file": token } },
            "web": { "api": "127.0.0.1:0", "page": "127.0.0.1:0" },
            "admins": [{ "id": ADMIN, "name": "Anna" }],
            "configs": configs,
        });
        // Every JSON document is a YAML document.
        fs::write(home.settings(), serde_json::to_string_pretty(&settings)?)?;
        Ok(home)
    }

    /// As [`new`](Self::new), with `command` in the bot's place.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn with_bot(bench: &Bench, command: &Command) -> Result<Self> {
        use std::os::unix::fs::PermissionsExt;
        let (home, programs) = Self::without_bot(bench)?;
        let words = [command.get_program()].into_iter().chain(command.get_args());
        let quoted: Vec<String> = words.map(|word| quoted(&word.to_string_lossy())).collect();
        let bot = programs.join("natrium-bot");
        // The shell becomes the command: the process stays the one that natriumd started.
        fs::write(&bot, format!("#!/bin/sh\nexec {}\n", quoted.join(" ")))?;
        fs::set_permissions(&bot, fs::Permissions::from_mode(0o755))?;
        Ok(home)
    }

    /// As [`new`](Self::new), with the trivial worker in the bot's place.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn with_victim(bench: &Bench) -> Result<(Self, Victim)> {
        let (home, programs) = Self::without_bot(bench)?;
        let victim = Victim::put(bench, &programs, "natrium-bot")?;
        Ok((home, victim))
    }

    /// As [`new`](Self::new), with nothing in the bot's place: that is to be put into the directory answered.
    fn without_bot(bench: &Bench) -> Result<(Self, PathBuf)> {
        // Nobody answers at the discard port, and nobody asks.
        let mut home = Self::new(bench, "http://127.0.0.1:9")?;
        // There may be sockets among the programs.
        let programs = home.sockets.path().join("programs");
        fs::create_dir(&programs)?;
        // natriumd has its settings read by natrium.
        for name in ["natrium", "natrium-writer", "natrium-web"] {
            std::os::unix::fs::symlink(bench.program(name)?, programs.join(name))?;
        }
        home.programs = Some(programs.clone());
        Ok((home, programs))
    }

    /// A command that starts natriumd here.
    ///
    /// # Errors
    /// When it has not been built.
    pub(crate) fn natriumd(&self, bench: &Bench) -> Result<Command> {
        let mut command = Self::command(bench, "natriumd")?;
        command.arg("--settings").arg(self.settings());
        if let Some(programs) = &self.programs {
            command.env("NATRIUM_LIBEXEC", programs);
        }
        Ok(command)
    }

    /// A command that asks how the service is, as an operator does.
    ///
    /// # Errors
    /// When it has not been built.
    pub(crate) fn status(&self, bench: &Bench) -> Result<Command> {
        let mut command = Self::command(bench, "natrium")?;
        command.arg("status").arg("--settings").arg(self.settings());
        Ok(command)
    }

    /// One of the project's programs, in an environment of its own.
    fn command(bench: &Bench, program: &str) -> Result<Command> {
        let mut command = Command::new(bench.program(program)?);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LANG", "C.UTF-8");
        Ok(command)
    }

    fn settings(&self) -> PathBuf {
        self.disk.path().join("natrium.yml")
    }

    /// Where the writer keeps what is its own.
    pub(crate) fn state(&self) -> PathBuf {
        self.disk.path().join("state")
    }

    fn runtime(&self) -> PathBuf {
        self.sockets.path().join("natrium")
    }

    /// Where the configs are published.
    pub(crate) fn published(&self) -> PathBuf {
        self.state().join("published")
    }

    /// The socket of `worker`.
    pub(crate) fn socket(&self, worker: &str) -> PathBuf {
        self.runtime().join(format!("{worker}.sock"))
    }

    /// What the service and its workers have logged.
    ///
    /// # Errors
    /// When nothing was.
    pub(crate) fn log(&self) -> Result<String> {
        fs::read_to_string(self.log_path()).context("reading the service's log")
    }

    fn log_path(&self) -> PathBuf {
        self.disk.path().join("log")
    }
}

/// The service, running.
#[derive(Debug)]
pub(crate) struct Service {
    natriumd: Process,
    /// From the start of natriumd to its `READY=1`.
    pub(crate) ready_after: Duration,
}

impl Service {
    /// Starts it and waits until it says that it is ready, as systemd would.
    ///
    /// # Errors
    /// When it does not become ready; the end of its log is part of the message.
    pub(crate) fn start(bench: &Bench, home: &Home) -> Result<Self> {
        Self::start_unexplained(bench, home).with_context(|| format!("its log ends:\n{}", end_of(home)))
    }

    fn start_unexplained(bench: &Bench, home: &Home) -> Result<Self> {
        let notify = home.sockets.path().join("notify");
        let _ = fs::remove_file(&notify);
        let parent = UnixDatagram::bind(&notify).context("binding the notify socket")?;
        parent.set_read_timeout(Some(LOOK))?;
        let log = File::options().create(true).append(true).open(home.log_path())?;
        let mut command = home.natriumd(bench)?;
        command.env("NOTIFY_SOCKET", &notify).stdout(log.try_clone()?).stderr(log);
        let start = Instant::now();
        let mut natriumd = Process::start("natriumd", &mut command, Signal::SIGTERM)?;
        bench.until("the service is ready", PATIENCE, || {
            natriumd.must_run()?;
            Ok(receive(&parent)?.filter(|message| message.lines().any(|line| line == "READY=1")))
        })?;
        Ok(Self { ready_after: start.elapsed(), natriumd })
    }

    /// The process id of natriumd.
    pub(crate) fn pid(&self) -> u32 {
        self.natriumd.pid()
    }

    /// natriumd and all processes below it.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub(crate) fn processes(&self) -> Result<Vec<Listed>> {
        tree(self.natriumd.pid())
    }

    /// Waits until it has used at most one tick of processor time (10 ms) for a while.
    ///
    /// # Errors
    /// When it never rests.
    pub(crate) fn rests(&self, bench: &Bench) -> Result<()> {
        let used = || -> Result<u64> { Ok(self.processes()?.iter().map(|process| process.ticks).sum()) };
        let (mut since, mut at) = (Instant::now(), used()?);
        bench.until("the service is idle", REST_PATIENCE, || {
            let now = used()?;
            if now > at + 1 {
                (since, at) = (Instant::now(), now);
            }
            Ok((since.elapsed() >= REST).then_some(()))
        })
    }

    /// Stops it in order. Answers how long that took.
    ///
    /// # Errors
    /// When it does not stop in order.
    pub(crate) fn stop_timed(self) -> Result<Duration> {
        self.natriumd.stop_timed()
    }

    /// Stops it in order.
    ///
    /// # Errors
    /// When it does not stop in order.
    pub(crate) fn stop(self) -> Result<()> {
        self.natriumd.stop()
    }
}

/// The next datagram, `None` if none has come for a while.
fn receive(parent: &UnixDatagram) -> Result<Option<String>> {
    let mut buffer = [0; 4096];
    match parent.recv(&mut buffer) {
        Ok(length) => Ok(Some(String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).into_owned())),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn end_of(home: &Home) -> String {
    let log = home.log().unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines.get(lines.len().saturating_sub(12)..).unwrap_or_default().join("\n")
}

/// The name under which a kind is published.
pub(crate) fn file_of(kind: &str) -> String {
    format!("{kind}.yml")
}

/// A word as the shell takes it literally.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What an operator asks of the writer to save a document.
pub(crate) fn put(kind: &str, base: i64, content: String, request_id: String) -> Put {
    Put {
        kind: kind.to_owned(),
        content,
        base,
        over: None,
        author: Author { origin: Origin::Operator, id: geteuid().as_raw().into(), name: "bench".to_owned() },
        request_id,
        settles: None,
    }
}

/// The sample of `fees.yml` in its `number`th edition. All editions have the same length.
pub(crate) fn fees(number: usize) -> String {
    format!("# edition {number:012}\n{}", include_str!("../../kinds/samples/fees.yml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_takes_quoted_words_as_they_are() -> Result<()> {
        let word = r#"it's {"a": "$HOME"} `x`"#;
        let output = Command::new("sh").arg("-c").arg(format!("printf %s {}", quoted(word))).output()?;
        assert_eq!(String::from_utf8(output.stdout)?, word);
        Ok(())
    }

    #[test]
    fn editions_differ_in_nothing_but_their_number() {
        assert_ne!(fees(1), fees(2));
        assert_eq!(fees(1).len(), fees(200_000).len());
    }
}
