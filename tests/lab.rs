//! The service on a host of its own, under a real systemd: what an operator does, and what becomes of it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "lab/lab.rs"]
mod lab;
