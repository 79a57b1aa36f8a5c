//! Hooks: what the settings want run after a version of a kind was published. Each is a process that is no worker: it is given
//! nothing but a few variables, may take a limited time, and its end is told to whoever asked for it.
//!
//! [`plan`] decides, [`command`] says what is run, [`lines`] what becomes of what it writes. Here is what acts. While no hook runs
//! there is nothing: no descriptor, no task, no timer.

mod command;
mod lines;
mod plan;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use futures_util::future;
use interfaces::supervisor::{Error, HookEnd, RunHook, RunHookReply};
use nix::fcntl::OFlag;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, pipe2};
use settings::Settings;
use tokio::net::unix::pipe;

use self::command::Command;
use self::lines::Lines;
use self::plan::{Action, Event, Id, NotRun, Outcome, Plan};
use crate::control::HookRan;
use crate::deaths::End;
use crate::reap::{has_ended, reap};
use crate::spawn::{self, Open, Spawned};
use crate::timing::Moment;

/// How much is read at once: between two of these everybody else has a turn.
const CHUNK: usize = 4096;
/// How much is read of one that has ended: more than a pipe can hold is written by somebody who still lives.
const LAST_CHUNKS: usize = (1 << 20) / CHUNK;

/// What runs, and who waits for it.
#[derive(Default)]
pub(crate) struct Hooks {
    plan: Plan,
    asks: HashMap<Id, Ask>,
    runs: Vec<Run>,
    next: Id,
}

/// What somebody wants.
struct Ask {
    kind: String,
    version: i64,
    answer: HookRan,
}

/// A process that runs.
struct Run {
    id: Id,
    /// For the log: `hook:fees`.
    name: String,
    path: PathBuf,
    process: Spawned,
    /// What it writes; nothing once nobody can write any more.
    output: Option<pipe::Receiver>,
    lines: Lines,
    began: Moment,
}

impl Hooks {
    /// Whether a process runs.
    pub(crate) fn is_running(&self) -> bool {
        self.plan.is_running()
    }

    /// When time alone will matter next.
    pub(crate) fn due(&self, now: Moment) -> Option<Moment> {
        let resting = self.runs.iter().filter(|run| run.output.is_some()).filter_map(|run| run.rests(now));
        self.plan.due().into_iter().chain(resting).min()
    }

    /// Somebody asks. The answer comes when it is over.
    pub(crate) fn ask(&mut self, call: RunHook, answer: HookRan, settings: &Settings, now: Moment) {
        // Those who have gone keep nobody else from waiting.
        let gone: Vec<Id> = self.plan.waiting().filter(|id| self.is_gone(*id)).collect();
        for id in gone {
            self.asks.remove(&id);
            self.tell(Event::Abandoned { id }, settings, now);
        }
        let id = self.next;
        self.next += 1;
        let kind = call.kind.clone();
        self.asks.insert(id, Ask { kind: call.kind, version: call.version, answer });
        self.tell(Event::Asked { id, kind }, settings, now);
        if let Some(ask) = self.asks.get(&id).filter(|_| self.plan.waiting().any(|waiting| waiting == id)) {
            let (worker, version) = (name(&ask.kind), ask.version);
            tracing::info!(worker, version, "{worker}: version {version} waits for another run of it to end");
        }
    }

    /// The service stops, and kills by then what still lives.
    pub(crate) fn stop(&mut self, kill_by: Moment, settings: &Settings, now: Moment) {
        self.tell(Event::StopRequested { kill_by }, settings, now);
    }

    pub(crate) fn time_passed(&mut self, settings: &Settings, now: Moment) {
        self.tell(Event::TimePassed, settings, now);
    }

    /// Buries those that have ended.
    pub(crate) fn reap(&mut self, settings: &Settings, now: Moment) {
        while let Some(place) = self.runs.iter().position(|run| has_ended(run.process.pid)) {
            let run = &mut self.runs[place];
            let end = reap(run.process.pid);
            run.last_words();
            let failure = run.process.failure().map(|failure| format!("{}: {failure}", run.path.display()));
            let id = run.id;
            self.tell(Event::Died { id, end, failure }, settings, now);
            self.runs.retain(|run| run.id != id);
        }
    }

    /// Waits until a hook has written something, or can write nothing any more. Dropping the future loses nothing.
    pub(crate) async fn readable(&self, now: Moment) {
        let readable = self.runs.iter().filter(|run| run.rests(now).is_none()).filter_map(|run| run.output.as_ref());
        let readable: Vec<_> = readable.map(|output| Box::pin(output.readable())).collect();
        if readable.is_empty() {
            return future::pending().await;
        }
        // What is wrong with one is found when it is read.
        let _ = future::select_all(readable).await;
    }

