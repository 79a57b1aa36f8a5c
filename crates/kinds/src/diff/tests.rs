#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::Language;

mod chat;
mod three_way;
mod unified;

/// Texts in which lines are alike often, and the last one may lack its line feed.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a\n", "b\n", "c\n", "d\r\n", "\n", "e"]), 0..24).prop_map(
        |lines| {
            let last = lines.len().saturating_sub(1);
            let whole = |(place, line): (usize, &&str)| {
                if place < last { format!("{}\n", line.trim_end_matches('\n')) } else { (*line).to_owned() }
            };
            lines.iter().enumerate().map(whole).collect()
        },
    )
}

/// A text and two that were made of it by a few changes each.
fn family() -> impl Strategy<Value = (String, String, String)> {
    let changes = || prop::collection::vec((any::<prop::sample::Index>(), 0_u8..3), 0..4);
    (text(), changes(), changes())
        .prop_map(|(base, theirs, mine)| (base.clone(), changed(&base, &theirs, 't'), changed(&base, &mine, 'm')))
}

fn changed(base: &str, changes: &[(prop::sample::Index, u8)], name: char) -> String {
    let mut lines: Vec<String> = base.split_inclusive('\n').map(str::to_owned).collect();
    for (place, what) in changes {
        let place = place.index(lines.len() + 1);
        match what {
            0 => lines.insert(place, format!("{name}{place}\n")),
            1 if place < lines.len() => drop(lines.remove(place)),
            _ if place < lines.len() => lines[place] = "same\n".to_owned(),
            _ => {}
        }
    }
    let last = lines.len().saturating_sub(1);
    // Only the last line may lack its line feed.
    lines.iter_mut().take(last).filter(|line| !line.ends_with('\n')).for_each(|line| line.push('\n'));
    lines.concat()
}

/// Megabytes of short lines: alike again and again; each second one changed; the same over and over, but moved.
fn hostile() -> [[String; 3]; 3] {
    let alike = |seed: u64| {
        let mut state = seed;
        let mut line = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ["a\n", "b\n", "c\n", "d\n", "\n"][usize::try_from(state >> 33).unwrap_or(0) % 5]
        };
        (0..520_000).map(|_| line()).collect::<String>()
    };
    let moved = |by: usize| "a\n\n\n".repeat(by) + &"\n".repeat(1_000_000 - 4 * by);
    [
        [1, 2, 3].map(alike),
        ["a\nb\n", "x\nb\n", "a\ny\n"].map(|pair| pair.repeat(260_000)),
        [0, 200_000, 100_000].map(moved),
    ]
}

#[test]
fn lines_are_counted() {
    assert_eq!(stat("a\nb\nc\n", "a\nB\nc\nd\n"), Stat { added: 2, removed: 1 });
    assert_eq!(stat("a\n", "a"), Stat { added: 1, removed: 1 });
    assert_eq!(stat("same", "same"), Stat::default());
    assert_eq!(stat("", "a\nb"), Stat { added: 2, removed: 0 });
}

#[test]
fn a_megabyte_of_short_lines_keeps_nobody_waiting_and_is_told_truly() {
    let labels = Labels { theirs: "them", mine: "me", language: Language::English };
    for [base, theirs, mine] in hostile() {
        let begun = Instant::now();
        let text = super::unified(&base, &theirs, "a", "b");
        let three = super::three_way(&base, &theirs, &mine);
        let shown = render(&three, &labels, 4096);
        let whole = render(&three, &labels, usize::MAX);
        // A search to the end would take hours.
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        assert!((1..=4096).contains(&shown.encode_utf16().count()));
        assert_eq!(whole.lines().filter(|line| line.contains(" — ")).count(), three.hunks.len());
        assert_eq!(unified::patched(&base, &text), theirs);
        assert_eq!(three_way::with_side(&base, &three, |hunk| &hunk.theirs), theirs);
        assert_eq!(three_way::with_side(&base, &three, |hunk| &hunk.mine), mine);
    }
}
