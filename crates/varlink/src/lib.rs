//! Varlink over Unix sockets: server, client pool, introspection, limits.
//!
//! The [protocol](https://varlink.org/Method-Call) is JSON messages that end in NUL. This crate owns the wire and nothing
//! above it: which interfaces there are, and who may call them, others say through [`Service`] and [`Gate`].
//!
//! # What a caller can rely on
//! * Calls on one connection are answered in order; connections do not wait for each other.
//! * Hanging up cancels: the call under way is dropped and those sent after it are not begun. A `oneway` call is not
//!   cancelled, since its caller need not stay. A caller who has only finished sending (`shutdown(SHUT_WR)`) is answered.
//! * A call is answered by its reply or a typed error. The connection is closed instead where there is nothing true to say
//!   (the service panicked, or ended without a reply), and after an error where the next call could not be told apart:
//!   `org.varlink.service.InvalidParameter` for what is no call, `io.natrium.Wire.RequestTooLarge (limit: int)`.
//! * A reply over the limit is replaced by `io.natrium.Wire.ReplyTooLarge (limit: int)`. The call was executed.
//! * `upgrade` is refused with `InvalidParameter (parameter: "upgrade")`; `oneway` together with `more` or `upgrade` closes
//!   the connection.
//! * One process has at most its share of connections (half of them); one more is closed without a word, as if the server were
//!   restarting.
//! * When the server stops, what had been sent is answered; what is sent later fails with `EPIPE`.
//!
//! # What a client can conclude
//! On a Unix socket the kernel tells more than on a network. A send that fails has not delivered the NUL at its end, so the
//! call cannot be executed. A reset instead of a reply means that the service never read the whole of it (unix(7) sockets
//! reset when closed with unread data). Both are [`CallError::Unreachable`], and a [`Pool`] tries again until the
//! deadline. An end of file instead of a reply is [`CallError::Lost`]: the call may have been executed.
//!
//! All of it runs on tokio, on a `current_thread` runtime as well as on many threads. What is logged names methods, peers
//! and causes, never parameters.

mod call;
mod client;
mod connection;
mod error;
mod frame;
mod hangup;
mod incoming;
mod introspection;
mod limits;
mod reply;
mod server;
mod service;
mod shares;

pub use call::Call;
pub use client::{CallError, Connection, Direction, Pool, Replies};
pub use error::{ErrorReply, Failure, ServiceError};
pub use frame::{Frames, ReadError};
pub use introspection::SERVICE;
pub use limits::{Limits, PoolLimits};
pub use reply::{CallEnd, Replier};
pub use server::{Product, Server};
pub use service::{BoxFuture, Gate, Guest, Interface, Peer, Service};
