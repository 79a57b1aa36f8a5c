//! Classes of characters, as Telegram sorts them.

use unicode_general_category::{GeneralCategory, get_general_category};

pub(super) fn is_letter(character: char) -> bool {
    use GeneralCategory::{LowercaseLetter, ModifierLetter, OtherLetter, TitlecaseLetter, UppercaseLetter};
    matches!(
        get_general_category(character),
        UppercaseLetter | LowercaseLetter | TitlecaseLetter | ModifierLetter | OtherLetter
    )
}

fn is_decimal(character: char) -> bool {
    get_general_category(character) == GeneralCategory::DecimalNumber
}

pub(super) fn is_separator(character: char) -> bool {
    use GeneralCategory::{LineSeparator, ParagraphSeparator, SpaceSeparator};
    matches!(get_general_category(character), SpaceSeparator | LineSeparator | ParagraphSeparator)
}

/// A letter, any number, or `_`.
pub(super) fn is_word(character: char) -> bool {
    character == '_' || is_letter(character) || character.is_numeric()
}

/// What a hashtag may consist of.
pub(super) fn is_tag(character: char) -> bool {
    matches!(character, '_' | '\u{200c}' | '\u{b7}' | '\u{d80}'..='\u{dff}')
        || is_letter(character)
        || is_decimal(character)
}

/// What a name with an `@` may consist of.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How many bytes of a name a text begins with.
pub(super) fn name_length(text: &str) -> usize {
    text.bytes().take_while(|byte| is_name(*byte)).count()
}

/// What may stand in an address beside ASCII.
pub(super) fn is_address(character: char) -> bool {
    match character {
        '\u{2000}'..='\u{206f}' => matches!(character, '\u{200c}' | '\u{200d}' | '\u{2010}'..='\u{2015}'),
        _ => !is_separator(character),
    }
}

/// What may stand in an address behind the host.
pub(super) fn is_path(character: char) -> bool {
    !matches!(character, '\n' | '<' | '>' | '"' | '«' | '»') && is_address(character)
}
