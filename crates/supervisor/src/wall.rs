//! Whether somebody set the wall clock. Nothing is decided by it, but log lines and the times that people are shown make a
//! jump, and who reads them has to know. Pure.

use std::time::Duration;

use crate::timing::Now;

/// What a clock that is kept by small steps never does between two looks.
const JUMP: Duration = Duration::from_secs(2);

/// The wall clock, as it was last seen beside the one that nobody can set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wall(Now);

/// How the wall clock was set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Jump {
    /// Or the host slept, which only the wall clock counts.
    Forward(Duration),
    Back(Duration),
}

impl std::fmt::Display for Jump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Forward(by) => write!(f, "the wall clock was set forward by {} s, or the host slept", by.as_secs()),
            Self::Back(by) => write!(f, "the wall clock was set back by {} s", by.as_secs()),
        }
    }
}

impl Wall {
    pub(crate) fn new(now: Now) -> Self {
        Self(now)
    }

    /// Looks again. Answers how far the wall clock has moved beyond the time that passed.
    pub(crate) fn look(&mut self, now: Now) -> Option<Jump> {
        let expected = self.0.ms_at(now.at);
        self.0 = now;
        let by = Duration::from_millis(now.ms.abs_diff(expected));
        match by > JUMP {
            true if now.ms > expected => Some(Jump::Forward(by)),
            true => Some(Jump::Back(by)),
            false => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing::Moment;

    fn now(second: u64, ms: i64) -> Now {
        Now { at: Moment::after_start(Duration::from_secs(second)), ms }
    }

    #[test]
    fn a_jump_is_told_once_and_small_steps_are_not() {
        let mut wall = Wall::new(now(0, 5_000));
        assert_eq!(wall.look(now(10, 15_000)), None);
        assert_eq!(wall.look(now(20, 26_900)), None);
        assert_eq!(wall.look(now(30, 35_100)), None);
        assert_eq!(wall.look(now(40, 45_100 + 86_400_000)), Some(Jump::Forward(Duration::from_secs(86_400))));
        assert_eq!(wall.look(now(50, 55_100 + 86_400_000)), None);
        assert_eq!(wall.look(now(60, 65_100 - 86_400_000)), Some(Jump::Back(Duration::from_secs(2 * 86_400))));
        assert_eq!(wall.look(now(70, 75_100 - 86_400_000)), None);
        assert_eq!(Jump::Back(Duration::from_secs(7)).to_string(), "the wall clock was set back by 7 s");
    }
}
