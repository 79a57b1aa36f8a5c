//! `natrium-writer`, the only program that opens the store.

fn main() -> std::process::ExitCode {
    writer::main()
}
