use std::fs::File;
use std::io;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// A disk on which no file can be put in place, as long as it fails.
#[derive(Default)]
pub(super) struct FailingDisk {
    pub(super) fails: AtomicBool,
}

impl Disk for FailingDisk {
    fn create(&self, path: &Path) -> io::Result<File> {
        RealDisk.create(path)
    }
    fn write(&self, file: &File, content: &[u8]) -> io::Result<()> {
        RealDisk.write(file, content)
    }
    fn sync(&self, file: &File) -> io::Result<()> {
        RealDisk.sync(file)
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.link(from, to)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        RealDisk.rename(from, to)
    }
    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_directory(path)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
}

async fn with_versions(room: &Room, contents: &[&str]) {
    let store = room.store();
    let configs = room.open_on(store.clone()).await;
    for (base, content) in (0..).zip(contents) {
        put(&configs, base, content).await;
    }
    store.close().await;
}

#[test]
fn a_valid_file_found_before_the_first_version_becomes_it() {
    run(async {
        let room = Room::new();
        std::fs::write(room.published("fees.yml"), "a: 1\r\n").unwrap();
        std::fs::write(room.published("rates.yml"), "bad: 1").unwrap();
        let configs = room.open().await;
        let history = history(&configs, "fees").await;
        assert_eq!(history.len(), 1);
        assert_eq!(history[0].0.author.origin, Origin::File);
        assert_eq!(history[0].1, "a: 1\r\n");
        let trail = configs.inner.trail.list(i64::MAX, 9, None, None).await.unwrap();
        let told: Vec<_> = trail.iter().map(|line| (line.actor.origin, line.action.as_str(), line.version)).collect();
        assert_eq!(told, [(Origin::File, "put", Some(1))]);
        assert!(super::history(&configs, "rates").await.is_empty());
        assert_eq!(read(&room.published("rates.yml")), "bad: 1", "left alone");
        assert!(configs.unpublished().borrow().is_empty());
    });
}

#[test]
fn an_invalid_file_is_kept_when_the_first_version_replaces_it() {
    run(async {
        let room = Room::new();
        std::fs::write(room.published("fees.yml"), "bad: 1").unwrap();
        let configs = room.open().await;
        put(&configs, 0, "a: 1").await;
        let backups = room.backups();
        assert_eq!(backups.len(), 1);
        assert!(backups[0].starts_with("fees.yml.found-"), "{backups:?}");
        assert_eq!(read(&room.backup(&backups[0])), "bad: 1");
        assert_eq!(read(&room.published("fees.yml")), "a: 1");
    });
}

#[test]
fn a_missing_file_is_published_again() {
    run(async {
        let room = Room::new();
        with_versions(&room, &["a: 1", "a: 2"]).await;
        std::fs::remove_file(room.published("fees.yml")).unwrap();
        room.open().await;
        assert_eq!(read(&room.published("fees.yml")), "a: 2");
    });
}

#[test]
fn an_older_version_in_place_is_replaced_and_not_kept_twice() {
    run(async {
        let room = Room::new();
        with_versions(&room, &["a: 1", "a: 2"]).await;
        std::fs::write(room.published("fees.yml"), "a: 1").unwrap();
        room.open().await;
        assert_eq!(read(&room.published("fees.yml")), "a: 2");
        assert_eq!(room.backups(), ["fees.v1.yml"]);
    });
}

#[test]
fn missing_backups_are_made_from_the_store() {
    run(async {
        let room = Room::new();
        with_versions(&room, &["a: 1", "a: 2", "a: 3"]).await;
        std::fs::remove_file(room.backup("fees.v1.yml")).unwrap();
        std::fs::remove_file(room.backup("fees.v2.yml")).unwrap();
        room.open().await;
        assert_eq!(read(&room.backup("fees.v1.yml")), "a: 1");
        assert_eq!(read(&room.backup("fees.v2.yml")), "a: 2");
    });
}

#[test]
fn drafts_of_a_predecessor_are_removed_and_nothing_else() {
    run(async {
        let room = Room::new();
        let ours = [".fees.yml.natrium-1-1.tmp", ".rates.yml.natrium-99-0.tmp"];
        let theirs = [".other.yml.natrium-1-1.tmp", "fees.yml.tmp", ".fees.yml.swp"];
        for name in ours.iter().chain(&theirs) {
            std::fs::write(room.published(name), "x").unwrap();
        }
        std::fs::write(room.backup(".fees.v1.yml.natrium-1-1.tmp"), "x").unwrap();
        room.open().await;
        let mut expected: Vec<String> = theirs.map(str::to_owned).into();
        expected.sort();
        assert_eq!(names(&room.root.join("published")), expected);
        assert!(room.backups().is_empty());
    });
}

