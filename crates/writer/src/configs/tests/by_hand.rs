//! Published files that somebody changed on the disk.

use std::fs;
use std::os::unix::fs::symlink;

use interfaces::configs::{Adopt, ByHand, Restore};
use interfaces::notices::Event;

use super::checks::{line, person, trail};
use super::proposals::notices;
use super::*;

pub(super) fn sha256(content: &str) -> String {
    crate::store::hex(&versions::hash(content.as_bytes()))
}

pub(super) fn over(sha256: &str, base: i64, content: &str, id: &str) -> Put {
    Put { over: Some(sha256.to_owned()), ..upload("fees", base, content, id) }
}

pub(super) fn restoring(sha256: &str, id: &str) -> Restore {
    Restore { kind: "fees".to_owned(), sha256: sha256.to_owned(), by: anna(), request_id: id.to_owned(), settles: None }
}

fn adopting(sha256: &str, id: &str) -> Adopt {
    Adopt {
        kind: "fees".to_owned(),
        sha256: sha256.to_owned(),
        author: anna(),
        request_id: id.to_owned(),
        settles: None,
    }
}

/// With one version, `a: 1`.
pub(super) async fn room_with_version() -> (Room, Store, Configs) {
    let (room, store, configs) = opened().await;
    put(&configs, 0, "a: 1").await;
    (room, store, configs)
}

pub(super) fn by_hand(configs: &Configs) -> Option<ByHand> {
    configs.by_hand().borrow().get("fees").cloned()
}

/// The backups that are no version's.
pub(super) fn found(room: &Room) -> Vec<String> {
    let names = room.backups().into_iter().filter(|name| name.contains(".found-"));
    names.map(|name| read(&room.backup(&name))).collect()
}

/// What a refused call says of the file.
pub(super) fn told<T>(result: Result<T, Refused>) -> ByHand {
    match result {
        Err(Refused::ChangedByHand { by_hand, .. }) => by_hand,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was replaced"),
    }
}

#[test]
fn an_upload_replaces_only_what_its_author_has_seen() {
    run(async {
        let (room, store, configs) = room_with_version().await;
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        let seen = told(configs.put(upload("fees", 1, "a: 2", "blind")).await);
        assert_eq!((seen.sha256.as_str(), seen.bytes, seen.valid), (sha256("hand: 1").as_str(), 7, true));
        assert_eq!(by_hand(&configs), Some(seen.clone()), "it is known now");
        let kinds = configs.kinds().await.unwrap().0;
        assert_eq!(kinds[0].by_hand, Some(seen.clone()));
        let (shown, content) = configs.get_by_hand("fees".to_owned()).await.unwrap().unwrap();
        assert_eq!((shown, content.as_deref()), (seen.clone(), Some("hand: 1")));

        // Somebody changes it once more.
        fs::write(room.published("fees.yml"), "bad: hand").unwrap();
        let again = told(configs.put(over(&seen.sha256, 1, "a: 2", "seen")).await);
        assert_eq!((again.sha256.as_str(), again.valid), (sha256("bad: hand").as_str(), false));
        let back = interfaces::configs::Rollback {
            kind: "fees".to_owned(),
            to: 1,
            base: 1,
            over: None,
            author: anna(),
            request_id: "back".to_owned(),
            settles: None,
        };
        assert!(configs.rollback(back).await.unwrap().unchanged, "nothing is replaced by what is current");
        assert_eq!(read(&room.published("fees.yml")), "bad: hand");

        let reply = configs.put(over(&again.sha256, 1, "a: 2", "seen now")).await.unwrap();
        assert!(reply.published && reply.version.version == 2);
        assert_eq!(read(&room.published("fees.yml")), "a: 2");
        assert_eq!(found(&room), ["bad: hand"], "it is kept");
        assert_eq!(read(&room.backup("fees.v1.yml")), "a: 1");
        assert_eq!(by_hand(&configs), None);
        assert!(configs.get_by_hand("fees".to_owned()).await.unwrap().is_none());
        assert!(configs.put(upload("fees", 2, "a: 3", "as before")).await.unwrap().published);

        let told = notices(&store).await;
        let of = |by_hand: &ByHand| Event::ChangedByHand { kind: "fees".to_owned(), by_hand: by_hand.clone() };
        assert_eq!(told, [(1001, of(&seen)), (1002, of(&seen)), (1001, of(&again)), (1002, of(&again))]);
        let reasons: Vec<_> = trail(&store).await.into_iter().filter_map(|line| line.5).collect();
        assert_eq!(reasons, ["changed by hand", "changed by hand"]);
    });
}

