//! `parse_mode=HTML`: tags to entities, or Telegram's own words about what is wrong, with byte offsets of the source.
//!
//! Follows TDLib's `MessageEntity.cpp`. Knows nothing of messages.

use thiserror::Error;

use crate::control::{Entity, EntityKind};

/// Why a text is not the HTML that Telegram takes. `at` is a byte offset in the source.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum HtmlError {
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
    #[error("Can't find end tag corresponding to start tag \"{tag}\"")]
    NoEnd { tag: String },
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

struct OpenTag {
    name: String,
    argument: String,
    /// Where its text starts, in UTF-16 units and in bytes of the output.
    offset: usize,
    start: usize,
}

struct Parser<'a> {
    source: &'a str,
    position: usize,
    output: String,
    length: usize,
    open: Vec<OpenTag>,
    entities: Vec<Entity>,
}

/// Parses a text in Telegram's HTML dialect to plain text and entities.
///
/// # Errors
///
/// The first thing that is wrong with it, as Telegram says it.
pub(crate) fn parse(source: &str) -> Result<(String, Vec<Entity>), HtmlError> {
    let mut parser =
        Parser { source, position: 0, output: String::new(), length: 0, open: Vec::new(), entities: Vec::new() };
    while let Some(next) = parser.peek() {
        match next {
            b'<' if parser.byte(parser.position + 1) == Some(b'/') => parser.end_tag()?,
            b'<' => parser.start_tag()?,
            _ => {
                let character = parser.character();
                parser.length += character.len_utf16();
                parser.output.push(character);
            }
        }
    }
    match parser.open.pop() {
        Some(tag) => Err(HtmlError::NoEnd { tag: tag.name }),
        None => Ok((parser.output, parser.entities)),
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x0b)
}

