#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use interfaces::admins::{Admin, Role};
use interfaces::audit::Entry;
use interfaces::notices::Event;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::*;
use crate::audit::Trail;
use crate::notices::Notices;

const PATIENCE: Duration = Duration::from_secs(20);

/// A run that somebody was asked for, and where the answer goes.
type Question = ((String, i64), oneshot::Sender<Asked>);

/// A store with versions of Boris's, and somebody who runs hooks as the test says.
struct Room {
    store: Store,
    published: watch::Sender<Published>,
    hooks: Hooks,
    questions: mpsc::UnboundedReceiver<Question>,
    run: Run,
    driving: JoinHandle<()>,
    _directory: tempfile::TempDir,
}

impl Room {
    fn new(kinds: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("store.sqlite")).unwrap();
        let published = watch::Sender::new(BTreeMap::new());
        let admin = |user, role| Admin {
            user,
            name: String::new(),
            role: Some(role),
            kinds: Vec::new(),
            fixed: true,
            since_ms: 0,
        };
        let admins = Admins::new(vec![admin(1, Role::Owner), admin(2, Role::Admin), admin(3, Role::Viewer)]);
        let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let mut hooks = Hooks::new(store.clone(), admins, published.subscribe(), kinds);
        hooks.pause = |_| Duration::from_millis(1);
        let (asking, questions) = mpsc::unbounded_channel();
        let run: Run = Arc::new(move |kind, version| {
            let (answer, answered) = oneshot::channel();
            asking.send(((kind, version), answer)).unwrap();
            Box::pin(async { answered.await.unwrap() })
        });
        let driving = tokio::spawn(hooks.clone().drive(Arc::clone(&run)));
        Self { store, published, hooks, questions, run, driving, _directory: directory }
    }

    /// As the writer does it in the version's transaction, and then with the file.
    async fn publish(&self, kind: &'static str, version: i64, author: (&'static str, i64)) {
        self.due(kind, version, author).await;
        self.in_place(kind, version);
    }

    async fn due(&self, kind: &'static str, version: i64, (origin, id): (&'static str, i64)) {
        let due = move |transaction: &crate::store::Transaction<'_>| {
            transaction.execute("INSERT INTO contents VALUES (zeroblob(32), x'00') ON CONFLICT DO NOTHING", [])?;
            let sql = "INSERT INTO versions (kind, version, base, bytes, sha256, author_origin, author_id, author_name, saved_ms)
                VALUES (?1, ?2, ?2 - 1, 1, zeroblob(32), ?3, ?4, 'somebody', 0) ON CONFLICT DO NOTHING";
            transaction.execute(sql, (kind, version, origin, id))?;
            let sql =
                "INSERT INTO hooks (kind, version, state, at_ms) VALUES (?1, ?2, 'due', 1) ON CONFLICT (kind) DO UPDATE
                SET version = excluded.version, state = 'due', at_ms = at_ms + 1";
            transaction.execute(sql, (kind, version))
        };
        self.store.write::<_, StoreError, _>(due).await.unwrap();
    }

    fn in_place(&self, kind: &str, version: i64) {
        self.published.send_modify(|published| {
            published.insert(kind.to_owned(), (version, 0));
        });
    }

    async fn asked(&mut self) -> Question {
        tokio::time::timeout(PATIENCE, self.questions.recv()).await.expect("nobody is asked").unwrap()
    }

    /// The state and reason kept, once that is no longer due.
    async fn ended(&self, kind: &'static str) -> (String, Option<String>) {
        let sql = "SELECT state, reason FROM hooks WHERE kind = ?1";
        let look = async || {
            let look = self.store.read::<_, StoreError, _>(move |view| {
                view.first(sql, [kind], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
            });
            look.await.unwrap().filter(|(state, _)| state != "due")
        };
        harness::until_async("the end of a hook is kept", PATIENCE, look).await.unwrap()
    }

    async fn told(&self) -> Vec<(i64, Event)> {
        let notices = Notices::new(self.store.clone()).pending(0, 100).await.unwrap();
        notices.into_iter().map(|notice| (notice.user, serde_json::from_value(notice.event).unwrap())).collect()
    }

    async fn entries(&self) -> Vec<Entry> {
        Trail::new(self.store.clone()).list(i64::MAX, 100, None, None).await.unwrap()
    }

    /// The writer starts again.
    fn restart(&mut self) {
        self.driving.abort();
        self.driving = tokio::spawn(self.hooks.clone().drive(Arc::clone(&self.run)));
    }
}

fn end(end: HookEnd) -> Asked {
    let code = (end == HookEnd::Failed).then_some(3);
    Asked::Ended(RunHookReply { end, code, signal: None, took_ms: 5, log: "last words".to_owned(), reason: None })
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test);
}

const BORIS: (&str, i64) = ("telegram", 2);

#[test]
fn what_is_due_is_run_once_its_file_is_in_place_and_not_again() {
    run(async {
        let mut room = Room::new(&["fees", "rates"]);
        room.due("fees", 1, BORIS).await;
        room.in_place("fees", 0);
        room.publish("rates", 9, BORIS).await;
        let (what, answer) = room.asked().await;
        assert_eq!(what, ("rates".to_owned(), 9), "the other one's file is not in place");
        answer.send(end(HookEnd::Succeeded)).unwrap();
        room.ended("rates").await;
        assert!(room.questions.try_recv().is_err());
        room.in_place("fees", 1);
        let (what, answer) = room.asked().await;
        assert_eq!(what, ("fees".to_owned(), 1));
        answer.send(end(HookEnd::Succeeded)).unwrap();
        assert_eq!(room.ended("fees").await, ("succeeded".to_owned(), None));
        room.restart();
        room.in_place("fees", 1);
        room.publish("fees", 2, BORIS).await;
        assert_eq!(room.asked().await.0.1, 2, "and the first is not run again");
        assert!(room.told().await.is_empty() && room.entries().await.is_empty());
    });
}

