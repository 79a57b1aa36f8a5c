//! The writer with the real supervisor around it, and operators who upload all the time: killed, stopped, doubled, and
//! without space.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "writer/backup.rs"]
mod backup;
#[path = "writer/crash.rs"]
mod crash;
#[path = "writer/disk_full.rs"]
mod disk_full;
#[path = "writer/hooks.rs"]
mod hooks;
#[path = "writer/operators.rs"]
mod operators;
#[path = "writer/people.rs"]
mod people;
#[path = "writer/speakers.rs"]
mod speakers;
#[path = "writer/start.rs"]
mod start;
#[path = "writer/stop.rs"]
mod stop;
