//! natrium-bot: polls the Bot API and talks with admins.
//!
//! An update's way: `poll` asks Telegram for it; the writer keeps it durably before Telegram is told that we have it
//! (`inbox`); `desk` finds out who wrote, `talk` whose turn it is, and `commands` or `upload` answer. What has an effect goes to the writer
//! together with the update's id, so that effect and "this update is settled" become durable in one transaction; then the
//! admin is told, and the update is finished. Killed at any moment, the bot does after the restart exactly what is left.
//!
//! The bot keeps nothing on disk and decides nothing about versions. It must never claim what it does not know.

mod ask;
mod backoff;
mod buttons;
mod cancels;
mod commands;
mod desk;
mod dialogues;
mod guard;
mod inbox;
mod note;
mod notices;
mod pages;
mod people;
mod poll;
mod redact;
mod registry;
mod rival;
mod roles;
mod run;
mod send;
mod status;
mod storage;
mod strangers;
mod talk;
mod telegram;
mod texts;
mod trail;
mod upload;

use std::process::ExitCode;

pub use run::sandbox;

/// Runs the bot as this process's program. With `--ask` it asks Telegram one question for `natrium` and ends.
#[must_use]
pub fn main() -> ExitCode {
    if std::env::args_os().skip(1).eq(["--ask"]) {
        return ask::main();
    }
    worker::run::<run::Bot>()
}
