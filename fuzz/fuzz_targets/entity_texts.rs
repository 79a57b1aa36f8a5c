//! Texts as a bot may send them, in each of the three notations for entities.
//!
//! Holds that nothing panics; that what is refused is refused in words, at a place inside of it; that entities stand in order,
//! on whole characters, one inside of the other or apart; and that a text without a mark of its notation stays without entities
//! of its own.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sim::control::{Entity, FormattedText};
use sim::text::{ParseMode, formatted};

const MODES: [ParseMode; 3] = [ParseMode::Markdown, ParseMode::MarkdownV2, ParseMode::Html];

fuzz_target!(|source: &str| {
    for mode in MODES {
        match formatted(source, mode) {
            Ok(text) => {
                holds_its_entities(&text);
                // Marks take room and never make any: an entity of HTML stands for less than what names it.
                assert!(text.text.len() <= source.len(), "{mode:?} {source:?} {text:?}");
            }
            Err(error) => points_inside(source, &error.to_string()),
        }
    }
    let escaped = source.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    match formatted(&escaped, ParseMode::Html) {
        Ok(text) => assert!(text.entities.iter().all(|entity| !entity.kind.is_set()), "{text:?}"),
        Err(error) => assert!(escaped.contains('\0'), "there is nothing to be wrong with: {error}"),
    }
});

fn holds_its_entities(text: &FormattedText) {
    let units: Vec<u16> = text.text.encode_utf16().collect();
    for entity in &text.entities {
        assert!(entity.length > 0 && entity.end() <= units.len(), "{entity:?} in {text:?}");
        assert!(
            String::from_utf16(&units[entity.offset..entity.end()]).is_ok(),
            "{entity:?} halves a character of {text:?}"
        );
    }
    for pair in text.entities.windows(2) {
        assert!(pair[0].offset <= pair[1].offset, "{text:?}");
    }
    let own: Vec<&Entity> = text.entities.iter().filter(|entity| entity.kind.is_set()).collect();
    assert!(own.len() <= 100, "{text:?}");
    for (index, one) in own.iter().enumerate() {
        for other in &own[index + 1..] {
            let apart = other.offset >= one.end();
            assert!(apart || other.end() <= one.end(), "{one:?} crosses {other:?} in {text:?}");
        }
    }
}

fn points_inside(source: &str, error: &str) {
    assert!(!error.is_empty());
    let Some((_, number)) = error.split_once("byte offset ") else { return };
    let digits = number.find(|character: char| !character.is_ascii_digit()).unwrap_or(number.len());
    let offset: usize = number[..digits].parse().expect("a number");
    assert!(source.is_char_boundary(offset), "{error} in {source:?}");
}
