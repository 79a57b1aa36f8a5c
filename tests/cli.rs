//! `natrium`, against a supervisor that is whatever the test wants it to be, and (`hosted`) beside a real service. (See also
//! `tests/supervisor/operators.rs` and `tests/writer/backup.rs`.)

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "cli/audit.rs"]
mod audit;
#[path = "cli/config/mod.rs"]
mod config;
#[path = "cli/deaths.rs"]
mod deaths;
#[path = "cli/doctor.rs"]
mod doctor;
#[path = "cli/hosted.rs"]
mod hosted;
#[path = "cli/init.rs"]
mod init;
#[path = "cli/preflight.rs"]
mod preflight;
#[path = "cli/restart.rs"]
mod restart;
#[path = "cli/running.rs"]
mod running;
#[path = "cli/status.rs"]
mod status;
#[path = "cli/told.rs"]
mod told;
#[path = "cli/watch.rs"]
mod watch;
