//! What varies in a sentence, in the form that its reader is used to.

use fluent_templates::fluent_bundle::FluentValue;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::{Language, Sentence};

/// What varies in a sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Shown as it is.
    Words(String),
    /// A count or a number.
    Number(i64),
    /// A size in bytes.
    Size(u64),
    /// A moment, shown in the host's time zone.
    Time(Timestamp),
    /// A sentence of its own.
    Sentence(Box<Sentence>),
}

impl Value {
    pub(crate) fn in_language(&self, language: Language) -> FluentValue<'static> {
        match self {
            // Counts choose the form of the words beside them.
            Self::Number(number) => FluentValue::from(*number),
            other => FluentValue::from(other.say(language)),
        }
    }

    /// By itself, in a language.
    pub fn say(&self, language: Language) -> String {
        match self {
            Self::Words(words) => words.clone(),
            Self::Number(number) => number.to_string(),
            Self::Size(bytes) => size(*bytes, language),
            Self::Time(moment) => time(*moment, TimeZone::try_system().unwrap_or(TimeZone::UTC), language),
            Self::Sentence(sentence) => sentence.say(language),
        }
    }

    /// A moment given in Unix milliseconds; one that no calendar has is shown as the nearest that it has.
    pub fn at_ms(milliseconds: i64) -> Self {
        let nearest = if milliseconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Self::Time(Timestamp::from_millisecond(milliseconds).unwrap_or(nearest))
    }

    /// A length in bytes; less than nothing is nothing.
    pub fn bytes(bytes: i64) -> Self {
        Self::Size(u64::try_from(bytes).unwrap_or_default())
    }
}

fn size(bytes: u64, language: Language) -> String {
    let (unit, in_english, in_russian) = if bytes < 1024 {
        return match language {
            Language::English => format!("{bytes} bytes"),
            Language::Russian => format!("{bytes} Б"),
        };
    } else if bytes < 1024 * 1024 {
        (1024, "KiB", "КиБ")
    } else {
        (1024 * 1024, "MiB", "МиБ")
    };
    // One decimal, rounded up: what is over a limit must not look as if it were at the limit.
    let tenths = bytes.saturating_mul(10).div_ceil(unit);
    let (whole, rest) = (tenths / 10, tenths % 10);
    match (language, rest) {
        (Language::English, 0) => format!("{whole} {in_english}"),
        (Language::English, _) => format!("{whole}.{rest} {in_english}"),
        (Language::Russian, 0) => format!("{whole} {in_russian}"),
        (Language::Russian, _) => format!("{whole},{rest} {in_russian}"),
    }
}

fn time(moment: Timestamp, zone: TimeZone, language: Language) -> String {
    let form = match language {
        Language::English => "%Y-%m-%d %H:%M %Z",
        Language::Russian => "%d.%m.%Y %H:%M %Z",
    };
    moment.to_zoned(zone).strftime(form).to_string()
}

impl From<&str> for Value {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl From<&String> for Value {
    fn from(words: &String) -> Self {
        Self::Words(words.clone())
    }
}

impl From<String> for Value {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use super::*;

    #[test]
    fn sizes_are_rounded_up_and_written_as_the_reader_writes_them() {
        for (bytes, english, russian) in [
            (1023, "1023 bytes", "1023 Б"),
            (1024 * 1024, "1 MiB", "1 МиБ"),
            (1024 * 1024 + 1, "1.1 MiB", "1,1 МиБ"),
            (30 * 1024 * 1024, "30 MiB", "30 МиБ"),
            (1536, "1.5 KiB", "1,5 КиБ"),
        ] {
            assert_eq!(size(bytes, Language::English), english);
            assert_eq!(size(bytes, Language::Russian), russian);
        }
        assert_eq!(Value::bytes(-1).say(Language::English), "0 bytes");
    }

    #[test]
    fn a_moment_out_of_every_calendar_is_shown_all_the_same() {
        for milliseconds in [i64::MIN, i64::MAX, 0] {
            let Value::Time(moment) = Value::at_ms(milliseconds) else { unreachable!("it is a time") };
            assert!(!time(moment, TimeZone::UTC, Language::Russian).is_empty());
        }
    }

    #[test]
    fn a_moment_names_its_zone_and_is_written_as_the_reader_writes_it() {
        let Value::Time(moment) = Value::at_ms(1_700_000_000_000) else { unreachable!("it is a time") };
        let said = |zone: &TimeZone| Language::ALL.map(|language| time(moment, zone.clone(), language));
        assert_eq!(said(&TimeZone::UTC), ["2023-11-14 22:13 UTC", "14.11.2023 22:13 UTC"]);
        let east = TimeZone::posix("MSK-3").unwrap();
        assert_eq!(said(&east), ["2023-11-15 01:13 MSK", "15.11.2023 01:13 MSK"]);
    }
}
