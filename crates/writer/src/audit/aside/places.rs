//! Which slot holds what, and where the next refusal goes. Pure.

use std::collections::BTreeMap;

use interfaces::audit::{Author, Record};

use super::slot::{self, BYTES, More, Note, Slot};
use crate::audit::Refusal;

/// Slots of the file.
pub(super) const SLOTS: usize = 128;
/// Those of the count, written in turn: where one is torn, the other still has what it was before.
const COUNTS: usize = 2;

/// What the slots hold.
#[derive(Debug, Default)]
pub(super) struct Places {
    refusals: BTreeMap<usize, Refusal>,
    /// Those for which there was no slot.
    more: Option<More>,
}

/// What is to be written where.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Written {
    pub(super) slot: usize,
    pub(super) bytes: Vec<u8>,
}

impl Places {
    /// What a file holds, and which of its slots cannot be read.
    pub(super) fn read(content: &[u8]) -> (Self, Vec<usize>) {
        let (mut places, mut broken) = (Self::default(), Vec::new());
        for (number, bytes) in content.chunks(BYTES).take(SLOTS).enumerate() {
            match slot::decode(bytes) {
                Slot::Free => {}
                Slot::Note(Note::Refusal(refusal)) if number >= COUNTS => {
                    places.refusals.insert(number, refusal);
                }
                Slot::Note(Note::More(more)) if number < COUNTS => {
                    if places.more.as_ref().is_none_or(|known| known.count < more.count) {
                        places.more = Some(more);
                    }
                }
                Slot::Note(_) | Slot::Broken => broken.push(number),
            }
        }
        (places, broken)
    }

    /// Takes a refusal; nothing is to be written where it stands there already.
    pub(super) fn put(&mut self, refusal: Refusal) -> Option<Written> {
        if self.refusals.values().any(|known| known.is_same(&refusal)) {
            return None;
        }
        let free = (COUNTS..SLOTS).find(|slot| !self.refusals.contains_key(slot));
        if let Some((slot, bytes)) = free.zip(slot::encode(&Note::Refusal(refusal.clone()))) {
            self.refusals.insert(slot, refusal);
            return Some(Written { slot, bytes });
        }
        let at_ms = refusal.at_ms;
        let more = self.more.get_or_insert_with(|| More { id: format!("more.{at_ms}"), count: 0, since_ms: at_ms });
        more.count = more.count.saturating_add(1);
        let slot = usize::from(more.count % 2 == 1);
        // An id of our own and two numbers: that has room.
        slot::encode(&Note::More(more.clone())).map(|bytes| Written { slot, bytes })
    }

    /// What was to be written there is not.
    pub(super) fn lost(&mut self, slot: usize) {
        if slot >= COUNTS {
            self.refusals.remove(&slot);
        } else if let Some(more) = &mut self.more {
            more.count -= more.count.min(1);
        }
    }

    /// The slots that are not free.
    pub(super) fn used(&self) -> Vec<usize> {
        let counts = if self.more.is_some() { 0..COUNTS } else { 0..0 };
        counts.chain(self.refusals.keys().copied()).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.refusals.is_empty() && self.more.is_none()
    }

