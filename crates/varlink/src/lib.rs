//! Varlink over Unix sockets: server, client pool, introspection, limits.

mod call;
mod client;
mod connection;
mod error;
mod frame;
mod hangup;
mod introspection;
mod limits;
mod reply;
mod server;
mod service;

pub use call::Call;
pub use client::{CallError, Connection, Direction, Pool, Replies};
pub use error::{ErrorReply, Failure, ServiceError};
pub use frame::{Frames, ReadError};
pub use introspection::SERVICE;
pub use limits::{Limits, PoolLimits};
pub use reply::{CallEnd, Replier};
pub use server::{Product, Server};
pub use service::{BoxFuture, Gate, Interface, Peer, Service};
