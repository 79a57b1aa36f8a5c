//! The parameter `reply_markup`: keyboards, checked as telegram-bot-api and TDLib do.
//!
//! A blank is text enough for a button (TDLib's `get_inline_keyboard_button` and `clean_input_string`); calendars have many of them.

use serde_json::{Map, Value};

use crate::api::ApiError;
use crate::control::{Button, Markup};

/// Longest callback data, in bytes.
const DATA_BYTES: usize = 64;
/// Longest text to be copied, in characters.
const COPY_LENGTH: usize = 256;
/// What an input field says is cut after this, in characters.
const PLACEHOLDER_LENGTH: usize = 64;

/// Buttons that Telegram has and that are refused.
const OTHER_INLINE: &[&str] = &[
    "callback_game",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "login_url",
    "web_app",
    "style",
    "icon_custom_emoji_id",
];
const OTHER_KEYBOARD: &[&str] = &[
    "request_contact",
    "request_phone_number",
    "request_location",
    "request_poll",
    "request_user",
    "request_users",
    "request_chat",
    "request_managed_bot",
    "web_app",
    "style",
    "icon_custom_emoji_id",
];

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
    let keyboard = rows(&object, "keyboard", "Field \"keyboard\"", keyboard_button)?;
    let inline = "Field \"inline_keyboard\" of the InlineKeyboardMarkup";
    let inline = rows(&object, "inline_keyboard", inline, inline_button)?;
    let flag = |name: &str| flag(&object, name).map_err(|why| ApiError::bad_request(&why));
    let selective = flag("selective")? || flag("personal_keyboard")?;
    let placeholder = string(&object, "input_field_placeholder").map_err(|why| ApiError::bad_request(&why))?;
    let placeholder = placeholder.filter(|text| !text.is_empty());
    let placeholder = placeholder.map(|text| text.chars().take(PLACEHOLDER_LENGTH).collect());
    if !keyboard.is_empty() {
        return Ok(Some(Markup::Keyboard {
            rows: keyboard,
            one_time: flag("one_time_keyboard")?,
            resize: flag("resize_keyboard")?,
            persistent: flag("is_persistent")?,
            selective,
            placeholder,
        }));
    }
    if !inline.is_empty() {
        return Ok(Some(Markup::Inline(inline)));
    }
    if flag("hide_keyboard")? || flag("remove_keyboard")? {
        return Ok(Some(Markup::Remove { selective }));
    }
    let forced = flag("force_reply")? || flag("force_reply_keyboard")?;
    Ok(forced.then_some(Markup::ForceReply { selective, placeholder }))
}

fn flag(object: &Map<String, Value>, name: &str) -> Result<bool, String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(format!("Field \"{name}\" must be of type Boolean")),
    }
}

/// Rows of buttons without the empty ones; nothing if the field is absent.
fn rows<T>(
    object: &Map<String, Value>,
    name: &str,
    called: &str,
    button: impl Fn(&Value) -> Result<T, ApiError>,
) -> Result<Vec<Vec<T>>, ApiError> {
    let rows = match object.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(rows)) => rows,
        Some(_) => return Err(ApiError::bad_request(&format!("Field \"{name}\" must be of type Array"))),
    };
    let row = |row: &Value| {
        let row =
            row.as_array().ok_or_else(|| ApiError::bad_request(&format!("{called} must be an Array of Arrays")))?;
        row.iter().map(&button).collect::<Result<Vec<T>, ApiError>>()
    };
    let rows = rows.iter().map(row).collect::<Result<Vec<Vec<T>>, ApiError>>()?;
    Ok(rows.into_iter().filter(|row| !row.is_empty()).collect())
}

/// A text; a number is as good.
fn string(object: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(format!("Field \"{name}\" must be of type String")),
    }
}

