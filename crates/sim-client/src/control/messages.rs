//! Messages as people see them.

use serde::{Deserialize, Serialize};

use super::{FormattedText, Millis, Service};

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// A person.
    User,
    /// A bot.
    Bot,
    /// The chat itself: a channel's posts, whoever wrote them.
    Channel,
}

/// A button of a keyboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Button {
    /// What it says.
    pub text: String,
    /// What the bot gets when it is pressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_data: Option<String>,
    /// What it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What it copies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_text: Option<String>,
}

/// What hangs below a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Markup {
    /// Buttons that belong to the message.
    Inline(Vec<Vec<Button>>),
    /// Buttons in place of the person's keyboard; pressing one says its text.
    Keyboard {
        /// The rows.
        rows: Vec<Vec<String>>,
        /// It goes away after a press.
        one_time: bool,
        /// It is as high as its buttons need.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        resize: bool,
        /// It cannot be hidden.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        persistent: bool,
        /// In a group it is for those who are mentioned or answered.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        selective: bool,
        /// What the input field says while it is empty.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        placeholder: Option<String>,
    },
    /// The keyboard goes away.
    Remove {
        /// In a group it does so for those who are mentioned or answered.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        selective: bool,
    },
    /// The person is asked to answer this message.
    ForceReply {
        /// In a group those are who are mentioned or answered.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        selective: bool,
        /// What the input field says while it is empty.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        placeholder: Option<String>,
    },
}

/// A file in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileView {
    /// Where its bytes are: `/control/files/<key>`.
    pub key: u64,
    /// Its name.
    pub name: String,
    /// Its type.
    pub mime: String,
    /// Its size in bytes.
    pub size: usize,
    /// It was sent as a photo: width and height in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<(u32, u32)>,
}

/// One state that a message had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Revision {
    /// Its place in the order of everything that happened.
    pub moment: u64,
    /// When.
    pub at: Millis,
    /// The text, or the caption.
    pub text: FormattedText,
    /// The keyboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markup: Option<Markup>,
}

/// A reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reaction {
    /// Whose: the id of a bot.
    pub from: i64,
    /// The emoji.
    pub emoji: String,
}

/// A message as people see it, with everything it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageView {
    /// Its number in the chat.
    pub message_id: i64,
    /// Who wrote it.
    pub author: Author,
    /// The id of the person or bot that wrote it, also if a channel hides it.
    #[serde(default)]
    pub from: i64,
    /// When it was sent.
    pub sent: Millis,
    /// The text, or the caption of the file.
    pub text: FormattedText,
    /// The file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileView>,
    /// The keyboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markup: Option<Markup>,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// The part of that message that it quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<FormattedText>,
    /// The album that it is part of; messages of one album have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// Reactions to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// The photo is covered until it is touched.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spoiler: bool,
    /// The caption is above the photo.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub caption_above: bool,
    /// Whose it was, if it was forwarded: the id of a person, a bot or a channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded_from: Option<i64>,
    /// It is a service message, and tells this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// It has been deleted.
    #[serde(default)]
    pub deleted: bool,
    /// All its states, the first one first, the present one last.
    pub history: Vec<Revision>,
}
