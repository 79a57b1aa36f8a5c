#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use interfaces::configs::{Author, Origin};
use std::fs;
use std::os::unix::fs::MetadataExt;

use interfaces::audit::Record;
use proptest::prelude::*;

use super::*;

fn refusal(request_id: &str) -> Refusal {
    let actor = Author { origin: Origin::Telegram, id: 1001, name: "Anna".to_owned() };
    let (action, reason) = ("put".to_owned(), "not saved".to_owned());
    let kind = Some("fees".to_owned());
    Refusal { at_ms: 1, record: Record { actor, action, kind, about: None, reason, request_id: request_id.to_owned() } }
}

fn ids(aside: &Aside) -> Vec<String> {
    aside.refusals().into_iter().map(|one| one.record.request_id).collect()
}

#[test]
fn what_was_taken_is_there_after_a_crash_and_nobody_else_reads_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store.sqlite");
    let path = directory.path().join("store.refusals");
    let mut aside = Aside::beside(&store);
    let made = path.metadata().unwrap();
    assert_eq!((made.mode() & 0o777, made.len()), (0o600, SIZE as u64));
    assert!(made.blocks() * 512 >= SIZE as u64, "it has its space: {} blocks", made.blocks());
    aside.put(refusal("a")).unwrap();
    aside.put(refusal("b")).unwrap();
    std::mem::forget(aside);
    let mut aside = Aside::beside(&store);
    assert_eq!(aside.refusals(), [refusal("a"), refusal("b")]);
    aside.clear().unwrap();
    aside.put(refusal("c")).unwrap();
    assert_eq!(ids(&Aside::beside(&store)), ["c"]);
    assert_eq!(path.metadata().unwrap().ino(), made.ino());
}

#[test]
fn a_torn_slot_is_left_out_and_serves_again() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store.sqlite");
    let mut aside = Aside::beside(&store);
    for id in ["a", "b", "c"] {
        aside.put(refusal(id)).unwrap();
    }
    let path = Aside::path(&store);
    let mut content = fs::read(&path).unwrap();
    content[3 * BYTES + 30] ^= 1;
    fs::write(&path, content).unwrap();
    let mut aside = Aside::beside(&store);
    assert_eq!(ids(&aside), ["a", "c"]);
    assert_eq!(fs::read(&path).unwrap()[3 * BYTES..][..HEAD], [0; HEAD], "nobody is warned of it twice");
    for number in 0..SLOTS - 4 {
        aside.put(refusal(&format!("{number}"))).unwrap();
    }
    assert_eq!(ids(&Aside::beside(&store)).len(), SLOTS - 2, "all slots are in use, and none is counted");
}

#[test]
fn what_is_no_file_of_ours_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store.sqlite");
    let other = directory.path().join("other");
    fs::write(&other, "not ours").unwrap();
    let path = Aside::path(&store);
    std::os::unix::fs::symlink(&other, &path).unwrap();
    let mut aside = Aside::beside(&store);
    assert!(!aside.is_made());
    aside.put(refusal("a")).unwrap_err();
    assert_eq!(fs::read_to_string(&other).unwrap(), "not ours");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(Aside::beside(&store).make().is_err());
    fs::remove_dir(&path).unwrap();
    aside.make().unwrap();
    aside.put(refusal("a")).unwrap();
    assert_eq!(ids(&Aside::beside(&store)), ["a"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_in_the_file_hurt_nobody(
        bytes in proptest::collection::vec(any::<u8>(), 0..4 * BYTES),
        length in 0..2 * SIZE,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("store.sqlite");
        let foreign: Vec<u8> = bytes.iter().copied().cycle().take(if bytes.is_empty() { 0 } else { length }).collect();
        fs::write(Aside::path(&store), foreign).unwrap();
        let mut aside = Aside::beside(&store);
        prop_assert!(aside.is_empty());
        aside.put(refusal("a")).unwrap();
        prop_assert_eq!(ids(&Aside::beside(&store)), ["a"]);
    }
}