fn inline_button(value: &Value) -> Result<Button, ApiError> {
    let wrong = |what: &str| ApiError::bad_request(&format!("Can't parse inline keyboard button: {what}"));
    let object = value.as_object().ok_or_else(|| wrong("InlineKeyboardButton must be an Object"))?;
    let text = |name: &str| string(object, name).map_err(|why| wrong(&why));
    let label = text("text")?.ok_or_else(|| wrong("Can't find field \"text\""))?;
    if let Some(name) = OTHER_INLINE.iter().find(|name| object.get(**name).is_some_and(|value| !value.is_null())) {
        return Err(ApiError::not_simulated(&format!("field \"{name}\" of an InlineKeyboardButton")));
    }
    let mut button = Button { text: cleaned(&label), callback_data: None, url: None, copy_text: None };
    if let Some(url) = text("url")?.filter(|url| !url.is_empty()) {
        button.url = Some(link(&url)?);
    } else if let Some(data) = text("callback_data")?.filter(|data| !data.is_empty()) {
        if data.len() > DATA_BYTES {
            return Err(ApiError::bad_request("BUTTON_DATA_INVALID"));
        }
        button.callback_data = Some(data);
    } else if let Some(copied) = object.get("copy_text") {
        let copied = copied.as_object().ok_or_else(|| wrong("Field \"copy_text\" must be of type Object"))?;
        let copied = string(copied, "text").map_err(|why| wrong(&why))?;
        let copied = copied.ok_or_else(|| wrong("Can't find field \"text\""))?;
        if copied.is_empty() || copied.chars().count() > COPY_LENGTH {
            return Err(ApiError::bad_request("BUTTON_COPY_TEXT_INVALID"));
        }
        button.copy_text = Some(copied);
    } else {
        return Err(wrong("Text buttons are unallowed in the inline keyboard"));
    }
    if button.text.is_empty() {
        return Err(ApiError::bad_request("Inline keyboard button text must be non-empty"));
    }
    Ok(button)
}

/// What a button says without the characters that no text keeps.
fn cleaned(label: &str) -> String {
    super::text::clean::cleaned(label, Vec::new()).map_or_else(|_| label.to_owned(), |(text, _)| text)
}

/// A button's URL as Telegram keeps it.
fn link(url: &str) -> Result<String, ApiError> {
    super::text::link::checked(url)
        .map_err(|why| ApiError::bad_request(&format!("Inline keyboard button URL '{url}' is invalid: {why}")))
}

