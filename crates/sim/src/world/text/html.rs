//! `parse_mode=HTML`: tags to entities, or Telegram's own words about what is wrong, with byte offsets of the source.
//!
//! Follows TDLib's `parse_html`. Knows nothing of messages.

use thiserror::Error;

use super::markdown::of_address;
use super::source::{Output, Source, is_blank};
use super::{dates, link, order};
use crate::control::{Entity, EntityKind};

/// Why a text is not the HTML that Telegram takes. `at` is a byte offset in the source.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum HtmlError {
    #[error("Text must not contain null bytes")]
    Null,
    #[error("Unclosed start tag at byte offset {at}")]
    UnclosedTag { at: usize },
    #[error("Unsupported start tag \"{tag}\" at byte offset {at}")]
    UnsupportedTag { tag: String, at: usize },
    #[error("Empty attribute name in the tag \"{tag}\" at byte offset {at}")]
    EmptyAttribute { tag: String, at: usize },
    #[error("Unclosed start tag \"{tag}\" at byte offset {at}")]
    UnclosedStart { tag: String, at: usize },
    #[error("Unexpected end of name token at byte offset {at}")]
    NameToken { at: usize },
    #[error("Tag \"span\" must have class \"tg-spoiler\" at byte offset {at}")]
    Span { at: usize },
    #[error("Unexpected end tag at byte offset {at}")]
    UnexpectedEnd { at: usize },
    #[error("Unclosed end tag at byte offset {at}")]
    UnclosedEnd { at: usize },
    #[error("Unmatched end tag at byte offset {at}, expected \"</{expected}>\", found \"</{found}>\"")]
    UnmatchedEnd { at: usize, expected: String, found: String },
    #[error("Invalid custom emoji identifier specified")]
    CustomEmoji,
    #[error("Invalid date format used")]
    DateFormat,
    #[error("Can't find end tag corresponding to start tag \"{tag}\"")]
    NoEnd { tag: String },
    #[error(
        "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units"
    )]
    Surrogate,
}

const TAGS: &[&str] = &[
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "span",
    "tg-emoji",
    "tg-time",
    "pre",
    "code",
    "blockquote",
];

#[derive(Default)]
struct OpenTag {
    name: String,
    argument: String,
    /// Of `tg-time`.
    unix: i32,
    /// Where its text starts, in UTF-16 units and in bytes of the output.
    offset: usize,
    start: usize,
}

struct Parser<'a> {
    source: Source<'a>,
    output: Output,
    open: Vec<OpenTag>,
    /// With the language of `code`, which counts if `pre` is around the same text.
    entities: Vec<(Entity, String)>,
    has_surrogates: bool,
}

/// Parses to plain text and sorted entities.
///
/// # Errors
///
/// The first thing that is wrong with it, as Telegram says it.
pub(crate) fn parse(text: &str) -> Result<(String, Vec<Entity>), HtmlError> {
    if text.contains('\0') {
        return Err(HtmlError::Null);
    }
    let mut parser = Parser {
        source: Source::new(text),
        output: Output::default(),
        open: Vec::new(),
        entities: Vec::new(),
        has_surrogates: false,
    };
    while let Some(next) = parser.source.peek() {
        match next {
            b'<' if parser.source.ahead(1) == b'/' => parser.end_tag()?,
            b'<' => parser.start_tag()?,
            _ => {
                let character = parser.character();
                parser.output.push(character);
            }
        }
    }
    if let Some(tag) = parser.open.pop() {
        return Err(HtmlError::NoEnd { tag: tag.name });
    }
    if parser.has_surrogates {
        return Err(HtmlError::Surrogate);
    }
    let mut entities: Vec<Entity> = parser.entities.into_iter().map(|(entity, _)| entity).collect();
    order::sort(&mut entities);
    Ok((parser.output.text, entities))
}

impl<'a> Parser<'a> {
    /// One character, an escape like `&lt;` taken as what it means.
    fn character(&mut self) -> char {
        match escape(&self.source.text[self.source.at..]) {
            Some((code, bytes)) => {
                self.source.skip(bytes);
                char::from_u32(code).unwrap_or_else(|| {
                    self.has_surrogates = true;
                    char::REPLACEMENT_CHARACTER
                })
            }
            None => self.source.take(),
        }
    }

