//! Which hook runs, which waits, and which is ended. Pure: it is told what happened and when, and answers what to do. It must
//! not know processes, settings or what hooks say.

use std::collections::VecDeque;
use std::time::Duration;

use crate::deaths::End;
use crate::timing::Moment;

/// From `SIGTERM` to `SIGKILL`.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// How many runs of one kind may wait. One who publishes asks for one at a time; more are those of callers who have died.
pub(super) const MOST_WAITING: usize = 16;

/// Which run it is; never used twice.
pub(super) type Id = u64;

/// What happened.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// Somebody wants the hook of a kind to be run.
    Asked {
        id: Id,
        kind: String,
    },
    /// Whoever wanted it has gone. What runs already is not ended for that.
    Abandoned {
        id: Id,
    },
    /// There is a process, which may take this long.
    Started {
        id: Id,
        limit: Duration,
    },
    /// There is none.
    NotStarted {
        id: Id,
        why: NotRun,
    },
    /// Its process was reaped. `failure`: why its program could not even be run.
    Died {
        id: Id,
        end: End,
        failure: Option<String>,
    },
    /// The service stops. What is left at `kill_by` is killed, even if that is sooner than usual.
    StopRequested {
        kill_by: Moment,
    },
    TimePassed,
}

/// What to do, in this order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Action {
    /// To be answered with [`Event::Started`] or [`Event::NotStarted`] before anything else happens.
    Start { id: Id },
    /// Tells the whole group of the process to end.
    Terminate { id: Id },
    /// Kills the whole group.
    Kill { id: Id },
    /// It is over, and nothing more will be said of it.
    Answer { id: Id, outcome: Outcome },
}

/// What became of a run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// A process ran and ended.
    Ran { end: End, timed_out: bool, took: Duration },
    /// None ran.
    NotRun(NotRun),
    /// The service stopped before it was over.
    Stopping,
}

/// Why there was no process.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum NotRun {
    /// Nothing is to be run for this kind.
    NoHook,
    /// It could not be started.
    Refused(String),
}

/// What runs and what waits.
#[derive(Debug, Default)]
pub(super) struct Plan {
    running: Vec<Run>,
    waiting: VecDeque<(Id, String)>,
    stop: Option<Moment>,
}

#[derive(Debug)]
struct Run {
    id: Id,
    kind: String,
    /// Nothing before it has started.
    since: Option<Moment>,
    life: Life,
}

/// How far a process is.
#[derive(Clone, Copy, Debug)]
enum Life {
    Running {
        until: Moment,
    },
    /// It was told to end.
    Ending {
        kill_at: Moment,
        why: Why,
    },
    Killed {
        why: Why,
    },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Why {
    TooLong,
    Stop,
}

impl Plan {
    /// Whether a process runs, or may be about to.
    pub(super) fn is_running(&self) -> bool {
        !self.running.is_empty()
    }

    /// Who waits for a turn.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Id> {
        self.waiting.iter().map(|(id, _)| *id)
    }

    /// When time alone will matter next.
    pub(super) fn due(&self) -> Option<Moment> {
        let due = |run: &Run| match run.life {
            Life::Running { until } => Some(until).filter(|_| run.since.is_some()),
            Life::Ending { kill_at, .. } => Some(kill_at),
            Life::Killed { .. } => None,
        };
        self.running.iter().filter_map(due).min()
    }

    /// Takes in what happened; answers what to do.
    pub(super) fn handle(&mut self, event: Event, now: Moment) -> Vec<Action> {
        let mut out = Vec::new();
        match event {
            Event::Asked { id, kind } => self.asked(id, kind, &mut out),
            Event::Abandoned { id } => self.waiting.retain(|(waiting, _)| *waiting != id),
            Event::Started { id, limit } => {
                if let Some(run) = self.running.iter_mut().find(|run| run.id == id) {
                    run.since = Some(now);
                    run.life = Life::Running { until: now + limit };
                }
            }
            Event::NotStarted { id, why } => self.over(id, |_| Outcome::NotRun(why), &mut out),
            Event::Died { id, end, failure } => self.over(id, |run| run.outcome(end, failure, now), &mut out),
            Event::StopRequested { kill_by } => self.stop(kill_by, now, &mut out),
            Event::TimePassed => self.running.iter_mut().for_each(|run| out.extend(run.time_passed(now))),
        }
        self.start(now, &mut out);
        out
    }

    fn asked(&mut self, id: Id, kind: String, out: &mut Vec<Action>) {
        let ahead = self.waiting.iter().filter(|(_, waiting)| *waiting == kind).count();
        if self.stop.is_some() {
            out.push(Action::Answer { id, outcome: Outcome::Stopping });
        } else if ahead >= MOST_WAITING {
            let why = NotRun::Refused(format!("{ahead} runs of it wait already"));
            out.push(Action::Answer { id, outcome: Outcome::NotRun(why) });
        } else {
            self.waiting.push_back((id, kind));
        }
    }

    fn over(&mut self, id: Id, outcome: impl FnOnce(&Run) -> Outcome, out: &mut Vec<Action>) {
        let Some(place) = self.running.iter().position(|run| run.id == id) else { return };
        let run = self.running.remove(place);
        out.push(Action::Answer { id, outcome: outcome(&run) });
    }

    fn stop(&mut self, kill_by: Moment, now: Moment, out: &mut Vec<Action>) {
        if self.stop.is_some() {
            return;
        }
        self.stop = Some(kill_by);
        let waiting = self.waiting.drain(..);
        out.extend(waiting.map(|(id, _)| Action::Answer { id, outcome: Outcome::Stopping }));
        for run in &mut self.running {
            match &mut run.life {
                Life::Running { .. } => {
                    run.life = Life::Ending { kill_at: kill_by.min(now + GRACE), why: Why::Stop };
                    out.push(Action::Terminate { id: run.id });
                }
                Life::Ending { kill_at, .. } => *kill_at = kill_by.min(*kill_at),
                Life::Killed { .. } => {}
            }
        }
    }

    /// Whoever is next of a kind of which nothing runs.
    fn start(&mut self, now: Moment, out: &mut Vec<Action>) {
        let mut place = 0;
        while let Some((_, kind)) = self.waiting.get(place) {
            if self.running.iter().any(|run| run.kind == *kind) {
                place += 1;
            } else if let Some((id, kind)) = self.waiting.remove(place) {
                self.running.push(Run { id, kind, since: None, life: Life::Running { until: now } });
                out.push(Action::Start { id });
            }
        }
    }
}

impl Run {
    fn time_passed(&mut self, now: Moment) -> Option<Action> {
        match self.life {
            Life::Running { until } if self.since.is_some() && until <= now => {
                self.life = Life::Ending { kill_at: now + GRACE, why: Why::TooLong };
                Some(Action::Terminate { id: self.id })
            }
            Life::Ending { kill_at, why } if kill_at <= now => {
                self.life = Life::Killed { why };
                Some(Action::Kill { id: self.id })
            }
            _ => None,
        }
    }

    fn outcome(&self, end: End, failure: Option<String>, now: Moment) -> Outcome {
        let why = match self.life {
            Life::Running { .. } => None,
            Life::Ending { why, .. } | Life::Killed { why } => Some(why),
        };
        match (why, failure) {
            // It may have ended in the middle, however well it says that it did.
            (Some(Why::Stop), _) => Outcome::Stopping,
            (_, Some(failure)) => Outcome::NotRun(NotRun::Refused(failure)),
            (why, None) => {
                let took = self.since.map_or(Duration::ZERO, |since| now.since(since));
                Outcome::Ran { end, timed_out: why == Some(Why::TooLong), took }
            }
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
