//! Which entities may lie in and across one another, and in which order Telegram lists them.
//!
//! Follows TDLib's `fix_entities`. Three families differ: styles, which may cross everything and are cut to pieces
//! at every boundary; quotations; and the rest, of which no two may touch the same character.

use crate::control::{Entity, EntityKind};

/// The styles, in the order in which pieces of one stretch are listed.
const STYLES: [EntityKind; 5] =
    [EntityKind::Bold, EntityKind::Italic, EntityKind::Underline, EntityKind::Strikethrough, EntityKind::Spoiler];

fn style(kind: &EntityKind) -> Option<usize> {
    STYLES.iter().position(|style| style == kind)
}

fn is_quote(kind: &EntityKind) -> bool {
    matches!(kind, EntityKind::Blockquote | EntityKind::ExpandableBlockquote)
}

/// Whether styles end at it.
fn is_unstyled(kind: &EntityKind) -> bool {
    matches!(kind, EntityKind::Code | EntityKind::Pre { .. } | EntityKind::DateTime { .. })
}

/// Of entities with the same stretch, the lower comes first.
fn rank(kind: &EntityKind) -> u8 {
    match kind {
        EntityKind::Blockquote | EntityKind::ExpandableBlockquote => 0,
        EntityKind::Pre { language: Some(_) } => 10,
        EntityKind::Pre { language: None } => 11,
        EntityKind::Code => 20,
        EntityKind::DateTime { .. } => 30,
        EntityKind::TextLink { .. } | EntityKind::TextMention { .. } => 49,
        EntityKind::Mention
        | EntityKind::Hashtag
        | EntityKind::BotCommand
        | EntityKind::Url
        | EntityKind::Email
        | EntityKind::Cashtag
        | EntityKind::BankCardNumber => 50,
        EntityKind::Bold => 90,
        EntityKind::Italic => 91,
        EntityKind::Underline => 92,
        EntityKind::Strikethrough => 93,
        EntityKind::Spoiler => 94,
        EntityKind::CustomEmoji { .. } => 99,
    }
}

/// Sorts as Telegram lists them: by where they start, the longer first.
pub(crate) fn sort(entities: &mut [Entity]) {
    entities
        .sort_by(|a, b| a.offset.cmp(&b.offset).then(b.length.cmp(&a.length)).then(rank(&a.kind).cmp(&rank(&b.kind))));
}

/// The three families, each in the order of the whole.
#[derive(Default)]
struct Families {
    styles: Vec<Entity>,
    quotes: Vec<Entity>,
    others: Vec<Entity>,
}

fn families(entities: Vec<Entity>) -> Families {
    let mut families = Families::default();
    for entity in entities {
        match &entity.kind {
            kind if style(kind).is_some() => families.styles.push(entity),
            kind if is_quote(kind) => families.quotes.push(entity),
            _ => families.others.push(entity),
        }
    }
    families
}

/// Makes of any entities such as Telegram stores: sorted, styles cut where others begin and end, the rest without
/// overlaps. None may be empty.
pub(crate) fn settled(mut entities: Vec<Entity>) -> Vec<Entity> {
    sort(&mut entities);
    let Families { styles, mut quotes, mut others } = families(entities);
    drop_overlapping(&mut others);
    drop_overlapping(&mut quotes);
    drop_crossing(&mut others, &quotes);
    joined(styles, quotes, others)
}

/// Adds what Telegram found to settled entities. What is found gives way to everything but styles and quotations.
pub(crate) fn with_found(entities: Vec<Entity>, mut found: Vec<Entity>) -> Vec<Entity> {
    if found.is_empty() {
        return entities;
    }
    let Families { styles, quotes, others } = families(entities);
    drop_crossing(&mut found, &quotes);
    found.retain(|found| {
        let next = others.partition_point(|other| other.end() <= found.offset);
        others.get(next).is_none_or(|other| other.offset >= found.end())
    });
    let mut others = [others, found].concat();
    sort(&mut others);
    joined(styles, quotes, others)
}

