//! `parse_mode=Markdown`, the notation of old: no nesting, no quotations, and a link to nowhere is plain text.
//!
//! Follows TDLib's `parse_markdown`. Knows nothing of messages.

use thiserror::Error;

use super::link;
use super::source::{Output, Source};
use crate::control::{Entity, EntityKind, MentionedUser};

/// An entity that does not end. `at` is the byte of the source where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Can't find end of the entity starting at byte offset {at}")]
pub(crate) struct MarkdownError {
    at: usize,
}

/// Parses to plain text and entities.
///
/// # Errors
///
/// An entity that does not end.
pub(crate) fn parse(text: &str) -> Result<(String, Vec<Entity>), MarkdownError> {
    let mut source = Source::new(text);
    let mut output = Output::default();
    let mut entities = Vec::new();
    while let Some(byte) = source.peek() {
        match byte {
            b'\\' if matches!(source.ahead(1), b'_' | b'*' | b'`' | b'[') => {
                source.skip(1);
                output.push(source.take());
            }
            b'_' | b'*' | b'`' | b'[' => entities.extend(entity(&mut source, &mut output, byte)?),
            _ => output.push(source.take()),
        }
    }
    Ok((output.text, entities))
}

/// The entity that begins here. What is inside of it is text as it stands.
fn entity(source: &mut Source<'_>, output: &mut Output, mark: u8) -> Result<Option<Entity>, MarkdownError> {
    let at = source.at;
    source.skip(1);
    let is_block = mark == b'`' && source.ahead(0) == b'`' && source.ahead(1) == b'`';
    let mut language = None;
    if is_block {
        source.skip(2);
        language = source.language();
    }
    let begin = output.units;
    let end = if mark == b'[' { b']' } else { mark };
    loop {
        match source.peek() {
            None => return Err(MarkdownError { at }),
            Some(byte) if byte == end && (!is_block || (source.ahead(1) == b'`' && source.ahead(2) == b'`')) => break,
            Some(_) => output.push(source.take()),
        }
    }
    let inside = &source.text[at + 1..source.at];
    source.skip(if is_block { 3 } else { 1 });
    let length = output.units - begin;
    if length == 0 {
        return Ok(None);
    }
    let kind = match mark {
        b'_' => Some(EntityKind::Italic),
        b'*' => Some(EntityKind::Bold),
        b'[' => linked(source, inside),
        _ if is_block => Some(EntityKind::Pre { language }),
        _ => Some(EntityKind::Code),
    };
    Ok(kind.map(|kind| Entity { offset: begin, length, kind }))
}

/// What a link links to: the address that follows in brackets, which may lack the last one, or the text itself.
fn linked(source: &mut Source<'_>, text: &str) -> Option<EntityKind> {
    let mut address = text;
    if source.peek() == Some(b'(') {
        source.skip(1);
        let begin = source.at;
        source.skip_until(|byte| byte == b')');
        address = &source.text[begin..source.at];
        source.skip(1);
    }
    of_address(address)
}

/// What a link to this address is; nothing if it is none.
pub(super) fn of_address(address: &str) -> Option<EntityKind> {
    match link::user(address) {
        Some(id) => Some(EntityKind::TextMention { user: MentionedUser { id } }),
        None => link::checked(address).ok().map(|url| EntityKind::TextLink { url }),
    }
}
