//! The life of one worker: a total, pure function from a state and an event to the next state and what to do.
//!
//! It owns which process of the worker may live (at most one, the newest generation) and until when each state may last. It
//! must not know processes, sockets or clocks, nor which worker it is, nor how long a pause after a death is: that is told
//! with the death.

use std::time::Duration;

use interfaces::supervisor::WorkerState;

use crate::deaths::End;
use crate::timing::{Moment, Timing};

/// The exit code that says: what is wrong is in the configuration, so another start cannot help (sysexits.h, `EX_CONFIG`).
pub(crate) const CONFIGURATION: i32 = 78;

/// What happened. Those that come from a process bear its generation: what a dead one had said does not count for its successor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Event {
    /// All that the worker needs is ready.
    StartRequested,
    /// An operator or changed settings want a new process.
    RestartRequested,
    /// The whole service stops.
    StopRequested,
    /// The settings want it to run again.
    SwitchedOn,
    /// The settings do not want it to run.
    SwitchedOff,
    /// The time for an orderly stop is over.
    KillRequested,
    BecameReady(u64),
    Pinged(u64),
    /// It needs this much more time (`EXTEND_TIMEOUT_USEC`).
    Extended(u64, Duration),
    /// It stops by itself.
    SaidStopping(u64),
    /// It says itself that it hangs (`WATCHDOG=trigger`).
    SaidHung(u64),
    /// It has been reaped, or could not be started. `pause`: how long the policy would wait before a successor; `None` when
    /// there is to be none, since the service stops.
    Died {
        generation: u64,
        end: End,
        pause: Option<Duration>,
    },
    /// Some deadline may have passed.
    TimePassed,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Action {
    /// Start the process of this generation.
    Spawn(u64),
    /// Send a signal to the process of this generation.
    Signal(u64, Urge),
}

/// How strongly a process is told to end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Urge {
    /// `SIGTERM`: finish and exit.
    Terminate,
    /// `SIGABRT`: it hangs; its core file may say where.
    Abort,
    /// `SIGKILL`.
    Kill,
}

/// What is known of the process that lives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Run {
    pub(crate) started: Moment,
    pub(crate) ready_since: Option<Moment>,
    /// It was told to stop.
    pub(crate) asked: bool,
    /// It stopped answering.
    pub(crate) hung: bool,
}

/// Where one worker stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Machine {
    life: Life,
    generation: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Life {
    Waiting,
    Starting {
        run: Run,
        due: Moment,
    },
    Ready {
        run: Run,
        due: Moment,
    },
    /// Without a deadline it has been sent `SIGKILL`, after which only its death can come.
    Stopping {
        run: Run,
        then: Then,
        due: Option<Moment>,
    },
    Stopped,
    Backoff {
        until: Moment,
    },
    Failed,
}

/// What follows the death of a process that is stopping.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Then {
    /// Nothing: the service stops.
    Stay,
    /// A successor, at once.
    Start,
    /// What follows a death that nobody asked for.
    Judge,
}

impl Machine {
    /// A worker that has not been started yet.
    pub(crate) fn new() -> Self {
        Self { life: Life::Waiting, generation: 0 }
    }

    pub(crate) fn state(&self) -> WorkerState {
        match self.life {
            Life::Waiting => WorkerState::Waiting,
            Life::Starting { .. } => WorkerState::Starting,
            Life::Ready { .. } => WorkerState::Ready,
            Life::Stopping { .. } => WorkerState::Stopping,
            Life::Stopped => WorkerState::Stopped,
            Life::Backoff { .. } => WorkerState::Backoff,
            Life::Failed => WorkerState::Failed,
        }
    }

    /// How many processes were started for the worker; the newest bears this number.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// The process that lives, if one does.
    pub(crate) fn run(&self) -> Option<Run> {
        match self.life {
            Life::Starting { run, .. } | Life::Ready { run, .. } | Life::Stopping { run, .. } => Some(run),
            Life::Waiting | Life::Stopped | Life::Backoff { .. } | Life::Failed => None,
        }
    }

    /// When [`Event::TimePassed`] will matter next.
    pub(crate) fn due(&self) -> Option<Moment> {
        match self.life {
            Life::Starting { due, .. } | Life::Ready { due, .. } => Some(due),
            Life::Stopping { due, .. } => due,
            Life::Backoff { until } => Some(until),
            Life::Waiting | Life::Stopped | Life::Failed => None,
        }
    }
}