impl Parser<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.source.as_bytes().get(at).copied()
    }

    fn peek(&self) -> Option<u8> {
        self.byte(self.position)
    }

    /// Moves on while `go_on` holds and returns what was passed. Stops only at ASCII bytes or the end.
    fn skip(&mut self, go_on: impl Fn(u8) -> bool) -> &str {
        let start = self.position;
        while self.peek().is_some_and(&go_on) {
            self.position += 1;
        }
        &self.source[start..self.position]
    }

    /// One character, an escape like `&lt;` taken as what it means.
    fn character(&mut self) -> char {
        let rest = &self.source[self.position..];
        if let Some((character, bytes)) = escape(rest) {
            self.position += bytes;
            return character;
        }
        let character = rest.chars().next().unwrap_or_default();
        self.position += character.len_utf8();
        character
    }

    fn start_tag(&mut self) -> Result<(), HtmlError> {
        let at = self.position;
        self.position += 1;
        let tag = self.skip(|byte| !is_blank(byte) && byte != b'>').to_ascii_lowercase();
        if self.peek().is_none() {
            return Err(HtmlError::UnclosedTag { at });
        }
        if !TAGS.contains(&tag.as_str()) {
            return Err(HtmlError::UnsupportedTag { tag, at });
        }
        let mut argument = String::new();
        loop {
            self.skip(is_blank);
            match self.peek() {
                None => return Err(HtmlError::UnclosedStart { tag, at }),
                Some(b'>') => break,
                Some(_) => {}
            }
            let name = self.skip(|byte| !is_blank(byte) && byte != b'=' && byte != b'>').to_ascii_lowercase();
            if name.is_empty() {
                return Err(HtmlError::EmptyAttribute { tag, at });
            }
            self.skip(is_blank);
            let mut value = String::new();
            if self.peek() == Some(b'=') {
                self.position += 1;
                self.skip(is_blank);
                value = self.attribute_value(&tag, at)?;
            }
            match (tag.as_str(), name.as_str()) {
                ("a", "href") | ("tg-emoji", "emoji-id") => argument = value,
                ("code", "class") => argument = value.strip_prefix("language-").unwrap_or_default().to_owned(),
                ("span", "class") if value == "tg-spoiler" => argument = value,
                ("blockquote", "expandable") => argument = name,
                _ => {}
            }
        }
        if tag == "span" && argument.is_empty() {
            return Err(HtmlError::Span { at });
        }
        self.position += 1;
        self.open.push(OpenTag { name: tag, argument, offset: self.length, start: self.output.len() });
        Ok(())
    }

    fn attribute_value(&mut self, tag: &str, at: usize) -> Result<String, HtmlError> {
        let unclosed = || HtmlError::UnclosedStart { tag: tag.to_owned(), at };
        let quote = self.peek().ok_or_else(unclosed)?;
        if quote != b'"' && quote != b'\'' {
            let token = self.position;
            let value = self.skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
            let value = value.to_ascii_lowercase();
            return match self.peek() {
                None => Err(unclosed()),
                Some(byte) if is_blank(byte) || byte == b'>' => Ok(value),
                Some(_) => Err(HtmlError::NameToken { at: token }),
            };
        }
        self.position += 1;
        let mut value = String::new();
        loop {
            match self.peek() {
                None => return Err(unclosed()),
                Some(byte) if byte == quote => break,
                Some(_) => value.push(self.character()),
            }
        }
        self.position += 1;
        Ok(value)
    }

    fn end_tag(&mut self) -> Result<(), HtmlError> {
        let at = self.position;
        let Some(open) = self.open.pop() else { return Err(HtmlError::UnexpectedEnd { at }) };
        self.position += 2;
        let found = self.skip(|byte| !is_blank(byte) && byte != b'>').to_ascii_lowercase();
        self.skip(is_blank);
        if self.peek() != Some(b'>') {
            return Err(HtmlError::UnclosedEnd { at });
        }
        if !found.is_empty() && found != open.name {
            return Err(HtmlError::UnmatchedEnd { at, expected: open.name, found });
        }
        self.position += 1;
        if self.length > open.offset {
            self.close(open)?;
        }
        Ok(())
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
            "pre" => EntityKind::Pre { language: self.inner_language(&open) },
            "code" => return self.close_code(&open),
            "tg-emoji" => {
                if open.argument.parse::<u64>().map_or(true, |id| id == 0) {
                    return Err(HtmlError::CustomEmoji);
                }
                EntityKind::CustomEmoji { custom_emoji_id: open.argument.clone() }
            }
            "a" => {
                let address = if open.argument.is_empty() { &self.output[open.start..] } else { &open.argument };
                match link(address) {
                    Some(url) => EntityKind::TextLink { url },
                    None => return Ok(()),
                }
            }
            // tg-time: the text stays, its meaning is not simulated.
            _ => return Ok(()),
        };
        self.entities.push(Entity { offset: open.offset, length: self.length - open.offset, kind });
        Ok(())
    }

    /// `<pre><code class="language-x">` around the same text is one block of that language.
    fn inner_language(&mut self, pre: &OpenTag) -> Option<String> {
        let last = self.entities.last()?;
        if last.offset != pre.offset || last.end() != self.length {
            return None;
        }
        match &last.kind {
            EntityKind::Code => {
                self.entities.pop();
                None
            }
            EntityKind::Pre { language: Some(language) } => {
                let language = language.clone();
                self.entities.pop();
                Some(language)
            }
            _ => None,
        }
    }

    fn close_code(&mut self, open: &OpenTag) -> Result<(), HtmlError> {
        let within_pre = self.open.last().is_some_and(|outer| outer.name == "pre");
        let kind = if within_pre && !open.argument.is_empty() {
            EntityKind::Pre { language: Some(open.argument.clone()) }
        } else {
            EntityKind::Code
        };
        self.entities.push(Entity { offset: open.offset, length: self.length - open.offset, kind });
        Ok(())
    }
}

/// Only `&lt; &gt; &amp; &quot;` and numbers mean something; the semicolon may be missing.
fn escape(text: &str) -> Option<(char, usize)> {
    let body = text.strip_prefix('&')?;
    let (character, bytes) = if let Some(number) = body.strip_prefix('#') {
        let (digits, radix, prefix) = match number.strip_prefix('x') {
            Some(digits) => (digits, 16, 3),
            None => (number, 10, 2),
        };
        let count = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
        let code = u32::from_str_radix(&digits[..count], radix).ok().filter(|code| *code != 0)?;
        (char::from_u32(code)?, prefix + count)
    } else {
        let name = &body[..body.bytes().take_while(u8::is_ascii_alphabetic).count()];
        let character = match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            _ => return None,
        };
        (character, 1 + name.len())
    };
    let semicolon = usize::from(text.as_bytes().get(bytes) == Some(&b';'));
    Some((character, bytes + semicolon))
}

