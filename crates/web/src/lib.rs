//! natrium-web: answers other programs (`api`) and people (`page`) over HTTP.
//!
//! `server` keeps the connections: how many there may be, how long each may take, and how they end. `api` and `page` say what
//! is answered. `readiness` and `scrape` ask the supervisor and the workers, each with a deadline; `families` is what metrics
//! are and when they are well formed, `exposition` their text, `figures` what the supervisor's answers come to as metrics.
//! `sign_ins` is who is signed in on the page, `texts` what it says.
//!
//! It owns nothing but the listeners that were handed down, and who is signed in, in memory: no file, no secret that outlives it,
//! no connection of its own but to the other programs' sockets. Whoever asks is a stranger. Nothing that he may ask on `api`
//! changes anything; on the page he is one until he comes by a link that the bot gave to one person, and then may do what the
//! writer lets that person do: look at configs and go back to older versions of them. What that takes is all that the supervisor's
//! table lets this program ask of the writer.

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
