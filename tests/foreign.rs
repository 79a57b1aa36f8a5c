//! The simulator, used by bots in other languages with libraries that nobody here wrote or changed: aiogram and grammY, in the
//! environments of `scripts/foreign-clients`; and teloxide, where it is about who polls. The bots are ordinary ones; people talk to them through the control API, and what
//! they did is looked at from both sides.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "foreign/contest.rs"]
mod contest;
#[path = "foreign/library.rs"]
mod library;
#[path = "foreign/tour.rs"]
mod tour;
#[path = "foreign/trouble.rs"]
mod trouble;
#[path = "foreign/webhook.rs"]
mod webhook;
