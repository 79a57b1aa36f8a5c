//! Text as Telegram stores it: blanks cut off, its own entities found, all sorted.

use crate::control::{Entity, FormattedText};

/// A text as Telegram stores it: blanks around it cut off, its own entities found and merged in, all sorted.
pub(crate) fn finished(text: &str, entities: Vec<Entity>) -> FormattedText {
    let mut text = FormattedText { text: text.replace("\r\n", "\n"), entities };
    trim(&mut text);
    for found in super::detect::entities(&text.text) {
        let hidden =
            text.entities.iter().any(|e| e.kind.is_opaque() && found.offset < e.end() && e.offset < found.end());
        if !hidden {
            text.entities.push(found);
        }
    }
    text.entities.sort_by(|a, b| a.offset.cmp(&b.offset).then(b.length.cmp(&a.length)));
    text
}

fn trim(text: &mut FormattedText) {
    let kept = text.text.trim_end();
    let end = utf16_len(kept);
    let start_bytes = kept.len() - kept.trim_start().len();
    let start = utf16_len(&text.text[..start_bytes]);
    text.text = kept[start_bytes..].to_owned();
    text.entities.retain_mut(|entity| {
        let (from, to) = (entity.offset.clamp(start, end.max(start)), entity.end().clamp(start, end.max(start)));
        entity.offset = from - start;
        entity.length = to - from;
        entity.length > 0
    });
}

/// The length of a text in UTF-16 code units.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::EntityKind;

    #[test]
    fn blanks_around_the_text_are_cut_and_entities_move_along() {
        let bold = Entity { offset: 1, length: 6, kind: EntityKind::Bold };
        let text = finished(" \n😀 hi \n", vec![bold]);
        assert_eq!(text.text, "😀 hi");
        assert_eq!(text.entities, [Entity { offset: 0, length: 5, kind: EntityKind::Bold }]);
    }

    #[test]
    fn offsets_count_utf16_units() {
        let text = finished("😀 /start", vec![]);
        assert_eq!(text.entities, [Entity { offset: 3, length: 6, kind: EntityKind::BotCommand }]);
    }

    #[test]
    fn nothing_is_found_inside_of_code() {
        let code = Entity { offset: 0, length: 6, kind: EntityKind::Code };
        let text = finished("/start", vec![code.clone()]);
        assert_eq!(text.entities, [code]);
    }

    #[test]
    fn entities_look_as_the_bot_api_writes_them() {
        let link = Entity { offset: 1, length: 2, kind: EntityKind::TextLink { url: "http://a.org/".into() } };
        let json = serde_json::to_value(link).unwrap_or_default();
        assert_eq!(json, serde_json::json!({"offset": 1, "length": 2, "type": "text_link", "url": "http://a.org/"}));
    }
}
