//! The audit trail, ten lines at a time. Refusals that differ only in their time are one line, so that who is refused again and again
//! does not push the others off the page.

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
    let shown = shown(entries.get(..ENTRIES).unwrap_or(entries));
    let mut lines = vec![head.say(language), String::new()];
    lines.extend(shown.iter().filter_map(|alike| line(alike, language)));
    let last = shown.iter().flatten().min_by_key(|entry| entry.seq);
    let is_more = shown.iter().map(Vec::len).sum::<usize>() < entries.len();
    let older = last.filter(|_| is_more).map(|last| {
        (Text::button_older(), Button::Audit { before: last.seq, kind: kind.map(|kind| Tag::of(&kind.name)) })
    });
    let page = Page { text: cut(&lines.join("\n"), MESSAGE_LIMIT), ..Page::default() };
    page.with(older.into_iter().collect())
}

/// What a page has lines for, each with the entries that it stands for, newest first: all until the first one that has no line.
fn shown(entries: &[Entry]) -> Vec<Vec<&Entry>> {
    let mut lines: Vec<Vec<&Entry>> = Vec::new();
    for entry in entries {
        let is_full = lines.len() == LINES;
        match lines.iter_mut().find(|line| line.first().is_some_and(|first| is_alike(first, entry))) {
            Some(line) => line.push(entry),
            None if is_full => break,
            None => lines.push(vec![entry]),
        }
    }
    lines
}

/// Whether two refusals differ only in their time, and in what the person was called then.
fn is_alike(one: &Entry, other: &Entry) -> bool {
    fn what(entry: &Entry) -> impl PartialEq + '_ {
        let Entry { actor, action, kind, version, about, reason, .. } = entry;
        ((actor.origin, actor.id), (action, kind, version, about, reason))
    }
    let refused = |entry: &Entry| entry.outcome == Outcome::Refused;
    refused(one) && refused(other) && what(one) == what(other)
}

/// The line of entries that are alike, the newest first.
fn line(alike: &[&Entry], language: Language) -> Option<String> {
    let Entry { actor, action, kind, version, about, outcome, reason, .. } = alike.first()?;
    // What came late into the trail has the time of then.
    let at_ms = alike.iter().map(|entry| entry.at_ms).max()?;
    let first_ms = alike.iter().map(|entry| entry.first_ms.unwrap_or(entry.at_ms)).min()?;
    let mut what = vec![Text::audit_action(action).say(language)];
    what.extend(kind.clone());
    what.extend(version.map(|version| Text::audit_version(version).say(language)));
    what.extend(about.clone());
    let mut said =
        format!("{} – {} – {}", Value::at_ms(at_ms).say(language), Value::actor(actor).say(language), what.join(", "));
    if *outcome == Outcome::Refused {
        let words = reason.as_deref().unwrap_or_default();
        // The texts choose by a name, which has no spaces.
        let reason = Text::audit_reason(words.replace(' ', "_"), words);
        said = format!("{said} – {}", Text::audit_refused(reason).say(language));
    }
    let times = alike.iter().map(|entry| entry.times).sum::<i64>();
    if times > 1 {
        said = format!("{said} ({})", Text::audit_times(times, Value::at_ms(first_ms)).say(language));
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

    /// A moment as it is written here.
    fn at(at_ms: i64, language: Language) -> String {
        Value::at_ms(at_ms).say(language)
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
        let said =
            format!(" – Anna – new version, fees – refused: stranger (137 times since {})", at(0, Language::English));
        assert!(lines[0].ends_with(&said), "{lines:?}");
        assert_eq!(page.buttons[0][0].1, Button::Audit { before: 2, kind: None });
        let russian = super::page(None, &entries[97..98], true, Language::Russian);
        let said = format!(" – отказано: посторонний (40 раз с {})", at(0, Language::Russian));
        assert!(russian.text.ends_with(&said), "{}", russian.text);
        assert!(russian.buttons.is_empty());
        // Two who take turns have a line each, and others are seen between them. Other kinds and what was done stand by themselves.
        let rates = |seq| Entry { kind: Some("rates".to_owned()), ..refused(seq) };
        let turns = |seq: i64| if seq % 2 == 0 { refused(seq) } else { rates(seq) };
        let mut mixed: Vec<_> = (3..=98).rev().map(turns).collect();
        mixed.extend([entry(2, None), entry(1, None)]);
        let page = super::page(None, &mixed, true, Language::English);
        let lines: Vec<_> = page.text.lines().skip(2).collect();
        assert!(lines.len() == 4 && lines[..2].iter().all(|line| line.contains("(48 times since ")), "{lines:?}");
        assert!(page.buttons.is_empty());
        // What there is no line for is on the next page, and what is alike behind it as well.
        let mut many: Vec<_> = (20..=28).rev().map(|seq| entry(seq, None)).collect();
        many.extend([refused(19), refused(18), entry(17, None), refused(16)]);
        let page = super::page(None, &many, true, Language::English);
        let said = format!("(2 times since {})", at(18 * 60_000, Language::English));
        assert!(page.text.ends_with(&said), "{}", page.text);
        assert_eq!(page.buttons[0][0].1, Button::Audit { before: 18, kind: None });
    }

    #[test]
    fn what_came_late_has_the_time_of_then() {
        let [late, early] =
            [(2, 60_000), (1, 120_000)].map(|(seq, at_ms)| Entry { at_ms, ..entry(seq, Some("stranger")) });
        let page = page(None, &[late, early], true, Language::English);
        let line = page.text.lines().last().unwrap();
        let [first, last] = [60_000, 120_000].map(|at_ms| at(at_ms, Language::English));
        assert!(line.starts_with(&last) && line.ends_with(&format!("(2 times since {first})")), "{line}");
    }
}
