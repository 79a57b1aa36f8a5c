//! Whom to tell what next. Pure.
//!
//! One person's notices are told in the order of their numbers, a handful at a time; the others wait with the writer. While
//! somebody is being told, which may last as long as Telegram says, nothing more of theirs is taken, and everybody else's is.

use std::collections::BTreeMap;

use interfaces::notices::Notice;

/// How many of one person's are in memory.
const HANDFUL: usize = 16;

/// Those who are being told, and what is known to wait for them.
#[derive(Debug, Default)]
pub(super) struct Queue(BTreeMap<i64, Person>);

#[derive(Debug, Default)]
struct Person {
    /// Up to this one they are taken. What stays untold among them is for a later change.
    up_to: i64,
    /// Taken, but nobody tells them yet.
    taken: Vec<Notice>,
    /// They are being told.
    busy: bool,
    /// There are others after them.
    more: bool,
}

impl Queue {
    /// Takes a notice that is not told yet, if it is its turn. A look meets all of them, in the order of their numbers.
    pub(super) fn meets(&mut self, notice: Notice) {
        let person = self.0.entry(notice.user).or_default();
        if notice.id <= person.up_to {
            return;
        }
        if person.busy || person.taken.len() == HANDFUL {
            person.more = true;
            return;
        }
        person.up_to = notice.id;
        person.taken.push(notice);
    }

    /// Who is to be told what now, after a look.
    pub(super) fn ready(&mut self) -> Vec<(i64, Vec<Notice>)> {
        self.0.retain(|_, person| person.busy || !person.taken.is_empty());
        let idle = self.0.iter_mut().filter(|(_, person)| !person.busy);
        idle.map(|(user, person)| {
            person.busy = true;
            (*user, std::mem::take(&mut person.taken))
        })
        .collect()
    }

    /// Somebody was told; whether another look finds more for them.
    pub(super) fn told(&mut self, user: i64) -> bool {
        match self.0.get_mut(&user) {
            Some(person) if person.more => {
                (person.busy, person.more) = (false, false);
                true
            }
            _ => {
                self.0.remove(&user);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn notice(id: i64, user: i64) -> Notice {
        serde_json::from_value(json!({ "id": id, "user": user, "event": {}, "at_ms": 0 })).unwrap()
    }

    fn ids(notices: &[Notice]) -> Vec<i64> {
        notices.iter().map(|notice| notice.id).collect()
    }

    #[derive(Clone, Copy, Debug)]
    enum Event {
        /// Something is written for somebody, which wakes the bot.
        Written(i64),
        /// Somebody was told all that was taken for them; those that cannot be told, such as a newer program's, stay.
        Told(i64),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![3 => (1_i64..4).prop_map(Event::Written), 1 => (1_i64..4).prop_map(Event::Told)]
    }

    fn look(queue: &mut Queue, pending: &BTreeMap<i64, i64>, under_way: &mut BTreeMap<i64, Vec<i64>>) {
        for (id, user) in pending {
            queue.meets(notice(*id, *user));
        }
        for (user, notices) in queue.ready() {
            assert!(notices.len() <= HANDFUL && under_way.insert(user, ids(&notices)).is_none());
        }
    }

    proptest! {
        /// One in seven can never be told.
        #[test]
        fn each_is_told_once_in_its_order_and_nobody_waits_for_another(events in proptest::collection::vec(event(), 1..300)) {
            let (mut queue, mut pending, mut under_way) = (Queue::default(), BTreeMap::new(), BTreeMap::new());
            let mut told: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
            let mut written = 0;
            let everybody = [1, 2, 3].map(Event::Told);
            for event in events.into_iter().chain(everybody.into_iter().cycle().take(600)) {
                match event {
                    Event::Written(user) => {
                        written += 1;
                        pending.insert(written, user);
                        look(&mut queue, &pending, &mut under_way);
                        prop_assert!(under_way.contains_key(&user), "who is not being told is told now");
                    }
                    Event::Told(user) => {
                        let Some(ids) = under_way.remove(&user) else { continue };
                        for id in ids.into_iter().filter(|id| id % 7 != 0) {
                            pending.remove(&id);
                            told.entry(user).or_default().push(id);
                        }
                        if queue.told(user) {
                            look(&mut queue, &pending, &mut under_way);
                        }
                    }
                }
            }
            prop_assert!(under_way.is_empty(), "it comes to rest: {under_way:?}");
            prop_assert!(pending.keys().all(|id| id % 7 == 0), "{pending:?}");
            for ids in told.values() {
                prop_assert!(ids.windows(2).all(|two| two[0] < two[1]), "{ids:?}");
            }
            let all: BTreeSet<i64> = told.into_values().flatten().collect();
            prop_assert_eq!(i64::try_from(all.len() + pending.len()).unwrap(), written);
        }
    }
}
