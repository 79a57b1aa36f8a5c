//! Text with entities, as messages carry it: offsets and lengths in UTF-16 code units.

use serde::{Deserialize, Serialize};

/// What a stretch of text is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EntityKind {
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Underlined.
    Underline,
    /// Struck through.
    Strikethrough,
    /// Hidden until touched.
    Spoiler,
    /// Fixed width.
    Code,
    /// A block of fixed width, perhaps of a programming language.
    Pre {
        /// The language, if it was told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
    },
    /// A quotation.
    Blockquote,
    /// A quotation that can be folded.
    ExpandableBlockquote,
    /// A link whose text is not its address.
    TextLink {
        /// The address.
        url: String,
    },
    /// A custom emoji.
    CustomEmoji {
        /// Its identifier, digits.
        custom_emoji_id: String,
    },
    /// `/command`, found by Telegram.
    BotCommand,
    /// `@name`, found by Telegram.
    Mention,
    /// `#tag`, found by Telegram.
    Hashtag,
    /// An address in the text, found by Telegram.
    Url,
    /// A mail address, found by Telegram.
    Email,
}

impl EntityKind {
    /// Whether Telegram finds this kind by itself; a client cannot set it.
    pub(crate) fn is_found(&self) -> bool {
        matches!(self, Self::BotCommand | Self::Mention | Self::Hashtag | Self::Url | Self::Email)
    }

    /// Whether nothing is found inside of it.
    pub(crate) fn is_opaque(&self) -> bool {
        matches!(self, Self::Code | Self::Pre { .. } | Self::TextLink { .. } | Self::CustomEmoji { .. })
    }
}

/// One stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// Where it starts, in UTF-16 code units.
    pub offset: usize,
    /// How long it is, in UTF-16 code units.
    pub length: usize,
    /// What it is.
    #[serde(flatten)]
    pub kind: EntityKind,
}

impl Entity {
    pub(crate) fn end(&self) -> usize {
        self.offset + self.length
    }
}

/// A text and its entities, in the order in which Telegram lists them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FormattedText {
    /// The text.
    pub text: String,
    /// Its entities.
    pub entities: Vec<Entity>,
}

impl FormattedText {
    /// A text as Telegram stores it: blanks around it cut off, its own entities found and merged in, all sorted.
    pub(crate) fn finished(text: &str, entities: Vec<Entity>) -> Self {
        let mut text = Self { text: text.replace("\r\n", "\n"), entities };
        text.trim();
        for found in super::detect::entities(&text.text) {
            let hidden =
                text.entities.iter().any(|e| e.kind.is_opaque() && found.offset < e.end() && e.offset < found.end());
            if !hidden {
                text.entities.push(found);
            }
        }
        text.entities.sort_by(|a, b| a.offset.cmp(&b.offset).then(b.length.cmp(&a.length)));
        text
    }

    fn trim(&mut self) {
        let kept = self.text.trim_end();
        let end = utf16_len(kept);
        let start_bytes = kept.len() - kept.trim_start().len();
        let start = utf16_len(&self.text[..start_bytes]);
        self.text = kept[start_bytes..].to_owned();
        self.entities.retain_mut(|entity| {
            let (from, to) = (entity.offset.clamp(start, end.max(start)), entity.end().clamp(start, end.max(start)));
            entity.offset = from - start;
            entity.length = to - from;
            entity.length > 0
        });
    }
}

/// The length of a text in UTF-16 code units.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_the_text_are_cut_and_entities_move_along() {
        let bold = Entity { offset: 1, length: 6, kind: EntityKind::Bold };
        let text = FormattedText::finished(" \n😀 hi \n", vec![bold]);
        assert_eq!(text.text, "😀 hi");
        assert_eq!(text.entities, [Entity { offset: 0, length: 5, kind: EntityKind::Bold }]);
    }

    #[test]
    fn offsets_count_utf16_units() {
        let text = FormattedText::finished("😀 /start", vec![]);
        assert_eq!(text.entities, [Entity { offset: 3, length: 6, kind: EntityKind::BotCommand }]);
    }

    #[test]
    fn nothing_is_found_inside_of_code() {
        let code = Entity { offset: 0, length: 6, kind: EntityKind::Code };
        let text = FormattedText::finished("/start", vec![code.clone()]);
        assert_eq!(text.entities, [code]);
    }

    #[test]
    fn entities_look_as_the_bot_api_writes_them() {
        let link = Entity { offset: 1, length: 2, kind: EntityKind::TextLink { url: "http://a.org/".into() } };
        let json = serde_json::to_value(link).unwrap_or_default();
        assert_eq!(json, serde_json::json!({"offset": 1, "length": 2, "type": "text_link", "url": "http://a.org/"}));
    }
}
