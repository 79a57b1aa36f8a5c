//! Chats that several people and bots share: groups, supergroups, channels.

use serde::{Deserialize, Serialize};

/// What a shared chat is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// A basic group.
    Group,
    /// A supergroup.
    Supergroup,
    /// A channel.
    Channel,
}

/// What somebody is in a shared chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// Owns it.
    Creator,
    /// May do everything but hand it over.
    Administrator,
    /// An ordinary member; in a channel, a subscriber.
    Member,
    /// A member that may not write.
    Restricted,
    /// Not there; may come back.
    Left,
    /// Thrown out.
    Kicked,
}

impl MemberStatus {
    /// Whether somebody of this status is in the chat.
    #[must_use]
    pub fn is_there(self) -> bool {
        !matches!(self, Self::Left | Self::Kicked)
    }

    /// Whether somebody of this status has the rights of an administrator.
    #[must_use]
    pub fn is_administrator(self) -> bool {
        matches!(self, Self::Creator | Self::Administrator)
    }
}

/// A bot that is in a new chat from the start.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRoomBot {
    /// Which bot; the first one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
    /// What it is there; an administrator in a channel and a member elsewhere if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<MemberStatus>,
}

/// Creates a shared chat.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRoom {
    /// What it is.
    pub kind: RoomKind,
    /// Its title.
    pub title: String,
    /// Its public name without the `@`; basic groups have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The person who creates it.
    pub owner: i64,
    /// The people who are in it from the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<i64>,
    /// The bots that are in it from the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bots: Vec<NewRoomBot>,
    /// A channel with a public name can be read at `/s/<name>`.
    #[serde(default = "yes")]
    pub preview: bool,
    /// A channel's posts are signed with the names of those who write them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signatures: bool,
}

fn yes() -> bool {
    true
}

/// Changes what somebody is in a shared chat: they come, go, rise or are thrown out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// A person or a bot.
    pub id: i64,
    /// What they are from now on.
    pub status: MemberStatus,
    /// Who does it: themselves if they come or go and this is absent, else the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<i64>,
}

/// Somebody says something in a shared chat.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRoomMessage {
    /// Who; in a channel an administrator, whom the channel hides.
    pub from: i64,
    /// The text, up to 4096 characters.
    pub text: String,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
}

/// What comes with a document or photo uploaded into a shared chat, in the query string; the body is the file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[serde(deny_unknown_fields)]
pub struct RoomUpload {
    /// Who sends it.
    pub from: i64,
    /// The file's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its type; guessed from the name if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// The text below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

/// Somebody changes their message in a shared chat.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RoomEdit {
    /// Who.
    pub from: i64,
    /// Which one.
    pub message_id: i64,
    /// The new text.
    pub text: String,
}

/// Somebody deletes a message of a shared chat. Bots are not told.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RoomDelete {
    /// Who: whoever wrote it, or an administrator.
    pub from: i64,
    /// Which one.
    pub message_id: i64,
}

/// Somebody presses a button in a shared chat. One of `text` and `data` says which.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RoomPress {
    /// Who.
    pub from: i64,
    /// The message with the keyboard; the latest one that has the button if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<i64>,
    /// What the button says, or a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The button's callback data, exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

/// A group becomes a supergroup.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Migrate {
    /// Who does it; the owner if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<i64>,
}

/// A shared chat gets another title.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTitle {
    /// The title.
    pub title: String,
    /// Who does it; the owner if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<i64>,
}

/// A member of a shared chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberView {
    /// A person or a bot.
    pub id: i64,
    /// What they are.
    pub status: MemberStatus,
}

/// What a bot is doing in a shared chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActionView {
    /// The bot.
    pub bot: i64,
    /// What it does, such as `typing`.
    pub action: String,
}

/// A shared chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomView {
    /// Its id: negative, `-100…` unless it is a basic group.
    pub chat: i64,
    /// What it is.
    pub kind: RoomKind,
    /// Its title.
    pub title: String,
    /// Its public name without the `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// All who are or were in it.
    pub members: Vec<MemberView>,
    /// The supergroup that this group became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migrated_to: Option<i64>,
    /// It can be read at `/s/<name>`.
    pub preview: bool,
    /// What bots are doing in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionView>,
}

/// What a service message tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Service {
    /// People or bots came.
    NewChatMembers {
        /// Who.
        members: Vec<i64>,
    },
    /// Somebody went or was thrown out.
    LeftChatMember {
        /// Who.
        member: i64,
    },
    /// The chat has another title.
    NewChatTitle {
        /// Which one.
        title: String,
    },
    /// A message is pinned.
    PinnedMessage {
        /// Which one.
        message_id: i64,
    },
    /// The group was created.
    GroupChatCreated,
    /// The supergroup was created.
    SupergroupChatCreated,
    /// The channel was created.
    ChannelChatCreated,
    /// The group became a supergroup: the last message of the group.
    MigrateToChatId {
        /// Which one.
        chat: i64,
    },
    /// The supergroup was a group: its first message.
    MigrateFromChatId {
        /// Which one.
        chat: i64,
    },
}
