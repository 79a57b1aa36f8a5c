//! What is known of one worker: where it stands, what it said, how its processes ended. Data only.

use std::time::Duration;

use interfaces::supervisor::{Worker, WorkerState};

use crate::deaths::{Death, Deaths, End};
use crate::fsm::{Event, Machine};
use crate::status_line::Line;
use crate::timing::{Moment, Now};

/// One worker.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Whether the settings want it to run.
    pub(crate) on: bool,
    pub(crate) machine: Machine,
    /// Its living process; none while none lives.
    pub(crate) pid: Option<i32>,
    /// What its newest process last said of itself.
    pub(crate) status: String,
    /// What the kernel enforces on its newest process, in words.
    pub(crate) sandbox: String,
    /// Since when it is in its state.
    pub(crate) since: Moment,
    pub(crate) deaths: Deaths,
}

impl Row {
    pub(crate) fn new(name: &'static str, now: Moment) -> Self {
        Self {
            name,
            on: true,
            machine: Machine::new(),
            pid: None,
            status: String::new(),
            sandbox: String::new(),
            since: now,
            deaths: Deaths::default(),
        }
    }

    /// A new process begins: what the one before had said is not true of it.
    pub(crate) fn renew(&mut self) {
        self.pid = None;
        self.status.clear();
        self.sandbox.clear();
    }

    /// Takes in what its process said of itself. Answers whether that is news.
    pub(crate) fn tell(&mut self, status: Option<String>, sandbox: Option<String>) -> bool {
        let replaced = |text: &mut String, said: Option<String>| said.is_some_and(|said| replace(text, said));
        let status = replaced(&mut self.status, status);
        replaced(&mut self.sandbox, sandbox) || status
    }

    /// Its part of the service's status line.
    pub(crate) fn line(&self) -> Line<'_> {
        Line {
            name: self.name,
            state: self.machine.state(),
            said: &self.status,
            ended: self.deaths.last().map(|death| death.end.to_string()).unwrap_or_default(),
        }
    }

    /// What the interface says of it. Its memory is not measured here.
    pub(crate) fn view(&self, now: Now) -> Worker {
        Worker {
            name: self.name.to_owned(),
            state: self.machine.state(),
            since_ms: now.ms_at(self.since),
            next_start_ms: self
                .machine
                .due()
                .filter(|_| self.machine.state() == WorkerState::Backoff)
                .map(|due| now.ms_at(due)),
            pid: self.pid,
            generation: self.machine.generation(),
            restarts: self.machine.generation().saturating_sub(1),
            status: self.status.clone(),
            sandbox: self.sandbox.clone(),
            memory_bytes: None,
            last_death: self.deaths.last().map(|death| self.view_of(death, now)),
        }
    }

    /// What the interface says of how its processes ended, oldest first.
    pub(crate) fn view_deaths(&self, now: Now) -> impl Iterator<Item = interfaces::supervisor::Death> {
        self.deaths.iter().map(move |death| self.view_of(death, now))
    }

    fn view_of(&self, death: &Death, now: Now) -> interfaces::supervisor::Death {
        let ms = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let (code, signal, errno) = match death.end {
            End::Code(code) => (Some(code), None, None),
            End::Signal(signal) => (None, Some(signal), None),
            End::NotStarted(errno) => (None, None, Some(errno)),
        };
        interfaces::supervisor::Death {
            worker: self.name.to_owned(),
            at_ms: now.ms_at(death.at),
            pid: death.pid,
            generation: death.generation,
            uptime_ms: ms(death.uptime),
            ready_ms: death.ready_for.map(ms),
            code,
            signal,
            errno,
            hung: death.hung,
            asked: death.asked,
            status: death.status.clone(),
            log: death.log.clone(),
        }
    }
}

fn replace(text: &mut String, said: String) -> bool {
    let is_news = *text != said;
    *text = said;
    is_news
}

/// Why a worker changed its state, for the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cause {
    /// What it needs is ready.
    NeedsReady,
    RestartRequested,
    ServiceStops,
    SwitchedOn,
    SwitchedOff,
    StopTimeOver,
    SaidReady,
    SaidStopping,
    SaidHung,
    Died(End),
    NotReadyInTime,
    MissedWatchdog,
    PauseOver,
}

impl Cause {
    /// The cause of the change that `event` made in state `from`.
    pub(crate) fn new(event: Event, from: WorkerState) -> Self {
        match event {
            Event::StartRequested => Self::NeedsReady,
            Event::RestartRequested => Self::RestartRequested,
            Event::StopRequested => Self::ServiceStops,
            Event::SwitchedOn => Self::SwitchedOn,
            Event::SwitchedOff => Self::SwitchedOff,
            Event::KillRequested => Self::StopTimeOver,
            Event::BecameReady(_) | Event::Pinged(_) | Event::Extended(..) => Self::SaidReady,
            Event::SaidStopping(_) => Self::SaidStopping,
            Event::SaidHung(_) => Self::SaidHung,
            Event::Died { end, .. } => Self::Died(end),
            Event::TimePassed => match from {
                WorkerState::Starting => Self::NotReadyInTime,
                WorkerState::Ready => Self::MissedWatchdog,
                _ => Self::PauseOver,
            },
        }
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            Self::NeedsReady => "what it needs is ready",
            Self::RestartRequested => "a restart was asked for",
            Self::ServiceStops => "the service stops",
            Self::SwitchedOn => "the settings switch it on",
            Self::SwitchedOff => "the settings switch it off",
            Self::StopTimeOver => "the time to stop is over",
            Self::SaidReady => "it said that it is ready",
            Self::SaidStopping => "it said that it stops",
            Self::SaidHung => "it said that it hangs",
            Self::Died(end) => return end.fmt(f),
            Self::NotReadyInTime => "it was not ready in time",
            Self::MissedWatchdog => "it missed its watchdog",
            Self::PauseOver => "the pause is over",
        };
        f.write_str(text)
    }
}
