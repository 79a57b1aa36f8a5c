//! Uploads by many at once, whatever dies meanwhile: the real programs, their clients in processes of their own, and what the
//! kernel is asked to do for one publication.
//!
//! `NATRIUM_UPLOADS` says how many uploads each of the eight admins makes (25 if it is not set), `NATRIUM_CALLS` how many calls
//! each of the clients makes whose histories are judged (100), `NATRIUM_POINTS` at how many of the system calls of a publication
//! the writer is killed (24). `NATRIUM_SEED` repeats what a failure names.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "configs/acceptance.rs"]
mod acceptance;
#[path = "configs/admin.rs"]
mod admin;
#[path = "configs/crowd.rs"]
mod crowd;
#[path = "configs/dice.rs"]
mod dice;
#[path = "configs/histories.rs"]
mod histories;
#[path = "configs/house.rs"]
mod house;
#[path = "configs/kinds.rs"]
mod kinds_come_and_go;
#[path = "writer/operators.rs"]
#[allow(dead_code, reason = "shared with the tests of the writer")]
mod operators;
#[path = "configs/register.rs"]
mod register;
#[path = "configs/register_tests.rs"]
mod register_tests;
#[path = "configs/system_calls.rs"]
mod system_calls;
