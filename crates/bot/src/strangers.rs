//! How often people who are no admins are answered. Pure.
//!
//! They get a polite refusal, but nobody can make the bot write without end: past a few a minute it stays silent.

use std::collections::HashMap;
use std::time::Duration;

/// Refusals per person and window.
const REFUSALS: u32 = 5;
/// The window.
const WINDOW: Duration = Duration::from_secs(60);
/// How many people are remembered; past that, everybody has to wait for the window to end.
const PEOPLE: usize = 1000;

/// Who was refused lately.
#[derive(Debug, Default)]
pub(crate) struct Strangers {
    lately: HashMap<i64, (Duration, u32)>,
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
    fn a_crowd_does_not_fill_the_memory() {
        let mut strangers = Strangers::default();
        let answered = (0..5000).filter(|person| strangers.answer(*person, Duration::ZERO)).count();
        assert_eq!((answered, strangers.lately.len()), (PEOPLE, PEOPLE));
        assert!(strangers.answer(9999, WINDOW));
    }
}
