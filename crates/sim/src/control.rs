//! The words of the control API: what tests and the page send and get under `/control`.
//!
//! Plain data, shared by the server and [`crate::client`]. All times are Unix milliseconds.

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::time::Millis;
pub use crate::world::text::{Entity, EntityKind, FormattedText};

/// Creates a person, or changes the one with this id.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
pub struct Sent {
    /// Its number in the chat.
    pub message_id: i64,
    /// Its place in the order of everything that happened in the simulator.
    pub moment: u64,
}

/// A button was pressed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pressed {
    /// Names the callback query.
    pub query_id: String,
    /// Its place in the order of everything that happened.
    pub moment: u64,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The person.
    User,
    /// The bot.
    Bot,
}

/// A button of a keyboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What it says.
    pub text: String,
    /// What the bot gets when it is pressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_data: Option<String>,
    /// What it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What hangs below a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    },
    /// The keyboard goes away.
    Remove,
    /// The person is asked to answer this message.
    ForceReply,
}

/// A file in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// A message as people see it, with everything it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// Its number in the chat.
    pub message_id: i64,
    /// Who wrote it.
    pub author: Author,
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
    /// It has been deleted.
    #[serde(default)]
    pub deleted: bool,
    /// All its states, the first one first, the present one last.
    pub history: Vec<Revision>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// A command in the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Without the slash.
    pub command: String,
    /// What it does.
    pub description: String,
}

/// A chat between a person and a bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The webhook's address, if one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
}

/// A press of a button and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryView {
    /// Names it.
    pub query_id: String,
    /// The bot.
    pub bot: i64,
    /// Who pressed.
    pub chat: i64,
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
pub struct QueryAnswer {
    /// What is shown, perhaps nothing.
    pub text: String,
    /// It is shown as an alert, not as a passing note.
    pub alert: bool,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// The call is delayed, then done.
    Latency {
        /// By how much.
        millis: u64,
    },
    /// No answer ever comes; the connection stays open.
    Hang,
    /// The connection is closed without an answer.
    Drop,
    /// 429.
    TooManyRequests {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// 5xx with a page of HTML, as a proxy in front of Telegram would send.
    ServerError {
        /// 500 to 599.
        status: u16,
    },
    /// 401, as with a revoked token.
    Unauthorized,
    /// 409, as with a second poller somewhere else.
    Conflict,
    /// Telegram cannot be reached: every connection that the Bot API is asked on is closed at once.
    Outage,
}

/// A fault to be injected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewFault {
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// For which method, in any case (`download` is the download of a file); for all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// For how many calls; until cleared if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<u32>,
    /// Only after this many matching calls went well.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u32,
    /// The call is done first, only its answer is replaced by the fault (for `hang`, `drop`, `server_error`, …):
    /// a message is sent and the bot does not know.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A fault that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultView {
    /// Names it.
    pub id: u64,
    /// What was asked for; `calls` and `skip` count down.
    #[serde(flatten)]
    pub fault: NewFault,
    /// How many calls it has hit.
    pub hits: u64,
}

/// One call of the Bot API, as it was and as it was answered. Tokens are never recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallView {
    /// Numbered from 1.
    pub number: u64,
    /// When it came.
    pub at: Millis,
    /// Its place in the order of everything that happened.
    pub moment: u64,
    /// The bot, if the token had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
    /// The path with the token left out, such as `/bot…/getMe`.
    pub path: String,
    /// The method in the Bot API's spelling, or as it was written if there is none of that name.
    pub method: String,
    /// How the parameters came: `none`, `query`, `urlencoded`, `multipart` or `json`, joined by `+`.
    pub encoding: String,
    /// The parameters; of files only name and size.
    pub parameters: serde_json::Map<String, Value>,
    /// Parameters that Telegram does not know either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// It asked for something that this simulator does not do.
    #[serde(default)]
    pub unsimulated: bool,
    /// The fault that hit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<FaultKind>,
    /// The status of the answer; absent while it is under way and when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The answer, cut if it is long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took: Option<u64>,
    /// The client was gone before it was answered.
    #[serde(default)]
    pub abandoned: bool,
}

