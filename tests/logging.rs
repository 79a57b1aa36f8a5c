//! What the journal tells an operator, and that nobody waits for a log line.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "logging/catalog.rs"]
mod catalog;
#[path = "logging/fields.rs"]
mod fields;
#[path = "logging/journal.rs"]
mod journal;
#[path = "logging/sources.rs"]
mod sources;
#[path = "logging/unread.rs"]
mod unread;
