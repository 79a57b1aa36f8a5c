//! Where keys and values are said to stand.
#![allow(clippy::unwrap_used, reason = "tests")]

use natrium_yaml::{Document, Limits, Node, Path, Place, Segment, Shape, parse};
use proptest::prelude::*;

fn read(text: &str) -> Document {
    parse(text.as_bytes(), &Limits::default()).unwrap()
}

fn at(line: u32, column: u32) -> Place {
    Place { line, column }
}

const FEES: &str = "# a comment\nbase: EUR\nbrackets:\n  - currency: EUR\n    percent: 1.50\n  - {currency: \"USD\", percent: 2}\nempty:\nцена: ю\nlong: |\n  text\n";

#[test]
fn keys_and_values_by_path() {
    let document = read(FEES);
    let path = |pointer| document.path(pointer);
    let place = |pointer| document.at(&path(pointer)).unwrap().place();
    assert_eq!(document.root().place(), at(2, 1));
    assert_eq!(place("/base"), at(2, 7));
    assert_eq!(place("/brackets"), at(4, 3));
    assert_eq!(place("/brackets/0"), at(4, 5));
    assert_eq!(place("/brackets/0/percent"), at(5, 14));
    assert_eq!(place("/brackets/1"), at(6, 5));
    assert_eq!(place("/brackets/1/currency"), at(6, 16));
    assert_eq!(document.entry_at(&path("/brackets/1/percent")).unwrap().place, at(6, 23));
    assert_eq!(place("/empty"), at(7, 1), "a missing value is where its key is");
    assert_eq!(place("/цена"), at(8, 7));
    assert_eq!(place("/long"), at(10, 3));
    assert_eq!(path("/brackets/1/percent").to_string(), "brackets[1].percent");
    assert_eq!(document.place(&path("/brackets/1/missing")), at(6, 5), "the nearest that is there");
}

#[test]
fn crlf_and_byte_order_mark_change_nothing() {
    let plain = read(FEES);
    let windows = read(&format!("\u{FEFF}{}", FEES.replace('\n', "\r\n")));
    assert_eq!(plain.value(), windows.value());
    for pointer in ["/base", "/brackets/0/percent", "/brackets/1/currency", "/long"] {
        assert_eq!(plain.place(&plain.path(pointer)), windows.place(&windows.path(pointer)), "{pointer}");
    }
}

#[test]
fn numbers_are_kept_as_written() {
    let document = read("a: 1.50\nb: '2'\nc: 0x1F\n");
    let node = |key: &str| document.root().get(key).unwrap();
    assert_eq!(node("a").number(), Some("1.50"));
    assert_eq!(node("b").number(), None);
    assert_eq!(node("b").text(), Some("2"));
    assert_eq!(node("c").shape(), Shape::Number);
}

/// Checks that every scalar and key is where it is said to be, and that paths lead there.
fn check(document: &Document, text: &str, node: Node<'_>, path: Path) {
    let found = document.at(&path).unwrap();
    assert_eq!(found.place(), node.place());
    let standing = |place: Place| {
        let line = text.split('\n').nth(place.line as usize - 1).unwrap();
        line.chars().skip(place.column as usize - 1).collect::<String>()
    };
    if let Some(written) = node.written().filter(|written| !written.is_empty()) {
        let there = standing(node.place());
        assert!(there.trim_start_matches(['"', '\'']).starts_with(written), "{path}: {written:?} is not at {there:?}");
    }
    for (index, item) in node.items().enumerate() {
        check(document, text, item, path.clone().index(index));
    }
    for entry in node.entries() {
        assert!(standing(entry.place).trim_start_matches('"').starts_with(entry.key), "{path}: key {:?}", entry.key);
        check(document, text, entry.value, path.clone().key(entry.key));
    }
}

fn block(value: &serde_json::Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        serde_json::Value::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&format!("\n{pad}-"));
                block(item, indent + 2, out);
            }
        }
        serde_json::Value::Object(entries) if !entries.is_empty() => {
            for (key, value) in entries {
                out.push_str(&format!("\n{pad}{}:", serde_json::to_string(key).unwrap()));
                block(value, indent + 2, out);
            }
        }
        other => out.push_str(&format!(" {other}")),
    }
}

fn tree() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
        "[a-zA-Zя -]{1,12}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-zя]{1,6}", inner, 0..5)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_place_is_true(value in tree(), flow: bool) {
        let mut text = String::new();
        if flow { text = value.to_string() } else { block(&value, 0, &mut text) }
        let document = read(&text);
        prop_assert_eq!(document.value(), &value);
        check(&document, &text, document.root(), Path::default());
    }

    /// Whatever comes, it is answered, and every place is inside the document.
    #[test]
    fn any_text_is_answered(text in "[\\[\\]{}:,#&*!|>'\"%@`\\-? \n\t\ra-c0-9_.~\u{FEFF}\u{85}я]{0,60}") {
        match parse(text.as_bytes(), &Limits::default()) {
            Ok(document) => {
                let lines = text.lines().count() as u32 + 1;
                visit(document.root(), &mut |node| assert!(node.place().line <= lines));
            }
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(errors) = parse(&bytes, &Limits::default()) {
            prop_assert!(!errors.is_empty());
        }
    }
}

fn visit(node: Node<'_>, f: &mut impl FnMut(Node<'_>)) {
    f(node);
    node.items().for_each(|item| visit(item, f));
    node.entries().for_each(|entry| visit(entry.value, f));
}

#[test]
fn segments_are_public_enough_to_match_on() {
    let path = read("a: [1]\n").path("/a/0");
    assert_eq!(path.segments(), [Segment::Key("a".to_owned()), Segment::Index(0)]);
}
