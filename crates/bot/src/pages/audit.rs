//! The audit trail, ten entries at a time.

use interfaces::audit::{Entry, Outcome};

use super::Page;
use crate::buttons::{Button, Tag};
use crate::registry::Known;
use crate::texts::{Language, Text, Value};
use crate::upload::problems::{MESSAGE_LIMIT, cut};

/// Entries on a page.
pub(crate) const ENTRIES: usize = 10;

/// A page of `entries`, the newest first, of one kind or of all. There are older ones where there are more of them than a page
/// holds. `first` says that nothing newer was left out.
pub(crate) fn page(kind: Option<&Known>, entries: &[Entry], first: bool, language: Language) -> Page {
    if entries.is_empty() {
        return Page::saying(&if first { Text::audit_none() } else { Text::audit_end() }, language);
    }
    let head = kind.map_or_else(Text::audit_head, |kind| Text::audit_head_kind(&kind.file));
    let shown = &entries[..entries.len().min(ENTRIES)];
    let mut lines = vec![head.say(language), String::new()];
    lines.extend(shown.iter().map(|entry| line(entry, language)));
    let older = shown.last().filter(|_| entries.len() > ENTRIES).map(|last| {
        (Text::button_older(), Button::Audit { before: last.seq, kind: kind.map(|kind| Tag::of(&kind.name)) })
    });
    let page = Page { text: cut(&lines.join("\n"), MESSAGE_LIMIT), ..Page::default() };
    page.with(older.into_iter().collect())
}

fn line(entry: &Entry, language: Language) -> String {
    let Entry { at_ms, actor, action, kind, version, about, outcome, reason, .. } = entry;
    let mut what = vec![Text::audit_action(action).say(language)];
    what.extend(kind.clone());
    what.extend(version.map(|version| Text::audit_version(version).say(language)));
    what.extend(about.clone());
    let mut said =
        format!("{} – {} – {}", Value::at_ms(*at_ms).say(language), Value::from(actor).say(language), what.join(", "));
    if *outcome == Outcome::Refused {
        let words = reason.as_deref().unwrap_or_default();
        // The texts choose by a name, which has no spaces.
        let reason = Text::audit_reason(words.replace(' ', "_"), words);
        said = format!("{said} – {}", Text::audit_refused(reason).say(language));
    }
    cut(&said, 350)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use interfaces::audit::{Author, Outcome};
    use interfaces::configs::Origin;

    use super::*;

    fn entry(seq: i64, refused: Option<&str>) -> Entry {
        Entry {
            seq,
            at_ms: 1_700_000_000_000,
            actor: Author { origin: Origin::Telegram, id: 1001, name: "Anna".to_owned() },
            action: "put".to_owned(),
            kind: Some("fees".to_owned()),
            version: refused.is_none().then_some(7),
            about: None,
            outcome: if refused.is_some() { Outcome::Refused } else { Outcome::Done },
            reason: refused.map(str::to_owned),
            request_id: None,
        }
    }

    #[test]
    fn a_line_says_when_who_what_and_why_not() {
        let page = page(None, &[entry(2, None), entry(1, Some("forbidden"))], true, Language::English);
        let lines: Vec<_> = page.text.lines().skip(2).collect();
        assert!(lines[0].ends_with(" – Anna – new version, fees, version 7"), "{lines:?}");
        assert!(lines[1].ends_with(" – Anna – new version, fees – refused: not allowed"), "{lines:?}");
        assert!(page.buttons.is_empty());
        let russian = super::page(None, &[entry(1, Some("wrong code"))], true, Language::Russian).text;
        let newer = super::page(None, &[entry(1, Some("bad mood"))], true, Language::English).text;
        assert!(newer.ends_with(" – refused: reason: bad mood"), "{newer}");
        assert!(russian.ends_with(" – Anna – новая версия, fees – отказано: неверный код"), "{russian}");
    }

    #[test]
    fn older_entries_are_a_press_away_where_there_are_any() {
        let entries: Vec<_> = (1..=11).rev().map(|seq| entry(seq, None)).collect();
        let page = page(None, &entries, true, Language::English);
        assert_eq!(page.text.lines().count(), 12);
        assert_eq!(page.buttons[0][0].1, Button::Audit { before: 2, kind: None });
        assert!(super::page(None, &entries[..10], true, Language::English).buttons.is_empty());
        assert!(super::page(None, &[], false, Language::English).text.contains("no older entries"));
    }
}
