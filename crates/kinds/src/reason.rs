//! Why a value is refused, in a form that can be said in any language.
//!
//! English is below, Russian in a module of its own, so that a reason without a translation does not compile.

mod english;
mod russian;

use yaml::{Place, Shape};

use crate::{Breach, Language};

/// What a value may be asked to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// A number.
    Number,
    /// Text.
    Text,
    /// A list.
    List,
    /// Keys with values.
    Mapping,
}

/// What stands in the file instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing, or `null`.
    Nothing,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, as written.
    Number(String),
    /// Text; its beginning if it is long.
    Text(String),
    /// A list.
    List,
    /// Keys with values.
    Mapping,
}

impl Found {
    /// How much of a text is repeated, in characters.
    const MOST: usize = 40;

    /// What stands at a node.
    pub fn of(node: yaml::Node<'_>) -> Self {
        match node.shape() {
            Shape::Null => Self::Nothing,
            Shape::Boolean => Self::Boolean(node.written().is_some_and(|text| text.eq_ignore_ascii_case("true"))),
            Shape::Number => Self::Number(Self::cut(node.written().unwrap_or_default())),
            Shape::Text => Self::Text(Self::cut(node.written().unwrap_or_default())),
            Shape::Sequence => Self::List,
            Shape::Mapping => Self::Mapping,
        }
    }

    pub(crate) fn value(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Nothing,
            serde_json::Value::Bool(value) => Self::Boolean(*value),
            serde_json::Value::Number(number) => Self::Number(number.to_string()),
            serde_json::Value::String(text) => Self::Text(Self::cut(text)),
            serde_json::Value::Array(_) => Self::List,
            serde_json::Value::Object(_) => Self::Mapping,
        }
    }

    fn cut(text: &str) -> String {
        match text.char_indices().nth(Self::MOST) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
            None => text.to_owned(),
        }
    }
}

/// Why a value, a key or a file is refused.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The file is not a document that every YAML program reads alike.
    Yaml(yaml::Fault),
    /// A value of another type. `quoted`: it is a number in quotes where a number is wanted.
    WrongType {
        /// What it may be.
        expected: Vec<Type>,
        /// What it is.
        found: Found,
        /// Whether removing the quotes would help.
        quoted: bool,
    },
    /// A key that must be there is not.
    Missing {
        /// The key.
        key: String,
    },
    /// A key that means nothing here.
    UnknownKey {
        /// The key.
        key: String,
        /// What was probably meant.
        suggestion: Option<String>,
        /// The keys that mean something here.
        known: Vec<String>,
    },
    /// A key that does not have the form that keys must have here.
    BadKey {
        /// The key.
        key: String,
    },
    /// A value that is not one of a few.
    NotOneOf {
        /// What it may be.
        allowed: Vec<String>,
        /// What it is.
        found: Found,
        /// What was probably meant.
        suggestion: Option<String>,
    },
    /// A number that is too small.
    TooSmall {
        /// The limit.
        limit: String,
        /// Whether the limit itself is allowed.
        inclusive: bool,
        /// The number.
        found: Found,
    },
    /// A number that is too large.
    TooLarge {
        /// The limit.
        limit: String,
        /// Whether the limit itself is allowed.
        inclusive: bool,
        /// The number.
        found: Found,
    },
    /// A number that is not a whole multiple of another.
    NotMultiple {
        /// Of what.
        of: String,
        /// The number.
        found: Found,
    },
    /// A text with too few characters.
    TooShort {
        /// The least.
        limit: u64,
        /// The text.
        found: Found,
    },
    /// A text with too many characters.
    TooLong {
        /// The most.
        limit: u64,
        /// How many it has.
        length: u64,
    },
    /// A list with too few items.
    TooFewItems {
        /// The least.
        limit: u64,
        /// How many it has.
        count: u64,
    },
    /// A list with too many items.
    TooManyItems {
        /// The most.
        limit: u64,
        /// How many it has.
        count: u64,
    },
    /// A mapping with too few keys.
    TooFewKeys {
        /// The least.
        limit: u64,
        /// How many it has.
        count: u64,
    },
    /// A mapping with too many keys.
    TooManyKeys {
        /// The most.
        limit: u64,
        /// How many it has.
        count: u64,
    },
    /// A text that does not match a regular expression.
    WrongForm {
        /// The expression.
        pattern: String,
        /// A text that matches, if the schema gives one.
        example: Option<String>,
        /// The text.
        found: Found,
    },
    /// A text that does not have a named format, such as `date`.
    WrongFormat {
        /// The format, as JSON Schema calls it.
        format: String,
        /// The text.
        found: Found,
    },
    /// A list item that is there already.
    RepeatedItem {
        /// Where it stands first.
        first: Place,
    },
    /// A list without an item of a kind that it must contain.
    Lacks,
    /// A value that has none of several allowed forms.
    FitsNone,
    /// A value that has more than one of several forms that exclude each other.
    FitsSeveral,
    /// A value that must not be here, or not this one.
    Forbidden,
    /// The schema could not be applied to the value.
    Unchecked {
        /// What the validator says, in English.
        detail: String,
    },
    /// A rule of the kind is broken.
    Breach(Breach),
    /// The kind's own schema cannot be used.
    Schema(String),
    /// More problems than are told.
    More {
        /// How many more.
        count: usize,
    },
}

impl Reason {
    /// The reason as a sentence, without a capital letter and a final period.
    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::English => english::sentence(self),
            Language::Russian => russian::sentence(self),
        }
    }
}
