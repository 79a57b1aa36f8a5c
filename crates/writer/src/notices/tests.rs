#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use futures_util::StreamExt;
use interfaces::configs::{Author, Origin};

use super::*;

fn with_notices(test: impl AsyncFnOnce(Notices)) {
    with_notices_at(async |notices, _| test(notices).await);
}

fn with_notices_at(test: impl AsyncFnOnce(Notices, &std::path::Path)) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("store.sqlite")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test(Notices::new(store), directory.path()));
}

async fn tell_of(notices: &Notices, user: i64, version: i64) {
    let event = Event::RemovedByHand { kind: "fees".to_owned(), version };
    notices.store.write(move |transaction| tell(transaction, user, &event, 5)).await.unwrap();
}

async fn pending(notices: &Notices) -> Vec<(i64, i64)> {
    notices.pending(0, 100).await.unwrap().into_iter().map(|notice| (notice.id, notice.user)).collect()
}

#[test]
fn a_notice_is_pending_until_it_was_told() {
    with_notices(async |notices| {
        assert_eq!(pending(&notices).await, []);
        for (user, version) in [(7, 1), (8, 2), (7, 3)] {
            tell_of(&notices, user, version).await;
        }
        assert_eq!(pending(&notices).await, [(1, 7), (2, 8), (3, 7)]);
        let page = notices.pending(1, 1).await.unwrap().remove(0);
        assert_eq!((page.id, page.at_ms), (2, 5));
        let event: Event = serde_json::from_value(page.event).unwrap();
        assert_eq!(event, Event::RemovedByHand { kind: "fees".to_owned(), version: 2 });
        notices.told(2).await.unwrap();
        notices.told(2).await.unwrap();
        notices.told(99).await.unwrap();
        assert_eq!(pending(&notices).await, [(1, 7), (3, 7)]);
    });
}

#[test]
fn who_watches_is_told_the_newest_and_every_newer_one() {
    with_notices_at(async |notices, directory| {
        let mut early = notices.watch().await.unwrap();
        assert_eq!(early.next().await.unwrap().newest, 0);
        let waiting = tokio::spawn(async move { early.next().await.unwrap().newest });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        tell_of(&notices, 7, 1).await;
        assert_eq!(waiting.await.unwrap(), 1);
        // A slow reader: only the newest.
        let mut slow = notices.watch().await.unwrap();
        assert_eq!(slow.next().await.unwrap().newest, 1);
        tell_of(&notices, 7, 2).await;
        tell_of(&notices, 7, 3).await;
        assert_eq!(slow.next().await.unwrap().newest, 3);
        // All are told and forgotten: the number stays.
        for id in 1..=3 {
            notices.told(id).await.unwrap();
        }
        let pruned = notices.store.write(|transaction| prune(transaction, i64::MAX, 100)).await.unwrap();
        assert_eq!(pruned, 3);
        assert_eq!(notices.watch().await.unwrap().next().await.unwrap().newest, 3);
        notices.store.close().await;
        assert!(slow.next().await.is_none(), "it ends with the store");
        // The next writer knows it as well.
        let path = directory.join("store.sqlite");
        let next = Notices::new(tokio::task::spawn_blocking(move || Store::open(&path).unwrap()).await.unwrap());
        assert_eq!(next.watch().await.unwrap().next().await.unwrap().newest, 3);
    });
}

#[test]
fn a_refused_job_tells_nobody() {
    with_notices(async |notices| {
        let by = Author { origin: Origin::Operator, id: 0, name: "root".to_owned() };
        let refused = notices.store.write(move |transaction| {
            tell(transaction, 7, &Event::RoleChanged { by, kind: None, role: None }, 5)?;
            Err::<(), _>(StoreError::Unreadable("anything"))
        });
        refused.await.unwrap_err();
        assert_eq!(pending(&notices).await, []);
        assert_eq!(*notices.store.announced().borrow(), 0);
    });
}

#[test]
fn only_what_was_told_long_ago_is_forgotten() {
    with_notices(async |notices| {
        for version in 1..=3 {
            tell_of(&notices, 7, version).await;
        }
        let told = |id: i64, at: i64| {
            notices.store.write(move |transaction| {
                transaction.execute("UPDATE notices SET told_ms = ?2 WHERE id = ?1", (id, at))
            })
        };
        told(1, 100).await.unwrap();
        told(2, 200).await.unwrap();
        assert_eq!(notices.store.write(|transaction| prune(transaction, 200, 10)).await.unwrap(), 1);
        assert_eq!(notices.store.write(|transaction| prune(transaction, 1000, 10)).await.unwrap(), 1);
        assert_eq!(pending(&notices).await, [(3, 7)]);
    });
}
