//! `natrium-web`, the worker that answers over HTTP.

fn main() -> std::process::ExitCode {
    web::main()
}
