//! The whole service as one deterministic machine: the workers' lives, in order, and how it ends. Pure: it is told what
//! happened and when, and answers what to do. It must not know sockets, processes, logs or clocks.

use std::collections::VecDeque;

use interfaces::supervisor::{Error, Phase, WorkerState};

use crate::backoff;
use crate::datagram::Message;
use crate::deaths::{Death, End};
use crate::fsm::{self, Action, CONFIGURATION, Event, Urge};
use crate::plan;
use crate::row::{Cause, Row};
use crate::status_line;
use crate::timing::{Moment, Now, Timing};
use crate::topology::WorkerSpec;

/// How many restarts by request are remembered, so that asking again does nothing.
const REQUESTS_REMEMBERED: usize = 64;

/// What happened. Workers are named by their place in the table.
#[derive(Debug)]
pub(crate) enum Input<'a> {
    Began,
    Spawned {
        worker: usize,
        generation: u64,
        pid: i32,
    },
    /// The kernel refused to make the process, or what it needs.
    NotStarted {
        worker: usize,
        generation: u64,
        errno: i32,
        /// What else is to be said of it.
        note: Option<String>,
    },
    Notified {
        pid: i32,
        message: Message,
    },
    /// A process was reaped. `note`: why its program could not even be run. `log`: the last line that it logged.
    Died {
        pid: i32,
        end: End,
        note: Option<String>,
        log: String,
    },
    StopRequested,
    /// The settings that these workers run with have changed.
    Reconfigured {
        workers: &'a [usize],
    },
    /// The settings want the worker to run, or not to.
    Switched {
        worker: usize,
        on: bool,
    },
    TimePassed,
}

/// What to do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Output {
    Spawn {
        worker: usize,
        generation: u64,
    },
    Signal {
        worker: usize,
        pid: i32,
        urge: Urge,
    },
    /// A worker's state changed.
    Changed {
        worker: usize,
        from: WorkerState,
        cause: Cause,
    },
    /// A worker said something new of itself.
    Told {
        worker: usize,
    },
    /// All essential workers are ready, for the first time.
    Ready,
    /// The service has begun to stop.
    Stopping,
    /// Nothing is left to wait for.
    Finished,
}

/// How the supervisor ends.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Verdict {
    /// Its exit code.
    pub(crate) code: u8,
    /// Why, unless it was asked to.
    pub(crate) sentence: Option<String>,
}

struct Stop {
    /// When everything that still lives is killed.
    kill_at: Moment,
    killed: bool,
    /// When the supervisor ends, whatever still lives.
    end_at: Moment,
    finished: bool,
    verdict: Verdict,
}

/// The service.
pub(crate) struct Core {
    specs: &'static [WorkerSpec],
    rows: Vec<Row>,
    timing: Timing,
    seed: u64,
    is_ready: bool,
    stop: Option<Stop>,
    requests: VecDeque<(String, u64)>,
}

impl Core {
    /// A service of which nothing runs yet. `is_on`: whether a worker is to run at all. `seed` decides the jitter of pauses.
    pub(crate) fn new(
        specs: &'static [WorkerSpec],
        is_on: impl Fn(&WorkerSpec) -> bool,
        timing: Timing,
        seed: u64,
        now: Now,
    ) -> Self {
        let rows = specs.iter().map(|spec| Row::new(spec.name, now.at)).collect();
        let mut core = Self { specs, rows, timing, seed, is_ready: false, stop: None, requests: VecDeque::new() };
        for worker in (0..specs.len()).filter(|worker| !is_on(&specs[*worker])) {
            core.switch(worker, false, now, &mut Vec::new());
        }
        core
    }

