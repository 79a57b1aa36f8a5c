//! What it is worth that kinds do not wait for each other.

use std::{cell::Cell, collections::HashMap, rc::Rc, time::Duration, time::Instant};

use anyhow::{Context as _, Result};
use interfaces::{CallError, configs, configs::Error};
use tokio::{sync::Mutex, task::LocalSet};
use varlink::{Pool, PoolLimits};

use crate::{
    bench::Bench,
    row::{Bound, Figure, Figures, Must, Of, Row, medians},
    sample::{Summary, Unit, digits, paired_ratio},
    service::{Home, Service, fees, put},
};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const ADMINS: usize = 16;

/// The row.
pub(crate) struct Kinds;

/// How the admins share the kinds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Sharing {
    /// Each has one for himself.
    Different,
    /// All have the same one, and each insists on what was overtaken.
    Insisting,
    /// All have the same one, and each waits until the one before him is done.
    InTurns,
}

impl Row for Kinds {
    fn name(&self) -> &'static str {
        "kinds"
    }

    fn what(&self) -> &'static str {
        "versions saved and published a second by 16 admins at once, each of a kind of his own; beside 16 of the same kind, at \
         their better of two ways: all at once, putting again what was overtaken, or one after the other; in turns"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ratio, bound: Bound::AtLeast, limit: 1.5, aim: None }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let kinds: Vec<String> = (0..ADMINS).map(|number| format!("kind{number}")).collect();
        let home = Home::with_kinds(bench, "http://127.0.0.1:9", &kinds)?;
        let service = Service::start(bench, &home)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let measured = LocalSet::new().block_on(&runtime, in_turns(bench, &home))?;
        service.stop()?;
        figures(&measured)
    }
}

/// Versions a second by round, and how long each upload took.
type Measured = HashMap<Sharing, (Vec<Vec<f64>>, Vec<f64>)>;

fn figures(measured: &Measured) -> Result<Figures> {
    let of = |sharing| measured.get(&sharing).context("nothing was measured");
    let figure = |name, rates: &[Vec<f64>]| Figure::of_rounds(name, Unit::PerSecond, "round of 2 s", rates);
    let (ours, calls) = of(Sharing::Different)?;
    let (all_at_once, insisting) = of(Sharing::Insisting)?;
    let (one_by_one, waiting) = of(Sharing::InTurns)?;
    let names = ["the same kind, all at once", "the same kind, one after the other"];
    let sides = [figure(names[0], all_at_once)?, figure(names[1], one_by_one)?];
    let better = usize::from(sides[1].value > sides[0].value);
    let rates = [all_at_once, one_by_one];
    let [first, second] = sides;
    let (beside, other) = if better == 0 { (first, second) } else { (second, first) };
    let mut figures = Figures::in_turns((figure("different kinds", ours)?, ours), (beside, rates[better]));
    figures.also.push(other);
    if let Some(ratio) = paired_ratio(&medians(ours), &medians(rates[1 - better])) {
        figures.notes.push(format!("{}: {} \u{d7}", names[1 - better], digits(ratio)));
    }
    for (name, calls) in [("different kinds", calls), (names[0], insisting), (names[1], waiting)] {
        let Some(all) = Summary::of(calls) else { continue };
        let [p50, p99] = [all.p50, all.p99].map(|seconds| Unit::Seconds.show(seconds));
        figures.notes.push(format!("{name}: an upload takes {p50}, p99 {p99}, with all that it waits for"));
    }
    Ok(figures)
}

async fn in_turns(bench: &Bench, home: &Home) -> Result<Measured> {
    let mut work = Work { home, bases: HashMap::new(), next: Rc::default() };
    let mut measured = Measured::new();
    // The first round warms up.
    for round in 0..=ROUNDS {
        for sharing in [Sharing::Different, Sharing::Insisting, Sharing::InTurns] {
            bench.go_on()?;
            let (rate, calls) = work.round(sharing).await?;
            if round > 0 {
                let (rates, all) = measured.entry(sharing).or_default();
                rates.push(vec![rate]);
                all.extend(calls);
            }
        }
    }
    Ok(measured)
}

/// The admins, and what they know.
struct Work<'a> {
    home: &'a Home,
    /// The current version of each kind.
    bases: HashMap<String, Rc<Mutex<i64>>>,
    /// The number of the next edition.
    next: Rc<Cell<usize>>,
}

impl Work<'_> {
    /// Versions a second, and how long each upload took.
    async fn round(&mut self, sharing: Sharing) -> Result<(f64, Vec<f64>)> {
        let start = Instant::now();
        let admins: Vec<_> = (0..ADMINS)
            .map(|number| {
                let kind = if sharing == Sharing::Different { format!("kind{number}") } else { "kind0".to_owned() };
                let base = Rc::clone(self.bases.entry(kind.clone()).or_default());
                // Connections of his own, as another program has them.
                let limits = PoolLimits::default();
                let client = configs::Client::new(Pool::new(self.home.socket("writer"), limits), limits.deadline);
                let admin = Admin { client, kind, base, next: Rc::clone(&self.next) };
                tokio::task::spawn_local(admin.work(start, sharing == Sharing::InTurns))
            })
            .collect();
        let mut calls = Vec::new();
        for admin in admins {
            calls.extend(admin.await??);
        }
        Ok((calls.len() as f64 / start.elapsed().as_secs_f64(), calls))
    }
}

struct Admin {
    client: configs::Client,
    kind: String,
    base: Rc<Mutex<i64>>,
    next: Rc<Cell<usize>>,
}

impl Admin {
    /// Uploads until the time is over. Answers how long each took.
    async fn work(self, start: Instant, in_turns: bool) -> Result<Vec<f64>> {
        let mut calls = Vec::new();
        while start.elapsed() < ROUND {
            let begun = Instant::now();
            if in_turns {
                let mut base = self.base.lock().await;
                *base = self.upload(*base).await?;
            } else {
                let base = *self.base.lock().await;
                let version = self.upload(base).await?;
                let mut base = self.base.lock().await;
                *base = version.max(*base);
            }
            calls.push(begun.elapsed().as_secs_f64());
        }
        Ok(calls)
    }

    /// Saves one document; whoever is overtaken insists. Answers its version.
    async fn upload(&self, mut base: i64) -> Result<i64> {
        let number = self.next.replace(self.next.get() + 1);
        let content = fees(number);
        loop {
            let put = put(&self.kind, base, content.clone(), format!("bench-{number}"));
            match self.client.put(&put).await {
                Ok(reply) => {
                    anyhow::ensure!(reply.published && !reply.unchanged, "not saved and published: {reply:?}");
                    return Ok(reply.version.version);
                }
                Err(CallError::Reply(Error::Conflict { current, .. })) => base = current.version,
                Err(error) => return Err(error).context("uploading"),
            }
        }
    }
}
