//! How long an upload keeps others of its kind waiting, beside the least that replacing a file can cost.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use interfaces::configs::{self, Author, Origin};
use nix::unistd::geteuid;
use varlink::{Pool, PoolLimits};

use crate::{
    bench::Bench,
    peers::replace::replace,
    row::{Bound, Figure, Figures, Must, Of, Row},
    sample::Unit,
    service::{Home, Service, fees},
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
        Must { of: Of::Ratio, bound: Bound::AtMost, limit: 2.0, aim: None }
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let simulator = Simulator::start(bench)?;
        let home = Home::new(bench, simulator.url())?;
        let service = Service::start(bench, &home)?;
        let taken =
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(take_turns(bench, &home))?;
        // Stopped first, so that the log is complete.
        service.stop()?;
        let held = held(&home.log()?);
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
            let put = configs::Put {
                kind: "fees".to_owned(),
                content: content.clone(),
                base,
                over: None,
                author: Author { origin: Origin::Operator, id: geteuid().as_raw().into(), name: "bench".to_owned() },
                request_id: request(round, upload),
                settles: None,
            };
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

/// How many seconds each request held the lock, by request id.
fn held(log: &str) -> HashMap<String, f64> {
    log.lines()
        .filter(|line| line.contains("config_upload_lock_released"))
        .filter_map(|line| {
            let milliseconds: f64 = value(line, "duration_ms")?.parse().ok()?;
            // The request stands with the call that the line belongs to.
            let (_, request) = line.split_once("natrium_request=\"")?;
            Some((request.split('"').next()?.to_owned(), milliseconds / 1e3))
        })
        .collect()
}

/// The value of `name=value` in a log line, without its quotes. Values here hold no spaces.
fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let pair = |word: &'a str| word.split_once('=').filter(|(key, _)| *key == name);
    line.split(' ').find_map(pair).map(|(_, value)| value.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_how_long_the_lock_was_held() {
        let log = "\
2026-01-01T00:00:00Z  INFO call{natrium_request=\"bench-1-2\"}: config_upload_lock_acquired config_type=\"fees\" user_id=0 duration_ms=0.001
2026-01-01T00:00:00Z  INFO call{natrium_request=\"bench-1-2\"}: config_upload_lock_released config_type=\"fees\" user_id=0 duration_ms=0.412
2026-01-01T00:00:00Z  INFO something else";
        let held = held(log);
        assert_eq!(held.len(), 1);
        assert_eq!(held.get("bench-1-2"), Some(&0.000_412));
    }
}
