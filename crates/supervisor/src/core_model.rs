//! The reference: the service once more, as one would tell it to an operator, without a line shared with what it is held
//! against. Times are milliseconds. It is told the same happenings as the core, and must come to the same states.

use super::*;

const WATCHDOG: u64 = 10_000;
const START: u64 = 60_000;
const STOP: u64 = 10_000;
const ABORT: u64 = 2_000;
/// When in the whole stop everything is killed that still lives.
const KILL: u64 = 23_000;

/// One process, as far as it matters what becomes of it.
#[derive(Clone, Copy, Debug)]
struct Process {
    ready: Option<u64>,
    /// When patience with it ends; never after `SIGKILL`.
    due: Option<u64>,
    ending: bool,
    hung: bool,
    /// It was told to stop, so its death says nothing about it.
    asked: bool,
    after: After,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum After {
    Judge,
    Again,
    Nothing,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Waits,
    Lives(Process),
    /// Until then, or a little later: how much is the jitter's.
    Pauses(u64),
    Over,
    Broken,
}

pub(super) struct Model {
    places: Vec<Place>,
    generations: Vec<u64>,
    /// Of each death that was not asked for: how long the process had been ready, if it was.
    deaths: Vec<Vec<Option<u64>>>,
    /// A pause that the core has not been asked about: how long it is without jitter.
    pauses: Vec<Option<u64>>,
    off: Vec<bool>,
    stop_began: Option<u64>,
    killed: bool,
    pub(super) fork_fails: bool,
    now: u64,
}

impl Model {
    pub(super) fn new() -> Self {
        let mut model = Self {
            places: vec![Place::Waits; SPECS.len()],
            generations: vec![0; SPECS.len()],
            deaths: vec![Vec::new(); SPECS.len()],
            pauses: vec![None; SPECS.len()],
            off: vec![false; SPECS.len()],
            stop_began: None,
            killed: false,
            fork_fails: false,
            now: 0,
        };
        model.settle();
        model
    }

    /// Holds the core against it, and takes from it what only the jitter decides: the end of a pause.
    pub(super) fn agrees_with(&mut self, core: &Core) {
        let states: Vec<_> = (0..SPECS.len()).map(|worker| self.state(worker)).collect();
        assert_eq!(core.states(), states, "at {}: {:?}", self.now, self.places);
        for (worker, row) in core.rows().iter().enumerate() {
            assert_eq!(row.machine.generation(), self.generations[worker], "generations of {}", row.name);
            let due = row.machine.due().map(|due| due.since_start().as_nanos().div_ceil(1_000_000));
            let due = due.map(|due| u64::try_from(due).unwrap());
            match (&mut self.places[worker], due) {
                (Place::Pauses(until), Some(due)) => {
                    if let Some(pause) = self.pauses[worker].take() {
                        let (least, most) = if pause == 30_000 { (22_500, 30_000) } else { (pause, pause * 5 / 4 + 1) };
                        let drawn = due - (*until - pause);
                        assert!((least..=most).contains(&drawn), "{} pauses {drawn} ms, not {pause}", row.name);
                        *until = due;
                    }
                    assert_eq!(due, *until, "{}", row.name);
                }
                (Place::Lives(process), due) => assert_eq!(process.due, due, "{}: {process:?}", row.name),
                (_, due) => assert_eq!(due, None, "{}", row.name),
            }
        }
    }

    fn state(&self, worker: usize) -> WorkerState {
        match self.places[worker] {
            Place::Waits => Waiting,
            Place::Lives(Process { ending: true, .. }) => Stopping,
            Place::Lives(Process { ready: Some(_), .. }) => Ready,
            Place::Lives(_) => Starting,
            Place::Pauses(_) => Backoff,
            Place::Over => Stopped,
            Place::Broken => Failed,
        }
    }

    fn lives(&self, worker: usize) -> bool {
        matches!(self.places[worker], Place::Lives(_))
    }

    pub(super) fn says(&mut self, worker: usize, words: &str) {
        let now = self.now;
        let Place::Lives(process) = &mut self.places[worker] else { return };
        let said = |word: &str| words.split('\n').any(|line| line == word);
        if said("READY=1") && process.ready.is_none() && !process.ending {
            (process.ready, process.due) = (Some(now), Some(now + WATCHDOG));
        }
        if said("WATCHDOG=1") && process.ready.is_some() && !process.ending {
            process.due = Some(now + WATCHDOG);
        }
        if said("EXTEND_TIMEOUT_USEC=5000000")
            && (process.ending && !process.hung || process.ready.is_none() && !process.ending)
        {
            process.due = process.due.map(|due| due.max(now + 5000));
        }
        if said("STOPPING=1") && !process.ending {
            (process.ending, process.due) = (true, Some(now + STOP));
        }
        if said("WATCHDOG=trigger") && !process.ending {
            (process.ending, process.hung, process.due) = (true, true, Some(now + ABORT));
        }
        self.settle();
    }

    pub(super) fn dies(&mut self, worker: usize, end: End) {
        let Place::Lives(process) = self.places[worker] else { return };
        if !process.asked {
            self.deaths[worker].push(process.ready.map(|since| self.now - since));
        }
        match process.after {
            After::Nothing => self.places[worker] = Place::Over,
            After::Again => self.starts(worker),
            After::Judge if end == End::Code(78) => self.places[worker] = Place::Broken,
            After::Judge => self.pauses_or_starts(worker),
        }
        self.settle();
    }

