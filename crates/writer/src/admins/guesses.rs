//! How many wrong codes are looked at: so few, over all who send them, that nobody can try them out.

use std::collections::VecDeque;
use std::time::Duration;

/// Wrong codes within [`WITHIN`] at most.
pub(crate) const MOST: usize = 10;
/// How long a wrong code counts.
pub(crate) const WITHIN: Duration = Duration::from_secs(10 * 60);

/// The wrong codes of late. All times are since the same moment, by a clock that nobody sets.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    /// Each counts as wrong from when it is looked at until it is known to be right, so that many at once are as many.
    at: VecDeque<Duration>,
}

impl Guesses {
    /// A code may be looked at now; otherwise answers for how long none may.
    pub(crate) fn begin(&mut self, now: Duration) -> Result<(), Duration> {
        while self.at.front().is_some_and(|at| now.saturating_sub(*at) >= WITHIN) {
            self.at.pop_front();
        }
        match self.at.front() {
            Some(oldest) if self.at.len() >= MOST => Err((*oldest + WITHIN).saturating_sub(now)),
            _ => {
                self.at.push_back(now);
                Ok(())
            }
        }
    }

    /// The code that was looked at then was no guess.
    pub(crate) fn was_none(&mut self, then: Duration) {
        if let Some(index) = self.at.iter().rposition(|at| *at == then) {
            self.at.remove(index);
        }
    }

    /// None will be looked at for a while.
    pub(crate) fn is_full(&self) -> bool {
        self.at.len() >= MOST
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    const fn second(second: u64) -> Duration {
        Duration::from_secs(second)
    }

    #[test]
    fn ten_are_looked_at_and_the_next_when_the_first_is_old() {
        let mut guesses = Guesses::default();
        for at in 0..10 {
            assert!(!guesses.is_full());
            guesses.begin(second(at)).unwrap();
        }
        assert!(guesses.is_full());
        assert_eq!(guesses.begin(second(9)), Err(second(591)));
        assert_eq!(guesses.begin(second(599)), Err(second(1)));
        assert_eq!(guesses.begin(second(600)), Ok(()));
        assert_eq!(guesses.begin(second(600)), Err(second(1)), "only one place was free");
    }

    #[test]
    fn what_was_no_guess_does_not_count() {
        let mut guesses = Guesses::default();
        for at in 0..100 {
            guesses.begin(second(at)).unwrap();
            guesses.was_none(second(at));
        }
        for at in 100..110 {
            guesses.begin(second(at)).unwrap();
        }
        guesses.was_none(second(1));
        assert!(guesses.begin(second(110)).is_err(), "another's place is not given away");
    }

    #[test]
    fn in_any_ten_minutes_no_more_than_ten_are_looked_at() {
        // A patient guesser asks every second of three hours.
        let mut guesses = Guesses::default();
        let looked: Vec<u64> = (0..10_800).filter(|at| guesses.begin(second(*at)).is_ok()).collect();
        assert_eq!(looked.len(), 18 * MOST);
        assert!(looked.windows(MOST + 1).all(|window| window[MOST] - window[0] >= WITHIN.as_secs()));
    }
}