/// At most so many entities of the bot's own; quotations, links and the like go before styles, and of each the first
/// before the last. Custom emoji do not count.
pub(crate) fn limited(entities: Vec<Entity>, most: usize) -> Vec<Entity> {
    let is_counted = |entity: &&Entity| !matches!(entity.kind, EntityKind::CustomEmoji { .. });
    if entities.iter().filter(is_counted).count() <= most {
        return entities;
    }
    let Families { styles, quotes, others } = families(entities);
    let mut rest = [quotes, others].concat();
    sort(&mut rest);
    let mut room = most;
    rest.retain(|entity| {
        let kept = room > 0 || !is_counted(&entity);
        room -= usize::from(kept && is_counted(&entity));
        kept
    });
    let styles = cut(styles, &[]).into_iter().take(room);
    settled(rest.into_iter().chain(styles).collect())
}

fn joined(styles: Vec<Entity>, quotes: Vec<Entity>, others: Vec<Entity>) -> Vec<Entity> {
    let mut entities = [quotes, others].concat();
    sort(&mut entities);
    let styles = cut(styles, &entities);
    entities.extend(styles);
    sort(&mut entities);
    entities
}

/// Of sorted entities that overlap only the first stays.
fn drop_overlapping(entities: &mut Vec<Entity>) {
    let mut end = 0;
    entities.retain(|entity| {
        let kept = entity.offset >= end;
        if kept {
            end = entity.end();
        }
        kept
    });
}

/// What reaches over the edge of a quotation, or holds one, goes.
fn drop_crossing(entities: &mut Vec<Entity>, quotes: &[Entity]) {
    entities.retain(|entity| {
        let next = quotes.partition_point(|quote| quote.end() <= entity.offset);
        quotes.get(next).is_none_or(|quote| {
            let starts_before = entity.offset < quote.offset && quote.offset < entity.end();
            quote.end() >= entity.end() && !starts_before
        })
    });
}

/// Cuts sorted styles at every boundary of each other and of `others`, which are sorted and nested. Stretches of the
/// same style that touch become one before; styles inside of code are gone.
fn cut(styles: Vec<Entity>, others: &[Entity]) -> Vec<Entity> {
    let mut cutter = Cutter { waiting: styles.into_iter().peekable(), open: [None; STYLES.len()], pieces: Vec::new() };
    let mut around: Vec<&Entity> = Vec::new();
    for (other, start) in others.iter().map(|other| (Some(other), other.offset)).chain([(None, usize::MAX)]) {
        while let Some(inner) = around.pop_if(|inner| start >= inner.end()) {
            let kept = cutter.pieces.len();
            cutter.advance(inner.end());
            if is_unstyled(&inner.kind) {
                cutter.pieces.truncate(kept);
            }
        }
        cutter.advance(start);
        around.extend(other);
    }
    sort(&mut cutter.pieces);
    cutter.pieces
}

struct Cutter {
    waiting: std::iter::Peekable<std::vec::IntoIter<Entity>>,
    /// From where to where each style goes on, as far as is known.
    open: [Option<(usize, usize)>; STYLES.len()],
    pieces: Vec<Entity>,
}

impl Cutter {
    /// Takes in all styles that start before `end`, and ends a piece there.
    fn advance(&mut self, end: usize) {
        while let Some(next) = self.waiting.next_if(|next| next.offset < end) {
            let Some(index) = style(&next.kind) else { continue };
            match &mut self.open[index] {
                Some((_, until)) if next.offset <= *until => *until = (*until).max(next.end()),
                _ => {
                    self.cut_at(next.offset);
                    self.open[index] = Some((next.offset, next.end()));
                }
            }
        }
        self.cut_at(end);
    }

