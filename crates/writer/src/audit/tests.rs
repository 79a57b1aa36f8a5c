#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use harness::SmallDisk;

use super::*;
use crate::store::{Store, Whole};

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

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Who was refused why, how many times, and when first and last.
async fn counted(trail: &Trail) -> Vec<(i64, String, i64, i64, i64)> {
    let entries = trail.list(i64::MAX, 100, None, None).await.unwrap();
    let told = |entry: Entry| {
        let first_ms = entry.first_ms.unwrap_or(entry.at_ms);
        (entry.actor.id, entry.reason.unwrap_or_default(), entry.times, first_ms, entry.at_ms)
    };
    entries.into_iter().rev().map(told).collect()
}

#[test]
fn old_refusals_that_are_alike_are_one_line_for_a_day_with_their_number() {
    with_trail(async |trail| {
        let [seven, operator] = [author(Origin::Telegram, 7), author(Origin::Operator, 7)];
        let told = |id, reason: &str, times, first, last| (id, reason.to_owned(), times, first, last);
        for at in 1..=700 {
            change(&trail, seven.clone(), None, Err("stranger"), at).await;
        }
        change(&trail, seven.clone(), Some("fees"), Err("stranger"), 701).await;
        change(&trail, seven.clone(), None, Err("wrong code"), 702).await;
        change(&trail, operator, None, Err("stranger"), 703).await;
        change(&trail, seven.clone(), None, Ok(()), 704).await;
        change(&trail, seven.clone(), None, Ok(()), 705).await;
        change(&trail, seven.clone(), None, Err("stranger"), 706).await;
        change(&trail, author(Origin::Telegram, 8), None, Err("stranger"), 707).await;
        for at in [DAY_MS - 1, DAY_MS, DAY_MS + 1, 2 * DAY_MS, 2 * DAY_MS + 1] {
            change(&trail, seven.clone(), None, Err("stranger"), at).await;
        }
        // A day that is not over stays as it is.
        count_alike(&trail.store, DAY_MS - 1).await.unwrap();
        assert_eq!(seqs(&trail, 5, 100, None, None).await, [4, 3, 2, 1]);
        count_alike(&trail.store, 3 * DAY_MS - 1).await.unwrap();
        let expected = [
            told(7, "stranger", 1, 701, 701),
            told(7, "wrong code", 1, 702, 702),
            told(7, "stranger", 1, 703, 703),
            told(7, "", 1, 704, 704),
            told(7, "", 1, 705, 705),
            told(8, "stranger", 1, 707, 707),
            told(7, "stranger", 702, 1, DAY_MS - 1),
            told(7, "stranger", 2, DAY_MS, DAY_MS + 1),
            told(7, "stranger", 1, 2 * DAY_MS, 2 * DAY_MS),
            told(7, "stranger", 1, 2 * DAY_MS + 1, 2 * DAY_MS + 1),
        ];
        assert_eq!(counted(&trail).await, expected);
        // What comes late, as from beside the store, is counted with them.
        change(&trail, seven, None, Err("stranger"), 0).await;
        for _ in 0..2 {
            count_alike(&trail.store, 2 * DAY_MS).await.unwrap();
            assert_eq!(counted(&trail).await[6], told(7, "stranger", 703, 0, DAY_MS - 1));
            assert_eq!(counted(&trail).await.len(), expected.len());
        }
    });
}

#[test]
fn refusals_that_are_alike_are_found_without_looking_through_all() {
    with_trail(async |trail| {
        let plan = trail.store.read_blocking::<_, StoreError>(|view| {
            view.all(&format!("EXPLAIN QUERY PLAN {}", alike::FIND), (1, 1), |row| row.get::<_, String>(3))
        });
        let plan = plan.unwrap().join("; ");
        assert!(plan.contains("SEARCH other USING COVERING INDEX audit_alike"), "{plan}");
        assert!(plan.contains("audit_refused (at_ms<?)") && !plan.contains("TEMP B-TREE"), "{plan}");
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

/// Request, reason and what it is about of what was refused, in the order of the trail.
async fn refused(trail: &Trail) -> Vec<(String, String, Option<String>)> {
    let mut entries = trail.list(i64::MAX, 100, None, None).await.unwrap();
    entries.reverse();
    entries.into_iter().map(|entry| (entry.request_id.unwrap(), entry.reason.unwrap(), entry.about)).collect()
}

fn line(request_id: &str) -> (String, String, Option<String>) {
    (request_id.to_owned(), "not saved".to_owned(), Some("fees.yml".to_owned()))
}

fn on(disk: &SmallDisk, test: impl AsyncFnOnce(&std::path::Path)) {
    let path = disk.path().join("store.sqlite");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { test(&path).await });
}

#[test]
fn without_space_a_refusal_takes_none_and_is_in_the_trail_once_when_there_is_some() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    on(&disk, async |path| {
        let trail = Trail::new(Store::open(path).unwrap());
        disk.fill().unwrap();
        for _ in 0..2 {
            trail.record_without_space(refusal("a", "not saved")).await.unwrap();
        }
        trail.fold().await.unwrap_err();
        assert_eq!(refused(&trail).await, [], "it has no number yet");
        assert!(trail.store.trouble().borrow().is_none(), "the store's reserve is left alone");
        disk.relieve().unwrap();
        assert_eq!(refused(&trail).await, [line("a")]);
        assert!(Aside::found(path).is_empty(), "not before the trail has it, and not after it");
        trail.store.close().await;
    });
}

#[test]
fn what_the_store_does_not_take_is_beside_it_whatever_was_refused() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    on(&disk, async |path| {
        let trail = Trail::new(Store::open(path).unwrap());
        // Until not even the reserve is left: these are not refused for want of space.
        let mut beside = Vec::new();
        disk.fill().unwrap();
        for number in 0.. {
            trail.record(refusal(&format!("{number}"), "not saved")).await.unwrap();
            beside = Aside::found(path).refusals();
            if !beside.is_empty() {
                break;
            }
            assert!(number < 10_000, "the disk is not full");
        }
        assert_eq!(beside.len(), 1);
        disk.relieve().unwrap();
        trail.store.probe().await.unwrap();
        let told = refused(&trail).await;
        assert_eq!(told.last(), Some(&line(&beside[0].record.request_id)));
        trail.store.close().await;
    });
}

