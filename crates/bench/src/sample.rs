//! Repeated measurements and what is said about them. Knows nothing of what was measured.

use serde::{Deserialize, Serialize};

/// What a figure counts. Values are kept in the base unit: seconds, events a second, bytes, seconds a second.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    Seconds,
    PerSecond,
    Bytes,
    /// Seconds of processor time a second.
    Busy,
}

impl Unit {
    /// The value as a person reads it: three significant digits, decimal prefixes (1 MB is 1,000,000 bytes).
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::Seconds if value < 1e-3 => format!("{} µs", digits(value * 1e6)),
            Self::Seconds if value < 1.0 => format!("{} ms", digits(value * 1e3)),
            Self::Seconds => format!("{} s", digits(value)),
            Self::PerSecond if value < 1e3 => format!("{}/s", digits(value)),
            Self::PerSecond => format!("{} k/s", digits(value / 1e3)),
            Self::Bytes if value < 1e6 => format!("{} kB", digits(value / 1e3)),
            Self::Bytes => format!("{} MB", digits(value / 1e6)),
            Self::Busy => format!("{} ms/s", digits(value * 1e3)),
        }
    }
}

/// Three significant digits, and no fewer digits than the integer part has. Of what is small no more than four decimals.
pub(crate) fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        v if v >= 0.9995 || v == 0.0 => 2,
        v if v >= 0.099_95 => 3,
        _ => 4,
    };
    format!("{value:.decimals$}")
}

/// What is left of many measurements of one thing.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Summary {
    pub(crate) n: usize,
    pub(crate) min: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Summary {
    /// Summarizes `values`; `None` where there is none.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            n: sorted.len(),
            min: *sorted.first()?,
            p50: percentile(&sorted, 50)?,
            p99: percentile(&sorted, 99)?,
            max: *sorted.last()?,
        })
    }
}

/// The median of `values` in any order; `None` where there is none. Of an even number the lower one of the middle two, so
/// that it is a value that was measured.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    Summary::of(values).map(|summary| summary.p50)
}

/// The smallest value that at least `percent` of all values do not exceed (nearest rank, no interpolation: every percentile
/// is a value that was measured).
fn percentile(sorted: &[f64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// The median over rounds of ours ÷ beside, each taken in the same round, so that what slows a whole round down counts for
/// neither side.
pub(crate) fn paired_ratio(ours: &[f64], beside: &[f64]) -> Option<f64> {
    let ratios: Vec<f64> = ours.iter().zip(beside).map(|(ours, beside)| ours / beside).collect();
    median(&ratios)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        let summary = Summary::of(&values).unwrap();
        assert_eq!(summary, Summary { n: 200, min: 1.0, p50: 100.0, p99: 198.0, max: 200.0 });
    }

    #[test]
    fn one_value_is_all_percentiles() {
        assert_eq!(Summary::of(&[7.0]), Some(Summary { n: 1, min: 7.0, p50: 7.0, p99: 7.0, max: 7.0 }));
        assert_eq!(Summary::of(&[]), None);
    }

    #[test]
    fn the_worst_of_few_is_their_p99() {
        assert_eq!(Summary::of(&[1.0, 9.0, 2.0]).unwrap().p99, 9.0);
    }

    #[test]
    fn a_slow_round_does_not_move_the_ratio() {
        let ours = [2.0, 20.0, 2.0, 2.0];
        let beside = [1.0, 10.0, 1.0, 1.0];
        assert_eq!(paired_ratio(&ours, &beside), Some(2.0));
        assert_eq!(paired_ratio(&[], &beside), None);
    }

    #[test]
    fn shows_three_digits_with_a_fitting_prefix() {
        assert_eq!(Unit::Seconds.show(0.000_015_94), "15.9 µs");
        assert_eq!(Unit::Seconds.show(0.000_999), "999 µs");
        assert_eq!(Unit::Seconds.show(0.41), "410 ms");
        assert_eq!(Unit::PerSecond.show(49_012.0), "49.0 k/s");
        assert_eq!(Unit::Bytes.show(25_400_000.0), "25.4 MB");
        assert_eq!(Unit::Bytes.show(999_900.0), "1000 kB");
        assert_eq!(Unit::Busy.show(0.000_5), "0.500 ms/s");
        assert_eq!(digits(9.996), "10.0");
        assert_eq!(digits(1.066), "1.07");
        assert_eq!(digits(0.9996), "1.00");
        assert_eq!(digits(0.5), "0.500");
        assert_eq!(digits(0.001_23), "0.0012");
        assert_eq!(digits(0.0), "0.00");
    }
}
