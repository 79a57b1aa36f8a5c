//! The values of a document, as they stand there.

use crate::plain::{self, Plain};
use crate::{Document, Place};

/// Which of a document's nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(pub(crate) u32);

/// How a document keeps a node.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) place: Place,
    pub(crate) content: Content,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Begun, not complete.
    Open,
    Scalar {
        text: Box<str>,
        plain: bool,
    },
    Sequence(Box<[NodeId]>),
    Mapping(Box<Mapping>),
}

#[derive(Clone, Debug)]
pub(crate) struct Mapping {
    pub(crate) entries: Box<[StoredEntry]>,
    /// Indexes of `entries`, in the order of their keys.
    pub(crate) sorted: Box<[u32]>,
}

#[derive(Clone, Debug)]
pub(crate) struct StoredEntry {
    pub(crate) key: Box<str>,
    pub(crate) place: Place,
    pub(crate) value: NodeId,
}

impl Mapping {
    pub(crate) fn find(&self, key: &str) -> Option<&StoredEntry> {
        let key_of = |index: &u32| self.entries.get(*index as usize).map(|entry| &*entry.key);
        let found = self.sorted.binary_search_by(|index| key_of(index).cmp(&Some(key))).ok()?;
        self.entries.get(*self.sorted.get(found)? as usize)
    }
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Nothing, or `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// Text, quoted or not.
    Text,
    /// A list.
    Sequence,
    /// Keys with values.
    Mapping,
}

/// A value of a document. Copies are cheap.
#[derive(Clone, Copy, Debug)]
pub struct Node<'d> {
    document: &'d Document,
    id: NodeId,
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'d> {
    /// The key.
    pub key: &'d str,
    /// Where the key stands.
    pub place: Place,
    /// The value.
    pub value: Node<'d>,
}

impl<'d> Node<'d> {
    pub(crate) fn new(document: &'d Document, id: NodeId) -> Self {
        Self { document, id }
    }

    pub(crate) fn content(self) -> &'d Content {
        self.document.nodes.get(self.id.0 as usize).map_or(&Content::Open, |stored| &stored.content)
    }

    /// Where the value stands; for an alias, where the value it stands for does; for a missing value, its key.
    pub fn place(self) -> Place {
        self.document.nodes.get(self.id.0 as usize).map_or(Place::START, |stored| stored.place)
    }

    /// What the value is.
    pub fn shape(self) -> Shape {
        match self.content() {
            Content::Open => Shape::Null,
            Content::Sequence(_) => Shape::Sequence,
            Content::Mapping(_) => Shape::Mapping,
            Content::Scalar { plain: false, .. } => Shape::Text,
            Content::Scalar { text, .. } => match plain::resolve(text) {
                Ok(Plain::Null) => Shape::Null,
                Ok(Plain::Boolean(_)) => Shape::Boolean,
                Ok(Plain::Text) | Err(_) => Shape::Text,
                Ok(Plain::Unsigned(_) | Plain::Negative(_) | Plain::Float(_)) => Shape::Number,
            },
        }
    }

    /// A scalar as written, without its quotes and escapes: `1.50` where the value is 1.5.
    pub fn written(self) -> Option<&'d str> {
        match self.content() {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The text, if it is text.
    pub fn text(self) -> Option<&'d str> {
        self.written().filter(|_| self.shape() == Shape::Text)
    }

    /// The number as written, if it is one.
    pub fn number(self) -> Option<&'d str> {
        self.written().filter(|_| self.shape() == Shape::Number)
    }

    /// The items of a list; none if it is not a list.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'d>> {
        let items: &[NodeId] = match self.content() {
            Content::Sequence(items) => items,
            _ => &[],
        };
        items.iter().map(move |id| Node::new(self.document, *id))
    }

    /// The item with this index, counted from 0.
    pub fn item(self, index: usize) -> Option<Node<'d>> {
        self.items().nth(index)
    }

    /// The keys and values of a mapping, in the order of the document; none if it is not a mapping.
    pub fn entries(self) -> impl ExactSizeIterator<Item = Entry<'d>> {
        let entries: &[StoredEntry] = match self.content() {
            Content::Mapping(mapping) => &mapping.entries,
            _ => &[],
        };
        entries.iter().map(move |entry| self.shown(entry))
    }

    /// The key and its value.
    pub fn entry(self, key: &str) -> Option<Entry<'d>> {
        match self.content() {
            Content::Mapping(mapping) => mapping.find(key).map(|entry| self.shown(entry)),
            _ => None,
        }
    }

    /// The value of a key.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        self.entry(key).map(|entry| entry.value)
    }

    fn shown(self, entry: &'d StoredEntry) -> Entry<'d> {
        Entry { key: &entry.key, place: entry.place, value: Node::new(self.document, entry.value) }
    }
}
