//! Which posts a page shows, and where the pages before and after it begin.

/// Messages of the newest page; numbers that any other page covers, whether the posts are still there or not.
const PAGE: i64 = 20;

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only posts with a lower number.
    pub before: Option<i64>,
    /// Only posts with a higher number, the lowest first; ignored beside `before`.
    pub after: Option<i64>,
    /// Only posts with these words.
    pub q: Option<String>,
}

impl Wanted {
    /// As a query string asks for it. What is no positive number, and every other parameter, is ignored.
    #[must_use]
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut wanted = Self::default();
        for (name, value) in pairs {
            let number = value.parse().ok().filter(|number| *number > 0);
            match name {
                "before" => wanted.before = number,
                "after" => wanted.after = number,
                "q" => wanted.q = Some(value.to_owned()).filter(|text| !text.trim().is_empty()),
                _ => {}
            }
        }
        wanted
    }
}

/// The posts of one page, as a stretch of those that were chosen from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    /// Places in what was chosen from.
    pub(crate) range: std::ops::Range<usize>,
    /// `?before=` of the older page, if there is one.
    pub(crate) prev: Option<i64>,
    /// `?after=` of the newer page, if there is one.
    pub(crate) next: Option<i64>,
}

/// Chooses a page from posts in their order, each with its first and last number.
///
/// The newest page has the last twenty messages, however far apart they are: saved ones reach over 21 numbers where one
/// was deleted. Every other page covers twenty numbers from the newest post there is below `before` (or the oldest above
/// `after`), so that a gap of any width is passed and no page is empty that need not be; saved ones have 19 posts where
/// one was deleted. An album counts as many as it has numbers, and is shown whole or not at all.
pub(crate) fn window(spans: &[(i64, i64)], wanted: &Wanted) -> Window {
    let range = match (wanted.before, wanted.after) {
        (None, None) => newest(spans)..spans.len(),
        (None, Some(after)) => {
            let start = spans.partition_point(|(first, _)| *first <= after);
            let limit = spans.get(start).map_or(0, |(first, _)| first.saturating_add(PAGE));
            start..spans.partition_point(|(_, last)| *last < limit).max(start)
        }
        (Some(before), _) => {
            let end = spans.partition_point(|(first, _)| *first < before);
            let limit = end.checked_sub(1).map_or(0, |newest| spans[newest].1 - PAGE);
            spans[..end].partition_point(|(first, _)| *first <= limit)..end
        }
    };
    framed(spans, range)
}

/// Where the last twenty messages begin.
fn newest(spans: &[(i64, i64)]) -> usize {
    let mut messages = 0;
    let fits = |(first, last): &&(i64, i64)| {
        messages += last - first + 1;
        messages <= PAGE
    };
    spans.len() - spans.iter().rev().take_while(fits).count()
}

/// The same for posts that were found: twenty of them, however far apart they are.
pub(crate) fn window_of_found(spans: &[(i64, i64)], wanted: &Wanted) -> Window {
    const HITS: usize = 20;
    let range = match (wanted.before, wanted.after) {
        (None, Some(after)) => {
            let start = spans.partition_point(|(first, _)| *first <= after);
            start..spans.len().min(start + HITS)
        }
        (before, _) => {
            let end = before.map_or(spans.len(), |before| spans.partition_point(|(first, _)| *first < before));
            end.saturating_sub(HITS)..end
        }
    };
    framed(spans, range)
}

fn framed(spans: &[(i64, i64)], range: std::ops::Range<usize>) -> Window {
    let shown = &spans[range.clone()];
    let prev = shown.first().filter(|_| range.start > 0).map(|(first, _)| *first);
    let next = shown.last().filter(|_| range.end < spans.len()).map(|(_, last)| *last);
    Window { range, prev, next }
}

