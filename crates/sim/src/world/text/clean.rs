//! Characters that no text keeps, and the blanks around it; entities move along.
//!
//! Follows TDLib's `fix_formatted_text`. Which entities may overlap is not known here.

use thiserror::Error;

use crate::control::Entity;

/// An entity that lies where no character begins or ends. Byte offsets are of the text, the others UTF-16 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum PlaceError {
    #[error("Entity begins in a middle of a UTF-16 symbol at byte offset {byte}")]
    BeginsInside { byte: usize },
    #[error("Entity beginning at UTF-16 offset {begin} ends in a middle of a UTF-16 symbol at byte offset {byte}")]
    EndsInside { begin: usize, byte: usize },
    #[error("Entity begins after the end of the text at UTF-16 offset {begin}")]
    BeginsBehind { begin: usize },
    #[error("Entity beginning at UTF-16 offset {begin} ends after the end of the text at UTF-16 offset {end}")]
    EndsBehind { begin: usize, end: usize },
}

/// What a text has in place of a character.
fn kept(character: char) -> Option<char> {
    match character {
        '\n' => Some('\n'),
        '\r' | '\u{2028}'..='\u{202e}' | '\u{333}' | '\u{33f}' | '\u{30a}' => None,
        '\0'..=' ' => Some(' '),
        _ => Some(character),
    }
}

/// The text without what is dropped from it, and its entities, settled before, where they then are.
///
/// # Errors
///
/// The first entity that is not of whole characters.
pub(crate) fn cleaned(text: &str, mut entities: Vec<Entity>) -> Result<(String, Vec<Entity>), PlaceError> {
    let mut output = String::with_capacity(text.len());
    let mut places = Places { entities: &mut entities, next: 0, open: Vec::new() };
    let (mut at, mut dropped) = (0, 0);
    for (byte, character) in text.char_indices() {
        places.reach(byte, at, dropped)?;
        at += character.len_utf16();
        match kept(character) {
            Some(character) => output.push(character),
            None => dropped += 1,
        }
    }
    places.reach(text.len(), at, dropped)?;
    places.finish()?;
    entities.retain(|entity| entity.length > 0);
    Ok((without_mark_runs(&output), entities))
}

struct Places<'a> {
    entities: &'a mut [Entity],
    next: usize,
    /// Which entities go on here, and how much was dropped before each.
    open: Vec<(usize, usize)>,
}

impl Places<'_> {
    /// Closes and opens entities at the beginning of a character.
    fn reach(&mut self, byte: usize, at: usize, dropped: usize) -> Result<(), PlaceError> {
        while let Some((inner, dropped_before)) = self.open.pop_if(|(inner, _)| self.entities[*inner].end() <= at) {
            let entity = &mut self.entities[inner];
            if entity.end() != at {
                return Err(PlaceError::EndsInside { begin: entity.offset, byte });
            }
            entity.offset -= dropped_before;
            entity.length -= dropped - dropped_before;
        }
        while let Some(entity) = self.entities.get(self.next).filter(|entity| entity.offset <= at) {
            if entity.offset != at {
                return Err(PlaceError::BeginsInside { byte });
            }
            self.open.push((self.next, dropped));
            self.next += 1;
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), PlaceError> {
        if let Some(entity) = self.entities.get(self.next) {
            return Err(PlaceError::BeginsBehind { begin: entity.offset });
        }
        match self.open.last() {
            Some((inner, _)) => {
                let entity = &self.entities[*inner];
                Err(PlaceError::EndsBehind { begin: entity.offset, end: entity.end() })
            }
            None => Ok(()),
        }
    }
}

/// Of several marks of direction in a row only the last one stays what it is.
fn without_mark_runs(text: &str) -> String {
    let is_mark = |character: char| matches!(character, '\u{200e}' | '\u{200f}');
    let mut characters = text.chars().peekable();
    let mut output = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        let is_followed = characters.peek().is_some_and(|next| is_mark(*next));
        output.push(if is_mark(character) && is_followed { '\u{200c}' } else { character });
    }
    output
}

