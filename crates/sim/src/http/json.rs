//! Reads the parameters of a call from a JSON body. It knows nothing of HTTP.
//!
//! As on Telegram's server, all that comes before a mistake counts, and nobody is told of the mistake. A string that is not
//! UTF-8, such as half of a surrogate pair (which JavaScript writes if it cuts an emoji in two), is none: it stands beside the others,
//! and whoever reads it refuses it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, MapAccess, Visitor};
use serde::{Deserializer, de};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::api::Parameters;

/// Adds the members of an object, and says whether the body was one.
pub(super) fn add(parameters: &mut Parameters, body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let is_utf8 = matches!(text, Cow::Borrowed(_));
    let mut json = serde_json::Deserializer::from_str(&text);
    json.deserialize_map(Members { parameters, is_utf8 }).and_then(|()| json.end()).is_ok()
}

struct Members<'a> {
    parameters: &'a mut Parameters,
    is_utf8: bool,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with the parameters")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<(), M::Error> {
        while let Some(Unescaped(name)) = map.next_key()? {
            let value: &RawValue = map.next_value()?;
            self.add(String::from_utf8_lossy(&name).into_owned(), value.get()).map_err(de::Error::custom)?;
        }
        Ok(())
    }
}

impl Members<'_> {
    /// Adds a member: of a string its text, of anything else its JSON. `null` is as good as absent.
    fn add(&mut self, name: String, raw: &str) -> serde_json::Result<()> {
        let was_utf8 = self.is_utf8 || !raw.contains(char::REPLACEMENT_CHARACTER);
        if raw.starts_with('"') {
            let Unescaped(bytes) = serde_json::from_str(raw)?;
            match String::from_utf8(bytes) {
                Ok(text) if was_utf8 => self.parameters.add(name, text),
                Ok(text) => self.parameters.add_garbled(name, text),
                Err(error) => self.parameters.add_bytes(name, error.into_bytes()),
            }
            return Ok(());
        }
        match serde_json::from_str(raw) {
            Ok(Value::Null) => {}
            Ok(value) if was_utf8 => self.parameters.add(name, value.to_string()),
            // Its form is right, or it would have been no raw value; what is left are halves of surrogate pairs.
            Err(_) if !raw.contains("\\u") => self.parameters.add(name, raw.to_owned()),
            _ => self.parameters.add_garbled(name, raw.to_owned()),
        }
        Ok(())
    }
}

/// The bytes of a JSON string.
struct Unescaped(Vec<u8>);

impl<'de> Deserialize<'de> for Unescaped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Unescaped;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Unescaped, E> {
                Ok(Unescaped(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
