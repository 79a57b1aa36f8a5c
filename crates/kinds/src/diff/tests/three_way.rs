use std::ops::Range;

use super::*;

/// The base with all that one side has in place of the hunks.
pub(super) fn with_side(base: &str, three: &ThreeWay, side: impl Fn(&Hunk) -> &Vec<String>) -> String {
    let base: Vec<&str> = base.split_inclusive('\n').collect();
    let mut text = String::new();
    let mut done = 0;
    for hunk in &three.hunks {
        base[done..hunk.base_lines.start].iter().for_each(|line| text.push_str(line));
        side(hunk).iter().for_each(|line| text.push_str(line));
        done = hunk.base_lines.end;
    }
    base[done..].iter().for_each(|line| text.push_str(line));
    text
}

fn compared(base: &str, theirs: &str, mine: &str) -> Vec<(Side, Range<usize>)> {
    super::super::three_way(base, theirs, mine).hunks.into_iter().map(|hunk| (hunk.side, hunk.base_lines)).collect()
}

fn merged(base: &str, theirs: &str, mine: &str) -> Option<String> {
    merge(&super::super::three_way(base, theirs, mine))
}

const BASE: &str = "1\n2\n3\n4\n5\n";

#[test]
fn what_only_one_side_changed_is_his_and_what_both_changed_alike_is_both() {
    assert_eq!(compared(BASE, BASE, BASE), []);
    assert_eq!(compared(BASE, "1\n2!\n3\n4\n5\n", "1\n2\n3\n4?\n5\n"), [(Side::Theirs, 1..2), (Side::Mine, 3..4)]);
    assert_eq!(compared(BASE, "1\n2\n3\n4!\n5\n", "1\n2\n3\n4!\n5\n"), [(Side::Both, 3..4)]);
    assert_eq!(compared(BASE, "0\n1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\n6\n"), [(Side::Theirs, 0..0), (Side::Mine, 5..5)]);
    assert_eq!(compared(BASE, "", ""), [(Side::Both, 0..5)]);
}

#[test]
fn what_meets_or_touches_is_a_conflict() {
    assert_eq!(compared(BASE, "1\n2\n3!\n4\n5\n", "1\n2\n3?\n4\n5\n"), [(Side::Conflict, 2..3)]);
    assert_eq!(compared(BASE, "1\n2\n3!\n4\n5\n", "1\n2\n3\n4?\n5\n"), [(Side::Conflict, 2..4)]);
    assert_eq!(compared(BASE, "1\n2\n3\nx\n4\n5\n", "1\n2\n3\n5\n"), [(Side::Conflict, 3..4)]);
    assert_eq!(compared(BASE, "1\n2\n3\n4\n5\nx\n", "1\n2\n3\n4\n5\ny\n"), [(Side::Conflict, 5..5)]);
    // Each meets the next: 2–3 of theirs, 3–4 of mine, 4–5 of theirs.
    let three = super::super::three_way("1\n2\n3\n4\n5\n6\n7\n", "1\na\nb\n4\nc\n6\n7\n", "1\n2\nx\ny\nz\n6\n7\n");
    assert_eq!(three.hunks.len(), 1);
    let hunk = &three.hunks[0];
    assert_eq!((hunk.side, hunk.base_lines.clone()), (Side::Conflict, 1..5));
    assert_eq!(hunk.base.concat(), "2\n3\n4\n5\n");
    assert_eq!(hunk.theirs.concat(), "a\nb\n4\nc\n");
    assert_eq!(hunk.mine.concat(), "2\nx\ny\nz\n");
}

#[test]
fn what_does_not_conflict_is_merged() {
    assert_eq!(merged(BASE, "1\n2!\n3\n4\n5\n", "1\n2?\n3\n4?\n5\n"), None);
    assert_eq!(merged(BASE, "1!\n2\n3\n4\n5\n", "1\n2\n3\n4\n5").as_deref(), Some("1!\n2\n3\n4\n5"));
    assert_eq!(merged(BASE, "0\n1\n2\n4\n5\n", "1\n2\n4\n5\n6\n").as_deref(), Some("0\n1\n2\n4\n5\n6\n"));
    assert_eq!(merged("a", "a", "a").as_deref(), Some("a"));
    assert_eq!(merged("", "a\n", "b\n"), None);
}

proptest! {
    #[test]
    fn each_side_is_the_base_with_its_hunks((base, theirs, mine) in family()) {
        let three = super::super::three_way(&base, &theirs, &mine);
        prop_assert_eq!(with_side(&base, &three, |hunk| &hunk.base), base.clone());
        prop_assert_eq!(with_side(&base, &three, |hunk| &hunk.theirs), theirs);
        prop_assert_eq!(with_side(&base, &three, |hunk| &hunk.mine), mine);
        for hunk in &three.hunks {
            let (by_them, by_me) = (hunk.theirs != hunk.base, hunk.mine != hunk.base);
            let side = match (by_them, by_me, hunk.theirs == hunk.mine) {
                (true, false, _) => Side::Theirs,
                (false, true, _) => Side::Mine,
                (true, true, true) => Side::Both,
                (true, true, false) => Side::Conflict,
                (false, false, _) => return Err(TestCaseError::fail("a hunk in which nothing differs")),
            };
            prop_assert_eq!(hunk.side, side);
        }
        prop_assert!(three.hunks.windows(2).all(|pair| pair[0].base_lines.end < pair[1].base_lines.start));
    }

    #[test]
    fn the_sides_are_treated_alike((base, theirs, mine) in family()) {
        let one = super::super::three_way(&base, &theirs, &mine);
        let other = super::super::three_way(&base, &mine, &theirs);
        let swapped = other.hunks.iter().cloned().map(|hunk| Hunk {
            side: match hunk.side { Side::Theirs => Side::Mine, Side::Mine => Side::Theirs, same => same },
            theirs: hunk.mine,
            mine: hunk.theirs,
            ..hunk
        });
        prop_assert_eq!(&one.hunks, &swapped.collect::<Vec<_>>());
        prop_assert_eq!(merge(&one), merge(&other));
    }

    #[test]
    fn a_merge_has_what_both_did((base, theirs, mine) in family()) {
        let three = super::super::three_way(&base, &theirs, &mine);
        let expected = with_side(&base, &three, |hunk| if hunk.side == Side::Theirs { &hunk.theirs } else { &hunk.mine });
        prop_assert_eq!(merge(&three), (three.conflicts() == 0).then_some(expected));
        prop_assert_eq!(merged(&base, &theirs, &base), Some(theirs.clone()));
        prop_assert_eq!(merged(&base, &base, &mine), Some(mine));
        prop_assert_eq!(merged(&base, &theirs, &theirs), Some(theirs));
    }

    #[test]
    fn unrelated_texts_are_compared_as_truly(base in text(), theirs in text(), mine in text()) {
        let three = super::super::three_way(&base, &theirs, &mine);
        prop_assert_eq!(with_side(&base, &three, |hunk| &hunk.theirs), theirs);
        prop_assert_eq!(with_side(&base, &three, |hunk| &hunk.mine), mine);
    }
}