    fn cut_at(&mut self, position: usize) {
        for (index, open) in self.open.iter_mut().enumerate() {
            let Some((from, until)) = *open else { continue };
            if from >= position {
                continue;
            }
            let end = until.min(position);
            self.pieces.push(Entity { offset: from, length: end - from, kind: STYLES[index].clone() });
            *open = (until > position).then_some((position, until));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use EntityKind::{Blockquote, Bold, Code, Italic, Mention, Underline};

    fn link() -> EntityKind {
        EntityKind::TextLink { url: "http://a.org/".to_owned() }
    }

    fn entity((offset, end, kind): (usize, usize, EntityKind)) -> Entity {
        Entity { offset, length: end - offset, kind }
    }

    fn entities(list: &[(usize, usize, EntityKind)]) -> Vec<Entity> {
        list.iter().cloned().map(entity).collect()
    }

    #[test]
    fn entities_settle_as_telegram_stores_them() {
        type Place = (usize, usize, EntityKind);
        let cases: &[(&[Place], Vec<Place>)] = &[
            (&[(0, 9, Bold), (5, 9, Italic)], vec![(0, 5, Bold), (5, 9, Bold), (5, 9, Italic)]),
            (&[(0, 5, Italic), (0, 5, Bold)], vec![(0, 5, Bold), (0, 5, Italic)]),
            (&[(0, 5, Bold), (5, 9, Bold)], vec![(0, 9, Bold)]),
            (&[(0, 5, Bold), (3, 9, Bold)], vec![(0, 9, Bold)]),
            (&[(0, 6, Bold), (3, 9, Italic)], vec![(0, 3, Bold), (3, 9, Italic), (3, 6, Bold)]),
            (&[(0, 9, Bold), (3, 6, Code)], vec![(0, 3, Bold), (3, 6, Code), (6, 9, Bold)]),
            (&[(0, 9, Code), (3, 6, Bold)], vec![(0, 9, Code)]),
            (&[(0, 9, Code), (0, 9, Bold)], vec![(0, 9, Code)]),
            (&[(0, 6, Code), (3, 9, Bold)], vec![(0, 6, Code), (6, 9, Bold)]),
            (&[(0, 6, Code), (3, 9, Code)], vec![(0, 6, Code)]),
            (&[(0, 6, Blockquote), (2, 4, Code)], vec![(0, 6, Blockquote), (2, 4, Code)]),
            (&[(2, 6, Blockquote), (0, 4, Code)], vec![(2, 6, Blockquote)]),
            (&[(2, 6, Blockquote), (0, 9, Code)], vec![(2, 6, Blockquote)]),
            (&[(2, 6, Blockquote), (4, 9, Code)], vec![(2, 6, Blockquote)]),
            (&[(0, 6, Blockquote), (2, 4, Blockquote)], vec![(0, 6, Blockquote)]),
            (&[(2, 6, Blockquote), (0, 9, Bold)], vec![(0, 2, Bold), (2, 6, Blockquote), (2, 6, Bold), (6, 9, Bold)]),
            (&[(0, 5, Underline), (0, 7, Bold)], vec![(0, 7, Bold), (0, 5, Underline)]),
        ];
        for (given, expected) in cases {
            assert_eq!(settled(entities(given)), entities(expected), "{given:?}");
            assert_eq!(settled(entities(expected)), entities(expected), "settled again: {given:?}");
        }
    }

    #[test]
    fn what_is_found_gives_way_to_links_and_cuts_styles() {
        let given = settled(entities(&[(0, 20, Bold), (5, 10, link())]));
        assert_eq!(
            with_found(given, entities(&[(8, 12, Mention), (15, 18, Mention)])),
            entities(&[
                (0, 5, Bold),
                (5, 10, link()),
                (5, 10, Bold),
                (10, 15, Bold),
                (15, 18, Mention),
                (15, 18, Bold),
                (18, 20, Bold)
            ])
        );
        let quoted = entities(&[(2, 6, Blockquote)]);
        assert_eq!(with_found(quoted.clone(), entities(&[(0, 3, Mention)])), quoted, "none reaches into a quotation");
    }

    #[test]
    fn only_the_first_hundred_stay_and_styles_are_the_first_to_go() {
        let styles = (0..200).map(|at| entity((2 * at, 2 * at + 1, Bold)));
        assert_eq!(limited(styles.clone().collect(), 100).last(), Some(&entity((198, 199, Bold))));
        let codes = (0..60).map(|at| entity((1000 + 2 * at, 1001 + 2 * at, Code)));
        let both = limited(settled(styles.chain(codes).collect()), 100);
        assert_eq!(both.iter().filter(|entity| entity.kind == Code).count(), 60);
        assert_eq!(both.len(), 100);
    }
}
