//! One call as the caller sent it. Knows how a call is written, nothing of connections.

use std::borrow::Cow;
use std::ops::Range;

use bytes::BytesMut;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{Failure, ServiceError};

/// A call under way. It keeps the message it came in, and parses the parameters where they lie.
#[derive(Debug)]
pub struct Call {
    message: BytesMut,
    parameters: Option<Range<usize>>,
    method: String,
    /// Where the bare method name starts in `method`.
    bare: usize,
    more: bool,
    oneway: bool,
    upgrade: bool,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow, default)]
    parameters: Option<&'a RawValue>,
    #[serde(default)]
    more: Option<bool>,
    #[serde(default)]
    oneway: Option<bool>,
    #[serde(default)]
    upgrade: Option<bool>,
}

impl Call {
    /// Reads a call from a message, the NUL left off.
    ///
    /// # Errors
    /// `InvalidParameter` naming the member of the message that is at fault; `message` if it is not a JSON object at all.
    pub fn from_message(message: BytesMut) -> Result<Self, ServiceError> {
        if first_byte(&message) != Some(b'{') {
            return Err(invalid("message".to_owned()));
        }
        // All of it has to be text, also what is ignored below.
        let text = std::str::from_utf8(&message).map_err(|_| invalid("message".to_owned()))?;
        let head: Head<'_> = serde_json::from_str(text).map_err(|_| invalid(blame::<Head<'_>>(&message, "message")))?;
        let parameters = head.parameters.filter(|raw| raw.get() != "null").map(|raw| {
            // The raw value borrows from the message, so its place in it is the distance of the two.
            let start = raw.get().as_ptr().addr() - message.as_ptr().addr();
            start..start + raw.get().len()
        });
        let bare = head.method.rfind('.').map_or(0, |dot| dot + 1);
        Ok(Self {
            parameters,
            method: head.method.into_owned(),
            bare,
            more: head.more.unwrap_or(false),
            oneway: head.oneway.unwrap_or(false),
            upgrade: head.upgrade.unwrap_or(false),
            message,
        })
    }

    /// The bare method name, without its interface.
    pub fn method(&self) -> &str {
        &self.method[self.bare..]
    }

    /// The full method name.
    pub fn full_method(&self) -> &str {
        &self.method
    }

    /// The interface's name; empty where the method was named without one.
    pub fn interface(&self) -> &str {
        &self.method[..self.bare.saturating_sub(1)]
    }

    /// The parameters; absent ones read as `{}`.
    ///
    /// # Errors
    /// `InvalidParameter` naming the parameter at fault.
    pub fn parameters<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let raw = self.parameters.clone().map_or(&b"{}"[..], |range| &self.message[range]);
        // A struct would also accept an array, by position; Varlink has only objects.
        if first_byte(raw) != Some(b'{') {
            return Err(invalid("parameters".to_owned()).into());
        }
        serde_json::from_slice(raw).map_err(|_| invalid(blame::<T>(raw, "parameters")).into())
    }

    /// Whether the caller is ready for several replies.
    pub fn wants_more(&self) -> bool {
        self.more
    }

    /// For methods that answer with a stream.
    ///
    /// # Errors
    /// `ExpectedMore` if the caller did not ask for `more`.
    pub fn require_more(&self) -> Result<(), Failure> {
        if self.more { Ok(()) } else { Err(ServiceError::ExpectedMore {}.into()) }
    }

    /// Whether the caller wants no answer at all.
    pub fn is_oneway(&self) -> bool {
        self.oneway
    }

    pub(crate) fn wants_upgrade(&self) -> bool {
        self.upgrade
    }
}

fn invalid(parameter: String) -> ServiceError {
    ServiceError::InvalidParameter { parameter }
}

fn first_byte(json: &[u8]) -> Option<u8> {
    json.trim_ascii_start().first().copied()
}

/// Which member of `json` keeps it from being a `T`. Parses once more, this time keeping track, so that good calls do not
/// pay for it.
fn blame<'de, T: Deserialize<'de>>(json: &'de [u8], nobody: &str) -> String {
    let mut json = serde_json::Deserializer::from_slice(json);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut json) else {
        return nobody.to_owned();
    };
    let path = error.path().to_string();
    let path = if path == "." { "" } else { &path };
    // A missing member is reported at the object that lacks it. serde names it in a text of fixed form.
    let text = error.inner().to_string();
    match text.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')) {
        Some((name, _)) if path.is_empty() => name.to_owned(),
        Some((name, _)) => format!("{path}.{name}"),
        None if path.is_empty() || error.inner().is_syntax() || error.inner().is_eof() => nobody.to_owned(),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn call(message: &str) -> Call {
        Call::from_message(BytesMut::from(message)).unwrap()
    }

    #[test]
    fn parameters_are_found_where_they_lie() {
        for (message, parameters) in [
            (r#"{"method":"a.b.C","parameters":{"x":1}}"#, json!({ "x": 1 })),
            (r#" { "parameters" : { "x" : "\u00e9\"" } , "method" : "a.b.C" } "#, json!({ "x": "é\"" })),
            (r#"{"method":"a.b.C","parameters":null}"#, json!({})),
            (r#"{"method":"a.b.C"}"#, json!({})),
        ] {
            let call = call(message);
            assert_eq!((call.interface(), call.method(), call.full_method()), ("a.b", "C", "a.b.C"));
            assert_eq!(call.parameters::<Value>().unwrap(), parameters);
            assert!(!call.wants_more() && !call.is_oneway() && !call.wants_upgrade());
        }
    }

    #[test]
    fn names_without_an_interface_have_none() {
        for (name, interface, bare) in [("", "", ""), ("C", "", "C"), (".C", "", "C"), ("a.", "a", "")] {
            let call = call(&json!({ "method": name }).to_string());
            assert_eq!((call.interface(), call.method()), (interface, bare));
        }
    }

    #[test]
    fn a_parameter_deep_inside_is_named_by_its_path() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "there to be parsed")]
        struct Outer {
            list: Vec<Inner>,
        }
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "there to be parsed")]
        struct Inner {
            n: u8,
        }
        for (parameters, at_fault) in [
            (json!({}), "list"),
            (json!({ "list": [{ "n": 1 }, { "n": 256 }] }), "list[1].n"),
            (json!({ "list": [{ "n": 1 }, {}] }), "list[1].n"),
            (json!({ "list": [{ "n": 1, "m": 2 }] }), "list[0].m"),
        ] {
            let call = call(&json!({ "method": "a.B", "parameters": parameters }).to_string());
            let failure = call.parameters::<Outer>().unwrap_err();
            let told: ServiceError = serde_json::from_str(failure.message().get()).unwrap();
            assert_eq!(told, invalid(at_fault.to_owned()), "{parameters}");
        }
    }

    proptest! {
        #[test]
        fn any_call_comes_back_as_it_was_written(method in "[a-z.]{0,12}\\PC?", text in any::<String>(), more: bool, oneway: bool) {
            let message = json!({ "method": method, "parameters": { "text": text }, "more": more, "oneway": oneway });
            let call = call(&message.to_string());
            prop_assert_eq!(call.full_method(), method);
            prop_assert_eq!(call.parameters::<Value>().unwrap(), json!({ "text": text }));
            prop_assert_eq!((call.wants_more(), call.is_oneway()), (more, oneway));
        }

        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Call::from_message(BytesMut::from(&bytes[..])).map(|call| call.parameters::<Value>());
        }
    }
}
