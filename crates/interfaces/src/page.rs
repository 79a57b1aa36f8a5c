//! `io.natrium.Page`: the way to the page where people look at configs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::define::define;

define! {
    /// What the page's owner answers.
    Page = "io.natrium.Page";
    methods {
        /// Makes an address that signs a person in, once.
        SignIn => sign_in(SignIn) -> SignInReply;
    }
    streams {}
}

/// Asks for an address.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SignIn {
    /// The Telegram user's id.
    pub user: i64,
    /// The name to show.
    pub name: String,
    /// The language that Telegram says the person uses (IETF language tag).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// An address.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct SignInReply {
    /// It. Whoever presses its button first is signed in as that person.
    pub url: String,
    /// Until when it is good, in Unix milliseconds.
    pub expires_ms: i64,
}

impl fmt::Debug for SignInReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInReply").field("url", &"[url]").field("expires_ms", &self.expires_ms).finish()
    }
}

/// What the page's owner may answer instead.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "error", content = "parameters")]
pub enum Error {
    /// There is no listener for the page.
    #[error("there is no listener for the page")]
    #[serde(rename = "io.natrium.Page.NoPage")]
    NoPage {},
}

impl varlink::ErrorReply for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_is_shown_to_who_debugs() {
        let reply = SignInReply { url: "http://127.0.0.1:8001/sign-in?code=K7QF9M2X".to_owned(), expires_ms: 5 };
        let shown = format!("{reply:?}");
        assert!(!shown.contains("K7QF") && shown.contains("[url]"), "{shown}");
    }
}
