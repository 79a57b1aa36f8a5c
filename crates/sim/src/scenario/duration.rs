//! Times as people write them: `300ms`, `2s`, `1h30m`, `+1d`, and ranges of them: `1s to 3s`.

use std::ops::RangeInclusive;
use std::time::Duration;

const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// A time; nothing if it is not one, or beyond a hundred years.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut millis = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        let after = rest[digits..].trim_start();
        let end = after.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(after.len());
        let (_, unit) = UNITS.iter().find(|(unit, _)| *unit == &after[..end])?;
        millis = millis.checked_add(number.checked_mul(*unit)?)?;
        rest = after[end..].trim_start();
    }
    let is_something = !text.trim().is_empty() && millis <= 100 * 366 * 86_400_000;
    is_something.then(|| Duration::from_millis(millis))
}

/// One time, or a range of them.
pub(super) fn range(text: &str) -> Option<RangeInclusive<Duration>> {
    let Some((least, most)) = text.split_once(" to ") else { return duration(text).map(|only| only..=only) };
    let (least, most) = (duration(least)?, duration(most)?);
    (least <= most).then_some(least..=most)
}

/// As it would be written.
pub(super) fn written(duration: Duration) -> String {
    let mut left = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if left == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    for (unit, size) in UNITS.iter().rev() {
        if left >= *size {
            text.push_str(&format!("{}{unit}", left / size));
            left %= size;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for (text, millis) in [
            ("300ms", Some(300)),
            ("2s", Some(2_000)),
            ("1h30m", Some(5_400_000)),
            (" 1d 2 s ", Some(86_402_000)),
            ("0s", Some(0)),
            ("5", None),
            ("", None),
            ("s", None),
            ("1.5s", None),
            ("-1s", None),
            ("1y", None),
            ("99999999999999999999s", None),
            ("18446744073709551615d", None),
            ("99999d", None),
            ("2 с", None),
        ] {
            assert_eq!(duration(text), millis.map(Duration::from_millis), "{text:?}");
        }
        for text in ["300ms", "2s", "1h30m", "1d2s", "0s"] {
            assert_eq!(duration(text).map(written).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_range_goes_up() {
        let seconds = Duration::from_secs;
        assert_eq!(range("1s to 3s"), Some(seconds(1)..=seconds(3)));
        assert_eq!(range("2s"), Some(seconds(2)..=seconds(2)));
        assert_eq!(range("3s to 1s"), None);
        assert_eq!(range("1s to"), None);
    }
}
