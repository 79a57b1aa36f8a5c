//! The record of how each worker's processes ended. It remembers and judges nothing: what follows from a death is
//! decided by [`backoff`](crate::backoff) and [`fsm`](crate::fsm), which only read it.

use std::collections::VecDeque;
use std::time::Duration;

use crate::timing::Moment;

/// How many deaths of a worker are remembered.
pub(crate) const REMEMBERED: usize = 20;

/// How a process ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// It exited with this code.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
    /// There was none: the kernel refused to make it (an errno).
    NotStarted(i32),
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exited with {code}"),
            Self::Signal(signal) => match nix::sys::signal::Signal::try_from(*signal) {
                Ok(signal) => write!(f, "killed by {signal}"),
                Err(_) => write!(f, "killed by signal {signal}"),
            },
            Self::NotStarted(errno) => write!(f, "not started: {}", nix::errno::Errno::from_raw(*errno).desc()),
        }
    }
}

/// How one process of a worker ended, and what was known of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Death {
    pub(crate) at: Moment,
    /// 0 where there was no process.
    pub(crate) pid: i32,
    pub(crate) generation: u64,
    pub(crate) uptime: Duration,
    /// How long it had been ready; nothing if it never was.
    pub(crate) ready_for: Option<Duration>,
    pub(crate) end: End,
    /// The supervisor ended it because it had stopped answering.
    pub(crate) hung: bool,
    /// It had been told to stop.
    pub(crate) asked: bool,
    /// What it last said of itself.
    pub(crate) status: String,
    /// The last line that it logged.
    pub(crate) log: String,
}

/// The last deaths of one worker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deaths(VecDeque<Death>);

impl Deaths {
    /// Adds a death and forgets one beyond those [`REMEMBERED`]: the oldest that was asked for, else the oldest, so that an
    /// operator's restarts do not hide the crashes that made him restart.
    pub(crate) fn record(&mut self, death: Death) {
        if self.0.len() == REMEMBERED {
            let least = self.0.iter().position(|death| death.asked).unwrap_or(0);
            self.0.remove(least);
        }
        self.0.push_back(death);
    }

    /// From the oldest to the newest.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Death> {
        self.0.iter()
    }

    pub(crate) fn last(&self) -> Option<&Death> {
        self.0.back()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut deaths = Deaths::default();
        for generation in 1..=25 {
            deaths.record(Death {
                at: Moment::default(),
                pid: 1,
                generation,
                uptime: Duration::ZERO,
                ready_for: None,
                end: End::Code(1),
                hung: false,
                asked: false,
                status: String::new(),
                log: String::new(),
            });
        }
        let kept: Vec<_> = deaths.iter().map(|death| death.generation).collect();
        assert_eq!(kept, (6..=25).collect::<Vec<_>>());
        assert_eq!(deaths.last().map(|death| death.generation), Some(25));
    }

    #[test]
    fn an_end_is_told_in_words() {
        assert_eq!(End::Code(70).to_string(), "exited with 70");
        assert_eq!(End::Signal(9).to_string(), "killed by SIGKILL");
        assert_eq!(End::Signal(40).to_string(), "killed by signal 40");
        assert_eq!(End::NotStarted(11).to_string(), "not started: Try again");
    }
}
