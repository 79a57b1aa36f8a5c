//! What a failed request to Telegram means. Pure.
//!
//! teloxide recognises errors by their exact text and several of its texts are not today's server's, so the kind of an error
//! is taken from the text's beginning, which is the HTTP status in words, whichever variant it came in.

use std::error::Error as _;
use std::time::Duration;

use teloxide::{ApiError, DownloadError, RequestError};

use crate::redact::Redactor;

/// Why a request failed, as far as what to do about it differs. Texts are Telegram's or the network's, without the token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Failure {
    /// 401, or 404 for every method: the token is wrong or was revoked.
    Token(String),
    /// 409: another host or program polls.
    Conflict,
    /// 409: a webhook is set.
    Webhook,
    /// 429: wait exactly this long.
    Flood(Duration),
    /// 403: the user does not want to hear from us, or cannot.
    Forbidden(String),
    /// An edit that would change nothing: what was wanted is there.
    NotModified,
    /// 400: asking again cannot help.
    Refused(String),
    /// Telegram did it, and said so in words that teloxide does not understand.
    DoneUnread,
    /// The network, or Telegram's own trouble (5xx): asking again helps once it is over.
    Unreachable(String),
}

impl Failure {
    /// What `error` means.
    pub(crate) fn of(error: &RequestError, redactor: &Redactor) -> Self {
        match error {
            RequestError::Api(error) => Self::of_api(error, redactor),
            RequestError::MigrateToChatId(chat) => Self::Refused(format!("the group became supergroup {chat}")),
            RequestError::RetryAfter(wait) => Self::Flood(wait.duration()),
            RequestError::Network(error) => Self::Unreachable(network(error.is_timeout(), error.source(), redactor)),
            RequestError::InvalidJson { raw, .. } => Self::of_unread(raw, redactor),
            RequestError::Io(error) => Self::Unreachable(redactor.clean(&error.to_string())),
        }
    }

    /// What failing to download means. A status that is an error (404 for an expired path) may pass when asked anew.
    pub(crate) fn of_download(error: &DownloadError, redactor: &Redactor) -> Self {
        match error {
            DownloadError::Network(error) => match error.status() {
                Some(status) if status.is_client_error() => Self::Refused(status.to_string()),
                _ => Self::Unreachable(network(error.is_timeout(), error.source(), redactor)),
            },
            DownloadError::Io(error) => Self::Unreachable(redactor.clean(&error.to_string())),
        }
    }

    fn of_api(error: &ApiError, redactor: &Redactor) -> Self {
        let text = match error {
            ApiError::InvalidToken => return Self::Token("401 Unauthorized".to_owned()),
            ApiError::MessageNotModified => return Self::NotModified,
            ApiError::CantInitiateConversation | ApiError::CantTalkWithBots => {
                return Self::Forbidden(error.to_string());
            }
            ApiError::Unknown(text) => redactor.clean(text),
            known => known.to_string(),
        };
        let begins = |prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        if begins("Unauthorized") {
            // A few refusals to write to somebody were "Unauthorized: bot can't …" once.
            if text.contains("bot can't") { Self::Forbidden(text) } else { Self::Token(format!("401 {text}")) }
        } else if begins("Not Found") {
            Self::Token(format!("404 {text}"))
        } else if begins("Conflict") {
            if text.to_ascii_lowercase().contains("webhook") { Self::Webhook } else { Self::Conflict }
        } else if begins("Forbidden") {
            Self::Forbidden(text)
        } else if begins("Too Many Requests") {
            // Without parameters there is no time to wait for; the text has it at its end.
            let seconds = text.rsplit(' ').next().and_then(|last| last.parse().ok()).unwrap_or(1);
            Self::Flood(Duration::from_secs(seconds))
        } else if begins("Bad Request: message is not modified") {
            Self::NotModified
        } else if begins("Internal") || begins("Bad Gateway") || begins("Gateway") || begins("Service Unavailable") {
            Self::Unreachable(text)
        } else {
            Self::Refused(text)
        }
    }

    /// An answer that is not what teloxide expects: a proxy's page (nothing was done), or a success in a new shape.
    fn of_unread(raw: &str, redactor: &Redactor) -> Self {
        let done = serde_json::from_str::<serde_json::Value>(raw)
            .ok()
            .and_then(|answer| answer.get("ok").and_then(serde_json::Value::as_bool));
        match done {
            Some(true) => Self::DoneUnread,
            _ => {
                let beginning: String = raw.chars().filter(|c| !c.is_control()).take(60).collect();
                Self::Unreachable(redactor.clean(&format!("not an answer of the Bot API: {beginning}")))
            }
        }
    }
}

