//! Errors of the Bot API, worded as Telegram does.

use thiserror::Error;

use super::Parameters;

/// An error answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{code} {description}")]
pub(crate) struct ApiError {
    /// HTTP status and `error_code`.
    pub(crate) code: u16,
    pub(crate) description: String,
    /// Seconds, for `parameters.retry_after` and the header.
    pub(crate) retry_after: Option<u32>,
    /// The supergroup that the group became, for `parameters.migrate_to_chat_id`.
    pub(crate) migrate_to: Option<i64>,
    /// The simulator, not Telegram, is what refuses.
    pub(crate) unsimulated: bool,
    /// Telegram's server could not read the request: the status is all of the answer, and the connection is closed.
    pub(crate) bare: bool,
}

impl ApiError {
    /// Any error with its whole description.
    pub(crate) fn new(code: u16, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
            retry_after: None,
            migrate_to: None,
            unsimulated: false,
            bare: false,
        }
    }

    /// 400. The text begins with a small letter unless it is a code such as `MESSAGE_TOO_LONG`.
    pub(crate) fn bad_request(text: &str) -> Self {
        Self::new(400, prefixed("Bad Request", text))
    }

    /// What cannot be read as HTTP of the Bot API; nobody but the call log is told why.
    pub(crate) fn unreadable(code: u16, why: &str) -> Self {
        Self { bare: true, ..Self::new(code, why) }
    }

    /// 403.
    pub(crate) fn forbidden(text: &str) -> Self {
        Self::new(403, prefixed("Forbidden", text))
    }

    /// 401 of a token that is well-formed but not (any more) one of ours.
    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized")
    }

    /// 429.
    pub(crate) fn too_many_requests(retry_after: u32) -> Self {
        let description = format!("Too Many Requests: retry after {retry_after}");
        Self { retry_after: Some(retry_after), ..Self::new(429, description) }
    }

    /// 400: the group lives on as a supergroup.
    pub(crate) fn migrated(to: i64) -> Self {
        Self { migrate_to: Some(to), ..Self::bad_request("group chat was upgraded to a supergroup chat") }
    }

    /// 400: the parameter of this name is not UTF-8. Whoever parses a text for its entities says it in other words.
    pub(crate) fn not_utf8(name: &str, parameters: &Parameters) -> Self {
        let is_parsed = matches!(name, "text" | "caption") && parameters.non_empty("parse_mode").is_some();
        Self::bad_request(if is_parsed { "Text must be encoded in UTF-8" } else { "Strings must be encoded in UTF-8" })
    }

    /// 501: Telegram can do this, the simulator cannot, and says so.
    pub(crate) fn not_simulated(what: &str) -> Self {
        Self { unsimulated: true, ..Self::new(501, format!("Not Implemented: natrium-sim does not simulate {what}")) }
    }
}

fn prefixed(prefix: &str, text: &str) -> String {
    let keeps_case = text.chars().nth(1).is_some_and(|second| second == '_' || second.is_ascii_uppercase());
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if !keeps_case => format!("{prefix}: {}{}", first.to_ascii_lowercase(), characters.as_str()),
        _ => format!("{prefix}: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_letter_is_lowered_except_in_codes() {
        assert_eq!(ApiError::bad_request("Chat not found").description, "Bad Request: chat not found");
        assert_eq!(ApiError::bad_request("MESSAGE_TOO_LONG").description, "Bad Request: MESSAGE_TOO_LONG");
        assert_eq!(
            ApiError::forbidden("bot was blocked by the user").description,
            "Forbidden: bot was blocked by the user"
        );
    }
}
