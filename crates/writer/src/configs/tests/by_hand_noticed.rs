//! How changes on the disk are noticed: the watch, the check at the start, and our own publications.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::sync::atomic::Ordering;

use harness::until_async;
use interfaces::notices::Event;

use super::by_hand::{by_hand, found, restoring, room_with_version, sha256, told};
use super::proposals::notices;
use super::reconcile::FailingDisk;
use super::*;

/// The kernel tells of a change when it comes to it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until what the kernel tells has been seen to.
async fn until(what: &str, mut done: impl FnMut() -> bool) {
    until_async(what, PATIENCE, async || done().then_some(())).await.unwrap();
}

#[test]
fn a_change_is_noticed_and_told_once_for_each_content() {
    run(async {
        let (room, store, configs) = room_with_version().await;
        let watching = tokio::spawn(configs.clone().watch_files());
        let path = room.published("fees.yml");
        fs::write(&path, "hand: 1").unwrap();
        until("noticed", || by_hand(&configs).is_some_and(|seen| seen.sha256 == sha256("hand: 1"))).await;
        assert_eq!(notices(&store).await.len(), 2);
        // The same once more, by another file.
        fs::write(room.published("other"), "hand: 1").unwrap();
        fs::rename(room.published("other"), &path).unwrap();
        fs::write(&path, "hand: 2").unwrap();
        until("noticed again", || by_hand(&configs).is_some_and(|seen| seen.sha256 == sha256("hand: 2"))).await;
        assert_eq!(notices(&store).await.len(), 4);
        // Put right by whoever changed it.
        fs::write(&path, "a: 1").unwrap();
        until("put right", || by_hand(&configs).is_none()).await;
        assert!(configs.put(upload("fees", 1, "a: 2", "now")).await.unwrap().published);
        // A link in its place.
        fs::remove_file(&path).unwrap();
        symlink("/nowhere", &path).unwrap();
        until("a link is noticed", || by_hand(&configs).is_some_and(|seen| seen.sha256.is_empty())).await;
        watching.abort();
    });
}

#[test]
fn a_file_that_is_removed_is_there_again_and_told() {
    run(async {
        let (room, store, configs) = room_with_version().await;
        let watching = tokio::spawn(configs.clone().watch_files());
        let path = room.published("fees.yml");
        for round in 1..=2 {
            fs::remove_file(&path).unwrap();
            until("there again", || fs::read_to_string(&path).is_ok_and(|content| content == "a: 1")).await;
            let removed = Event::RemovedByHand { kind: "fees".to_owned(), version: 1 };
            let told = async || (notices(&store).await.len() == 2 * round).then_some(());
            until_async("told", PATIENCE, told).await.unwrap();
            assert_eq!(notices(&store).await[2 * round - 1], (1002, removed));
        }
        assert_eq!(by_hand(&configs), None);
        watching.abort();
    });
}

#[test]
fn what_is_said_beside_a_file_is_put_right_at_once_and_our_own_word_is_not_said_twice() {
    run(async {
        let (room, _store, configs) = room_with_version().await;
        let said = room.published("fees.yml.meta.json");
        let right = read(&said);
        // The look at the start puts it right as well: this one is no answer to what the kernel tells.
        let watching = tokio::spawn(configs.clone().watch_files());
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        until("watched", || by_hand(&configs).is_some()).await;
        fs::write(room.published("fees.yml"), "a: 1").unwrap();
        until("put right", || by_hand(&configs).is_none()).await;

        fs::write(&said, "{}").unwrap();
        until("it is right again", || fs::read_to_string(&said).is_ok_and(|said| said == right)).await;
        fs::remove_file(&said).unwrap();
        until("it is there again", || fs::read_to_string(&said).is_ok_and(|said| said == right)).await;
        fs::remove_file(&said).unwrap();
        symlink("/nowhere", &said).unwrap();
        until("it is a file again", || fs::read_to_string(&said).is_ok_and(|said| said == right)).await;
        // Our own rename was told by the kernel, too, and so is that of the next version: neither is answered by another one.
        assert!(put(&configs, 1, "a: 2").await.published);
        let inode = fs::metadata(&said).unwrap().ino();
        fs::write(room.published("fees.yml"), "hand: 2").unwrap();
        until("what came after it is seen", || by_hand(&configs).is_some()).await;
        assert_eq!(fs::metadata(&said).unwrap().ino(), inode);
        // Of a file that was changed by hand it says what it did.
        fs::remove_file(&said).unwrap();
        fs::write(room.published("fees.yml"), "hand: 3").unwrap();
        until("seen", || by_hand(&configs).is_some_and(|seen| seen.sha256 == sha256("hand: 3"))).await;
        assert!(!said.exists());
        fs::write(room.published("fees.yml"), "a: 2").unwrap();
        until("it is there with the file", || said.exists()).await;
        assert!(read(&said).contains("\"version\": 2"), "{}", read(&said));
        watching.abort();
    });
}

