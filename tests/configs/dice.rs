//! Choices that a seed repeats. What the kernel makes of them in the meantime, nobody repeats.

/// A sequence of numbers: SplitMix64.
pub(crate) struct Dice(u64);

impl Dice {
    /// The sequence of this seed.
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % u64::try_from(end).unwrap()).unwrap()
    }

    /// One of these.
    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What `NATRIUM_SEED` says, or any. Printed, so that a failure tells it.
#[allow(clippy::print_stdout, reason = "it is called by tests alone")]
pub(crate) fn seed(of: &str) -> u64 {
    let any = || u64::try_from(harness::any_below(1 << 31)).unwrap();
    let seed = std::env::var("NATRIUM_SEED").map_or_else(|_| any(), |seed| seed.parse().unwrap());
    println!("{of}: NATRIUM_SEED={seed}");
    seed
}

/// A number that a variable of the environment may set.
pub(crate) fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).map_or(otherwise, |number| number.parse().unwrap())
}
