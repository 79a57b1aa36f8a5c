//! From a file's bytes to a scenario, or to all that is wrong with them.

use std::path::Path;
use std::time::Duration;

use yaml::{Entry, Limits, Node, Shape};

use crate::control::NewUser;
use crate::nearest::meant;
use crate::scenario::duration::duration;
use crate::scenario::flaw::{Flaw, Mistake};
use crate::scenario::group::groups;
use crate::scenario::shelf::Shelf;
use crate::scenario::steps::Reader;
use crate::scenario::{Person, Scenario};

pub(super) const KEYS: [&str; 7] = ["name", "seed", "patience", "people", "groups", "files", "steps"];
pub(super) const PERSON: [&str; 7] = ["id", "name", "last_name", "username", "language", "started", "as"];
/// How long is waited for what is expected, unless the scenario says otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn scenario(file: &Path, bytes: &[u8]) -> Result<Scenario, Vec<Flaw>> {
    let document = yaml::parse(bytes, &Limits::default()).map_err(|errors| {
        let flaw = |error: yaml::Error| Flaw {
            line: error.place.map(|place| place.line),
            mistake: Mistake::Yaml(error.fault),
        };
        errors.into_iter().map(flaw).collect::<Vec<Flaw>>()
    })?;
    let root = document.root();
    let mut flaws = Vec::new();
    if root.shape() != Shape::Mapping {
        return Err(vec![flaw(root, Mistake::NotAMapping { what: "a scenario" })]);
    }
    unknown_keys("a scenario", root, &KEYS, &mut flaws);
    let seed = optional(root, "seed", &mut flaws, |node| number(node, "seed", "a whole number")).unwrap_or(1);
    let patience = optional(root, "patience", &mut flaws, |node| time(node, "patience", "10s")).unwrap_or(PATIENCE);
    let mut shelf = Shelf::beside(file);
    for entry in root.get("files").into_iter().flat_map(Node::entries) {
        match entry.value.text() {
            Some(content) => shelf.put(entry.key, content),
            None => flaws.push(flaw(entry.value, Mistake::NotText { key: entry.key.to_owned() })),
        }
    }
    let people = people(root, &mut flaws);
    let groups = groups(root, &people, &mut flaws);
    let mut reader = Reader { people: &people, groups: &groups, shelf: &shelf, patience, flaws: &mut flaws };
    let steps = match root.get("steps") {
        Some(steps) => reader.steps("steps", steps),
        None => {
            let missing =
                Mistake::Missing { place: "a scenario".to_owned(), key: "steps", example: "steps: [wait: 1s]" };
            flaws.push(flaw(root, missing));
            Vec::new()
        }
    };
    flaws.sort_by_key(|flaw| flaw.line);
    if flaws.is_empty() { Ok(Scenario { file: file.to_owned(), seed, people, groups, steps }) } else { Err(flaws) }
}

pub(super) fn flaw(node: Node<'_>, mistake: Mistake) -> Flaw {
    Flaw { line: Some(node.place().line), mistake }
}

/// A value that may be left out; a wrong one is noted.
fn optional<'d, T>(
    mapping: Node<'d>,
    key: &str,
    flaws: &mut Vec<Flaw>,
    read: impl FnOnce(Node<'d>) -> Result<T, Flaw>,
) -> Option<T> {
    read(mapping.get(key)?).map_err(|flaw| flaws.push(flaw)).ok()
}

/// Notes keys that mean nothing.
pub(super) fn unknown_keys(place: &str, mapping: Node<'_>, known: &[&str], flaws: &mut Vec<Flaw>) {
    let is_unknown = |entry: &Entry<'_>| !known.contains(&entry.key);
    flaws.extend(mapping.entries().filter(is_unknown).map(|entry| unknown_key(place, entry, known)));
}

pub(super) fn unknown_key(place: &str, entry: Entry<'_>, known: &[&str]) -> Flaw {
    let hint = match meant(entry.key, known.iter().copied()) {
        near if !near.is_empty() => near,
        _ if known.is_empty() => String::new(),
        _ => format!("; it may have {}", known.join(", ")),
    };
    let mistake = Mistake::UnknownKey { place: place.to_owned(), key: entry.key.to_owned(), hint };
    Flaw { line: Some(entry.place.line), mistake }
}

fn people(root: Node<'_>, flaws: &mut Vec<Flaw>) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    let Some(list) = root.get("people") else { return people };
    if list.shape() != Shape::Sequence {
        flaws.push(flaw(list, Mistake::NotAList { key: "people".to_owned() }));
    }
    for node in list.items() {
        unknown_keys("a person", node, &PERSON, flaws);
        match person(node) {
            Ok(person) if people.iter().any(|other| other.key == person.key) => {
                flaws.push(flaw(node, Mistake::SameName { key: person.key }));
            }
            Ok(person) if people.iter().any(|other| other.user.id == person.user.id) => {
                flaws.push(flaw(node, Mistake::SameId { id: person.user.id }));
            }
            Ok(person) => people.push(person),
            Err(wrong) => flaws.push(wrong),
        }
    }
    people
}

fn person(node: Node<'_>) -> Result<Person, Flaw> {
    if node.shape() != Shape::Mapping {
        return Err(flaw(node, Mistake::NotAMapping { what: "a person" }));
    }
    let missing = |key, example| flaw(node, Mistake::Missing { place: "a person".to_owned(), key, example });
    let some_text = |key| node.get(key).map(|node| text(node, key)).transpose();
    let id = node.get("id").ok_or_else(|| missing("id", "{id: 1001, name: Anna}"))?;
    let first_name = some_text("name")?.ok_or_else(|| missing("name", "{id: 1001, name: Anna}"))?;
    let started = match node.get("started") {
        None => false,
        Some(flag) if flag.shape() == Shape::Boolean => {
            flag.written().is_some_and(|text| text.eq_ignore_ascii_case("true"))
        }
        Some(other) => return Err(wrong_number(other, "started", "true or false")),
    };
    Ok(Person {
        key: some_text("as")?.unwrap_or_else(|| first_name.clone()).to_lowercase(),
        user: NewUser {
            id: number(id, "id", "a whole number above 0")?,
            first_name,
            last_name: some_text("last_name")?,
            username: some_text("username")?,
            language_code: some_text("language")?,
            note: None,
            started,
        },
    })
}

/// Text, or a number as it is written.
pub(super) fn text(node: Node<'_>, key: &str) -> Result<String, Flaw> {
    match node.shape() {
        Shape::Text | Shape::Number => Ok(node.written().unwrap_or_default().to_owned()),
        _ => Err(flaw(node, Mistake::NotText { key: key.to_owned() })),
    }
}

pub(super) fn number<N: std::str::FromStr>(node: Node<'_>, key: &str, wanted: &'static str) -> Result<N, Flaw> {
    node.number().and_then(|text| text.parse().ok()).ok_or_else(|| wrong_number(node, key, wanted))
}

pub(super) fn wrong_number(node: Node<'_>, key: &str, wanted: &'static str) -> Flaw {
    let found = node.written().unwrap_or("…").to_owned();
    flaw(node, Mistake::NotANumber { key: key.to_owned(), wanted, found })
}

pub(super) fn time(node: Node<'_>, key: &str, example: &'static str) -> Result<Duration, Flaw> {
    node.written().and_then(duration).ok_or_else(|| wrong_time(node, key, example))
}

pub(super) fn wrong_time(node: Node<'_>, key: &str, example: &'static str) -> Flaw {
    let found = node.written().unwrap_or("…").to_owned();
    flaw(node, Mistake::NotATime { key: key.to_owned(), example, found })
}
