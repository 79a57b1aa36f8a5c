//! A text with entities as the pages write it.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::emoji;
use super::markup::{escape, href, push_escaped};
use crate::control::{Entity, EntityKind, FormattedText};

/// What a query string keeps as it is.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A value in a query string.
pub(super) fn query_value(text: &str) -> String {
    utf8_percent_encode(text, QUERY).to_string()
}

/// A text without entities: line feeds, emoji and nothing else.
pub(super) fn plain(text: &str) -> String {
    let mut markup = String::with_capacity(text.len() + 16);
    push_plain(&mut markup, text);
    markup
}

fn push_plain(markup: &mut String, text: &str) {
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = match emoji::at_start(rest) {
            Some(length) => {
                markup.push_str(&emoji::markup(&rest[..length]));
                length
            }
            None if character == '\n' => {
                markup.push_str("<br/>");
                1
            }
            None => {
                push_escaped(markup, character);
                character.len_utf8()
            }
        };
        rest = &rest[length..];
    }
}

/// What stands before and after an entity.
type Tags = (String, &'static str);

/// A text with its entities. Entities that overlap are closed and opened again, so that the tags nest.
pub(super) fn formatted(text: &FormattedText) -> String {
    let tags: Vec<Option<Tags>> = text.entities.iter().map(|entity| tags(entity, text)).collect();
    let edges: BTreeSet<usize> = text.entities.iter().flat_map(|entity| [entity.offset, end(entity)]).collect();
    let mut markup = String::with_capacity(text.text.len() * 2);
    let mut open: Vec<usize> = Vec::new();
    let mut run = String::new();
    // An edge may stand within a character: it holds from the next one on.
    let (mut position, mut looked) = (0, None);
    for character in text.text.chars() {
        if looked.is_none_or(|looked| edges.range(looked + 1..=position).next().is_some()) {
            looked = Some(position);
            push_plain(&mut markup, &run);
            run.clear();
            change(&mut markup, &mut open, &around(text, &tags, position), &tags);
        }
        run.push(character);
        position += character.len_utf16();
    }
    push_plain(&mut markup, &run);
    change(&mut markup, &mut open, &[], &tags);
    markup
}

fn end(entity: &Entity) -> usize {
    entity.offset.saturating_add(entity.length)
}

/// Which entities have tags around the character there, the outermost first. A link in a link has none.
fn around(text: &FormattedText, tags: &[Option<Tags>], position: usize) -> Vec<usize> {
    let covers = |index: &usize| {
        let entity = &text.entities[*index];
        tags[*index].is_some() && (entity.offset..end(entity)).contains(&position)
    };
    let mut around: Vec<usize> = (0..text.entities.len()).filter(covers).collect();
    around.sort_by_key(|index| (text.entities[*index].offset, usize::MAX - text.entities[*index].length));
    let mut linked = false;
    around.retain(|index| {
        let is_link = tags[*index].as_ref().is_some_and(|(_, closing)| *closing == "</a>");
        let shown = !(is_link && linked);
        linked |= is_link;
        shown
    });
    around
}

/// Closes and opens tags until those of `wanted` are open.
fn change(markup: &mut String, open: &mut Vec<usize>, wanted: &[usize], tags: &[Option<Tags>]) {
    let kept = open.iter().zip(wanted).take_while(|(open, wanted)| open == wanted).count();
    for (_, closing) in open.drain(kept..).rev().filter_map(|index| tags[index].as_ref()) {
        markup.push_str(closing);
    }
    for index in &wanted[kept..] {
        markup.push_str(tags[*index].as_ref().map_or("", |(opening, _)| opening));
        open.push(*index);
    }
}

/// The tags of an entity; nothing if the page does not show it.
fn tags(entity: &Entity, text: &FormattedText) -> Option<Tags> {
    let simple = |opening: &str, closing| Some((opening.to_owned(), closing));
    match &entity.kind {
        EntityKind::Bold => simple("<b>", "</b>"),
        EntityKind::Italic => simple("<i>", "</i>"),
        EntityKind::Underline => simple("<u>", "</u>"),
        EntityKind::Strikethrough => simple("<s>", "</s>"),
        EntityKind::Spoiler => simple("<tg-spoiler>", "</tg-spoiler>"),
        EntityKind::Code => simple("<code>", "</code>"),
        EntityKind::Pre { .. } => simple("<pre>", "</pre>"),
        EntityKind::Blockquote => simple("<blockquote>", "</blockquote>"),
        EntityKind::ExpandableBlockquote => simple("<blockquote expandable>", "</blockquote>"),
        EntityKind::CustomEmoji { custom_emoji_id } => {
            Some((format!("<tg-emoji emoji-id=\"{}\">", escape(custom_emoji_id)), "</tg-emoji>"))
        }
        EntityKind::TextLink { url } => {
            let href = href(url)?;
            let ask = r"return confirm('Open this link?\n\n'+this.href);";
            Some((format!("<a href=\"{href}\" target=\"_blank\" rel=\"noopener\" onclick=\"{ask}\">"), "</a>"))
        }
        EntityKind::Url => {
            let href = href(&address(&slice(text, entity)))?;
            Some((format!("<a href=\"{href}\" target=\"_blank\" rel=\"noopener\">"), "</a>"))
        }
        EntityKind::Email => {
            let href = href(&format!("mailto:{}", slice(text, entity)))?;
            Some((format!("<a href=\"{href}\" target=\"_blank\" rel=\"noopener\">"), "</a>"))
        }
        EntityKind::Mention => {
            let name = slice(text, entity);
            let name = escape(name.trim_start_matches('@'));
            Some((format!("<a href=\"https://t.me/{name}\" target=\"_blank\">"), "</a>"))
        }
        EntityKind::Hashtag | EntityKind::Cashtag => {
            Some((format!("<a href=\"?q={}\">", query_value(&slice(text, entity))), "</a>"))
        }
        EntityKind::BotCommand
        | EntityKind::TextMention { .. }
        | EntityKind::DateTime { .. }
        | EntityKind::BankCardNumber => None,
    }
}

/// The part of the text that an entity covers.
fn slice(text: &FormattedText, entity: &Entity) -> String {
    let mut position = 0;
    let covered = |character: &char| {
        let here = position;
        position += character.len_utf16();
        (entity.offset..end(entity)).contains(&here)
    };
    text.text.chars().filter(covered).collect()
}

/// Where an address without a scheme leads.
fn address(written: &str) -> String {
    let has_scheme = ["http://", "https://", "tg://", "ton://"]
        .iter()
        .any(|scheme| written.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    if has_scheme {
        return written.to_owned();
    }
    let slash = if written.contains(['/', '?', '#']) { "" } else { "/" };
    format!("http://{written}{slash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(offset: usize, length: usize, kind: EntityKind) -> Entity {
        Entity { offset, length, kind }
    }

    fn markup(text: &str, entities: Vec<Entity>) -> String {
        formatted(&FormattedText { text: text.to_owned(), entities })
    }

    #[test]
    fn tags_nest_even_if_entities_overlap() {
        let overlapping = vec![entity(0, 2, EntityKind::Bold), entity(1, 2, EntityKind::Italic)];
        assert_eq!(markup("abc", overlapping), "<b>a<i>b</i></b><i>c</i>");
        let same = vec![entity(0, 3, EntityKind::Bold), entity(0, 3, EntityKind::Italic)];
        assert_eq!(markup("abc", same), "<b><i>abc</i></b>");
    }

    #[test]
    fn links_are_written_as_what_they_are() {
        let link = EntityKind::TextLink { url: "https://a.org/?a=1&b=2".into() };
        let ask = r#"target="_blank" rel="noopener" onclick="return confirm('Open this link?\n\n'+this.href);""#;
        assert_eq!(
            markup("see", vec![entity(0, 3, link)]),
            format!(r#"<a href="https://a.org/?a=1&amp;b=2" {ask}>see</a>"#)
        );
        assert_eq!(
            markup("#Цена", vec![entity(0, 5, EntityKind::Hashtag)]).split('>').next(),
            Some(r#"<a href="?q=%23%D0%A6%D0%B5%D0%BD%D0%B0""#)
        );
        assert_eq!(
            markup("@durov", vec![entity(0, 6, EntityKind::Mention)]),
            r#"<a href="https://t.me/durov" target="_blank">@durov</a>"#
        );
        assert_eq!(markup("$USD", vec![entity(0, 4, EntityKind::Cashtag)]), r#"<a href="?q=%24USD">&#036;USD</a>"#);
        assert_eq!(
            markup("a@b.org", vec![entity(0, 7, EntityKind::Email)]),
            r#"<a href="mailto:a@b.org" target="_blank" rel="noopener">a@b.org</a>"#
        );
        assert_eq!(
            markup("HTTP://b.org/?a", vec![entity(0, 15, EntityKind::Url)]),
            r#"<a href="HTTP://b.org/?a" target="_blank" rel="noopener">HTTP://b.org/?a</a>"#
        );
        assert_eq!(
            markup("topwar.ru", vec![entity(0, 9, EntityKind::Url)]),
            r#"<a href="http://topwar.ru/" target="_blank" rel="noopener">topwar.ru</a>"#
        );
    }

    #[test]
    fn a_link_that_would_run_is_no_link() {
        let link = EntityKind::TextLink { url: "javascript:alert(1)".into() };
        assert_eq!(markup("see", vec![entity(0, 3, link)]), "see");
    }

    #[test]
    fn custom_emoji_hold_the_emoji() {
        let kind = EntityKind::CustomEmoji { custom_emoji_id: "5296".into() };
        assert_eq!(
            markup("💎!\n", vec![entity(0, 2, kind)]),
            "<tg-emoji emoji-id=\"5296\"><i class=\"emoji\" style=\"background-image:url('//telegram.org/img/emoji/40/F09F928E.png')\">\
             <b>💎</b></i></tg-emoji>&#33;<br/>"
        );
    }
}
