//! How long a second start takes to be refused.

use std::{
    process::{Command, Output, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result};

use crate::{
    bench::Bench,
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::Unit,
    service::{Home, Service},
};

const ROUNDS: usize = 10;
/// Starts in a round.
const STARTS: usize = 20;

/// The row.
pub(crate) struct SecondStart;

impl Row for SecondStart {
    fn name(&self) -> &'static str {
        "second_start"
    }

    fn what(&self) -> &'static str {
        "a second natriumd for a service that runs: from fork and exec to its exit with 1, having said who runs and how to stop it"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ours(Unit::Seconds), bound: Bound::AtMost, limit: 5e-3, aim: None }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let (home, mut victim) = Home::with_victim(bench)?;
        let service = Service::start(bench, &home)?;
        victim.settle(bench)?;
        let running = format!("PID {}\n", service.pid());
        let (mut refused, mut version) = (Vec::new(), Vec::new());
        // The first round warms up.
        for round in 0..=ROUNDS {
            let (mut own, mut floor) = (Vec::new(), Vec::new());
            for _ in 0..STARTS {
                bench.go_on()?;
                let (seconds, output) = run(&mut home.natriumd(bench)?)?;
                let said = String::from_utf8_lossy(&output.stderr);
                anyhow::ensure!(
                    output.status.code() == Some(1) && said.contains(&running),
                    "{}: {said}",
                    output.status
                );
                own.push(seconds);
                floor.push(run(Command::new(bench.program("natriumd")?).arg("--version").env_clear())?.0);
            }
            if round > 0 {
                refused.push(own);
                version.push(floor);
            }
        }
        let mut figures = Figures::alone(Figure::of_rounds("natriumd", Unit::Seconds, "start", &refused)?);
        figures.also.push(Figure::of_rounds("natriumd --version", Unit::Seconds, "start", &version)?);
        service.stop()?;
        Ok(figures)
    }
}

/// Runs a command to its end. Answers how many seconds that took.
fn run(command: &mut Command) -> Result<(f64, Output)> {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().context("starting natriumd")?;
    Ok((start.elapsed().as_secs_f64(), output))
}
