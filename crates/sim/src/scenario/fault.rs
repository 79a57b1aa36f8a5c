//! A fault as a scenario writes it: as the control API does, with people and groups for chats and times for milliseconds.

use serde_json::{Map, Value};
use yaml::{Node, Shape};

use crate::control::NewFault;
use crate::scenario::Person;
use crate::scenario::deed::Which;
use crate::scenario::duration::duration;
use crate::scenario::flaw::Mistake;
use crate::scenario::group::{Group, hint};
use crate::world::faults::checked;

/// Fields that a scenario may write as a time, and what the control API calls them.
const TIMES: [(&str, &str); 2] = [("from", "from_millis"), ("until", "until_millis")];

/// Stands for a group until there is one.
const SOME_GROUP: i64 = -1;

/// A fault, and the group that it is about: whose id is known once the group is there.
pub(super) fn fault(node: Node<'_>, people: &[Person], groups: &[Group]) -> Result<(NewFault, Option<Which>), Mistake> {
    if node.shape() != Shape::Mapping {
        return Err(Mistake::NotAMapping { what: "`fault`" });
    }
    let mut written = Map::new();
    let mut room = None;
    for entry in node.entries() {
        let text = entry.value.written().unwrap_or_default();
        let (field, value) = match TIMES.iter().find(|(name, _)| *name == entry.key) {
            Some((_, field)) => (*field, millis(entry.key, text)?),
            None if entry.key == "chat" => {
                let (chat, group) = chat(entry.value, people, groups)?;
                room = group;
                ("chat", chat)
            }
            None => (entry.key, plain(entry.value)),
        };
        written.insert(field.to_owned(), value);
    }
    let mut fault = checked(&Value::Object(written)).map_err(|mistake| Mistake::Fault(mistake.to_string()))?;
    if room.is_some() {
        fault.chat = None;
    }
    Ok((fault, room))
}

fn millis(key: &str, text: &str) -> Result<Value, Mistake> {
    let millis = duration(text).and_then(|time| u64::try_from(time.as_millis()).ok());
    let wrong = || Mistake::NotATime { key: key.to_owned(), example: "5s", found: text.to_owned() };
    millis.map(Value::from).ok_or_else(wrong)
}

/// The chat with a person is named by the person, a group by its own name.
fn chat(node: Node<'_>, people: &[Person], groups: &[Group]) -> Result<(Value, Option<Which>), Mistake> {
    let Some(found) = node.text() else { return Ok((plain(node), None)) };
    let name = found.to_lowercase();
    if let Some(person) = people.iter().find(|person| person.key == name) {
        return Ok((person.user.id.into(), None));
    }
    if let Some(which) = groups.iter().position(|group| group.key == name) {
        return Ok((SOME_GROUP.into(), Some(which)));
    }
    let people = people.iter().map(|person| person.key.as_str());
    let keys = people.chain(groups.iter().map(|group| group.key.as_str()));
    Err(Mistake::NoChat { found: found.to_owned(), hint: hint(found, keys) })
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