/// What has been counted since the start or the last reset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// getUpdates requests under way at this moment.
    pub pollers: usize,
    /// The most getUpdates requests that were ever under way at once.
    pub pollers_max: usize,
    /// getUpdates requests answered with 409 whose client was still there.
    pub conflicts: u64,
    /// Calls of the Bot API.
    pub calls: u64,
    /// Calls of what is not simulated.
    pub unsimulated: u64,
    /// Calls hit by a fault.
    pub faults: u64,
}

/// Everything, as the page shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    /// The simulator's time.
    pub now: Millis,
    /// The latest moment.
    pub moment: u64,
    /// All bots.
    pub bots: Vec<BotView>,
    /// All people.
    pub users: Vec<UserView>,
    /// All chats.
    pub chats: Vec<ChatView>,
    /// Faults in force.
    pub faults: Vec<FaultView>,
    /// What was counted.
    pub counters: Counters,
    /// Sample files that can be sent.
    pub samples: Vec<SampleView>,
}

/// A file that can be sent with one click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// What to wait for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum Condition {
    /// A message in the chat with this person.
    Message {
        /// The person.
        user: i64,
        /// Which message.
        #[serde(flatten)]
        matching: MessagePattern,
    },
    /// The bot has answered the press of a button.
    Answered {
        /// The press.
        query_id: String,
    },
    /// A method was called this often, with an answer of this status.
    Calls {
        /// The method, in any case.
        method: String,
        /// How often at least.
        at_least: usize,
        /// Only calls answered with this status.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// Only calls later than this moment.
        #[serde(default)]
        after: u64,
    },
    /// The bot has confirmed all updates.
    Confirmed {
        /// Which bot; the first one if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bot: Option<i64>,
    },
    /// The bot waits in getUpdates.
    Polling {
        /// Which bot; the first one if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bot: Option<i64>,
    },
}

/// Which message is meant; everything that is given must be true of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct MessagePattern {
    /// The bot of the chat; the first one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
    /// This message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<i64>,
    /// Who wrote it; the bot if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// Only what was shown later than this moment.
    #[serde(default)]
    pub after: u64,
    /// The text contains this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// A button says this, or a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<String>,
    /// It has a file of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// It is enough that the message was so for a while, before an edit.
    #[serde(default)]
    pub ever: bool,
    /// It has been deleted (if false: it still stands).
    #[serde(default)]
    pub deleted: bool,
}

/// Asks to be told when something is true.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Wait {
    /// What.
    #[serde(flatten)]
    pub condition: Condition,
    /// How long to wait, in milliseconds; 10 000 if absent, at most ten minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
}

/// What the condition was met by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "met", rename_all = "snake_case")]
pub enum Met {
    /// This message.
    Message {
        /// As it is now.
        message: Box<MessageView>,
    },
    /// This press.
    Answered {
        /// With its answer.
        query: QueryView,
    },
    /// These calls.
    Calls {
        /// All that matched.
        calls: Vec<CallView>,
    },
    /// Nothing more to say.
    True,
}

/// What went wrong with a request of the control API.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refusal {
    /// In words.
    pub error: String,
    /// What was there instead, after waiting in vain for a message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<MessageView>,
}

/// A bot is added.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewBot {
    /// Its token, `<id>:<secret>`.
    pub token: String,
    /// Its name without the `@`; made from the id if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
}

/// A token is revoked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// Of which bot; the first one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot: Option<i64>,
    /// The new token; without one the bot has none from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// The clock is moved.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// Forward, by so many milliseconds.
    pub millis: u64,
}

/// Something happened; the events of `/control/events`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A message is new, edited or deleted.
    Message {
        /// In the chat with this bot…
        bot: i64,
        /// …and this person.
        chat: i64,
        /// As it is now.
        message: Box<MessageView>,
    },
    /// A chat changed: blocked, an action, its commands.
    Chat {
        /// As it is now.
        chat: ChatView,
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
