//! A fault as a scenario writes it: as the control API does, with people for chats and times for milliseconds.

use serde_json::{Map, Value};
use yaml::{Node, Shape};

use crate::control::NewFault;
use crate::scenario::Person;
use crate::scenario::duration::duration;
use crate::scenario::flaw::Mistake;
use crate::world::faults::checked;

/// Fields that a scenario may write as a time, and what the control API calls them.
const TIMES: [(&str, &str); 2] = [("from", "from_millis"), ("until", "until_millis")];

pub(super) fn fault(node: Node<'_>, people: &[Person]) -> Result<NewFault, Mistake> {
    if node.shape() != Shape::Mapping {
        return Err(Mistake::NotAMapping { what: "`fault`" });
    }
    let mut written = Map::new();
    for entry in node.entries() {
        let text = entry.value.written().unwrap_or_default();
        let (field, value) = match TIMES.iter().find(|(name, _)| *name == entry.key) {
            Some((_, field)) => (*field, millis(entry.key, text)?),
            None if entry.key == "chat" => ("chat", chat(entry.value, people)),
            None => (entry.key, plain(entry.value)),
        };
        written.insert(field.to_owned(), value);
    }
    checked(&Value::Object(written)).map_err(|mistake| Mistake::Fault(mistake.to_string()))
}

fn millis(key: &str, text: &str) -> Result<Value, Mistake> {
    let millis = duration(text).and_then(|time| u64::try_from(time.as_millis()).ok());
    let wrong = || Mistake::NotATime { key: key.to_owned(), example: "5s", found: text.to_owned() };
    millis.map(Value::from).ok_or_else(wrong)
}

/// The chat with a person is named by the person.
fn chat(node: Node<'_>, people: &[Person]) -> Value {
    let named = node.text().map(str::to_lowercase);
    let person = people.iter().find(|person| named.as_ref() == Some(&person.key));
    person.map_or_else(|| plain(node), |person| person.user.id.into())
}

/// A scalar as JSON. Whatever else stands there is text, and refused as that.
fn plain(node: Node<'_>) -> Value {
    let text = node.written().unwrap_or("…");
    match node.shape() {
        Shape::Null => Value::Null,
        Shape::Boolean => Value::Bool(text.eq_ignore_ascii_case("true")),
        Shape::Number => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => text.into(),
    }
}