/// Cuts off blanks: all at the end, and at the start those before the first entity. A text of blanks is empty.
pub(crate) fn trimmed(text: &str, mut entities: Vec<Entity>) -> (String, Vec<Entity>) {
    let is_blank = |character| matches!(character, ' ' | '\n');
    let shown = text.trim_end_matches(is_blank);
    if shown.is_empty() {
        return (String::new(), Vec::new());
    }
    let end = super::utf16_len(shown);
    entities.retain_mut(|entity| {
        entity.length = entity.end().min(end).saturating_sub(entity.offset);
        entity.length > 0
    });
    let blanks = shown.len() - shown.trim_start_matches(is_blank).len();
    let cut = entities.iter().map(|entity| entity.offset).min().unwrap_or(blanks).min(blanks);
    for entity in &mut entities {
        entity.offset -= cut;
    }
    (shown[cut..].to_owned(), entities)
}

/// Whether nothing of a text can be seen.
pub(crate) fn is_invisible(text: &str) -> bool {
    text.chars().all(|character| {
        matches!(
            character,
            ' ' | '\n'
                | '\u{a0}'
                | '\u{1680}'
                | '\u{180e}'
                | '\u{2000}'..='\u{200f}'
                | '\u{202e}'
                | '\u{202f}'
                | '\u{205f}'
                | '\u{2800}'
                | '\u{3000}'
                | '\u{fffc}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "an error fails the test")]
mod tests {
    use super::*;
    use crate::control::EntityKind;

    fn bold(offset: usize, length: usize) -> Entity {
        Entity { offset, length, kind: EntityKind::Bold }
    }

    #[test]
    fn control_characters_go_and_entities_move_along() {
        let (text, entities) = cleaned("a\r\nb\tc\u{202e}d\0e\u{30a}", vec![bold(1, 3), bold(4, 5)]).unwrap();
        assert_eq!(text, "a\nb cd e");
        assert_eq!(entities, [bold(1, 2), bold(3, 4)]);
        assert_eq!(cleaned("a\rb", vec![bold(1, 1)]).unwrap().1, [], "nothing is left of it");
        assert_eq!(cleaned("\u{200e}\u{200f}\u{200e}x", vec![]).unwrap().0, "\u{200c}\u{200c}\u{200e}x");
    }

    #[test]
    fn entities_are_of_whole_characters() {
        let error = |text, entity| cleaned(text, vec![entity]).unwrap_err().to_string();
        assert_eq!(error("é😀x", bold(2, 1)), "Entity begins in a middle of a UTF-16 symbol at byte offset 6");
        assert_eq!(
            error("é😀x", bold(0, 2)),
            "Entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at byte offset 6"
        );
        assert_eq!(error("x", bold(2, 1)), "Entity begins after the end of the text at UTF-16 offset 2");
        assert_eq!(
            error("x", bold(0, 3)),
            "Entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 3"
        );
        assert_eq!(error("x", bold(1, 1)), error("x", bold(1, 1)));
        assert_eq!(cleaned("😀", vec![bold(0, 2)]).unwrap().1, [bold(0, 2)]);
    }

    #[test]
    fn blanks_are_cut_up_to_the_first_entity() {
        assert_eq!(trimmed(" \n😀 \n ", vec![]), ("😀".to_owned(), vec![]));
        assert_eq!(trimmed(" \n  x  ", vec![bold(2, 5)]), ("  x".to_owned(), vec![bold(0, 3)]));
        assert_eq!(trimmed(" x  ", vec![bold(1, 1), bold(3, 1)]), ("x".to_owned(), vec![bold(0, 1)]));
        assert_eq!(trimmed(" \n ", vec![bold(0, 2)]), (String::new(), vec![]));
        assert_eq!(trimmed("\u{a0}x\u{a0}", vec![]).0, "\u{a0}x\u{a0}", "other blanks are characters");
    }

    #[test]
    fn some_characters_cannot_be_seen() {
        assert!(is_invisible("\u{2800}\u{200b} \u{e0020}\u{feff}\n"));
        assert!(!is_invisible("\u{2800}."));
    }
}
