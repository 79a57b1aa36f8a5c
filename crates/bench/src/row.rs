//! What a row of the table is: a name, a limit, and a way to measure. Knows neither how rows are shown nor any of them.

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::{
    bench::Bench,
    sample::{Summary, Unit, digits, median, paired_ratio},
};

/// One measurement that can be asked for by name.
pub(crate) trait Row {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// What is measured and how, in one or two sentences.
    fn what(&self) -> &'static str;

    /// What it must keep to.
    fn must(&self) -> Must;

    /// Measures. Leaves no process behind, however it ends.
    ///
    /// # Errors
    /// Why it cannot be measured here. A peer that is not installed is no error: [`Beside::Absent`] is for that.
    fn run(&self, bench: &Bench) -> Result<Figures>;
}

/// Which of a row's figures is limited.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Of {
    /// Our own figure, in this unit.
    Ours(Unit),
    /// Ours ÷ beside.
    Ratio,
}

/// On which side of the limit the good ones are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bound {
    AtMost,
    AtLeast,
}

/// A limit, and what we would like better still.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Must {
    pub(crate) of: Of,
    pub(crate) bound: Bound,
    pub(crate) limit: f64,
    pub(crate) aim: Option<f64>,
}

impl Must {
    /// Whether the figures keep to it; `None` where the one that counts could not be had. Compares what was measured, not
    /// what is shown.
    pub(crate) fn met(&self, figures: &Figures) -> Option<bool> {
        let value = match self.of {
            Of::Ours(_) => Some(figures.ours.value),
            Of::Ratio => figures.ratio,
        };
        value.map(|value| match self.bound {
            Bound::AtMost => value <= self.limit,
            Bound::AtLeast => value >= self.limit,
        })
    }

    /// The limit as the table shows it.
    pub(crate) fn show(&self) -> String {
        let show = |value| match self.of {
            Of::Ours(unit) => unit.show(value),
            Of::Ratio => format!("{} ×", digits(value)),
        };
        let sign = match self.bound {
            Bound::AtMost => "≤",
            Bound::AtLeast => "≥",
        };
        let aim = self.aim.map(|aim| format!(", aim {}", show(aim))).unwrap_or_default();
        format!("{sign} {}{aim}", show(self.limit))
    }
}

/// One thing measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    /// Whose figure it is.
    pub(crate) name: String,
    pub(crate) unit: Unit,
    /// What counts: the median over rounds, unless the name says which percentile.
    pub(crate) value: f64,
    /// What each sample is, such as `one call`.
    pub(crate) sample: &'static str,
    /// All samples together.
    pub(crate) samples: Summary,
}

impl Figure {
    /// A figure from rounds of samples: the median of the rounds' medians.
    ///
    /// # Errors
    /// When nothing was measured.
    pub(crate) fn of_rounds(
        name: impl Into<String>,
        unit: Unit,
        sample: &'static str,
        rounds: &[Vec<f64>],
    ) -> Result<Self> {
        let name = name.into();
        let all = rounds.concat();
        let value = median(&medians(rounds)).with_context(|| format!("{name}: nothing was measured"))?;
        let samples = Summary::of(&all).with_context(|| format!("{name}: nothing was measured"))?;
        Ok(Self { name, unit, value, sample, samples })
    }

    /// A figure from samples that each stand for a round.
    ///
    /// # Errors
    /// When nothing was measured.
    pub(crate) fn of(name: impl Into<String>, unit: Unit, sample: &'static str, values: &[f64]) -> Result<Self> {
        Self::of_rounds(name, unit, sample, &[values.to_vec()])
    }

    /// A figure of which hardly any sample may be worse: the 99th percentile counts.
    ///
    /// # Errors
    /// When nothing was measured.
    pub(crate) fn p99_of(name: &str, unit: Unit, sample: &'static str, values: &[f64]) -> Result<Self> {
        let figure = Self::of(format!("{name}, p99"), unit, sample, values)?;
        Ok(Self { value: figure.samples.p99, ..figure })
    }

    /// A figure of few samples of which none may be worse: the worst one counts.
    ///
    /// # Errors
    /// When nothing was measured.
    pub(crate) fn worst_of(name: &str, unit: Unit, sample: &'static str, values: &[f64]) -> Result<Self> {
        let figure = Self::of(format!("{name}, worst"), unit, sample, values)?;
        Ok(Self { value: figure.samples.max, ..figure })
    }
}

