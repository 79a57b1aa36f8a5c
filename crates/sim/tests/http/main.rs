//! The simulator over HTTP, rule by rule as `facts/botapi.md` lists them, with a client that knows nothing of bots.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod bot;
mod bots;
mod buttons;
mod captions;
mod changed;
mod chat_methods;
mod chats;
mod commands;
mod control;
mod copies;
mod encodings;
mod envelope;
mod error_texts;
mod faults;
mod files;
mod flood;
mod hook;
mod media;
mod messages;
mod openapi;
mod polling;
mod refusals;
mod replies;
mod scenario;
mod secrets;
mod texts;
mod under_way;
mod webhook;
