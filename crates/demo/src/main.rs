//! The whole service with a simulated Telegram, in a directory that goes with it.
//!
//! Without arguments: to play with, until Ctrl-C. With `--check`: the whole tour without a person, told as it goes, with an
//! exit status that says whether everything was as it should be.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "talks to the person who started it")]

mod play;
mod stage;
mod tour;

use std::process::ExitCode;

fn main() -> ExitCode {
    let check = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--check") => true,
        Some(other) => {
            eprintln!("demo: unknown argument {other}; usage: scripts/demo [--check]");
            return ExitCode::from(64);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("demo: building a runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(if_asked(check)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ndemo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn if_asked(check: bool) -> anyhow::Result<()> {
    if check { tour::make().await } else { play::until_interrupted().await }
}