/// The innermost cause in words. teloxide's own form of a network error names only the outermost one, and its URL.
fn network(timed_out: bool, cause: Option<&(dyn std::error::Error + 'static)>, redactor: &Redactor) -> String {
    if timed_out {
        return "no answer in time".to_owned();
    }
    let innermost = std::iter::successors(cause, |&cause| cause.source()).last();
    let text = innermost.map_or_else(|| "the request failed".to_owned(), ToString::to_string);
    // The number says nothing that the words before it do not, and the place is dear where this is shown.
    redactor.clean(text.split(" (os error ").next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use super::*;

    /// Parses a description as teloxide does.
    fn api(description: &str) -> Failure {
        let error: ApiError = serde_json::from_value(description.into()).unwrap();
        Failure::of(&RequestError::Api(error), &Redactor::new("42:secret-part"))
    }

    #[test]
    fn texts_of_todays_server_mean_what_they_say() {
        let forbidden = |text: &str| Failure::Forbidden(text.to_owned());
        let refused = |text: &str| Failure::Refused(text.to_owned());
        let unreachable = |text: &str| Failure::Unreachable(text.to_owned());
        let not_modified = "Bad Request: message is not modified: specified new message content and reply markup are exactly \
                            the same as a current content and reply markup of the message";
        for (description, failure) in [
            ("Unauthorized", Failure::Token("401 Unauthorized".to_owned())),
            (
                "Unauthorized: invalid token specified",
                Failure::Token("401 Unauthorized: invalid token specified".to_owned()),
            ),
            ("Not Found: method not found", Failure::Token("404 Not Found: method not found".to_owned())),
            (
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                Failure::Conflict,
            ),
            (
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
                Failure::Webhook,
            ),
            ("Conflict: terminated by setWebhook request", Failure::Webhook),
            ("Forbidden: bot was blocked by the user", forbidden("Forbidden: bot was blocked by the user")),
            (
                "Forbidden: bot can't initiate conversation with a user",
                forbidden("Forbidden: bot can't initiate conversation with a user"),
            ),
            ("Forbidden: user is deactivated", forbidden("Forbidden: user is deactivated")),
            ("Too Many Requests: retry after 7", Failure::Flood(Duration::from_secs(7))),
            (not_modified, Failure::NotModified),
            ("Bad Request: message is not modified", Failure::NotModified),
            ("Bad Request: chat not found", refused("Bad Request: chat not found")),
            ("Bad Request: message to edit not found", refused("Bad Request: message to edit not found")),
            ("Request Entity Too Large", refused("Request Entity Too Large")),
            ("Internal Server Error: restart", unreachable("Internal Server Error: restart")),
            ("Bad Gateway", unreachable("Bad Gateway")),
            ("Bad Request: no such path /bot42:secret-part/x", refused("Bad Request: no such path /bot[token]/x")),
        ] {
            assert_eq!(api(description), failure, "{description}");
        }
    }

    #[test]
    fn a_network_error_is_its_innermost_cause_in_words() {
        let redactor = Redactor::new("42:secret-part");
        let refused = std::io::Error::from_raw_os_error(111);
        let wrapped = std::io::Error::other(refused);
        assert_eq!(network(false, Some(&wrapped), &redactor), "Connection refused");
        assert_eq!(network(true, Some(&wrapped), &redactor), "no answer in time");
        assert_eq!(network(false, None, &redactor), "the request failed");
    }

    #[test]
    fn a_success_that_cannot_be_read_is_not_asked_for_again() {
        let unread = |raw: &str| {
            let source = serde_json::from_str::<u8>("x").unwrap_err().into();
            Failure::of(&RequestError::InvalidJson { source, raw: raw.into() }, &Redactor::new("42:secret-part"))
        };
        assert_eq!(unread(r#"{"ok":true,"result":{"new":"shape"}}"#), Failure::DoneUnread);
        let Failure::Unreachable(why) = unread("<html>\r\nat /bot42:secret-part/getMe") else {
            panic!("it is not an answer")
        };
        assert_eq!(why, "not an answer of the Bot API: <html>at /bot[token]/getMe");
    }
}
