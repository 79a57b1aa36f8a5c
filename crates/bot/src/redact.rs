//! Keeps the bot's token out of everything that is logged or shown.
//!
//! teloxide hides the token in the errors of its HTTP client only where it looks like one of Telegram's own (35 characters
//! after the colon), and a server's answer may repeat the path it was asked for. So every text from outside passes here.

use std::fmt;

/// What stands in the token's place.
const HIDDEN: &str = "[token]";

/// Knows the token, and takes it out of texts.
#[derive(Clone)]
pub(crate) struct Redactor {
    token: String,
    secret: String,
}

impl Redactor {
    /// Hides `token` and its part after the colon.
    pub(crate) fn new(token: &str) -> Self {
        let secret = token.split_once(':').map_or(token, |(_, secret)| secret);
        Self { token: token.to_owned(), secret: secret.to_owned() }
    }

    /// The text without the token.
    pub(crate) fn clean(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for hidden in [self.token.as_str(), &self.token.replacen(':', "%3A", 1), &self.secret] {
            if !hidden.is_empty() && clean.contains(hidden) {
                clean = clean.replace(hidden, HIDDEN);
            }
        }
        clean
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_the_token_is_left() {
        let redactor = Redactor::new("42:short-secret");
        for (text, clean) in [
            ("error for url (http://h/bot42:short-secret/getMe)", "error for url (http://h/bot[token]/getMe)"),
            ("/bot42%3Ashort-secret/x and short-secret", "/bot[token]/x and [token]"),
            ("nothing to hide in 42", "nothing to hide in 42"),
        ] {
            assert_eq!(redactor.clean(text), clean);
        }
        assert!(!format!("{redactor:?}").contains("short-secret"));
    }
}
