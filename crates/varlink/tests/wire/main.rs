//! What the wire guarantees, tried over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "nothing here is reachable")]

mod answers;
mod cancel;
mod child;
mod client;
mod definitions;
mod fairness;
mod half_close;
mod handlers;
mod harness;
mod limits;
mod log;
mod pool;
mod stop;
mod store;
