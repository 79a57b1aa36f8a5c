//! How long callers wait for a durable write when the writer is killed.

use anyhow::{Context as _, Result};
use varlink::PoolLimits;

use crate::{
    bench::Bench,
    loaded::LoadedHome,
    roles::load::{Done, Order},
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::{Summary, Unit},
};

/// Kills of either kind, each the first one of a fresh service.
const KILLS: usize = 100;
/// The first key; the real ones are Telegram's update ids.
const FIRST: i64 = 700_000_001;
/// So many of the last acknowledged writes are read back after each kill.
const READ_BACK: i64 = 64;

/// The row.
pub(crate) struct WriterCrash;

impl Row for WriterCrash {
    fn name(&self) -> &'static str {
        "writer_crash"
    }

    fn what(&self) -> &'static str {
        "the writer is killed (SIGKILL) while 8 callers (a pool by default) set dialogues without a pause, by one process under \
         natriumd in the bot's place: from the kill to the durable acknowledgement that each of them then waits for, through \
         the pool's own reconnecting. Each kill is the first one of a fresh service on a store from before"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ours(Unit::Seconds), bound: Bound::AtMost, limit: 0.05, aim: None }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let home = LoadedHome::new(bench)?;
        let callers = PoolLimits::default().connections;
        let (mut busy, mut first, mut calm) = (Vec::new(), Vec::new(), Vec::new());
        let mut key = FIRST;
        // The first turn warms up.
        for turn in 0..=KILLS {
            bench.go_on()?;
            let waits = kill(bench, &home, callers, &mut key)?;
            let alone = kill(bench, &home, 0, &mut key)?;
            if turn > 0 {
                first.push(Summary::of(&waits).context("nobody waited")?.min);
                busy.extend(waits);
                calm.extend(alone);
            }
        }
        let mut figures = Figures::alone(Figure::p99_of("natrium-writer", Unit::Seconds, "caller", &busy)?);
        figures.also.push(Figure::p99_of("the first of the 8 callers", Unit::Seconds, "kill", &first)?);
        figures.also.push(Figure::p99_of("a call made right after the kill", Unit::Seconds, "kill", &calm)?);
        figures.notes.push(format!(
            "{KILLS} kills of either kind; after each, the last {READ_BACK} acknowledged writes were read back"
        ));
        Ok(figures)
    }
}

/// One kill of the writer of a fresh service. Answers how long each caller waited, in seconds.
fn kill(bench: &Bench, home: &LoadedHome, callers: usize, key: &mut i64) -> Result<Vec<f64>> {
    let mut loaded = home.start(bench)?;
    let writer = loaded.writer()?.context("there is no writer")?;
    let Done::Outlived { waits, acknowledged } = loaded.ask(&Order::Outlive { writer, callers, first: *key })? else {
        anyhow::bail!("answered otherwise")
    };
    anyhow::ensure!(loaded.writer()? != Some(writer), "the writer was not killed");
    let first = *key;
    *key += acknowledged;
    loaded.must_have(((*key - READ_BACK).max(first)..*key).collect())?;
    loaded.stop()?;
    Ok(waits)
}
