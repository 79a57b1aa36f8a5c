//! The main loop: tells the core what happens, does what the core says, and waits. It decides nothing about workers.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use interfaces::supervisor::{
    Death, Error, Phase, ReloadReply, RestartReply, Restarting, StatusReply, WhoIsReply, WorkerState,
};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sd_notify::NotifyState;
use settings::Settings;
use tokio::sync::{broadcast, mpsc};
use tokio::time::sleep_until;
use worker::events::{
    CLOCK_SET, SERVICE_READY, SERVICE_STOPPING, SETTINGS_REFUSED, SETTINGS_RELOADED, WORKER_DIED, WORKER_FAILED,
    WORKER_HUNG,
};

use crate::control::{Question, Reloaded};
use crate::core::{Core, Input, Output, Verdict};
use crate::fsm::Urge;
use crate::hooks::Hooks;
use crate::launcher::{Child, Launcher, NotStarted};
use crate::memory;
use crate::notify::{ALL, BATCH, Complaints, NotifySockets, Received};
use crate::reader::ReadError;
use crate::reap::{has_ended, reap};
use crate::recorder;
use crate::reload::{self, Reload};
use crate::row::Cause;
use crate::signals::{Came, Signals};
use crate::systemd::Systemd;
use crate::timing::{Moment, Now};
use crate::topology::WorkerSpec;
use crate::wall::Wall;

/// Both clocks, from the supervisor's start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn now(&self) -> Now {
        Now { at: Moment::after_start(self.start.elapsed()), ms: unix_ms() }
    }
}

