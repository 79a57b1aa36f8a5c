//! The parameter `reply_markup`: keyboards, checked as telegram-bot-api does.

use serde_json::{Map, Value};

use crate::api::ApiError;
use crate::control::{Button, Markup};

/// Longest callback data, in bytes.
const DATA_BYTES: usize = 64;

/// Reads the parameter; nothing if it says nothing.
///
/// # Errors
///
/// Telegram's words about what is wrong, or a refusal of a kind of button that is not simulated.
pub(crate) fn parse(parameter: &str) -> Result<Option<Markup>, ApiError> {
    let value: Value = serde_json::from_str(parameter)
        .map_err(|_| ApiError::bad_request("Can't parse reply keyboard markup JSON object"))?;
    let Value::Object(object) = value else {
        return Err(ApiError::bad_request("Object expected as reply markup"));
    };
    if let Some(rows) = object.get("keyboard") {
        let rows = self::rows(rows, "keyboard", "ReplyKeyboardMarkup", text_button)?;
        if !rows.is_empty() {
            return Ok(Some(Markup::Keyboard { rows, one_time: flag(&object, "one_time_keyboard")? }));
        }
    }
    if let Some(rows) = object.get("inline_keyboard") {
        let rows = self::rows(rows, "inline_keyboard", "InlineKeyboardMarkup", inline_button)?;
        if rows.iter().any(|row| !row.is_empty()) {
            return Ok(Some(Markup::Inline(rows.into_iter().filter(|row| !row.is_empty()).collect())));
        }
    }
    if flag(&object, "remove_keyboard")? {
        return Ok(Some(Markup::Remove));
    }
    Ok(flag(&object, "force_reply")?.then_some(Markup::ForceReply))
}

fn flag(object: &Map<String, Value>, name: &str) -> Result<bool, ApiError> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => {
            Err(ApiError::bad_request(&format!("Field \"{name}\" of the reply markup must be of the type Boolean")))
        }
    }
}

fn rows<T>(
    value: &Value,
    field: &str,
    object: &str,
    button: impl Fn(&Value) -> Result<T, ApiError>,
) -> Result<Vec<Vec<T>>, ApiError> {
    let wrong = |what: &str| ApiError::bad_request(&format!("Field \"{field}\" of the {object} must be an {what}"));
    let rows = value.as_array().ok_or_else(|| wrong("Array"))?;
    rows.iter()
        .map(|row| {
            let row = row.as_array().ok_or_else(|| wrong("Array of Arrays"))?;
            row.iter().map(&button).collect()
        })
        .collect()
}

fn string<'a>(object: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("Field \"{name}\" must be of type String")),
    }
}

fn inline_button(value: &Value) -> Result<Button, ApiError> {
    let wrong = |what: &str| ApiError::bad_request(&format!("can't parse inline keyboard button: {what}"));
    let object = value.as_object().ok_or_else(|| wrong("InlineKeyboardButton must be an Object"))?;
    let text = string(object, "text").map_err(|why| wrong(&why))?;
    let text = text.ok_or_else(|| wrong("Can't find field \"text\""))?.to_owned();
    let url = string(object, "url").map_err(|why| wrong(&why))?.filter(|url| !url.is_empty());
    let data = string(object, "callback_data").map_err(|why| wrong(&why))?.filter(|data| !data.is_empty());
    for name in object.keys() {
        if !matches!(name.as_str(), "text" | "url" | "callback_data") {
            return Err(ApiError::not_simulated(&format!("field \"{name}\" of an InlineKeyboardButton")));
        }
    }
    match (url, data) {
        (Some(url), _) => {
            let url = super::html::link(url).ok_or_else(|| ApiError::bad_request("BUTTON_URL_INVALID"))?;
            Ok(Button { text, url: Some(url), callback_data: None })
        }
        (None, Some(data)) if data.len() > DATA_BYTES => Err(ApiError::bad_request("BUTTON_DATA_INVALID")),
        (None, Some(data)) => Ok(Button { text, url: None, callback_data: Some(data.to_owned()) }),
        (None, None) => Err(wrong("Text buttons are unallowed in the inline keyboard")),
    }
}

fn text_button(value: &Value) -> Result<String, ApiError> {
    let wrong = |what: &str| ApiError::bad_request(&format!("can't parse keyboard button: {what}"));
    let object = match value {
        Value::String(text) => return Ok(text.clone()),
        Value::Object(object) => object,
        _ => return Err(wrong("KeyboardButton must be a String or an Object")),
    };
    for name in object.keys() {
        if name != "text" {
            return Err(ApiError::not_simulated(&format!("field \"{name}\" of a KeyboardButton")));
        }
    }
    let text = string(object, "text").map_err(|why| wrong(&why))?;
    Ok(text.ok_or_else(|| wrong("Can't find field \"text\""))?.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed parse fails the test")]
mod tests {
    use super::*;

    #[test]
    fn inline_keyboards() {
        let markup = parse(r#"{"inline_keyboard":[[{"text":"Yes","callback_data":"y"}],[]]}"#).unwrap();
        let yes = Button { text: "Yes".into(), callback_data: Some("y".into()), url: None };
        assert_eq!(markup, Some(Markup::Inline(vec![vec![yes]])));
        assert_eq!(parse(r#"{"inline_keyboard":[]}"#).unwrap(), None);
    }

    #[test]
    fn errors_are_worded_as_telegram_does() {
        let error = |text: &str| parse(text).unwrap_err().description;
        assert_eq!(error("{"), "Bad Request: can't parse reply keyboard markup JSON object");
        assert_eq!(error("[]"), "Bad Request: object expected as reply markup");
        assert_eq!(
            error(r#"{"inline_keyboard":[[{"text":"x"}]]}"#),
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        );
        let long = format!(r#"{{"inline_keyboard":[[{{"text":"x","callback_data":"{}"}}]]}}"#, "я".repeat(33));
        assert_eq!(error(&long), "Bad Request: BUTTON_DATA_INVALID");
    }

    #[test]
    fn what_is_not_simulated_is_refused() {
        let error = parse(r#"{"inline_keyboard":[[{"text":"x","web_app":{"url":"https://a.org"}}]]}"#).unwrap_err();
        assert!(error.unsimulated);
    }
}
