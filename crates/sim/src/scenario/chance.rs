//! Choices that look random and come out the same for the same seed.

use crate::world::files::scramble;

#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        scramble(self.0 ^ scramble(self.0.rotate_left(32)))
    }

    /// From `least` to `most`, both included.
    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        let next = self.next();
        match most.saturating_sub(least).checked_add(1) {
            Some(room) => least + next % room,
            None => next,
        }
    }

    /// An index, heavier ones more often; 0 if nothing weighs anything.
    pub(super) fn weighed(&mut self, weights: &[u32]) -> usize {
        let all: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut left = self.between(0, all.saturating_sub(1));
        for (index, weight) in weights.iter().enumerate() {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return index,
            }
        }
        0
    }

    /// Another order of the same things.
    pub(super) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            let other = self.between(0, u64::try_from(last).unwrap_or(u64::MAX));
            things.swap(last, usize::try_from(other).unwrap_or(last));
        }
    }
}
