//! Characters, numbers and moments as the pages write them.

use std::fmt::Write as _;

use crate::control::Millis;

/// A text that may stand between tags and in any attribute, whatever it holds.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push_escaped(&mut escaped, character);
    }
    escaped
}

/// One character of such a text. Telegram also writes `!` and `$` by their numbers.
pub(super) fn push_escaped(to: &mut String, character: char) {
    match character {
        '&' => to.push_str("&amp;"),
        '<' => to.push_str("&lt;"),
        '>' => to.push_str("&gt;"),
        '"' => to.push_str("&quot;"),
        '\'' => to.push_str("&#39;"),
        '!' => to.push_str("&#33;"),
        '$' => to.push_str("&#036;"),
        // A parser would make a line feed of it.
        '\r' => to.push_str("&#13;"),
        // HTML cannot say it.
        '\0' => to.push('\u{fffd}'),
        other => to.push(other),
    }
}

/// An address for `style="background-image:url('…')"`: nothing in it ends the quotes or the attribute.
pub(super) fn style_url(url: &str) -> String {
    let mut safe = String::with_capacity(url.len());
    for character in url.chars() {
        match character {
            '\'' | '"' | '\\' | '<' | '>' | ' ' => {
                let _ = write!(safe, "%{:02X}", u32::from(character));
            }
            control if control.is_control() => {}
            other => push_escaped(&mut safe, other),
        }
    }
    safe
}

/// An address that is safe to click, escaped; nothing for one such as `javascript:…`.
pub(super) fn href(url: &str) -> Option<String> {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase())?;
    matches!(scheme.as_str(), "http" | "https" | "tg" | "ton" | "mailto" | "tel").then(|| escape(url))
}

/// A number with at most three digits that count: `746`, `7.03K`, `171K`, `12.5M`. What is cut off is not rounded.
pub(super) fn rounded(number: u64) -> String {
    let (unit, letter) = match number {
        0..1_000 => return number.to_string(),
        1_000..1_000_000 => (1_000, 'K'),
        _ => (1_000_000, 'M'),
    };
    let whole = number / unit;
    let digits = match whole {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let part = format!("{:02}", number % unit / (unit / 100));
    let part = part[..digits].trim_end_matches('0');
    if part.is_empty() { format!("{whole}{letter}") } else { format!("{whole}.{part}{letter}") }
}

/// A whole number with spaces between the thousands: `16 674`.
pub(super) fn spaced(number: u64) -> String {
    let digits = number.to_string();
    let mut spaced = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            spaced.push(' ');
        }
        spaced.push(digit);
    }
    spaced
}

/// `1 subscriber`, `2 subscribers`.
pub(super) fn plural(number: u64, one: &'static str, many: &'static str) -> &'static str {
    if number == 1 { one } else { many }
}

/// `0:34`, `27:40`, `1:02:03`.
pub(super) fn duration(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `113.9 KB`, `2.1 MB`.
pub(super) fn file_size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..0x10_0000 => format!("{} KB", tenths(1 << 10)),
        0x10_0000..0x4000_0000 => format!("{} MB", tenths(1 << 20)),
        _ => format!("{} GB", tenths(1 << 30)),
    }
}

/// A moment in UTC, by the directives of `strftime`.
pub(super) fn moment(at: Millis, format: &str) -> String {
    let seconds = i64::try_from(at.0 / 1000).unwrap_or_default();
    jiff::Timestamp::from_second(seconds).unwrap_or_default().strftime(format).to_string()
}

/// `2026-06-09T19:33:51+00:00`, as in every `datetime`.
pub(super) fn iso(at: Millis) -> String {
    moment(at, "%Y-%m-%dT%H:%M:%S+00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_three_digits_that_count() {
        let written = [
            (0, "0"),
            (746, "746"),
            (999, "999"),
            (1_000, "1K"),
            (1_119, "1.11K"),
            (7_030, "7.03K"),
            (89_100, "89.1K"),
            (109_000, "109K"),
            (999_999, "999K"),
            (1_400_000, "1.4M"),
            (2_050_000, "2.05M"),
            (12_500_000, "12.5M"),
        ];
        for (number, text) in written {
            assert_eq!(rounded(number), text);
        }
    }

    #[test]
    fn whole_numbers_sizes_and_durations() {
        assert_eq!([spaced(7), spaced(674), spaced(16_674), spaced(1_000_000)], ["7", "674", "16 674", "1 000 000"]);
        assert_eq!([duration(5), duration(1660), duration(3723)], ["0:05", "27:40", "1:02:03"]);
        assert_eq!([file_size(1023), file_size(116_700), file_size(2_202_010)], ["1023 B", "113.9 KB", "2.1 MB"]);
    }

    #[test]
    fn moments_are_in_utc() {
        assert_eq!(iso(Millis(1_781_033_631_999)), "2026-06-09T19:33:51+00:00");
        assert_eq!(moment(Millis(1_520_260_132_000), "%b %-d, %Y at %H:%M"), "Mar 5, 2018 at 14:28");
    }

    #[test]
    fn characters_are_escaped_as_telegram_does() {
        assert_eq!(escape("<a b=\"c\">'!$&\r\n\0"), "&lt;a b=&quot;c&quot;&gt;&#39;&#33;&#036;&amp;&#13;\n\u{fffd}");
    }

    #[test]
    fn nothing_gets_out_of_a_style_or_a_link() {
        assert_eq!(style_url("a'b\"c\\d&e\u{7}\n"), "a%27b%22c%5Cd&amp;e");
        assert_eq!(href("javascript:alert(1)"), None);
        assert_eq!(href("https://a.org/?a=1&b='"), Some("https://a.org/?a=1&amp;b=&#39;".to_owned()));
    }
}
