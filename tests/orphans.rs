//! The whole service under load, its supervisor killed again and again: no worker outlives it, nobody polls or writes twice,
//! and nothing that was acknowledged is lost or doubled.
//!
//! `NATRIUM_KILLS` says how often (60 times if it is not set).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "orphans/killed.rs"]
mod killed;
#[path = "orphans/load.rs"]
mod load;
#[path = "writer/operators.rs"]
#[allow(dead_code, reason = "shared with the tests of the writer")]
mod operators;
#[path = "bot/stage.rs"]
#[allow(dead_code, reason = "shared with the tests of the bot")]
mod stage;
#[path = "orphans/watch.rs"]
mod watch;
