//! `parse_mode=MarkdownV2`: marks to entities, or Telegram's own words about what is wrong, with byte offsets.
//!
//! Follows TDLib's `parse_markdown_v2`: marks are read from left to right and the longest one counts, so that `___`
//! is `__` and `_`. Knows nothing of messages.

use std::fmt;

use thiserror::Error;

use super::markdown::of_address;
use super::source::{Output, Source};
use super::{dates, link, order};
use crate::control::{Entity, EntityKind};

/// Why a text is not the MarkdownV2 that Telegram takes. `at` is a byte offset in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum MarkdownV2Error {
    #[error("Character '{0}' is reserved and must be escaped with the preceding '\\'")]
    Reserved(char),
    #[error("Can't find end of {mark} entity at byte offset {at}")]
    NoEnd { mark: Mark, at: usize },
    #[error("Can't find end of a URL at byte offset {at}")]
    NoAddressEnd { at: usize },
    #[error("The entity must contain a tg://emoji or tg://time URL")]
    NoAddress,
    #[error("Invalid tg://emoji or tg://time URL specified")]
    Address,
    #[error("Invalid date format used")]
    DateFormat,
}

/// What is open. Its name is as Telegram says it in errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Code,
    Pre,
    PreCode,
    TextUrl,
    CustomEmoji,
    BlockQuote,
}

impl fmt::Display for Mark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

struct Open {
    mark: Mark,
    /// Where its mark is in the source.
    at: usize,
    /// Where its text starts, in UTF-16 units and in bytes of the output.
    offset: usize,
    start: usize,
    language: Option<String>,
}

impl Open {
    fn unended(&self) -> MarkdownV2Error {
        MarkdownV2Error::NoEnd { mark: self.mark, at: self.at }
    }
}

struct Parser<'a> {
    source: Source<'a>,
    output: Output,
    open: Vec<Open>,
    entities: Vec<Entity>,
    in_quote: bool,
    at_line_start: bool,
}

/// Parses to plain text and sorted entities.
///
/// # Errors
///
/// The first thing that is wrong with it, as Telegram says it.
pub(crate) fn parse(text: &str) -> Result<(String, Vec<Entity>), MarkdownV2Error> {
    let mut parser = Parser {
        source: Source::new(text),
        output: Output::default(),
        open: Vec::new(),
        entities: Vec::new(),
        in_quote: false,
        at_line_start: true,
    };
    while let Some(byte) = parser.source.peek() {
        if byte == b'\\' && matches!(parser.source.ahead(1), 1..=126) {
            parser.source.skip(1);
            parser.text();
        } else if !parser.is_reserved(byte) {
            parser.text();
        } else if parser.ends_here(byte) {
            parser.close(byte)?;
        } else {
            parser.begin(byte)?;
        }
    }
    parser.finish()
}

