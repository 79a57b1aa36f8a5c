//! The bot with everything around it: the real supervisor, writer and bot, and a simulated Telegram.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "bot/clock.rs"]
mod clock;
#[path = "bot/connection.rs"]
mod connection;
#[path = "bot/conversation.rs"]
mod conversation;
#[path = "bot/crash.rs"]
mod crash;
#[path = "bot/disk_full.rs"]
mod disk_full;
#[path = "bot/hang.rs"]
mod hang;
#[path = "bot/inputs.rs"]
mod inputs;
#[path = "bot/stage.rs"]
mod stage;
#[path = "bot/token.rs"]
mod token;
#[path = "bot/upload.rs"]
mod upload;
