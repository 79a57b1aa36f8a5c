//! `natrium`, against a supervisor that is whatever the test wants it to be. (Against the real one: `tests/supervisor/operators.rs`.)

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "cli/deaths.rs"]
mod deaths;
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
