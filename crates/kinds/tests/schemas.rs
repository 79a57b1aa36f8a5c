//! Kinds with a schema of one's own: which schemas are refused, and what is said of values.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use natrium_kinds::{BUILTIN, Kind, Language, builtin};

fn kind(schema: &str) -> Kind {
    Kind { name: "own".to_owned(), file: "own.yml".to_owned(), schema: Arc::from(schema), rules: None }
}

fn refused(schema: &str) -> String {
    kind(schema).check().unwrap_err().to_string()
}

fn told(schema: &str, text: &str) -> Vec<String> {
    let problems = kind(schema).validate(text.as_bytes()).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn the_builtin_schemas_are_fine() {
    for name in BUILTIN {
        builtin(name).unwrap().check().unwrap();
    }
    assert!(builtin("prices").is_none());
}

#[test]
fn bad_schemas_are_refused_with_the_place() {
    assert_eq!(refused("{\n  \"type\": \"object\",\n}"), "line 3, column 1: not JSON: trailing comma");
    assert_eq!(
        refused("{\n  \"properties\": { \"a\": {\"type\": \"nubmer\"} }\n}"),
        "line 2, column 33: properties.a.type: must be `array`, `boolean`, `integer`, `null`, `number`, `object` or `string`, found the text \"nubmer\"; did you mean `number`?"
    );
    assert_eq!(refused("{\"minLength\": -1}"), "line 1, column 15: minLength: must be at least 0, found -1");
    assert_eq!(
        refused("{\"$schema\": \"http://json-schema.org/draft-07/schema#\"}"),
        "line 1, column 13: $schema: only JSON Schema draft 2020-12 is supported (https://json-schema.org/draft/2020-12/schema)"
    );
    assert!(
        refused("{\"pattern\": \"(\"}").contains("pattern: not a regular expression that can be used here"),
        "{}",
        refused("{\"pattern\": \"(\"}")
    );
    assert!(refused("{\"pattern\": \"(?=a)b\"}").contains("not a regular expression that can be used here"));
    assert!(refused(&" ".repeat(300_000)).contains("the schema has 300000 bytes"));
}

#[test]
fn nothing_outside_a_schema_is_ever_read() {
    for target in [
        "http://127.0.0.1:9/x.json",
        "https://example.org/x.json",
        "file:///etc/hostname",
        "other.json",
        "#/$defs/none",
    ] {
        let told = refused(&format!("{{\"properties\": {{\"a\": {{\"$ref\": \"{target}\"}}}}}}"));
        assert!(told.contains("`$ref` leads out of the schema or to nothing"), "{told}");
    }
}

#[test]
fn references_may_go_round_in_circles() {
    for schema in [
        "{\"$ref\": \"#\"}",
        "{\"$defs\": {\"a\": {\"$ref\": \"#/$defs/b\"}, \"b\": {\"$ref\": \"#/$defs/a\"}}, \"$ref\": \"#/$defs/a\"}",
        "{\"allOf\": [{\"$ref\": \"#\"}]}",
        "{\"anyOf\": [{\"not\": {\"$ref\": \"#\"}}, true]}",
        "{\"if\": {\"$ref\": \"#\"}}",
        "{\"dependentSchemas\": {\"a\": {\"$ref\": \"#\"}}}",
        "{\"$id\": \"https://example.org/a\", \"$ref\": \"https://example.org/a\"}",
        "{\"$dynamicAnchor\": \"x\", \"$dynamicRef\": \"#x\"}",
        "{\"$anchor\": \"x\", \"$ref\": \"#x\"}",
    ] {
        kind(schema).check().unwrap();
        for text in ["1", "a: 1", "[1]", "x"] {
            assert!(told(schema, text).len() <= 1, "{schema}");
        }
    }
    // A tree may well refer to itself one level down.
    let tree = "{\"type\": \"object\", \"additionalProperties\": {\"$ref\": \"#\"}}";
    assert_eq!(told(tree, "a: {b: {c: {}}}"), Vec::<String>::new());
    assert_eq!(told(tree, "a: {b: {c: 1}}"), ["line 1, column 12: a.b.c: must be keys with values, found 1"]);
}

#[test]
fn a_kind_with_a_bad_schema_says_so_instead_of_blaming_the_file() {
    assert_eq!(told("{\"type\": 1}", "a: 1").len(), 1);
    assert!(told("[", "a: 1")[0].starts_with("the schema of this kind cannot be used: "));
}

#[test]
fn every_keyword_has_its_sentence() {
    let cases = [
        (
            "{\"enum\": [\"low\", \"high\", 3]}",
            "hihg",
            "must be `low`, `high` or `3`, found the text \"hihg\"; did you mean `high`?",
        ),
        ("{\"const\": \"v1\"}", "v2", "must be `v1`, found the text \"v2\""),
        ("{\"type\": [\"string\", \"integer\", \"null\"]}", "1.5", "must be empty, a whole number or text, found 1.5"),
        ("{\"type\": \"boolean\"}", "'yes'", "must be true or false, found the text \"yes\""),
        ("{\"type\": \"integer\"}", "'5'", "must be a whole number, found the text \"5\"; remove the quotes"),
        ("{\"exclusiveMaximum\": 5}", "5", "must be less than 5, found 5"),
        ("{\"multipleOf\": 5}", "7", "must be a multiple of 5, found 7"),
        ("{\"minLength\": 1}", "''", "must not be empty"),
        ("{\"minLength\": 3}", "ab", "must have at least 3 characters, found the text \"ab\""),
        ("{\"maxLength\": 1}", "цена", "must have at most 1 character, has 4"),
        ("{\"minItems\": 2}", "[1]", "must have at least 2 items, has 1"),
        ("{\"maxItems\": 1}", "[1, 2]", "must have at most 1 item, has 2"),
        ("{\"prefixItems\": [true], \"items\": false}", "[1, 2]", "is not allowed here"),
        ("{\"minProperties\": 1}", "{}", "must have at least 1 key, has 0"),
        ("{\"maxProperties\": 0}", "{a: 1}", "must have at most 0 keys, has 1"),
        ("{\"additionalProperties\": false}", "{a: 1}", "unknown key `a`; no key is expected here"),
        (
            "{\"propertyNames\": {\"pattern\": \"^x\"}}",
            "{a: 1}",
            "the key `a` does not have the form that keys must have here",
        ),
        ("{\"properties\": {\"a\": false}}", "{a: 1}", "is not allowed here"),
        ("{\"not\": {\"type\": \"string\"}}", "x", "is not allowed here"),
        ("{\"contains\": {\"const\": 1}}", "[2]", "lacks an item that must be there"),
        ("{\"pattern\": \"^a\"}", "b", "must match the pattern `^a`, found the text \"b\""),
        ("{\"format\": \"date\"}", "31.12.2025", "must be a valid date, found the text \"31.12.2025\""),
        ("{\"uniqueItems\": true}", "[1, 2, 1]", "repeats the item at line 1"),
        (
            "{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"number\"}]}",
            "[]",
            "must be text or a number, found a list",
        ),
        (
            "{\"oneOf\": [{\"type\": \"string\"}, {\"type\": \"object\", \"required\": [\"a\"]}]}",
            "{}",
            "the key `a` is missing",
        ),
        (
            "{\"oneOf\": [{\"required\": [\"b\"]}, {\"required\": [\"a\"]}]}",
            "{}",
            "has none of the forms that are allowed here",
        ),
        ("{\"oneOf\": [true, true]}", "1", "has several forms of which only one is allowed"),
        (
            "{\"unevaluatedProperties\": false, \"properties\": {\"abc\": true}}",
            "{abd: 1}",
            "unknown key `abd`; did you mean `abc`?",
        ),
    ];
    for (schema, text, sentence) in cases {
        let problems = kind(schema).validate(text.as_bytes()).err().unwrap_or_default();
        assert_eq!(problems.len(), 1, "{schema} {problems:?}");
        assert_eq!(problems[0].sentence(Language::English), sentence, "{schema}");
        let russian = problems[0].sentence(Language::Russian);
        assert!(russian.chars().any(|letter| ('а'..='я').contains(&letter)), "{russian}");
    }
}

#[test]
fn long_values_are_cut() {
    let told = told("{\"type\": \"number\"}", &"я".repeat(500));
    assert_eq!(told, [format!("line 1, column 1: must be a number, found the text \"{}…\"", "я".repeat(40))]);
}

#[test]
fn kinds_can_be_handed_on_as_json() {
    let fees = builtin("fees").unwrap();
    let json = serde_json::to_string(&fees).unwrap();
    assert_eq!(serde_json::from_str::<Kind>(&json).unwrap(), fees);
}
