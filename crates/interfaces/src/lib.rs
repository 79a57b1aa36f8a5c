//! Natrium's own Varlink interfaces: the definitions, their Rust types, what a server implements, and typed clients.
//!
//! The `.varlink` files beside `src` are the source. Each module here holds the types of one file, written by hand so that
//! they read well, and one [`define!`](define) line per method. A test takes each definition apart, makes a sample of every
//! message it allows, and passes it through the Rust type and back: a field, method, error or type that stands on one side
//! only turns it red.
//!
//! This crate knows nothing of sockets, stores or processes: it only names what is said.

#[cfg(test)]
mod contract;
mod define;

pub mod admins;
pub mod audit;
pub mod configs;
pub mod dialogues;
pub mod inbox;
pub mod notices;
pub mod offline;
pub mod page;
pub mod store;
pub mod supervisor;
pub mod worker;

use std::pin::Pin;

use varlink::{CallEnd, ErrorReply, ServiceError};
pub use varlink::{CallError, Peer, Pool};

/// How a method ends when it does not end with its reply.
#[derive(Debug)]
pub enum Fault<E> {
    /// One of the interface's own errors.
    Reply(E),
    /// One of `org.varlink.service`'s errors.
    Service(ServiceError),
}

impl<E> From<E> for Fault<E> {
    fn from(error: E) -> Self {
        Self::Reply(error)
    }
}

impl<E: ErrorReply> Fault<E> {
    /// What the server sends.
    pub(crate) fn end(self) -> CallEnd {
        match self {
            Self::Reply(error) => CallEnd::from(error),
            Self::Service(error) => CallEnd::from(error),
        }
    }
}

/// The replies of a method that is called with `more`, as long as the caller stays.
pub type Replies<T> = Pin<Box<dyn futures_util::Stream<Item = T> + Send>>;
