//! Measures every figure of the project beside its limit or peer, in one run on one machine.
//!
//! A row's figures are ratios wherever there is a peer: both sides do the same work with the same bytes on the same file
//! system, taking turns, and what counts is the median over rounds. What was skipped, disturbed or missed is said.
//!
//! Other crates must not depend on this one. It talks to the programs as anybody would: it starts them and calls their sockets.

mod bench;
mod loaded;
mod lock;
mod machine;
mod operators;
mod peers;
mod process;
mod report;
mod roles;
mod row;
mod rows;
mod sample;
mod service;
mod simulator;
mod table;
mod victim;

use std::{fs, io::Write, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::Parser;

use self::{
    bench::Bench,
    machine::{Machine, Others},
    report::{Line, Report},
    row::Row,
    rows::ROWS,
};

/// Measures every figure of the project beside its limit or peer, and says which limits are kept to.
///
/// Exits with 0 when every row was measured, whether or not it met its limit; with 1 when one could not be.
#[derive(Debug, Parser)]
#[command(name = "scripts/bench")]
struct Arguments {
    /// Write the figures with their spread, the machine, the commit and the date to FILE as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measure on the disk that holds DIR (default: where this program was built, or a temporary directory on a disk).
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// List the rows and measure nothing.
    #[arg(long)]
    list: bool,
    /// Only these rows.
    #[arg(value_name = "ROW", value_parser = row_names())]
    rows: Vec<String>,
}

fn row_names() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(ROWS.iter().map(|row| row.name()))
}

fn main() -> ExitCode {
    // Rows start this program again as one of their processes.
    if let Some(role) = roles::named(std::env::args_os().skip(1)) {
        return tell(role.and_then(roles::Role::play).map(|()| true));
    }
    match Arguments::try_parse() {
        Ok(arguments) => tell(run(&arguments)),
        Err(error) => {
            // Nobody is left to tell when that cannot be written.
            let _ = error.print();
            if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS }
        }
    }
}

fn tell(result: Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "natrium-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Answers whether every row was measured.
fn run(arguments: &Arguments) -> Result<bool> {
    let chosen =
        || ROWS.iter().filter(|row| arguments.rows.is_empty() || arguments.rows.iter().any(|n| n == row.name()));
    if arguments.list {
        for row in chosen() {
            writeln!(std::io::stdout(), "{}: {} ({})", row.name(), row.what(), row.must().show())?;
        }
        return Ok(true);
    }
    anyhow::ensure!(!cfg!(debug_assertions), "figures of a debug build would say nothing: use scripts/bench");
    let bench = Bench::new(arguments.dir.as_deref())?;
    let machine = Machine::look().context("looking at the machine")?;
    let mut report = Report {
        commit: std::env::var("NATRIUM_BENCH_COMMIT").unwrap_or_else(|_| "commit unknown".to_owned()),
        date: jiff::Timestamp::now().round(jiff::Unit::Second)?.to_string(),
        machine,
        file_system: bench.file_system.clone(),
        rows: Vec::new(),
    };
    if bench.file_system.is_in_memory() {
        writeln!(
            std::io::stderr(),
            "natrium-bench: {} is in memory: nothing there is durable",
            bench.disk().display()
        )?;
    }
    for row in chosen() {
        report.rows.push(measure(*row, &bench, report.machine.cores)?);
        if bench.is_interrupted() {
            break;
        }
    }
    if let Some(path) = &arguments.json {
        let json = serde_json::to_string_pretty(&report)? + "\n";
        fs::write(path, json).with_context(|| format!("writing {}", path.display()))?;
    }
    writeln!(std::io::stderr())?;
    write!(std::io::stdout(), "{}", table::show(&report))?;
    Ok(!report.rows.iter().any(Line::failed))
}

fn measure(row: &dyn Row, bench: &Bench, cores: usize) -> Result<Line> {
    writeln!(std::io::stderr(), "{}: waiting for an idle machine …", row.name())?;
    let mut disturbances: Vec<String> = machine::wait_until_idle(|| bench.go_on())?.into_iter().collect();
    writeln!(std::io::stderr(), "{}: measuring …", row.name())?;
    let others = Others::watch(cores)?;
    let result = row.run(bench);
    disturbances.extend(others.disturbance()?);
    Ok(Line::new(row, result, disturbances))
}