/// The next state, and what to do. An event that means nothing in a state changes nothing.
pub(crate) fn step(machine: &Machine, event: Event, now: Moment, timing: &Timing) -> (Machine, Option<Action>) {
    let step = Step { generation: machine.generation, now, timing };
    let changed = match event {
        Event::StartRequested => step.start(machine.life),
        Event::RestartRequested => step.restart(machine.life),
        Event::StopRequested => step.stop(machine.life),
        Event::SwitchedOn => step.on(machine.life),
        Event::SwitchedOff => step.off(machine.life),
        Event::KillRequested => step.kill(machine.life),
        Event::TimePassed => step.time_passed(machine.life),
        Event::BecameReady(generation)
        | Event::Pinged(generation)
        | Event::Extended(generation, _)
        | Event::SaidStopping(generation)
        | Event::SaidHung(generation)
        | Event::Died { generation, .. }
            if generation != machine.generation =>
        {
            None
        }
        Event::BecameReady(_) => step.ready(machine.life),
        Event::Pinged(_) => step.pinged(machine.life),
        Event::Extended(_, by) => step.extended(machine.life, by),
        Event::SaidStopping(_) => step.said_stopping(machine.life),
        Event::SaidHung(_) => step.said_hung(machine.life),
        Event::Died { end, pause, .. } => step.died(machine.life, end, pause),
    };
    match changed {
        None => (machine.clone(), None),
        Some((life, action)) => {
            let generation = if let Some(Action::Spawn(generation)) = action { generation } else { machine.generation };
            (Machine { life, generation }, action)
        }
    }
}

/// What every transition may look at.
struct Step<'a> {
    generation: u64,
    now: Moment,
    timing: &'a Timing,
}

/// `None`: nothing changes.
type Change = Option<(Life, Option<Action>)>;

