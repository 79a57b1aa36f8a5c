#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::*;

fn with_trail(test: impl AsyncFnOnce(Trail)) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("store.sqlite")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test(Trail::new(store)));
}

fn author(origin: Origin, id: i64) -> Author {
    Author { origin, id, name: format!("No. {id}") }
}

async fn change(trail: &Trail, actor: Author, kind: Option<&'static str>, outcome: Result<(), &'static str>, at: i64) {
    trail
        .store
        .write(move |transaction| {
            let line =
                Line { actor: &actor, action: "put", kind, version: Some(3), about: None, outcome, request_id: None };
            record(transaction, &line, at)
        })
        .await
        .unwrap();
}

fn refusal(request_id: &str, reason: &str) -> Record {
    Record {
        actor: author(Origin::Telegram, 7),
        action: "put".to_owned(),
        kind: Some("fees".to_owned()),
        about: Some("fees.yml".to_owned()),
        reason: reason.to_owned(),
        request_id: request_id.to_owned(),
    }
}

async fn seqs(trail: &Trail, before: i64, limit: i64, kind: Option<&str>, user: Option<i64>) -> Vec<i64> {
    let entries = trail.list(before, limit, kind.map(str::to_owned), user).await.unwrap();
    entries.into_iter().map(|entry| entry.seq).collect()
}

#[test]
fn entries_come_newest_first_page_by_page_and_by_kind_and_user() {
    with_trail(async |trail| {
        change(&trail, author(Origin::Telegram, 7), Some("fees"), Ok(()), 1).await;
        change(&trail, author(Origin::Telegram, 8), Some("rates"), Ok(()), 2).await;
        change(&trail, author(Origin::Operator, 7), Some("fees"), Ok(()), 3).await;
        change(&trail, author(Origin::Telegram, 7), None, Err("forbidden"), 4).await;
        change(&trail, author(Origin::File, 0), Some("fees"), Ok(()), 5).await;
        let all = i64::MAX;
        assert_eq!(seqs(&trail, all, 100, None, None).await, [5, 4, 3, 2, 1]);
        assert_eq!(seqs(&trail, all, 2, None, None).await, [5, 4]);
        assert_eq!(seqs(&trail, 4, 2, None, None).await, [3, 2]);
        assert_eq!(seqs(&trail, all, 100, Some("fees"), None).await, [5, 3, 1]);
        assert_eq!(seqs(&trail, all, 100, None, Some(7)).await, [4, 1], "an operator of the same number is another");
        assert_eq!(seqs(&trail, all, 100, Some("fees"), Some(7)).await, [1]);
        assert_eq!(seqs(&trail, all, 100, Some("limits"), None).await, [0; 0]);
        let entries = trail.list(5, 2, None, None).await.unwrap();
        assert_eq!((entries[0].outcome, entries[0].reason.as_deref()), (Outcome::Refused, Some("forbidden")));
        assert_eq!((entries[1].outcome, entries[1].reason.as_deref()), (Outcome::Done, None));
        assert_eq!(entries[1].actor, author(Origin::Operator, 7));
        assert_eq!((entries[1].version, entries[1].at_ms), (Some(3), 3));
    });
}

#[test]
fn the_same_refusal_is_recorded_once() {
    with_trail(async |trail| {
        for _ in 0..3 {
            trail.record(refusal("a", "invalid")).await.unwrap();
        }
        trail.record(refusal("a", "document")).await.unwrap();
        trail.record(refusal("b", "invalid")).await.unwrap();
        let entries = trail.list(i64::MAX, 100, None, None).await.unwrap();
        let told: Vec<_> = entries
            .iter()
            .map(|entry| (entry.request_id.as_deref().unwrap(), entry.reason.as_deref().unwrap()))
            .collect();
        assert_eq!(told, [("b", "invalid"), ("a", "document"), ("a", "invalid")]);
        assert_eq!(entries[0].outcome, Outcome::Refused);
        assert_eq!(entries[0].about.as_deref(), Some("fees.yml"));
    });
}

#[test]
fn old_refusals_are_forgotten_and_changes_never() {
    with_trail(async |trail| {
        for at in 1..=4 {
            change(&trail, author(Origin::Telegram, 7), None, Ok(()), at).await;
            change(&trail, author(Origin::Telegram, 7), None, Err("conflict"), at).await;
        }
        assert_eq!(trail.store.write(|transaction| prune(transaction, 3, 1)).await.unwrap(), 1);
        assert_eq!(trail.store.write(|transaction| prune(transaction, 3, 100)).await.unwrap(), 1);
        assert_eq!(seqs(&trail, i64::MAX, 100, None, None).await, [8, 7, 6, 5, 3, 1]);
    });
}

#[test]
fn a_kind_or_a_person_is_found_without_looking_through_all() {
    with_trail(async |trail| {
        let plan = |filter: &str| {
            let sql = format!(
                "EXPLAIN QUERY PLAN SELECT seq FROM audit WHERE seq < 9 AND {filter} ORDER BY seq DESC LIMIT 5"
            );
            trail
                .store
                .read_blocking::<_, StoreError>(|view| view.all(&sql, [], |row| row.get::<_, String>(3)))
                .unwrap()
        };
        for (filter, index) in
            [("kind = 'fees'", "audit_by_kind"), ("+kind = 'fees' AND actor_id = 7", "audit_by_actor")]
        {
            let steps = plan(filter).join("; ");
            assert!(steps.contains(index) && !steps.contains("TEMP B-TREE"), "{steps}");
        }
        let old = "SELECT seq FROM audit WHERE outcome = 'refused' AND at_ms < 5 ORDER BY at_ms LIMIT 9";
        let steps: Vec<String> = trail
            .store
            .read_blocking::<_, StoreError>(|view| view.all(&format!("EXPLAIN QUERY PLAN {old}"), [], |row| row.get(3)))
            .unwrap();
        assert!(steps.join("; ").contains("audit_refused"), "{steps:?}");
    });
}
