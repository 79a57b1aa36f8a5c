//! How long the second of two simultaneous admins waits because of the first.

use anyhow::{Context as _, Result};
use interfaces::configs;
use varlink::{Pool, PoolLimits};

use crate::{
    bench::Bench,
    lock,
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::Unit,
    service::{Home, Service, fees, put},
};

const ROUNDS: usize = 10;
/// Pairs of uploads in a round.
const PAIRS: usize = 20;

/// The row.
pub(crate) struct SecondAdmin;

impl Row for SecondAdmin {
    fn name(&self) -> &'static str {
        "second_admin"
    }

    fn what(&self) -> &'static str {
        "how long the second of two admins who upload fees.yml at the same moment waits for the lock of the kind, both being \
         saved; beside how long the first one holds it; as the writer's own events say"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ratio, bound: Bound::AtMost, limit: 1.0, aim: None }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let home = Home::new(bench, "http://127.0.0.1:9")?;
        let service = Service::start(bench, &home)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let pairs = runtime.block_on(in_pairs(bench, &home))?;
        // Stopped first, so that the log is complete.
        service.stop()?;
        let log = home.log()?;
        let (waited, held) = (lock::acquired(&log), lock::released(&log));
        let mut rounds = (Vec::new(), Vec::new());
        for pairs in &pairs {
            let of = |seconds: &std::collections::HashMap<String, f64>, of: usize| -> Result<Vec<f64>> {
                pairs.iter().map(|pair| seconds.get(&pair[of]).copied().context("the log is not complete")).collect()
            };
            rounds.0.push(of(&waited, 1)?);
            rounds.1.push(of(&held, 0)?);
        }
        let ours = Figure::of_rounds("the second one's wait", Unit::Seconds, "pair", &rounds.0)?;
        let beside = Figure::of_rounds("the first one's locked section", Unit::Seconds, "pair", &rounds.1)?;
        let mut figures = Figures::in_turns((ours, &rounds.0), (beside, &rounds.1));
        let found: usize = pairs.iter().map(Vec::len).sum();
        figures.notes.push(format!("{found} of {} pairs came in their order and count", ROUNDS * PAIRS));
        Ok(figures)
    }
}

/// The requests of both, by round, where they came in their order.
async fn in_pairs(bench: &Bench, home: &Home) -> Result<Vec<Vec<[String; 2]>>> {
    let limits = PoolLimits::default();
    let client = || configs::Client::new(Pool::new(home.socket("writer"), limits), limits.deadline);
    let (first, second) = (client(), client());
    let (mut rounds, mut base) = (Vec::new(), 0);
    // The first round warms up.
    for round in 0..=ROUNDS {
        bench.go_on()?;
        let mut pairs = Vec::new();
        for pair in 0..PAIRS {
            let requests = ["first", "second"].map(|who| format!("bench-{round}-{pair}-{who}"));
            let number = usize::try_from(base)?;
            // The second one's is meant to go on top of the first one's.
            let calls =
                [0, 1].map(|of| put("fees", base + i64::from(of == 1), fees(number + of), requests[of].clone()));
            let told = tokio::join!(first.put(&calls[0]), second.put(&calls[1]));
            let saved = told.0.context("uploading")?;
            anyhow::ensure!(saved.published, "not published: {saved:?}");
            if told.1.is_ok() {
                pairs.push(requests);
            } else {
                // It overtook the first one, and was refused.
                second.put(&calls[1]).await.context("uploading again")?;
            }
            base += 2;
        }
        if round > 0 {
            rounds.push(pairs);
        }
    }
    Ok(rounds)
}
