//! What messages show that are more than a sentence: lists to page through, differences to decide about. Pure.

pub(crate) mod audit;
pub(crate) mod difference;
pub(crate) mod history;
pub(crate) mod people;

use teloxide::types::InlineKeyboardMarkup;

use crate::buttons::{Button, keyboard};
use crate::texts::{Language, Text};

/// A message with buttons.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Page {
    /// What it says.
    pub(crate) text: String,
    /// The buttons below it, a row each list.
    pub(crate) buttons: Vec<Vec<(Text, Button)>>,
    /// What does not fit into it and is sent before: name and content.
    pub(crate) file: Option<(String, String)>,
}

impl Page {
    /// A sentence.
    pub(crate) fn saying(text: &Text, language: Language) -> Self {
        Self { text: text.say(language), ..Self::default() }
    }

    /// The same with a row of buttons more.
    pub(crate) fn with(mut self, row: Vec<(Text, Button)>) -> Self {
        self.buttons.extend(Some(row).filter(|row| !row.is_empty()));
        self
    }

    /// What Telegram is told about the buttons.
    pub(crate) fn keyboard(&self, language: Language) -> Option<InlineKeyboardMarkup> {
        let rows: Vec<_> = self.buttons.iter().map(Vec::as_slice).collect();
        (!rows.is_empty()).then(|| keyboard(&rows, language))
    }
}
