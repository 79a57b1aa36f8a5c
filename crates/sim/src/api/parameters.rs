//! The parameters of one call, whatever encoding they came in: names and texts, plus files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::api::ApiError;
use crate::world::{World, calls, told};

/// A file that came with a call. Its type is taken from its name, as Telegram does, not from the part.
#[derive(Debug, Clone)]
pub(crate) struct UploadedFile {
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
}

/// Names with their values as text; objects and arrays are JSON text. `Debug` shows the names, for a value may be a secret.
#[derive(Clone, Default)]
pub(crate) struct Parameters {
    fields: Vec<(String, String)>,
    files: BTreeMap<String, UploadedFile>,
    /// The names of those that are not UTF-8.
    garbled: BTreeSet<String>,
}

impl fmt::Debug for Parameters {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.names()).finish()
    }
}

impl Parameters {
    /// Adds a parameter. If a name comes twice, the first one counts.
    pub(crate) fn add(&mut self, name: String, value: String) {
        self.fields.push((name, value));
    }

    /// Adds a file.
    pub(crate) fn add_file(&mut self, name: String, file: UploadedFile) {
        self.files.entry(name).or_insert(file);
    }

    /// Adds a parameter that may not be UTF-8.
    pub(crate) fn add_bytes(&mut self, name: String, value: Vec<u8>) {
        match String::from_utf8(value) {
            Ok(text) => self.add(name, text),
            Err(error) => self.add_garbled(name, String::from_utf8_lossy(error.as_bytes()).into_owned()),
        }
    }

    /// Adds what can be shown of a parameter that is not UTF-8.
    pub(crate) fn add_garbled(&mut self, name: String, shown: String) {
        if !self.has(&name) {
            self.garbled.insert(name.clone());
        }
        self.add(name, shown);
    }

    /// Whether a parameter came that is not UTF-8.
    pub(crate) fn is_garbled(&self, name: &str) -> bool {
        self.garbled.contains(name)
    }

    /// Takes a parameter out; empty if it is absent.
    pub(crate) fn take(&mut self, name: &str) -> String {
        let index = self.fields.iter().position(|(field, _)| field == name);
        index.map(|index| self.fields.remove(index).1).unwrap_or_default()
    }

    /// A parameter's text, empty if it is absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Whether a parameter came, even if it is empty.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// A parameter's text, if there is any.
    pub(crate) fn non_empty(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// A parameter as a number, read by its leading digits; nothing if it is absent.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.non_empty(name).map(leading_number)
    }

    /// A parameter as a flag: `true`, `yes` and `1` are true.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.text(name).trim().to_ascii_lowercase().as_str(), "true" | "yes" | "1")
    }

    /// A parameter as JSON; `None` if absent, an error if it cannot be parsed.
    pub(crate) fn json(&self, name: &str, wrong: &str) -> Result<Option<Value>, ApiError> {
        let parse = |text| serde_json::from_str(text).map_err(|_| ApiError::bad_request(wrong));
        self.non_empty(name).map(parse).transpose()
    }

    /// The file of a part.
    pub(crate) fn file(&self, name: &str) -> Option<&UploadedFile> {
        self.files.get(name)
    }

    /// How many files came, and their bytes together.
    pub(crate) fn uploaded(&self) -> (usize, usize) {
        (self.files.len(), self.files.values().map(|file| file.bytes.len()).sum())
    }

    /// Whether a file came because another parameter names it.
    pub(crate) fn is_attached(&self, name: &str) -> bool {
        let reference = format!("attach://{name}");
        self.files.contains_key(name) && self.fields.iter().any(|(_, value)| value.contains(&reference))
    }

    /// All names that came, files included.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str()).chain(self.files.keys().map(String::as_str))
    }

    /// Whether a parameter asks for something: `false`, `0` and nothing do not.
    pub(crate) fn asks_for(&self, name: &str) -> bool {
        self.files.contains_key(name) || !matches!(self.text(name), "" | "false" | "0" | "[]" | "{}")
    }

    /// For the call log: JSON again where it is JSON, of files only name and size, of secrets nothing.
    pub(crate) fn logged(&self, world: &World) -> Map<String, Value> {
        let mut object = Map::new();
        for (name, value) in &self.fields {
            object.entry(world.told(name)).or_insert_with(|| match name.as_str() {
                "secret_token" if !value.is_empty() => told::SECRET.into(),
                _ => match serde_json::from_str(value) {
                    Ok(structured @ (Value::Object(_) | Value::Array(_))) => world.told_value(structured),
                    // Before it is cut, or else a part of a token might stay.
                    _ => calls::shortened(&world.told(value)).into(),
                },
            });
        }
        for (name, file) in &self.files {
            let about = json!({ "file_name": world.told(&file.name), "size": file.bytes.len() });
            object.entry(world.told(name)).or_insert(about);
        }
        object
    }
}

/// The number that a text begins with, as Telegram's server reads all of them: `10.0` is 10, and what has no digits is 0.
pub(super) fn leading_number(text: &str) -> i64 {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let digits = &digits[..digits.bytes().take_while(u8::is_ascii_digit).count()];
    let sign = if text.starts_with('-') { -1 } else { 1 };
    digits
        .bytes()
        .fold(0, |number: i64, digit| number.saturating_mul(10).saturating_add(sign * i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_a_text_begins_with() {
        for (text, number) in [
            ("1001", 1001),
            ("-1001.9", -1001),
            ("5 000", 5),
            ("", 0),
            ("-", 0),
            ("+1", 0),
            (" 1", 0),
            ("99999999999999999999", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(leading_number(text), number, "{text:?}");
        }
    }
}
