//! How long the service takes to start.

use anyhow::Result;

use crate::{
    bench::Bench,
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::Unit,
    service::{Home, Service},
    simulator::Simulator,
};

const STARTS: usize = 30;

/// The row.
pub(crate) struct Start;

impl Row for Start {
    fn name(&self) -> &'static str {
        "start"
    }

    fn what(&self) -> &'static str {
        "from the start of natriumd to its READY=1, with a store from an earlier run and natrium-sim as Telegram; programs and \
         store are in the page cache"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ours(Unit::Seconds), bound: Bound::AtMost, limit: 0.1, aim: None }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let simulator = Simulator::start(bench)?;
        let home = Home::new(bench, simulator.url())?;
        let first = start_and_stop(bench, &home)?;
        let mut times = Vec::new();
        for _ in 0..STARTS {
            bench.go_on()?;
            times.push(start_and_stop(bench, &home)?);
        }
        let mut figures = Figures::alone(Figure::of("natriumd", Unit::Seconds, "start", &times)?);
        figures.also.push(Figure::of("the very first start, without a store", Unit::Seconds, "start", &[first])?);
        Ok(figures)
    }
}

fn start_and_stop(bench: &Bench, home: &Home) -> Result<f64> {
    let service = Service::start(bench, home)?;
    let seconds = service.ready_after.as_secs_f64();
    service.stop()?;
    Ok(seconds)
}
