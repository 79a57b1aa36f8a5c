//! How long a worker that has died is missed: killed while it was steady, and ended by itself before it was ever ready.

use std::{thread, time::Duration};

use anyhow::{Context as _, Result};

use crate::{
    bench::Bench,
    peers::supervisors::{Supervised, Supervisor},
    row::{Beside, Bound, Figure, Figures, Must, Of, Row},
    sample::Unit,
    service::{Home, Service},
    victim::Victim,
};

/// Both limits, in seconds.
const MUST: Must = Must { of: Of::Ours(Unit::Seconds), bound: Bound::AtMost, limit: 3e-3, aim: Some(2e-3) };
/// The peers, the one in the table first.
const PEERS: [Supervisor; 3] = [Supervisor::Runit, Supervisor::S6, Supervisor::Bare];

const ROUNDS: usize = 40;
/// Kills under natriumd in a round, each the first one of a fresh service.
const KILLS: usize = 5;
/// What a restart leaves to be done (its log line, the status) is over by then.
const CALM: Duration = Duration::from_millis(20);

/// The row about a steady worker.
pub(crate) struct Restart;

impl Row for Restart {
    fn name(&self) -> &'static str {
        "restart"
    }

    fn what(&self) -> &'static str {
        "a trivial worker that has been ready for more than a second is killed (SIGKILL): from just before kill(2) to the first \
         thing that its successor does in main. Under natriumd in the bot's place, each kill the first one of a fresh service; \
         beside the very same program under runsv, and under s6-supervise with a notification descriptor, in turns"
    }

    fn must(&self) -> Must {
        MUST
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let mut homes = (0..KILLS).map(|_| Home::with_victim(bench)).collect::<Result<Vec<_>>>()?;
        let mut taken = Taken::default();
        let mut peers =
            installed().map(|peer| Supervised::start(bench, peer, 0)).collect::<Result<Vec<Supervised>>>()?;
        for peer in &mut peers {
            peer.victim.settle(bench)?;
        }
        // The first round warms up.
        for round in 0..=ROUNDS {
            taken.begin(round == 1);
            let services = start_all(bench, &mut homes)?;
            let steady = homes.iter().map(|(_, victim)| victim).chain(peers.iter().map(|peer| &peer.victim));
            steady.clone().try_for_each(|victim| victim.grow_steady(bench))?;
            for turn in 0..KILLS.max(peers.len()) {
                if let Some((_, victim)) = homes.get_mut(turn) {
                    taken.ours(victim.kill(bench)?);
                    thread::sleep(CALM);
                }
                if let Some(peer) = peers.get_mut(turn) {
                    taken.of(peer.by, peer.victim.kill(bench)?);
                    thread::sleep(CALM);
                }
            }
            services.into_iter().try_for_each(Service::stop)?;
        }
        peers.into_iter().try_for_each(Supervised::stop)?;
        let mut figures = taken.figures("kill")?;
        figures.notes.push(format!(
            "{ROUNDS} rounds of {KILLS} kills under natriumd and one under each other, after a round that does not count"
        ));
        Ok(figures)
    }
}

/// Starts a service on each home; then each victim is ready.
fn start_all(bench: &Bench, homes: &mut [(Home, Victim)]) -> Result<Vec<Service>> {
    let start = |(home, victim): &mut (Home, Victim)| {
        let service = Service::start(bench, home)?;
        victim.settle(bench)?;
        Ok(service)
    };
    homes.iter_mut().map(start).collect()
}

const STARTS: usize = 10;
/// Starts under natriumd in a round, each of a fresh service.
const OWN_STARTS: usize = 20;
/// How often the pauses that follow the first restart are looked at, and how many of them.
const LOOKS: usize = 3;
const PAUSES: usize = 3;

/// The row about a worker that ends before it is ready.
pub(crate) struct RestartAtStart;

impl Row for RestartAtStart {
    fn name(&self) -> &'static str {
        "restart_at_start"
    }

    fn what(&self) -> &'static str {
        "a trivial worker ends by itself right after its first start, before it is ready: from just before its exit to the first \
         thing that its successor does in main. Under natriumd in the bot's place, a fresh service each time; beside the very \
         same program under runsv and s6-supervise, in turns"
    }

    fn must(&self) -> Must {
        MUST
    }

    fn run(&self, bench: &Bench) -> Result<Figures> {
        let (home, mut victim) = Home::with_victim(bench)?;
        let mut taken = Taken::default();
        // The first round warms up.
        for round in 0..=STARTS {
            taken.begin(round == 1);
            for _ in 0..OWN_STARTS {
                taken.ours(first(&crash(bench, &home, &mut victim, 1)?)?);
            }
            for peer in installed() {
                let mut peer = Supervised::start(bench, peer, 1)?;
                taken.of(peer.by, first(&peer.victim.pauses(bench, 1)?)?);
                peer.stop()?;
            }
        }
        let mut figures = taken.figures("start")?;
        figures.notes.push(format!(
            "{STARTS} rounds of {OWN_STARTS} starts under natriumd and one under each other, after a round that does not count"
        ));
        self.next_pauses(bench, &home, &mut victim, &mut figures)?;
        Ok(figures)
    }
}