fn keyboard_button(value: &Value) -> Result<String, ApiError> {
    let wrong = |what: &str| ApiError::bad_request(&format!("Can't parse keyboard button: {what}"));
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Object(object) => {
            let text = string(object, "text").map_err(|why| wrong(&why))?;
            let text = text.ok_or_else(|| wrong("Can't find field \"text\""))?;
            let asks = |name: &&&str| !matches!(object.get(**name), None | Some(Value::Null | Value::Bool(false)));
            if let Some(name) = OTHER_KEYBOARD.iter().find(asks) {
                return Err(ApiError::not_simulated(&format!("field \"{name}\" of a KeyboardButton")));
            }
            text
        }
        _ => return Err(wrong("KeyboardButton must be a String or an Object")),
    };
    let text = cleaned(&text);
    if text.is_empty() {
        return Err(ApiError::bad_request("Keyboard button text must be non-empty"));
    }
    Ok(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed parse fails the test")]
mod tests {
    use serde_json::json;

    use super::*;

    fn error(value: &Value) -> String {
        parse(&value.to_string()).unwrap_err().description
    }

    #[test]
    fn inline_keyboards() {
        let keyboard = json!({ "inline_keyboard": [
            [{ "text": "Yes", "callback_data": "y" }, { "text": "Site", "url": "example.org" }],
            [],
            [{ "text": "Copy", "copy_text": { "text": "42" } }],
        ] });
        let button = Button { text: "Yes".into(), callback_data: Some("y".into()), url: None, copy_text: None };
        let site = Button {
            text: "Site".into(),
            callback_data: None,
            url: Some("http://example.org/".into()),
            copy_text: None,
        };
        let copy = Button { text: "Copy".into(), callback_data: None, url: None, copy_text: Some("42".into()) };
        let expected = Markup::Inline(vec![vec![button, site], vec![copy]]);
        assert_eq!(parse(&keyboard.to_string()).unwrap(), Some(expected));
        assert_eq!(parse(r#"{"inline_keyboard":[[],[]]}"#).unwrap(), None);
        assert_eq!(parse("{}").unwrap(), None);
    }

    #[test]
    fn a_blank_is_text_enough() {
        let keyboard = parse(r#"{"inline_keyboard":[[{"text":" ","callback_data":"ignore"}]]}"#).unwrap();
        assert!(matches!(keyboard, Some(Markup::Inline(rows)) if rows[0][0].text == " "));
        let keyboard = parse(r#"{"keyboard":[["\t",{"text":"a\r"}]]}"#).unwrap();
        assert!(matches!(keyboard, Some(Markup::Keyboard { rows, .. }) if rows[0] == [" ", "a"]));
    }

    #[test]
    fn reply_keyboards() {
        let keyboard = json!({
            "keyboard": [["One", { "text": "Two", "request_contact": false }]],
            "is_persistent": true, "resize_keyboard": true, "input_field_placeholder": "я".repeat(70),
        });
        let expected = Markup::Keyboard {
            rows: vec![vec!["One".into(), "Two".into()]],
            one_time: false,
            resize: true,
            persistent: true,
            selective: false,
            placeholder: Some("я".repeat(64)),
        };
        assert_eq!(parse(&keyboard.to_string()).unwrap(), Some(expected));
        let removed = parse(r#"{"remove_keyboard":true,"selective":true}"#).unwrap();
        assert_eq!(removed, Some(Markup::Remove { selective: true }));
        let forced = parse(r#"{"force_reply":true,"input_field_placeholder":"Name?"}"#).unwrap();
        assert_eq!(forced, Some(Markup::ForceReply { selective: false, placeholder: Some("Name?".into()) }));
    }

    #[test]
    fn errors_are_worded_as_telegram_does() {
        assert_eq!(parse("{").unwrap_err().description, "Bad Request: can't parse reply keyboard markup JSON object");
        let inline = |button: Value| error(&json!({ "inline_keyboard": [[button]] }));
        let keyboard = |button: Value| error(&json!({ "keyboard": [[button]] }));
        for (description, expected) in [
            (error(&json!([])), "object expected as reply markup"),
            (error(&json!({ "keyboard": 1 })), "field \"keyboard\" must be of type Array"),
            (error(&json!({ "keyboard": [1] })), "field \"keyboard\" must be an Array of Arrays"),
            (
                error(&json!({ "inline_keyboard": ["x"] })),
                "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays",
            ),
            (error(&json!({ "remove_keyboard": "x" })), "field \"remove_keyboard\" must be of type Boolean"),
            (inline(json!("x")), "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
            (inline(json!({ "url": "a.org" })), "can't parse inline keyboard button: Can't find field \"text\""),
            (
                inline(json!({ "text": "x" })),
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            ),
            (inline(json!({ "text": "", "url": "a.org" })), "inline keyboard button text must be non-empty"),
            (inline(json!({ "text": "x", "callback_data": "я".repeat(33) })), "BUTTON_DATA_INVALID"),
            (
                inline(json!({ "text": "x", "url": "http://localhost:80/" })),
                "inline keyboard button URL 'http://localhost:80/' is invalid: Wrong HTTP URL",
            ),
            (
                inline(json!({ "text": "x", "url": "ftp://a.org" })),
                "inline keyboard button URL 'ftp://a.org' is invalid: Unsupported URL protocol",
            ),
            (keyboard(json!(1)), "can't parse keyboard button: KeyboardButton must be a String or an Object"),
            (keyboard(json!({})), "can't parse keyboard button: Can't find field \"text\""),
            (keyboard(json!("\r")), "keyboard button text must be non-empty"),
        ] {
            assert_eq!(description, format!("Bad Request: {expected}"));
        }
    }

    #[test]
    fn what_is_not_simulated_is_refused() {
        for name in OTHER_INLINE {
            let keyboard = json!({ "inline_keyboard": [[{ "text": "x", *name: "a" }]] });
            assert!(parse(&keyboard.to_string()).unwrap_err().unsimulated, "{name}");
        }
        for name in OTHER_KEYBOARD {
            let keyboard = json!({ "keyboard": [[{ "text": "x", *name: true }]] });
            assert!(parse(&keyboard.to_string()).unwrap_err().unsimulated, "{name}");
        }
        let unknown = json!({ "inline_keyboard": [[{ "text": "x", "callback_data": "y", "no_such_thing": 1 }]] });
        assert!(parse(&unknown.to_string()).is_ok(), "Telegram does not know it either");
    }
}
