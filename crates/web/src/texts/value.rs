//! What varies in a sentence, in the form that its reader is used to.

use fluent_templates::fluent_bundle::FluentValue;
use interfaces::admins::Role;
use interfaces::configs::{Author, Origin};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Language, Text};

/// An argument of a [`Text`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Shown as it is.
    Words(String),
    /// A count or a number.
    Number(i64),
    /// A size in bytes.
    Size(u64),
    /// A moment, shown as UTC: the sandbox shows no time zone.
    Time(Timestamp),
    /// A sentence of its own.
    Text(Box<Text>),
}

impl Value {
    pub(super) fn in_language(&self, language: Language) -> FluentValue<'static> {
        match self {
            // Counts choose the form of the words beside them.
            Self::Number(number) => FluentValue::from(*number),
            other => FluentValue::from(other.say(language)),
        }
    }

    /// By itself, in a language.
    pub(crate) fn say(&self, language: Language) -> String {
        match self {
            Self::Words(words) => words.clone(),
            Self::Number(number) => number.to_string(),
            Self::Size(bytes) => size(*bytes, language),
            Self::Time(moment) => time(*moment, language),
            Self::Text(text) => text.say(language),
        }
    }

    /// A moment given in Unix milliseconds; one that no calendar has is shown as the nearest that it has.
    pub(crate) fn at_ms(milliseconds: i64) -> Self {
        let nearest = if milliseconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Self::Time(Timestamp::from_millisecond(milliseconds).unwrap_or(nearest))
    }

    /// A length in bytes.
    pub(crate) fn bytes(bytes: i64) -> Self {
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
    // One decimal, rounded up, as the bot does it.
    let tenths = bytes.saturating_mul(10).div_ceil(unit);
    let (whole, rest) = (tenths / 10, tenths % 10);
    match (language, rest) {
        (Language::English, 0) => format!("{whole} {in_english}"),
        (Language::English, _) => format!("{whole}.{rest} {in_english}"),
        (Language::Russian, 0) => format!("{whole} {in_russian}"),
        (Language::Russian, _) => format!("{whole},{rest} {in_russian}"),
    }
}

fn time(moment: Timestamp, language: Language) -> String {
    let form = match language {
        Language::English => "%Y-%m-%d %H:%M %Z",
        Language::Russian => "%d.%m.%Y %H:%M %Z",
    };
    moment.to_zoned(TimeZone::UTC).strftime(form).to_string()
}

impl From<&Author> for Value {
    fn from(author: &Author) -> Self {
        match author.origin {
            Origin::Telegram => Self::Words(author.name.clone()),
            Origin::Operator => Text::author_operator(author.name.as_str()).into(),
            Origin::File => Text::author_file().into(),
        }
    }
}

impl From<Option<Role>> for Value {
    fn from(role: Option<Role>) -> Self {
        match role {
            None => Text::role_none(),
            Some(Role::Viewer) => Text::role_viewer(),
            Some(Role::Admin) => Text::role_admin(),
            Some(Role::Owner) => Text::role_owner(),
        }
        .into()
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(Box::new(text))
    }
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
    use super::*;

    #[test]
    fn sizes_and_times_are_written_as_the_reader_writes_them() {
        let said = |value: Value| Language::ALL.map(|language| value.say(language));
        assert_eq!(said(Value::bytes(1536)), ["1.5 KiB", "1,5 КиБ"]);
        assert_eq!(said(Value::bytes(1024 * 1024 + 1)), ["1.1 MiB", "1,1 МиБ"]);
        assert_eq!(said(Value::bytes(-1)), ["0 bytes", "0 Б"]);
        assert_eq!(said(Value::at_ms(1_700_000_000_000)), ["2023-11-14 22:13 UTC", "14.11.2023 22:13 UTC"]);
        for milliseconds in [i64::MIN, i64::MAX] {
            assert!(!Value::at_ms(milliseconds).say(Language::Russian).is_empty());
        }
    }
}
