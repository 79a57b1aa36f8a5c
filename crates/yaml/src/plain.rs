//! What a plain (unquoted) scalar means, and whether every YAML program agrees.
//!
//! The meaning is that of the YAML 1.2 core schema. What the resolver of YAML 1.1 (as PyYAML 6 and libraries after it
//! implement it) reads differently is refused: the bots that read the published files are written in Python.
//! Sources: YAML 1.2.2 section 10.3, the YAML 1.1 type repository, PyYAML's `resolver.py`.

use thiserror::Error;

/// What a plain scalar means to every program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Plain {
    Null,
    Boolean(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text,
}

/// Why a plain scalar is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Reading {
    /// `yes`, `off`, `n`.
    #[error(
        "is read as true or false by some programs and as text by others; put it in quotes, or write true or false"
    )]
    Boolean,
    /// `010`, `0o10`, `08`.
    #[error("is read as an octal number by some programs; remove the leading zero, or put it in quotes")]
    Octal,
    /// `0b11`.
    #[error("is read as a binary number by some programs and as text by others; put it in quotes")]
    Binary,
    /// `1:30`.
    #[error("is read as a number to base 60 by some programs and as text by others; put it in quotes")]
    Sexagesimal,
    /// `1_000`.
    #[error("is read as a number by some programs and as text by others; remove the underscores, or put it in quotes")]
    Underscore,
    /// `1e5`, `1.5e5`.
    #[error("is read as a number by some programs and as text by others; write it out, or put it in quotes")]
    Exponent,
    /// `-.5`, `-0x1F` and the like.
    #[error(
        "is read as a number by some programs and as text by others; write it in the usual way, or put it in quotes"
    )]
    Number,
    /// `2025-01-31`.
    #[error("is read as a date by some programs and as text by others; put it in quotes")]
    Date,
    /// `.inf`, `.nan`.
    #[error("is not an ordinary number; put it in quotes if it is meant as text")]
    NotFinite,
    /// More digits than every program can hold.
    #[error("is a larger number than every program can hold; put it in quotes if it is meant as text")]
    TooLarge,
    /// `=`, `<<`.
    #[error("has a special meaning in some programs; put it in quotes")]
    Special,
}

/// Resolves the text of a plain scalar.
pub(crate) fn resolve(text: &str) -> Result<Plain, Reading> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Plain::Null),
        "true" | "True" | "TRUE" => return Ok(Plain::Boolean(true)),
        "false" | "False" | "FALSE" => return Ok(Plain::Boolean(false)),
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF" | "y" | "Y" | "n"
        | "N" => {
            return Err(Reading::Boolean);
        }
        "=" | "<<" => return Err(Reading::Special),
        _ => {}
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return Err(Reading::NotFinite);
    }
    // Nothing else that any resolver takes for more than text starts with another character.
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return Ok(Plain::Text);
    }
    if is_date(text) {
        return Err(Reading::Date);
    }
    if is_sexagesimal(unsigned) {
        return Err(Reading::Sexagesimal);
    }
    if let Some(digits) = unsigned.strip_prefix('0').filter(|rest| rest.len() > 1 && rest.starts_with(['b', 'o', 'x']))
    {
        return radix(text, unsigned, digits);
    }
    decimal(text, unsigned)
}

/// `0x1F`, `0o17`, `0b11`; `digits` is what follows the zero.
fn radix(text: &str, unsigned: &str, digits: &str) -> Result<Plain, Reading> {
    let (kind, digits) = digits.split_at(1);
    let (base, fault) = match kind {
        "x" => (16, Reading::Number),
        "o" => (8, Reading::Octal),
        _ => (2, Reading::Binary),
    };
    if !digits.chars().all(|digit| digit.is_digit(base) || digit == '_') {
        return Ok(Plain::Text);
    }
    if base != 16 || unsigned.len() != text.len() || digits.contains('_') {
        return Err(fault);
    }
    u64::from_str_radix(digits, 16).map(Plain::Unsigned).map_err(|_| Reading::TooLarge)
}