    /// All refusals, in the order in which they came; `writer` speaks for those that were only counted.
    pub(super) fn refusals(&self, writer: &Author) -> Vec<Refusal> {
        // Slots are taken one after the other and made free all at once; the clock may have been set back meanwhile.
        let mut all: Vec<Refusal> = self.refusals.values().cloned().collect();
        all.extend(self.more.as_ref().filter(|more| more.count > 0).map(|more| Refusal {
            at_ms: more.since_ms,
            record: Record {
                actor: writer.clone(),
                action: "record".to_owned(),
                kind: None,
                about: Some(format!("{} more", more.count)),
                reason: "no room".to_owned(),
                request_id: more.id.clone(),
            },
        }));
        all
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use interfaces::configs::Origin;

    use super::*;

    fn author(name: &str) -> Author {
        Author { origin: Origin::Operator, id: 0, name: name.to_owned() }
    }

    fn refusal(number: usize) -> Refusal {
        let record = Record {
            actor: author("root"),
            action: "put".to_owned(),
            kind: Some("fees".to_owned()),
            about: None,
            reason: "not saved".to_owned(),
            request_id: format!("request.{number}"),
        };
        Refusal { at_ms: i64::try_from(number).unwrap(), record }
    }

    /// The file, as far as everything was written.
    #[derive(Default)]
    struct Paper(Vec<u8>);

    impl Paper {
        fn write(&mut self, written: &Written) {
            self.0.resize(SLOTS * BYTES, 0);
            let start = written.slot * BYTES;
            self.0[start..start + written.bytes.len()].copy_from_slice(&written.bytes);
        }
    }

    fn said(places: &Places) -> Vec<(String, Option<String>)> {
        let all = places.refusals(&author("the writer"));
        all.into_iter().map(|one| (one.record.request_id, one.record.about)).collect()
    }

    #[test]
    fn each_has_a_slot_once_and_those_beyond_are_counted() {
        let (mut places, mut paper) = (Places::default(), Paper::default());
        for number in 0..SLOTS + 10 {
            paper.write(&places.put(refusal(number)).unwrap());
        }
        for number in 0..SLOTS - COUNTS {
            assert_eq!(places.put(refusal(number)), None, "it stands there");
        }
        let (found, broken) = Places::read(&paper.0);
        assert!(broken.is_empty());
        assert_eq!(said(&found), said(&places));
        assert_eq!(found.used().len(), SLOTS);
        let mut expected: Vec<_> = (0..SLOTS - COUNTS).map(|number| (format!("request.{number}"), None)).collect();
        expected.push((format!("more.{}", SLOTS - COUNTS), Some("12 more".to_owned())));
        assert_eq!(said(&found), expected);
    }

    #[test]
    fn they_are_in_the_order_in_which_they_came_whatever_the_clock_said() {
        let mut places = Places::default();
        for number in [5, 9, 7] {
            assert!(places.put(refusal(number)).is_some());
        }
        let all = places.refusals(&author("the writer"));
        assert_eq!(all.iter().map(|refusal| refusal.at_ms).collect::<Vec<_>>(), [5, 9, 7]);
    }

    #[test]
    fn where_the_last_one_is_torn_what_was_before_is_still_there() {
        let (mut places, mut paper) = (Places::default(), Paper::default());
        for number in 0..SLOTS + 1 {
            paper.write(&places.put(refusal(number)).unwrap());
            // The one that is written next.
            let Written { slot, bytes } = places.put(refusal(number + 1000)).unwrap();
            places.lost(slot);
            let mut torn = Paper(paper.0.clone());
            torn.write(&Written { slot, bytes: bytes[..20].to_vec() });
            let (found, broken) = Places::read(&torn.0);
            assert_eq!(broken, [slot]);
            assert_eq!(said(&found), said(&places));
        }
    }

    #[test]
    fn what_could_not_be_written_is_not_there() {
        let mut places = Places::default();
        let written = places.put(refusal(1)).unwrap();
        places.lost(written.slot);
        assert!(places.is_empty());
        assert_eq!(places.put(refusal(1)).unwrap(), written, "it is written when it comes again");
    }

    #[test]
    fn notes_in_the_wrong_places_are_none() {
        let mut paper = Paper::default();
        let bytes = slot::encode(&Note::Refusal(refusal(1))).unwrap();
        paper.write(&Written { slot: 0, bytes });
        let bytes = slot::encode(&Note::More(More { id: "x".to_owned(), count: 1, since_ms: 0 })).unwrap();
        paper.write(&Written { slot: 9, bytes });
        let (found, broken) = Places::read(&paper.0);
        assert!(found.is_empty());
        assert_eq!(broken, [0, 9]);
    }
}
