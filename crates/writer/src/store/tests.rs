#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::*;

#[derive(Clone, Debug, thiserror::Error)]
enum Refusal {
    #[error("no")]
    No,
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn fresh() -> (tempfile::TempDir, PathBuf, Store) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.sqlite");
    let store = Store::open(&path).unwrap();
    (directory, path, store)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn add(transaction: &Transaction<'_>, user: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO dialogues (bot, chat, user, state, version, updated_ms) VALUES (1, 1, ?1, '{}', 1, 0)";
    transaction.execute(sql, [user]).map(drop)
}

fn users(snapshot: &Snapshot<'_>) -> Result<Vec<i64>, StoreError> {
    snapshot.all("SELECT user FROM dialogues ORDER BY user", [], |row| row.get(0))
}

/// Keeps the write thread busy until the sender is dropped.
async fn stall(store: &Store) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Result<(), StoreError>>) {
    let (release, released) = mpsc::channel::<()>();
    let (begun, has_begun) = oneshot::channel();
    let store = store.clone();
    let job = tokio::spawn(async move {
        store
            .write(move |transaction| {
                add(transaction, -1)?;
                begun.send(()).unwrap();
                let _released = released.recv();
                Ok::<_, StoreError>(())
            })
            .await
    });
    has_begun.await.unwrap();
    (release, job)
}

#[test]
fn one_failing_job_does_not_hurt_its_neighbours() {
    let (_directory, _path, store) = fresh();
    runtime().block_on(async {
        let (release, stalled) = stall(&store).await;
        let jobs: Vec<_> = (0..100)
            .map(|user| {
                let store = store.clone();
                tokio::spawn(async move {
                    store
                        .write(move |transaction| {
                            add(transaction, user)?;
                            if user == 50 { Err(Refusal::No) } else { Ok(user) }
                        })
                        .await
                })
            })
            .collect();
        tokio::task::yield_now().await;
        drop(release);
        stalled.await.unwrap().unwrap();
        for (user, job) in (0..).zip(jobs) {
            match job.await.unwrap() {
                Ok(done) => assert_eq!(done, user),
                Err(error) => assert!(user == 50 && matches!(error, Refusal::No), "{user}: {error}"),
            }
        }
        let expected: Vec<i64> = (-1..100).filter(|user| *user != 50).collect();
        assert_eq!(store.read(users).await.unwrap(), expected);
    });
}

#[test]
fn what_waits_is_committed_together() {
    let (_directory, path, store) = fresh();
    runtime().block_on(async {
        let (release, stalled) = stall(&store).await;
        let jobs: Vec<_> = (0..200)
            .map(|user| {
                let store = store.clone();
                tokio::spawn(async move { store.write(move |transaction| add(transaction, user)).await })
            })
            .collect();
        tokio::task::yield_now().await;
        let before = path.with_extension("sqlite-wal").metadata().unwrap().len();
        drop(release);
        stalled.await.unwrap().unwrap();
        for job in jobs {
            job.await.unwrap().unwrap();
        }
        // A commit writes each page it touched once; alone, each of the 200 would have written one.
        let frames = (path.with_extension("sqlite-wal").metadata().unwrap().len() - before) / 4120;
        assert!(frames < 40, "{frames} frames");
    });
}

#[test]
fn a_panicking_job_fails_alone() {
    let (_directory, _path, store) = fresh();
    runtime().block_on(async {
        let failed = store
            .write(|transaction| {
                add(transaction, 1)?;
                assert!(transaction.execute("SELECT 1", []).is_ok(), "on purpose");
                Ok::<_, StoreError>(())
            })
            .await;
        assert!(matches!(failed, Err(StoreError::Panicked)), "{failed:?}");
        store.write(|transaction| add(transaction, 2)).await.unwrap();
        assert_eq!(store.read(users).await.unwrap(), [2]);
    });
}

#[test]
fn why_a_statement_failed_is_noted_however_it_was_run() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE t (a INTEGER UNIQUE); INSERT INTO t VALUES (1)").unwrap();
    let insert = "INSERT INTO t VALUES (1) RETURNING a";
    let ways: [fn(&Transaction<'_>, &str); 3] = [
        |transaction, sql| drop(transaction.execute(sql, [])),
        |transaction, sql| drop(transaction.first(sql, [], |row| row.get::<_, i64>(0))),
        |transaction, sql| drop(transaction.all(sql, [], |row| row.get::<_, i64>(0))),
    ];
    for way in ways {
        let transaction = Transaction::new(&connection);
        way(&transaction, "SELECT a FROM t WHERE a = 2");
        way(&transaction, insert);
        assert!(matches!(transaction.failure(), Some(StoreError::Refused(_))));
    }
}

#[test]
fn readers_do_not_wait_for_a_transaction_under_way() {
    let (_directory, _path, store) = fresh();
    runtime().block_on(async {
        store.write(|transaction| add(transaction, 7)).await.unwrap();
        let (release, stalled) = stall(&store).await;
        let reads = async {
            for _ in 0..20 {
                assert_eq!(store.read(users).await.unwrap(), [7], "only what is committed");
            }
        };
        tokio::time::timeout(Duration::from_secs(20), reads).await.expect("readers must not wait");
        drop(release);
        stalled.await.unwrap().unwrap();
        assert_eq!(store.read(users).await.unwrap(), [-1, 7]);
    });
}

