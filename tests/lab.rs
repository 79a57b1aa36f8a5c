//! The service on a host of its own, under a real systemd: what an operator does, and what becomes of it.
//!
//! `NATRIUM_RESTARTS` says how often it is restarted under load (10 times if it is not set).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "lab/deploy.rs"]
mod deploy;
#[path = "lab/disk_full.rs"]
mod disk_full;
#[path = "lab/hardening.rs"]
mod hardening;
#[path = "lab/hooks.rs"]
mod hooks;
#[path = "lab/host.rs"]
mod host;
#[path = "lab/http.rs"]
mod http;
#[path = "lab/install.rs"]
mod install;
#[path = "lab/journal.rs"]
mod journal;
#[path = "lab/lab.rs"]
mod lab;
#[path = "lab/life.rs"]
mod life;
#[path = "lab/load.rs"]
mod load;
#[path = "lab/package.rs"]
mod package;
#[path = "lab/reload.rs"]
mod reload;
#[path = "lab/restarts.rs"]
mod restarts;
#[path = "lab/rights.rs"]
mod rights;
#[path = "lab/sockets.rs"]
mod sockets;