    fn pauses_or_starts(&mut self, worker: usize) {
        if self.stop_began.is_some() {
            self.places[worker] = Place::Over;
            return;
        }
        // Only what came after the last full minute of readiness counts, that process itself included.
        let deaths = &self.deaths[worker];
        let steady = deaths.iter().rposition(|ready| ready.is_some_and(|ready| ready >= 60_000)).unwrap_or(0);
        // Of more than twenty the oldest are forgotten; by then the pause is at its longest.
        let counted = &deaths[steady.max(deaths.len().saturating_sub(20))..deaths.len() - 1];
        let strikes: u32 = counted.iter().map(|ready| if ready.is_some() { 1 } else { 2 }).sum();
        let pause = if strikes == 0 { 0 } else { 250_u64.saturating_mul(1 << (strikes - 1).min(30)).min(30_000) };
        if pause == 0 {
            self.starts(worker);
        } else {
            self.pauses[worker] = Some(pause);
            self.places[worker] = Place::Pauses(self.now + pause);
        }
    }

    fn starts(&mut self, worker: usize) {
        self.generations[worker] += 1;
        if self.fork_fails {
            self.deaths[worker].push(None);
            self.pauses_or_starts(worker);
        } else {
            let due = Some(self.now + START);
            let after = After::Judge;
            self.places[worker] =
                Place::Lives(Process { ready: None, due, ending: false, hung: false, asked: false, after });
        }
    }

    fn told_to_stop(&mut self, worker: usize, after: After) {
        let due = Some(self.now + STOP);
        if let Place::Lives(process) = &mut self.places[worker] {
            *process = Process { ending: true, asked: true, after, due, ..*process };
        }
    }

    pub(super) fn switched(&mut self, worker: usize, on: bool) {
        if self.stop_began.is_some() || self.off[worker] != on {
            return;
        }
        self.off[worker] = !on;
        match (&mut self.places[worker], on) {
            (Place::Over, true) => self.places[worker] = Place::Waits,
            (Place::Lives(process), true) => process.after = After::Again,
            (Place::Lives(process), false) if process.ending => process.after = After::Nothing,
            (Place::Lives(_), false) => self.told_to_stop(worker, After::Nothing),
            (_, false) => self.places[worker] = Place::Over,
            (_, true) => {}
        }
        self.settle();
    }

    pub(super) fn restarts(&mut self, worker: usize) {
        if self.stop_began.is_some() || self.off[worker] {
            return;
        }
        match &mut self.places[worker] {
            Place::Lives(process) if process.ending && process.after == After::Judge => process.after = After::Again,
            Place::Lives(process) if !process.ending => self.told_to_stop(worker, After::Again),
            Place::Pauses(_) | Place::Broken => self.starts(worker),
            Place::Lives(_) | Place::Waits | Place::Over => {}
        }
        self.settle();
    }

    pub(super) fn stops(&mut self) {
        self.stop_began.get_or_insert(self.now);
        self.settle();
    }

    pub(super) fn passes(&mut self, ms: u64) {
        self.now += ms;
        let now = self.now;
        if !self.killed && self.stop_began.is_some_and(|began| began + KILL <= now) {
            self.killed = true;
            for place in &mut self.places {
                match place {
                    Place::Lives(process) => {
                        let asked = process.asked || process.due.is_some();
                        *process = Process { ending: true, asked, after: After::Nothing, due: None, ..*process };
                    }
                    Place::Waits | Place::Pauses(_) => *place = Place::Over,
                    Place::Over | Place::Broken => {}
                }
            }
        }
        for worker in 0..SPECS.len() {
            match &mut self.places[worker] {
                Place::Lives(process) if process.due.is_some_and(|due| due <= now) => {
                    if process.ending {
                        process.due = None;
                    } else {
                        (process.ending, process.hung, process.due) = (true, true, Some(now + ABORT));
                    }
                }
                Place::Pauses(until) if *until <= now => self.starts(worker),
                _ => {}
            }
        }
        self.settle();
    }

    fn settle(&mut self) {
        loop {
            let before: Vec<_> =
                (0..SPECS.len()).map(|worker| (self.state(worker), self.generations[worker])).collect();
            if self.stop_began.is_none() {
                for (worker, spec) in SPECS.iter().enumerate() {
                    let is_ready =
                        |need: &&str| SPECS.iter().position(|s| s.name == *need).map(|n| self.state(n)) == Some(Ready);
                    if self.state(worker) == Waiting && spec.needs.iter().all(is_ready) {
                        self.starts(worker);
                    }
                }
                if (0..SPECS.len()).any(|worker| SPECS[worker].essential && self.state(worker) == Failed) {
                    self.stop_began = Some(self.now);
                }
            }
            if self.stop_began.is_some() {
                self.lets_stop();
            }
            let after = (0..SPECS.len()).map(|worker| (self.state(worker), self.generations[worker]));
            if before.into_iter().eq(after) {
                break;
            }
        }
    }

    /// Nobody starts any more, and who is needed by nobody that lives is told to stop.
    fn lets_stop(&mut self) {
        for (worker, spec) in SPECS.iter().enumerate() {
            let is_needed = (0..SPECS.len()).any(|user| self.lives(user) && SPECS[user].needs.contains(&spec.name));
            match &mut self.places[worker] {
                Place::Waits | Place::Pauses(_) => self.places[worker] = Place::Over,
                Place::Lives(process) if process.ending => process.after = After::Nothing,
                Place::Lives(_) if !is_needed => self.told_to_stop(worker, After::Nothing),
                _ => {}
            }
        }
    }
}
