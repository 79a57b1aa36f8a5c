//! `natriumd` itself, with workers that do as they are told.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "supervisor/crash.rs"]
mod crash;
#[path = "supervisor/fork.rs"]
mod fork;
#[path = "supervisor/handover.rs"]
mod handover;
#[path = "supervisor/hang.rs"]
mod hang;
#[path = "supervisor/hooks.rs"]
mod hooks;
#[path = "supervisor/hostile.rs"]
mod hostile;
#[path = "supervisor/house.rs"]
mod house;
#[path = "supervisor/instance.rs"]
mod instance;
#[path = "supervisor/lock_first.rs"]
mod lock_first;
#[path = "supervisor/notifications.rs"]
mod notifications;
#[path = "supervisor/operators.rs"]
mod operators;
#[path = "supervisor/order.rs"]
mod order;
#[path = "supervisor/reload.rs"]
mod reload;
#[path = "supervisor/resources.rs"]
mod resources;
#[allow(dead_code, reason = "cli.rs uses the rest of it")]
#[path = "cli/running.rs"]
mod running;
#[path = "supervisor/starters.rs"]
mod starters;
