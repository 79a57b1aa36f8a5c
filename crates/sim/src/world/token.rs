//! Bot tokens: which are well-formed.

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

    /// The whole token.
    #[must_use]
    pub(crate) fn text(&self) -> &str {
        &self.text
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
}
