//! How long to wait before the next start of a worker that ended by itself. A pure function of the record of its deaths:
//! it keeps nothing of its own, so nothing can be forgotten or reset behind its back.
//!
//! The first restart is immediate. Each further one waits twice as long, up to [`LONGEST`]; a process that died before it
//! was ever ready counts double, since what broke it will most likely break its successor. Only [`STEADY`] of readiness
//! wins the immediate restart back.

use std::time::Duration;

use crate::deaths::{Death, Deaths};

/// The first pause that is one.
pub(crate) const SHORTEST: Duration = Duration::from_millis(250);
/// No pause is longer, jitter included.
pub(crate) const LONGEST: Duration = Duration::from_secs(30);
/// A process that was ready for this long clears what was before it.
pub(crate) const STEADY: Duration = Duration::from_secs(60);

/// The pause before the successor of the last death in `deaths`. `seed` spreads the pauses of different workers and hosts,
/// so that what broke together does not come back together.
pub(crate) fn pause(deaths: &Deaths, seed: u64) -> Duration {
    let mut strikes = 0_u32;
    let mut pause = Duration::ZERO;
    for death in deaths.iter().filter(|death| !death.asked) {
        if death.ready_for.is_some_and(|ready_for| ready_for >= STEADY) {
            strikes = 0;
        }
        pause = if strikes == 0 { Duration::ZERO } else { jittered(doubled(strikes), seed) };
        strikes = strikes.saturating_add(weight(death));
    }
    pause
}

fn weight(death: &Death) -> u32 {
    if death.ready_for.is_some() { 1 } else { 2 }
}

fn doubled(strikes: u32) -> Duration {
    SHORTEST.saturating_mul(1_u32.checked_shl(strikes - 1).unwrap_or(u32::MAX)).min(LONGEST)
}

/// Up to a quarter longer, which is less than the next doubling; at the ceiling up to a quarter shorter. The same seed gives
/// the same part of a quarter each time: drawing anew could make a pause at the ceiling shorter than the one before.
fn jittered(pause: Duration, seed: u64) -> Duration {
    let quarter = pause / 4;
    let part = u32::try_from(scrambled(seed) >> 32).unwrap_or(u32::MAX);
    let jitter = quarter.mul_f64(f64::from(part) / f64::from(u32::MAX));
    if pause + quarter > LONGEST { LONGEST - jitter } else { pause + jitter }
}

/// The finalizer of SplitMix64: neighbouring seeds give unrelated numbers.
fn scrambled(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::deaths::End;
    use crate::timing::Moment;

    fn death(generation: u64, ready_for: Option<Duration>) -> Death {
        Death {
            at: Moment::default(),
            pid: 1,
            generation,
            uptime: Duration::ZERO,
            ready_for,
            end: End::Signal(9),
            hung: false,
            asked: false,
            status: String::new(),
            log: String::new(),
        }
    }

    fn pauses(seed: u64, lives: impl IntoIterator<Item = Option<Duration>>) -> Vec<Duration> {
        let mut deaths = Deaths::default();
        lives
            .into_iter()
            .zip(1..)
            .map(|(ready_for, generation)| {
                deaths.record(death(generation, ready_for));
                pause(&deaths, seed)
            })
            .collect()
    }

    #[test]
    fn the_first_restart_is_immediate_and_the_second_is_not() {
        let pauses = pauses(1, [Some(Duration::from_secs(1)); 4]);
        assert_eq!(pauses[0], Duration::ZERO);
        assert!(pauses[1] >= SHORTEST && pauses[1] <= SHORTEST * 5 / 4, "{:?}", pauses[1]);
        assert!(pauses[2] >= SHORTEST * 2 && pauses[2] <= SHORTEST * 5 / 2, "{:?}", pauses[2]);
    }

    #[test]
    fn death_before_readiness_counts_double() {
        let structural = pauses(1, [None; 3]);
        assert_eq!(structural[0], Duration::ZERO);
        assert!(structural[1] >= SHORTEST * 2, "{structural:?}");
        assert!(structural[2] >= SHORTEST * 8, "{structural:?}");
    }

    #[test]
    fn a_stop_that_was_asked_for_is_no_strike() {
        let mut deaths = Deaths::default();
        for generation in 1..=5 {
            deaths.record(Death { asked: true, ..death(generation, None) });
        }
        deaths.record(death(6, None));
        assert_eq!(pause(&deaths, 1), Duration::ZERO);
        deaths.record(death(7, None));
        let throttled = pause(&deaths, 1);
        for generation in 8..=40 {
            deaths.record(Death { asked: true, ..death(generation, None) });
        }
        assert_eq!(pause(&deaths, 1), throttled, "an operator's restarts do not push the crashes out of the record");
    }

    #[test]
    fn only_a_minute_of_readiness_resets() {
        let nearly = STEADY - Duration::from_millis(1);
        assert!(pauses(1, [None, None, Some(nearly)])[2] > Duration::ZERO);
        assert_eq!(pauses(1, [None, None, Some(STEADY)])[2], Duration::ZERO);
    }

    #[test]
    fn workers_that_fall_together_do_not_rise_together() {
        assert_ne!(pauses(1, [None; 6]), pauses(2, [None; 6]));
    }

    proptest! {
        #[test]
        fn it_never_shrinks_before_a_minute_of_readiness_and_never_exceeds_the_ceiling(
            seed: u64,
            lives in proptest::collection::vec(proptest::option::of(0_u64..70_000), 1..120),
        ) {
            let lives: Vec<_> = lives.into_iter().map(|life| life.map(Duration::from_millis)).collect();
            let pauses = pauses(seed, lives.clone());
            for (place, pause) in pauses.iter().enumerate() {
                prop_assert!(*pause <= LONGEST);
                let reset = lives[place].is_some_and(|ready_for| ready_for >= STEADY);
                prop_assert_eq!(pause.is_zero(), reset || place == 0);
                if !pause.is_zero() {
                    prop_assert!(*pause >= pauses[place - 1], "{:?} after {:?}", pause, pauses[place - 1]);
                    prop_assert!(*pause >= SHORTEST);
                }
            }
        }
    }
}
