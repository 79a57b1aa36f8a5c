//! Moments and deadlines. Owns how long things may take; knows neither clocks nor what the deadlines are for.

use std::ops::Add;
use std::time::Duration;

/// A point on the supervisor's own monotonic clock: the time since it started. Setting the wall clock does not move it.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Moment(Duration);

impl Moment {
    pub(crate) const fn after_start(since: Duration) -> Self {
        Self(since)
    }

    /// The time from `earlier` to here; nothing if `earlier` is later.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The time from the supervisor's start to here.
    pub(crate) fn since_start(self) -> Duration {
        self.0
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by))
    }
}

/// The time, on both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// What decides.
    pub(crate) at: Moment,
    /// What is shown: Unix milliseconds.
    pub(crate) ms: i64,
}

impl Now {
    /// What the wall clock, as it stands now, says of another moment, in Unix milliseconds. So "since" and "ago" stay true when
    /// somebody sets the clock.
    pub(crate) fn ms_at(self, moment: Moment) -> i64 {
        let ms = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.ms.saturating_sub(ms(self.at.since(moment))).saturating_add(ms(moment.since(self.at)))
    }
}

/// The deadlines of a service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Timing {
    /// A worker that is silent for this long hangs.
    pub(crate) watchdog: Duration,
    /// A worker must be ready within this time, unless it asks for more (`EXTEND_TIMEOUT_USEC`).
    pub(crate) start: Duration,
    /// From `SIGTERM` to `SIGKILL`.
    pub(crate) stop: Duration,
    /// From `SIGABRT` to `SIGKILL`: enough to write a core file.
    pub(crate) abort: Duration,
    /// The whole stop; less than the unit's `TimeoutStopSec`.
    pub(crate) total: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            watchdog: Duration::from_secs(10),
            start: Duration::from_secs(60),
            stop: Duration::from_secs(10),
            abort: Duration::from_secs(2),
            total: Duration::from_secs(25),
        }
    }
}

/// Why the text of `NATRIUM_TIMING` cannot be used.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum TimingError {
    #[error("NATRIUM_TIMING: {0:?} is not written as name=duration")]
    Shape(String),
    #[error("NATRIUM_TIMING: {0:?} is none of watchdog, start, stop, abort, total")]
    Name(String),
    #[error("NATRIUM_TIMING: {0:?} is not a duration such as 500ms or 10s")]
    Value(String),
    #[error(
        "NATRIUM_TIMING: total must be longer than stop and than abort, or the last worker could not be killed in time"
    )]
    TotalTooShort,
}

impl Timing {
    /// How long before the end of the whole stop everything that still lives is killed.
    pub(crate) fn last_resort(&self) -> Duration {
        (self.total / 4).min(Duration::from_secs(2))
    }

    /// The defaults, changed by a text such as `watchdog=500ms,stop=2s`: for hosts with slow disks, and for tests.
    pub(crate) fn parse(text: &str) -> Result<Self, TimingError> {
        let mut timing = Self::default();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, value) = item.split_once('=').ok_or_else(|| TimingError::Shape(item.to_owned()))?;
            let duration = duration(value).ok_or_else(|| TimingError::Value(value.to_owned()))?;
            match name {
                "watchdog" => timing.watchdog = duration,
                "start" => timing.start = duration,
                "stop" => timing.stop = duration,
                "abort" => timing.abort = duration,
                "total" => timing.total = duration,
                _ => return Err(TimingError::Name(name.to_owned())),
            }
        }
        if timing.total <= timing.stop || timing.total <= timing.abort {
            return Err(TimingError::TotalTooShort);
        }
        Ok(timing)
    }
}

fn duration(text: &str) -> Option<Duration> {
    let (digits, unit) = match text.strip_suffix("ms") {
        Some(digits) => (digits, 1),
        None => (text.strip_suffix('s')?, 1000),
    };
    let count = digits.parse::<u32>().ok().filter(|count| *count > 0)?;
    Some(Duration::from_millis(u64::from(count) * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_is_wrong() {
        let parsed = Timing::parse("watchdog=500ms, stop=2s");
        let expected =
            Timing { watchdog: Duration::from_millis(500), stop: Duration::from_secs(2), ..Timing::default() };
        assert_eq!(parsed, Ok(expected));
        assert_eq!(Timing::parse(""), Ok(Timing::default()));
        assert_eq!(Timing::parse("watchdog"), Err(TimingError::Shape("watchdog".into())));
        assert_eq!(Timing::parse("dog=1s"), Err(TimingError::Name("dog".into())));
        for value in ["1", "1m", "ms", "0s", "-1s", "99999999999s"] {
            assert_eq!(Timing::parse(&format!("stop={value}")), Err(TimingError::Value(value.into())));
        }
        assert_eq!(Timing::parse("total=10s"), Err(TimingError::TotalTooShort));
    }

    #[test]
    fn a_clock_that_was_set_moves_what_is_shown_along() {
        let second = |n| Moment::after_start(Duration::from_secs(n));
        let day = 86_400_000;
        let before = Now { at: second(10), ms: 1_000_000 };
        let after = Now { at: second(20), ms: 1_010_000 + day };
        assert_eq!(
            (before.ms_at(second(10)), before.ms_at(second(7)), before.ms_at(second(12))),
            (1_000_000, 997_000, 1_002_000)
        );
        assert_eq!(after.ms - after.ms_at(second(7)), 13_000);
        assert_eq!(Now { at: second(20), ms: 0 }.ms_at(second(10)), -10_000);
    }

    #[test]
    fn the_defaults_leave_time_to_kill() {
        let timing = Timing::default();
        assert!(timing.stop + timing.last_resort() < timing.total);
    }
}
