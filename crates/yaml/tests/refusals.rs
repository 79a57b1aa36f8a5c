//! What is refused, where, and in which words.
#![allow(clippy::unwrap_used, reason = "tests")]

use natrium_yaml::{Fault, Limits, SyntaxFault, parse};

/// All problems of a document, as text.
fn problems(text: &str) -> Vec<String> {
    match parse(text.as_bytes(), &Limits::default()) {
        Ok(document) => panic!("accepted: {text:?} as {}", document.value()),
        Err(errors) => errors.iter().map(|error| format!("{error} [{}]", error.path)).collect(),
    }
}

fn only(text: &str) -> String {
    let problems = problems(text);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.into_iter().next().unwrap()
}

#[test]
fn nothing_to_read() {
    for text in ["", " \n\n", "# only a comment\n", "---\n", "---\n# nothing\n...\n", "\u{FEFF}"] {
        assert_eq!(only(text), "the file is empty []", "{text:?}");
    }
}

#[test]
fn several_documents() {
    assert_eq!(
        only("a: 1\n---\nb: 2\n"),
        "line 2, column 1: a second document starts here (`---`); only one is allowed []"
    );
    assert!(parse(b"---\na: 1\n...\n", &Limits::default()).is_ok());
}

#[test]
fn duplicate_keys_name_both_places() {
    let text = "fees:\n  EUR: 1\n  USD: 2\n  EUR: 3\n";
    assert_eq!(
        only(text),
        "line 4, column 3: the key `EUR` is there twice; the first one is at line 2, column 3 [fees.EUR]"
    );
    assert_eq!(
        only("{a: 1, \"a\": 2}"),
        "line 1, column 8: the key `a` is there twice; the first one is at line 1, column 2 [a]"
    );
    assert_eq!(problems("a: 1\na: 2\na: 3\n").len(), 2);
}

#[test]
fn everything_wrong_is_told_at_once_in_order() {
    let told = problems("on: 1\na: no\nb: 010\nc: !!str x\nd: {b: 1, b: 1:30}\n1: x\n");
    assert_eq!(
        told,
        [
            "line 1, column 1: `on` is read as true or false by some programs and as text by others; put it in quotes, or write true or false [on]",
            "line 2, column 4: `no` is read as true or false by some programs and as text by others; put it in quotes, or write true or false [a]",
            "line 3, column 4: `010` is read as an octal number by some programs; remove the leading zero, or put it in quotes [b]",
            "line 4, column 4: tags (`!!str`) are not accepted; remove it [c]",
            "line 5, column 11: the key `b` is there twice; the first one is at line 5, column 5 [d.b]",
            "line 5, column 14: `1:30` is read as a number to base 60 by some programs and as text by others; put it in quotes [d.b]",
            "line 6, column 1: the key `1` is not read as text; put it in quotes [1]",
        ]
    );
}

