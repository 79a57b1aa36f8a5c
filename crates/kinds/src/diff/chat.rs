//! A three-way difference as plain text for a chat: short, honest about what is left out, and harmless to who reads it.

use std::borrow::Cow;
use std::ops::Range;

use super::three_way::{Hunk, Side, ThreeWay};
use crate::Language;

/// How many lines of one text are shown of a hunk, and how many characters of a line.
const LINES: usize = 8;
const CHARACTERS: usize = 120;

/// What the two sides are called, such as `Anna (version 7)` and `your file`.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    /// The others.
    pub theirs: &'a str,
    /// Who reads it.
    pub mine: &'a str,
    /// In which language the rest is said.
    pub language: Language,
}

/// The text, with what a reader could not see or would be misled by made visible: controls other than the line feed, directions
/// of writing, characters without width.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(misleads) {
        return Cow::Borrowed(text);
    }
    let mut seen = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match u32::from(c) {
            // U+2400 and on are pictures of these.
            code @ 0..0x20 if c != '\n' => seen.push(char::from_u32(0x2400 + code).unwrap_or('\u{fffd}')),
            0x7f => seen.push('\u{2421}'),
            code if misleads(c) => seen.push_str(&format!("<U+{code:04X}>")),
            _ => seen.push(c),
        }
    }
    Cow::Owned(seen)
}

fn misleads(c: char) -> bool {
    c.is_control() && c != '\n'
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The hunks in order, each with its lines of the base, whose it is, what stood there and what stands there now. No more than
/// `limit` UTF-16 units, which is how Telegram counts; what does not fit is counted at the end.
#[must_use]
pub fn render(three_way: &ThreeWay, labels: &Labels<'_>, limit: usize) -> String {
    let words = words(labels.language);
    let labels = [label(labels.theirs), label(labels.mine)];
    let mut left = Left { hunks: three_way.hunks.len(), conflicts: three_way.conflicts() };
    let mut text = String::new();
    let mut used = 0;
    for hunk in &three_way.hunks {
        let separator = if text.is_empty() { "" } else { "\n" };
        let shown = format!("{separator}{}", shown(hunk, &labels, words));
        // What comes after this one must still be counted, so there must be room for that.
        let after = left.without(hunk);
        if used + units(&shown) + units(&(words.left_out)(after)) > limit {
            break;
        }
        used += units(&shown);
        text.push_str(&shown);
        left = after;
    }
    text.push_str(&(words.left_out)(left));
    cut(text, limit)
}

/// What is left out.
#[derive(Clone, Copy)]
struct Left {
    hunks: usize,
    conflicts: usize,
}

impl Left {
    fn without(self, hunk: &Hunk) -> Self {
        Self { hunks: self.hunks - 1, conflicts: self.conflicts - usize::from(hunk.side == Side::Conflict) }
    }
}

/// One change: a line that says where and whose, and what it was and is.
fn shown(hunk: &Hunk, [theirs, mine]: &[String; 2], words: &Words) -> String {
    let place = (words.place)(&hunk.base_lines);
    match hunk.side {
        Side::Theirs => format!("{place} — {theirs}\n{}{}", put('-', &hunk.base, words), put('+', &hunk.theirs, words)),
        Side::Mine => format!("{place} — {mine}\n{}{}", put('-', &hunk.base, words), put('+', &hunk.mine, words)),
        Side::Both => {
            format!("{place} — {}\n{}{}", words.both, put('-', &hunk.base, words), put('+', &hunk.mine, words))
        }
        Side::Conflict => {
            let part = |heading: &str, mark, lines: &[String]| {
                let nothing = if lines.is_empty() { format!(" {}", words.nothing) } else { String::new() };
                format!("{heading}:{nothing}\n{}", put(mark, lines, words))
            };
            let parts =
                [part(words.before, '-', &hunk.base), part(theirs, '+', &hunk.theirs), part(mine, '+', &hunk.mine)];
            format!("⚠ {place} — {}\n{}", words.conflict, parts.concat())
        }
    }
}

fn put(mark: char, lines: &[String], words: &Words) -> String {
    let mut text = String::new();
    for line in &lines[..lines.len().min(LINES)] {
        let content = line.strip_suffix('\n');
        let shown: String = content.unwrap_or(line).chars().take(CHARACTERS).collect();
        let shortened = if shown.len() < content.unwrap_or(line).len() { "…" } else { "" };
        text.push_str(&format!("{mark} {}{shortened}\n", harmless(&shown)));
        if content.is_none() {
            text.push_str(&format!("\\ {}\n", words.no_line_feed));
        }
    }
    if lines.len() > LINES {
        text.push_str(&format!("{mark} {}\n", (words.more_lines)(lines.len() - LINES)));
    }
    text
}

/// A name fits on one line, whoever chose it.
fn label(name: &str) -> String {
    let short: String = name.chars().map(|c| if c == '\n' { ' ' } else { c }).take(CHARACTERS).collect();
    harmless(&short).into_owned()
}

/// The last resort of a limit that has room for nothing.
fn cut(text: String, limit: usize) -> String {
    if units(&text) <= limit {
        return text;
    }
    let mut room = limit.saturating_sub(1);
    let fits = |c: &char| {
        let fits = c.len_utf16() <= room;
        room = room.saturating_sub(c.len_utf16());
        fits
    };
    let mut kept: String = text.chars().take_while(fits).collect();
    kept.extend((limit > 0).then_some('…'));
    kept
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// What is said around the lines, in one language.
struct Words {
    conflict: &'static str,
    both: &'static str,
    before: &'static str,
    nothing: &'static str,
    no_line_feed: &'static str,
    place: fn(&Range<usize>) -> String,
    more_lines: fn(usize) -> String,
    left_out: fn(Left) -> String,
}

const ENGLISH: Words = Words {
    conflict: "conflict",
    both: "both changed it to the same",
    before: "before",
    nothing: "nothing",
    no_line_feed: "no line feed at the end of the file",
    place: |lines| match (lines.start, lines.len()) {
        (0, 0) => "before line 1".to_owned(),
        (start, 0) => format!("after line {start}"),
        (start, 1) => format!("line {}", start + 1),
        (start, _) => format!("lines {}–{}", start + 1, lines.end),
    },
    more_lines: |count| if count == 1 { "… 1 more line".to_owned() } else { format!("… {count} more lines") },
    left_out: |left| match (left.hunks, left.conflicts) {
        (0, _) => String::new(),
        (1, 0) => "\n… and 1 more change".to_owned(),
        (count, 0) => format!("\n… and {count} more changes"),
        (1, _) => "\n… and 1 more change, in conflict".to_owned(),
        (count, conflicts) => format!("\n… and {count} more changes, {conflicts} of them in conflict"),
    },
};

const RUSSIAN: Words = Words {
    conflict: "конфликт",
    both: "оба изменили одинаково",
    before: "было",
    nothing: "ничего",
    no_line_feed: "в конце файла нет перевода строки",
    place: |lines| match (lines.start, lines.len()) {
        (0, 0) => "перед строкой 1".to_owned(),
        (start, 0) => format!("после строки {start}"),
        (start, 1) => format!("строка {}", start + 1),
        (start, _) => format!("строки {}–{}", start + 1, lines.end),
    },
    more_lines: |count| format!("… ещё строк: {count}"),
    left_out: |left| match (left.hunks, left.conflicts) {
        (0, _) => String::new(),
        (count, 0) => format!("\n… и ещё изменений: {count}"),
        (count, conflicts) => format!("\n… и ещё изменений: {count}, из них конфликтов: {conflicts}"),
    },
};

fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Russian => &RUSSIAN,
    }
}
