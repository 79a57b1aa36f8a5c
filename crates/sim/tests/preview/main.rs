//! The preview pages, read by a reader of its own: saved pages of the real site, and the simulator's read back.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod albums;
mod blocks;
mod changes;
mod heads;
mod hostile;
mod made;
mod paging;
mod parsers;
mod reader;
mod rich;
mod saved;
mod server;
mod site;
