#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use serde_json::json;

use super::*;
use crate::requests::{self, Request};

async fn fresh() -> (tempfile::TempDir, Store, Inbox) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("store.sqlite")).unwrap();
    (directory, store.clone(), Inbox::new(store))
}

fn updates(ids: &[i64]) -> Vec<Update> {
    ids.iter().map(|id| Update { id: *id, payload: json!({"update_id": id}) }).collect()
}

async fn ids(inbox: &Inbox, bot: i64, after: Option<i64>, limit: i64) -> Vec<i64> {
    inbox.unfinished(bot, after, limit).await.unwrap().iter().map(|entry| entry.id).collect()
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

async fn settled(store: &Store, update_id: i64, request_id: &'static str, reply: i64) {
    let request = Request::new(request_id, "io.natrium.Test.Do", &request_id).unwrap();
    store
        .write(move |transaction| {
            request.remember(transaction, &json!({"reply": reply}), 1)?;
            settle(transaction, 1, update_id, request.id())
        })
        .await
        .unwrap();
}

#[test]
fn an_update_is_fresh_once_for_each_bot() {
    run(async {
        let (_directory, _store, inbox) = fresh().await;
        assert_eq!(inbox.receive(1, updates(&[10, 11, 10])).await.unwrap(), [10, 11]);
        assert_eq!(inbox.receive(1, updates(&[11, 12])).await.unwrap(), [12]);
        assert_eq!(inbox.receive(2, updates(&[11])).await.unwrap(), [11]);
        inbox.finish(1, 11).await.unwrap();
        assert_eq!(inbox.receive(1, updates(&[11])).await.unwrap(), [0; 0], "known though finished");
    });
}

#[test]
fn unfinished_ones_come_in_the_order_of_arrival_and_in_pages() {
    run(async {
        let (_directory, _store, inbox) = fresh().await;
        // Telegram's ids may start anew with a smaller number.
        inbox.receive(1, updates(&[900, 901])).await.unwrap();
        inbox.receive(1, updates(&[5, 6, 7])).await.unwrap();
        inbox.finish(1, 6).await.unwrap();
        assert_eq!(ids(&inbox, 1, None, 1000).await, [900, 901, 5, 7]);
        assert_eq!(ids(&inbox, 1, None, 2).await, [900, 901]);
        assert_eq!(ids(&inbox, 1, Some(901), 2).await, [5, 7]);
        assert_eq!(ids(&inbox, 1, Some(6), 2).await, [7], "a finished one still marks its place");
        assert!(matches!(inbox.unfinished(1, Some(77), 2).await, Err(InboxError::NoSuchUpdate)));
        assert!(ids(&inbox, 2, None, 2).await.is_empty());
    });
}

#[test]
fn an_applied_update_tells_its_first_outcome() {
    run(async {
        let (_directory, store, inbox) = fresh().await;
        inbox.receive(1, updates(&[10, 11])).await.unwrap();
        settled(&store, 10, "one", 1).await;
        settled(&store, 10, "two", 2).await;
        settled(&store, 99, "unknown", 3).await;
        let entries = inbox.unfinished(1, None, 10).await.unwrap();
        assert_eq!((entries[0].state, entries[1].state), (State::Applied, State::Received));
        assert_eq!(entries[0].outcome, Some(json!({"method": "io.natrium.Test.Do", "reply": {"reply": 1}})));
        assert_eq!(entries[1].outcome, None);
        assert_eq!(entries[0].payload, json!({"update_id": 10}));
    });
}

#[test]
fn a_note_is_replaced_and_ends_with_the_update() {
    run(async {
        let (_directory, _store, inbox) = fresh().await;
        inbox.receive(1, updates(&[10])).await.unwrap();
        inbox.note(1, 10, json!({"message": 1})).await.unwrap();
        inbox.note(1, 10, json!({"message": 2})).await.unwrap();
        assert_eq!(inbox.unfinished(1, None, 1).await.unwrap()[0].note, Some(json!({"message": 2})));
        inbox.finish(1, 10).await.unwrap();
        inbox.finish(1, 10).await.unwrap();
        inbox.note(1, 10, json!({"message": 3})).await.unwrap();
        assert!(ids(&inbox, 1, None, 10).await.is_empty());
        assert!(matches!(inbox.note(1, 11, json!({})).await, Err(InboxError::NoSuchUpdate)));
        assert!(matches!(inbox.finish(1, 11).await, Err(InboxError::NoSuchUpdate)));
    });
}

#[test]
fn what_is_old_is_forgotten_in_bites_and_what_is_owed_is_kept() {
    run(async {
        let (_directory, store, inbox) = fresh().await;
        inbox.receive(1, updates(&[1, 2, 3, 4, 5])).await.unwrap();
        settled(&store, 4, "owed", 1).await;
        settled(&store, 5, "paid", 1).await;
        for id in [1, 2, 3, 5] {
            inbox.finish(1, id).await.unwrap();
        }
        let early = unix_ms() - 60_000;
        let late = unix_ms() + 60_000;
        let forget = |before| {
            let store = store.clone();
            async move { store.write(move |transaction| prune(transaction, before, 3)).await.unwrap() }
        };
        assert_eq!(forget(early).await, 0);
        assert_eq!(forget(late).await, 3);
        assert_eq!(forget(late).await, 1);
        assert_eq!(forget(late).await, 0);
        assert_eq!(ids(&inbox, 1, None, 10).await, [4], "unfinished ones stay, however old");
        let forgotten = store.write(move |transaction| requests::prune(transaction, late, 100)).await.unwrap();
        assert_eq!(forgotten, 1, "the outcome that its sender has not been told stays");
        assert!(inbox.unfinished(1, None, 10).await.unwrap()[0].outcome.is_some());
        assert_eq!(inbox.receive(1, updates(&[2])).await.unwrap(), [2], "fresh again after it was forgotten");
    });
}