    pub(crate) fn phase(&self) -> Phase {
        match (&self.stop, self.is_ready) {
            (Some(_), _) => Phase::Stopping,
            (None, true) => Phase::Ready,
            (None, false) => Phase::Starting,
        }
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The workers that there are for others: one that is switched off is none once its process has ended.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.on || plan::is_alive(row.machine.state()))
    }

    /// Whether all essential workers are ready just now.
    pub(crate) fn is_ready_now(&self) -> bool {
        self.stop.is_none() && plan::is_ready(self.specs, &self.states())
    }

    /// How the supervisor is to end, as far as that is decided.
    pub(crate) fn verdict(&self) -> Verdict {
        self.stop.as_ref().map(|stop| stop.verdict.clone()).unwrap_or_default()
    }

    /// While it stops: when everything that still lives is killed, and when the supervisor ends whatever still lives.
    pub(crate) fn stop_deadlines(&self) -> Option<(Moment, Moment)> {
        self.stop.as_ref().map(|stop| (stop.kill_at, stop.end_at))
    }

    /// When time alone will matter next.
    pub(crate) fn due(&self) -> Option<Moment> {
        let stop = self.stop.as_ref().map(|stop| if stop.killed { stop.end_at } else { stop.kill_at });
        self.rows.iter().filter_map(|row| row.machine.due()).chain(stop).min()
    }

    /// The line that stands for the whole.
    pub(crate) fn status_line(&self) -> String {
        status_line::compose(self.phase(), self.listed().map(Row::line))
    }

    /// Takes in what happened; answers what to do.
    pub(crate) fn handle(&mut self, input: Input<'_>, now: Now) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Began => {}
            Input::Spawned { worker, generation, pid } => {
                if self.rows[worker].machine.generation() == generation {
                    self.rows[worker].pid = Some(pid);
                }
            }
            Input::NotStarted { worker, generation, errno, note } => {
                if self.rows[worker].machine.generation() == generation {
                    self.died(worker, End::NotStarted(errno), note, String::new(), now, &mut out);
                }
            }
            Input::Notified { pid, message } => {
                if let Some(worker) = self.worker_of(pid) {
                    self.notified(worker, message, now, &mut out);
                }
            }
            Input::Died { pid, end, note, log } => {
                if let Some(worker) = self.worker_of(pid) {
                    self.died(worker, end, note, log, now, &mut out);
                }
            }
            Input::StopRequested => self.begin_stop(Verdict::default(), now, &mut out),
            Input::Reconfigured { workers } => {
                let workers = if self.stop.is_some() { &[] } else { workers };
                for worker in workers {
                    self.feed(*worker, Event::RestartRequested, now, &mut out);
                }
            }
            Input::Switched { worker, on } => {
                if self.stop.is_none() && self.rows[worker].on != on {
                    self.switch(worker, on, now, &mut out);
                }
            }
            Input::TimePassed => self.time_passed(now, &mut out),
        }
        self.settle(now, &mut out);
        out
    }

    /// Restarts a worker for an operator. Answers the generation that ends; the same request again only gets the answer.
    ///
    /// # Errors
    /// When there is no such worker, or the service stops.
    pub(crate) fn restart(&mut self, name: &str, request_id: &str, now: Now) -> Result<(u64, Vec<Output>), Error> {
        if let Some((_, generation)) = self.requests.iter().find(|(known, _)| known == request_id) {
            return Ok((*generation, Vec::new()));
        }
        let worker = self.rows.iter().position(|row| row.name == name && row.on);
        let worker = worker.ok_or_else(|| Error::NoSuchWorker { worker: name.to_owned() })?;
        if self.stop.is_some() {
            return Err(Error::Stopping {});
        }
        let generation = self.rows[worker].machine.generation();
        if self.requests.len() == REQUESTS_REMEMBERED {
            self.requests.pop_front();
        }
        self.requests.push_back((request_id.to_owned(), generation));
        let mut out = Vec::new();
        self.feed(worker, Event::RestartRequested, now, &mut out);
        self.settle(now, &mut out);
        Ok((generation, out))
    }

    /// The worker whose living process this is.
    pub(crate) fn worker_of(&self, pid: i32) -> Option<usize> {
        self.rows.iter().position(|row| row.pid == Some(pid))
    }

    fn switch(&mut self, worker: usize, on: bool, now: Now, out: &mut Vec<Output>) {
        self.rows[worker].on = on;
        self.feed(worker, if on { Event::SwitchedOn } else { Event::SwitchedOff }, now, out);
    }

    fn notified(&mut self, worker: usize, message: Message, now: Now, out: &mut Vec<Output>) {
        let row = &mut self.rows[worker];
        let generation = row.machine.generation();
        if row.tell(message.status, message.sandbox) {
            out.push(Output::Told { worker });
        }
        let events = [
            message.ready.then_some(Event::BecameReady(generation)),
            message.ping.then_some(Event::Pinged(generation)),
            message.extend.map(|by| Event::Extended(generation, by)),
            message.stopping.then_some(Event::SaidStopping(generation)),
            message.hung.then_some(Event::SaidHung(generation)),
        ];
        for event in events.into_iter().flatten() {
            self.feed(worker, event, now, out);
        }
    }

    fn died(&mut self, worker: usize, end: End, note: Option<String>, log: String, now: Now, out: &mut Vec<Output>) {
        let stopping = self.stop.is_some();
        let row = &mut self.rows[worker];
        let Some(run) = row.machine.run() else { return };
        if let Some(note) = note {
            row.status = note;
        }
        row.deaths.record(Death {
            at: now.at,
            pid: row.pid.take().unwrap_or(0),
            generation: row.machine.generation(),
            uptime: now.at.since(run.started),
            ready_for: run.ready_since.map(|since| now.at.since(since)),
            end,
            hung: run.hung,
            asked: run.asked,
            status: row.status.clone(),
            log,
        });
        let seed = self.seed.wrapping_add(worker as u64);
        let pause = (!stopping).then(|| backoff::pause(&row.deaths, seed));
        let generation = row.machine.generation();
        self.feed(worker, Event::Died { generation, end, pause }, now, out);
    }

    fn time_passed(&mut self, now: Now, out: &mut Vec<Output>) {
        let kill = self.stop.as_ref().is_some_and(|stop| !stop.killed && stop.kill_at <= now.at);
        for worker in 0..self.rows.len() {
            if kill {
                self.feed(worker, Event::KillRequested, now, out);
            }
            self.feed(worker, Event::TimePassed, now, out);
        }
        if let Some(stop) = &mut self.stop {
            stop.killed |= kill;
            // What survives SIGKILL waits for a disk or a device; the kernel ends it when that answers.
            if stop.end_at <= now.at && !stop.finished {
                stop.finished = true;
                out.push(Output::Finished);
            }
        }
    }

    fn begin_stop(&mut self, verdict: Verdict, now: Now, out: &mut Vec<Output>) {
        if self.stop.is_none() {
            let end_at = now.at + self.timing.total;
            let kill_at = now.at + (self.timing.total - self.timing.last_resort());
            self.stop = Some(Stop { kill_at, killed: false, end_at, finished: false, verdict });
            out.push(Output::Stopping);
        }
    }

    /// Draws every consequence until nothing follows any more.
    fn settle(&mut self, now: Now, out: &mut Vec<Output>) {
        loop {
            let before = out.len();
            let states = self.states();
            if self.stop.is_none() {
                for worker in plan::startable(self.specs, &states) {
                    self.feed(worker, Event::StartRequested, now, out);
                }
                if !self.is_ready && plan::is_ready(self.specs, &states) {
                    self.is_ready = true;
                    out.push(Output::Ready);
                }
                if let Some(verdict) = self.hopeless() {
                    self.begin_stop(verdict, now, out);
                }
            } else {
                for worker in plan::stoppable(self.specs, &states) {
                    self.feed(worker, Event::StopRequested, now, out);
                }
            }
            if out.len() == before {
                break;
            }
        }
        let all_ended = self.states().iter().all(|state| matches!(state, WorkerState::Stopped | WorkerState::Failed));
        if let Some(stop) = &mut self.stop
            && all_ended
            && !stop.finished
        {
            stop.finished = true;
            out.push(Output::Finished);
        }
    }

    /// Why the service cannot go on, if so.
    fn hopeless(&self) -> Option<Verdict> {
        let is_hopeless =
            |(spec, row): &(&WorkerSpec, &Row)| spec.essential && row.machine.state() == WorkerState::Failed;
        let (spec, row) = self.specs.iter().zip(&self.rows).find(is_hopeless)?;
        let said = if row.status.is_empty() { "it did not say why" } else { row.status.as_str() };
        let sentence = format!("natrium-{} cannot work with this configuration: {said}", spec.name);
        Some(Verdict { code: u8::try_from(CONFIGURATION).unwrap_or(u8::MAX), sentence: Some(sentence) })
    }

    fn feed(&mut self, worker: usize, event: Event, now: Now, out: &mut Vec<Output>) {
        let row = &mut self.rows[worker];
        let (from, was) = (row.machine.state(), row.machine.generation());
        let (machine, action) = fsm::step(&row.machine, event, now.at, &self.timing);
        row.machine = machine;
        match action {
            Some(Action::Spawn(generation)) => {
                row.renew();
                out.push(Output::Spawn { worker, generation });
            }
            Some(Action::Signal(_, urge)) => out.extend(row.pid.map(|pid| Output::Signal { worker, pid, urge })),
            None => {}
        }
        if row.machine.state() != from || row.machine.generation() != was {
            row.since = now.at;
            out.push(Output::Changed { worker, from, cause: Cause::new(event, from) });
        }
    }

    fn states(&self) -> Vec<WorkerState> {
        self.rows.iter().map(|row| row.machine.state()).collect()
    }
}

#[cfg(test)]
#[path = "core_tests.rs"]
mod tests;
