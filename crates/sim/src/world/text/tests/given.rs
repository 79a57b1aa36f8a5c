use serde_json::{Value, json};

use super::shown;
use crate::world::text::{finished, given_entities};

fn sent(text: &str, entities: &str) -> Result<String, String> {
    let given = given_entities(entities).map_err(|error| error.to_string())?;
    let text = finished(text, given).map_err(|error| error.to_string())?;
    Ok(format!("{} | {}", text.text, shown(&text.entities)))
}

#[test]
fn a_bot_gives_every_kind_but_those_that_are_found() {
    for (entity, expected) in [
        (json!({ "type": "bold" }), "bold@0+4"),
        (json!({ "type": "italic" }), "italic@0+4"),
        (json!({ "type": "underline" }), "underline@0+4"),
        (json!({ "type": "strikethrough" }), "strikethrough@0+4"),
        (json!({ "type": "spoiler" }), "spoiler@0+4"),
        (json!({ "type": "code" }), "code@0+4"),
        (json!({ "type": "pre" }), "pre@0+4"),
        (json!({ "type": "pre", "language": "" }), "pre@0+4"),
        (json!({ "type": "pre", "language": "c" }), "pre(c)@0+4"),
        (json!({ "type": "blockquote" }), "blockquote@0+4"),
        (json!({ "type": "expandable_blockquote" }), "expandable_blockquote@0+4"),
        (json!({ "type": "text_link", "url": "example.org" }), "text_link(http://example.org/)@0+4"),
        (json!({ "type": "text_link", "url": "tg://user?id=7" }), "text_mention(7)@0+4"),
        (json!({ "type": "text_mention", "user": { "id": 7 } }), "text_mention(7)@0+4"),
        (json!({ "type": "custom_emoji", "custom_emoji_id": "5" }), "custom_emoji(5)@0+4"),
        (json!({ "type": "custom_emoji", "custom_emoji_id": 5 }), "custom_emoji(5)@0+4"),
        (json!({ "type": "date_time", "unix_time": 9, "date_time_format": "tDW" }), "date_time(9 wDt)@0+4"),
        (json!({ "type": "date_time", "unix_time": 9 }), "date_time(9 )@0+4"),
        (json!({ "type": "mention" }), ""),
        (json!({ "type": "hashtag" }), ""),
        (json!({ "type": "cashtag" }), ""),
        (json!({ "type": "bot_command" }), ""),
        (json!({ "type": "url" }), ""),
        (json!({ "type": "email" }), ""),
        (json!({ "type": "phone_number" }), ""),
        (json!({ "type": "bank_card_number" }), ""),
        (json!({ "type": "bold", "length": "4", "surplus": true }), "bold@0+4"),
        (json!({ "type": "bold", "length": 0 }), ""),
    ] {
        let mut whole = json!({ "offset": 0, "length": 4 });
        if let (Some(whole), Value::Object(entity)) = (whole.as_object_mut(), entity) {
            whole.extend(entity);
        }
        assert_eq!(sent("text", &json!([whole]).to_string()), Ok(format!("text | {expected}")), "{whole}");
    }
}

#[test]
fn what_is_no_list_gives_none() {
    for entities in ["", "null", "{}", "[", "5", "\"bold\"", "[]"] {
        assert_eq!(sent("text", entities), Ok("text | ".to_owned()), "{entities}");
    }
}

#[test]
fn wrong_entities_are_refused_as_telegram_does() {
    for (entity, error) in [
        ("5", "Can't parse MessageEntity: expected an Object"),
        (r#"{"length":1,"type":"bold"}"#, "Can't parse MessageEntity: Can't find field \"offset\""),
        (r#"{"offset":0,"type":"bold"}"#, "Can't parse MessageEntity: Can't find field \"length\""),
        (r#"{"offset":0,"length":1}"#, "Can't parse MessageEntity: Can't find field \"type\""),
        (
            r#"{"offset":true,"length":1,"type":"bold"}"#,
            "Can't parse MessageEntity: Field \"offset\" must be of type Number",
        ),
        (
            r#"{"offset":0.5,"length":1,"type":"bold"}"#,
            "Can't parse MessageEntity: Can't parse as an integer string \"0.5\"",
        ),
        (
            r#"{"offset":"x","length":1,"type":"bold"}"#,
            "Can't parse MessageEntity: Can't parse as an integer string \"x\"",
        ),
        (r#"{"offset":0,"length":1,"type":[]}"#, "Can't parse MessageEntity: Field \"type\" must be of type String"),
        (r#"{"offset":0,"length":1,"type":""}"#, "Can't parse MessageEntity: Type is not specified"),
        (r#"{"offset":0,"length":1,"type":"Bold"}"#, "Can't parse MessageEntity: Unsupported type specified"),
        (r#"{"offset":0,"length":1,"type":"text_link"}"#, "Can't parse MessageEntity: Can't find field \"url\""),
        (r#"{"offset":0,"length":1,"type":"text_mention"}"#, "Can't parse MessageEntity: Can't find field \"user\""),
        (
            r#"{"offset":0,"length":1,"type":"text_mention","user":7}"#,
            "Can't parse MessageEntity: Field \"user\" must be of type Object",
        ),
        (
            r#"{"offset":0,"length":1,"type":"custom_emoji"}"#,
            "Can't parse MessageEntity: Can't find field \"custom_emoji_id\"",
        ),
        (
            r#"{"offset":0,"length":1,"type":"custom_emoji","custom_emoji_id":"0"}"#,
            "Invalid custom emoji identifier specified",
        ),
        (
            r#"{"offset":0,"length":1,"type":"date_time","unix_time":1,"date_time_format":"x"}"#,
            "Can't parse MessageEntity: Invalid date-time format specified",
        ),
        (r#"{"offset":0,"length":1,"type":"date_time","unix_time":0}"#, "Invalid date specified"),
        (r#"{"offset":0,"length":1,"type":"text_link","url":"x y"}"#, "Entity URL 'x y' is invalid: Wrong URL host"),
        (r#"{"offset":0,"length":1,"type":"text_mention","user":{"id":0}}"#, "User not found"),
        (r#"{"offset":-1,"length":1,"type":"bold"}"#, "Receive an entity with incorrect offset -1"),
        (r#"{"offset":1000001,"length":1,"type":"bold"}"#, "Receive an entity with incorrect offset 1000001"),
        (r#"{"offset":0,"length":-1,"type":"bold"}"#, "Receive an entity with incorrect length -1"),
        (r#"{"offset":3,"length":1,"type":"bold"}"#, "Entity begins in a middle of a UTF-16 symbol at byte offset 6"),
        (
            r#"{"offset":0,"length":3,"type":"bold"}"#,
            "Entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 6",
        ),
        (
            r#"{"offset":1000000,"length":1000000,"type":"bold"}"#,
            "Entity begins after the end of the text at UTF-16 offset 1000000",
        ),
        (r#"{"offset":9,"length":1,"type":"bold"}"#, "Entity begins after the end of the text at UTF-16 offset 9"),
        (
            r#"{"offset":1,"length":9,"type":"bold"}"#,
            "Entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 10",
        ),
    ] {
        assert_eq!(sent("ab😀c", &format!("[{entity}]")), Err(error.to_owned()), "{entity}");
    }
}
