//! What the rates kind accepts and refuses.
#![allow(clippy::unwrap_used, reason = "tests")]

use natrium_kinds::{builtin, sample};

fn told(pairs: &[&str]) -> Vec<String> {
    let lines = pairs.iter().map(|pair| format!("  - {{ {pair} }}\n")).collect::<String>();
    let text = format!("base: EUR\npairs:\n{lines}");
    let problems = builtin("rates").unwrap().validate(text.as_bytes()).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn the_sample_is_accepted() {
    assert!(builtin("rates").unwrap().validate(sample("rates").unwrap().as_bytes()).is_ok());
}

#[test]
fn rates_must_be_sane() {
    let cases: [(&[&str], &[&str]); 10] = [
        (&["currency: USD, rate: 1.0", "currency: GBP, bid: 0.8, ask: 0.80"], &[]),
        (
            &["currency: EUR, rate: 1"],
            &["line 3, column 17: pairs[0].currency: EUR is the base currency; it has no rate against itself"],
        ),
        (
            &["currency: USD, rate: 1", "currency: USD, rate: 2"],
            &["line 4, column 17: pairs[1].currency: USD is there twice; the first one is at line 3"],
        ),
        (&["currency: USD, rate: 0"], &["line 3, column 28: pairs[0].rate: must be more than 0, found 0"]),
        (&["currency: USD, rate: -1.5"], &["line 3, column 28: pairs[0].rate: must be more than 0, found -1.5"]),
        (
            &["currency: USD, bid: 1.10000000001, ask: 1.1"],
            &["line 3, column 27: pairs[0].bid: `bid` (1.10000000001) must not be above `ask` (1.1)"],
        ),
        (
            &["currency: USD, bid: 1.08, ask: 10.84"],
            &["line 3, column 38: pairs[0].ask: `ask` (10.84) is more than twice `bid` (1.08); is a digit wrong?"],
        ),
        (&["currency: USD, bid: 1.08"], &["line 3, column 5: pairs[0]: the key `ask` is missing"]),
        (&["currency: USD"], &["line 3, column 5: pairs[0]: needs `rate`, or `bid` and `ask`"]),
        (
            &["currency: USD, rate: 1, bid: 1, ask: 1"],
            &["line 3, column 22: pairs[0].rate: has `rate` as well as `bid` and `ask`; remove one or the other"],
        ),
    ];
    for (pairs, expected) in cases {
        assert_eq!(told(pairs), expected, "{pairs:?}");
    }
}

#[test]
fn a_list_is_needed() {
    let rates = builtin("rates").unwrap();
    let told = |text: &str| rates.validate(text.as_bytes()).unwrap_err()[0].to_string();
    assert_eq!(told("base: EUR\npairs: []\n"), "line 2, column 8: pairs: the list must not be empty");
    assert_eq!(told("base: EUR\n"), "line 1, column 1: the key `pairs` is missing");
    assert_eq!(told("- 1\n"), "line 1, column 1: must be keys with values, found a list");
    assert_eq!(told(""), "the file is empty");
}