    fn start_tag(&mut self) -> Result<(), HtmlError> {
        let at = self.source.at;
        self.source.skip(1);
        let name = self.source.skip_until(|byte| is_blank(byte) || byte == b'>').to_ascii_lowercase();
        if self.source.peek().is_none() {
            return Err(HtmlError::UnclosedTag { at });
        }
        if !TAGS.contains(&name.as_str()) {
            return Err(HtmlError::UnsupportedTag { tag: name, at });
        }
        let mut tag = OpenTag { name, ..OpenTag::default() };
        while let Some((name, value)) = self.attribute(&tag.name, at)? {
            tag.take(name, value);
        }
        if tag.name == "span" && tag.argument != "spoiler" {
            return Err(HtmlError::Span { at });
        }
        self.source.skip(1);
        (tag.offset, tag.start) = (self.output.units, self.output.text.len());
        self.open.push(tag);
        Ok(())
    }

    /// The next attribute of a start tag, with its value if it has one; nothing at the end of the tag.
    fn attribute(&mut self, tag: &str, at: usize) -> Result<Option<(&'a str, Option<String>)>, HtmlError> {
        let unclosed = || HtmlError::UnclosedStart { tag: tag.to_owned(), at };
        self.source.skip_until(|byte| !is_blank(byte));
        if self.source.peek() == Some(b'>') {
            return Ok(None);
        }
        let ends_name = |byte| is_blank(byte) || matches!(byte, b'=' | b'>' | b'/' | b'"' | b'\'');
        let name = self.source.skip_until(ends_name);
        if name.is_empty() {
            return Err(HtmlError::EmptyAttribute { tag: tag.to_owned(), at });
        }
        self.source.skip_until(|byte| !is_blank(byte));
        match self.source.peek() {
            None => return Err(unclosed()),
            Some(b'=') => self.source.skip(1),
            Some(_) => return Ok(Some((name, None))),
        }
        self.source.skip_until(|byte| !is_blank(byte));
        let value = match self.source.peek() {
            None => return Err(unclosed()),
            Some(quote @ (b'"' | b'\'')) => self.quoted(quote),
            Some(_) => self.token()?,
        };
        if self.source.peek().is_none() {
            return Err(unclosed());
        }
        Ok(Some((name, Some(value))))
    }

    fn quoted(&mut self, quote: u8) -> String {
        self.source.skip(1);
        let mut value = String::new();
        while self.source.peek().is_some_and(|byte| byte != quote) {
            value.push(self.character());
        }
        self.source.skip(1);
        value
    }

    fn token(&mut self) -> Result<String, HtmlError> {
        let at = self.source.at;
        let ends = |byte: u8| !byte.is_ascii_alphanumeric() && !matches!(byte, b'.' | b'-');
        let value = self.source.skip_until(ends).to_ascii_lowercase();
        match self.source.peek() {
            Some(byte) if !is_blank(byte) && byte != b'>' => Err(HtmlError::NameToken { at }),
            _ => Ok(value),
        }
    }

    fn end_tag(&mut self) -> Result<(), HtmlError> {
        let at = self.source.at;
        let Some(open) = self.open.pop() else { return Err(HtmlError::UnexpectedEnd { at }) };
        self.source.skip(2);
        let found = self.source.skip_until(|byte| is_blank(byte) || byte == b'>').to_ascii_lowercase();
        self.source.skip_until(|byte| !is_blank(byte));
        if self.source.peek() != Some(b'>') {
            return Err(HtmlError::UnclosedEnd { at });
        }
        if !found.is_empty() && found != open.name {
            return Err(HtmlError::UnmatchedEnd { at, expected: open.name, found });
        }
        self.source.skip(1);
        if self.output.units > open.offset { self.close(open) } else { Ok(()) }
    }

