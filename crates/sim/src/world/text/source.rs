//! Reading a text byte by byte and writing the plain text, counted in UTF-16 units.

/// A text and how far it is read. Behind its end there are zeros, as in TDLib.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    /// The byte that is next.
    pub(super) at: usize,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The byte so many further on.
    pub(super) fn ahead(&self, bytes: usize) -> u8 {
        self.text.as_bytes().get(self.at + bytes).copied().unwrap_or(0)
    }

    /// Moves on by so many bytes, all ASCII, or to the end.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    /// Moves on to a byte that must be ASCII, or to the end, and returns what was passed.
    pub(super) fn skip_until(&mut self, is_there: impl Fn(u8) -> bool) -> &'a str {
        let begin = self.at;
        while self.peek().is_some_and(|byte| !is_there(byte)) {
            self.at += 1;
        }
        &self.text[begin..self.at]
    }

    /// The next character.
    pub(super) fn take(&mut self) -> char {
        let character = self.text[self.at..].chars().next().unwrap_or_default();
        self.at = (self.at + character.len_utf8()).min(self.text.len());
        character
    }

    /// Behind three backticks: the language, if a blank ends it, and one line break, which is not part of the code.
    pub(super) fn language(&mut self) -> Option<String> {
        let begin = self.at;
        let word = self.skip_until(|byte| is_blank(byte) || byte == b'`');
        let is_language = !word.is_empty() && self.peek().is_some_and(|byte| byte != b'`');
        if !is_language {
            self.at = begin;
        }
        let is_break = |byte| matches!(byte, b'\n' | b'\r');
        if is_break(self.ahead(0)) {
            let both = is_break(self.ahead(1)) && self.ahead(0) != self.ahead(1);
            self.skip(if both { 2 } else { 1 });
        }
        is_language.then(|| word.to_owned())
    }
}

/// What TDLib takes for a blank.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x0b)
}

/// Plain text, and its length in UTF-16 units.
#[derive(Default)]
pub(super) struct Output {
    pub(super) text: String,
    pub(super) units: usize,
}

impl Output {
    pub(super) fn push(&mut self, character: char) {
        self.units += character.len_utf16();
        self.text.push(character);
    }
}
