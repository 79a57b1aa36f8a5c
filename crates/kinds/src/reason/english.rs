//! Reasons in English.

use yaml::Place;

use super::{Found, Reason, Type};
use crate::Breach;

pub(super) fn sentence(reason: &Reason) -> String {
    match reason {
        Reason::Yaml(fault) => fault.to_string(),
        Reason::WrongType { expected, found, quoted } => {
            let advice = if *quoted { "; remove the quotes" } else { "" };
            format!(
                "must be {}, found {}{advice}",
                alternatives(expected.iter().map(|kind| type_name(*kind))),
                shown(found)
            )
        }
        Reason::Missing { key } => format!("the key `{key}` is missing"),
        Reason::UnknownKey { key, suggestion: Some(suggestion), .. } => {
            format!("unknown key `{key}`; did you mean `{suggestion}`?")
        }
        Reason::UnknownKey { key, known, .. } if known.is_empty() => {
            format!("unknown key `{key}`; no key is expected here")
        }
        Reason::UnknownKey { key, known, .. } => format!("unknown key `{key}`; known are {}", quoted(known)),
        Reason::BadKey { key } => format!("the key `{key}` does not have the form that keys must have here"),
        Reason::NotOneOf { allowed, found, suggestion } => {
            let question = suggestion.as_ref().map(|word| format!("; did you mean `{word}`?")).unwrap_or_default();
            format!(
                "must be {}, found {}{question}",
                alternatives(allowed.iter().map(|word| format!("`{word}`"))),
                shown(found)
            )
        }
        Reason::TooSmall { limit, inclusive: true, found } => {
            format!("must be at least {limit}, found {}", shown(found))
        }
        Reason::TooSmall { limit, found, .. } => format!("must be more than {limit}, found {}", shown(found)),
        Reason::TooLarge { limit, inclusive: true, found } => {
            format!("must be at most {limit}, found {}", shown(found))
        }
        Reason::TooLarge { limit, found, .. } => format!("must be less than {limit}, found {}", shown(found)),
        Reason::NotMultiple { of, found } => format!("must be a multiple of {of}, found {}", shown(found)),
        Reason::TooShort { limit: 1, .. } => "must not be empty".to_owned(),
        Reason::TooShort { limit, found } => format!("must have at least {limit} characters, found {}", shown(found)),
        Reason::TooLong { limit, length } => format!("must have at most {}, has {length}", count(*limit, "character")),
        Reason::TooFewItems { limit: 1, count: 0 } => "the list must not be empty".to_owned(),
        Reason::TooFewItems { limit, count: has } => format!("must have at least {}, has {has}", count(*limit, "item")),
        Reason::TooManyItems { limit, count: has } => format!("must have at most {}, has {has}", count(*limit, "item")),
        Reason::TooFewKeys { limit, count: has } => format!("must have at least {}, has {has}", count(*limit, "key")),
        Reason::TooManyKeys { limit, count: has } => format!("must have at most {}, has {has}", count(*limit, "key")),
        Reason::WrongForm { example: Some(example), found, .. } => {
            format!("does not have the form expected, such as `{example}`; found {}", shown(found))
        }
        Reason::WrongForm { pattern, found, .. } => {
            format!("must match the pattern `{pattern}`, found {}", shown(found))
        }
        Reason::WrongFormat { format, found } => format!("must be a valid {format}, found {}", shown(found)),
        Reason::RepeatedItem { first } => format!("repeats the item at {}", place(*first)),
        Reason::Lacks => "lacks an item that must be there".to_owned(),
        Reason::FitsNone => "has none of the forms that are allowed here".to_owned(),
        Reason::FitsSeveral => "has several forms of which only one is allowed".to_owned(),
        Reason::Forbidden => "is not allowed here".to_owned(),
        Reason::Unchecked { detail } => format!("could not be checked: {detail}"),
        Reason::Breach(breach) => breach_sentence(breach),
        Reason::Schema(detail) => format!("the schema of this kind cannot be used: {detail}"),
        Reason::More { count } => format!("… and {count} more"),
    }
}

fn breach_sentence(breach: &Breach) -> String {
    match breach {
        Breach::NotDecimal { found } => format!("must be a plain decimal number, found `{found}`"),
        Breach::TooFine { places, found } => {
            format!("must have at most {places} digits after the point, found {found}")
        }
        Breach::EmptyBracket { from, to } => {
            format!("the bracket ends at {to} but starts at {from}; `to` must be larger")
        }
        Breach::NotFromZero { currency, from } => {
            format!("the lowest bracket of {currency} must start at 0, found {from}; smaller amounts would have no fee")
        }
        Breach::Overlap { currency, from, other_to: Some(to), other } => {
            format!("{currency} amounts from {from} belong to the bracket at {} too, which ends at {to}", place(*other))
        }
        Breach::Overlap { currency, from, other_to: None, other } => format!(
            "{currency} amounts from {from} belong to the bracket at {} too, which has no `to`; only the last one may have none",
            place(*other)
        ),
        Breach::Gap { currency, from, to, other } => format!(
            "{currency} amounts from {from} up to {to} have no fee: the bracket before, at {}, ends at {from}",
            place(*other)
        ),
        Breach::NotOpenEnded { currency, to } => {
            format!("the last bracket of {currency} must have no `to`; amounts from {to} would have no fee")
        }
        Breach::BaseAgain { currency } => format!("{currency} is the base currency; it has no rate against itself"),
        Breach::RepeatedPair { currency, first } => {
            format!("{currency} is there twice; the first one is at {}", place(*first))
        }
        Breach::NoRate => "needs `rate`, or `bid` and `ask`".to_owned(),
        Breach::RateTwice => "has `rate` as well as `bid` and `ask`; remove one or the other".to_owned(),
        Breach::Crossed { bid, ask } => format!("`bid` ({bid}) must not be above `ask` ({ask})"),
        Breach::WideSpread { bid, ask } => format!("`ask` ({ask}) is more than twice `bid` ({bid}); is a digit wrong?"),
    }
}

pub(super) fn place(place: Place) -> String {
    format!("line {}", place.line)
}

fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Null => "empty",
        Type::Boolean => "true or false",
        Type::Integer => "a whole number",
        Type::Number => "a number",
        Type::Text => "text",
        Type::List => "a list",
        Type::Mapping => "keys with values",
    }
}

fn shown(found: &Found) -> String {
    match found {
        Found::Nothing => "nothing".to_owned(),
        Found::Boolean(value) => value.to_string(),
        Found::Number(number) => number.clone(),
        Found::Text(text) => format!("the text {text:?}"),
        Found::List => "a list".to_owned(),
        Found::Mapping => "keys with values".to_owned(),
    }
}

fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn alternatives(words: impl Iterator<Item = impl ToString>) -> String {
    let words: Vec<_> = words.map(|word| word.to_string()).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}