#[test]
fn a_conflict_is_told_before_the_file() {
    run(async {
        let (room, _store, configs) = room_with_version().await;
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        let error = configs.put(upload("fees", 0, "a: 2", "late")).await.unwrap_err();
        assert!(matches!(error, Refused::Conflict(_)), "{error}");
        let same = configs.put(upload("fees", 1, "a: 1", "same")).await.unwrap();
        assert!(same.unchanged && !same.published, "the version is there, its file is not");
        let same = configs.put(over(&sha256("hand: 1"), 1, "a: 1", "same, seen")).await.unwrap();
        assert!(same.unchanged && same.published);
        assert_eq!(read(&room.published("fees.yml")), "a: 1");
        assert_eq!(found(&room), ["hand: 1"]);
    });
}

#[test]
fn an_upload_of_the_current_version_over_a_file_by_hand_is_written_down_and_has_its_hook_run() {
    run(async {
        let room = Room::new();
        let store = room.store();
        let mut kinds = kinds();
        kinds[0].hook = true;
        let configs = room.open_with(store.clone(), kinds).await;
        put(&configs, 0, "a: 1").await;
        let ran = "DELETE FROM hooks";
        store.write(move |transaction| transaction.execute(ran, []).map(drop)).await.unwrap();
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        let seen = told(configs.put(upload("fees", 1, "a: 2", "blind")).await);
        let before = trail(&store).await;
        configs.put(upload("fees", 1, "a: 1", "same")).await.unwrap();
        assert_eq!((trail(&store).await, is_due(&store).await), (before.clone(), false), "that changed nothing");

        assert!(configs.put(over(&seen.sha256, 1, "a: 1", "seen")).await.unwrap().published);
        assert_eq!(read(&room.published("fees.yml")), "a: 1");
        let after = trail(&store).await;
        assert_eq!(after[before.len()..], [line(1001, "put", Some(1), None)]);
        assert!(is_due(&store).await);
        configs.put(over(&seen.sha256, 1, "a: 1", "seen")).await.unwrap();
        assert_eq!(trail(&store).await, after, "asked twice, done once");
    });
}

/// Whether something is to be run for the first version of fees.
async fn is_due(store: &Store) -> bool {
    let sql = "SELECT 1 FROM hooks WHERE kind = 'fees' AND version = 1 AND state = 'due'";
    let due = store.read::<_, crate::store::StoreError, _>(move |view| view.first(sql, [], |_| Ok(())));
    due.await.unwrap().is_some()
}

#[test]
fn the_stored_version_is_put_back_by_who_has_seen_the_file() {
    run(async {
        let (room, store, configs) = room_with_version().await;
        let error = configs.restore(restoring("", "nothing")).await.unwrap_err();
        assert!(matches!(error, Refused::NotByHand { by_hand: None, .. }), "{error}");
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        let error = configs.restore(restoring(&sha256("else"), "else")).await.unwrap_err();
        let Refused::NotByHand { by_hand: Some(seen), .. } = error else { panic!("{error}") };
        let eve = Restore { by: person(99, "Eve"), ..restoring(&seen.sha256, "eve") };
        assert!(matches!(configs.restore(eve).await.unwrap_err(), Refused::Forbidden { .. }));

        let reply = configs.restore(restoring(&seen.sha256, "back")).await.unwrap();
        assert!(reply.published && reply.version.version == 1);
        assert_eq!(configs.restore(restoring(&seen.sha256, "back")).await.unwrap(), reply);
        assert_eq!(read(&room.published("fees.yml")), "a: 1");
        assert_eq!(found(&room), ["hand: 1"]);
        assert_eq!(by_hand(&configs), None);
        assert_eq!(history(&configs, "fees").await.len(), 1, "no version is made");
        assert_eq!(trail(&store).await.last().unwrap().1, "restore");
        // The same again by hand is a new change: nobody has said anything of it.
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        store.close().await;
        let configs = room.open().await;
        assert_eq!(by_hand(&configs).unwrap().sha256, seen.sha256);
        assert_eq!(read(&room.published("fees.yml")), "hand: 1");
    });
}

#[test]
fn a_file_by_hand_becomes_a_version() {
    run(async {
        let (room, store, configs) = room_with_version().await;
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        let error = configs.adopt(adopting(&sha256("else"), "else")).await.unwrap_err();
        assert!(matches!(error, Refused::NotByHand { by_hand: Some(_), .. }), "{error}");
        let reply = configs.adopt(adopting(&sha256("hand: 1"), "adopt")).await.unwrap();
        assert!(reply.published && !reply.unchanged);
        assert_eq!((reply.version.version, reply.version.base, &reply.version.author), (2, 1, &anna()));
        assert_eq!(configs.adopt(adopting(&sha256("hand: 1"), "adopt")).await.unwrap(), reply);
        assert_eq!(history(&configs, "fees").await[1].1, "hand: 1");
        assert_eq!(read(&room.published("fees.yml")), "hand: 1");
        assert_eq!(read(&room.backup("fees.v1.yml")), "a: 1", "made from the store");
        assert!(found(&room).is_empty(), "it is a version, and not kept twice");
        assert_eq!(by_hand(&configs), None);
        assert_eq!(trail(&store).await.last().unwrap().1, "adopt");

        fs::write(room.published("fees.yml"), "bad: 1").unwrap();
        let error = configs.adopt(adopting(&sha256("bad: 1"), "bad")).await.unwrap_err();
        assert!(matches!(error, Refused::Invalid { .. }), "{error}");
        let bytes = [0xff, 0xfe];
        fs::write(room.published("fees.yml"), bytes).unwrap();
        let hash = crate::store::hex(&versions::hash(&bytes));
        let error = configs.adopt(adopting(&hash, "no text")).await.unwrap_err();
        assert!(matches!(error, Refused::NotAdoptable { reason: "it is no text", .. }), "{error}");
        let (_, content) = configs.get_by_hand("fees".to_owned()).await.unwrap().unwrap();
        assert_eq!(content, None);
    });
}

