//! Reads nodes of a document as what they should be, and reports those that are not.

use kinds::{Found, Reason, Type, nearest};
use yaml::{Node, Path, Place, Shape};

use super::Located;
use crate::Problem;
use crate::problem::Fault;
use crate::redact::{SECRET, is_secret};

/// A value that is looked for.
pub(super) struct Field<'d> {
    node: Option<Node<'d>>,
    path: Path,
    /// Where what should hold it stands.
    parent: Place,
    required: bool,
}

impl Field<'_> {
    /// Whether it is there, right or wrong.
    pub(super) fn is_written(&self) -> bool {
        self.node.is_some()
    }
}

/// Makes it a problem if the value is not there.
pub(super) fn required(field: Field<'_>) -> Field<'_> {
    Field { required: true, ..field }
}

/// A mapping whose keys have been checked.
pub(super) struct Mapping<'d> {
    node: Node<'d>,
    path: Path,
}

impl<'d> Mapping<'d> {
    pub(super) fn get(&self, key: &str) -> Field<'d> {
        Field { node: self.node.get(key), path: self.path.clone().key(key), parent: self.node.place(), required: false }
    }

    /// `value`, which this mapping says.
    pub(super) fn located<T>(&self, value: T) -> Located<T> {
        Located { value, path: self.path.clone(), place: self.node.place() }
    }
}

/// Whether a list may have no items.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Empty {
    Allowed,
    Refused,
}

#[derive(Default)]
pub(super) struct Reader {
    pub(super) problems: Vec<Problem>,
}

impl Reader {
    fn report(&mut self, place: Place, path: &Path, fault: &Fault) {
        self.problems.push(Problem::new(Some(place), path, fault));
    }

