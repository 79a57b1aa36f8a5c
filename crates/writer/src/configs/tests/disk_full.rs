//! A file system that is really full: a small one in memory, which takes root to mount.

use harness::SmallDisk;

use super::*;
use crate::inbox::Inbox;

fn update(id: i64) -> interfaces::inbox::Update {
    interfaces::inbox::Update { id, payload: serde_json::json!({"text": "x".repeat(3000)}) }
}

#[test]
fn a_full_disk_refuses_uploads_keeps_what_is_small_and_recovers_by_itself() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    run(async {
        let room = Room::at(disk.path(), None);
        let store = room.store();
        let configs = room.open_on(store.clone()).await;
        let trail = configs.inner.trail.clone();
        let inbox = Inbox::new(store.clone());
        put(&configs, 0, "a: 1").await;
        assert!(store.trouble().borrow().is_none());
        disk.fill().unwrap();

        let large = format!("a: {}", "2".repeat(100_000));
        let error = configs.put(upload("fees", 1, &large, "large")).await.unwrap_err();
        assert!(error.to_string().to_lowercase().contains("no space left"), "{error}");
        assert_eq!(read(&room.published("fees.yml")), "a: 1", "the old version stands");
        assert_eq!(room.files(), ["fees.yml"], "no half draft");

        // What is small finds no space either, once: then the reserve is given up for it.
        let mut refused = 0;
        for id in 0..1000 {
            while let Err(error) = inbox.receive(1, vec![update(id)]).await {
                assert!(matches!(error, StoreError::Full), "{error}");
                refused += 1;
                assert!(refused < 10);
            }
        }
        assert!(refused > 0, "the disk was not full");
        assert_eq!(inbox.unfinished(1, None, 2000).await.unwrap().len(), 1000, "acknowledged means present");
        assert!(matches!(*store.trouble().borrow(), Some(StoreError::Full)));
        let error = configs.put(upload("fees", 1, "a: 2", "small")).await.unwrap_err();
        assert!(error.to_string().contains("no space left"), "{error}");
        store.ping().await.unwrap();
        assert!(store.probe().await.is_err(), "still full");

        // Who comes as soon as there is space is not told of what was.
        disk.relieve().unwrap();
        let reply = configs.put(upload("fees", 1, &large, "large")).await.unwrap();
        assert_eq!((reply.version.version, reply.published), (2, true));
        assert_eq!(read(&room.published("fees.yml")), large);
        assert!(store.trouble().borrow().is_none());
        let entries = trail.list(i64::MAX, 100, Some("fees".to_owned()), None).await.unwrap();
        let not_saved: Vec<_> = entries.iter().filter(|entry| entry.reason.as_deref() == Some("not saved")).collect();
        let requests: Vec<_> = not_saved.iter().filter_map(|entry| entry.request_id.as_deref()).collect();
        assert_eq!(requests, ["small", "large"], "each refusal has its line, once");
        assert!(not_saved.iter().all(|entry| entry.actor == anna() && entry.action == "put"), "{not_saved:?}");
        store.close().await;
    });
}

#[test]
fn a_start_on_a_full_disk_serves_what_there_is() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    run(async {
        let room = Room::at(disk.path(), None);
        let store = room.store();
        put(&room.open_on(store.clone()).await, 0, "a: 1").await;
        store.close().await;
        std::fs::remove_file(room.published("fees.yml")).unwrap();
        std::fs::remove_file(room.root.join("store.reserve")).unwrap();
        disk.fill().unwrap();
        let Ok(store) = Store::open(&room.root.join("store.sqlite")) else {
            // Not even the log's index finds room: the supervisor tries again.
            return;
        };
        let configs = room.open_on(store.clone()).await;
        assert_eq!(history(&configs, "fees").await.len(), 1);
        assert!(store.trouble().borrow().is_some());
        assert!(configs.unpublished().borrow().contains_key("fees"));
        disk.relieve().unwrap();
        let retrying = tokio::spawn(configs.clone().keep_publishing());
        let mut unpublished = configs.unpublished();
        unpublished.wait_for(std::collections::BTreeMap::is_empty).await.unwrap();
        assert_eq!(read(&room.published("fees.yml")), "a: 1");
        retrying.abort();
        store.close().await;
    });
}
