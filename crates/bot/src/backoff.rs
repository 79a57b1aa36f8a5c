//! Pauses between attempts: exponential, with jitter, and reproducible from a seed.
//!
//! Pure: it counts attempts and does not know what is attempted, and it does not sleep.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// How pauses grow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Growth {
    /// The longest that the first pause may be.
    pub(crate) first: Duration,
    /// The longest that any pause may be.
    pub(crate) most: Duration,
}

/// Hands out pauses. The upper bound doubles with each, and each lies in the upper half below its bound, so that many
/// that failed together do not come back together.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    growth: Growth,
    attempt: u32,
    dice: Dice,
}

impl Backoff {
    pub(crate) fn new(growth: Growth, seed: u64) -> Self {
        Self { growth, attempt: 0, dice: Dice(seed) }
    }

    /// The pause before the next attempt.
    pub(crate) fn pause(&mut self) -> Duration {
        let bound = self.growth.first.saturating_mul(2_u32.saturating_pow(self.attempt)).min(self.growth.most);
        self.attempt = self.attempt.saturating_add(1);
        bound / 2 + (bound / 2).mul_f64(self.dice.fraction())
    }

    /// The attempt succeeded: the next pause is a first one again.
    pub(crate) fn reset(&mut self) {
        self.attempt = 0;
    }
}

/// A seed that differs from process to process.
pub(crate) fn fresh_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The `SplitMix64` generator (Steele, Lea, Flood 2014): far from secret, and enough to keep clients apart.
#[derive(Clone, Debug)]
struct Dice(u64);

impl Dice {
    /// A number from 0 (included) to 1 (excluded).
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        f64::from(u32::try_from(mixed >> 32).unwrap_or(0)) / 4_294_967_296.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GROWTH: Growth = Growth { first: Duration::from_secs(1), most: Duration::from_secs(30) };

    proptest! {
        #[test]
        fn each_pause_lies_in_the_upper_half_below_its_bound(seed: u64, attempts in 1_u32..40) {
            let mut backoff = Backoff::new(GROWTH, seed);
            for attempt in 0..attempts {
                let bound = Duration::from_secs(1_u64 << attempt.min(10)).min(GROWTH.most);
                let pause = backoff.pause();
                prop_assert!(pause >= bound / 2 && pause <= bound, "attempt {attempt}: {pause:?}");
            }
            backoff.reset();
            prop_assert!(backoff.pause() <= GROWTH.first);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_pauses_and_another_seed_others() {
        let pauses = |seed| {
            let mut backoff = Backoff::new(GROWTH, seed);
            std::array::from_fn::<_, 8, _>(|_| backoff.pause())
        };
        assert_eq!(pauses(7), pauses(7));
        assert_ne!(pauses(7), pauses(8));
    }
}
