//! Which characters of a text are emoji, and the name of their picture.

use std::fmt::Write as _;

const VARIATION: char = '\u{fe0f}';
const JOINER: char = '\u{200d}';
const KEYCAP: char = '\u{20e3}';

/// The bytes of the emoji at the start of the text; nothing if there is none.
pub(super) fn at_start(text: &str) -> Option<usize> {
    let mut characters = text.chars();
    let first = characters.next()?;
    let second = characters.next();
    if is_regional(first) {
        let pair = second.filter(|second| is_regional(*second))?;
        return Some(first.len_utf8() + pair.len_utf8());
    }
    if matches!(first, '0'..='9' | '#' | '*') {
        return [format!("{first}{VARIATION}{KEYCAP}"), format!("{first}{KEYCAP}")]
            .iter()
            .find(|keycap| text.starts_with(keycap.as_str()))
            .map(String::len);
    }
    let mut end = one(text)?;
    while let Some(rest) = text[end..].strip_prefix(JOINER) {
        let Some(more) = one(rest).or_else(|| sign(rest)) else { break };
        end += JOINER.len_utf8() + more;
    }
    Some(end)
}

/// One emoji with what modifies it.
fn one(text: &str) -> Option<usize> {
    let mut characters = text.chars().peekable();
    let first = characters.next()?;
    let styled = characters.next_if_eq(&VARIATION).is_some();
    let is_coloured = is_emoji(first) || styled && is_pictogram(first);
    if !is_coloured {
        return None;
    }
    let mut end = first.len_utf8() + if styled { VARIATION.len_utf8() } else { 0 };
    if let Some(tone) = characters.next_if(|next| matches!(next, '\u{1f3fb}'..='\u{1f3ff}')) {
        end += tone.len_utf8();
    }
    Some(end)
}

/// A sign such as ♀ that is no emoji alone and one after a joiner.
fn sign(text: &str) -> Option<usize> {
    text.chars().next().filter(|first| is_pictogram(*first)).map(char::len_utf8)
}

fn is_regional(character: char) -> bool {
    matches!(character, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Shown in colour by itself (the property Emoji_Presentation, in ranges).
fn is_emoji(character: char) -> bool {
    matches!(character,
        '\u{231a}'..='\u{231b}' | '\u{23e9}'..='\u{23ec}' | '\u{23f0}' | '\u{23f3}' | '\u{25fd}'..='\u{25fe}'
        | '\u{2614}'..='\u{2615}' | '\u{2648}'..='\u{2653}' | '\u{267f}' | '\u{2693}' | '\u{26a1}'
        | '\u{26aa}'..='\u{26ab}' | '\u{26bd}'..='\u{26be}' | '\u{26c4}'..='\u{26c5}' | '\u{26ce}' | '\u{26d4}'
        | '\u{26ea}' | '\u{26f2}'..='\u{26f3}' | '\u{26f5}' | '\u{26fa}' | '\u{26fd}' | '\u{2705}'
        | '\u{270a}'..='\u{270b}' | '\u{2728}' | '\u{274c}' | '\u{274e}' | '\u{2753}'..='\u{2755}' | '\u{2757}'
        | '\u{2764}' | '\u{2795}'..='\u{2797}' | '\u{27b0}' | '\u{27bf}' | '\u{2b1b}'..='\u{2b1c}' | '\u{2b50}'
        | '\u{2b55}' | '\u{1f004}' | '\u{1f0cf}' | '\u{1f18e}' | '\u{1f191}'..='\u{1f19a}' | '\u{1f201}'
        | '\u{1f21a}' | '\u{1f22f}' | '\u{1f232}'..='\u{1f236}' | '\u{1f238}'..='\u{1f23a}'
        | '\u{1f250}'..='\u{1f251}' | '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f7e0}'..='\u{1f7eb}' | '\u{1f90c}'..='\u{1f9ff}' | '\u{1fa70}'..='\u{1faff}')
}

/// Shown in colour only with the variation selector.
fn is_pictogram(character: char) -> bool {
    matches!(character,
        '©' | '®' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2194}'..='\u{21aa}'
        | '\u{2328}' | '\u{23cf}'..='\u{23fa}' | '\u{24c2}' | '\u{25aa}'..='\u{25fe}' | '\u{2600}'..='\u{27bf}'
        | '\u{2934}'..='\u{2935}' | '\u{2b05}'..='\u{2b55}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f170}'..='\u{1f251}')
}

/// The name of the picture: the emoji's bytes in hex, without the variation selector.
fn picture(emoji: &str) -> String {
    let bare: String = emoji.chars().filter(|character| *character != VARIATION).collect();
    bare.bytes().fold(String::new(), |mut name, byte| {
        let _ = write!(name, "{byte:02X}");
        name
    })
}

/// An emoji as the pages write it.
pub(super) fn markup(emoji: &str) -> String {
    let picture = picture(emoji);
    format!(
        "<i class=\"emoji\" style=\"background-image:url('//telegram.org/img/emoji/40/{picture}.png')\"><b>{emoji}</b></i>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_are_found_whole() {
        for emoji in ["👀", "⌚️", "☕️", "🅰️", "🇨🇳", "👍🏽", "❤️‍🔥", "👩‍💻", "🤷‍♀️", "1️⃣", "✨", "❤"]
        {
            assert_eq!(at_start(&format!("{emoji}x")), Some(emoji.len()), "{emoji}");
        }
        for text in ["a", "1", "#", "©", "🇨", "я", "", "—", "☺"] {
            assert_eq!(at_start(text), None, "{text}");
        }
    }

    #[test]
    fn pictures_are_named_by_bytes() {
        assert_eq!(picture("👀"), "F09F9180");
        assert_eq!(picture("⌚️"), "E28C9A");
        assert_eq!(picture("🇨🇳"), "F09F87A8F09F87B3");
    }
}