#[test]
fn a_failure_is_kept_and_told_to_the_author() {
    run(async {
        let mut room = Room::new(&["fees"]);
        room.publish("fees", 1, BORIS).await;
        room.asked().await.1.send(end(HookEnd::Failed)).unwrap();
        let reason = "exit status 3: last words".to_owned();
        assert_eq!(room.ended("fees").await, ("failed".to_owned(), Some(reason.clone())));
        let event = Event::HookFailed { kind: "fees".to_owned(), version: 1, end: HookEnd::Failed, reason };
        assert_eq!(room.told().await, [(2, event)]);
        let entry = room.entries().await.remove(0);
        assert_eq!((entry.actor.id, entry.action.as_str(), entry.version), (2, "run_hook", Some(1)));
        assert_eq!(
            (entry.reason.as_deref(), entry.about.as_deref()),
            (Some("failed"), Some("exit status 3: last words"))
        );
        // The publication stands, and the next one is run.
        room.publish("fees", 2, BORIS).await;
        assert_eq!(room.asked().await.0.1, 2);
    });
}

#[test]
fn where_no_admin_brought_it_all_admins_are_told() {
    run(async {
        let mut room = Room::new(&["fees"]);
        for (version, author) in [(1, ("operator", 2)), (2, ("telegram", 99))] {
            room.publish("fees", version, author).await;
            room.asked().await.1.send(end(HookEnd::TimedOut)).unwrap();
            room.ended("fees").await;
        }
        let users: Vec<i64> = room.told().await.into_iter().map(|(user, _)| user).collect();
        assert_eq!(users, [1, 2, 1, 2], "an operator, and somebody who has no role any more");
    });
}

#[test]
fn only_the_newest_is_run_and_only_its_failure_is_told() {
    run(async {
        let mut room = Room::new(&["fees"]);
        room.publish("fees", 1, BORIS).await;
        let (_, answer) = room.asked().await;
        for version in 2..=5 {
            room.publish("fees", version, BORIS).await;
        }
        answer.send(end(HookEnd::Failed)).unwrap();
        let (what, answer) = room.asked().await;
        assert_eq!(what.1, 5);
        answer.send(end(HookEnd::Succeeded)).unwrap();
        assert_eq!(room.ended("fees").await.0, "succeeded");
        assert!(room.told().await.is_empty(), "that of an older version is of no use to anybody");
        assert_eq!(room.entries().await.len(), 1, "but it is written down");
    });
}

#[test]
fn the_same_version_that_is_put_back_meanwhile_is_run_again() {
    run(async {
        let mut room = Room::new(&["fees"]);
        room.publish("fees", 1, BORIS).await;
        let (_, answer) = room.asked().await;
        room.publish("fees", 1, BORIS).await;
        answer.send(end(HookEnd::Succeeded)).unwrap();
        let (what, answer) = room.asked().await;
        assert_eq!(what.1, 1);
        answer.send(end(HookEnd::Succeeded)).unwrap();
        room.ended("fees").await;
    });
}

#[test]
fn what_was_not_answered_is_asked_again_also_by_the_next_writer() {
    run(async {
        let mut room = Room::new(&["fees"]);
        room.publish("fees", 1, BORIS).await;
        for _ in 0..3 {
            let (what, answer) = room.asked().await;
            assert_eq!(what.1, 1);
            answer.send(Asked::Unanswered("stopping".to_owned())).unwrap();
        }
        let (_, lost) = room.asked().await;
        room.restart();
        let (what, answer) = room.asked().await;
        assert_eq!(what.1, 1);
        drop(lost);
        answer.send(end(HookEnd::Succeeded)).unwrap();
        assert_eq!(room.ended("fees").await.0, "succeeded");
    });
}

#[test]
fn kinds_do_not_wait_for_each_other() {
    run(async {
        let mut room = Room::new(&["fees", "rates"]);
        room.publish("fees", 1, BORIS).await;
        let (_, slow) = room.asked().await;
        room.publish("rates", 1, BORIS).await;
        let (what, answer) = room.asked().await;
        assert_eq!(what.0, "rates");
        answer.send(end(HookEnd::Succeeded)).unwrap();
        assert_eq!(room.ended("rates").await.0, "succeeded");
        slow.send(end(HookEnd::NotStarted)).unwrap();
        assert_eq!(room.ended("fees").await.0, "failed");
    });
}

#[test]
fn what_the_settings_do_not_want_run_any_more_is_not_kept() {
    run(async {
        let mut room = Room::new(&["rates"]);
        room.driving.abort();
        room.publish("fees", 1, BORIS).await;
        room.publish("rates", 1, BORIS).await;
        room.restart();
        let (what, answer) = room.asked().await;
        assert_eq!(what.0, "rates");
        answer.send(Asked::NoHook).unwrap();
        let kept = async || {
            let sql = "SELECT count(*) FROM hooks";
            let kept = room.store.read::<_, StoreError, _>(move |view| view.first(sql, [], |row| row.get::<_, i64>(0)));
            (kept.await.unwrap() == Some(0)).then_some(())
        };
        harness::until_async("nothing is kept", PATIENCE, kept).await.unwrap();
    });
}
