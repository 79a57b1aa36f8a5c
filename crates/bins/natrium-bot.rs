//! `natrium-bot`, the worker that polls the Bot API and talks with admins.

fn main() -> std::process::ExitCode {
    bot::main()
}
