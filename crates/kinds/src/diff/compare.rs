//! Which lines of two texts differ. The one place that searches; everything else is worked out from its answer.

use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffTag, capture_diff_slices_deadline};

/// How long a search may take. What differs in a config is found in microseconds; this is for who wants to keep us busy.
pub const PATIENCE: Duration = Duration::from_millis(100);

/// Lines `old` of the old text were replaced by lines `new` of the new one. One of both may be empty, its place then counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Change {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// The lines of a text, each with its line feed. Put together they are the text.
pub(super) fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// What differs, in order. There is at least one equal line between two changes.
pub(super) fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    changes_until(old, new, Instant::now() + PATIENCE)
}

fn changes_until(old: &[&str], new: &[&str], deadline: Instant) -> Vec<Change> {
    // Lines are compared as numbers: long ones cost nothing more, and nobody can choose them so that they collide.
    let mut numbers = HashMap::new();
    let old = numbered(old, &mut numbers);
    let new = numbered(new, &mut numbers);
    let mut changes: Vec<Change> = Vec::new();
    for op in capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(deadline)) {
        let (tag, old, new) = op.as_tag_tuple();
        if tag == DiffTag::Equal {
            continue;
        }
        match changes.last_mut() {
            Some(last) if last.old.end == old.start && last.new.end == new.start => {
                (last.old.end, last.new.end) = (old.end, new.end);
            }
            _ => changes.push(Change { old, new }),
        }
    }
    changes
}

fn numbered<'a>(lines: &[&'a str], numbers: &mut HashMap<&'a str, usize>) -> Vec<usize> {
    let number = |line: &&'a str| {
        let next = numbers.len();
        *numbers.entry(*line).or_insert(next)
    };
    lines.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_search_is_given_up_still_gets_a_true_difference() {
        let text = |seed: u64| -> String {
            let mut state = seed;
            let mut line = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                format!("{}\n", state >> 61)
            };
            (0..2000).map(|_| line()).collect()
        };
        let (old, new) = (text(1), text(2));
        let (old, new) = (lines(&old), lines(&new));
        let thorough = changes_until(&old, &new, Instant::now() + Duration::from_secs(60));
        let given_up = changes_until(&old, &new, Instant::now());
        assert_ne!(thorough, given_up);
        for changes in [thorough, given_up] {
            assert_eq!(applied(&old, &new, &changes), new);
        }
    }

    fn applied<'a>(old: &[&'a str], new: &[&'a str], changes: &[Change]) -> Vec<&'a str> {
        let mut result = Vec::new();
        let mut done = 0;
        for change in changes {
            result.extend_from_slice(&old[done..change.old.start]);
            result.extend_from_slice(&new[change.new.clone()]);
            done = change.old.end;
        }
        result.extend_from_slice(&old[done..]);
        result
    }
}