    /// The value, if it is there; reports it missing if it must be.
    fn present<'d>(&mut self, field: Field<'d>) -> Option<(Node<'d>, Path)> {
        if field.node.is_none() && field.required {
            let key = match field.path.segments() {
                [parent @ .., yaml::Segment::Key(key)] => Some((parent.iter().cloned().collect::<Path>(), key.clone())),
                _ => None,
            };
            if let Some((parent, key)) = key {
                self.report(field.parent, &parent, &Fault::Shape(Reason::Missing { key }));
            }
        }
        Some((field.node?, field.path))
    }

    fn wrong_type(&mut self, node: Node<'_>, path: &Path, expected: Type) {
        let secret = path.segments().iter().any(|segment| matches!(segment, yaml::Segment::Key(key) if is_secret(key)));
        let found = match Found::of(node) {
            Found::Text(_) | Found::Number(_) if secret => Found::Text(SECRET.to_owned()),
            found => found,
        };
        let quoted = expected == Type::Number && node.text().is_some_and(|text| text.parse::<u64>().is_ok());
        self.report(node.place(), path, &Fault::Shape(Reason::WrongType { expected: vec![expected], found, quoted }));
    }

    /// A mapping; its keys must be among `keys`.
    pub(super) fn mapping<'d>(&mut self, node: Node<'d>, path: Path, keys: &[&str]) -> Option<Mapping<'d>> {
        if node.shape() != Shape::Mapping {
            self.wrong_type(node, &path, Type::Mapping);
            return None;
        }
        for entry in node.entries() {
            if !keys.contains(&entry.key) {
                let unused = keys.iter().copied().filter(|key| node.get(key).is_none());
                let suggestion = nearest(entry.key, unused).map(str::to_owned);
                let known = keys.iter().map(|key| (*key).to_owned()).collect();
                let reason = Reason::UnknownKey { key: entry.key.to_owned(), suggestion, known };
                self.report(entry.place, &path.clone().key(entry.key), &Fault::Shape(reason));
            }
        }
        Some(Mapping { node, path })
    }

    /// A mapping that may be missing.
    pub(super) fn sub<'d>(&mut self, field: Field<'d>, keys: &[&str]) -> Option<Mapping<'d>> {
        let (node, path) = self.present(field)?;
        self.mapping(node, path, keys)
    }

    /// The keys and values of a mapping whose keys are free; it must not be empty if it is there.
    pub(super) fn entries<'d>(&mut self, field: Field<'d>) -> Option<Vec<(Located<String>, Field<'d>)>> {
        let (node, path) = self.present(field)?;
        if node.shape() != Shape::Mapping {
            self.wrong_type(node, &path, Type::Mapping);
            return None;
        }
        if node.entries().len() == 0 {
            self.report(node.place(), &path, &Fault::Shape(Reason::TooFewKeys { limit: 1, count: 0 }));
        }
        let entry = |entry: yaml::Entry<'d>| {
            let path = path.clone().key(entry.key);
            let name = Located { value: entry.key.to_owned(), path: path.clone(), place: entry.place };
            (name, Field { node: Some(entry.value), path, parent: entry.place, required: false })
        };
        Some(node.entries().map(entry).collect())
    }

    /// The items of a list.
    pub(super) fn list<'d>(&mut self, field: Field<'d>, empty: Empty) -> Vec<Field<'d>> {
        let Some((node, path)) = self.present(field) else { return Vec::new() };
        if node.shape() != Shape::Sequence {
            self.wrong_type(node, &path, Type::List);
            return Vec::new();
        }
        if node.items().len() == 0 && empty == Empty::Refused {
            self.report(node.place(), &path, &Fault::Shape(Reason::TooFewItems { limit: 1, count: 0 }));
        }
        let item = |(index, item): (usize, Node<'d>)| Field {
            node: Some(item),
            path: path.clone().index(index),
            parent: item.place(),
            required: false,
        };
        node.items().enumerate().map(item).collect()
    }

    pub(super) fn text(&mut self, field: Field<'_>) -> Option<Located<String>> {
        self.scalar(field, Type::Text)
    }

    /// A number, as written.
    pub(super) fn number(&mut self, field: Field<'_>) -> Option<Located<String>> {
        self.scalar(field, Type::Number)
    }

    fn scalar(&mut self, field: Field<'_>, wanted: Type) -> Option<Located<String>> {
        let (node, path) = self.present(field)?;
        let found = if wanted == Type::Number { node.number() } else { node.text() };
        match found {
            Some(text) => Some(Located { value: text.to_owned(), path, place: node.place() }),
            None => {
                self.wrong_type(node, &path, wanted);
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, field: Field<'_>) -> Option<bool> {
        let (node, path) = self.present(field)?;
        if let Found::Boolean(value) = Found::of(node) {
            return Some(value);
        }
        self.wrong_type(node, &path, Type::Boolean);
        None
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, field: Field<'_>, words: &[(&str, T)]) -> Option<T> {
        self.located_word(field, words).map(|located| located.value)
    }

    /// One of a few words, and where it stands.
    pub(super) fn located_word<T: Copy>(&mut self, field: Field<'_>, words: &[(&str, T)]) -> Option<Located<T>> {
        let (node, path) = self.present(field)?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| node.text() == Some(word)) {
            return Some(Located { value: *meaning, path, place: node.place() });
        }
        let suggestion =
            node.text().and_then(|text| nearest(text, words.iter().map(|(word, _)| *word))).map(str::to_owned);
        let allowed = words.iter().map(|(word, _)| (*word).to_owned()).collect();
        self.report(
            node.place(),
            &path,
            &Fault::Shape(Reason::NotOneOf { allowed, found: Found::of(node), suggestion }),
        );
        None
    }

    /// Where a secret is; never the secret itself, which nothing here repeats.
    pub(super) fn secret(&mut self, field: Field<'_>) -> Option<(&'static str, Located<String>)> {
        const SOURCES: [&str; 3] = ["file", "credential", "environment"];
        let (node, path) = self.present(field)?;
        if node.shape() != Shape::Mapping {
            let inline = matches!(node.shape(), Shape::Text | Shape::Number);
            self.report(node.place(), &path, if inline { &Fault::TokenInline } else { &Fault::NotASource });
            return None;
        }
        let map = self.mapping(node, path.clone(), &SOURCES)?;
        let written: Vec<_> = SOURCES.into_iter().filter(|source| node.get(source).is_some()).collect();
        match written.as_slice() {
            [source] => self.text(map.get(source)).map(|value| (*source, value)),
            // A misspelt key has been reported.
            [] if node.entries().len() > 0 => None,
            _ => {
                self.report(node.place(), &path, &Fault::NotASource);
                None
            }
        }
    }
}
