//! Where somebody talks and looks: alone with the bot, or in a group. What they do is the same.

use std::time::Duration;

use bytes::Bytes;
use sim_client::{ClientError, Room, User};

use crate::control::{MessagePattern, MessageView};
use crate::scenario::deed::Sight;

#[derive(Clone, Copy)]
pub(super) enum Place<'p> {
    Alone(&'p User),
    In(&'p User, &'p Room),
}

impl Place<'_> {
    pub(super) async fn says(self, text: &str) -> Result<i64, ClientError> {
        match self {
            Self::Alone(user) => user.says(text).await,
            Self::In(user, room) => user.says_in(room, text).await,
        }
    }

    pub(super) async fn edits(self, message_id: i64, text: &str) -> Result<i64, ClientError> {
        match self {
            Self::Alone(user) => user.edits(message_id, text).await,
            Self::In(user, room) => user.edits_in(room, message_id, text).await,
        }
    }

    pub(super) async fn sends(self, name: &str, bytes: Bytes) -> Result<i64, ClientError> {
        match self {
            Self::Alone(user) => user.sends(name, bytes).await,
            Self::In(user, room) => user.sends_in(room, name, bytes).await,
        }
    }

    pub(super) async fn sends_photo(self, bytes: Bytes) -> Result<i64, ClientError> {
        match self {
            Self::Alone(user) => user.sends_photo(bytes).await,
            Self::In(user, room) => user.sends_photo_in(room, bytes).await,
        }
    }

    pub(super) async fn presses(self, button: &str) -> Result<String, ClientError> {
        match self {
            Self::Alone(user) => user.presses(button).await,
            Self::In(user, room) => user.presses_in(room, button).await,
        }
    }

    /// Waits until there is such a button, on whatever message.
    pub(super) async fn has_button(self, button: &str, within: Duration) -> Result<MessageView, ClientError> {
        let pattern = MessagePattern { button: Some(button.to_owned()), ..MessagePattern::default() };
        match self {
            Self::Alone(user) => user.clone().patient(within).finds(pattern, "").await,
            Self::In(_, room) => room.clone().patient(within).finds(pattern, "").await,
        }
    }

    /// Waits until this is shown, after the last thing that was done here.
    pub(super) async fn sees(self, what: &Sight, within: Duration) -> Result<i64, ClientError> {
        match self {
            Self::Alone(user) => {
                let user = user.clone().patient(within);
                match what {
                    Sight::Text(text) => user.sees(text).await.map(|message| message.message_id),
                    Sight::TextNow(text) => user.sees_now(text).await.map(|message| message.message_id),
                    Sight::Button(text) => user.sees_button(text).await.map(|message| message.message_id),
                    Sight::File(name) => user.gets(name).await.map(|_| 0),
                }
            }
            Self::In(_, room) => {
                let room = room.clone().patient(within);
                let shown = match what {
                    Sight::Text(text) => room.shows(text).await,
                    Sight::TextNow(text) => room.shows_now(text).await,
                    Sight::Button(text) => room.shows_button(text).await,
                    Sight::File(name) => room.shows_file(name).await,
                };
                shown.map(|message| message.message_id)
            }
        }
    }

    pub(super) async fn chat(self) -> Result<Vec<MessageView>, ClientError> {
        match self {
            Self::Alone(user) => user.chat().await,
            Self::In(_, room) => room.chat().await,
        }
    }
}