#[test]
fn who_asks_again_whether_it_is_put_back_is_told_what_is_true_now() {
    run(async {
        let mut room = Room::new();
        let disk = Arc::new(FailingDisk::default());
        room.disk = disk.clone();
        let configs = room.open().await;
        put(&configs, 0, "a: 1").await;
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        disk.fails.store(true, Ordering::SeqCst);
        let again = async || configs.restore(restoring(&sha256("hand: 1"), "back")).await.unwrap();
        assert!(!again().await.published);
        assert!(!again().await.published, "it still is not");
        disk.fails.store(false, Ordering::SeqCst);
        let retrying = tokio::spawn(configs.clone().keep_publishing());
        configs.unpublished().wait_for(std::collections::BTreeMap::is_empty).await.unwrap();
        retrying.abort();
        assert_eq!(read(&room.published("fees.yml")), "a: 1");
        assert!(again().await.published, "now it is");
        fs::write(room.published("fees.yml"), "hand: 2").unwrap();
        assert!(!again().await.published, "not any more");
    });
}

#[test]
fn the_directory_may_be_replaced() {
    run(async {
        let (room, _store, configs) = room_with_version().await;
        let watching = tokio::spawn(configs.clone().watch_files());
        let path = room.published("fees.yml");
        fs::write(&path, "hand: 1").unwrap();
        until("watched", || by_hand(&configs).is_some()).await;
        fs::rename(room.root.join("published"), room.root.join("gone")).unwrap();
        fs::create_dir(room.root.join("published")).unwrap();
        until("published there, too", || fs::read_to_string(&path).is_ok_and(|content| content == "a: 1")).await;
        watching.abort();
    });
}

#[test]
fn our_own_publications_are_recognised_without_the_lock() {
    run(async {
        let (room, store, configs) = room_with_version().await;
        let watching = tokio::spawn(configs.clone().watch_files());
        for base in 1..20 {
            put(&configs, base, &format!("a: {base}.{base}")).await;
        }
        let settled = || configs.inner.kind("fees").unwrap().seen().unwrap().settled;
        until("recognised", settled).await;
        assert_eq!((by_hand(&configs), notices(&store).await.len()), (None, 0));
        // Touched and copied over with the same content: it is what it should be, and the lock is not needed to see it.
        let place = Arc::clone(&configs.inner.kind("fees").unwrap().place);
        let held = place.lock_owned().await;
        let before = configs.inner.kind("fees").unwrap().seen().unwrap();
        let content = read(&room.published("fees.yml"));
        fs::write(room.published("copy"), content).unwrap();
        fs::rename(room.published("copy"), room.published("fees.yml")).unwrap();
        until("recognised again", || configs.inner.kind("fees").unwrap().seen() != Some(before)).await;
        until("recognised", settled).await;
        drop(held);
        assert_eq!(by_hand(&configs), None);
        assert!(put(&configs, 20, "a: last").await.published);
        watching.abort();
    });
}

#[test]
fn what_is_changed_while_a_version_is_saved_is_not_lost() {
    run(async {
        let (room, store, configs) = room_with_version().await;
        // The store is busy, so that the call waits for its commit; by then it has looked at the file.
        let (go_on, held) = std::sync::mpsc::channel::<()>();
        let busy = tokio::spawn({
            let store = store.clone();
            async move { store.write(move |_| Ok::<_, StoreError>(held.recv().is_err())).await.unwrap() }
        });
        let saving = tokio::spawn({
            let configs = configs.clone();
            async move { put(&configs, 1, "a: 2").await }
        });
        until("the commit waits", || store.waiting() == 1).await;
        fs::write(room.published("fees.yml"), "just now").unwrap();
        drop(go_on);
        assert!(busy.await.unwrap());
        let reply = saving.await.unwrap();
        assert!(!reply.published, "it is saved, and says the truth");
        assert_eq!(read(&room.published("fees.yml")), "just now");
        let retrying = tokio::spawn(configs.clone().keep_publishing());
        until("seen to", || by_hand(&configs).is_some_and(|seen| seen.sha256 == sha256("just now"))).await;
        retrying.abort();
        assert_eq!(read(&room.published("fees.yml")), "just now");
        let reply = configs.restore(restoring(&sha256("just now"), "back")).await.unwrap();
        assert!(reply.published && reply.version.version == 2);
        assert_eq!(read(&room.published("fees.yml")), "a: 2");
    });
}

#[test]
fn before_the_first_version_the_file_is_its_owners_own() {
    run(async {
        let room = Room::new();
        let store = room.store();
        fs::write(room.published("fees.yml"), "bad: 1").unwrap();
        let configs = room.open_on(store.clone()).await;
        let watching = tokio::spawn(configs.clone().watch_files());
        fs::write(room.published("fees.yml"), "bad: 2").unwrap();
        assert!(configs.get_by_hand("fees".to_owned()).await.unwrap().is_none());
        assert!(put(&configs, 0, "a: 1").await.published);
        assert_eq!(found(&room), ["bad: 2"]);
        assert!(notices(&store).await.is_empty());
        watching.abort();
    });
}

#[test]
fn who_asks_for_the_file_at_the_end_waits_for_nobody() {
    run(async {
        let (room, store, configs) = room_with_version().await;
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        configs.quiesce().await;
        let shown = configs.get_by_hand("fees".to_owned()).await;
        assert!(matches!(shown, Err(Refused::Request(_))), "{shown:?}");
        store.close().await;
    });
}

#[test]
fn the_status_names_the_kind() {
    run(async {
        let (room, store, configs) = room_with_version().await;
        let mut status = crate::Status::new(store.trouble(), &configs);
        assert!(status.text().starts_with("fees 1, "), "{}", status.text());
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        told(configs.put(upload("fees", 1, "a: 2", "blind")).await);
        status.changed().await;
        assert!(status.text().starts_with("the file of fees was changed by hand; fees 1, "), "{}", status.text());
    });
}
