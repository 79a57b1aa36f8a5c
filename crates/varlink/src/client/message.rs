//! How calls are written and replies read.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{CallError, Direction};
use crate::error::WireError;
use crate::frame::{self, EncodeError};

#[derive(Serialize)]
struct Request<'a, P: ?Sized> {
    method: &'a str,
    parameters: &'a P,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    more: bool,
}

/// Writes a call down, with its NUL.
pub(super) fn request<P, E>(method: &str, parameters: &P, more: bool, limit: usize) -> Result<Bytes, CallError<E>>
where
    P: Serialize + ?Sized,
{
    let mut buffer = BytesMut::new();
    match frame::encode(&Request { method, parameters, more }, &mut buffer, limit) {
        Ok(()) => Ok(buffer.freeze()),
        Err(EncodeError::TooLong { limit }) => Err(CallError::TooLarge { which: Direction::Request, limit }),
        Err(EncodeError::Json(error)) => Err(CallError::Malformed(error)),
    }
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default)]
    parameters: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<Cow<'a, str>>,
    #[serde(default)]
    continues: Option<bool>,
}

/// What a reply says, and whether more follow. The outer error means that not even that can be known.
pub(super) type Read<R, E> = Result<(Result<R, CallError<E>>, bool), serde_json::Error>;

/// Reads a reply.
pub(super) fn reply<R: DeserializeOwned, E: DeserializeOwned>(message: &[u8]) -> Read<R, E> {
    let head: Head<'_> = serde_json::from_slice(message)?;
    let parameters = head.parameters.map(RawValue::get).filter(|raw| *raw != "null").unwrap_or("{}");
    let Some(name) = head.error else {
        let result = serde_json::from_str(parameters).map_err(CallError::Malformed);
        return Ok((result, head.continues.unwrap_or(false)));
    };
    Ok((Err(error(&name, parameters)), false))
}

fn error<E: DeserializeOwned>(name: &str, parameters: &str) -> CallError<E> {
    // Written anew, since some leave empty parameters out and our enums expect them.
    #[derive(Serialize)]
    struct Whole<'a> {
        error: &'a str,
        parameters: &'a RawValue,
    }
    let parse = || -> serde_json::Result<CallError<E>> {
        let parameters: &RawValue = serde_json::from_str(parameters)?;
        let whole = serde_json::to_string(&Whole { error: name, parameters })?;
        if name.starts_with(WireError::PREFIX) {
            return Ok(match serde_json::from_str(&whole)? {
                WireError::RequestTooLarge { limit } => CallError::TooLarge { which: Direction::Request, limit },
                WireError::ReplyTooLarge { limit } => CallError::TooLarge { which: Direction::Reply, limit },
            });
        }
        if name.starts_with("org.varlink.service.") {
            return Ok(CallError::Service(serde_json::from_str(&whole)?));
        }
        Ok(CallError::Reply(serde_json::from_str(&whole)?))
    };
    parse().unwrap_or_else(CallError::Malformed)
}

/// The error for a reply that breaks the protocol rather than JSON.
pub(super) fn protocol_error(text: &str) -> serde_json::Error {
    serde_json::Error::custom(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::{Value, json};

    use super::*;
    use crate::ServiceError;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "error", content = "parameters")]
    enum Typed {
        #[serde(rename = "a.b.Full")]
        Full { limit: u32 },
        #[serde(rename = "a.b.Empty")]
        Empty {},
    }

    fn read(message: Value) -> Result<Value, CallError<Typed>> {
        reply(message.to_string().as_bytes()).unwrap().0
    }

    #[test]
    fn errors_are_told_apart_by_their_names() {
        assert!(matches!(
            read(json!({ "error": "a.b.Full", "parameters": { "limit": 3 } })),
            Err(CallError::Reply(Typed::Full { limit: 3 }))
        ));
        assert!(matches!(
            read(json!({ "parameters": { "parameter": "x" }, "error": "org.varlink.service.InvalidParameter" })),
            Err(CallError::Service(ServiceError::InvalidParameter { parameter })) if parameter == "x"
        ));
        assert!(matches!(
            read(json!({ "error": "io.natrium.Wire.ReplyTooLarge", "parameters": { "limit": 9 } })),
            Err(CallError::TooLarge { which: Direction::Reply, limit: 9 })
        ));
    }

    #[test]
    fn empty_parameters_may_be_left_out() {
        for parameters in [json!(null), json!({})] {
            let message = json!({ "error": "a.b.Empty", "parameters": parameters });
            assert!(matches!(read(message), Err(CallError::Reply(Typed::Empty {}))));
            let message = json!({ "error": "org.varlink.service.PermissionDenied", "parameters": parameters });
            assert!(matches!(read(message), Err(CallError::Service(ServiceError::PermissionDenied {}))));
            assert_eq!(read(json!({ "parameters": parameters })).unwrap(), json!({}));
        }
        assert!(matches!(read(json!({ "error": "a.b.Empty" })), Err(CallError::Reply(Typed::Empty {}))));
        assert_eq!(read(json!({})).unwrap(), json!({}));
    }

    #[test]
    fn unknown_errors_are_malformed_and_say_their_name() {
        for name in ["a.b.Other", "org.varlink.service.Other", "io.natrium.Wire.Other"] {
            let Err(CallError::Malformed(error)) = read(json!({ "error": name })) else { panic!("{name}") };
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
