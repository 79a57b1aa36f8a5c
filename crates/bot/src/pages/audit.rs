//! The audit trail, ten lines at a time. Refusals that follow one another and differ only in their time are one line, so that who is
//! refused again and again hides nothing.

use interfaces::audit::{Entry, Outcome};

use super::Page;
use crate::buttons::{Button, Tag};
use crate::registry::Known;
use crate::texts::{Language, Text, Value};
use crate::upload::problems::{MESSAGE_LIMIT, cut};

/// Lines on a page.
const LINES: usize = 10;
/// Entries that are looked at for a page.
pub(crate) const ENTRIES: usize = 99;

/// A page of `entries`, the newest first, of one kind or of all. There are older ones where there are more of them than a page
/// shows. `first` says that nothing newer was left out.
pub(crate) fn page(kind: Option<&Known>, entries: &[Entry], first: bool, language: Language) -> Page {
    if entries.is_empty() {
        return Page::saying(&if first { Text::audit_none() } else { Text::audit_end() }, language);
    }
    let head = kind.map_or_else(Text::audit_head, |kind| Text::audit_head_kind(&kind.file));
    let seen = &entries[..entries.len().min(ENTRIES)];
    let shown: Vec<&[Entry]> = seen.chunk_by(is_alike).take(LINES).collect();
    let mut lines = vec![head.say(language), String::new()];
    lines.extend(shown.iter().filter_map(|alike| line(alike, language)));
    let last = shown.last().and_then(|alike| alike.last());
    let is_more = shown.iter().map(|alike| alike.len()).sum::<usize>() < entries.len();
    let older = last.filter(|_| is_more).map(|last| {
        (Text::button_older(), Button::Audit { before: last.seq, kind: kind.map(|kind| Tag::of(&kind.name)) })
    });
    let page = Page { text: cut(&lines.join("\n"), MESSAGE_LIMIT), ..Page::default() };
    page.with(older.into_iter().collect())
}

/// Whether two refusals differ only in their time.
fn is_alike(one: &Entry, other: &Entry) -> bool {
    let same = |entry: &Entry| {
        let Entry { actor, action, kind, version, about, reason, .. } = entry.clone();
        (actor.origin, actor.id, action, kind, version, about, reason)
    };
    let refused = |entry: &Entry| entry.outcome == Outcome::Refused;
    refused(one) && refused(other) && same(one) == same(other)
}

/// The line of entries that are alike, the newest first.
fn line(alike: &[Entry], language: Language) -> Option<String> {
    let (Entry { at_ms, actor, action, kind, version, about, outcome, reason, .. }, oldest) =
        (alike.first()?, alike.last()?);
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
    let times = alike.iter().map(|entry| entry.times).sum::<i64>();
    if times > 1 {
        let since = Value::at_ms(oldest.first_ms.unwrap_or(oldest.at_ms));
        said = format!("{said} ({})", Text::audit_times(times, since).say(language));
    }
    Some(cut(&said, 350))
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
            times: 1,
            first_ms: None,
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

    #[test]
    fn who_is_refused_again_and_again_has_one_line_with_the_number() {
        let refused = |seq: i64| Entry { at_ms: 60_000 * seq, ..entry(seq, Some("stranger")) };
        let mut entries: Vec<_> = (1..=100).rev().map(refused).collect();
        // Old ones are one entry already.
        entries[97] = Entry { times: 40, first_ms: Some(0), ..refused(3) };
        entries[98] = entry(2, None);
        let page = page(None, &entries, true, Language::English);
        let lines: Vec<_> = page.text.lines().skip(2).collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines[0]
                .ends_with(" – Anna – new version, fees – refused: stranger (137 times since 1970-01-01 00:00 UTC)"),
            "{lines:?}"
        );
        assert_eq!(page.buttons[0][0].1, Button::Audit { before: 2, kind: None });
        let russian = super::page(None, &entries[97..98], true, Language::Russian);
        assert!(russian.text.ends_with(" – отказано: посторонний (40 раз с 01.01.1970 00:00 UTC)"), "{}", russian.text);
        assert!(russian.buttons.is_empty());
        // Others in between, other kinds and what was done have lines of their own.
        let other = Entry { kind: Some("rates".to_owned()), ..refused(4) };
        let mixed = [entry(6, None), entry(5, None), refused(3), other, refused(2), entry(1, None)];
        assert_eq!(super::page(None, &mixed, true, Language::English).text.lines().skip(2).count(), 6);
    }
}
