//! How much memory the running service takes.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use crate::{
    bench::Bench,
    process::pss_bytes,
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::{Unit, median},
    service::{Home, Service},
    simulator::Simulator,
};

const UPLOADS: usize = 100;
const LOOKS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// The service is idle when it has used at most one tick of processor time (10 ms) for so long.
const IDLE: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(60);

/// The row.
pub(crate) struct Memory;

impl Row for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn what(&self) -> &'static str {
        "proportional share of memory (PSS) of natriumd and all processes below it together, idle after 100 uploads of \
         fees.yml through the bot; natrium-sim plays Telegram and does not count"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ours(Unit::Bytes), bound: Bound::AtMost, limit: 40e6, aim: Some(25e6) }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let simulator = Simulator::start(bench)?;
        let home = Home::new(bench, simulator.url())?;
        let service = Service::start(bench, &home)?;
        wait_until_idle(bench, &service)?;
        let before = look(&service)?;

        let admin = simulator.admin()?;
        for number in 1..=UPLOADS {
            bench.go_on()?;
            admin.uploads_fees(number).with_context(|| format!("upload {number}"))?;
        }
        wait_until_idle(bench, &service)?;
        let mut looks = Vec::new();
        for _ in 0..LOOKS {
            looks.push(look(&service)?);
            thread::sleep(BETWEEN_LOOKS);
        }
        let sums: Vec<f64> = looks.iter().map(Look::sum).collect();
        let mut figures = Figures::alone(Figure::of("all processes", Unit::Bytes, "look", &sums)?);
        for name in looks.first().context("nothing was looked at")?.names() {
            let values: Vec<f64> = looks.iter().map(|look| look.of(&name)).collect();
            let idle = median(&values).unwrap_or_default();
            figures.notes.push(format!(
                "{name}: {} (before the first upload {})",
                Unit::Bytes.show(idle),
                Unit::Bytes.show(before.of(&name))
            ));
        }
        service.stop()?;
        Ok(figures)
    }
}

/// The memory of each process at one moment.
struct Look(Vec<(String, f64)>);

impl Look {
    fn sum(&self) -> f64 {
        self.0.iter().map(|(_, bytes)| bytes).sum()
    }

    fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    fn of(&self, name: &str) -> f64 {
        self.0.iter().filter(|(other, _)| other == name).map(|(_, bytes)| bytes).sum()
    }
}

fn look(service: &Service) -> Result<Look> {
    let processes = service.processes()?;
    let each = processes.into_iter().map(|process| Ok((process.name, pss_bytes(process.pid)? as f64)));
    Ok(Look(each.collect::<Result<_>>()?))
}

fn wait_until_idle(bench: &Bench, service: &Service) -> Result<()> {
    let used = || -> Result<u64> { Ok(service.processes()?.iter().map(|process| process.ticks).sum()) };
    let (mut since, mut at) = (Instant::now(), used()?);
    bench.until("the service is idle", PATIENCE, || {
        let now = used()?;
        if now > at + 1 {
            (since, at) = (Instant::now(), now);
        }
        Ok((since.elapsed() >= IDLE).then_some(()))
    })
}
