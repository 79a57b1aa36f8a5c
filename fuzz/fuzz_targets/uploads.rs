//! Bytes as an admin may send them for a config. The first byte chooses the kind.
//!
//! Holds that nothing panics, that a file is either accepted or blamed in both languages at a place inside it, that an accepted
//! file has the value that a third reading gives, and that neither CRLF nor a byte order mark changes what it says.
#![no_main]

use std::sync::{Arc, LazyLock};

use kinds::{Document, Kind, Language, MOST_PROBLEMS, builtin};
use libfuzzer_sys::fuzz_target;

/// A schema that uses most keywords, and accepts much.
const OWN: &str = r##"{
  "type": ["object", "array", "string"],
  "properties": {
    "a": { "type": "integer", "minimum": 0, "maximum": 100, "multipleOf": 5 },
    "b": { "enum": ["low", "high", 3] },
    "c": { "type": "string", "pattern": "^x", "minLength": 1, "maxLength": 9 },
    "d": { "type": "array", "uniqueItems": true, "minItems": 1, "contains": { "type": "number" } },
    "e": { "anyOf": [{ "type": "string" }, { "type": "number" }, { "$ref": "#" }] },
    "f": { "oneOf": [{ "required": ["g"] }, { "required": ["h"] }], "minProperties": 1 },
    "i": { "format": "date" },
    "j": { "$ref": "#" }
  },
  "items": { "$ref": "#" },
  "propertyNames": { "maxLength": 5 },
  "unevaluatedProperties": { "type": ["null", "boolean", "number", "string", "array"] }
}"##;

static KINDS: LazyLock<[Kind; 3]> = LazyLock::new(|| {
    let own = Kind { name: "own".to_owned(), file: "own.yml".to_owned(), schema: Arc::from(OWN), rules: None };
    [builtin("fees").expect("ships"), builtin("rates").expect("ships"), own]
});

fn same(document: &Document, other: &[u8]) -> bool {
    let other = yaml::parse(other, &yaml::Limits::default()).expect("accepted before");
    other.value() == document.value()
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let kind = &KINDS[usize::from(*choice) % KINDS.len()];
    match kind.validate(bytes) {
        Ok(document) => {
            let text = std::str::from_utf8(bytes).expect("accepted");
            let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
            let third: serde_json::Value = serde_yaml::from_str(text).expect("accepted");
            assert_eq!(*document.value(), third);
            if !text.contains('\r') {
                assert!(same(&document, text.replace('\n', "\r\n").as_bytes()));
            }
            assert!(same(&document, format!("\u{FEFF}{text}").as_bytes()));
        }
        Err(problems) => {
            assert!((1..=MOST_PROBLEMS + 1).contains(&problems.len()));
            assert!(problems.is_sorted_by_key(|problem| (problem.line == 0, problem.line, problem.column)));
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
            for problem in problems {
                assert!(problem.line as usize <= lines + 1, "{problem}");
                for language in Language::ALL {
                    assert!(!problem.sentence(language).is_empty());
                }
            }
        }
    }
});
