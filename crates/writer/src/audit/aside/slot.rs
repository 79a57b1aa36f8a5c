//! How a note is written into a slot of the file, and known again. Pure: foreign bytes, and what a power cut left half written,
//! are no note.

use interfaces::audit::Record;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::audit::Refusal;

/// Bytes of a slot.
pub(super) const BYTES: usize = 1024;
/// Bytes before a note: zeros there make the slot free.
pub(super) const HEAD: usize = 16;
/// A note of this form follows.
const MARK: [u8; 4] = *b"ref1";
/// Bytes of a name, and of what a refusal is about, where a slot does not take all of them.
const TEXT: usize = 100;

/// What a slot holds.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Note {
    Refusal(Refusal),
    More(More),
}

/// Refusals for which there was no slot.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct More {
    /// Stands for the request that they have none of: their line is written once.
    pub(super) id: String,
    pub(super) count: u64,
    pub(super) since_ms: i64,
}

/// A slot as it was found.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Slot {
    Free,
    Note(Note),
    /// Neither a note nor free.
    Broken,
}

/// The bytes of a note; nothing where no slot takes it.
pub(super) fn encode(note: &Note) -> Option<Vec<u8>> {
    fitting(note).or_else(|| match note {
        Note::Refusal(refusal) => fitting(&Note::Refusal(shortened(refusal.clone()))),
        Note::More(_) => None,
    })
}

fn fitting(note: &Note) -> Option<Vec<u8>> {
    // Plain data with string keys: there is nothing that could fail.
    let text = serde_json::to_vec(note).ok()?;
    let length = u32::try_from(text.len()).ok().filter(|_| text.len() <= BYTES - HEAD)?;
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.extend(MARK);
    bytes.extend(length.to_le_bytes());
    bytes.extend(checksum(&text));
    bytes.extend(text);
    Some(bytes)
}

fn shortened(refusal: Refusal) -> Refusal {
    let cut = |text: String| text[..text.floor_char_boundary(TEXT)].to_owned();
    let Refusal { at_ms, record } = refusal;
    let Record { mut actor, about, .. } = record;
    actor.name = cut(actor.name);
    Refusal { at_ms, record: Record { actor, about: about.map(cut), ..record } }
}

/// What a slot holds.
pub(super) fn decode(slot: &[u8]) -> Slot {
    let Some((head, rest)) = slot.split_at_checked(HEAD) else {
        // The end of a file that is not whole.
        return if slot.iter().all(|byte| *byte == 0) { Slot::Free } else { Slot::Broken };
    };
    if head.iter().all(|byte| *byte == 0) {
        return Slot::Free;
    }
    note(head, rest).map_or(Slot::Broken, Slot::Note)
}

fn note(head: &[u8], rest: &[u8]) -> Option<Note> {
    let (mark, head) = head.split_first_chunk::<4>()?;
    let (length, said) = head.split_first_chunk::<4>()?;
    let text = rest.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let is_whole = *mark == MARK && checksum(text) == *said;
    serde_json::from_slice(text).ok().filter(|_| is_whole)
}

/// Half of it is as good as all of it against what is half written.
fn checksum(text: &[u8]) -> [u8; 8] {
    let digest: [u8; 32] = Sha256::digest(text).into();
    digest.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use interfaces::configs::{Author, Origin};
    use proptest::prelude::*;

    use super::*;

    fn text(most: usize) -> impl Strategy<Value = String> {
        proptest::string::string_regex(&format!("[^\u{0}-\u{1f}\u{7f}\"\\\\]{{0,{most}}}")).unwrap()
    }

    fn notes() -> impl Strategy<Value = Note> {
        let origin = prop_oneof![Just(Origin::Telegram), Just(Origin::Operator), Just(Origin::File)];
        let actor = (origin, any::<i64>(), text(30)).prop_map(|(origin, id, name)| Author { origin, id, name });
        let words = (text(10), text(10), text(50));
        let refusal = (any::<i64>(), actor, words, proptest::option::of(text(20)), proptest::option::of(text(20)));
        prop_oneof![
            refusal.prop_map(|(at_ms, actor, (action, reason, request_id), kind, about)| {
                Note::Refusal(Refusal { at_ms, record: Record { actor, action, kind, about, reason, request_id } })
            }),
            (text(30), any::<u64>(), any::<i64>()).prop_map(|(id, count, since_ms)| Note::More(More {
                id,
                count,
                since_ms
            })),
        ]
    }

    /// As it lies in the file: what was there before is not wiped.
    fn slot(note: &[u8], before: u8) -> Vec<u8> {
        let mut slot = vec![before; BYTES];
        slot[..note.len()].copy_from_slice(note);
        slot
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(note in notes(), before: u8) {
            let bytes = encode(&note).unwrap();
            prop_assert!(bytes.len() <= BYTES);
            prop_assert_eq!(decode(&slot(&bytes, before)), Slot::Note(note));
        }

        #[test]
        fn half_of_a_note_is_none(note in notes(), old in notes(), part: prop::sample::Index) {
            let (bytes, old) = (encode(&note).unwrap(), encode(&old).unwrap());
            let written = part.index(bytes.len());
            // Over a slot that was made free: its old note is there but for the head.
            let mut torn = slot(&old, 0);
            torn[..HEAD].fill(0);
            torn[..written].copy_from_slice(&bytes[..written]);
            let whole = slot(&bytes, 0);
            let found = decode(&torn);
            prop_assert!(found != Slot::Note(note) || torn[..bytes.len()] == whole[..bytes.len()]);
            prop_assert!(matches!(found, Slot::Free | Slot::Broken) || torn[..bytes.len()] == whole[..bytes.len()]);
        }

        #[test]
        fn a_byte_that_changed_is_seen(note in notes(), place: prop::sample::Index, change in 1..=u8::MAX) {
            let mut bytes = encode(&note).unwrap();
            let place = place.index(bytes.len());
            bytes[place] ^= change;
            prop_assert_eq!(decode(&slot(&bytes, 0)), Slot::Broken);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2 * BYTES), marked: bool) {
            let mut bytes = bytes;
            if marked && bytes.len() >= 8 {
                bytes[..4].copy_from_slice(&MARK);
                bytes[6..8].fill(0);
            }
            prop_assert!(!matches!(decode(&bytes), Slot::Note(_)));
        }

        #[test]
        fn the_longest_refusal_has_room(name in text(1024), about in text(1024), id in "[a-z]{200}") {
            let actor = Author { origin: Origin::Telegram, id: i64::MIN, name };
            let record = Record {
                actor,
                action: "a".repeat(64),
                kind: Some("k".repeat(64)),
                about: Some(about),
                reason: "r".repeat(64),
                request_id: id,
            };
            let bytes = encode(&Note::Refusal(Refusal { at_ms: i64::MIN, record: record.clone() })).unwrap();
            let Slot::Note(Note::Refusal(Refusal { record: found, .. })) = decode(&slot(&bytes, 0)) else { panic!() };
            prop_assert_eq!((&found.request_id, &found.reason), (&record.request_id, &record.reason));
            prop_assert!(record.actor.name.starts_with(&found.actor.name));
        }
    }

    #[test]
    fn what_no_slot_takes_is_not_written() {
        let more = |id: String| Note::More(More { id, count: 1, since_ms: 0 });
        assert!(encode(&more("x".repeat(900))).is_some());
        assert!(encode(&more("x".repeat(BYTES))).is_none());
    }
}
