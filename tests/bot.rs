//! The bot with everything around it: the real supervisor, writer and bot, and a simulated Telegram.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "bot/approval.rs"]
mod approval;
#[path = "bot/aside.rs"]
mod aside;
#[path = "bot/by_hand.rs"]
mod by_hand;
#[path = "bot/cancel.rs"]
mod cancel;
#[path = "bot/clock.rs"]
mod clock;
#[path = "bot/conflict.rs"]
mod conflict;
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
#[path = "bot/history.rs"]
mod history;
#[path = "bot/inputs.rs"]
mod inputs;
#[path = "bot/invalid.rs"]
mod invalid;
#[path = "bot/notices.rs"]
mod notices;
#[path = "bot/page.rs"]
mod page;
#[path = "bot/people.rs"]
mod people;
#[path = "bot/question.rs"]
mod question;
#[path = "bot/roles.rs"]
mod roles;
#[path = "bot/rollback.rs"]
mod rollback;
#[path = "bot/scenarios.rs"]
mod scenarios;
#[path = "bot/stage.rs"]
mod stage;
#[path = "bot/token.rs"]
mod token;
#[path = "bot/upload.rs"]
mod upload;
