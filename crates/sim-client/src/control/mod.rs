//! The words of the control API: what tests and the page send and get under `/control`.
//!
//! Plain data, shared by the simulator and its clients. All times are Unix milliseconds.

mod calls;
mod chats;
mod faults;
mod messages;
mod people;
mod posts;
mod secret;
mod text;
mod waiting;
mod webhooks;

use serde::{Deserialize, Serialize};

pub use crate::time::Millis;
pub use calls::{CallView, Counters};
pub use chats::{
    ActionView, MemberStatus, MemberView, Migrate, NewMember, NewRoom, NewRoomBot, NewRoomMessage, NewTitle,
    RoomDelete, RoomEdit, RoomKind, RoomPress, RoomUpload, RoomView, Service,
};
pub use faults::{FaultKind, FaultView, NewFault};
pub use messages::{Author, Button, FileView, Markup, MessageView, Reaction, Revision};
pub use people::{Block, Edit, NewMessage, NewUser, Press, Pressed, Sent, Upload};
pub use posts::{
    LimitAnswer, LinkPicture, NewPost, PageChange, PollOption, PostChange, PostLink, PostMedia, PostOrigin,
    PostReaction, PostService, Posted, PreviewLimit, StickerFormat,
};
pub use secret::Secret;
pub use text::{Entity, EntityKind, FormattedText, MentionedUser};
pub use waiting::{Condition, MessagePattern, Met, Refusal, Wait};
pub use webhooks::{WebhookError, WebhookView};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserView {
    /// Telegram's id.
    pub id: i64,
    /// First name.
    pub first_name: String,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Name without the `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Language of the person's app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_code: Option<String>,
    /// What the page says about the person; bots never see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The account has been deleted: nothing comes from it, and bots cannot write to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deactivated: bool,
}

/// A command in the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Command {
    /// Without the slash.
    pub command: String,
    /// What it does.
    pub description: String,
}

/// A command that a person is offered in a shared chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomCommand {
    /// The bot's name without the `@`.
    pub bot: String,
    /// The command.
    #[serde(flatten)]
    pub command: Command,
}

/// A chat between a person and a bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatView {
    /// The bot.
    pub bot: i64,
    /// The person, and the id of the chat.
    pub chat: i64,
    /// The person has said something already.
    pub open: bool,
    /// The person has blocked the bot.
    pub blocked: bool,
    /// What the bot is doing, such as `typing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The menu that this person is shown.
    pub commands: Vec<Command>,
}

/// A bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BotView {
    /// Its id, the number before the colon of the token.
    pub id: i64,
    /// Its name without the `@`.
    pub username: String,
    /// Its name.
    pub first_name: String,
    /// Its token has been revoked.
    pub revoked: bool,
    /// Updates that wait for it.
    pub pending_updates: usize,
    /// A getUpdates request waits at this moment.
    pub polling: bool,
    /// The webhook, if one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<WebhookView>,
}

/// A press of a button and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueryView {
    /// Names it.
    pub query_id: String,
    /// The bot.
    pub bot: i64,
    /// The chat: the person's id if it is a private one.
    pub chat: i64,
    /// Who pressed.
    pub from: i64,
    /// The message with the button.
    pub message_id: i64,
    /// The button's data.
    pub data: String,
    /// The bot's answer; without one the button goes on spinning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<QueryAnswer>,
}

/// The answer to a press.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueryAnswer {
    /// What is shown, perhaps nothing.
    pub text: String,
    /// It is shown as an alert, not as a passing note.
    pub alert: bool,
}

/// Everything, as the page shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct State {
    /// The simulator's time.
    pub now: Millis,
    /// The latest moment.
    pub moment: u64,
    /// All bots.
    pub bots: Vec<BotView>,
    /// All people.
    pub users: Vec<UserView>,
    /// All chats of one person and one bot.
    pub chats: Vec<ChatView>,
    /// All shared chats.
    #[serde(default)]
    pub rooms: Vec<RoomView>,
    /// Faults in force.
    pub faults: Vec<FaultView>,
    /// Telegram's limits of what a bot may send are kept.
    #[serde(default)]
    pub flood_limits: bool,
    /// What was counted.
    pub counters: Counters,
    /// Sample files that can be sent.
    pub samples: Vec<SampleView>,
}

/// A file that can be sent with one click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SampleView {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// Its size in bytes.
    pub size: usize,
    /// It is sent as a photo.
    pub photo: bool,
}

/// A bot is added.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewBot {
    /// Its token, `<id>:<secret>`.
    pub token: Secret,
    /// Its name without the `@`; made from the id if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
}

/// A token is revoked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// Of which bot; if absent the one whose token is given, or the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
    /// The new token; without one the bot has none from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Secret>,
}

/// The clock is moved.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// Forward, by so many milliseconds.
    pub millis: u64,
}

/// Telegram's limits of what a bot may send.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FloodLimits {
    /// They are kept: about one message a second in a chat, twenty a minute in a group, thirty a second in all.
    pub limited: bool,
}

/// Something happened; the events of `/control/events`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A message is new, edited or deleted.
    Message {
        /// In the private chat with this bot…
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bot: Option<i64>,
        /// …and this person; or, without a bot, in this shared chat.
        chat: i64,
        /// As it is now.
        message: Box<MessageView>,
    },
    /// A chat changed: blocked, an action, its commands.
    Chat {
        /// As it is now.
        chat: ChatView,
    },
    /// A shared chat is new or changed: its title, its members, an action.
    Room {
        /// As it is now.
        room: RoomView,
    },
    /// A person is new or changed.
    User {
        /// As they are now.
        user: UserView,
    },
    /// A bot changed.
    Bot {
        /// As it is now.
        bot: BotView,
    },
    /// A button was pressed, or the press was answered.
    Query {
        /// As it is now.
        query: QueryView,
    },
    /// The faults in force changed.
    Faults {
        /// All of them.
        faults: Vec<FaultView>,
    },
    /// A call came or was answered.
    Call {
        /// As it is now.
        call: Box<CallView>,
    },
    /// Everything is different: ask for the state again.
    Reset,
}
