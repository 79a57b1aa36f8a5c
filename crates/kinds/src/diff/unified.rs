//! A difference as `diff -u` writes it: for files and programs, so every line is left as it is.

use std::fmt::Write as _;
use std::ops::Range;

use super::compare::{Change, changes, lines};

/// How many equal lines are shown around what differs.
const CONTEXT: usize = 3;

/// What differs, as `diff -u` writes it, and `patch` takes it; empty where nothing does. A missing line feed at the end is said
/// by `\ No newline at end of file`, also where it is the only difference.
#[must_use]
pub fn unified(old: &str, new: &str, old_label: &str, new_label: &str) -> String {
    let (old, new) = (lines(old), lines(new));
    let changes = changes(&old, &new);
    let mut text = String::new();
    for group in groups(&changes) {
        if text.is_empty() {
            header(&mut text, "---", old_label);
            header(&mut text, "+++", new_label);
        }
        hunk(&mut text, &old, &new, group);
    }
    text
}

fn header(text: &mut String, mark: &str, label: &str) {
    // A label is one line, whoever made it up.
    let label: String = label.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let _ = writeln!(text, "{mark} {label}");
}

/// Changes whose context would meet are shown together.
fn groups(changes: &[Change]) -> impl Iterator<Item = &[Change]> {
    changes.chunk_by(|a, b| b.old.start - a.old.end <= 2 * CONTEXT)
}

fn hunk(text: &mut String, old: &[&str], new: &[&str], group: &[Change]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
    let before = first.old.start.min(CONTEXT);
    let after = (old.len() - last.old.end).min(CONTEXT);
    let old_shown = first.old.start - before..last.old.end + after;
    let new_shown = first.new.start - before..last.new.end + after;
    let _ = writeln!(text, "@@ -{} +{} @@", place(&old_shown), place(&new_shown));
    let mut done = old_shown.start;
    for change in group {
        put(text, ' ', &old[done..change.old.start]);
        put(text, '-', &old[change.old.clone()]);
        put(text, '+', &new[change.new.clone()]);
        done = change.old.end;
    }
    put(text, ' ', &old[done..old_shown.end]);
}

/// Lines from 1. Of no lines the one before them is named; of one line its number is enough.
fn place(shown: &Range<usize>) -> String {
    match shown.len() {
        0 => format!("{},0", shown.start),
        1 => format!("{}", shown.start + 1),
        count => format!("{},{count}", shown.start + 1),
    }
}

fn put(text: &mut String, mark: char, lines: &[&str]) {
    for line in lines {
        text.push(mark);
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}