#[test]
fn quoted_they_are_text() {
    let text = "a: 'no'\nb: \"010\"\n'on': '2025-01-31'\nc: |\n  1:30\n";
    let document = parse(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(document.value(), &serde_json::json!({"a": "no", "b": "010", "on": "2025-01-31", "c": "1:30\n"}));
}

#[test]
fn merge_keys_directives_and_strange_keys() {
    assert_eq!(
        only("a: &x {b: 1}\nc:\n  <<: *x\n"),
        "line 3, column 3: merge keys (`<<`) are not accepted; write the keys out [c[\"<<\"]]"
    );
    assert_eq!(
        only("%YAML 1.1\n---\na: 1\n"),
        "line 1, column 1: lines that start with `%` are not accepted; remove it []"
    );
    assert_eq!(only("? [a]\n: 1\n"), "line 1, column 3: a key must be plain text, written out []");
    assert_eq!(only("&a k: 1\n*a : 2\n"), "line 2, column 1: a key must be plain text, written out []");
    assert_eq!(only(": 1\n"), "line 1, column 1: the key `` is not read as text; put it in quotes [[\"\"]]");
    assert!(parse(b"'%': 1\nb: '%'\n", &Limits::default()).is_ok());
}

#[test]
fn aliases_within_a_budget() {
    let document = parse(b"a: &a [1, 2]\nb: *a\nc: {d: *a}\n", &Limits::default()).unwrap();
    assert_eq!(document.value(), &serde_json::json!({"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}));

    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    assert!(only(&bomb).contains("the aliases (`*name`) stand for more than 10000 values"), "{}", only(&bomb));
    assert_eq!(
        only("a: &a [*a]\n"),
        "line 1, column 8: this alias (`*name`) is part of the value it stands for [a[0]]"
    );
    assert_eq!(
        only("a: *b\n"),
        "line 1, column 4: this alias (`*name`) stands for nothing; no `&name` comes before it []"
    );

    let mut deep = "a0: &a0 [x]\n".to_owned();
    for level in 1..100 {
        deep.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    assert!(only(&deep).contains("nested too deeply; at most 64 levels"), "{}", only(&deep));
}

#[test]
fn depth_counts_every_kind_of_nesting() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        let nested = |levels: usize| format!("{}x{}", open.repeat(levels), close.repeat(levels));
        assert!(parse(nested(64).as_bytes(), &Limits::default()).is_ok());
        assert!(only(&nested(65)).contains("nested too deeply"), "{open}");
        assert!(only(&nested(40_000)).contains("nested too deeply"), "{open}");
    }
    assert!(only(&"- ".repeat(500_000)).contains("nested too deeply"));
    assert!(only(&"[".repeat(150_000)).contains("nested too deeply"));
}

#[test]
fn too_much() {
    let limits = Limits { bytes: 100, nodes: 10, ..Limits::default() };
    let fault = |text: String| parse(text.as_bytes(), &limits).unwrap_err().pop().unwrap().fault;
    assert_eq!(fault("x".repeat(101)), Fault::TooLarge { bytes: 101, limit: 100 });
    assert_eq!(fault("- 1\n".repeat(10)), Fault::TooManyNodes { limit: 10 });
    assert!(parse("- 1\n".repeat(9).as_bytes(), &limits).is_ok());
}

#[test]
fn syntax_is_explained() {
    let cases = [
        ("a:\n\t- 1\n", SyntaxFault::Tab),
        ("a: 'x\nb: 2\n", SyntaxFault::UnclosedQuote),
        ("a: \"x\nb: 2\n", SyntaxFault::UnclosedQuote),
        ("a: \"x\" y\n", SyntaxFault::AfterQuote),
        ("a: [1, 2\nb: 3\n", SyntaxFault::Colon),
        ("a: [1, 2\n", SyntaxFault::UnclosedSequence),
        ("a: {b: 1\n", SyntaxFault::UnclosedMapping),
        ("a: 1\n]\n", SyntaxFault::StrayBracket),
        ("a: b: c\n", SyntaxFault::Colon),
        ("a: 1\n  b: 2\n", SyntaxFault::Colon),
        ("a:\n    b: 1\n  c: 2\n", SyntaxFault::Indentation),
        ("a:\n  - 1\n b: 2\n", SyntaxFault::Indentation),
        ("a: \"\\q\"\n", SyntaxFault::Escape),
        ("a: @x\n", SyntaxFault::ReservedCharacter),
        ("a: 1\nb\nc: 2\n", SyntaxFault::ColonMissing),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let error = parse(text.as_bytes(), &Limits::default()).unwrap_err().remove(0);
        if error.fault != Fault::Syntax(expected) {
            wrong.push(format!("{text:?}: {error}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn tabs_only_where_every_program_takes_them() {
    let text = "a: \"x\ty\" # one\ttwo\nb: |\n  p\tq\n  \tr\nc: 'd\t'\n#\t#\n";
    let document = parse(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(document.value(), &serde_json::json!({"a": "x\ty", "b": "p\tq\n\tr\n", "c": "d\t"}));
    assert_eq!(
        problems("a: \t1\nb: x\ty\nc: 3\t# see\n"),
        [
            "line 1, column 4: a tab is not allowed here; use spaces []",
            "line 2, column 5: a tab is not allowed here; use spaces []",
            "line 3, column 5: a tab is not allowed here; use spaces []",
        ]
    );
}

#[test]
fn prose_is_not_mistaken_for_a_flood_of_values() {
    let text = format!("text: |\n{}", "  Well, this (it's \"odd\") is: fine? Yes! [1], {2} & *3*\n".repeat(15_000));
    assert!(parse(text.as_bytes(), &Limits::default()).is_ok());
    assert!(only(&format!("[{}1]", "1,".repeat(500_000))).contains("too many keys and values; at most 100000"));
    // Refused where the 201st indicator is, before the parser has kept a single token; the 101st value comes earlier.
    let limits = Limits { nodes: 100, ..Limits::default() };
    let errors = parse(format!("[{}1]", "1,".repeat(1000)).as_bytes(), &limits).unwrap_err();
    assert_eq!(errors[0].place, Some(natrium_yaml::Place { line: 1, column: 401 }));
}
