//! State and published files on two file systems, where nothing can be linked and backups are copies.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use harness::SmallDisk;

use super::*;

/// The state here and the published files there, and the other way round.
fn both_ways(test: impl AsyncFn(&Room, Configs, &Path)) {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    for state_on_it in [true, false] {
        run(async {
            let directory = tempfile::tempdir().unwrap();
            let (here, there) = (disk.path().join(state_on_it.to_string()), directory.path().to_owned());
            std::fs::create_dir(&here).unwrap();
            let (state, published) = if state_on_it { (here, there) } else { (there, here) };
            let room = Room::at(&state, None);
            let (store, backups) = (room.store(), state.join("backups"));
            std::fs::write(published.join("fees.yml"), "found: 0").unwrap();
            let configs = tokio::task::spawn_blocking({
                let (store, published) = (store.clone(), published.clone());
                let trail = Trail::new(store.clone());
                move || Configs::open(store, Arc::new(RealDisk), published, backups, kinds(), admins(), trail).unwrap()
            });
            let configs = configs.await.unwrap();
            let device = |path: &Path| path.metadata().unwrap().dev();
            assert_ne!(device(&state), device(&published), "this is one file system");
            test(&room, configs, &published).await;
            store.close().await;
        });
    }
}

#[test]
fn backups_and_changes_by_hand_are_copied() {
    both_ways(async |room, configs, published| {
        let file = published.join("fees.yml");
        assert!(put(&configs, 1, "a: 2").await.published);
        std::fs::write(&file, "by: hand").unwrap();
        let error = configs.put(upload("fees", 2, "a: 3", "blind")).await.unwrap_err();
        let Refused::ChangedByHand { by_hand, .. } = error else { panic!("{error}") };
        let seen = Put { over: Some(by_hand.sha256), ..upload("fees", 2, "a: 3", "seen") };
        assert!(configs.put(seen).await.unwrap().published);
        assert_eq!(read(&file), "a: 3");
        assert_eq!(names(published), ["fees.yml", "fees.yml.meta.json"], "no draft is left");

        let backups = room.backups();
        let kept: Vec<String> = backups.iter().map(|name| read(&room.backup(name))).collect();
        assert_eq!(kept, ["found: 0", "a: 2", "by: hand"], "{backups:?}");
        assert_eq!(backups[..2], ["fees.v1.yml", "fees.v2.yml"]);
        assert!(backups[2].starts_with("fees.yml.found-"), "{backups:?}");
        for name in backups {
            let mode = room.backup(&name).metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o644, "{name}: {mode:o}");
        }
    });
}

#[test]
fn what_cannot_be_copied_is_left_where_it_is_and_told() {
    both_ways(async |room, configs, published| {
        // Longer than any version, so that nothing of ours would read it whole.
        let (file, foreign) = (published.join("fees.yml"), "x".repeat(CONTENT_BYTES + 1));
        std::fs::write(&file, &foreign).unwrap();
        let seen = Put { over: Some(String::new()), ..upload("fees", 1, "a: 2", "1:a: 2") };
        let reply = configs.put(seen).await.unwrap();
        assert!(!reply.published, "saved, and the file is not replaced");
        assert_eq!(read(&file), foreign);
        let told = configs.unpublished().borrow()["fees"].clone();
        assert!(told.starts_with(&format!("keeping {}: ", file.display())), "{told}");

        // A person takes it away, and all is well.
        std::fs::rename(&file, published.join("fees.old")).unwrap();
        let retrying = tokio::spawn(configs.clone().keep_publishing());
        configs.unpublished().wait_for(std::collections::BTreeMap::is_empty).await.unwrap();
        retrying.abort();
        assert_eq!(read(&file), "a: 2");
        assert_eq!(room.backups(), ["fees.v1.yml"]);
    });
}