#[test]
fn a_kind_that_needs_approval_takes_no_file_from_one_alone() {
    run(async {
        let (room, store, configs) = room_with_version().await;
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        drop(configs);
        store.close().await;
        let mut kinds = kinds();
        kinds[0].approval = true;
        let configs = room.open_with(room.store(), kinds).await;
        let error = configs.adopt(adopting(&sha256("hand: 1"), "adopt")).await.unwrap_err();
        assert!(matches!(error, Refused::ApprovalRequired(_)), "{error}");
    });
}

#[test]
fn what_cannot_be_a_version_is_left_alone_and_can_be_replaced() {
    type Make = fn(&Path);
    let makers: [(&str, Make); 4] = [
        ("a link", |path| symlink("/nowhere", path).unwrap()),
        ("a full directory", |path| {
            fs::create_dir(path).unwrap();
            fs::write(path.join("x"), "in it").unwrap();
        }),
        ("too large", |path| fs::write(path, vec![b'x'; CONTENT_BYTES + 1]).unwrap()),
        ("a pipe", |path| nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap()),
    ];
    for (what, make) in makers {
        run(async {
            let (room, store, configs) = room_with_version().await;
            let path = room.published("fees.yml");
            fs::remove_file(&path).unwrap();
            make(&path);
            let seen = told(configs.put(upload("fees", 1, "a: 2", "blind")).await);
            assert_eq!((seen.sha256.as_str(), seen.valid), ("", false), "{what}");
            let error = configs.adopt(adopting("", "adopt")).await.unwrap_err();
            assert!(matches!(error, Refused::NotAdoptable { .. }), "{what}: {error}");
            store.close().await;
            // It survives a start, too.
            let configs = room.open().await;
            assert_eq!(by_hand(&configs).map(|seen| seen.sha256), Some(String::new()), "{what}");
            assert!(!path.symlink_metadata().is_ok_and(|metadata| metadata.len() == 4), "{what}");
            let reply = configs.restore(restoring("", "back")).await.unwrap();
            assert!(reply.published, "{what}");
            assert_eq!(read(&path), "a: 1", "{what}");
            let kept = room.backups().into_iter().any(|name| name.starts_with("fees.yml.found-"));
            assert!(kept, "{what}: {:?}", room.backups());
            assert!(configs.put(upload("fees", 1, "a: 2", "as before")).await.unwrap().published, "{what}");
        });
    }
}

#[test]
fn a_start_leaves_alone_what_nobody_has_looked_at() {
    run(async {
        let (room, store, configs) = room_with_version().await;
        drop(configs);
        store.close().await;
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        for _ in 0..2 {
            let store = room.store();
            let configs = room.open_on(store.clone()).await;
            assert_eq!(read(&room.published("fees.yml")), "hand: 1");
            assert_eq!(by_hand(&configs).unwrap().sha256, sha256("hand: 1"));
            assert!(configs.unpublished().borrow().is_empty());
            assert_eq!(notices(&store).await.len(), 2, "each of two admins is told once");
            told(configs.put(upload("fees", 1, "a: 2", "blind")).await);
            store.close().await;
        }
        fs::write(room.published("fees.yml"), "a: 1").unwrap();
        let configs = room.open().await;
        assert_eq!(by_hand(&configs), None, "it was put right");
        assert!(configs.put(upload("fees", 1, "a: 2", "now")).await.unwrap().published);
    });
}

#[test]
fn a_store_from_a_backup_publishes_its_own_and_keeps_what_stood_there() {
    run(async {
        let (room, store, configs) = room_with_version().await;
        drop(configs);
        store.close().await;
        fs::write(room.published("fees.yml"), "of: another history").unwrap();
        fs::write(room.root.join("backups").join(RESTORED), "").unwrap();
        let store = room.store();
        let configs = room.open_on(store.clone()).await;
        assert_eq!((by_hand(&configs), read(&room.published("fees.yml"))), (None, "a: 1".to_owned()));
        assert_eq!(found(&room), ["of: another history"]);
        store.close().await;
        fs::write(room.published("fees.yml"), "hand: 1").unwrap();
        assert!(by_hand(&room.open().await).is_some(), "once");
    });
}
