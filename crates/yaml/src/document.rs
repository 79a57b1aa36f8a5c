//! A parsed document, and the way from bytes to one.

use serde_json::Value;

use crate::node::{NodeId, Stored};
use crate::tree::Builder;
use crate::{Entry, Error, Fault, Node, Path, Place, Segment, Shape, decode, values};

/// What a document may cost at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document.
    pub bytes: usize,
    /// Lists and mappings inside each other.
    pub depth: usize,
    /// Keys and values.
    pub nodes: usize,
    /// Values that all aliases together stand for.
    pub aliased: usize,
}

impl Default for Limits {
    /// Enough for a config file that people write: 1 MiB, 64 levels, 100,000 keys and values, 10,000 by aliases.
    fn default() -> Self {
        Self { bytes: 1 << 20, depth: 64, nodes: 100_000, aliased: 10_000 }
    }
}

/// A document that every YAML program reads alike.
#[derive(Clone, Debug)]
pub struct Document {
    pub(crate) nodes: Vec<Stored>,
    pub(crate) root: NodeId,
    value: Value,
}

/// Reads a document.
///
/// # Errors
/// Everything that is wrong with it, in the order of the document, at least one and at most 100. What makes reading on
/// pointless (syntax, encoding, a limit) is the last one.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Document, Vec<Error>> {
    let text = decode::decode(bytes, limits.bytes).map_err(|error| vec![error])?;
    decode::check_indicators(text, limits.nodes).map_err(|error| vec![error])?;
    let (nodes, root) = Builder::new(limits).build(text)?;
    let mut document = Document { nodes, root, value: Value::Null };
    document.value = values::agreed(&document, text).map_err(|error| vec![error])?;
    Ok(document)
}

impl Document {
    /// The content.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The value that the document is.
    pub fn root(&self) -> Node<'_> {
        Node::new(self, self.root)
    }

    /// The value at `path`, if there is one.
    pub fn at(&self, path: &Path) -> Option<Node<'_>> {
        path.segments().iter().try_fold(self.root(), |node, segment| match segment {
            Segment::Key(key) => node.get(key),
            Segment::Index(index) => node.item(*index),
        })
    }

    /// The key that leads to `path` in the last step, if that step is a key of the document.
    pub fn entry_at(&self, path: &Path) -> Option<Entry<'_>> {
        let (last, parent) = path.segments().split_last()?;
        let Segment::Key(key) = last else { return None };
        self.at(&parent.iter().cloned().collect())?.entry(key)
    }

    /// The path that a JSON pointer means in this document.
    pub fn path(&self, pointer: &str) -> Path {
        Path::from_pointer(pointer, |path| self.at(path).is_some_and(|node| node.shape() == Shape::Sequence))
    }

    /// Where the value at `path` stands, or what is nearest to it: for a missing key, the mapping that lacks it.
    pub fn place(&self, path: &Path) -> Place {
        let mut node = self.root();
        for segment in path.segments() {
            let next = match segment {
                Segment::Key(key) => node.get(key),
                Segment::Index(index) => node.item(*index),
            };
            let Some(next) = next else { break };
            node = next;
        }
        node.place()
    }
}

/// The error for a document without content.
pub(crate) fn empty() -> Error {
    Error::whole(Fault::Empty)
}
