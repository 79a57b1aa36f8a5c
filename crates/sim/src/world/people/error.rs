//! Why people cannot do what they want to do, in words for whoever plays them.

use thiserror::Error;

use crate::world::files;

/// Why a person cannot do this.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PeopleError {
    /// There is no such person.
    #[error("there is no user {0}; create it with POST /control/users")]
    NoUser(i64),
    /// There is no such bot.
    #[error("there is no bot {0}; POST /control/bots adds one")]
    NoBot(i64),
    /// There are no bots.
    #[error("there is no bot at all; start natrium-sim with --bot TOKEN or POST /control/bots")]
    NoBots,
    /// Something given as a token is none. It is not shown, for it may be a real one.
    #[error("this is not a token: one is of the form <number>:<secret>")]
    NoToken,
    /// The token is not one of the bot that was named.
    #[error("the token is one of bot {of} and not of bot {bot}: leave out `bot`, or give that bot's token")]
    OthersToken {
        /// The bot that was named.
        bot: i64,
        /// The bot whose token it is.
        of: i64,
    },
    /// The id cannot be a person's.
    #[error("{0} cannot be a user's id: it must be positive, have up to 52 bits and not be a bot's")]
    BadId(i64),
    /// The first name is missing.
    #[error("a first name is needed")]
    NoName,
    /// The person has blocked the bot.
    #[error("user {0} has blocked the bot")]
    Blocked(i64),
    /// The person has deleted their account.
    #[error("user {0} has deleted their account")]
    Deactivated(i64),
    /// There is no text.
    #[error("a message needs text")]
    NoText,
    /// The text is too long.
    #[error("the text has {length} characters, more than {most}; Telegram's apps would not send it")]
    TooLong {
        /// Characters that it has.
        length: usize,
        /// Characters that it may have.
        most: usize,
    },
    /// The file is empty.
    #[error("the file is empty; Telegram's apps would not send it")]
    EmptyFile,
    /// There are too many bytes of files already.
    #[error("all files together may have {} bytes; POST /control/reset forgets them", files::KEPT_BYTES)]
    NoRoom,
    /// The file is not a picture.
    #[error("this is neither a PNG nor a JPEG picture")]
    NotAPicture,
    /// There is no such message.
    #[error("there is no message {0} in this chat")]
    NoMessage(i64),
    /// The message is somebody else's.
    #[error("message {0} is not this person's")]
    NotTheirs(i64),
    /// There is no such button.
    #[error("no message in this chat has a button {0}")]
    NoButton(String),
    /// The button cannot be pressed.
    #[error("the button {0} has no callback data")]
    NoData(String),
    /// There is no such group, supergroup or channel.
    #[error("there is no shared chat {0}; create it with POST /control/chats")]
    NoChat(i64),
    /// Nobody of this id is known.
    #[error("there is neither a user nor a bot {0}")]
    Nobody(i64),
    /// They are not in the chat.
    #[error("{0} is not in this chat")]
    NotThere(i64),
    /// They may not write in the chat.
    #[error("{0} may not write in this chat")]
    MayNotWrite(i64),
    /// They may not do this in the chat.
    #[error("{0} is not an administrator of this chat")]
    NotAdministrator(i64),
    /// The group has become a supergroup.
    #[error("this group has become the supergroup {0}")]
    Migrated(i64),
    /// Only a basic group can become a supergroup.
    #[error("only a basic group can become a supergroup")]
    NotAGroup,
    /// The title is missing.
    #[error("a chat needs a title")]
    NoTitle,
    /// The public name cannot be.
    #[error("“{0}” cannot be the chat's public name: 4 to 32 Latin letters, digits and underscores, and nobody else's")]
    BadUsername(String),
    /// A basic group has no public name.
    #[error("a basic group cannot have a public name")]
    GroupUsername,
    /// There can be only one owner.
    #[error("a chat has one owner, who stays")]
    Owner,
    /// A bot cannot subscribe to a channel.
    #[error("in a channel a bot can only be an administrator")]
    OnlyAdministrators,
}
