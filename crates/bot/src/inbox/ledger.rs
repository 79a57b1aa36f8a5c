//! Which updates this process has taken on, so that none is handled twice and none is forgotten, without I/O.
//!
//! `Inbox.Receive` names the updates it had not kept before. That alone is not enough: when its answer is lost on the way it
//! is asked again, and then nothing is new any more although nobody handles those updates. So an update that is neither fresh
//! nor known here makes the poller look through `Inbox.Unfinished`.

use std::collections::{HashSet, VecDeque};

/// How many finished updates are remembered: more than can finish while one look through the inbox is under way.
const REMEMBERED: usize = 4096;

/// The updates taken on by this process.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    in_work: HashSet<i64>,
    finished: HashSet<i64>,
    order: VecDeque<i64>,
}

impl Ledger {
    /// Takes an update on. False when it is in work, or was finished not long ago.
    pub(crate) fn take_on(&mut self, id: i64) -> bool {
        !self.finished.contains(&id) && self.in_work.insert(id)
    }

    /// The update is finished.
    pub(crate) fn finish(&mut self, id: i64) {
        self.in_work.remove(&id);
        if self.finished.insert(id) {
            self.order.push_back(id);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.finished.remove(&oldest);
        }
    }

    /// Whether the update is in work or was finished not long ago.
    pub(crate) fn knows(&self, id: i64) -> bool {
        self.in_work.contains(&id) || self.finished.contains(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_is_taken_on_once_and_not_again_after_it_is_finished() {
        let mut ledger = Ledger::default();
        assert!(ledger.take_on(7) && !ledger.take_on(7));
        ledger.finish(7);
        ledger.finish(7);
        assert!(!ledger.take_on(7) && ledger.knows(7) && !ledger.knows(8));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut ledger = Ledger::default();
        for id in 0..3 * i64::try_from(REMEMBERED).unwrap_or(0) {
            assert!(ledger.take_on(id));
            ledger.finish(id);
        }
        assert_eq!((ledger.in_work.len(), ledger.finished.len(), ledger.order.len()), (0, REMEMBERED, REMEMBERED));
    }
}
