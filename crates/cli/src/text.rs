//! Printing, and how times and amounts are said.

use std::io::Write;

/// Prints lines for the person or program that asked. A reader that has gone away (`natrium … | head`) is not a failure.
pub(crate) fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// Prints lines about what went wrong.
pub(crate) fn complain(text: &str) {
    let _ = std::io::stderr().write_all(format!("{text}\n").as_bytes());
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

/// Mebibytes with one digit after the point, from a megabyte on; else kibibytes.
pub(crate) fn bytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10).saturating_add(1 << 19) >> 20;
    if tenths >= 10 { format!("{}.{} MiB", tenths / 10, tenths % 10) } else { format!("{} KiB", bytes >> 10) }
}

/// One line without control characters: what workers say of themselves must not move the cursor.
pub(crate) fn line(text: &str) -> String {
    text.chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
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
    fn what_is_shown_cannot_move_the_cursor() {
        assert_eq!(line("polling\n\u{1b}[2Jok "), "polling  [2Jok");
    }
}