/// Whether a text has all words of a query, each at the beginning of one of its own; a `#tag` is a whole word.
pub(crate) fn matches(text: &str, query: &str) -> bool {
    let text = text.to_lowercase();
    let is_letter = |character: char| character.is_alphanumeric() || character == '_';
    query.to_lowercase().split_whitespace().all(|word| {
        let is_tag = word.starts_with('#');
        text.match_indices(word).any(|(at, found)| {
            let begins = !text[..at].chars().next_back().is_some_and(is_letter);
            let ends = !text[at + found.len()..].chars().next().is_some_and(is_letter);
            begins && (ends || !is_tag)
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn before(number: i64) -> Wanted {
        Wanted { before: Some(number), ..Wanted::default() }
    }

    #[test]
    fn a_page_covers_twenty_numbers_not_twenty_posts() {
        let spans: Vec<_> = (1..=543).filter(|id| *id != 511).map(|id| (id, id)).collect();
        let window = window(&spans, &before(528));
        let shown = &spans[window.range.clone()];
        assert_eq!((shown.len(), shown[0].0, shown[18].0), (19, 508, 527));
        assert_eq!((window.prev, window.next), (Some(508), Some(527)));
    }

    #[test]
    fn the_newest_page_has_twenty_messages_not_twenty_numbers() {
        let spans: Vec<_> = (1..=548).filter(|id| ![511, 530].contains(id)).map(|id| (id, id)).collect();
        let newest = window(&spans, &Wanted::default());
        assert_eq!((newest.range.len(), newest.prev, newest.next), (20, Some(528), None));
        let older = window(&spans, &before(528));
        assert_eq!((older.range.len(), older.prev, older.next), (19, Some(508), Some(527)));
        let earlier = window(&spans[..spans.len() - 5], &Wanted::default());
        assert_eq!((earlier.range.len(), earlier.prev), (20, Some(523)), "when 543 was the newest one");
    }

    #[test]
    fn the_ends_have_no_neighbours() {
        let spans: Vec<_> = (1..=30).map(|id| (id, id)).collect();
        let newest = window(&spans, &Wanted::default());
        assert_eq!((newest.range, newest.prev, newest.next), (10..30, Some(11), None));
        let oldest = window(&spans, &before(11));
        assert_eq!((oldest.range, oldest.prev, oldest.next), (0..10, None, Some(10)));
        assert_eq!(window(&spans, &before(1)).range, 0..0);
        assert_eq!(window(&[], &Wanted::default()).range, 0..0);
        let after = window(&spans, &Wanted { after: Some(5), ..Wanted::default() });
        assert_eq!((after.range, after.prev, after.next), (5..25, Some(6), Some(25)));
    }

    #[test]
    fn before_wins_over_after_and_a_search_has_twenty_hits_each_way() {
        let spans: Vec<_> = (1..=60).map(|id| (id * 5, id * 5)).collect();
        let both = Wanted { before: Some(100), after: Some(200), q: None };
        assert_eq!(window(&spans, &both), window(&spans, &before(100)));
        let after = Wanted { after: Some(50), ..Wanted::default() };
        assert_eq!(window_of_found(&spans, &after).range, 10..30);
        assert_eq!(window_of_found(&spans, &before(150)).range, 9..29);
        assert_eq!(window_of_found(&spans, &both), window_of_found(&spans, &before(100)));
    }

    #[test]
    fn an_album_is_shown_whole() {
        let spans = [(1, 1), (5, 9), (10, 10), (24, 28)];
        assert_eq!(window(&spans, &Wanted::default()).range, 0..4);
        assert_eq!(window(&spans, &before(29)).range, 2..4);
        assert_eq!(window(&spans, &before(10)).range, 0..2);
        // A saved page begins at 70989, with 19 messages: 70988 ends an album that would not fit.
        let blocks = [(70_985, 70_988), (70_989, 70_989), (70_990, 70_990), (70_992, 70_994)];
        let rest = [(70_995, 70_999), (71_000, 71_005), (71_006, 71_008)];
        let spans = [blocks.as_slice(), &rest].concat();
        assert_eq!(window(&spans, &Wanted::default()).prev, Some(70_989));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_post_is_on_one_page_in_both_directions(
            posts in proptest::collection::vec((1_i64..=60, 1_i64..=10), 1..200),
            search in any::<bool>(),
        ) {
            let mut last = 0;
            let spans: Vec<(i64, i64)> = posts
                .into_iter()
                .map(|(gap, size)| {
                    let first = last + gap;
                    last = first + size - 1;
                    (first, last)
                })
                .collect();
            let choose = |wanted: &Wanted| {
                let window = if search { window_of_found(&spans, wanted) } else { window(&spans, wanted) };
                assert!(!window.range.is_empty());
                let shown = &spans[window.range.clone()];
                let numbers = shown[shown.len() - 1].1 - shown[0].0;
                let messages: i64 = shown.iter().map(|(first, last)| last - first + 1).sum();
                let is_newest = *wanted == Wanted::default();
                assert!(search || numbers < PAGE || is_newest, "{numbers} numbers on one page");
                assert!(search || messages <= PAGE, "{messages} messages on one page");
                window
            };
            let mut page = choose(&Wanted::default());
            let mut end = spans.len();
            while let Some(prev) = page.prev {
                prop_assert_eq!(page.range.end, end);
                end = page.range.start;
                page = choose(&before(prev));
            }
            prop_assert_eq!(page.range.clone(), 0..end);
            let mut start = 0;
            while let Some(next) = page.next {
                prop_assert_eq!(page.range.start, start);
                start = page.range.end;
                page = choose(&Wanted { after: Some(next), ..Wanted::default() });
            }
            prop_assert_eq!(page.range, start..spans.len());
        }
    }

    #[test]
    fn wrong_parameters_are_ignored() {
        let wanted = Wanted::from_pairs([("before", "abc"), ("after", "-1"), ("search", "x"), ("q", " ")]);
        assert_eq!(wanted, Wanted::default());
        assert_eq!(Wanted::from_pairs([("before", "517"), ("q", "telegram")]).before, Some(517));
    }

    #[test]
    fn a_search_looks_for_beginnings_of_words() {
        assert!(matches("Telegram has applied", "tele HAS"));
        assert!(!matches("Telegram has applied", "gram") && !matches("Telegram has applied", "tele had"));
        assert!(matches("see #Fees now", "#fees") && !matches("see #fees2 now", "#fees"));
    }
}
