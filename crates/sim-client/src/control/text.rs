//! Text with entities, as messages carry it: offsets and lengths in UTF-16 code units.

use serde::{Deserialize, Serialize};

/// What a stretch of text is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// Somebody who has no name with an `@`, or is called otherwise here.
    TextMention {
        /// Who is meant.
        user: MentionedUser,
    },
    /// A moment that every reader sees in the own time zone.
    DateTime {
        /// Seconds since 1970.
        unix_time: i32,
        /// How to write it: `r`, or any of `w`, `d` or `D`, `t` or `T`; empty for the text itself.
        #[serde(default)]
        date_time_format: String,
    },
    /// `/command`, found by Telegram.
    BotCommand,
    /// `@name`, found by Telegram.
    Mention,
    /// `#tag`, found by Telegram.
    Hashtag,
    /// `$TAG`, found by Telegram.
    Cashtag,
    /// An address in the text, found by Telegram.
    Url,
    /// A mail address, found by Telegram.
    Email,
    /// The number of a bank card, found by Telegram; bots are not told.
    BankCardNumber,
}

impl EntityKind {
    /// Whether it was set by whoever wrote the text. The others are found by Telegram.
    #[must_use]
    pub fn is_set(&self) -> bool {
        !matches!(
            self,
            Self::BotCommand
                | Self::Mention
                | Self::Hashtag
                | Self::Cashtag
                | Self::Url
                | Self::Email
                | Self::BankCardNumber
        )
    }
}

/// Who is mentioned. A text knows the `id` only; the rest is added when it is shown to a bot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MentionedUser {
    /// Telegram's id of the person or bot.
    pub id: i64,
}

/// One stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormattedText {
    /// The text.
    pub text: String,
    /// Its entities.
    pub entities: Vec<Entity>,
}