/// Everything that consists of decimal digits, `.`, `_` and an exponent.
fn decimal(text: &str, unsigned: &str) -> Result<Plain, Reading> {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let exponent_digits = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    let number = digits(whole)
        && fraction.is_none_or(digits)
        && exponent_digits.is_none_or(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        && mantissa.bytes().any(|byte| byte.is_ascii_digit());
    if !number {
        return Ok(Plain::Text);
    }
    if mantissa.contains('_') {
        return Err(Reading::Underscore);
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Err(Reading::Octal);
    }
    // YAML 1.1 wants a `.` before an exponent and a sign in it, and no sign before a bare `.`.
    if exponent.is_some_and(|exponent| fraction.is_none() || !exponent.starts_with(['+', '-'])) {
        return Err(Reading::Exponent);
    }
    if whole.is_empty() && unsigned.len() != text.len() {
        return Err(Reading::Number);
    }
    if fraction.is_some() {
        let float: f64 = text.parse().map_err(|_| Reading::Number)?;
        return if float.is_finite() { Ok(Plain::Float(float)) } else { Err(Reading::TooLarge) };
    }
    if text.starts_with('-') {
        return text.parse().map(Plain::Negative).map_err(|_| Reading::TooLarge);
    }
    unsigned.parse().map(Plain::Unsigned).map_err(|_| Reading::TooLarge)
}

/// `190:20:30`, `1:30.5`: digits, then groups of one or two digits after colons.
fn is_sexagesimal(unsigned: &str) -> bool {
    let Some((first, rest)) = unsigned.split_once(':') else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let groups = rest
        .split_once('.')
        .map_or(rest, |(groups, fraction)| if digits(fraction) || fraction.is_empty() { groups } else { "" });
    digits(first) && groups.split(':').all(|group| digits(group) && group.len() <= 2)
}

/// `2025-01-31`, with or without a time after it.
fn is_date(text: &str) -> bool {
    let mut rest = text;
    for (index, longest) in [4, 2, 2].into_iter().enumerate() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > longest || (index == 0 && digits != longest) {
            return false;
        }
        rest = rest.get(digits..).unwrap_or_default();
        if index < 2 {
            let Some(after) = rest.strip_prefix('-') else { return false };
            rest = after;
        }
    }
    rest.is_empty()
        || (rest.starts_with(['T', 't', ' ', '\t'])
            && rest.trim_start_matches(['T', 't', ' ', '\t']).starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_programs_read_alike_is_accepted() {
        let accepted = [
            ("0", Plain::Unsigned(0)),
            ("42", Plain::Unsigned(42)),
            ("+42", Plain::Unsigned(42)),
            ("-7", Plain::Negative(-7)),
            ("18446744073709551615", Plain::Unsigned(u64::MAX)),
            ("0x1F", Plain::Unsigned(31)),
            ("0.25", Plain::Float(0.25)),
            ("-0.25", Plain::Float(-0.25)),
            (".5", Plain::Float(0.5)),
            ("5.", Plain::Float(5.0)),
            ("1.5e+3", Plain::Float(1500.0)),
            ("~", Plain::Null),
            ("True", Plain::Boolean(true)),
        ];
        for (text, meaning) in accepted {
            assert_eq!(resolve(text), Ok(meaning), "{text}");
        }
        let texts = [
            "EUR",
            "ten",
            "1.2.3",
            "1:2:",
            "12:345",
            "2025-01",
            "20:0x",
            "10%",
            "0x",
            "0xZZ",
            "0b12",
            "e5",
            "1e",
            "._",
            ".",
            "-",
            "+",
            "--1",
            "127.0.0.1",
            "123:AAF",
            "nO",
            "tRUE",
            "inf",
            "nan",
            "-inf",
            "2025-13",
            "1 000",
            "0o9",
            "1,5",
            "...",
        ];
        for text in texts {
            assert_eq!(resolve(text), Ok(Plain::Text), "{text}");
        }
    }

    #[test]
    fn what_programs_read_differently_is_refused() {
        let refused = [
            ("no", Reading::Boolean),
            ("On", Reading::Boolean),
            ("y", Reading::Boolean),
            ("010", Reading::Octal),
            ("-08", Reading::Octal),
            ("007.5", Reading::Octal),
            ("0o17", Reading::Octal),
            ("0b11", Reading::Binary),
            ("1:30", Reading::Sexagesimal),
            ("-190:20:30.5", Reading::Sexagesimal),
            ("1_000", Reading::Underscore),
            ("0x_1", Reading::Number),
            ("-0x1F", Reading::Number),
            ("-.5", Reading::Number),
            ("1e5", Reading::Exponent),
            ("1.5e3", Reading::Exponent),
            ("2025-01-31", Reading::Date),
            ("2025-1-3T10:00:00Z", Reading::Date),
            (".inf", Reading::NotFinite),
            ("-.INF", Reading::NotFinite),
            (".NaN", Reading::NotFinite),
            ("18446744073709551616", Reading::TooLarge),
            ("-9223372036854775809", Reading::TooLarge),
            ("1.0e+999", Reading::TooLarge),
            ("=", Reading::Special),
        ];
        for (text, reading) in refused {
            assert_eq!(resolve(text), Err(reading), "{text}");
        }
    }
}
