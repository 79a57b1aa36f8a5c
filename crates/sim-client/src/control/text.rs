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
    #[must_use]
    pub fn is_found(&self) -> bool {
        matches!(self, Self::BotCommand | Self::Mention | Self::Hashtag | Self::Url | Self::Email)
    }

    /// Whether nothing is found inside of it.
    #[must_use]
    pub fn is_opaque(&self) -> bool {
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
    /// Where it ends, in UTF-16 code units.
    #[must_use]
    pub fn end(&self) -> usize {
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
