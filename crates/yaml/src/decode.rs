//! From bytes to the text of a document, before anything is parsed.

use crate::{Error, Fault, Place};

/// The text of `bytes`, without a byte order mark.
pub(crate) fn decode(bytes: &[u8], limit: usize) -> Result<&str, Error> {
    if bytes.len() > limit {
        return Err(Error::whole(Fault::TooLarge { bytes: bytes.len(), limit }));
    }
    if let Some(fault) = wide(bytes) {
        return Err(Error::whole(fault));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (before, after) = bytes.split_at(error.valid_up_to());
        let place = Place::after(std::str::from_utf8(before).unwrap_or_default());
        Error::at(place, Fault::NotUtf8 { byte: after.first().copied().unwrap_or_default() })
    })?;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if is_invisible(character, rest.as_str()) {
            let before = text.len() - rest.as_str().len() - character.len_utf8();
            let place = Place::after(text.get(..before).unwrap_or_default());
            return Err(Error::at(place, Fault::Invisible { character }));
        }
    }
    Ok(text)
}

/// Refuses a text with far more indicator characters than `nodes` keys and values need.
///
/// Inside `[…]` and `{…}` the parser must look ahead to the closing bracket (a `:` may follow it) and keeps every token
/// until then, some 180 bytes for each: a megabyte of `1,1,1…` would take 190 MB before the first value is counted.
pub(crate) fn check_indicators(text: &str, nodes: usize) -> Result<(), Error> {
    // Two per value is what `{"key": "value", …}` has, the densest that people and programs write.
    let most = nodes.saturating_mul(2);
    let mut indicators = text.bytes().enumerate().filter(|(_, byte)| b",[]{}:?*&!".contains(byte));
    let mut quotes = text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'"' | b'\''));
    let over = |offset: usize| {
        let place = Place::after(text.get(..offset).unwrap_or_default());
        Err(Error::at(place, Fault::TooManyNodes { limit: nodes }))
    };
    match (indicators.nth(most), quotes.nth(most)) {
        (None, None) => Ok(()),
        (Some((offset, _)), _) | (None, Some((offset, _))) => over(offset),
    }
}

/// UTF-16 and UTF-32 by their byte order marks, or by where the zero bytes of the first characters are.
fn wide(bytes: &[u8]) -> Option<Fault> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [1..=255, 0, 0, 0, ..] | [0, 0, 0, 1..=255, ..] => {
            Some(Fault::Utf32)
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some(Fault::Utf16),
        [1..=255, 0, 1..=255, 0, ..] | [0, 1..=255, 0, 1..=255, ..] => Some(Fault::Utf16),
        _ => None,
    }
}

/// Control characters, and the line breaks and the byte order mark that only YAML 1.1 (U+0085, U+2028, U+2029) or only
/// YAML 1.2 takes for ordinary characters. A carriage return breaks a line for YAML, but not for every editor, unless a line
/// feed follows.
fn is_invisible(character: char, rest: &str) -> bool {
    match character {
        '\t' | '\n' => false,
        '\r' => !rest.starts_with('\n'),
        '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn fault(bytes: &[u8]) -> Fault {
        decode(bytes, 100).unwrap_err().fault
    }

    #[test]
    fn a_byte_order_mark_is_dropped() {
        assert_eq!(decode(b"\xEF\xBB\xBFa: 1\r\n", 100).unwrap(), "a: 1\r\n");
    }

    #[test]
    fn wide_encodings_are_named() {
        let wide = |text: &str, unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<_>>();
        assert_eq!(fault(&wide("\u{FEFF}a: 1", u16::to_le_bytes)), Fault::Utf16);
        assert_eq!(fault(&wide("\u{FEFF}a: 1", u16::to_be_bytes)), Fault::Utf16);
        assert_eq!(fault(&wide("a: 1", u16::to_le_bytes)), Fault::Utf16);
        assert_eq!(fault(&wide("a: 1", u16::to_be_bytes)), Fault::Utf16);
        assert_eq!(fault(&[0xFF, 0xFE, 0, 0, b'a', 0, 0, 0]), Fault::Utf32);
        assert_eq!(fault(&[b'a', 0, 0, 0]), Fault::Utf32);
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_place() {
        let error = decode("цена: 1\nя: \u{2028}".as_bytes(), 100).unwrap_err();
        assert_eq!(error.place, Some(Place { line: 2, column: 4 }));
        assert_eq!(error.fault, Fault::Invisible { character: '\u{2028}' });
        let error = decode(b"a: 1\r\nb: \xCF\xF0", 100).unwrap_err();
        assert_eq!(error.place, Some(Place { line: 2, column: 4 }));
        assert_eq!(error.fault, Fault::NotUtf8 { byte: 0xCF });
        assert_eq!(fault(b"a: 1\rb: 2"), Fault::Invisible { character: '\r' });
        assert_eq!(fault(b"a: 1\0"), Fault::Invisible { character: '\0' });
        assert_eq!(fault(&[b' '; 101]), Fault::TooLarge { bytes: 101, limit: 100 });
    }
}
