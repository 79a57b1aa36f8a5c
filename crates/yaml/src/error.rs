//! What can be wrong with a document, and where.

use std::fmt;

use thiserror::Error;

use crate::{Path, Reading};

/// A position in a document. Both count from 1; columns count characters, not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The character within the line.
    pub column: u32,
}

impl Place {
    /// Where a document starts.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place right after `text`, which starts at [`Place::START`].
    pub(crate) fn after(text: &str) -> Self {
        let mut place = Self::START;
        for character in text.chars() {
            match character {
                '\n' => place = Self { line: place.line.saturating_add(1), column: 1 },
                _ => place.column = place.column.saturating_add(1),
            }
        }
        place
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// One thing that is wrong with a document.
///
/// Its text may quote the document. Who must not repeat what stands there (a secret) can tell by [`Error::path`].
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{}{fault}", .place.map(|place| format!("{place}: ")).unwrap_or_default())]
pub struct Error {
    /// Where; absent when it concerns the document as a whole.
    pub place: Option<Place>,
    /// The key or value concerned; empty when it concerns the document or no value can be named.
    pub path: Path,
    /// What.
    pub fault: Fault,
}

impl Error {
    pub(crate) fn whole(fault: Fault) -> Self {
        Self { place: None, path: Path::default(), fault }
    }

    pub(crate) fn at(place: Place, fault: Fault) -> Self {
        Self { place: Some(place), path: Path::default(), fault }
    }
}

/// What is wrong, without the place. The text is a sentence for the person who wrote the document.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// More bytes than the limit.
    #[error("the file has {bytes} bytes; at most {limit} are accepted")]
    TooLarge {
        /// How many bytes it has.
        bytes: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// UTF-16, as some Windows editors write it.
    #[error("the file is UTF-16 text; save it as UTF-8")]
    Utf16,
    /// UTF-32.
    #[error("the file is UTF-32 text; save it as UTF-8")]
    Utf32,
    /// Any other bytes that are not UTF-8.
    #[error("byte 0x{byte:02X} is not UTF-8 text; save the file as UTF-8")]
    NotUtf8 {
        /// The first byte that does not fit.
        byte: u8,
    },
    /// A character that editors do not show and that YAML programs disagree about.
    #[error("the invisible character U+{:04X} is not allowed; remove it", u32::from(*.character))]
    Invisible {
        /// The character.
        character: char,
    },
    /// No bytes, or only comments and white space.
    #[error("the file is empty")]
    Empty,
    /// A second `---` document.
    #[error("a second document starts here (`---`); only one is allowed")]
    SeveralDocuments,
    /// A `%YAML` or `%TAG` line.
    #[error("lines that start with `%` are not accepted; remove it")]
    Directive,
    /// The same key twice in one mapping.
    #[error("the key `{key}` is there twice; the first one is at {first}")]
    DuplicateKey {
        /// The key.
        key: String,
        /// Where it stands first.
        first: Place,
    },
    /// More levels than the limit.
    #[error("nested too deeply; at most {limit} levels are accepted")]
    TooDeep {
        /// How many levels are allowed.
        limit: usize,
    },
    /// More keys and values than the limit.
    #[error("too many keys and values; at most {limit} are accepted")]
    TooManyNodes {
        /// How many are allowed.
        limit: usize,
    },
    /// Aliases (`*name`) that stand for too much.
    #[error("the aliases (`*name`) stand for more than {limit} values altogether; write them out")]
    AliasBomb {
        /// How many values all aliases together may stand for.
        limit: usize,
    },
    /// An alias inside the value it stands for.
    #[error("this alias (`*name`) is part of the value it stands for")]
    EndlessAlias,
    /// The YAML 1.1 merge key.
    #[error("merge keys (`<<`) are not accepted; write the keys out")]
    MergeKey,
    /// A tag such as `!!str`.
    #[error("tags (`{tag}`) are not accepted; remove it")]
    Tag {
        /// The tag, as written.
        tag: String,
    },
    /// A key that is not text.
    #[error("the key `{key}` is not read as text; put it in quotes")]
    KeyNotText {
        /// The key, as written.
        key: String,
    },
    /// A list, a mapping or an alias as key.
    #[error("a key must be plain text, written out")]
    KeyNotScalar,
    /// A plain scalar that programs read differently.
    #[error("`{text}` {reading}")]
    Misread {
        /// The scalar, as written.
        text: String,
        /// How it can be misread.
        reading: Reading,
    },
    /// Not YAML.
    #[error("{0}")]
    Syntax(SyntaxFault),
    /// The two parsers do not agree.
    #[error("YAML programs disagree about what stands here; write it more simply, or put it in quotes")]
    Disagreement,
}

/// Why a document is not YAML.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SyntaxFault {
    /// A tab outside quotes, block texts and comments.
    #[error("a tab is not allowed here; use spaces")]
    Tab,
    /// A line that starts in a column that fits nothing above it.
    #[error("this line does not fit what stands above it; check its indentation")]
    Indentation,
    /// `key: value: value`, or a key after a bracket that was left open.
    #[error(
        "a `:` is not expected here; check the indentation and for a bracket left open above, or put the text in quotes"
    )]
    Colon,
    /// A key without its `:`.
    #[error("a `:` is missing after the key")]
    ColonMissing,
    /// A quoted text that never ends.
    #[error("the quote is never closed")]
    UnclosedQuote,
    /// Something after a closing quote.
    #[error("something follows the closing quote; put the whole text in one pair of quotes")]
    AfterQuote,
    /// `[` without `]`.
    #[error("a `,` or a closing `]` is missing")]
    UnclosedSequence,
    /// `{` without `}`.
    #[error("a `,` or a closing `}}` is missing")]
    UnclosedMapping,
    /// A closing bracket that nothing opened.
    #[error("this bracket closes nothing")]
    StrayBracket,
    /// `*name` without `&name`.
    #[error("this alias (`*name`) stands for nothing; no `&name` comes before it")]
    UnknownAlias,
    /// A backslash with something unknown after it.
    #[error("unknown escape after the backslash; use single quotes, or write two backslashes")]
    Escape,
    /// A character that cannot start a value.
    #[error("a value cannot start with this character; put it in quotes")]
    ReservedCharacter,
    /// Anything else, in the parser's words.
    #[error("this is not YAML: {0}")]
    Other(String),
}

impl SyntaxFault {
    /// Names what saphyr-parser 0.3 says in English about its own state in terms of the document.
    pub(crate) fn named(info: &str) -> Self {
        let says = |part: &str| info.contains(part);
        if says("trailing content after double-quoted") {
            Self::AfterQuote
        } else if says("tab") && !says("alphabetic") && !says("must not") && !says("unprintable") {
            Self::Tab
        } else if says("unknown anchor") {
            Self::UnknownAlias
        } else if says("escape") || says("hexadecimal") {
            Self::Escape
        } else if says("quoted scalar") {
            Self::UnclosedQuote
        } else if says("',' or ']'") {
            Self::UnclosedSequence
        } else if says("',' or '}'") {
            Self::UnclosedMapping
        } else if says("misplaced bracket") {
            Self::StrayBracket
        } else if says("unexpected character") || says("cannot start with") {
            Self::ReservedCharacter
        } else if says("simple key expect") {
            Self::ColonMissing
        } else if says("mapping values are not allowed") || says("':'") {
            Self::Colon
        } else if says("indent") || says("did not find expected key") || says("expected '-'") || says("not allowed in")
        {
            Self::Indentation
        } else {
            Self::Other(info.to_owned())
        }
    }
}
