//! What differs between texts, line by line: between two ([`unified`], [`stat`]), and between two and what both came from
//! ([`three_way`], [`merge`]), also as text for a chat ([`render`]).
//!
//! It is about any text: it must not know what a line means, nor who asks. A line includes its line feed; so a missing one at
//! the end of a file is a difference like any other, and what is put together of lines is what was there, byte for byte.
//!
//! Texts are strangers'. The search for a short difference is given up after [`PATIENCE`]: what is answered then is still a
//! true difference, only a longer one than need be.

mod chat;
mod compare;
mod three_way;
mod unified;

pub use chat::{Labels, harmless, render};
pub use compare::PATIENCE;
pub use three_way::{Hunk, Side, ThreeWay, merge, three_way};
pub use unified::unified;

/// How many lines differ.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Stat {
    /// Lines that only the new text has.
    pub added: usize,
    /// Lines that only the old text had.
    pub removed: usize,
}

/// Counts the lines that differ.
#[must_use]
pub fn stat(old: &str, new: &str) -> Stat {
    compare::changes(&compare::lines(old), &compare::lines(new)).iter().fold(Stat::default(), |stat, change| Stat {
        added: stat.added + change.new.len(),
        removed: stat.removed + change.old.len(),
    })
}

#[cfg(test)]
mod tests;
