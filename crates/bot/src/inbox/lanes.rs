//! Who is next: updates of one chat in order and one at a time, different chats side by side, a bound on all, without I/O.
//!
//! Chats take turns, so that one that sends a hundred messages does not keep the others waiting.

use std::collections::{HashMap, HashSet, VecDeque};

/// Waiting and running items of all chats.
#[derive(Debug)]
pub(crate) struct Lanes<T> {
    waiting: HashMap<i64, VecDeque<T>>,
    /// Chats that have something waiting and nothing running, in the order of their turns.
    turns: VecDeque<i64>,
    running: HashSet<i64>,
    side_by_side: usize,
}

impl<T> Lanes<T> {
    /// At most `side_by_side` items run at the same time.
    pub(crate) fn new(side_by_side: usize) -> Self {
        Self { waiting: HashMap::new(), turns: VecDeque::new(), running: HashSet::new(), side_by_side }
    }

    /// Queues an item behind those of the same chat.
    pub(crate) fn push(&mut self, chat: i64, item: T) {
        let lane = self.waiting.entry(chat).or_default();
        lane.push_back(item);
        if lane.len() == 1 && !self.running.contains(&chat) {
            self.turns.push_back(chat);
        }
    }

    /// The next item that may run now; it counts as running until [`Lanes::done`] is told its chat.
    pub(crate) fn start(&mut self) -> Option<(i64, T)> {
        if self.running.len() >= self.side_by_side {
            return None;
        }
        let chat = self.turns.pop_front()?;
        let lane = self.waiting.get_mut(&chat)?;
        let item = lane.pop_front()?;
        if lane.is_empty() {
            self.waiting.remove(&chat);
        }
        self.running.insert(chat);
        Some((chat, item))
    }

    /// The chat's running item has ended.
    pub(crate) fn done(&mut self, chat: i64) {
        if self.running.remove(&chat) && self.waiting.contains_key(&chat) {
            self.turns.push_back(chat);
        }
    }

    /// Forgets what waits, giving how much that was.
    pub(crate) fn clear_waiting(&mut self) -> usize {
        self.turns.clear();
        self.waiting.drain().map(|(_, lane)| lane.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Event {
        Push(i64),
        Start,
        Done(usize),
    }

    proptest! {
        #[test]
        fn chats_stay_in_order_one_at_a_time_and_bounded(
            bound in 1_usize..5,
            events in proptest::collection::vec(
                prop_oneof![(0_i64..4).prop_map(Event::Push), Just(Event::Start), (0_usize..8).prop_map(Event::Done)],
                0..300,
            ),
        ) {
            let mut lanes = Lanes::new(bound);
            let mut pushed: HashMap<i64, VecDeque<usize>> = HashMap::new();
            let mut running = Vec::new();
            let (mut put, mut ended) = (0, 0);
            for (number, event) in events.into_iter().enumerate() {
                match event {
                    Event::Push(chat) => {
                        lanes.push(chat, number);
                        pushed.entry(chat).or_default().push_back(number);
                        put += 1;
                    }
                    Event::Start => {
                        if let Some((chat, item)) = lanes.start() {
                            prop_assert!(!running.contains(&chat), "two of chat {chat} at once");
                            prop_assert_eq!(pushed.get_mut(&chat).unwrap().pop_front(), Some(item));
                            running.push(chat);
                        } else {
                            let idle = pushed.iter().any(|(chat, lane)| !lane.is_empty() && !running.contains(chat));
                            prop_assert!(!idle || running.len() >= bound, "something could run and did not");
                        }
                    }
                    Event::Done(index) if !running.is_empty() => {
                        lanes.done(running.swap_remove(index % running.len()));
                        ended += 1;
                    }
                    Event::Done(_) => {}
                }
                prop_assert!(running.len() <= bound);
                prop_assert_eq!(lanes.running.len(), running.len());
            }
            prop_assert_eq!(lanes.clear_waiting(), put - ended - running.len());
            prop_assert!(lanes.start().is_none());
        }
    }

    #[test]
    fn a_busy_chat_does_not_starve_a_quiet_one() {
        let mut lanes = Lanes::new(1);
        for item in 0..100 {
            lanes.push(1, item);
        }
        lanes.push(2, 1000);
        let order: Vec<i64> = std::iter::from_fn(|| {
            let (chat, _) = lanes.start()?;
            lanes.done(chat);
            Some(chat)
        })
        .take(3)
        .collect();
        assert_eq!(order, [1, 2, 1]);
    }
}
