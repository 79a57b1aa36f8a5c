//! Words with a mark before them: `@name`, `/command`, `#tag`, `$TAG`.

use super::Found;
use super::characters::{is_letter, is_tag, is_word, name_length};
use crate::control::EntityKind;

/// The places of a mark, with what is before and behind it.
fn marks(text: &str, mark: char) -> impl Iterator<Item = (usize, Option<char>, &str)> {
    text.match_indices(mark).map(|(at, _)| (at, text[..at].chars().next_back(), &text[at + 1..]))
}

fn starts_with(text: &str, is: impl Fn(char) -> bool) -> bool {
    text.chars().next().is_some_and(is)
}

/// Names shorter than four letters that somebody has.
const SHORT_NAMES: &[&str] = &["gif", "nft", "pic", "ufc", "vid"];

pub(super) fn mentions(text: &str, found: &mut Found) {
    for (at, before, rest) in marks(text, '@') {
        let (name, behind) = rest.split_at(name_length(rest));
        let is_taken = name.len() >= 4 || SHORT_NAMES.iter().any(|short| short.eq_ignore_ascii_case(name));
        if before.is_some_and(is_word) || !is_taken || name.len() > 32 || starts_with(behind, is_word) {
            continue;
        }
        found.push((at..at + 1 + name.len(), EntityKind::Mention));
    }
}

pub(super) fn commands(text: &str, found: &mut Found) {
    let is_glue = |character| is_word(character) || matches!(character, '/' | '<' | '>');
    for (at, before, rest) in marks(text, '/') {
        let command = name_length(rest);
        let bot = rest[command..].strip_prefix('@').map(name_length);
        let length = command + bot.map_or(0, |bot| 1 + bot);
        let is_command = (1..=64).contains(&command) && bot.is_none_or(|bot| (3..=32).contains(&bot));
        if is_command && !before.is_some_and(is_glue) && !starts_with(&rest[length..], is_glue) {
            found.push((at..at + 1 + length, EntityKind::BotCommand));
        }
    }
}

/// Longest hashtag, in characters.
const TAG: usize = 256;

pub(super) fn hashtags(text: &str, found: &mut Found) {
    for (at, before, rest) in marks(text, '#') {
        if before.is_some_and(is_tag) {
            continue;
        }
        let all = &rest[..rest.find(|next| !is_tag(next)).unwrap_or(rest.len())];
        let tag = &all[..all.char_indices().nth(TAG).map_or(all.len(), |(end, _)| end)];
        let channel = if tag == all { channel(&rest[all.len()..], usize::MAX) } else { 0 };
        let is_doubled = rest[all.len() + channel..].starts_with('#');
        if tag.chars().any(is_letter) && !is_doubled {
            found.push((at..at + 1 + tag.len() + channel, EntityKind::Hashtag));
        }
    }
}

pub(super) fn cashtags(text: &str, found: &mut Found) {
    let is_glue = |character| is_tag(character) || character == '$';
    for (at, before, rest) in marks(text, '$') {
        let letters = rest.bytes().take_while(u8::is_ascii_uppercase).count();
        let tag = if rest.starts_with("1INCH") { 5 } else { letters };
        let length = tag + channel(&rest[tag..], 32);
        if (1..=8).contains(&tag) && !before.is_some_and(is_glue) && !starts_with(&rest[length..], is_glue) {
            found.push((at..at + 1 + length, EntityKind::Cashtag));
        }
    }
}

/// The length of `@channel` behind a tag; of a longer name than 32 only so much counts, or nothing if `longest` is 32.
fn channel(text: &str, longest: usize) -> usize {
    match text.strip_prefix('@').map(name_length) {
        Some(name) if (3..=longest).contains(&name) => 1 + name.min(32),
        _ => 0,
    }
}
