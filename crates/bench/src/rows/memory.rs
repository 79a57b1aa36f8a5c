//! How much memory the running service takes.

use std::{thread, time::Duration};

use anyhow::{Context as _, Result};

use crate::{
    bench::Bench,
    process::Pss,
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::Unit,
    service::{Home, Service},
    simulator::Simulator,
};

const UPLOADS: usize = 100;
const LOOKS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

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
        service.rests(bench)?;
        let before = look(&service)?;

        let admin = simulator.admin()?;
        for number in 1..=UPLOADS {
            bench.go_on()?;
            admin.uploads_fees(number).with_context(|| format!("upload {number}"))?;
        }
        service.rests(bench)?;
        let mut looks = Vec::new();
        for _ in 0..LOOKS {
            looks.push(look(&service)?);
            thread::sleep(BETWEEN_LOOKS);
        }
        let sums: Vec<f64> = looks.iter().map(Look::sum).collect();
        let mut figures = Figures::alone(Figure::of("all processes", Unit::Bytes, "look", &sums)?);
        for (name, idle) in &looks.last().context("nothing was looked at")?.0 {
            let show = |bytes| Unit::Bytes.show(bytes);
            figures.notes.push(format!(
                "{name}: {}, of which heap and stack {}; before the first upload {}, {}",
                show(idle.all),
                show(idle.anonymous),
                show(before.of(name).all),
                show(before.of(name).anonymous)
            ));
        }
        service.stop()?;
        Ok(figures)
    }
}

/// The memory of each process at one moment, by name.
struct Look(Vec<(String, Pss)>);

impl Look {
    fn sum(&self) -> f64 {
        self.0.iter().map(|(_, pss)| pss.all).sum()
    }

    fn of(&self, name: &str) -> Pss {
        self.0.iter().find(|(other, _)| other == name).map(|(_, pss)| *pss).unwrap_or_default()
    }
}

fn look(service: &Service) -> Result<Look> {
    let processes = service.processes()?;
    Ok(Look(processes.into_iter().map(|process| Ok((process.name, Pss::of(process.pid)?))).collect::<Result<_>>()?))
}