impl Step<'_> {
    fn start(&self, life: Life) -> Change {
        match life {
            Life::Waiting => self.spawn(),
            Life::Starting { .. }
            | Life::Ready { .. }
            | Life::Stopping { .. }
            | Life::Stopped
            | Life::Backoff { .. }
            | Life::Failed => None,
        }
    }

    fn restart(&self, life: Life) -> Change {
        match life {
            Life::Starting { run, .. } | Life::Ready { run, .. } => self.terminate(run, Then::Start),
            Life::Stopping { run, then: Then::Judge, due } => {
                Some((Life::Stopping { run, then: Then::Start, due }, None))
            }
            Life::Backoff { .. } | Life::Failed => self.spawn(),
            // A waiting worker starts when it may; what was stopped stays so.
            Life::Waiting | Life::Stopping { then: Then::Start | Then::Stay, .. } | Life::Stopped => None,
        }
    }

    fn stop(&self, life: Life) -> Change {
        match life {
            Life::Waiting | Life::Backoff { .. } => Some((Life::Stopped, None)),
            Life::Starting { run, .. } | Life::Ready { run, .. } => self.terminate(run, Then::Stay),
            Life::Stopping { run, due, .. } => Some((Life::Stopping { run, then: Then::Stay, due }, None)),
            Life::Stopped | Life::Failed => None,
        }
    }

    fn on(&self, life: Life) -> Change {
        match life {
            Life::Stopped => Some((Life::Waiting, None)),
            Life::Stopping { run, then: Then::Stay, due } => {
                Some((Life::Stopping { run, then: Then::Start, due }, None))
            }
            Life::Waiting
            | Life::Starting { .. }
            | Life::Ready { .. }
            | Life::Stopping { then: Then::Start | Then::Judge, .. }
            | Life::Backoff { .. }
            | Life::Failed => None,
        }
    }

    /// As when the service stops; and that it had failed does not matter any more.
    fn off(&self, life: Life) -> Change {
        match life {
            Life::Failed => Some((Life::Stopped, None)),
            Life::Waiting
            | Life::Starting { .. }
            | Life::Ready { .. }
            | Life::Stopping { .. }
            | Life::Stopped
            | Life::Backoff { .. } => self.stop(life),
        }
    }

    fn kill(&self, life: Life) -> Change {
        match life {
            Life::Starting { run, .. } | Life::Ready { run, .. } | Life::Stopping { run, due: Some(_), .. } => {
                let run = Run { asked: true, ..run };
                Some((Life::Stopping { run, then: Then::Stay, due: None }, self.signal(Urge::Kill)))
            }
            Life::Stopping { due: None, .. } | Life::Waiting | Life::Backoff { .. } | Life::Stopped | Life::Failed => {
                self.stop(life)
            }
        }
    }

    fn ready(&self, life: Life) -> Change {
        match life {
            Life::Starting { run, .. } => {
                let run = Run { ready_since: Some(self.now), ..run };
                Some((Life::Ready { run, due: self.now + self.timing.watchdog }, None))
            }
            Life::Waiting
            | Life::Ready { .. }
            | Life::Stopping { .. }
            | Life::Stopped
            | Life::Backoff { .. }
            | Life::Failed => None,
        }
    }

    fn pinged(&self, life: Life) -> Change {
        match life {
            Life::Ready { run, .. } => Some((Life::Ready { run, due: self.now + self.timing.watchdog }, None)),
            // The watchdog counts from readiness; until then, and while stopping, other deadlines hold.
            Life::Starting { .. }
            | Life::Stopping { .. }
            | Life::Waiting
            | Life::Stopped
            | Life::Backoff { .. }
            | Life::Failed => None,
        }
    }

    fn extended(&self, life: Life, by: Duration) -> Change {
        match life {
            Life::Starting { run, due } => Some((Life::Starting { run, due: due.max(self.now + by) }, None)),
            // One that hangs gets no more time for the asking.
            Life::Stopping { run, then, due: Some(due) } if !run.hung => {
                Some((Life::Stopping { run, then, due: Some(due.max(self.now + by)) }, None))
            }
            Life::Stopping { .. }
            | Life::Ready { .. }
            | Life::Waiting
            | Life::Stopped
            | Life::Backoff { .. }
            | Life::Failed => None,
        }
    }

    fn said_stopping(&self, life: Life) -> Change {
        match life {
            Life::Starting { run, .. } | Life::Ready { run, .. } => {
                let due = Some(self.now + self.timing.stop);
                Some((Life::Stopping { run, then: Then::Judge, due }, None))
            }
            Life::Stopping { .. } | Life::Waiting | Life::Stopped | Life::Backoff { .. } | Life::Failed => None,
        }
    }

    fn said_hung(&self, life: Life) -> Change {
        match life {
            Life::Starting { run, .. } | Life::Ready { run, .. } => {
                let due = Some(self.now + self.timing.abort);
                let run = Run { hung: true, ..run };
                Some((Life::Stopping { run, then: Then::Judge, due }, self.signal(Urge::Abort)))
            }
            Life::Stopping { .. } | Life::Waiting | Life::Stopped | Life::Backoff { .. } | Life::Failed => None,
        }
    }

    fn time_passed(&self, life: Life) -> Change {
        match life {
            Life::Starting { due, .. } | Life::Ready { due, .. } if due <= self.now => self.said_hung(life),
            Life::Stopping { run, then, due: Some(due) } if due <= self.now => {
                Some((Life::Stopping { run, then, due: None }, self.signal(Urge::Kill)))
            }
            Life::Backoff { until } if until <= self.now => self.spawn(),
            Life::Starting { .. }
            | Life::Ready { .. }
            | Life::Stopping { .. }
            | Life::Backoff { .. }
            | Life::Waiting
            | Life::Stopped
            | Life::Failed => None,
        }
    }

    fn died(&self, life: Life, end: End, pause: Option<Duration>) -> Change {
        let judged = || match (end, pause) {
            (End::Code(CONFIGURATION), _) => Some((Life::Failed, None)),
            (_, None) => Some((Life::Stopped, None)),
            (_, Some(Duration::ZERO)) => self.spawn(),
            (_, Some(pause)) => Some((Life::Backoff { until: self.now + pause }, None)),
        };
        match life {
            Life::Starting { .. } | Life::Ready { .. } | Life::Stopping { then: Then::Judge, .. } => judged(),
            Life::Stopping { then: Then::Start, .. } => self.spawn(),
            Life::Stopping { then: Then::Stay, .. } => Some((Life::Stopped, None)),
            // No process lives here, so none can have died.
            Life::Waiting | Life::Stopped | Life::Backoff { .. } | Life::Failed => None,
        }
    }

    fn spawn(&self) -> Change {
        let run = Run { started: self.now, ready_since: None, asked: false, hung: false };
        let life = Life::Starting { run, due: self.now + self.timing.start };
        Some((life, Some(Action::Spawn(self.generation + 1))))
    }

    fn terminate(&self, run: Run, then: Then) -> Change {
        let due = Some(self.now + self.timing.stop);
        let run = Run { asked: true, ..run };
        Some((Life::Stopping { run, then, due }, self.signal(Urge::Terminate)))
    }

    #[expect(clippy::unnecessary_wraps, reason = "it stands where a change's action stands")]
    fn signal(&self, urge: Urge) -> Option<Action> {
        Some(Action::Signal(self.generation, urge))
    }
}

#[cfg(test)]
#[path = "fsm_tests.rs"]
mod tests;
