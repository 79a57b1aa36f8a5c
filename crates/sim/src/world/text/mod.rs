//! Texts with entities, from what a bot or a person writes to what Telegram stores.
//!
//! Pure: a text in one of three notations, or with entities beside it, becomes plain text and settled entities, or an
//! error in Telegram's words. Follows TDLib's `MessageEntity.cpp`. Knows nothing of messages and people.

pub(crate) mod clean;
mod dates;
mod detect;
mod given;
mod html;
pub(crate) mod link;
mod markdown;
mod markdown_v2;
mod order;
mod source;
#[cfg(test)]
mod tests;

use thiserror::Error;

use crate::control::{Entity, FormattedText};

pub(crate) use clean::is_invisible;
pub(crate) use given::entities as given_entities;

/// How many entities of its own a message may have. More are dropped.
const MOST_ENTITIES: usize = 100;

/// How the entities of a text are written in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseMode {
    /// `*bold*` without nesting and without quotations: `Markdown`.
    Markdown,
    /// `*bold*` as it is now: `MarkdownV2`.
    MarkdownV2,
    /// `<b>bold</b>`: `HTML`.
    Html,
}

impl ParseMode {
    /// The mode of this name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "markdown" => Some(Self::Markdown),
            "markdownv2" => Some(Self::MarkdownV2),
            "html" => Some(Self::Html),
            _ => None,
        }
    }
}

/// Why Telegram does not take a text, as it says it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(transparent)]
pub struct TextError(#[from] Reason);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
enum Reason {
    #[error("Can't parse entities: {0}")]
    Html(#[from] html::HtmlError),
    #[error("Can't parse entities: {0}")]
    Markdown(#[from] markdown::MarkdownError),
    #[error("Can't parse entities: {0}")]
    MarkdownV2(#[from] markdown_v2::MarkdownV2Error),
    #[error(transparent)]
    Given(#[from] given::GivenError),
    #[error(transparent)]
    Place(#[from] clean::PlaceError),
}

/// What Telegram makes of a text that is written in one of its notations.
///
/// # Errors
///
/// The first thing that is wrong with it, in Telegram's words.
pub fn formatted(source: &str, mode: ParseMode) -> Result<FormattedText, TextError> {
    let parsed = match mode {
        ParseMode::Markdown => markdown::parse(source).map_err(Reason::from),
        ParseMode::MarkdownV2 => markdown_v2::parse(source).map_err(Reason::from),
        ParseMode::Html => html::parse(source).map_err(Reason::from),
    };
    let (text, entities) = parsed?;
    finished(&text, entities)
}

/// A text as Telegram stores it, with the entities that are given beside it and those that Telegram finds.
pub(crate) fn finished(text: &str, entities: Vec<Entity>) -> Result<FormattedText, TextError> {
    let entities = order::settled(entities.into_iter().filter(|entity| entity.length > 0).collect());
    let (text, entities) = clean::cleaned(text, entities).map_err(Reason::from)?;
    let (text, entities) = clean::trimmed(&text, order::settled(entities));
    let entities = order::limited(order::settled(entities), MOST_ENTITIES);
    let entities = order::with_found(entities, detect::entities(&text));
    Ok(FormattedText { text, entities })
}

/// A text without entities of its own.
pub(crate) fn plain(text: &str) -> FormattedText {
    finished(text, Vec::new()).unwrap_or_default()
}

/// The length of a text in UTF-16 code units.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}
