//! natrium-sim: a Telegram simulator for tests and demonstrations.

use std::process::ExitCode;

fn main() -> ExitCode {
    natrium_sim::main()
}
