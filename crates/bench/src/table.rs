//! How a report looks on a terminal. Knows nothing of measuring.

use std::fmt::Write as _;

use crate::{
    report::{Line, Outcome, Report},
    row::{Beside, Figure},
    sample::digits,
};

const TITLES: [&str; 6] = ["row", "ours", "beside", "ratio", "must", "met"];

/// The report as text: a heading, the table, and what there is to know about each row.
pub(crate) fn show(report: &Report) -> String {
    let mut text = format!("{}\n\n", report.heading());
    let cells: Vec<[String; 6]> = report.rows.iter().map(cells).collect();
    text.push_str(&grid(&cells));
    for line in &report.rows {
        text.push('\n');
        text.push_str(&about(line));
    }
    text
}

fn cells(line: &Line) -> [String; 6] {
    let met = match line.met {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "–",
    };
    let met = if line.disturbances.is_empty() { met.to_owned() } else { format!("{met} !") };
    let (ours, beside, ratio) = match &line.outcome {
        Outcome::Failed(_) => ("not measured".to_owned(), String::new(), String::new()),
        Outcome::Measured(figures) => (
            figures.ours.unit.show(figures.ours.value),
            match &figures.beside {
                Beside::Measured(figure) => format!("{} ({})", figure.unit.show(figure.value), figure.name),
                Beside::Absent(_) => "skipped".to_owned(),
                Beside::Limit => "–".to_owned(),
            },
            figures.ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{} ×", digits(ratio))),
        ),
    };
    [line.name.to_owned(), ours, beside, ratio, line.must.clone(), met]
}

/// Columns as wide as their widest cell, in characters.
fn grid(rows: &[[String; 6]]) -> String {
    let titles = TITLES.map(str::to_owned);
    let all = || std::iter::once(&titles).chain(rows);
    let widths: [usize; 6] =
        std::array::from_fn(|column| all().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let mut text = String::new();
    for (index, row) in all().enumerate() {
        let padded: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(padded.join(" | ").trim_end());
        text.push('\n');
        if index == 0 {
            text.push_str(&widths.map(|width| "-".repeat(width)).join("-|-"));
            text.push('\n');
        }
    }
    text
}

fn about(line: &Line) -> String {
    let mut text = format!("{}: {}\n", line.name, line.what);
    let mut say = |words: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "    {words}");
    };
    match &line.outcome {
        Outcome::Failed(reason) => say(&format!("not measured: {reason}")),
        Outcome::Measured(figures) => {
            say(&spread(&figures.ours));
            match &figures.beside {
                Beside::Measured(figure) => say(&spread(figure)),
                Beside::Absent(reason) => say(&format!("skipped: {reason}")),
                Beside::Limit => {}
            }
            figures.also.iter().for_each(|figure| say(&spread(figure)));
            figures.notes.iter().for_each(|note| say(note));
        }
    }
    line.disturbances.iter().for_each(|disturbance| say(&format!("! {disturbance}")));
    text
}

fn spread(figure: &Figure) -> String {
    let Figure { name, unit, value, sample, samples } = figure;
    let value = unit.show(*value);
    if samples.n == 1 {
        return format!("{name}: {value}");
    }
    let [p50, p99, min, max] = [samples.p50, samples.p99, samples.min, samples.max].map(|value| unit.show(value));
    format!("{name}: {value} (n {} × {sample}: p50 {p50}, p99 {p99}, min {min}, max {max})", samples.n)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::{
        machine::{FileSystem, Machine},
        row::Figures,
        sample::Unit,
    };

    fn report() -> Report {
        let rounds = [vec![40_000.0], vec![44_000.0], vec![42_000.0]];
        let peer = [vec![20_000.0], vec![22_000.0], vec![21_000.0]];
        let mut figures = Figures::in_turns(
            (Figure::of_rounds("natrium-writer", Unit::PerSecond, "round", &rounds).unwrap(), &rounds),
            (Figure::of_rounds("PostgreSQL 15", Unit::PerSecond, "round", &peer).unwrap(), &peer),
        );
        figures.notes.push("read back".into());
        let line = |name, met, outcome| Line {
            name,
            what: "what it is",
            must: "≥ 1.50 ×".into(),
            met,
            outcome,
            disturbances: vec![],
        };
        let mut noisy = line("noisy", None, Outcome::Failed("no such file".into()));
        noisy.disturbances.push("others used 50 %".into());
        Report {
            commit: "abc".into(),
            date: "2026-01-01T00:00:00Z".into(),
            machine: Machine { cores: 2, cpu: "CPU".into(), kernel: "6.1".into(), memory_bytes: 8_000_000_000 },
            file_system: FileSystem { kind: "ext4".into(), source: "/dev/vda".into(), device: "1:0".into() },
            rows: vec![line("writes", Some(true), Outcome::Measured(Box::new(figures))), noisy],
        }
    }

    #[test]
    fn looks_like_this() {
        let expected = "\
abc · 2026-01-01T00:00:00Z · 2 × CPU, 8 GB · Linux 6.1 · ext4 on /dev/vda

row    | ours         | beside                   | ratio  | must     | met
-------|--------------|--------------------------|--------|----------|----
writes | 42.0 k/s     | 21.0 k/s (PostgreSQL 15) | 2.00 × | ≥ 1.50 × | yes
noisy  | not measured |                          |        | ≥ 1.50 × | – !

writes: what it is
    natrium-writer: 42.0 k/s (n 3 × round: p50 42.0 k/s, p99 44.0 k/s, min 40.0 k/s, max 44.0 k/s)
    PostgreSQL 15: 21.0 k/s (n 3 × round: p50 21.0 k/s, p99 22.0 k/s, min 20.0 k/s, max 22.0 k/s)
    read back

noisy: what it is
    not measured: no such file
    ! others used 50 %
";
        assert_eq!(show(&report()), expected);
    }
}
