//! Why a call has no reply, told apart by what the caller may conclude from it.

use std::io;

use crate::ServiceError;

/// Which of the two messages of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// What was to be sent.
    Request,
    /// What was to be received.
    Reply,
}

impl std::fmt::Display for Direction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Reply => "reply",
        })
    }
}

/// Why a call has no reply. `E` are the typed errors of the interface.
#[derive(Debug, thiserror::Error)]
pub enum CallError<E> {
    /// The interface's typed error: an answer.
    #[error("{0}")]
    Reply(E),
    /// The service refused the call.
    #[error(transparent)]
    Service(ServiceError),
    /// The call was not executed: nobody serves the socket, or whoever did hung up before reading the request.
    #[error("the service cannot be reached")]
    Unreachable(#[source] io::Error),
    /// The request was received whole, and no answer will come. It may have been executed.
    #[error("the connection was lost before the answer came")]
    Lost(#[source] io::Error),
    /// Time is up. If the request was `sent`, it may yet be executed; otherwise it was not and never will be.
    #[error("{}", if *.sent { "no answer in time" } else { "no connection in time" })]
    Deadline {
        /// Whether the whole request had been sent.
        sent: bool,
    },
    /// The answer is not what the definition says, or the parameters have no JSON form.
    #[error("the answer cannot be understood")]
    Malformed(#[source] serde_json::Error),
    /// A message was longer than allowed. A call with too long a request was not executed; one with too long a reply was.
    #[error("the {which} is longer than {limit} bytes")]
    TooLarge {
        /// Which message.
        which: Direction,
        /// The limit, in bytes.
        limit: usize,
    },
}

impl<E> CallError<E> {
    /// Whether the call may have had its effect although no usable answer came. Asking again is safe only for calls that
    /// carry a request id or change nothing.
    pub fn outcome_is_unknown(&self) -> bool {
        match self {
            Self::Lost(_) | Self::Deadline { sent: true } | Self::Malformed(_) => true,
            Self::TooLarge { which, .. } => *which == Direction::Reply,
            Self::Reply(_) | Self::Service(_) | Self::Unreachable(_) | Self::Deadline { sent: false } => false,
        }
    }
}
