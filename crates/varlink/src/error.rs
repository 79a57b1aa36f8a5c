//! Varlink errors: those that every service may answer with, and the form in which an interface's own are sent.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// An enum of typed errors that can be sent as an answer: `#[serde(tag = "error", content = "parameters")]`, each variant
/// renamed to its fully qualified name. That is exactly what a Varlink error reply looks like.
pub trait ErrorReply: Serialize {}

/// The errors of `org.varlink.service`, which any call may be answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", content = "parameters")]
pub enum ServiceError {
    /// The service does not offer this interface.
    #[error("no interface {interface}")]
    #[serde(rename = "org.varlink.service.InterfaceNotFound")]
    InterfaceNotFound {
        /// The interface asked for.
        interface: String,
    },
    /// The interface has no such method.
    #[error("no method {method}")]
    #[serde(rename = "org.varlink.service.MethodNotFound")]
    MethodNotFound {
        /// The method's full name.
        method: String,
    },
    /// The interface has the method, but this service does not offer it.
    #[error("method {method} is not implemented")]
    #[serde(rename = "org.varlink.service.MethodNotImplemented")]
    MethodNotImplemented {
        /// The method's full name.
        method: String,
    },
    /// A parameter is missing, superfluous or of the wrong type.
    #[error("invalid parameter {parameter}")]
    #[serde(rename = "org.varlink.service.InvalidParameter")]
    InvalidParameter {
        /// Its name, as a path such as `author.id` or `updates[3].id`; `parameters` where none can be blamed.
        parameter: String,
    },
    /// The caller may not do this.
    #[error("permission denied")]
    #[serde(rename = "org.varlink.service.PermissionDenied")]
    PermissionDenied {},
    /// The method answers with a stream: call it with `more`.
    #[error("the method is to be called with more")]
    #[serde(rename = "org.varlink.service.ExpectedMore")]
    ExpectedMore {},
}

impl ErrorReply for ServiceError {}

/// What our wire adds: errors about messages that were too long. No interface declares them; a foreign client sees their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "error", content = "parameters")]
pub(crate) enum WireError {
    /// The request was not looked at. The connection is closed after this.
    #[serde(rename = "io.natrium.Wire.RequestTooLarge")]
    RequestTooLarge { limit: usize },
    /// The call was carried out, but its reply is longer than the server sends.
    #[serde(rename = "io.natrium.Wire.ReplyTooLarge")]
    ReplyTooLarge { limit: usize },
}

impl WireError {
    pub(crate) const PREFIX: &str = "io.natrium.Wire.";
}

impl ErrorReply for WireError {}

/// A typed Varlink error, ready to be sent.
#[derive(Debug, Clone)]
pub struct Failure(Box<RawValue>);

impl Failure {
    /// The message as it is sent.
    pub(crate) fn message(&self) -> &RawValue {
        &self.0
    }

    /// The error's fully qualified name; empty if whoever made it does not keep to the form of [`ErrorReply`].
    pub fn name(&self) -> String {
        #[derive(Deserialize)]
        struct Head {
            error: String,
        }
        serde_json::from_str::<Head>(self.0.get()).map(|head| head.error).unwrap_or_default()
    }
}

impl<E: ErrorReply> From<E> for Failure {
    fn from(error: E) -> Self {
        match serde_json::value::to_raw_value(&error) {
            Ok(message) => Self(message),
            // Only an error type with a map of non-string keys or a failing Serialize gets here: a bug of that type, which
            // must not take the caller's answer away.
            Err(reason) => {
                tracing::error!(error_type = std::any::type_name::<E>(), %reason, "typed error has no JSON form");
                ServiceError::MethodNotImplemented { method: String::new() }.into()
            }
        }
    }
}
