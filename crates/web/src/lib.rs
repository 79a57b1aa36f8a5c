//! natrium-web: answers other programs (`api`) and people (`page`) over HTTP.
//!
//! `server` keeps the connections: how many there may be, how long each may take, and how they end. `api` and `page` say what
//! is answered. `readiness` and `scrape` ask the supervisor and the workers, each with a deadline; `families` is what metrics
//! are and when they are well formed, `exposition` their text, `figures` what the supervisor's answers come to as metrics.
//!
//! It owns nothing but the listeners that were handed down: no file, no secret, no connection of its own but to the other
//! programs' sockets. Whoever asks is a stranger, and nothing that he may ask changes anything.

mod api;
mod exposition;
mod families;
mod figures;
mod page;
mod readiness;
mod run;
mod scrape;
mod server;
mod sign_ins;
mod texts;

use std::process::ExitCode;

pub use run::sandbox;

/// Runs the worker as this process's program.
#[must_use]
pub fn main() -> ExitCode {
    worker::run::<run::Web>()
}
