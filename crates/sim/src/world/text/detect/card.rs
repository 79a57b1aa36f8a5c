//! Numbers of bank cards: 13 to 19 digits with a right check digit and a length that their issuer gives out.

use super::Found;
use super::characters::is_letter;
use crate::control::EntityKind;

pub(super) fn numbers(text: &str, found: &mut Found) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(skipped) = bytes[at..].iter().position(u8::is_ascii_digit) {
        let start = at + skipped;
        let before = text[..start].chars().next_back();
        if before.is_some_and(|before| matches!(before, '.' | ',' | '+' | '-' | '_') || is_letter(before)) {
            at = start + run(&bytes[start..]);
            continue;
        }
        let (length, digits) = candidate(&bytes[start..]);
        at = start + length;
        if !(13..=19).contains(&digits) {
            continue;
        }
        let end = start + text[start..at].trim_end_matches([' ', '-']).len();
        let next = text[end..].chars().next();
        let is_glued = next.is_some_and(|next| matches!(next, '-' | '_') || is_letter(next));
        if end - start < 2 * digits && !is_glued && is_card(&bytes[start..end]) {
            found.push((start..end, EntityKind::BankCardNumber));
        }
    }
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b' ' | b'-')
}

fn run(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| is_part(**byte)).count()
}

/// How many bytes and digits belong together. A number without gaps ends at the first blank.
fn candidate(bytes: &[u8]) -> (usize, usize) {
    let mut digits = 0;
    for (length, byte) in bytes.iter().enumerate() {
        let is_whole = *byte == b' ' && digits == length && (16..=19).contains(&digits);
        if !is_part(*byte) || is_whole {
            return (length, digits);
        }
        digits += usize::from(byte.is_ascii_digit());
    }
    (bytes.len(), digits)
}

fn is_card(number: &[u8]) -> bool {
    let digits: Vec<u32> =
        number.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0')).collect();
    let luhn = digits.iter().rev().enumerate().map(|(index, digit)| match (index % 2, digit) {
        (0, digit) => *digit,
        (_, digit @ ..5) => 2 * digit,
        (_, digit) => 2 * digit - 9,
    });
    if luhn.sum::<u32>() % 10 != 0 {
        return false;
    }
    let prefix = |length: usize| digits[..length].iter().fold(0, |number, digit| 10 * number + digit);
    let length = digits.len();
    match (prefix(1), prefix(2), prefix(4)) {
        (4, ..) => matches!(length, 13 | 16 | 18 | 19),
        (_, 51..=55, _) | (_, _, 2221..=2720) => length == 16,
        (_, 34 | 37, _) => length == 15,
        (_, 62 | 81, _) => length >= 16,
        (_, _, 2200..=2204) => length == 16,
        _ => true,
    }
}
