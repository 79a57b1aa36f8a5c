//! Moments and choices that differ from run to run.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A number below `end`, whatever it was before. Nothing is below 0 or 1 but 0.
#[must_use]
pub fn any_below(end: usize) -> usize {
    let any = RandomState::new().build_hasher().finish() >> 32;
    usize::try_from(any).unwrap_or(0) % end.max(1)
}
