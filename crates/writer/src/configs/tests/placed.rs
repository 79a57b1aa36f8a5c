//! What is found at a start beside what is known to have been in place before.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::Ordering;

use interfaces::configs::ByHand;
use interfaces::notices::Event;

use super::by_hand::{by_hand, found, restoring, sha256, told};
use super::checks::{Line, trail};
use super::proposals::notices;
use super::reconcile::FailingDisk;
use super::*;

/// With the versions `a: 1` and `a: 2`, after a stop; whether the writer had time to note what is in place.
async fn stopped(noted: bool) -> Room {
    let (room, store, configs) = opened().await;
    put(&configs, 0, "a: 1").await;
    put(&configs, 1, "a: 2").await;
    if noted {
        configs.note_placed().await.unwrap();
    }
    drop(configs);
    store.close().await;
    room
}

/// What the trail has of the file on the disk.
async fn since(store: &Store) -> Vec<Line> {
    trail(store).await.into_iter().filter(|line| line.1 == "change_file").collect()
}

/// The version of fees that is noted to be in place.
async fn placed(store: &Store) -> Option<i64> {
    let sql = "SELECT version FROM placed WHERE kind = 'fees'";
    store.read::<_, StoreError, _>(move |view| view.first(sql, [], |row| row.get(0))).await.unwrap()
}

fn change(about: &str, version: Option<i64>, actor: i64) -> Line {
    (actor, "change_file".to_owned(), Some("fees".to_owned()), version, Some(about.to_owned()), None)
}

#[test]
fn an_older_version_put_back_while_nobody_looked_is_left_alone_and_told() {
    run(async {
        let room = stopped(true).await;
        let path = room.published("fees.yml");
        fs::write(&path, "a: 1").unwrap();
        for _ in 0..2 {
            let store = room.store();
            let configs = room.open_on(store.clone()).await;
            assert_eq!(by_hand(&configs).map(|seen| (seen.sha256, seen.valid)), Some((sha256("a: 1"), true)));
            assert_eq!(read(&path), "a: 1");
            let me = i64::from(nix::unistd::geteuid().as_raw());
            assert_eq!(since(&store).await, [change("changed by hand", None, me)]);
            assert_eq!(notices(&store).await.len(), 2, "each of two admins is told once");
            told(configs.put(upload("fees", 2, "a: 3", "blind")).await);
            configs.note_placed().await.unwrap();
            store.close().await;
        }
        let configs = room.open().await;
        assert!(configs.restore(restoring(&sha256("a: 1"), "back")).await.unwrap().published);
        assert_eq!(read(&path), "a: 2");
        assert_eq!(found(&room), [""; 0], "it is a version already");
    });
}

#[test]
fn a_file_removed_while_nobody_looked_is_there_again_and_told() {
    run(async {
        let room = stopped(true).await;
        let path = room.published("fees.yml");
        fs::remove_file(&path).unwrap();
        for _ in 0..2 {
            let store = room.store();
            let configs = room.open_on(store.clone()).await;
            assert_eq!((by_hand(&configs), read(&path)), (None, "a: 2".to_owned()));
            assert_eq!(since(&store).await, [change("removed by hand", Some(2), 0)]);
            let removed = Event::RemovedByHand { kind: "fees".to_owned(), version: 2 };
            assert_eq!(notices(&store).await, [(1001, removed.clone()), (1002, removed)]);
            store.close().await;
        }
    });
}