#[test]
fn a_crash_before_or_after_they_are_taken_in_leaves_each_once() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    on(&disk, async |path| {
        let trail = Trail::new(Store::open(path).unwrap());
        disk.fill().unwrap();
        for id in ["a", "b"] {
            trail.record_without_space(refusal(id, "not saved")).await.unwrap();
        }
        trail.store.close().await;
        let beside = std::fs::read(Aside::path(path)).unwrap();
        disk.relieve().unwrap();
        for _ in 0..2 {
            // Taken in, and ended before the file was emptied.
            std::fs::write(Aside::path(path), &beside).unwrap();
            let trail = Trail::new(Store::open(path).unwrap());
            trail.fold().await.unwrap();
            assert_eq!(refused(&trail).await, [line("a"), line("b")]);
            trail.store.close().await;
        }
    });
}

#[test]
fn those_beyond_the_slots_are_counted_in_one_line() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    on(&disk, async |path| {
        let trail = Trail::new(Store::open(path).unwrap());
        disk.fill().unwrap();
        for number in 0..150 {
            trail.record_without_space(refusal(&format!("{number}"), "not saved")).await.unwrap();
        }
        disk.relieve().unwrap();
        let entries = trail.list(i64::MAX, 100, None, None).await.unwrap();
        let last = &entries[0];
        assert_eq!((last.action.as_str(), last.reason.as_deref()), ("record", Some("no room")));
        assert_eq!((last.actor.name.as_str(), last.about.as_deref()), ("natrium-writer", Some("24 more")));
        assert_eq!(last.seq, 127);
        // A second time it is another line.
        disk.fill().unwrap();
        for number in 200..330 {
            trail.record_without_space(refusal(&format!("{number}"), "not saved")).await.unwrap();
        }
        disk.relieve().unwrap();
        let entries = trail.list(i64::MAX, 100, None, None).await.unwrap();
        assert_eq!((entries[0].seq, entries[0].about.as_deref()), (254, Some("4 more")));
        trail.store.close().await;
    });
}

#[test]
fn a_place_that_cannot_be_made_is_made_later() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    on(&disk, async |path| {
        let store = Store::open(path).unwrap();
        disk.fill().unwrap();
        let trail = Trail::new(store);
        trail.record_without_space(refusal("a", "not saved")).await.unwrap_err();
        disk.relieve().unwrap();
        let keeping = tokio::spawn(trail.clone().keep_folding());
        harness::until_async("there is a place", std::time::Duration::from_secs(30), async || {
            trail.record_without_space(refusal("b", "not saved")).await.ok()
        })
        .await
        .unwrap();
        harness::until_async("it is taken in by itself", std::time::Duration::from_secs(30), async || {
            let view = |view: &Snapshot<'_>| list(view, i64::MAX, 9, None, None);
            trail.store.read(view).await.ok().filter(|entries| entries.len() == 1)
        })
        .await
        .unwrap();
        keeping.abort();
        trail.store.close().await;
    });
}

#[test]
fn a_store_that_is_ours_alone_takes_them_in() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.sqlite");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let trail = Trail::new(Store::open(&path).unwrap());
        trail.record_without_space(refusal("a", "not saved")).await.unwrap();
        trail.store.close().await;
        drop(trail);
        fold_alone(&Whole::alone(&path).unwrap(), &path).unwrap();
        assert!(Aside::found(&path).is_empty());
        let trail = Trail::new(Store::open(&path).unwrap());
        assert_eq!(refused(&trail).await, [line("a")]);
    });
}
