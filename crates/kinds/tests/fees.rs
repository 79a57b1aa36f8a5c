//! What the fees kind accepts and refuses, and in which words.
#![allow(clippy::unwrap_used, reason = "tests")]

use natrium_kinds::{Language, builtin, sample};
use proptest::prelude::*;

fn told_in(text: &str, language: Language) -> Vec<String> {
    let fees = builtin("fees").unwrap();
    match fees.validate(text.as_bytes()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(|problem| problem.text(language)).collect(),
    }
}

fn told(text: &str) -> Vec<String> {
    told_in(text, Language::English)
}

/// A file with these brackets of EUR, one per line from line 2.
fn eur(brackets: &[&str]) -> String {
    let lines = brackets.iter().map(|bounds| format!("  - {{ currency: EUR, {bounds}, percent: 1, fixed: 0 }}\n"));
    format!("brackets:\n{}", lines.collect::<String>())
}

#[test]
fn the_sample_is_accepted() {
    assert_eq!(told(sample("fees").unwrap()), Vec::<String>::new());
}

#[test]
fn everything_is_told_at_once_in_the_order_of_the_file() {
    let text = "\
brackets:
  - { currency: eur, from: 0, percent: ten, fixed: 0 }
  - { currency: USD, from: -1, percnt: 1, fixed: \"0.5\" }
  - currency: GBP
    from: 0
    percent: 101
    fixed:
  - 5
base: EUR
";
    assert_eq!(
        told(text),
        [
            "line 2, column 17: brackets[0].currency: does not have the form expected, such as `EUR`; found the text \"eur\"",
            "line 2, column 40: brackets[0].percent: must be a number, found the text \"ten\"",
            "line 3, column 5: brackets[1]: the key `percent` is missing",
            "line 3, column 28: brackets[1].from: must be at least 0, found -1",
            "line 3, column 32: brackets[1].percnt: unknown key `percnt`; did you mean `percent`?",
            "line 3, column 50: brackets[1].fixed: must be a number, found the text \"0.5\"; remove the quotes",
            "line 6, column 14: brackets[2].percent: must be at most 100, found 101",
            "line 7, column 5: brackets[2].fixed: must be a number, found nothing",
            "line 8, column 5: brackets[3]: must be keys with values, found 5",
            "line 9, column 1: base: unknown key `base`; known are `brackets`",
        ]
    );
}

#[test]
fn the_same_in_russian() {
    let text = "brackets:\n  - { currency: eur, from: 0, percnt: 1, fixed: ten }\n";
    assert_eq!(
        told_in(text, Language::Russian),
        [
            "строка 2, позиция 5: brackets[0]: не хватает ключа `percent`",
            "строка 2, позиция 17: brackets[0].currency: значение не того вида; ожидается, например, `EUR`, а указано текст «eur»",
            "строка 2, позиция 31: brackets[0].percnt: неизвестный ключ `percnt`; возможно, имелся в виду `percent`?",
            "строка 2, позиция 49: brackets[0].fixed: ожидается число, а указано текст «ten»",
        ]
    );
    assert_eq!(
        told_in("a: no\nb: [1\n", Language::Russian),
        [
            "строка 1, позиция 4: a: `no` одни программы читают как «да» или «нет», другие — как текст; возьмите в кавычки или напишите true или false",
            "строка 3, позиция 1: не хватает `,` или закрывающей `]`",
        ]
    );
}

#[test]
fn brackets_must_follow_each_other() {
    let cases: [(&[&str], &[&str]); 11] = [
        (&["from: 0, to: 0.1", "from: 0.10"], &[]),
        (&["from: 100", "from: 0, to: 100"], &[]),
        (
            &["from: 0, to: 100", "from: 150"],
            &[
                "line 3, column 28: brackets[1].from: EUR amounts from 100 up to 150 have no fee: the bracket before, at line 2, ends at 100",
            ],
        ),
        (
            &["from: 0, to: 100", "from: 99.99"],
            &[
                "line 3, column 28: brackets[1].from: EUR amounts from 99.99 belong to the bracket at line 2 too, which ends at 100",
            ],
        ),
        (
            &["from: 0", "from: 100"],
            &[
                "line 3, column 28: brackets[1].from: EUR amounts from 100 belong to the bracket at line 2 too, which has no `to`; only the last one may have none",
            ],
        ),
        (
            &["from: 0, to: 100", "from: 0, to: 100", "from: 100"],
            &[
                "line 3, column 28: brackets[1].from: EUR amounts from 0 belong to the bracket at line 2 too, which ends at 100",
            ],
        ),
        (
            &["from: 5"],
            &[
                "line 2, column 28: brackets[0].from: the lowest bracket of EUR must start at 0, found 5; smaller amounts would have no fee",
            ],
        ),
        (
            &["from: 0, to: 100"],
            &[
                "line 2, column 31: brackets[0].to: the last bracket of EUR must have no `to`; amounts from 100 would have no fee",
            ],
        ),
        (
            &["from: 0, to: 100", "from: 100, to: 100"],
            &["line 3, column 37: brackets[1].to: the bracket ends at 100 but starts at 100; `to` must be larger"],
        ),
        (
            &["from: 0, to: 1000", "from: 10, to: 20", "from: 1000"],
            &[
                "line 3, column 28: brackets[1].from: EUR amounts from 10 belong to the bracket at line 2 too, which ends at 1000",
            ],
        ),
        (
            &["from: 0, to: 0.123456789", "from: 0x10"],
            &[
                "line 2, column 35: brackets[0].to: must have at most 8 digits after the point, found 0.123456789",
                "line 3, column 28: brackets[1].from: must be a plain decimal number, found `0x10`",
            ],
        ),
    ];
    for (brackets, expected) in cases {
        assert_eq!(told(&eur(brackets)), expected, "{brackets:?}");
    }
}

#[test]
fn one_unreadable_bracket_hides_only_its_own_currency() {
    let text = "brackets:\n  - { currency: EUR, from: x, percent: 1, fixed: 0 }\n  - { currency: EUR, from: 7, percent: 1, fixed: 0 }\n  - { currency: USD, from: 7, percent: 1, fixed: 0 }\n";
    let told = told(text);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].contains("must be a number") && told[1].contains("lowest bracket of USD"));
}