fn unix_ms() -> i64 {
    // A wall clock before 1970 is shown as 1970: nothing is decided by it.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A timer that goes off so much too late shows that this process did not run: it was stopped, or the machine slept.
const LATE: Duration = Duration::from_millis(500);
/// How long workers then have to be heard. Whose sign of life found no room sends it again much sooner.
const HEARING: Duration = Duration::from_millis(250);

/// Everything that the main loop holds.
pub(crate) struct Service {
    pub(crate) specs: &'static [WorkerSpec],
    pub(crate) clock: Clock,
    pub(crate) core: Core,
    pub(crate) launcher: Launcher,
    pub(crate) notify: NotifySockets,
    pub(crate) signals: Signals,
    pub(crate) systemd: Systemd,
    pub(crate) questions: mpsc::Receiver<Question>,
    pub(crate) changes: broadcast::Sender<interfaces::supervisor::Worker>,
    pub(crate) settings: Settings,
    pub(crate) reload: Reload,
    pub(crate) children: Vec<Child>,
    pub(crate) hooks: Hooks,
    pub(crate) wall: Wall,
    pub(crate) complaints: Complaints,
    pub(crate) is_finished: bool,
}

impl Service {
    /// Runs until nothing is left to run. Answers how the supervisor is to end.
    pub(crate) async fn run(mut self) -> Verdict {
        self.tell(Input::Began);
        // When who was silent may be judged, after a time in which this process did not run.
        let mut judge_at = Moment::default();
        while !self.is_over() {
            let now = self.clock.now();
            self.systemd.status(self.core.status_line(), now.at);
            if let Some(jump) = self.wall.look(now) {
                worker::event!(warn, CLOCK_SET, "{jump}; no deadline or pause is measured by it");
            }
            let due = self.core.due().map(|due| due.max(judge_at));
            let others = [self.systemd.due(), self.reload.due(), self.hooks.due(now.at)];
            let due = due.into_iter().chain(others.into_iter().flatten()).min();
            let start = self.clock.start;
            let timer = async {
                match due {
                    Some(due) => sleep_until((start + due.since_start()).into()).await,
                    None => std::future::pending().await,
                }
            };
            // In no fixed order: whichever is always ready must not starve the others.
            tokio::select! {
                came = self.signals.recv() => self.signalled(came),
                () = timer => {
                    // What workers said while this process did not run, they said in time. For what they wanted to say their
                    // queues may have had no room.
                    self.notified(ALL);
                    let now = self.clock.now().at;
                    if due.is_some_and(|due| due + LATE < now) && judge_at + LATE < now {
                        tracing::info!("this process did not run for a while; the workers are given a moment to be heard");
                        judge_at = now + HEARING;
                    }
                    if judge_at <= now {
                        self.tell(Input::TimePassed);
                    }
                    self.reloaded();
                    self.hooks.time_passed(&self.settings, self.clock.now().at);
                }
                () = self.hooks.readable(now.at) => self.hooks.read(self.clock.now().at),
                () = self.notify.readable() => self.notified(BATCH),
                Some(question) = self.questions.recv() => self.answer(question),
            }
            // The tasks that serve callers have their turn even while the above never rests.
            tokio::task::yield_now().await;
        }
        self.hooks.abandon();
        let verdict = self.core.verdict();
        let line = verdict.sentence.clone().unwrap_or_else(|| self.core.status_line());
        self.systemd.end(&line, self.clock.now().at);
        verdict
    }

    /// Whether nothing is left to wait for. Hooks end with the service, in the time that the workers have.
    fn is_over(&self) -> bool {
        let waits = self.hooks.is_running()
            && self.core.stop_deadlines().is_some_and(|(_, end_at)| self.clock.now().at < end_at);
        self.is_finished && !waits
    }

    fn signalled(&mut self, came: Came) {
        if came.child {
            self.reap();
            self.hooks.reap(&self.settings, self.clock.now().at);
            self.reloaded();
        }
        if came.stop {
            self.tell(Input::StopRequested);
        }
        if came.reload {
            self.reload(None);
        }
    }

    fn reap(&mut self) {
        let ended: Vec<i32> =
            self.children.iter().map(|child| child.process.pid).filter(|pid| has_ended(*pid)).collect();
        if ended.is_empty() {
            return;
        }
        // The last words of who has ended lie in his queue by now, and are nobody's once it is reaped.
        self.notified(ALL);
        for pid in ended {
            let Some(place) = self.children.iter().position(|child| child.process.pid == pid) else { continue };
            let mut child = self.children.swap_remove(place);
            let end = reap(pid);
            let note = child.process.failure();
            let note = note.map(|failure| format!("natrium-{}: {failure}", self.specs[child.worker].name));
            self.tell(Input::Died { pid, end, note, log: recorder::read(&child.recorder) });
        }
    }

    /// Reads what workers said: of each of them so much at most, so that none waits for another.
    fn notified(&mut self, most: usize) {
        for worker in 0..self.specs.len() {
            for _ in 0..most {
                let Some(received) = self.notify.receive(worker) else { break };
                self.received(worker, received);
            }
        }
    }

    /// What was said on a worker's socket counts if it was this worker that said it.
    fn received(&mut self, worker: usize, Received { pid, message }: Received) {
        let complaint = match (message, self.core.worker_of(pid)) {
            (Ok(message), Some(sender)) if sender == worker => return self.tell(Input::Notified { pid, message }),
            (Ok(_), Some(_)) => "its sender is another worker".to_owned(),
            (Ok(_), None) => "its sender is no worker".to_owned(),
            (Err(error), _) => error.to_string(),
        };
        if let Some(more) = self.complaints.admit(Instant::now()) {
            let worker = self.specs[worker].name;
            tracing::warn!(worker, peer_pid = pid, more, "dropped a notification: {complaint}");
        }
    }

    /// Tells the core, and does what it says until it says nothing more.
    fn tell(&mut self, input: Input<'_>) {
        let outputs = self.core.handle(input, self.clock.now());
        self.act(outputs);
    }

    fn act(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Spawn { worker, generation } => self.spawn(worker, generation),
                Output::Signal { worker, pid, urge } => self.signal(worker, pid, urge),
                Output::Changed { worker, from, cause } => self.changed(worker, from, cause),
                Output::Told { worker } => self.show(worker),
                Output::Ready => {
                    worker::event!(info, SERVICE_READY, "ready");
                    self.announce(NotifyState::Ready);
                }
                Output::Stopping => {
                    worker::event!(info, SERVICE_STOPPING, "stopping");
                    self.announce(NotifyState::Stopping);
                    if let Some((kill_at, _)) = self.core.stop_deadlines() {
                        self.hooks.stop(kill_at, &self.settings, self.clock.now().at);
                    }
                }
                Output::Finished => self.is_finished = true,
            }
        }
    }

    fn announce(&mut self, state: NotifyState<'_>) {
        self.systemd.announce(state, &self.core.status_line(), self.clock.now().at);
    }

    fn spawn(&mut self, worker: usize, generation: u64) {
        match self.launcher.spawn(worker) {
            Ok(child) => {
                let pid = child.process.pid;
                self.children.push(child);
                self.tell(Input::Spawned { worker, generation, pid });
            }
            Err(NotStarted { errno, note }) => {
                self.tell(Input::NotStarted { worker, generation, errno: errno as i32, note });
            }
        }
    }

    fn signal(&self, worker: usize, pid: i32, urge: Urge) {
        // Not reaped yet, so the number is still this process's. The worker tells its own children; only the last word is
        // said to all of them.
        let (pid, signal) = match urge {
            Urge::Terminate => (pid, Signal::SIGTERM),
            Urge::Abort => (pid, Signal::SIGABRT),
            Urge::Kill => (pid, Signal::SIGKILL),
        };
        if let Err(errno) = kill(Pid::from_raw(pid), signal)
            && errno != Errno::ESRCH
        {
            tracing::error!(
                worker = self.specs[worker].name,
                worker_pid = pid,
                error = errno.desc(),
                "sending {signal}"
            );
        }
    }

    fn changed(&mut self, worker: usize, from: WorkerState, cause: Cause) {
        self.show(worker);
        let row = &self.core.rows()[worker];
        let (name, state, generation) = (row.name, row.machine.state(), row.machine.generation());
        let from = format!("{from:?}").to_lowercase();
        let to = format!("{state:?}").to_lowercase();
        // Of who died is told what it was; its successor may have its place already.
        let death = row.deaths.last().filter(|_| matches!(cause, Cause::Died(_)));
        let worker_pid = death.map_or_else(|| row.pid.unwrap_or(0), |death| death.pid);
        let worker_status = death.map_or(row.status.as_str(), |death| death.status.as_str());
        let event = match cause {
            _ if state == WorkerState::Failed => Some(WORKER_FAILED),
            Cause::MissedWatchdog | Cause::SaidHung | Cause::NotReadyInTime => Some(WORKER_HUNG),
            Cause::Died(_) if death.is_some_and(|death| !death.asked) => Some(WORKER_DIED),
            _ => None,
        };
        let is_late = cause == Cause::StopTimeOver;
        let cause = cause.to_string();
        match event {
            Some(WORKER_FAILED) => worker::event!(
                error,
                WORKER_FAILED,
                worker = name,
                generation,
                worker_pid,
                cause,
                worker_status,
                "{name}: {from} → {to}, {cause}"
            ),
            Some(event) => worker::event!(
                warn,
                event,
                worker = name,
                generation,
                worker_pid,
                cause,
                worker_status,
                "{name}: {from} → {to}, {cause}"
            ),
            None if is_late => {
                tracing::warn!(
                    worker = name,
                    generation,
                    worker_pid,
                    cause,
                    worker_status,
                    "{name}: {from} → {to}, {cause}"
                )
            }
            None => tracing::info!(worker = name, generation, worker_pid, cause, "{name}: {from} → {to}, {cause}"),
        }
    }

    fn show(&self, worker: usize) {
        // Nobody may be watching.
        let _ = self.changes.send(self.core.rows()[worker].view(self.clock.now()));
    }

    /// Begins a reload. `asker` is told what became of it.
    fn reload(&mut self, asker: Option<Reloaded>) {
        if self.core.phase() == Phase::Stopping {
            // An asker that is dropped is told that the service stops.
            return;
        }
        let now = self.clock.now().at;
        let begun = self.reload.request(now);
        asker.into_iter().for_each(|asker| self.reload.attend(asker));
        match begun {
            Ok(false) => {}
            Ok(true) => self.say_reloading(now),
            Err(error) => self.tell_askers(&Err(kept(error))),
        }
    }

    fn tell_askers(&mut self, outcome: &Result<ReloadReply, Error>) {
        if let Err(error) = outcome {
            worker::event!(error, SETTINGS_REFUSED, "reload: the old settings stay: {error}");
        }
        for asker in self.reload.askers() {
            // One that has gone needs no answer.
            let _ = asker.send(outcome.clone());
        }
    }

    fn say_reloading(&mut self, now: Moment) {
        // Before it has been ready, "reloaded" would be taken for "started".
        if self.core.phase() != Phase::Ready {
            return;
        }
        // systemd before 253 passes over the time, later ones insist on it (sd_notify(3)).
        match NotifyState::monotonic_usec_now() {
            Ok(stamp) => self.systemd.say(&[NotifyState::Reloading, stamp], now),
            Err(error) => tracing::warn!("reading the clock for systemd: {error}"),
        }
    }

    /// Takes new settings in use, once they have been read.
    fn reloaded(&mut self) {
        let now = self.clock.now().at;
        let Some((read, again)) = self.reload.poll(now) else { return };
        if self.core.phase() == Phase::Stopping {
            return;
        }
        let adopted = read.map_err(kept).and_then(|new| self.adopt(new));
        let outcome = adopted.map(|workers| {
            let restarting = self.restarting(&workers);
            match workers.as_slice() {
                [] => worker::event!(info, SETTINGS_RELOADED, "reload: nothing changed"),
                concerned => {
                    let names: Vec<_> = concerned.iter().map(|worker| self.specs[*worker].name).collect();
                    worker::event!(info, SETTINGS_RELOADED, "reload: the settings changed for {}", names.join(", "));
                    self.tell(Input::Reconfigured { workers: &workers });
                    self.switch();
                }
            }
            ReloadReply { restarting }
        });
        self.tell_askers(&outcome);
        if self.core.phase() == Phase::Ready {
            self.systemd.say(&[NotifyState::Ready], now);
        }
        if again {
            self.reload(None);
        }
    }

    /// Of these, those that will have a successor.
    fn restarting(&self, workers: &[usize]) -> Vec<Restarting> {
        let on = workers.iter().filter(|worker| self.specs[**worker].is_on(&self.settings));
        let rows = on.map(|worker| &self.core.rows()[*worker]);
        rows.map(|row| Restarting { worker: row.name.to_owned(), generation: row.machine.generation() }).collect()
    }

    /// Switches workers on and off as the settings say.
    fn switch(&mut self) {
        for worker in 0..self.specs.len() {
            let on = self.specs[worker].is_on(&self.settings);
            self.tell(Input::Switched { worker, on });
        }
    }

    /// Answers whom new settings concern.
    fn adopt(&mut self, new: Settings) -> Result<Vec<usize>, Error> {
        let workers = reload::concerned(self.specs, &self.settings, &new)
            .map_err(|problems| Error::SettingsRefused { problems })?;
        if !workers.is_empty() {
            self.launcher.reconfigure(&new).map_err(|error| Error::SettingsNotRead { reason: error.to_string() })?;
        }
        self.settings = new;
        Ok(workers)
    }

    fn answer(&mut self, question: Question) {
        // An asker that has gone needs no answer.
        match question {
            Question::Status(answer) => drop(answer.send(self.status())),
            Question::Deaths(name, answer) => drop(answer.send(self.deaths(name))),
            Question::Restart(call, answer) => {
                let restarted = self.core.restart(&call.worker, &call.request_id, self.clock.now());
                drop(answer.send(restarted.map(|(generation, outputs)| {
                    self.act(outputs);
                    RestartReply { generation }
                })));
            }
            Question::RunHook(call, answer) => {
                self.hooks.ask(call, answer, &self.settings, self.clock.now().at);
            }
            Question::Reload(asker) => self.reload(Some(asker)),
            Question::WhoIs(pid, answer) => {
                let worker = self.core.worker_of(pid).map(|worker| &self.core.rows()[worker]);
                drop(answer.send(
                    worker.map(|row| WhoIsReply { worker: row.name.to_owned(), generation: row.machine.generation() }),
                ));
            }
            Question::Watch(answer) => {
                let now = self.clock.now();
                let present = self.core.listed().map(|row| row.view(now)).collect();
                drop(answer.send((present, self.changes.subscribe())));
            }
        }
    }

    fn deaths(&self, name: Option<String>) -> Result<Vec<Death>, Error> {
        let now = self.clock.now();
        let rows = || self.core.listed().filter(|row| name.as_ref().is_none_or(|name| row.name == name));
        match name.as_ref().filter(|_| rows().next().is_none()) {
            Some(worker) => Err(Error::NoSuchWorker { worker: worker.clone() }),
            None => {
                let mut deaths: Vec<_> = rows().flat_map(|row| row.view_deaths(now)).collect();
                deaths.sort_by_key(|death| death.at_ms);
                Ok(deaths)
            }
        }
    }

    fn status(&self) -> StatusReply {
        let now = self.clock.now();
        let workers = self.core.listed().map(|row| {
            let mut view = row.view(now);
            view.memory_bytes = row.pid.and_then(memory::bytes);
            view
        });
        StatusReply {
            instance: self.settings.instance.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: nix::unistd::getpid().as_raw(),
            started_ms: now.ms_at(Moment::default()),
            phase: self.core.phase(),
            ready: self.core.is_ready_now(),
            status: self.core.status_line(),
            memory_bytes: memory::bytes(nix::unistd::getpid().as_raw()),
            workers: workers.collect(),
        }
    }
}

/// Why the old settings stay.
fn kept(error: ReadError) -> Error {
    match error {
        ReadError::Wrong(problems) => Error::SettingsRefused { problems },
        other => Error::SettingsNotRead { reason: other.to_string() },
    }
}