#[test]
fn nobody_is_said_to_have_done_what_a_crash_may_have_left() {
    run(async {
        for left in [Some("a: 1"), None] {
            let room = stopped(false).await;
            let path = room.published("fees.yml");
            match left {
                Some(content) => fs::write(&path, content).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let store = room.store();
            let configs = room.open_on(store.clone()).await;
            assert_eq!((by_hand(&configs), read(&path)), (None, "a: 2".to_owned()));
            assert_eq!((since(&store).await, notices(&store).await), (Vec::new(), Vec::new()));
        }
        // The version before was in place, and this one is not known to have been.
        let room = stopped(true).await;
        let store = room.store();
        let configs = room.open_on(store.clone()).await;
        put(&configs, 2, "a: 3").await;
        store.close().await;
        fs::write(room.published("fees.yml"), "a: 2").unwrap();
        let store = room.store();
        let configs = room.open_on(store.clone()).await;
        assert_eq!((by_hand(&configs), read(&room.published("fees.yml"))), (None, "a: 3".to_owned()));
        assert_eq!(notices(&store).await, []);
    });
}

#[test]
fn a_directory_that_was_made_anew_says_nothing_of_anybody() {
    run(async {
        let room = stopped(true).await;
        let published = room.root.join("published");
        let inode = fs::metadata(&published).unwrap().ino();
        fs::remove_dir_all(&published).unwrap();
        // Of the same number, where the file system gives it again.
        let anew = (0..1000).map(|number| room.root.join(format!("anew-{number}"))).find(|path| {
            fs::create_dir(path).unwrap();
            fs::metadata(path).unwrap().ino() == inode
        });
        fs::rename(anew.unwrap_or_else(|| room.root.join("anew-0")), published).unwrap();
        let store = room.store();
        let configs = room.open_on(store.clone()).await;
        assert_eq!((by_hand(&configs), read(&room.published("fees.yml"))), (None, "a: 2".to_owned()));
        assert_eq!((since(&store).await, notices(&store).await), (Vec::new(), Vec::new()));
    });
}

#[test]
fn what_was_noticed_before_the_version_was_noted_to_be_there_stays_noticed() {
    run(async {
        let room = stopped(false).await;
        let path = room.published("fees.yml");
        let store = room.store();
        let configs = room.open_on(store.clone()).await;
        fs::write(&path, "a: 1").unwrap();
        let seen = told(configs.put(upload("fees", 2, "a: 3", "blind")).await);
        configs.note_placed().await.unwrap();
        assert_eq!(placed(&store).await, None, "it is not there");
        store.close().await;
        for _ in 0..2 {
            let store = room.store();
            let configs = room.open_on(store.clone()).await;
            assert_eq!(
                (by_hand(&configs), read(&path)),
                (Some(ByHand { valid: true, ..seen.clone() }), "a: 1".to_owned())
            );
            assert_eq!((since(&store).await.len(), notices(&store).await.len()), (1, 2), "it was told before");
            store.close().await;
        }
    });
}

#[test]
fn a_removal_is_told_once_the_file_is_there_again_over_failures_and_crashes() {
    run(async {
        let mut room = stopped(true).await;
        let disk = Arc::new(FailingDisk::default());
        room.disk = disk.clone();
        let path = room.published("fees.yml");
        fs::remove_file(&path).unwrap();
        disk.fails.store(true, Ordering::SeqCst);
        for _ in 0..2 {
            let store = room.store();
            let configs = room.open_on(store.clone()).await;
            assert!(configs.unpublished().borrow().contains_key("fees"));
            assert_eq!((since(&store).await, notices(&store).await), (Vec::new(), Vec::new()), "it is not there");
            configs.note_placed().await.unwrap();
            store.close().await;
        }
        disk.fails.store(false, Ordering::SeqCst);
        // As after a crash between publishing and telling.
        fs::write(&path, "a: 2").unwrap();
        for _ in 0..2 {
            let store = room.store();
            let _configs = room.open_on(store.clone()).await;
            assert_eq!(since(&store).await, [change("removed by hand", Some(2), 0)]);
            assert_eq!(notices(&store).await.len(), 2);
            store.close().await;
        }
    });
}

#[test]
fn who_said_to_replace_what_stood_there_is_not_said_to_have_removed_it() {
    run(async {
        let room = stopped(true).await;
        // A directory makes room before the version takes its place, and the writer was ended in between.
        fs::remove_file(room.published("fees.yml")).unwrap();
        let store = room.store();
        let sql = "INSERT INTO replacements VALUES ('fees', '', 2)";
        store.write::<_, StoreError, _>(move |job| job.execute(sql, ())).await.unwrap();
        let configs = room.open_on(store.clone()).await;
        assert_eq!((by_hand(&configs), read(&room.published("fees.yml"))), (None, "a: 2".to_owned()));
        assert_eq!((since(&store).await, notices(&store).await), (Vec::new(), Vec::new()));
    });
}

#[test]
fn what_is_in_place_is_noted_soon_and_without_a_commit_where_nothing_changed() {
    run(async {
        let (room, store, configs) = opened().await;
        let noting = tokio::spawn(configs.clone().keep_noting());
        put(&configs, 0, "a: 1").await;
        let noted = async || (placed(&store).await == Some(1)).then_some(());
        harness::until_async("noted", Duration::from_secs(20), noted).await.unwrap();
        noting.abort();
        store.close().await;
        configs.note_placed().await.unwrap();
        drop(room);
    });
}

#[test]
fn nobody_is_said_to_have_removed_what_could_not_be_published_yet() {
    run(async {
        let mut room = stopped(false).await;
        let disk = Arc::new(FailingDisk::default());
        room.disk = disk.clone();
        fs::remove_file(room.published("fees.yml")).unwrap();
        disk.fails.store(true, Ordering::SeqCst);
        let store = room.store();
        let configs = room.open_on(store.clone()).await;
        configs.look(configs.inner.kind("fees").unwrap()).await;
        disk.fails.store(false, Ordering::SeqCst);
        let retrying = tokio::spawn(configs.clone().keep_publishing());
        configs.unpublished().wait_for(std::collections::BTreeMap::is_empty).await.unwrap();
        retrying.abort();
        configs.look(configs.inner.kind("fees").unwrap()).await;
        assert_eq!(read(&room.published("fees.yml")), "a: 2");
        assert_eq!((since(&store).await, notices(&store).await), (Vec::new(), Vec::new()));
    });
}

#[test]
fn a_removal_is_told_by_the_upload_that_was_there_before_anybody_looked() {
    run(async {
        let (room, store, configs) = opened().await;
        put(&configs, 0, "a: 1").await;
        fs::remove_file(room.published("fees.yml")).unwrap();
        assert!(put(&configs, 1, "a: 2").await.published);
        assert_eq!(since(&store).await, [change("removed by hand", Some(2), 0)]);
        assert_eq!(notices(&store).await.len(), 2);
        put(&configs, 2, "a: 3").await;
        assert_eq!(since(&store).await.len(), 1, "once");
    });
}

#[test]
fn what_was_noticed_of_an_older_version_says_nothing_of_a_newer_one() {
    run(async {
        // `a: 1` was adopted once, and that it had been noticed could not be forgotten.
        let room = stopped(false).await;
        let store = room.store();
        let insert = |job: &crate::store::Transaction<'_>| {
            job.execute("INSERT INTO changed_by_hand VALUES ('fees', ?1, 4, 1, 1)", [sha256("a: 1")])
        };
        store.write::<_, StoreError, _>(insert).await.unwrap();
        fs::write(room.published("fees.yml"), "a: 1").unwrap();
        let configs = room.open_on(store.clone()).await;
        assert_eq!((by_hand(&configs), read(&room.published("fees.yml"))), (None, "a: 2".to_owned()));
        assert_eq!(notices(&store).await, []);
    });
}