impl Parser<'_> {
    /// One character of plain text.
    fn text(&mut self) {
        let character = self.source.take();
        self.output.push(character);
        if character != '\r' {
            self.at_line_start = character == '\n';
        }
    }

    fn is_reserved(&self, byte: u8) -> bool {
        match self.open.last().map(|open| open.mark) {
            Some(Mark::Code | Mark::Pre | Mark::PreCode) => byte == b'`',
            _ => b"_*[]()~`>#+-=|{}.!\n".contains(&byte),
        }
    }

    /// Whether what was opened last ends here. With the last line of a quotation everything does.
    fn ends_here(&self, byte: u8) -> bool {
        let Some(inner) = self.open.last() else { return false };
        let next = self.source.ahead(1);
        if self.in_quote && byte == b'\n' && next != b'>' {
            return true;
        }
        match inner.mark {
            Mark::Bold => byte == b'*',
            Mark::Italic => byte == b'_' && next != b'_',
            Mark::Underline => byte == b'_' && next == b'_',
            Mark::Strikethrough => byte == b'~',
            Mark::Spoiler => byte == b'|' && next == b'|',
            Mark::Code => byte == b'`',
            Mark::Pre | Mark::PreCode => byte == b'`' && next == b'`' && self.source.ahead(2) == b'`',
            Mark::TextUrl | Mark::CustomEmoji => byte == b']',
            Mark::BlockQuote => false,
        }
    }

    fn begin(&mut self, byte: u8) -> Result<(), MarkdownV2Error> {
        let at = self.source.at;
        let next = self.source.ahead(1);
        let (mark, bytes) = match byte {
            b'\n' => {
                self.text();
                return Ok(());
            }
            b'>' if self.at_line_start && self.in_quote => {
                self.source.skip(1);
                return Ok(());
            }
            b'>' if self.at_line_start => {
                self.in_quote = true;
                (Mark::BlockQuote, 1)
            }
            b'_' if next == b'_' => (Mark::Underline, 2),
            b'_' => (Mark::Italic, 1),
            b'*' => (Mark::Bold, 1),
            b'~' => (Mark::Strikethrough, 1),
            b'|' if next == b'|' => (Mark::Spoiler, 2),
            b'[' => (Mark::TextUrl, 1),
            b'!' if next == b'[' => (Mark::CustomEmoji, 2),
            b'`' if next == b'`' && self.source.ahead(2) == b'`' => (Mark::Pre, 3),
            b'`' => (Mark::Code, 1),
            _ => return Err(MarkdownV2Error::Reserved(char::from(byte))),
        };
        self.source.skip(bytes);
        let language = if mark == Mark::Pre { self.source.language() } else { None };
        let mark = if language.is_some() { Mark::PreCode } else { mark };
        self.open.push(Open { mark, at, offset: self.output.units, start: self.output.text.len(), language });
        Ok(())
    }

    fn close(&mut self, byte: u8) -> Result<(), MarkdownV2Error> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        if byte == b'\n' {
            return self.close_quote(open);
        }
        let kind = match open.mark {
            Mark::Bold => self.marked(1, EntityKind::Bold),
            Mark::Italic => self.marked(1, EntityKind::Italic),
            Mark::Underline => self.marked(2, EntityKind::Underline),
            Mark::Strikethrough => self.marked(1, EntityKind::Strikethrough),
            Mark::Spoiler => self.marked(2, EntityKind::Spoiler),
            Mark::Code => self.marked(1, EntityKind::Code),
            Mark::Pre | Mark::PreCode => self.marked(3, EntityKind::Pre { language: open.language }),
            Mark::TextUrl => {
                self.source.skip(1);
                match self.address()? {
                    Some(address) => of_address(&address),
                    None => of_address(&self.output.text[open.start..]),
                }
            }
            Mark::CustomEmoji => {
                self.source.skip(1);
                Some(special(&self.address()?.ok_or(MarkdownV2Error::NoAddress)?)?)
            }
            Mark::BlockQuote => None,
        };
        if let Some(kind) = kind {
            self.add(open.offset, kind);
        }
        Ok(())
    }

    fn marked(&mut self, bytes: usize, kind: EntityKind) -> Option<EntityKind> {
        self.source.skip(bytes);
        Some(kind)
    }

    /// The address in round brackets, if it is there.
    fn address(&mut self) -> Result<Option<String>, MarkdownV2Error> {
        if self.source.peek() != Some(b'(') {
            return Ok(None);
        }
        self.source.skip(1);
        let begin = self.source.at;
        let mut address = String::new();
        loop {
            match self.source.peek() {
                None => return Err(MarkdownV2Error::NoAddressEnd { at: begin }),
                Some(b')') => break,
                Some(b'\\') if matches!(self.source.ahead(1), 1..=126) => self.source.skip(1),
                Some(_) => {}
            }
            address.push(self.source.take());
        }
        self.source.skip(1);
        Ok(Some(address))
    }

    /// The end of the last line of a quotation. Two bars before it make it one that can be folded.
    fn close_quote(&mut self, inner: Open) -> Result<(), MarkdownV2Error> {
        let bars = self.source.at - inner.at;
        let is_folded = inner.mark == Mark::Spoiler && (bars == 2 || (bars == 3 && self.output.text.ends_with('\r')));
        let (quote, kind) = match is_folded {
            true => (self.open.pop(), EntityKind::ExpandableBlockquote),
            false => (Some(inner), EntityKind::Blockquote),
        };
        let Some(quote) = quote else { return Ok(()) };
        if quote.mark != Mark::BlockQuote {
            return Err(quote.unended());
        }
        self.in_quote = false;
        self.text();
        self.add(quote.offset, kind);
        Ok(())
    }

    /// Nothing is around an empty text.
    fn add(&mut self, offset: usize, kind: EntityKind) {
        let length = self.output.units - offset;
        if length > 0 {
            self.entities.push(Entity { offset, length, kind });
        }
    }

    fn finish(mut self) -> Result<(String, Vec<Entity>), MarkdownV2Error> {
        if self.in_quote {
            let length = self.source.text.len();
            let folded = self.open.pop_if(|open| open.mark == Mark::Spoiler && open.at + 2 == length).is_some();
            if let Some(quote) = self.open.pop_if(|open| open.mark == Mark::BlockQuote) {
                let kind = if folded { EntityKind::ExpandableBlockquote } else { EntityKind::Blockquote };
                self.add(quote.offset, kind);
            }
        }
        if let Some(open) = self.open.last() {
            return Err(open.unended());
        }
        order::sort(&mut self.entities);
        Ok((self.output.text, self.entities))
    }
}

/// What `![…](address)` is.
fn special(address: &str) -> Result<EntityKind, MarkdownV2Error> {
    if let Some(id) = link::emoji(address) {
        return Ok(EntityKind::CustomEmoji { custom_emoji_id: id.to_string() });
    }
    let (unix_time, format) = link::time(address).ok_or(MarkdownV2Error::Address)?;
    let date_time_format = dates::of_markup(&format).ok_or(MarkdownV2Error::DateFormat)?;
    Ok(EntityKind::DateTime { unix_time, date_time_format })
}