    /// Reads a little of each.
    pub(crate) fn read(&mut self, now: Moment) {
        for run in self.runs.iter_mut().filter(|run| run.rests(now).is_none()) {
            run.read();
        }
    }

    /// Nobody cares for them any more: the supervisor ends.
    pub(crate) fn abandon(&mut self) {
        for run in &self.runs {
            tracing::error!(
                worker = run.name,
                worker_pid = run.process.pid,
                "{}: left behind, it does not end",
                run.name
            );
            run.signal(Signal::SIGKILL);
        }
    }

    fn is_gone(&self, id: Id) -> bool {
        self.asks.get(&id).is_none_or(|ask| ask.answer.is_closed())
    }

    /// Tells the plan, and does what it says until it says nothing more.
    fn tell(&mut self, event: Event, settings: &Settings, now: Moment) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for action in self.plan.handle(event, now) {
                match action {
                    Action::Start { id } => events.push(self.start(id, settings, now)),
                    Action::Terminate { id } => self.signal(id, Signal::SIGTERM),
                    Action::Kill { id } => self.signal(id, Signal::SIGKILL),
                    Action::Answer { id, outcome } => self.answer(id, outcome),
                }
            }
        }
    }

    fn start(&mut self, id: Id, settings: &Settings, now: Moment) -> Event {
        let none = Event::NotStarted { id, why: NotRun::NoHook };
        // Whoever has gone wants nothing run any more.
        let Some(ask) = self.asks.get(&id).filter(|ask| !ask.answer.is_closed()) else { return none };
        let variable = |name: &str| std::env::var_os(name);
        let Some(command) = command::command(settings, &ask.kind, ask.version, variable, Path::exists) else {
            return none;
        };
        let limit = command.limit;
        match Run::start(id, ask, command, now) {
            Ok(run) => {
                self.runs.push(run);
                Event::Started { id, limit }
            }
            Err(error) => Event::NotStarted { id, why: NotRun::Refused(error.to_string()) },
        }
    }

    fn signal(&self, id: Id, signal: Signal) {
        if let Some(run) = self.runs.iter().find(|run| run.id == id) {
            tracing::warn!(worker = run.name, worker_pid = run.process.pid, "{}: sending {signal}", run.name);
            run.signal(signal);
        }
    }

    fn answer(&mut self, id: Id, outcome: Outcome) {
        let Some(ask) = self.asks.remove(&id) else { return };
        let log = self.runs.iter().find(|run| run.id == id).map(|run| run.lines.last().to_owned());
        let reply = reply(&ask.kind, outcome, log.unwrap_or_default());
        let (worker, version) = (name(&ask.kind), ask.version);
        match &reply {
            Ok(reply) if reply.end == HookEnd::Succeeded => {
                tracing::info!(worker, version, "{worker}: succeeded after {} ms", reply.took_ms);
            }
            Ok(reply) => tracing::warn!(worker, version, cause = told(reply), "{worker}: {}", told(reply)),
            Err(error) => tracing::info!(worker, version, "{worker}: {error}"),
        }
        // An asker that has gone needs no answer.
        let _ = ask.answer.send(reply);
    }
}

impl Run {
    fn start(id: Id, ask: &Ask, command: Command, now: Moment) -> io::Result<Self> {
        let null = File::open("/dev/null")?;
        let (output, written) = pipe2(OFlag::O_CLOEXEC)?;
        let output = pipe::Receiver::from_owned_fd(output)?;
        let open = Open { stdin: null.as_fd(), output: Some(written.as_fd()), handed: &[] };
        let process = spawn::spawn(&command.program, open)?;
        let name = name(&ask.kind);
        let (version, worker_pid) = (ask.version, process.pid);
        tracing::info!(
            worker = name,
            version,
            worker_pid,
            "{name}: runs {} for version {version}",
            command.path.display()
        );
        Ok(Self { id, name, path: command.path, process, output: Some(output), lines: Lines::default(), began: now })
    }

    /// Until when nothing more is read, if it writes more than anybody reads.
    fn rests(&self, now: Moment) -> Option<Moment> {
        Some(self.began + self.lines.rest_until()).filter(|until| *until > now)
    }

