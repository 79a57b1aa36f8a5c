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
        let head: Head<'_> =
            serde_json::from_slice(&message).map_err(|_| invalid(blame::<Head<'_>>(&message, "message")))?;
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