#[test]
fn no_more_is_told_than_anybody_reads() {
    let text = format!("brackets:\n{}", "  - 5\n".repeat(33));
    let told = told(&text);
    assert_eq!(told.len(), 21);
    assert_eq!(told[20], "… and 13 more");
    assert_eq!(told_in(&text, Language::Russian)[20], "… и ещё 13");
}

/// Amounts up to 1000 with two digits after the point, and how they might be written.
fn cut() -> impl Strategy<Value = (u32, bool)> {
    (1_u32..100_000, any::<bool>())
}

fn written(cents: u32, long: bool) -> String {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    if long { text } else { text.trim_end_matches('0').to_owned() }
}

proptest! {
    /// However an axis is cut, the pieces fit; take one out, double one or move one bound, and they do not.
    #[test]
    fn exactly_the_partitions_are_accepted(cuts in prop::collection::btree_map(1_u32..100_000, any::<(bool, bool)>(), 1..8), damage in 0..4, at in any::<prop::sample::Index>(), order in any::<u64>()) {
        let mut bounds: Vec<(String, Option<String>)> = Vec::new();
        let mut from = "0".to_owned();
        for (cents, (ends, starts)) in &cuts {
            bounds.push((std::mem::replace(&mut from, written(*cents, *starts)), Some(written(*cents, *ends))));
        }
        bounds.push((from, None));
        let index = at.index(bounds.len());
        match damage {
            1 => drop(bounds.remove(index)),
            2 => bounds.push(bounds[index].clone()),
            3 => bounds[index].0 = format!("{}01", written(cuts.keys().next().copied().unwrap() + index as u32, true)),
            _ => {}
        }
        if order % 2 == 1 { bounds.reverse(); }
        let lines: Vec<String> = bounds.iter().map(|(from, to)| match to {
            Some(to) => format!("from: {from}, to: {to}"),
            None => format!("from: {from}"),
        }).collect();
        let told = told(&eur(&lines.iter().map(String::as_str).collect::<Vec<_>>()));
        prop_assert_eq!(told.is_empty(), damage == 0, "{:?} {:?}", lines, told);
    }

    #[test]
    fn cuts_are_written_in_two_ways((cents, long) in cut()) {
        let text = eur(&[&format!("from: 0, to: {}", written(cents, long)), &format!("from: {}", written(cents, !long))]);
        prop_assert_eq!(told(&text), Vec::<String>::new());
    }
}
