//! What came out of all rows: kept whole, written as JSON. Knows nothing of measuring.

use anyhow::Error;
use serde::Serialize;

use crate::{
    machine::{FileSystem, Machine},
    row::{Figures, Must, Row},
};

/// One row with what came of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// The limit as the table shows it.
    pub(crate) must: String,
    /// Whether it was kept to; absent where that could not be told.
    pub(crate) met: Option<bool>,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
    /// What disturbed the measurement, if anything did.
    pub(crate) disturbances: Vec<String>,
}

/// What came of a row.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Measured(Box<Figures>),
    Failed(String),
}

impl Line {
    /// The line of `row`.
    pub(crate) fn new(row: &dyn Row, result: Result<Figures, Error>, disturbances: Vec<String>) -> Self {
        let must: Must = row.must();
        let (met, outcome) = match result {
            Ok(figures) => (must.met(&figures), Outcome::Measured(Box::new(figures))),
            Err(error) => (None, Outcome::Failed(format!("{error:#}"))),
        };
        Self { name: row.name(), what: row.what(), must: must.show(), met, outcome, disturbances }
    }

    /// Whether it could not be measured.
    pub(crate) fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(_))
    }
}

/// One run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// The commit measured, `-dirty` where the working tree differed from it.
    pub(crate) commit: String,
    /// When the run began (RFC 3339, UTC).
    pub(crate) date: String,
    pub(crate) machine: Machine,
    pub(crate) file_system: FileSystem,
    pub(crate) rows: Vec<Line>,
}

impl Report {
    /// What was measured where, in one line.
    pub(crate) fn heading(&self) -> String {
        let Machine { cores, cpu, kernel, memory_bytes } = &self.machine;
        let FileSystem { kind, source, .. } = &self.file_system;
        let memory = *memory_bytes as f64 / 1e9;
        format!(
            "{} · {} · {cores} × {cpu}, {memory:.0} GB · Linux {kernel} · {kind} on {source}",
            self.commit, self.date
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::{
        row::{Beside, Bound, Figure, Of},
        sample::Unit,
    };

    struct Sample;

    impl Row for Sample {
        fn name(&self) -> &'static str {
            "sample"
        }
        fn what(&self) -> &'static str {
            "what"
        }
        fn must(&self) -> Must {
            Must { of: Of::Ours(Unit::Seconds), bound: Bound::AtMost, limit: 0.5, aim: None }
        }
        fn run(&self, _: &crate::bench::Bench) -> Result<Figures, Error> {
            anyhow::bail!("not here")
        }
    }

    #[test]
    fn json_says_what_the_table_says() {
        let mut figures = Figures::alone(Figure::of("ours", Unit::Seconds, "call", &[0.7]).unwrap());
        figures.beside = Beside::Absent("not installed".into());
        let line = Line::new(&Sample, Ok(figures), vec!["noise".into()]);
        let json = serde_json::to_value(&line).unwrap();
        assert_eq!(json["met"], false);
        assert_eq!(json["measured"]["ours"]["samples"]["p99"], 0.7);
        assert_eq!(json["measured"]["beside"]["absent"], "not installed");
        assert_eq!(json["disturbances"][0], "noise");
        assert!(!line.failed());
    }

    #[test]
    fn a_failure_is_neither_met_nor_missed() {
        let error = Error::msg("no such file").context("starting the peer");
        let line = Line::new(&Sample, Err(error), Vec::new());
        assert_eq!(line.met, None);
        assert!(line.failed());
        assert_eq!(serde_json::to_value(&line).unwrap()["failed"], "starting the peer: no such file");
    }
}