impl RestartAtStart {
    /// What follows the first restart is to be a pause that grows.
    fn next_pauses(&self, bench: &Bench, home: &Home, victim: &mut Victim, figures: &mut Figures) -> Result<()> {
        let looks = (0..LOOKS).map(|_| crash(bench, home, victim, PAUSES)).collect::<Result<Vec<_>>>()?;
        let grows = |pauses: &Vec<f64>| pauses.windows(2).all(|pair| pair[1] > pair[0].max(0.1));
        anyhow::ensure!(
            looks.iter().all(grows),
            "a worker that keeps dying is restarted without a growing pause: {looks:?}"
        );
        for place in 1..PAUSES {
            let pauses: Vec<f64> = looks.iter().filter_map(|pauses| pauses.get(place).copied()).collect();
            let name = format!("natriumd, restart {} of a worker that goes on like that", place + 1);
            figures.also.push(Figure::of(name, Unit::Seconds, "service", &pauses)?);
        }
        Ok(())
    }
}

/// Starts the service with a worker whose first lives end early. Answers the pauses before their successors, in seconds.
fn crash(bench: &Bench, home: &Home, victim: &mut Victim, lives: usize) -> Result<Vec<f64>> {
    victim.crash(lives)?;
    let service = Service::start(bench, home)?;
    let pauses = victim.pauses(bench, lives)?;
    service.stop()?;
    Ok(pauses)
}

fn first(pauses: &[f64]) -> Result<f64> {
    pauses.first().copied().context("no pause was measured")
}

fn installed() -> impl Iterator<Item = Supervisor> {
    PEERS.into_iter().filter(|peer| peer.absent().is_none())
}

/// Seconds, by round.
#[derive(Debug, Default)]
struct Taken {
    ours: Vec<Vec<f64>>,
    peers: [Vec<Vec<f64>>; PEERS.len()],
}

impl Taken {
    /// Begins a round; those before do not count if this is the `first` one.
    fn begin(&mut self, first: bool) {
        if first {
            *self = Self::default();
        }
        self.ours.push(Vec::new());
        self.peers.iter_mut().for_each(|rounds| rounds.push(Vec::new()));
    }

    fn ours(&mut self, seconds: f64) {
        self.ours.last_mut().into_iter().for_each(|round| round.push(seconds));
    }

    fn of(&mut self, peer: Supervisor, seconds: f64) {
        let rounds = PEERS.iter().zip(&mut self.peers).find(|(known, _)| **known == peer).map(|(_, rounds)| rounds);
        rounds.and_then(|rounds| rounds.last_mut()).into_iter().for_each(|round| round.push(seconds));
    }

    fn figures(&self, sample: &'static str) -> Result<Figures> {
        let ours = Figure::of_rounds("natriumd", Unit::Seconds, sample, &self.ours)?;
        let (mut measured, mut absent) = (Vec::new(), Vec::new());
        for (peer, rounds) in PEERS.into_iter().zip(&self.peers) {
            match peer.absent() {
                Some(reason) => absent.push(reason),
                None => measured.push((peer, Figure::of_rounds(peer.name(), Unit::Seconds, sample, rounds)?, rounds)),
            }
        }
        let beside =
            measured.iter().position(|(peer, ..)| *peer != Supervisor::Bare).map(|place| measured.remove(place));
        let mut figures = match beside {
            Some((_, figure, rounds)) => Figures::in_turns((ours, &self.ours), (figure, rounds)),
            None => Figures::without_peer(ours, absent.join("; ")),
        };
        if matches!(figures.beside, Beside::Measured(_)) {
            figures.notes.extend(absent.into_iter().map(|reason| format!("skipped: {reason}")));
        }
        figures.also.extend(measured.into_iter().map(|(_, figure, _)| figure));
        Ok(figures)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn what_came_before_the_first_round_does_not_count() {
        let mut taken = Taken::default();
        for (round, seconds) in [9.0, 1.0, 3.0].into_iter().enumerate() {
            taken.begin(round == 1);
            taken.ours(seconds);
            taken.ours(seconds);
            taken.of(Supervisor::Bare, seconds / 2.0);
        }
        assert_eq!(taken.ours, [[1.0, 1.0], [3.0, 3.0]]);
        assert_eq!(taken.peers[2], [[0.5], [1.5]]);
        assert!(taken.peers[0].iter().all(Vec::is_empty));
    }
}
