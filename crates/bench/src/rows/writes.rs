//! How many durable single-row writes a second the writer takes, beside PostgreSQL.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Result;
use varlink::PoolLimits;

use crate::{
    bench::Bench,
    loaded::{Loaded, LoadedHome},
    peers::postgres::{Installed, Postgres, Rate},
    roles::load::{Done, Order, request_id, state},
    row::{Bound, Figure, Figures, Must, Of, Row, medians},
    sample::{Unit, digits, median, paired_ratio},
};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
const CALLERS: usize = 64;
const CLIENTS: usize = 16;
/// The first key; the real ones are Telegram's update ids.
const FIRST: i64 = 700_000_001;
/// So many of the acknowledged writes are read back.
const READ_BACK: i64 = 1000;

const TABLE: &str = "CREATE TABLE dialogues (id bigserial PRIMARY KEY, state text NOT NULL, request_id text NOT NULL)";

/// The row.
pub(crate) struct Writes;

impl Row for Writes {
    fn name(&self) -> &'static str {
        "writes"
    }

    fn what(&self) -> &'static str {
        "durable single-row writes a second: Dialogues.Set with distinct keys and request ids by one process under natriumd in \
         the bot's place, 64 callers in flight; beside single-row INSERTs by pgbench with 16 clients over a Unix socket \
         (default settings: fsync and synchronous_commit on; prepared statements); same file system, in turns"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ratio, bound: Bound::AtLeast, limit: 1.5, aim: Some(2.0) }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let mut writer = Writer::start(bench)?;
        let postgres =
            Installed::find().map(|installed| Postgres::start(bench, installed, TABLE, &insert())).transpose()?;
        let [mut ours, mut few, mut beside, mut many] = std::array::from_fn(|_| Rounds::default());
        // The first round warms up.
        for round in 0..=ROUNDS {
            bench.go_on()?;
            ours.add(round, bench, || writer.write(CALLERS))?;
            if let Some(postgres) = &postgres {
                beside.add(round, bench, || Ok(postgres.run(CLIENTS, ROUND)?.into()))?;
            }
            few.add(round, bench, || writer.write(PoolLimits::default().connections))?;
            if let Some(postgres) = &postgres {
                many.add(round, bench, || Ok(postgres.run(CALLERS, ROUND)?.into()))?;
            }
        }
        let figure = ours.figure("natrium-writer")?;
        let mut figures = match &postgres {
            None => Figures::without_peer(figure, "PostgreSQL is not installed"),
            Some(postgres) => {
                let name = format!("{}, {CLIENTS} clients", postgres.name);
                Figures::in_turns((figure, &ours.rates), (beside.figure(&name)?, &beside.rates))
            }
        };
        let [p50, p99] = [&writer.p50, &writer.p99].map(|values| median(values).unwrap_or_default());
        let [p50, p99] = [p50, p99].map(|seconds| Unit::Seconds.show(seconds));
        figures.notes.push(format!("natrium-writer: a call takes {p50}, p99 {p99} (medians of the rounds)"));
        figures.notes.extend(ours.flushes("natrium-writer"));
        figures.also.push(few.figure("natrium-writer, over the 8 connections of a pool by default")?);
        if let Some(postgres) = postgres {
            figures.notes.extend(beside.flushes(&postgres.name));
            figures.also.push(many.figure(&format!("{}, {CALLERS} clients", postgres.name))?);
            if let Some(ratio) = paired_ratio(&medians(&ours.rates), &medians(&many.rates)) {
                figures.notes.push(format!("with {CALLERS} on both sides the ratio is {} ×", digits(ratio)));
            }
            postgres.stop()?;
        }
        figures.notes.push(writer.read_back_after_kill(bench)?);
        writer.stop()?;
        Ok(figures)
    }
}

/// A row of the same length as ours, and less to do: no request is remembered. pgbench would take a word behind a colon for a
/// variable, so there is none.
fn insert() -> String {
    let row = [state(FIRST).to_string(), request_id(FIRST)].map(|text| text.replace(':', "="));
    format!("INSERT INTO dialogues (state, request_id) VALUES ('{}');\n", row.join("', '"))
}

/// What a round came to.
struct Round {
    per_second: f64,
    commits: u64,
}

impl From<Rate> for Round {
    fn from(rate: Rate) -> Self {
        Self { per_second: rate.per_second, commits: rate.commits }
    }
}

/// Rates by round, and what they cost the disk.
#[derive(Debug, Default)]
struct Rounds {
    rates: Vec<Vec<f64>>,
    commits: u64,
    flushed: Option<u64>,
}

impl Rounds {
    /// Runs a round; the one numbered 0 does not count.
    fn add(&mut self, round: usize, bench: &Bench, run: impl FnOnce() -> Result<Round>) -> Result<()> {
        let before = bench.file_system.flushes();
        let Round { per_second, commits } = run()?;
        if round > 0 {
            let flushed = bench.file_system.flushes().zip(before).map(|(after, before)| after.saturating_sub(before));
            self.flushed = flushed.map(|flushed| flushed + self.flushed.unwrap_or_default());
            self.commits += commits;
            self.rates.push(vec![per_second]);
        }
        Ok(())
    }

    fn figure(&self, name: &str) -> Result<Figure> {
        Figure::of_rounds(name, Unit::PerSecond, "round of 3 s", &self.rates)
    }

    /// Whether the disk was told to keep things at all.
    fn flushes(&self, name: &str) -> Option<String> {
        let flushed = self.flushed?;
        let each = self.commits as f64 / flushed.max(1) as f64;
        Some(format!("{name}: {} writes, {flushed} flushes of the disk's cache: {each:.1} writes each", self.commits))
    }
}

/// The load on the writer, and what has been written so far.
struct Writer {
    loaded: Loaded,
    next: i64,
    p50: Vec<f64>,
    p99: Vec<f64>,
    _home: LoadedHome,
}

impl Writer {
    fn start(bench: &Bench) -> Result<Self> {
        let home = LoadedHome::new(bench)?;
        Ok(Self { loaded: home.start(bench)?, next: FIRST, p50: Vec::new(), p99: Vec::new(), _home: home })
    }

    /// One round.
    fn write(&mut self, connections: usize) -> Result<Round> {
        let order = Order::Write { callers: CALLERS, connections, seconds: ROUND.as_secs_f64(), first: self.next };
        let Done::Wrote { acknowledged, seconds, call } = self.loaded.ask(&order)? else {
            anyhow::bail!("answered otherwise")
        };
        self.next += acknowledged;
        if connections == CALLERS {
            self.p50.push(call.p50);
            self.p99.push(call.p99);
        }
        Ok(Round { per_second: acknowledged as f64 / seconds, commits: u64::try_from(acknowledged)? })
    }

    /// Kills the writer and reads acknowledged writes back from its successor, the last ones among them.
    fn read_back_after_kill(&mut self, bench: &Bench) -> Result<String> {
        let written = self.next - FIRST;
        let spread = (0..READ_BACK / 2).map(|part| FIRST + part * written / (READ_BACK / 2));
        let last = (1..=(READ_BACK / 2).min(written)).map(|back| self.next - back);
        let keys: BTreeSet<i64> = spread.chain(last).collect();
        let asked = keys.len();
        self.loaded.kill_writer(bench)?;
        self.loaded.must_have(keys.into_iter().collect())?;
        Ok(format!("after kill -9 of the writer, {asked} of {asked} sampled acknowledged writes were read back"))
    }

    fn stop(self) -> Result<()> {
        self.loaded.stop()
    }
}
