//! Versions of a kind, ten at a time.

use interfaces::configs::Version;

use super::Page;
use crate::buttons::{Button, Tag};
use crate::registry::Known;
use crate::texts::{Language, Text, Value};
use crate::upload::problems::{MESSAGE_LIMIT, cut};

/// Versions on a page.
pub(crate) const VERSIONS: i64 = 10;

/// A page of `versions`, which are the newest ones first; `newest` is the newest of all.
pub(crate) fn page(kind: &Known, versions: &[Version], newest: i64, language: Language) -> Page {
    let (Some(first), Some(last)) = (versions.first(), versions.last()) else {
        let nothing = if newest > 0 { Text::history_end(&kind.file) } else { Text::history_none(&kind.file) };
        return Page::saying(&nothing, language);
    };
    let mut lines = vec![Text::history_head(&kind.file).say(language), String::new()];
    lines.extend(versions.iter().map(|version| line(version, language)));
    let history = |before| Button::History { kind: Tag::of(&kind.name), before };
    // Versions have no gaps, so their numbers say where others are.
    let older = (last.version > 1).then(|| (Text::button_older(), history(last.version)));
    let newer = (first.version < newest).then(|| (Text::button_newer(), history(first.version + 1 + VERSIONS)));
    let page = Page { text: cut(&lines.join("\n"), MESSAGE_LIMIT), ..Page::default() };
    page.with(older.into_iter().chain(newer).collect())
}

fn line(version: &Version, language: Language) -> String {
    let Version { version: number, author, saved_ms, bytes, restores, approved_by, .. } = version;
    let size = Value::bytes(*bytes);
    let mut said = Text::history_line(*number, author, Value::at_ms(*saved_ms), size).say(language);
    let restores = restores.map(Text::history_restores);
    let approved = approved_by.as_ref().map(Text::history_approved);
    for more in restores.into_iter().chain(approved) {
        said.push_str(", ");
        said.push_str(&more.say(language));
    }
    cut(&said, 350)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use interfaces::configs::{Author, Origin};

    use super::*;

    fn kind() -> Known {
        let checker = kinds::builtin("fees").unwrap().into();
        Known {
            name: "fees".to_owned(),
            file: "fees.yml".to_owned(),
            command: "fees".to_owned(),
            approval: false,
            checker,
        }
    }

    fn by(name: &str) -> Author {
        Author { origin: Origin::Telegram, id: 1001, name: name.to_owned() }
    }

    fn versions(numbers: std::ops::RangeInclusive<i64>) -> Vec<Version> {
        let version = |version| Version {
            kind: "fees".to_owned(),
            version,
            base: version - 1,
            bytes: 1536,
            sha256: String::new(),
            author: by("Anna"),
            saved_ms: 1_700_000_000_000,
            restores: (version == 7).then_some(3),
            approved_by: (version == 7).then(|| by("Boris")),
        };
        numbers.rev().map(version).collect()
    }

    fn pressed(page: &Page) -> Vec<(String, String)> {
        let said = |(text, button): &(Text, Button)| (text.say(Language::English), button.data());
        page.buttons.iter().flatten().map(said).collect()
    }

    #[test]
    fn a_line_says_who_when_how_much_and_why() {
        let page = page(&kind(), &versions(7..=7), 7, Language::English);
        assert!(
            page.text.starts_with("Versions of fees.yml, the newest first:\n\nVersion 7 – Anna, 2023-11-14 "),
            "{page:?}"
        );
        assert!(page.text.ends_with(", 1.5 KiB, brings back version 3, approved by Boris"), "{page:?}");
    }

    #[test]
    fn buttons_lead_to_what_is_there_and_nowhere_else() {
        let of = |numbers, newest| pressed(&page(&kind(), &versions(numbers), newest, Language::English));
        let (older, newer) = ("◀ older".to_owned(), "newer ▶".to_owned());
        let to = |before| format!("history:fees:{before}");
        assert_eq!(of(1..=3, 3), []);
        assert_eq!(of(16..=25, 25), [(older.clone(), to(16))]);
        assert_eq!(of(6..=15, 25), [(older, to(6)), (newer.clone(), to(26))]);
        assert_eq!(of(1..=5, 25), [(newer, to(16))]);
        assert!(page(&kind(), &[], 0, Language::Russian).text.contains("пока нет ни одной версии"));
        assert!(page(&kind(), &[], 5, Language::English).text.contains("no older versions"));
    }
}
