//! The operator's command line.

fn main() -> std::process::ExitCode {
    cli::main()
}
