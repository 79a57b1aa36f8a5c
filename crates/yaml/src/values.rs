//! The values, as a second parser reads them, held against the tree of the first.

use serde_json::{Number, Value};

use crate::node::{Content, Mapping};
use crate::plain::{self, Plain};
use crate::{Document, Error, Fault, Node, Place};

/// The content of `text` by `serde_yaml`, if it agrees with `document` on every node.
pub(crate) fn agreed(document: &Document, text: &str) -> Result<Value, Error> {
    let parsed = serde_yaml::from_str(text).map_err(|error| {
        let place = error.location().map_or(Place::START, |location| Place {
            line: u32::try_from(location.line()).unwrap_or(u32::MAX),
            column: u32::try_from(location.column()).unwrap_or(u32::MAX),
        });
        Error::at(place, Fault::Disagreement)
    })?;
    agree(document.root(), parsed).map_err(|place| Error::at(place, Fault::Disagreement))
}

/// Recursion is bounded by the depth limit, which the tree has passed.
fn agree(node: Node<'_>, parsed: serde_yaml::Value) -> Result<Value, Place> {
    let value = match (node.content(), parsed) {
        (Content::Sequence(items), serde_yaml::Value::Sequence(parsed)) if items.len() == parsed.len() => {
            let agreed: Result<Vec<_>, _> =
                node.items().zip(parsed).map(|(item, parsed)| agree(item, parsed)).collect();
            Some(Value::Array(agreed?))
        }
        (Content::Mapping(mapping), serde_yaml::Value::Mapping(parsed)) => Some(agree_mapping(node, mapping, parsed)?),
        (Content::Scalar { text, plain: false }, serde_yaml::Value::String(parsed)) => {
            (**text == *parsed).then_some(Value::String(parsed))
        }
        (Content::Scalar { text, plain: true }, parsed) => agree_plain(text, parsed),
        _ => None,
    };
    value.ok_or_else(|| node.place())
}

fn agree_mapping(node: Node<'_>, mapping: &Mapping, parsed: serde_yaml::Mapping) -> Result<Value, Place> {
    if mapping.entries.len() != parsed.len() {
        return Err(node.place());
    }
    let mut agreed = serde_json::Map::with_capacity(parsed.len());
    for (entry, (key, parsed)) in node.entries().zip(parsed) {
        match key {
            serde_yaml::Value::String(key) if key == entry.key => agreed.insert(key, agree(entry.value, parsed)?),
            _ => return Err(entry.place),
        };
    }
    Ok(Value::Object(agreed))
}

fn agree_plain(text: &str, parsed: serde_yaml::Value) -> Option<Value> {
    match (plain::resolve(text).ok()?, parsed) {
        (Plain::Null, serde_yaml::Value::Null) => Some(Value::Null),
        (Plain::Boolean(ours), serde_yaml::Value::Bool(theirs)) if ours == theirs => Some(Value::Bool(ours)),
        (Plain::Text, serde_yaml::Value::String(theirs)) if text == theirs => Some(Value::String(theirs)),
        (ours, serde_yaml::Value::Number(theirs)) => agree_number(ours, &theirs).map(Value::Number),
        _ => None,
    }
}

fn agree_number(ours: Plain, theirs: &serde_yaml::Number) -> Option<Number> {
    match ours {
        Plain::Unsigned(ours) if theirs.as_u64() == Some(ours) => Some(ours.into()),
        Plain::Negative(ours) if theirs.as_i64() == Some(ours) => Some(ours.into()),
        // Both read the same digits with the same correctly rounded algorithm, so equal means equal bits.
        Plain::Float(ours) if theirs.is_f64() && theirs.as_f64() == Some(ours) => Number::from_f64(ours),
        _ => None,
    }
}
