//! Updates between being kept and being finished: each chat's in order, several chats side by side.
//!
//! Owns which update is handled when, and that it is finished afterwards; must not know what an update says beyond the chat
//! that it belongs to. [`Intake`] fills it, [`Worker`] works it off.
//!
//! Here teloxide's `Dispatcher` would stand. It cannot hand an update's stored outcome and note to its handler, works off
//! everything queued before it stops, drops updates that it cannot parse without telling anybody, does not bound how many
//! chats run at once, and panics when a handler has panicked. So only teloxide's types are used.

mod intake;
mod lanes;
mod ledger;
mod worker;

use std::sync::{Arc, Mutex};

use interfaces::inbox::Entry;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::sync::CancellationToken;

pub(crate) use self::intake::Intake;
use self::ledger::Ledger;
pub(crate) use self::worker::Worker;
use crate::storage::Storage;

/// An update that has room in memory.
#[derive(Debug)]
struct Taken {
    entry: Entry,
    /// Held for as long as the update is in memory.
    _room: OwnedSemaphorePermit,
}

/// The inbox's two ends: what fills it, and what works it off.
pub(crate) fn open(bot: i64, storage: Storage, stop: CancellationToken) -> (Intake, Worker) {
    let (sender, taken) = mpsc::unbounded_channel();
    let ledger = Arc::<Mutex<Ledger>>::default();
    (Intake::new(bot, storage, ledger.clone(), sender, stop.clone()), Worker::new(taken, ledger, stop))
}
