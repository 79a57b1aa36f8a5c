//! Tables of what each notation makes of a text. Entities are written `kind@offset+length`, with what they carry in
//! brackets.

mod finished;
mod given;
mod html;
mod markdown;
mod markdown_v2;
mod random;

use std::fmt::Display;

use crate::control::{Entity, EntityKind};

fn shown(entities: &[Entity]) -> String {
    let one = |entity: &Entity| {
        let json = serde_json::to_value(&entity.kind).unwrap_or_default();
        let name = json["type"].as_str().unwrap_or_default().to_owned();
        let carried = match &entity.kind {
            EntityKind::Pre { language: Some(language) } => format!("({language})"),
            EntityKind::TextLink { url } => format!("({url})"),
            EntityKind::CustomEmoji { custom_emoji_id } => format!("({custom_emoji_id})"),
            EntityKind::TextMention { user } => format!("({})", user.id),
            EntityKind::DateTime { unix_time, date_time_format } => format!("({unix_time} {date_time_format})"),
            _ => String::new(),
        };
        format!("{name}{carried}@{}+{}", entity.offset, entity.length)
    };
    entities.iter().map(one).collect::<Vec<String>>().join(" ")
}

type Parse<E> = fn(&str) -> Result<(String, Vec<Entity>), E>;

/// Each source gives this text with these entities.
fn accepts<E: Display>(parse: Parse<E>, cases: &[(&str, &str, &str)]) {
    for (source, text, entities) in cases {
        match parse(source) {
            Ok((found, list)) => assert_eq!((found.as_str(), shown(&list).as_str()), (*text, *entities), "{source:?}"),
            Err(error) => panic!("{source:?} is refused: {error}"),
        }
    }
}

/// Each source is refused with these words.
fn refuses<E: Display>(parse: Parse<E>, cases: &[(&str, &str)]) {
    for (source, error) in cases {
        match parse(source) {
            Ok((text, entities)) => panic!("{source:?} is taken as {text:?} with {}", shown(&entities)),
            Err(found) => assert_eq!(found.to_string(), *error, "{source:?}"),
        }
    }
}
