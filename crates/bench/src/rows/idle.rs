//! What the service does while there is nothing to do: how often the supervisor wakes, and what all processes use.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    bench::Bench,
    process::Used,
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::{Unit, digits},
    service::{Home, Service},
    simulator::Simulator,
};

/// Longer than a poll, which is for 25 s: one ends and the next begins meanwhile.
const WATCHED: Duration = Duration::from_secs(30);

/// The row about the supervisor's wake-ups.
pub(crate) struct Switches;

impl Row for Switches {
    fn name(&self) -> &'static str {
        "idle_switches"
    }

    fn what(&self) -> &'static str {
        "context switches of natriumd a second, voluntary and involuntary, over 30 s in which nobody wants anything: both workers \
         are ready, and the bot waits in its long poll at natrium-sim"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ours(Unit::PerSecond), bound: Bound::AtMost, limit: 2.0, aim: None }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let watched = Watched::watch(bench)?;
        watched.figures(Unit::PerSecond, |used| used.switches as f64, |processes| processes.iter().take(1).collect())
    }
}

/// The row about processor time.
pub(crate) struct Busy;

impl Row for Busy {
    fn name(&self) -> &'static str {
        "idle_cpu"
    }

    fn what(&self) -> &'static str {
        "processor time a second of natriumd and all processes below it together, over 30 s in which nobody wants anything: both \
         workers are ready, and the bot waits in its long poll at natrium-sim"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ours(Unit::Busy), bound: Bound::AtMost, limit: 0.5e-3, aim: None }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let watched = Watched::watch(bench)?;
        watched.figures(Unit::Busy, |used| used.time.as_secs_f64(), |processes| processes.iter().collect())
    }
}

/// What each process of an idle service did.
struct Watched {
    seconds: f64,
    /// Name, what had been used before and after; natriumd is the first.
    processes: Vec<(String, Used, Used)>,
    polls: usize,
}

impl Watched {
    fn watch(bench: &Bench) -> Result<Self> {
        let simulator = Simulator::start(bench)?;
        let home = Home::new(bench, simulator.url())?;
        let service = Service::start(bench, &home)?;
        service.rests(bench)?;
        let polls = simulator.polls()?;
        let processes = service.processes()?;
        let before = processes.iter().map(|process| Used::by(process.pid)).collect::<Result<Vec<_>>>()?;
        let start = Instant::now();
        while start.elapsed() < WATCHED {
            bench.go_on()?;
            thread::sleep(Duration::from_secs(1).min(WATCHED.saturating_sub(start.elapsed())));
        }
        let after = processes.iter().map(|process| Used::by(process.pid)).collect::<Result<Vec<_>>>()?;
        let seconds = start.elapsed().as_secs_f64();
        let names = processes.into_iter().map(|process| process.name);
        let processes = names.zip(before.into_iter().zip(after)).map(|(name, (before, after))| (name, before, after));
        let polls = simulator.polls()?.saturating_sub(polls);
        let watched = Self { seconds, processes: processes.collect(), polls };
        service.stop()?;
        Ok(watched)
    }

    /// The figure of the processes that count, and of each by itself.
    fn figures(
        &self,
        unit: Unit,
        of: impl Fn(&Used) -> f64,
        counting: impl Fn(&[(String, Used, Used)]) -> Vec<&(String, Used, Used)>,
    ) -> Result<Figures> {
        let rate = |(_, before, after): &(String, Used, Used)| (of(after) - of(before)) / self.seconds;
        let counted = counting(&self.processes);
        let name = if counted.len() == 1 { "natriumd" } else { "all processes" };
        let sum = counted.into_iter().map(&rate).sum();
        let mut figures = Figures::alone(Figure::of(name, unit, "watch", &[sum])?);
        figures.notes =
            self.processes.iter().map(|one| format!("{} by itself: {}", one.0, unit.show(rate(one)))).collect();
        figures.notes.push(format!("polls begun in these {} s: {}", digits(self.seconds), self.polls));
        Ok(figures)
    }
}
