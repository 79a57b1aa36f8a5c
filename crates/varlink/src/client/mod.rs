//! Calling others: one [`Connection`], a [`Pool`] of them, and the [`Replies`] of a `more` call.

mod connection;
mod error;
mod message;
mod pool;
mod replies;

pub use connection::Connection;
pub use error::{CallError, Direction};
pub use pool::Pool;
pub use replies::Replies;
