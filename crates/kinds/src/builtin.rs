//! The kinds that ship with the program.

use std::sync::Arc;

use crate::{Kind, Rules};

/// The names of the kinds that [`builtin`] knows.
pub const BUILTIN: [&str; 2] = ["fees", "rates"];

/// A kind that ships with the program, with its usual file name.
pub fn builtin(name: &str) -> Option<Kind> {
    let (file, schema, rules) = match name {
        "fees" => ("fees.yml", include_str!("../schemas/fees.schema.json"), Rules::Fees),
        "rates" => ("rates.yml", include_str!("../schemas/rates.schema.json"), Rules::Rates),
        _ => return None,
    };
    Some(Kind { name: name.to_owned(), file: file.to_owned(), schema: Arc::from(schema), rules: Some(rules) })
}

/// A complete file of a kind that ships with the program, with comments, to start from.
pub fn sample(name: &str) -> Option<&'static str> {
    match name {
        "fees" => Some(include_str!("../samples/fees.yml")),
        "rates" => Some(include_str!("../samples/rates.yml")),
        _ => None,
    }
}