    fn close(&mut self, open: OpenTag) -> Result<(), HtmlError> {
        let kind = match open.name.as_str() {
            "b" | "strong" => EntityKind::Bold,
            "i" | "em" => EntityKind::Italic,
            "s" | "strike" | "del" => EntityKind::Strikethrough,
            "u" | "ins" => EntityKind::Underline,
            "tg-spoiler" | "span" => EntityKind::Spoiler,
            "blockquote" if open.argument.is_empty() => EntityKind::Blockquote,
            "blockquote" => EntityKind::ExpandableBlockquote,
            "pre" | "code" => {
                self.close_code(open);
                return Ok(());
            }
            "tg-emoji" => {
                let id = link::number(&open.argument).filter(|id: &i64| *id != 0).ok_or(HtmlError::CustomEmoji)?;
                EntityKind::CustomEmoji { custom_emoji_id: id.to_string() }
            }
            "tg-time" => {
                let date_time_format = dates::of_markup(&open.argument).ok_or(HtmlError::DateFormat)?;
                if open.unix <= 0 {
                    return Ok(());
                }
                EntityKind::DateTime { unix_time: open.unix, date_time_format }
            }
            _ => {
                let address = if open.argument.is_empty() { &self.output.text[open.start..] } else { &open.argument };
                match of_address(address) {
                    Some(kind) => kind,
                    None => return Ok(()),
                }
            }
        };
        self.entities.push((self.entity(&open, kind), String::new()));
        Ok(())
    }

    fn entity(&self, open: &OpenTag, kind: EntityKind) -> Entity {
        Entity { offset: open.offset, length: self.output.units - open.offset, kind }
    }

    /// `<pre>` and `<code class="language-x">` around the same text, whichever is outside, are one block.
    fn close_code(&mut self, open: OpenTag) {
        let (outer, inner) = match open.name.as_str() {
            "pre" => (EntityKind::Pre { language: None }, EntityKind::Code),
            _ => (EntityKind::Code, EntityKind::Pre { language: None }),
        };
        let entity = self.entity(&open, outer);
        if let Some((last, language)) = self.entities.last_mut()
            && (last.offset, last.length) == (entity.offset, entity.length)
            && last.kind == inner
        {
            let language = if open.name == "pre" { std::mem::take(language) } else { open.argument.clone() };
            if !language.is_empty() {
                last.kind = EntityKind::Pre { language: Some(language) };
                return;
            }
        }
        self.entities.push((entity, open.argument));
    }
}

impl OpenTag {
    /// Takes note of an attribute. Those that mean nothing are passed over.
    fn take(&mut self, attribute: &str, value: Option<String>) {
        if (self.name.as_str(), attribute) == ("blockquote", "expandable") {
            self.argument = "1".to_owned();
        }
        let Some(value) = value else { return };
        match (self.name.as_str(), attribute) {
            ("a", "href") | ("tg-emoji", "emoji-id") | ("tg-time", "format") => self.argument = value,
            ("tg-time", "unix") => self.unix = leading_number(&value),
            ("code", "class") => self.take_class(&value, "language-"),
            ("span", "class") => self.take_class(&value, "tg-"),
            _ => {}
        }
    }

    fn take_class(&mut self, class: &str, prefix: &str) {
        if let Some(name) = class.strip_prefix(prefix) {
            self.argument = name.to_owned();
        }
    }
}

/// The number that a text begins with, cut to 32 bits as TDLib does; 0 if none.
fn leading_number(text: &str) -> i32 {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let digits = digits.bytes().take_while(u8::is_ascii_digit);
    digits.fold(0_i32, |number, digit| number.wrapping_mul(10).wrapping_add(i32::from(digit - b'0'))).wrapping_mul(sign)
}

/// Only `&lt; &gt; &amp; &quot;` and numbers mean something; the semicolon may be missing. Gives the code point, which
/// may be half of a surrogate pair, and how many bytes it takes.
fn escape(text: &str) -> Option<(u32, usize)> {
    let body = text.strip_prefix('&')?;
    let (code, bytes) = match body.strip_prefix('#') {
        Some(number) => {
            let (digits, radix, prefix) = match number.strip_prefix('x') {
                Some(digits) => (digits, 16, 3),
                None => (number, 10, 2),
            };
            let count = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
            let code = u32::from_str_radix(&digits[..count], radix).ok()?;
            if code == 0 || code >= 0x10_ffff || prefix + count >= 10 {
                return None;
            }
            (code, prefix + count)
        }
        None => {
            let name = &body[..body.bytes().take_while(u8::is_ascii_alphabetic).count()];
            let character = match name {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                _ => return None,
            };
            (u32::from(character), 1 + name.len())
        }
    };
    let semicolon = usize::from(text.as_bytes().get(bytes) == Some(&b';'));
    Some((code, bytes + semicolon))
}
