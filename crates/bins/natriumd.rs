//! `natriumd`, the supervisor.

fn main() -> std::process::ExitCode {
    supervisor::main()
}
