//! Telegram's bot tokens.

use thiserror::Error;

use crate::Secret;

/// A bot token that has the form of one: `<bot id>:<secret>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotToken {
    id: u64,
    whole: Secret,
}

/// Why a secret is not a bot token. Never holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Not `<bot id>:<secret>`.
    #[error(
        "the bot's token does not look like one (123456789:AAE…, 30 or more characters after the colon); copy all of it from @BotFather"
    )]
    Form,
}

impl BotToken {
    /// The token that a secret holds.
    ///
    /// # Errors
    /// If it does not look like one. Whether Telegram accepts it is another question.
    pub fn new(secret: Secret) -> Result<Self, TokenError> {
        let (id, rest) = secret.expose().split_once(':').ok_or(TokenError::Form)?;
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(30..=100).contains(&rest.len())
            || !rest.bytes().all(is_part)
            || !id.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Err(TokenError::Form);
        }
        let id = id.parse().ok().filter(|id| *id > 0).ok_or(TokenError::Form)?;
        Ok(Self { id, whole: secret })
    }

    /// The bot's user id, which is no secret.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The whole token. What is made of it must not reach a log or an error.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.whole.expose()
    }
}
