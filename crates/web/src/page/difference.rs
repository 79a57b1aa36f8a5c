//! A difference as rows of a table, with the numbers of the lines on both sides. Pure, and it takes a while: not for the
//! runtime's thread.

use kinds::diff;

/// Rows that are shown at most.
const ROWS: usize = 2000;
/// Bytes of text that are shown at most.
const BYTES: usize = 200 * 1024;

/// What differs between two texts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Difference {
    /// The lines, in order.
    pub(crate) rows: Vec<Row>,
    /// There are more.
    pub(crate) cut: bool,
}

/// A line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Row {
    /// What it is, as the style sheet calls it: `hunk`, `same`, `old`, `new` or `note`.
    pub(crate) class: &'static str,
    /// Its number in the old text, where it is in it.
    pub(crate) old: Option<u64>,
    /// The same in the new one.
    pub(crate) new: Option<u64>,
    /// What stands in it, after its mark.
    pub(crate) text: String,
}

/// Finds it.
pub(crate) fn between(old: &str, new: &str) -> Difference {
    read(&diff::harmless(&diff::unified(old, new, "old", "new")))
}

/// Reads what `diff -u` writes.
fn read(unified: &str) -> Difference {
    let mut difference = Difference::default();
    let (mut old, mut new, mut bytes) = (0, 0, 0);
    // The labels say nothing here.
    for line in unified.lines().skip(2) {
        bytes += line.len();
        if difference.rows.len() == ROWS || bytes > BYTES {
            difference.cut = true;
            return difference;
        }
        let mut chars = line.chars();
        let row = match chars.next() {
            Some('@') => {
                (old, new) = starts(line);
                Row { class: "hunk", old: None, new: None, text: line.to_owned() }
            }
            Some('-') => Row { class: "old", old: Some(counted(&mut old)), new: None, text: chars.collect() },
            Some('+') => Row { class: "new", old: None, new: Some(counted(&mut new)), text: chars.collect() },
            Some('\\') => Row { class: "note", old: None, new: None, text: line.to_owned() },
            _ => {
                let text = chars.collect();
                Row { class: "same", old: Some(counted(&mut old)), new: Some(counted(&mut new)), text }
            }
        };
        difference.rows.push(row);
    }
    difference
}

/// This number, and the next one is one more.
fn counted(number: &mut u64) -> u64 {
    *number += 1;
    *number - 1
}

/// The first lines of a hunk, as `@@ -3,7 +3,8 @@` says.
fn starts(hunk: &str) -> (u64, u64) {
    let of = |mark: char| {
        let place = hunk.split(' ').find_map(|word| word.strip_prefix(mark))?;
        place.split(',').next()?.parse().ok()
    };
    (of('-').unwrap_or(0), of('+').unwrap_or(0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use proptest::prelude::*;

    use super::*;

    fn rows(old: &str, new: &str) -> Vec<(&'static str, Option<u64>, Option<u64>, String)> {
        between(old, new).rows.into_iter().map(|row| (row.class, row.old, row.new, row.text)).collect()
    }

    #[test]
    fn lines_have_the_numbers_that_they_have_on_their_side() {
        let rows = rows("a\nb\nc\nd\n--- e\n", "a\nb\nC\n@@\nd\n+++ f");
        assert_eq!(
            rows,
            [
                ("hunk", None, None, "@@ -1,5 +1,6 @@".to_owned()),
                ("same", Some(1), Some(1), "a".to_owned()),
                ("same", Some(2), Some(2), "b".to_owned()),
                ("old", Some(3), None, "c".to_owned()),
                ("new", None, Some(3), "C".to_owned()),
                ("new", None, Some(4), "@@".to_owned()),
                ("same", Some(4), Some(5), "d".to_owned()),
                ("old", Some(5), None, "--- e".to_owned()),
                ("new", None, Some(6), "+++ f".to_owned()),
                ("note", None, None, "\\ No newline at end of file".to_owned()),
            ]
        );
        assert_eq!(between("same\n", "same\n"), Difference::default());
    }

    #[test]
    fn what_would_mislead_the_reader_is_made_visible() {
        assert_eq!(rows("a\r\n", "a\n")[1].3, "a␍");
        assert_eq!(rows("", "a: \u{202e}1\n")[1].3, "a: <U+202E>1");
    }

    #[test]
    fn a_huge_one_is_cut_and_says_so() {
        let many = between("", &"x\n".repeat(5000));
        assert_eq!((many.rows.len(), many.cut), (ROWS, true));
        let long = between("", &format!("{}\n{}\n", "x".repeat(BYTES / 2), "y".repeat(BYTES)));
        assert_eq!((long.rows.len(), long.cut), (2, true));
        assert!(!between("", &"x\n".repeat(ROWS - 1)).cut);
    }

    proptest! {
        #[test]
        fn the_lines_of_both_sides_are_the_ones_that_are_numbered(old in "([ab@+-]{0,3}\n){0,12}", new in "([ab@+-]{0,3}\n){0,12}") {
            let (olds, news): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
            for row in between(&old, &new).rows {
                for (lines, number) in [(&olds, row.old), (&news, row.new)] {
                    if let Some(number) = number {
                        prop_assert_eq!(lines[usize::try_from(number).unwrap() - 1], &row.text);
                    }
                }
            }
        }
    }
}
