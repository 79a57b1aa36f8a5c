//! How often people who are no admins are answered. Pure.
//!
//! They get a polite refusal, but nobody can make the bot write without end: past a few a minute it stays silent, and such
//! refusals are counted together.

use std::collections::HashMap;
use std::time::Duration;

/// Refusals per person and window.
const REFUSALS: u32 = 5;
/// The window.
const WINDOW: Duration = Duration::from_secs(60);
/// How many people are remembered; past that, everybody has to wait for the window to end.
const PEOPLE: usize = 1000;

/// How long silent refusals are counted together.
const TOGETHER: Duration = Duration::from_secs(60 * 60);

/// Who was refused lately.
#[derive(Debug, Default)]
pub(crate) struct Strangers {
    lately: HashMap<i64, (Duration, u32)>,
    /// Refusals without an answer, and since when they are counted.
    silent: (Duration, u64),
}

impl Strangers {
    /// Whether this person is answered now. `now` is the time since any fixed moment.
    pub(crate) fn answer(&mut self, person: i64, now: Duration) -> bool {
        if self.lately.len() >= PEOPLE {
            self.lately.retain(|_, (since, _)| now.saturating_sub(*since) < WINDOW);
        }
        if self.lately.len() >= PEOPLE && !self.lately.contains_key(&person) {
            return false;
        }
        let (since, refusals) = self.lately.entry(person).or_insert((now, 0));
        if now.saturating_sub(*since) >= WINDOW {
            (*since, *refusals) = (now, 0);
        }
        *refusals += 1;
        *refusals <= REFUSALS
    }

    /// Counts a refusal without an answer. Answers how many there were within the hour if that is to be recorded: whenever it has
    /// doubled, so that the number is known well enough however many there are.
    pub(crate) fn silence(&mut self, now: Duration) -> Option<u64> {
        let (since, count) = &mut self.silent;
        if *count == 0 || now.saturating_sub(*since) >= TOGETHER {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        count.is_power_of_two().then_some(*count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_is_answered_a_few_times_a_minute_and_others_are_not_concerned() {
        let mut strangers = Strangers::default();
        let answered = |strangers: &mut Strangers, now| (0..20).filter(|_| strangers.answer(7, now)).count();
        assert_eq!(answered(&mut strangers, Duration::ZERO), 5);
        assert!(strangers.answer(8, Duration::ZERO));
        assert_eq!(answered(&mut strangers, WINDOW), 5);
    }

    #[test]
    fn silent_refusals_are_recorded_whenever_their_number_has_doubled_and_anew_after_an_hour() {
        let mut strangers = Strangers::default();
        let mut recorded = |count: usize, now| (0..count).filter_map(|_| strangers.silence(now)).collect::<Vec<_>>();
        assert_eq!(recorded(7, WINDOW), [1, 2, 4]);
        assert_eq!(recorded(10, TOGETHER), [8, 16]);
        assert_eq!(recorded(3, TOGETHER + WINDOW), [1, 2]);
    }

    #[test]
    fn a_crowd_does_not_fill_the_memory() {
        let mut strangers = Strangers::default();
        let answered = (0..5000).filter(|person| strangers.answer(*person, Duration::ZERO)).count();
        assert_eq!((answered, strangers.lately.len()), (PEOPLE, PEOPLE));
        assert!(strangers.answer(9999, WINDOW));
    }
}
