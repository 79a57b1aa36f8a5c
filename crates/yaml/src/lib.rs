//! YAML as foreign bytes: guarded parsing, and where each value stands.
//!
//! [`parse`] turns bytes that anybody may have sent into a [`Document`]: a tree whose keys and values know their line and
//! column, and the same content as a [`serde_json::Value`]. It refuses what would cost too much ([`Limits`]) and what two
//! programs could read differently: duplicate keys, merge keys, tags, several documents, and plain scalars such as `no`,
//! `010` or `1:30` that YAML 1.1 programs take for something else than YAML 1.2 ones. Simple aliases are followed, within a
//! budget, because price lists in the wild use them and every YAML program agrees on what they mean.
//!
//! Two independent parsers read each document: `saphyr-parser` gives structure and places, `serde_yaml` gives values. They
//! must agree on every node, or the document is refused.
//!
//! This crate knows nothing of schemas, settings or Natrium. It does no I/O.

mod decode;
mod document;
mod error;
mod node;
mod path;
mod plain;
mod tabs;
mod tree;
mod values;

pub use document::{Document, Limits, parse};
pub use error::{Error, Fault, Place, SyntaxFault};
pub use node::{Entry, Node, Shape};
pub use path::{Path, Segment};
pub use plain::Reading;
