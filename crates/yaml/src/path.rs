//! Which value of a document is meant: `brackets[2].percent`.

use std::fmt;

/// One step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// The value of a key.
    Key(String),
    /// An item of a list, counted from 0.
    Index(usize),
}

/// The way from the root of a document to one value; empty is the root itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Segment>);

impl Path {
    /// The way that a JSON pointer (RFC 6901) describes. Array indexes and keys look alike there, so whether a number is an
    /// index is decided by `is_sequence`, called with the way so far.
    pub fn from_pointer(pointer: &str, is_sequence: impl Fn(&Self) -> bool) -> Self {
        let mut path = Self::default();
        for token in pointer.split('/').skip(1) {
            let index = token.parse().ok().filter(|_| is_sequence(&path));
            path.0.push(match index {
                Some(index) => Segment::Index(index),
                None => Segment::Key(token.replace("~1", "/").replace("~0", "~")),
            });
        }
        path
    }

    /// The way to `key` inside the value that this is the way to.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Segment::Key(key.into()));
        self
    }

    /// The way to an item of the list that this is the way to.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Segment::Index(index));
        self
    }

    /// The steps, from the root.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Segment> for Path {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

impl fmt::Display for Path {
    /// Keys that are not simple words are quoted: `pairs["US dollar"]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if is_word(key) && position == 0 => f.write_str(key)?,
                Segment::Key(key) if is_word(key) => write!(f, ".{key}")?,
                Segment::Key(key) => write!(f, "[{key:?}]")?,
            }
        }
        Ok(())
    }
}

fn is_word(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '-' | '$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_code() {
        let path = Path::default().key("brackets").index(2).key("percent");
        assert_eq!(path.to_string(), "brackets[2].percent");
        assert_eq!(Path::default().key("a b").key("c.d").to_string(), "[\"a b\"][\"c.d\"]");
        assert_eq!(Path::default().to_string(), "");
    }

    #[test]
    fn a_number_in_a_pointer_is_an_index_only_in_a_sequence() {
        let path = Path::from_pointer("/a~1b/0/0", |path| path.segments().len() == 1);
        assert_eq!(path.segments()[0], Segment::Key("a/b".to_owned()));
        assert_eq!(path.segments()[1], Segment::Index(0));
        assert_eq!(path.segments()[2], Segment::Key("0".to_owned()));
        assert!(Path::from_pointer("", |_| false).is_root());
    }
}
