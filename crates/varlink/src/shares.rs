//! How many connections each process has. One that takes more than its share is turned away, so that it cannot keep others
//! out by filling the server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The connections of every process that has some.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    taken: Arc<Mutex<HashMap<i32, usize>>>,
}

/// One connection of a process, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Share {
    taken: Arc<Mutex<HashMap<i32, usize>>>,
    pid: i32,
}

impl Shares {
    /// One more connection for `pid`, unless it has `most` already. Those whose number cannot be told share one.
    pub(crate) fn take(&self, pid: i32, most: usize) -> Option<Share> {
        let mut taken = lock(&self.taken);
        let count = taken.entry(pid).or_default();
        if *count >= most.max(1) {
            return None;
        }
        *count += 1;
        Some(Share { taken: Arc::clone(&self.taken), pid })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        if let Some(count) = taken.get_mut(&self.pid) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.pid);
            }
        }
    }
}

fn lock(taken: &Mutex<HashMap<i32, usize>>) -> MutexGuard<'_, HashMap<i32, usize>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_own_share_and_gets_it_back() {
        let shares = Shares::default();
        let held: Vec<_> = (0..2).map(|_| shares.take(7, 2)).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(shares.take(7, 2).is_none());
        assert!(shares.take(8, 2).is_some());
        drop(held);
        assert!(shares.take(7, 2).is_some());
        assert!(lock(&shares.taken).is_empty(), "who has gone is forgotten");
    }
}
