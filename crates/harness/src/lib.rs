//! Runs the real programs in a fresh directory: for the system tests, the demo and the measurements.
//!
//! An [`Instance`] is a directory with settings, a token and everything that the service makes. Its `natriumd` is started as
//! systemd would start it, with a notification socket to say `READY=1` to. When the instance goes, no process of it may be
//! left: that is checked, not assumed.
//!
//! A [`Lab`] is a host of its own with a real systemd, for what only that can show. A [`crowd`] talks to a bot in a simulator.
//!
//! This crate knows how the service is run and not what it does.

mod chance;
mod control_group;
pub mod crowd;
mod instance;
pub mod lab;
mod processes;
mod programs;
mod skip;
mod small_disk;
mod tracer;
mod wait;
mod web;
mod workers;

pub use chance::any_below;
pub use control_group::ControlGroup;
pub use instance::{Admin, Instance};
pub use lab::Lab;
pub use processes::{memory, of as processes_of};
pub use programs::Programs;
pub use skip::skip;
pub use small_disk::SmallDisk;
pub use tracer::Tracer;
pub use wait::{until, until_async};
