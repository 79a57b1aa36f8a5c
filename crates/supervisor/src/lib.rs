//! `natriumd`: one instance of the service, its workers, and the way up to systemd.
//!
//! What decides is pure: [`fsm`] is the life of one worker, [`plan`] the order among them, [`backoff`] the pauses between
//! starts (it reads [`deaths`], the record), [`core`] the whole of it. What acts is thin: [`spawn`] makes processes,
//! [`reap`] buries them, [`notify`] hears them, [`systemd`] tells systemd, and [`service`], the main loop, carries events
//! in and actions out. [`topology`] is the one table of workers. [`hooks`] are no workers: what the settings want run after a
//! version was published, once and not for long.
//!
//! Invariants: one thread, always; nothing waits for a worker, a caller or systemd; it wakes for a reason only; the lock of
//! [`pidfile`] is won before anything is touched. The supervisor opens no store and reads no secret.

mod arguments;
mod backoff;
mod control;
mod core;
pub mod datagram;
mod deaths;
mod environment;
mod fsm;
mod handover;
mod hooks;
mod launcher;
mod listeners;
mod memory;
mod notify;
mod plan;
mod ports;
mod reader;
mod reap;
mod recorder;
mod reload;
mod row;
mod service;
mod signals;
mod spawn;
mod start;
mod status_line;
mod systemd;
mod timing;
mod topology;
mod wall;

pub use instance::pidfile;
pub use start::main;
