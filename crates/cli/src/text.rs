//! Printing, and how times and amounts are said.

use std::io::{self, Write};

use serde::Serialize;

/// Prints lines for the person or program that asked. A reader that has gone away (`natrium … | head`) is not a failure.
pub(crate) fn print(text: &str) {
    let _ = put(text);
}

/// Prints lines, all the way to whoever reads them.
pub(crate) fn put(text: &str) -> io::Result<()> {
    let mut output = io::stdout();
    output.write_all(text.as_bytes())?;
    output.flush()
}

/// Prints lines about what went wrong.
pub(crate) fn complain(text: &str) {
    let _ = io::stderr().write_all(format!("{text}\n").as_bytes());
}

/// A time span in the two units that matter: `2 d 4 h`, `3 min 20 s`, `0 s`.
pub(crate) fn span(milliseconds: i64) -> String {
    const UNITS: [(&str, i64); 4] = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)];
    let seconds = milliseconds.max(0) / 1000;
    let first = UNITS.iter().position(|(_, length)| seconds >= *length).unwrap_or(UNITS.len() - 1);
    let mut rest = seconds;
    let mut words = Vec::new();
    for (name, length) in UNITS.iter().skip(first).take(2) {
        if rest >= *length || words.is_empty() {
            words.push(format!("{} {name}", rest / length));
        }
        rest %= length;
    }
    words.join(" ")
}

/// The same, of what may be over in a moment: `480 ms`.
pub(crate) fn brief(milliseconds: i64) -> String {
    match milliseconds.max(0) {
        short @ 0..1000 => format!("{short} ms"),
        long => span(long),
    }
}

/// Mebibytes with one digit after the point, from a megabyte on; else kibibytes.
pub(crate) fn bytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10).saturating_add(1 << 19) >> 20;
    if tenths >= 10 { format!("{}.{} MiB", tenths / 10, tenths % 10) } else { format!("{} KiB", bytes >> 10) }
}

/// One line without control characters: what workers say of themselves must not move the cursor, nor turn the line round.
pub(crate) fn line(text: &str) -> String {
    let text: String = text.chars().map(|character| if moves(character) { ' ' } else { character }).collect();
    text.trim().to_owned()
}

/// A word of a command line, as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | '@' | '%' | '+');
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", line(word).replace('\'', "'\\''"))
}

/// Whether a terminal may do something else with it than show it: controls, ends of lines, directions of writing.
fn moves(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// JSON over several lines, for programs and for eyes.
pub(crate) fn json(value: &impl Serialize) -> String {
    // Plain data with string keys: there is nothing that could fail.
    tame(&serde_json::to_string_pretty(value).unwrap_or_default()) + "\n"
}

/// JSON on one line.
pub(crate) fn json_line(value: &impl Serialize) -> String {
    tame(&serde_json::to_string(value).unwrap_or_default()) + "\n"
}

/// JSON leaves some controls as they are (those from U+007F on); they can stand in its strings only, where they may be escaped.
fn tame(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut text, character| {
        match character {
            '\n' => text.push('\n'),
            character if moves(character) => text.push_str(&format!("\\u{:04x}", u32::from(character))),
            character => text.push(character),
        }
        text
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let cases = [
            (-5, "0 s"),
            (999, "0 s"),
            (59_000, "59 s"),
            (60_000, "1 min"),
            (200_000, "3 min 20 s"),
            (3_600_000, "1 h"),
            (3_661_000, "1 h 1 min"),
            (86_400_000 * 400 + 59_000, "400 d"),
        ];
        for (milliseconds, text) in cases {
            assert_eq!(span(milliseconds), text);
        }
        assert_eq!([brief(-1), brief(999), brief(1000)], ["0 ms", "999 ms", "1 s"]);
    }

    #[test]
    fn amounts() {
        assert_eq!(bytes(0), "0 KiB");
        assert_eq!(bytes(900 * 1024), "900 KiB");
        assert_eq!(bytes(1 << 20), "1.0 MiB");
        assert_eq!(bytes(8_283_750), "7.9 MiB");
        assert_eq!(bytes(u64::MAX), "1759218604441.5 MiB");
    }

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!([quoted("a/b-1.yml"), quoted("")], ["a/b-1.yml", "''"]);
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }

    #[test]
    fn what_is_shown_cannot_move_the_cursor() {
        assert_eq!(line("polling\n\u{1b}[2Jok "), "polling  [2Jok");
        assert_eq!(line("\u{9b}2J a\u{202e}b\u{2028}c"), "2J a b c");
        let value = ["\u{9b}2J\u{7f}\u{202e}\u{1b}[2J \u{416}"];
        for json in [json(&value), json_line(&value)] {
            assert!(!json.trim_end().chars().any(|character| character != '\n' && moves(character)), "{json:?}");
            assert!(json.contains('Ж'), "{json:?}");
            let read: [String; 1] = serde_json::from_str(&json).unwrap();
            assert_eq!(read, value);
        }
    }
}
