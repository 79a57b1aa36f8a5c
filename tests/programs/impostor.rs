//! A program of a release that is no good, though it looks like one: it says the version of the program whose place it takes.
//! As `natriumd` it ends at once, as a worker it never does anything.

#![allow(clippy::print_stdout, reason = "it is asked for its version")]

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let path = arguments.next().map(PathBuf::from).unwrap_or_default();
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if arguments.any(|argument| argument == "--version") {
        println!("{name} {}", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    if name == "natriumd" {
        return ExitCode::from(70);
    }
    loop {
        std::thread::park();
    }
}
