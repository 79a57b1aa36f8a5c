//! How much memory the supervisor takes by itself.

use std::{process::Stdio, thread, time::Duration};

use anyhow::{Context as _, Result};

use crate::{
    bench::Bench,
    process::{Pss, mappings},
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::Unit,
    service::{Home, Service},
    simulator::Simulator,
};

/// How often an operator asks for the status.
const QUESTIONS: usize = 5;
const LOOKS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// So many of the largest mappings are told.
const LARGEST: usize = 6;

/// The row.
pub(crate) struct SupervisorMemory;

impl Row for SupervisorMemory {
    fn name(&self) -> &'static str {
        "supervisor_memory"
    }

    fn what(&self) -> &'static str {
        "proportional share of memory (PSS) of natriumd alone, idle, with both workers ready and after natrium status has been \
         asked 5 times; natrium-sim plays Telegram"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ours(Unit::Bytes), bound: Bound::AtMost, limit: 3e6, aim: Some(2e6) }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let simulator = Simulator::start(bench)?;
        let home = Home::new(bench, simulator.url())?;
        let service = Service::start(bench, &home)?;
        service.rests(bench)?;
        let before = Pss::of(service.pid())?;
        for _ in 0..QUESTIONS {
            let status = home.status(bench)?.stdout(Stdio::null()).status().context("starting natrium")?;
            anyhow::ensure!(status.success(), "natrium status: {status}");
        }
        service.rests(bench)?;
        let mut looks = Vec::new();
        for _ in 0..LOOKS {
            looks.push(Pss::of(service.pid())?);
            thread::sleep(BETWEEN_LOOKS);
        }
        let of = |what: fn(&Pss) -> f64| looks.iter().map(what).collect::<Vec<f64>>();
        let figure = |name, values: Vec<f64>| Figure::of(name, Unit::Bytes, "look", &values);
        let mut figures = Figures::alone(figure("natriumd", of(|pss| pss.all))?);
        figures.also.push(figure("of which heap, stack and written data", of(|pss| pss.anonymous))?);
        figures.also.push(figure("of which files, above all programs", of(|pss| pss.all - pss.anonymous))?);
        figures.also.push(figure("before the first question", vec![before.all])?);
        let show = |bytes| Unit::Bytes.show(bytes);
        for (name, pss) in mappings(service.pid())?.into_iter().take(LARGEST) {
            let name = if name.is_empty() { "without a name" } else { &name };
            figures.notes.push(format!("{name}: {}, of which written {}", show(pss.all), show(pss.anonymous)));
        }
        service.stop()?;
        Ok(figures)
    }
}