/// The median of each round that has one.
pub(crate) fn medians(rounds: &[Vec<f64>]) -> Vec<f64> {
    rounds.iter().filter_map(|round| median(round)).collect()
}

/// What ours is held against.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Beside {
    /// A peer, measured in the same run.
    Measured(Figure),
    /// A peer that is not installed here: the reason.
    Absent(String),
    /// Only the limit.
    Limit,
}

/// What a row has measured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) ours: Figure,
    pub(crate) beside: Beside,
    /// Ours ÷ beside, where there is something beside.
    pub(crate) ratio: Option<f64>,
    /// Measured along the way, told in the notes.
    pub(crate) also: Vec<Figure>,
    /// What else there is to know.
    pub(crate) notes: Vec<String>,
}

impl Figures {
    /// A figure of ours with nothing but a limit.
    pub(crate) fn alone(ours: Figure) -> Self {
        Self { ours, beside: Beside::Limit, ratio: None, also: Vec::new(), notes: Vec::new() }
    }

    /// A figure of ours whose peer is not installed.
    pub(crate) fn without_peer(ours: Figure, reason: impl Into<String>) -> Self {
        Self { beside: Beside::Absent(reason.into()), ..Self::alone(ours) }
    }

    /// Two figures taken in turns. The ratio is the median over rounds of the two medians of each round.
    pub(crate) fn in_turns(ours: (Figure, &[Vec<f64>]), beside: (Figure, &[Vec<f64>])) -> Self {
        let ratio = paired_ratio(&medians(ours.1), &medians(beside.1));
        Self { beside: Beside::Measured(beside.0), ratio, ..Self::alone(ours.0) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    const MOST: Must = Must { of: Of::Ratio, bound: Bound::AtMost, limit: 1.3, aim: None };

    fn figure(value: f64) -> Figure {
        Figure::of("x", Unit::Seconds, "call", &[value]).unwrap()
    }

    #[test]
    fn what_is_shown_as_the_limit_may_still_miss_it() {
        let rounds = ([vec![1.301]], [vec![1.0]]);
        let figures = Figures::in_turns((figure(1.301), &rounds.0), (figure(1.0), &rounds.1));
        assert_eq!(digits(figures.ratio.unwrap()), "1.30");
        assert_eq!(MOST.met(&figures), Some(false));
    }

    #[test]
    fn without_the_peer_nobody_knows() {
        let figures = Figures::without_peer(figure(1.0), "not installed");
        assert_eq!(MOST.met(&figures), None);
        let own = Must { of: Of::Ours(Unit::Seconds), ..MOST };
        assert_eq!(own.met(&figures), Some(true));
    }

    #[test]
    fn at_least_is_the_other_way_round() {
        let least = Must { bound: Bound::AtLeast, limit: 1.5, aim: Some(2.0), ..MOST };
        let rounds = ([vec![1.4]], [vec![1.0]]);
        assert_eq!(least.met(&Figures::in_turns((figure(1.4), &rounds.0), (figure(1.0), &rounds.1))), Some(false));
        assert_eq!(least.show(), "≥ 1.50 ×, aim 2.00 ×");
    }

    #[test]
    fn a_figure_is_the_median_of_its_rounds() {
        let rounds = [vec![1.0, 1.0, 9.0], vec![5.0], vec![2.0, 2.0]];
        let figure = Figure::of_rounds("x", Unit::Seconds, "call", &rounds).unwrap();
        assert_eq!((figure.value, figure.samples.n, figure.samples.max), (2.0, 6, 9.0));
        assert!(Figure::of("x", Unit::Seconds, "call", &[]).is_err());
    }

    #[test]
    fn a_figure_may_be_about_its_worst() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        let p99 = Figure::p99_of("x", Unit::Seconds, "call", &values).unwrap();
        let worst = Figure::worst_of("x", Unit::Seconds, "call", &values).unwrap();
        assert_eq!((p99.value, worst.value, p99.samples.p50), (198.0, 200.0, 100.0));
        assert_eq!(p99.name, "x, p99");
    }
}
