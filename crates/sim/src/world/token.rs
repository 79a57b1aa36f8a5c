//! Bot tokens: which are well-formed, and how many that nobody has are put up with.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use crate::control::Millis;
use crate::world::World;
use crate::world::people::PeopleError;

/// A well-formed token, `<bot id>:<secret>`. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token {
    text: String,
    bot: i64,
}

/// Longest token, in characters.
const LENGTH: usize = 80;

impl Token {
    /// Takes a text if it could be a token: a number that does not start with 0, a colon, at most 80 characters.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (number, secret) = text.split_once(':')?;
        let is_number = !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
        let is_secret = secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let bot = number.parse::<i64>().ok().filter(|bot| *bot < 1 << 54)?;
        (text.len() <= LENGTH && is_number && is_secret && !secret.is_empty())
            .then(|| Self { text: text.to_owned(), bot })
    }

    /// What stands behind the colon.
    #[must_use]
    pub(crate) fn secret(&self) -> &str {
        self.text.split_once(':').map_or("", |(_, secret)| secret)
    }

    /// The id of its bot.
    #[must_use]
    pub(crate) fn bot(&self) -> i64 {
        self.bot
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Token({}:…)", self.bot)
    }
}

impl World {
    /// Replaces a bot's token, or takes it away. The bot is the one whose token the new one is, or else the one that is named,
    /// or else the first one.
    pub(crate) fn revoke(&mut self, bot: Option<i64>, token: Option<Token>) -> Result<(), PeopleError> {
        let of = token.as_ref().map(Token::bot);
        if let (Some(bot), Some(of)) = (bot, of)
            && bot != of
        {
            return Err(PeopleError::OthersToken { bot, of });
        }
        let id = of.or(bot).or_else(|| self.default_bot()).ok_or(PeopleError::NoBots)?;
        let bot = self.bots.get_mut(&id).ok_or(PeopleError::NoBot(id))?;
        bot.token = token;
        // It belonged to the old token.
        bot.webhook = None;
        self.tell_bot(id);
        Ok(())
    }
}

/// Counts tokens that nobody has, as Telegram counts new ones: 20 of them within a minute, or 600 within an hour, are enough.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strangers {
    /// When they came, and what they were, so that one that is repeated counts once a minute.
    came: VecDeque<(Millis, u64)>,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const PER_MINUTE: usize = 20;
const PER_HOUR: usize = 600;

impl Strangers {
    /// Takes note of a token that nobody has; if there were too many, says after how many seconds the next one may come.
    pub(crate) fn admit(&mut self, token: &Token, now: Millis) -> Result<(), u32> {
        while self.came.front().is_some_and(|(at, _)| *at + HOUR <= now) {
            self.came.pop_front();
        }
        let lately = || self.came.iter().filter(|(at, _)| *at + MINUTE > now);
        let mut hasher = DefaultHasher::new();
        token.text.hash(&mut hasher);
        let hash = hasher.finish();
        if lately().any(|(_, other)| *other == hash) {
            return Ok(());
        }
        let oldest = |within, most: usize| {
            let index = self.came.len().checked_sub(most)?;
            let (at, _) = self.came.get(index)?;
            let rest = (*at + within).0.saturating_sub(now.0);
            (rest > 0).then(|| u32::try_from(rest.div_ceil(1000)).unwrap_or(u32::MAX) + 1)
        };
        if let Some(seconds) = oldest(HOUR, PER_HOUR).max(oldest(MINUTE, PER_MINUTE)) {
            return Err(seconds);
        }
        self.came.push_back((now, hash));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_tokens() {
        assert_eq!(Token::parse("123456:ABC-def_1").map(|token| token.bot()), Some(123_456));
        let long = format!("1:{}", "x".repeat(79));
        for bad in ["", "123456", "0123:abc", ":abc", "12a:abc", "123:", "99999999999999999999:abc", "1:a b", &long] {
            assert!(Token::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(format!("{:?}", Token::parse("1:secret")), "Some(Token(1:…))");
    }

    #[test]
    fn twenty_strangers_a_minute_and_600_an_hour() {
        let mut strangers = Strangers::default();
        let mut admit =
            |number: u64, millis: u64| strangers.admit(&Token { text: format!("1:{number}"), bot: 1 }, Millis(millis));
        for number in 0..20 {
            assert_eq!(admit(number, 1_000 * number), Ok(()));
        }
        assert_eq!(admit(3, 20_000), Ok(()), "it was counted already");
        assert_eq!(admit(20, 20_000), Err(41));
        assert_eq!(admit(20, 59_999), Err(2));
        assert_eq!(admit(20, 60_000), Ok(()));
        assert_eq!(admit(21, 60_000), Err(2));
        let mut admitted = 21;
        for second in 61..3_600 {
            admitted += u64::from(admit(1_000 + second, 1_000 * second).is_ok());
        }
        assert_eq!(admitted, 600);
        assert_eq!(admit(9_999, 3_600_000), Ok(()), "the first one was an hour ago");
    }
}