/// The address of a link as Telegram writes it: `http://` if no scheme is named, a slash after the bare host.
/// Nothing if it is no address at all.
pub(crate) fn link(address: &str) -> Option<String> {
    let address = address.trim();
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None => ("http".to_owned(), address),
    };
    if scheme == "tg" || scheme == "ton" {
        return Some(address.to_owned());
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let is_host = host.contains('.') && !host.starts_with('.') && !host.contains(char::is_whitespace);
    let slash = if path.starts_with('/') { "" } else { "/" };
    (is_host && matches!(scheme.as_str(), "http" | "https")).then(|| format!("{scheme}://{host}{slash}{path}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed parse fails the test")]
mod tests {
    use super::*;

    fn error(source: &str) -> String {
        parse(source).unwrap_err().to_string()
    }

    #[test]
    fn tags_become_entities_with_utf16_offsets() {
        let (text, entities) = parse("😀 <b>bold <i>both</i></b> &lt;x&gt;").unwrap();
        assert_eq!(text, "😀 bold both <x>");
        assert_eq!(
            entities,
            [
                Entity { offset: 8, length: 4, kind: EntityKind::Italic },
                Entity { offset: 3, length: 9, kind: EntityKind::Bold },
            ]
        );
    }

    #[test]
    fn links_blocks_and_quotes_keep_their_arguments() {
        let kind = |source: &str| parse(source).unwrap().1.remove(0).kind;
        assert_eq!(
            kind("<a href=\"http://example.org?a=1&amp;b\">x</a>"),
            EntityKind::TextLink { url: "http://example.org/?a=1&b".into() }
        );
        assert_eq!(
            kind("<pre><code class=\"language-yaml\">a: 1</code></pre>"),
            EntityKind::Pre { language: Some("yaml".into()) }
        );
        assert_eq!(kind("<blockquote expandable>x</blockquote>"), EntityKind::ExpandableBlockquote);
        assert_eq!(kind("<span class=\"tg-spoiler\">x</span>"), EntityKind::Spoiler);
        assert!(parse("<a href=\"nowhere\">x</a>").unwrap().1.is_empty(), "no address, no link");
    }

    #[test]
    fn an_empty_end_tag_closes_any_and_empty_text_has_no_entity() {
        assert_eq!(parse("<b>x</>").unwrap().1.len(), 1);
        assert!(parse("<b></b>").unwrap().1.is_empty());
    }

    #[test]
    fn only_four_names_and_numbers_are_escapes() {
        assert_eq!(parse("&lt;&#33;&#x41;&amp &copy; &;").unwrap().0, "<!A& &copy; &;");
    }

    #[test]
    fn errors_are_worded_as_telegram_does() {
        assert_eq!(error("1 < 2"), "Unsupported start tag \"\" at byte offset 2");
        assert_eq!(error("é<P>"), "Unsupported start tag \"p\" at byte offset 2");
        assert_eq!(error("a <b"), "Unclosed start tag at byte offset 2");
        assert_eq!(error("<a href"), "Unclosed start tag \"a\" at byte offset 0");
        assert_eq!(error("<a href=\"x"), "Unclosed start tag \"a\" at byte offset 0");
        assert_eq!(error("<a =1>"), "Empty attribute name in the tag \"a\" at byte offset 0");
        assert_eq!(error("<a href=x/y>z</a>"), "Unexpected end of name token at byte offset 8");
        assert_eq!(error("<span>x</span>"), "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0");
        assert_eq!(error("x</b>"), "Unexpected end tag at byte offset 1");
        assert_eq!(error("<b>x</b"), "Unclosed end tag at byte offset 4");
        assert_eq!(error("<b>x</i>"), "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"");
        assert_eq!(error("<tg-emoji emoji-id=x>x</tg-emoji>"), "Invalid custom emoji identifier specified");
        assert_eq!(error("<b>x"), "Can't find end tag corresponding to start tag \"b\"");
        assert_eq!(error("<br>"), "Unsupported start tag \"br\" at byte offset 0");
    }
}