    fn read(&mut self) {
        let Some(output) = &self.output else { return };
        let mut bytes = [0; CHUNK];
        match output.try_read(&mut bytes) {
            Ok(0) => self.output = None,
            Ok(count) => {
                let (name, worker_pid) = (&self.name, self.process.pid);
                self.lines.take(&bytes[..count], |line| tracing::info!(worker = name, worker_pid, "{line}"));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => {
                tracing::warn!(worker = self.name, "{}: reading what it writes: {error}", self.name);
                self.output = None;
            }
        }
    }

    /// What it wrote before it ended.
    fn last_words(&mut self) {
        let (name, worker_pid) = (&self.name, self.process.pid);
        let log = |line: &str| tracing::info!(worker = name, worker_pid, "{line}");
        if let Some(output) = self.output.take() {
            drain(output, &mut self.lines, log);
        }
        self.lines.finish(log);
    }

    /// To its whole group. It is not reaped yet, so the number is still its own.
    fn signal(&self, signal: Signal) {
        // ESRCH: it ends before it had its group; then it runs no program of its own yet, and ends with its parent.
        if killpg(Pid::from_raw(self.process.pid), signal).is_err() {
            let _ = nix::sys::signal::kill(Pid::from_raw(self.process.pid), signal);
        }
    }
}

/// Reads what lies in the pipe of one that has ended. Somebody who left its group may hold it open for ever: he is not heard any
/// more. The kernel itself is asked: what was written a moment ago the runtime may not have been told yet.
fn drain(output: pipe::Receiver, lines: &mut Lines, log: impl Fn(&str)) {
    let Ok(output) = output.into_nonblocking_fd() else { return };
    let mut output = File::from(output);
    let mut bytes = [0; CHUNK];
    for _ in 0..LAST_CHUNKS {
        match output.read(&mut bytes) {
            Ok(count) if count > 0 => lines.take(&bytes[..count], &log),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => break,
        }
    }
}

/// Under which name it is in the log.
fn name(kind: &str) -> String {
    format!("hook:{kind}")
}

fn reply(kind: &str, outcome: Outcome, log: String) -> Result<RunHookReply, Error> {
    match outcome {
        Outcome::Stopping => Err(Error::Stopping {}),
        Outcome::NotRun(NotRun::NoHook) => Err(Error::NoHook { kind: kind.to_owned() }),
        Outcome::NotRun(NotRun::Refused(reason)) => Ok(RunHookReply {
            end: HookEnd::NotStarted,
            code: None,
            signal: None,
            took_ms: 0,
            log: String::new(),
            reason: Some(reason),
        }),
        Outcome::Ran { end, timed_out, took } => {
            let (code, signal) = match end {
                End::Code(code) => (Some(i64::from(code)), None),
                End::Signal(signal) => (None, Some(i64::from(signal))),
                End::NotStarted(_) => (None, None),
            };
            let end = match (timed_out, code) {
                (true, _) => HookEnd::TimedOut,
                (false, Some(0)) => HookEnd::Succeeded,
                (false, _) => HookEnd::Failed,
            };
            let took_ms = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
            Ok(RunHookReply { end, code, signal, took_ms, log, reason: None })
        }
    }
}

/// Why it did not do what it was run for.
fn told(reply: &RunHookReply) -> String {
    let number = |number: Option<i64>| number.and_then(|number| i32::try_from(number).ok());
    let ended = match (number(reply.code), number(reply.signal)) {
        (Some(code), _) => End::Code(code).to_string(),
        (None, Some(signal)) => End::Signal(signal).to_string(),
        (None, None) => format!("not started: {}", reply.reason.as_deref().unwrap_or_default()),
    };
    match reply.end {
        HookEnd::TimedOut => format!("took too long: {ended} after {} ms", reply.took_ms),
        HookEnd::NotStarted => ended,
        HookEnd::Succeeded | HookEnd::Failed => format!("{ended} after {} ms", reply.took_ms),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::io::Write;

    use super::*;

    #[tokio::test]
    async fn what_was_written_a_moment_ago_is_heard_and_who_holds_the_pipe_keeps_nobody_waiting() {
        let (output, written) = pipe2(OFlag::O_CLOEXEC).unwrap();
        let output = pipe::Receiver::from_owned_fd(output).unwrap();
        let mut written = File::from(written);
        // Nothing is waited for in between, so the runtime has not heard of it.
        written.write_all(b"one\ntwo").unwrap();
        let (mut lines, log) = (Lines::default(), std::cell::RefCell::new(Vec::new()));
        drain(output, &mut lines, |line| log.borrow_mut().push(line.to_owned()));
        lines.finish(|line| log.borrow_mut().push(line.to_owned()));
        assert_eq!(log.into_inner(), ["one", "two"]);
        drop(written);
    }
}