#[test]
fn a_job_whose_caller_left_before_it_began_is_not_done() {
    let (_directory, _path, store) = fresh();
    runtime().block_on(async {
        let (release, stalled) = stall(&store).await;
        let leaving = tokio::spawn({
            let store = store.clone();
            async move { store.write(|transaction| add(transaction, 1)).await }
        });
        tokio::task::yield_now().await;
        leaving.abort();
        assert!(leaving.await.unwrap_err().is_cancelled());
        drop(release);
        stalled.await.unwrap().unwrap();
        store.write(|transaction| add(transaction, 2)).await.unwrap();
        assert_eq!(store.read(users).await.unwrap(), [-1, 2]);
    });
}

#[test]
fn a_ping_waits_for_the_thread_and_needs_no_commit() {
    let (_directory, _path, store) = fresh();
    runtime().block_on(async {
        store.ping().await.unwrap();
        let (release, stalled) = stall(&store).await;
        let mut ping = tokio::spawn({
            let store = store.clone();
            async move { store.ping().await }
        });
        assert!(tokio::time::timeout(Duration::from_millis(50), &mut ping).await.is_err(), "the thread is busy");
        drop(release);
        ping.await.unwrap().unwrap();
        stalled.await.unwrap().unwrap();
    });
}

#[test]
fn closing_does_what_waits_and_refuses_what_comes_later() {
    let (_directory, path, store) = fresh();
    runtime().block_on(async {
        let (release, stalled) = stall(&store).await;
        let waiting = tokio::spawn({
            let store = store.clone();
            async move { store.write(|transaction| add(transaction, 1)).await }
        });
        tokio::task::yield_now().await;
        let closing = tokio::spawn({
            let store = store.clone();
            async move { store.close().await }
        });
        tokio::task::yield_now().await;
        drop(release);
        closing.await.unwrap();
        stalled.await.unwrap().unwrap();
        waiting.await.unwrap().unwrap();
        assert!(matches!(store.write(|transaction| add(transaction, 2)).await, Err(StoreError::Closed)));
        assert!(matches!(store.ping().await, Err(StoreError::Closed)));
        assert!(!path.with_extension("sqlite-wal").exists(), "the log is folded in at close");
        assert_eq!(Store::open(&path).unwrap().read(users).await.unwrap(), [-1, 1]);
    });
}

#[test]
fn many_callers_at_once_each_get_their_own_answer() {
    let (_directory, _path, store) = fresh();
    let done = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for caller in 0..64 {
            let (store, done) = (&store, &done);
            scope.spawn(move || {
                for call in 0..20 {
                    let user = caller * 1000 + call;
                    let reply = store.submit(move |transaction| add(transaction, user).map(|()| user)).unwrap();
                    assert_eq!(reply.wait().unwrap(), user);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(store.read_blocking(users).unwrap().len(), done.load(Ordering::Relaxed));
    assert_eq!(done.load(Ordering::Relaxed), 64 * 20);
}

#[test]
fn the_store_and_its_log_are_for_its_owner_only() {
    let (_directory, path, store) = fresh();
    runtime().block_on(store.write(|transaction| add(transaction, 1))).unwrap();
    for name in ["sqlite", "sqlite-wal", "sqlite-shm"] {
        let mode = path.with_extension(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}: {mode:o}");
    }
}

#[test]
fn what_a_job_announces_is_seen_once_it_is_committed_and_never_of_one_that_failed() {
    let (_directory, _path, store) = fresh();
    runtime().block_on(async {
        let mut announced = store.announced();
        assert_eq!(*announced.borrow_and_update(), 0);
        let announce = |number: i64, keep: bool| {
            store.write(move |transaction| {
                add(transaction, number)?;
                transaction.announce(number);
                if keep { Ok(()) } else { Err(Refusal::No) }
            })
        };
        announce(7, true).await.unwrap();
        assert_eq!(*announced.borrow_and_update(), 7);
        announce(9, false).await.unwrap_err();
        store.write(|transaction| add(transaction, 1)).await.unwrap();
        announce(5, true).await.unwrap();
        assert!(!announced.has_changed().unwrap(), "neither a refusal nor an older number wakes anybody");

        // In one group: only what is kept counts.
        let (release, stalled) = stall(&store).await;
        let jobs = [(20, true), (30, false), (10, true)].map(|(number, keep)| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write(move |transaction| {
                        add(transaction, number)?;
                        transaction.announce(number);
                        if keep { Ok(()) } else { Err(Refusal::No) }
                    })
                    .await
            })
        });
        tokio::task::yield_now().await;
        assert!(!announced.has_changed().unwrap(), "not before the commit");
        drop(release);
        stalled.await.unwrap().unwrap();
        for job in jobs {
            let _told = job.await.unwrap();
        }
        assert_eq!(*announced.borrow_and_update(), 20);
    });
}
