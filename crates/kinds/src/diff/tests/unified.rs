use super::*;

/// What `patch` makes of it.
pub(super) fn patched(old: &str, diff: &str) -> String {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let mut lines: Vec<String> = Vec::new();
    let (mut done, mut before) = (0, "");
    for line in diff.split_inclusive('\n').skip(2) {
        let (mark, content) = line.split_at(1);
        match mark {
            "@" => {
                let (place, count) = old_place(line);
                // Of no lines the one before them is named.
                let start = if count == 0 { place } else { place - 1 };
                lines.extend(old[done..start].iter().map(|line| (*line).to_owned()));
                done = start;
            }
            "\\" if before != "-" => assert_eq!(lines.last_mut().unwrap().pop(), Some('\n')),
            "\\" => {}
            "+" => lines.push(content.to_owned()),
            _ => {
                assert_eq!(old[done].trim_end_matches('\n'), content.trim_end_matches('\n'));
                done += 1;
                lines.extend((mark == " ").then(|| content.to_owned()));
            }
        }
        before = mark;
    }
    lines.extend(old[done..].iter().map(|line| (*line).to_owned()));
    lines.concat()
}

/// From `@@ -3,2 +4 @@`: 3 and 2.
fn old_place(line: &str) -> (usize, usize) {
    let place = line.strip_prefix("@@ -").unwrap().split(' ').next().unwrap();
    let (start, count) = place.split_once(',').unwrap_or((place, "1"));
    (start.parse().unwrap(), count.parse().unwrap())
}

fn shown(old: &str, new: &str) -> String {
    super::super::unified(old, new, "fees.yml 3", "fees.yml 4")
}

const HEAD: &str = "--- fees.yml 3\n+++ fees.yml 4\n";

#[test]
fn equal_texts_differ_in_nothing() {
    assert_eq!(shown("", ""), "");
    assert_eq!(shown("a\nb", "a\nb"), "");
}

#[test]
fn it_is_what_diff_u_writes() {
    let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n";
    let new = "1\n2\n3\n4\n5!\n6\n7\n8\n9\n10\n11\n12\n14\n15\n";
    let hunks = "@@ -2,13 +2,13 @@\n 2\n 3\n 4\n-5\n+5!\n 6\n 7\n 8\n 9\n 10\n 11\n 12\n-13\n 14\n+15\n";
    // Seven equal lines between them are one too many.
    assert_eq!(
        shown(old, new),
        format!(
            "{HEAD}@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+5!\n 6\n 7\n 8\n@@ -10,5 +10,5 @@\n 10\n 11\n 12\n-13\n 14\n+15\n"
        )
    );
    assert_eq!(
        shown(&old.replace("9\n", ""), &new.replace("9\n", "")),
        format!("{HEAD}{}", hunks.replace(" 9\n", "").replace(",13", ",12"))
    );
}

#[test]
fn a_text_that_was_empty_or_becomes_so_has_no_lines() {
    assert_eq!(shown("", "a\n"), format!("{HEAD}@@ -0,0 +1 @@\n+a\n"));
    assert_eq!(shown("a\nb\n", ""), format!("{HEAD}@@ -1,2 +0,0 @@\n-a\n-b\n"));
}

#[test]
fn a_line_feed_that_is_missing_at_the_end_is_told_even_if_nothing_else_differs() {
    let missing = "\\ No newline at end of file\n";
    assert_eq!(shown("a\nb", "a\nb\n"), format!("{HEAD}@@ -1,2 +1,2 @@\n a\n-b\n{missing}+b\n"));
    assert_eq!(shown("a\nb\n", "a\nb"), format!("{HEAD}@@ -1,2 +1,2 @@\n a\n-b\n+b\n{missing}"));
    assert_eq!(shown("a\nb", "A\nb"), format!("{HEAD}@@ -1,2 +1,2 @@\n-a\n+A\n b\n{missing}"));
}

#[test]
fn lines_are_left_as_they_are_and_labels_are_one_line() {
    let diff = super::super::unified("a\r\n", "\u{202e}\u{1b}[2Jb\r\n", "x\ny", "z");
    assert_eq!(diff, "--- x y\n+++ z\n@@ -1 +1 @@\n-a\r\n+\u{202e}\u{1b}[2Jb\r\n");
}

proptest! {
    #[test]
    fn it_makes_the_new_text_of_the_old_one(old in text(), new in text()) {
        prop_assert_eq!(patched(&old, &shown(&old, &new)), if old == new { old.clone() } else { new.clone() });
        let stat = stat(&old, &new);
        let count = |mark| shown(&old, &new).lines().skip(2).filter(|line| line.starts_with(mark)).count();
        prop_assert_eq!((stat.added, stat.removed), (count('+'), count('-')));
    }
}
