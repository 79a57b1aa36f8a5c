//! The answers of the Bot API: `{"ok":…}`, and of each the text that the call log tells.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;

use crate::api::ApiError;

/// `result` as JSON, and the `description` that a few methods add.
pub(super) type Answer = (String, Option<&'static str>);

/// What an answer says, for the call log. It goes with the answer, so that whatever takes its place brings its own.
#[derive(Clone)]
struct Told(Bytes);

/// What the call log tells of an answer.
pub(super) fn told(response: &Response) -> &str {
    let told = response.extensions().get::<Told>();
    told.and_then(|told| std::str::from_utf8(&told.0).ok()).unwrap_or_default()
}

/// The same answer, of which the call log will tell this.
pub(super) fn with_text(mut response: Response, text: impl Into<Bytes>) -> Response {
    response.extensions_mut().insert(Told(text.into()));
    response
}

/// There is nothing at this path.
pub(super) fn nowhere() -> Response {
    envelope(&Err(ApiError::new(404, "Not Found")))
}

/// An answer with what came of a call: its result, and the description that a few methods add.
pub(super) fn envelope(result: &Result<Answer, ApiError>) -> Response {
    let status =
        result.as_ref().err().and_then(|error| StatusCode::from_u16(error.code).ok()).unwrap_or(StatusCode::OK);
    let text = Bytes::from(envelope_text(result));
    if result.as_ref().is_err_and(|error| error.bare) {
        return with_text((status, [(header::CONNECTION, "close")]).into_response(), text);
    }
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], text.clone()).into_response();
    if let Some(seconds) = result.as_ref().err().and_then(|error| error.retry_after) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    with_text(response, text)
}

/// `ok` comes first, as Telegram writes it.
fn envelope_text(result: &Result<Answer, ApiError>) -> String {
    match result {
        Ok((result, None)) => format!(r#"{{"ok":true,"result":{result}}}"#),
        Ok((result, Some(description))) => format!(r#"{{"ok":true,"result":{result},"description":"{description}"}}"#),
        Err(error) => {
            let description = Value::from(error.description.as_str());
            let code = error.code;
            let parameters = match (error.retry_after, error.migrate_to) {
                (Some(seconds), _) => format!(r#","parameters":{{"retry_after":{seconds}}}"#),
                (None, Some(chat)) => format!(r#","parameters":{{"migrate_to_chat_id":{chat}}}"#),
                (None, None) => String::new(),
            };
            format!(r#"{{"ok":false,"error_code":{code},"description":{description}{parameters}}}"#)
        }
    }
}