#[test]
fn a_symbolic_link_is_replaced_not_followed() {
    run(async {
        let room = Room::new();
        let elsewhere = room.root.join("elsewhere.yml");
        std::fs::write(&elsewhere, "theirs: 1").unwrap();
        symlink(&elsewhere, room.published("fees.yml")).unwrap();
        let configs = room.open().await;
        assert!(history(&configs, "fees").await.is_empty(), "not adopted");
        assert!(put(&configs, 0, "a: 1").await.published);
        assert!(room.published("fees.yml").symlink_metadata().unwrap().is_file());
        assert_eq!(read(&room.published("fees.yml")), "a: 1");
        assert_eq!(read(&elsewhere), "theirs: 1");
        let backups = room.backups();
        assert!(room.backup(&backups[0]).symlink_metadata().unwrap().is_symlink(), "{backups:?}");
    });
}

#[test]
fn a_kind_that_is_not_declared_any_more_keeps_its_history() {
    run(async {
        let room = Room::new();
        with_versions(&room, &["a: 1"]).await;
        let (store, root) = (room.store(), room.root.clone());
        let configs = tokio::task::spawn_blocking(move || {
            let (disk, trail) = (Arc::new(RealDisk), Trail::new(store.clone()));
            Configs::open(store, disk, root.join("published"), root.join("backups"), Vec::new(), admins(), trail)
                .unwrap()
        })
        .await
        .unwrap();
        assert_eq!(history(&configs, "fees").await.len(), 1);
        // What was saved stays saved, for whoever asks again.
        let again = configs.put(upload("fees", 0, "a: 1", "0:a: 1")).await.unwrap();
        assert_eq!(again.version.version, 1);
        let error = configs.put(upload("fees", 1, "a: 2", "new")).await.unwrap_err();
        assert!(matches!(error, Refused::NoSuchKind(_)), "{error}");
    });
}

#[test]
fn a_publication_that_fails_is_told_and_made_up_for() {
    run(async {
        let mut room = Room::new();
        let disk = Arc::new(FailingDisk::default());
        room.disk = disk.clone();
        let store = room.store();
        let configs = room.open_on(store.clone()).await;
        put(&configs, 0, "a: 1").await;
        disk.fails.store(true, Ordering::SeqCst);
        let reply = put(&configs, 1, "a: 2").await;
        assert!(!reply.published, "{reply:?}");
        assert!(configs.unpublished().borrow().contains_key("fees"));
        let kept = |published| {
            let store = store.clone();
            async move {
                let reply: String = store
                    .read::<_, StoreError, _>(|view| {
                        let sql = "SELECT reply FROM requests WHERE request_id = '1:a: 2'";
                        Ok(view.first(sql, [], |row| row.get(0))?.unwrap())
                    })
                    .await
                    .unwrap();
                serde_json::from_str::<PutReply>(&reply).unwrap().published == published
            }
        };
        assert!(kept(false).await, "what the user is told after a restart must be true as well");
        let retrying = tokio::spawn(configs.clone().keep_publishing());
        disk.fails.store(false, Ordering::SeqCst);
        let mut unpublished = configs.unpublished();
        unpublished.wait_for(std::collections::BTreeMap::is_empty).await.unwrap();
        assert_eq!(read(&room.published("fees.yml")), "a: 2");
        assert_eq!(read(&room.backup("fees.v1.yml")), "a: 1");
        assert!(kept(true).await);
        assert!(configs.put(upload("fees", 1, "a: 2", "1:a: 2")).await.unwrap().published);
        retrying.abort();
    });
}

#[test]
fn a_store_that_a_newer_release_has_added_to_serves_as_before() {
    run(async {
        let room = Room::new();
        let store = room.store();
        put(&room.open_on(store.clone()).await, 0, "a: 1").await;
        store.close().await;
        let newer = rusqlite::Connection::open(room.root.join("store.sqlite")).unwrap();
        newer
            .execute_batch(
                "ALTER TABLE versions ADD COLUMN mood TEXT;
                 CREATE TABLE approvals (kind TEXT NOT NULL, version INTEGER NOT NULL) STRICT;
                 PRAGMA user_version = 77;",
            )
            .unwrap();
        drop(newer);

        let store = room.store();
        let configs = room.open_on(store.clone()).await;
        assert_eq!(put(&configs, 1, "a: 2").await.version.version, 2);
        assert_eq!(configs.get("fees".to_owned(), Some(1)).await.unwrap().1, b"a: 1");
        store.close().await;
    });
}
