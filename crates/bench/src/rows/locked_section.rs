//! How long an upload keeps others of its kind waiting, beside the least that replacing a file can cost.

use anyhow::{Context as _, Result};
use interfaces::configs;
use varlink::{Pool, PoolLimits};

use crate::{
    bench::Bench,
    lock,
    peers::replace::replace,
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::Unit,
    service::{Home, Service, fees, put},
    simulator::Simulator,
};

const ROUNDS: usize = 10;
/// Uploads in a round.
const UPLOADS: usize = 20;

/// The row.
pub(crate) struct LockedSection;

impl Row for LockedSection {
    fn name(&self) -> &'static str {
        "locked_section"
    }

    fn what(&self) -> &'static str {
        "how long an upload of fees.yml holds the lock of its kind (commit, backup, replace), as the writer's own \
         config_upload_lock_released events say; beside write, fsync, rename and fsync of the directory with the same bytes in \
         the same directory, in turns"
    }

    fn must(&self) -> Must {
        Must { of: Of::Ratio, bound: Bound::AtMost, limit: 1.5, aim: None }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let simulator = Simulator::start(bench)?;
        let home = Home::new(bench, simulator.url())?;
        let service = Service::start(bench, &home)?;
        let taken =
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(take_turns(bench, &home))?;
        // Stopped first, so that the log is complete.
        service.stop()?;
        let held = lock::released(&home.log()?);
        let ours: Vec<Vec<f64>> = (1..=ROUNDS)
            .map(|round| (0..UPLOADS).filter_map(|upload| held.get(&request(round, upload)).copied()).collect())
            .collect();
        let found: usize = ours.iter().map(Vec::len).sum();
        anyhow::ensure!(found == ROUNDS * UPLOADS, "the log tells of {found} uploads instead of {}", ROUNDS * UPLOADS);

        let figure = Figure::of_rounds("locked section", Unit::Seconds, "upload", &ours)?;
        let beside = Figure::of_rounds("bare replace", Unit::Seconds, "replace", &taken.bare)?;
        let mut figures = Figures::in_turns((figure, &ours), (beside, &taken.bare));
        figures.also.push(Figure::of_rounds("the whole Configs.Put call", Unit::Seconds, "upload", &taken.calls)?);
        figures.notes.push(format!("{} bytes; a round of {UPLOADS} that does not count came first", fees(0).len()));
        Ok(figures)
    }
}

/// Seconds, by round.
#[derive(Default)]
struct Taken {
    calls: Vec<Vec<f64>>,
    bare: Vec<Vec<f64>>,
}

async fn take_turns(bench: &Bench, home: &Home) -> Result<Taken> {
    let limits = PoolLimits::default();
    let configs = configs::Client::new(Pool::new(home.socket("writer"), limits), limits.deadline);
    let mut taken = Taken::default();
    let mut base = 0;
    // The first round warms up.
    for round in 0..=ROUNDS {
        bench.go_on()?;
        let (mut calls, mut bare) = (Vec::new(), Vec::new());
        for upload in 0..UPLOADS {
            let content = fees(round * UPLOADS + upload);
            let put = put("fees", base, content.clone(), request(round, upload));
            let start = std::time::Instant::now();
            let reply = configs.put(&put).await.context("uploading")?;
            calls.push(start.elapsed().as_secs_f64());
            anyhow::ensure!(reply.published && !reply.unchanged, "not saved and published: {reply:?}");
            base = reply.version.version;
            bare.push(replace(&home.published(), "peer.yml", content.as_bytes())?.as_secs_f64());
        }
        if round > 0 {
            taken.calls.push(calls);
            taken.bare.push(bare);
        }
    }
    Ok(taken)
}

fn request(round: usize, upload: usize) -> String {
    format!("bench-{round}-{upload}")
}
