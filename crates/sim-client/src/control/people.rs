//! What people are asked to do, and what comes of it at once.

use serde::{Deserialize, Serialize};

/// Creates a person, or changes the one with this id.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Telegram's id of the person, positive, up to 52 bits.
    pub id: i64,
    /// First name.
    pub first_name: String,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Name without the `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Language of the person's app, such as `ru`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_code: Option<String>,
    /// What the page says about the person, such as `admin`; bots never see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The person has talked to the bots before, so that they may write first.
    #[serde(default)]
    pub started: bool,
}

/// A person says something.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// The text, up to 4096 characters.
    pub text: String,
    /// To which bot; the first one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
}

/// A person changes a message of theirs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Which one.
    pub message_id: i64,
    /// The new text.
    pub text: String,
    /// In the chat with which bot; the first one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
}

/// What comes with an uploaded document or photo, in the query string; the body is the file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// The file's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its type; guessed from the name if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// The text below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// To which bot; the first one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
}

/// A person presses a button of an inline keyboard. One of `text` and `data` says which.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Press {
    /// The message with the keyboard; the latest one that has the button if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<i64>,
    /// What the button says, or a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The button's callback data, exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// In the chat with which bot; the first one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
}

/// A person blocks a bot, or lets it talk again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Whether it is blocked from now on.
    pub blocked: bool,
    /// Which bot; the first one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
}

/// A message was sent.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sent {
    /// Its number in the chat.
    pub message_id: i64,
    /// Its place in the order of everything that happened in the simulator.
    pub moment: u64,
}

/// A button was pressed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pressed {
    /// Names the callback query.
    pub query_id: String,
    /// Its place in the order of everything that happened.
    pub moment: u64,
}
