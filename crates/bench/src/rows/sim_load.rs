//! How much talk the simulator takes on one processor, and what it keeps in memory meanwhile.

use std::{net::SocketAddr, thread};

use anyhow::{Context as _, Result, ensure};
use harness::crowd::{Crowd, Heard, Talk};

use crate::{
    bench::Bench,
    process::{Pss, Used},
    roles,
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::{Unit, digits},
    service::TOKEN,
    simulator::Simulator,
};

const PEOPLE: usize = 10_000;
/// Messages a second, for [`SECONDS`].
const RATE: f64 = 2_000.0;
const SECONDS: usize = 30;
/// Messages that are then said as fast as they are taken.
const AT_ONCE: usize = 60_000;

/// The row.
pub(crate) struct SimLoad;

impl Row for SimLoad {
    fn name(&self) -> &'static str {
        "sim_load"
    }

    fn what(&self) -> &'static str {
        "updates a second that natrium-sim, alone on one processor, takes from 10,000 people and delivers to a bot that long-polls and \
         answers every fourth, all of it as fast as it can; before that 30 s at 2,000 a second, whose waits (from before the message is \
         said until the bot has it), processor time and memory are told"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ours(Unit::PerSecond), bound: Bound::AtLeast, limit: 2_000.0, aim: Some(5_000.0) }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let simulator = Simulator::start(bench)?;
        let pid = simulator.pid();
        let (first, second) = roles::two_processors()?;
        roles::keep(pid, first)?;
        let address: SocketAddr = simulator.url().trim_start_matches("http://").parse().context("the address")?;
        let crowd = Crowd { address, token: TOKEN.to_owned(), people: PEOPLE };
        // A thread of its own: the other rows are not to be kept on one processor.
        let load = thread::spawn(move || {
            roles::pin(second)?;
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(&crowd, pid))
        });
        let measured = load.join().map_err(|_| anyhow::anyhow!("the load panicked"))??;
        bench.go_on()?;
        measured.figures()
    }
}

/// What was measured.
struct Measured {
    paced: Heard,
    /// Seconds of processor time that the paced part took.
    busy: f64,
    at_once: Heard,
    /// With the people there, in the middle of the paced part, after it, and in the end.
    memory: [f64; 4],
}

async fn measure(crowd: &Crowd, pid: u32) -> Result<Measured> {
    crowd.gather().await?;
    let start = Pss::of(pid)?.all;
    let half = Talk { messages: SECONDS / 2 * RATE as usize, rate: Some(RATE) };
    let before = Used::by(pid)?.time;
    let mut paced = crowd.talk(half).await?;
    let middle = Pss::of(pid)?.all;
    let rest = crowd.talk(half).await?;
    let busy = (Used::by(pid)?.time - before).as_secs_f64();
    paced.add(rest);
    let end = Pss::of(pid)?.all;
    let at_once = crowd.talk(Talk { messages: AT_ONCE, rate: None }).await?;
    ensure!(paced.doubled + at_once.doubled == 0, "messages came twice");
    ensure!(paced.disordered + at_once.disordered == 0, "messages came before earlier ones of the same person");
    Ok(Measured { paced, busy, at_once, memory: [start, middle, end, Pss::of(pid)?.all] })
}

impl Measured {
    fn figures(self) -> Result<Figures> {
        let rate = |heard: &Heard| heard.waits.len() as f64 / heard.seconds;
        let ours = Figure::of("delivered", Unit::PerSecond, "run", &[rate(&self.at_once)])?;
        let mut figures = Figures::alone(ours);
        figures.also.push(Figure::of("delivered of 2,000 a second", Unit::PerSecond, "run", &[rate(&self.paced)])?);
        figures.also.push(Figure::of("wait at 2,000 a second", Unit::Seconds, "message", &self.paced.waits)?);
        figures.also.push(Figure::of("wait as fast as it can", Unit::Seconds, "message", &self.at_once.waits)?);
        figures.also.push(Figure::of(
            "processor time at 2,000 a second",
            Unit::Busy,
            "run",
            &[self.busy / self.paced.seconds],
        )?);
        let [start, middle, end, last] = self.memory.map(|bytes| Unit::Bytes.show(bytes));
        figures.notes.push(format!(
            "PSS: {start} with 10,000 people, {middle} after 15 s, {end} after 30 s, {last} after as fast as it can"
        ));
        let heard = [&self.paced, &self.at_once];
        let polls: Vec<String> =
            heard.iter().map(|heard| digits(heard.waits.len() as f64 / heard.polls as f64)).collect();
        let answered: usize = heard.iter().map(|heard| heard.answered).sum();
        figures
            .notes
            .push(format!("{} updates a poll, {answered} answers, nothing lost, nothing doubled", polls.join(" and ")));
        Ok(figures)
    }
}
