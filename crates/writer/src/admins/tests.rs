#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod codes;
mod roles;

use interfaces::admins::{Invite, Pair, Remove, Set};
use interfaces::audit::Entry;
use interfaces::configs::{Author, Origin};
use interfaces::notices::Event;

use super::*;
use crate::audit::Trail;
use crate::notices::Notices;
use crate::store::Store;

/// The settings' owner.
const ANNA: i64 = 1001;
/// Somebody whom no settings name.
const BORIS: i64 = 1002;
const VERA: i64 = 1003;

/// A writer's people, and what they leave behind.
struct Room {
    store: Store,
    people: People,
    fixed: Vec<Admin>,
    _directory: tempfile::TempDir,
}

impl Room {
    /// Nobody is named.
    fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("store.sqlite")).unwrap();
        let people = people(&store, &[]);
        Self { store, people, fixed: Vec::new(), _directory: directory }
    }

    /// The settings name Anna.
    fn with_anna() -> Self {
        let mut room = Self::empty();
        room.settings_name(&[fixed(ANNA, "Anna", Role::Owner)]);
        room
    }

    /// The writer starts again with other settings.
    fn settings_name(&mut self, fixed: &[Admin]) {
        self.fixed = fixed.to_vec();
        self.people = people(&self.store, fixed);
    }

    async fn entries(&self) -> Vec<Entry> {
        let mut entries = Trail::new(self.store.clone()).list(i64::MAX, 100, None, None).await.unwrap();
        entries.reverse();
        entries
    }

    /// What was refused, and why, oldest first.
    async fn refusals(&self) -> Vec<(String, String)> {
        let refused = |entry: Entry| Some((entry.action, entry.reason?));
        self.entries().await.into_iter().filter_map(refused).collect()
    }

    async fn notices(&self) -> Vec<(i64, Event)> {
        let notices = Notices::new(self.store.clone()).pending(0, 100).await.unwrap();
        notices.into_iter().map(|notice| (notice.user, serde_json::from_value(notice.event).unwrap())).collect()
    }

    async fn role_for(&self, user: i64, kind: &'static str) -> Option<Role> {
        let admins = self.people.admins();
        self.store.read::<_, StoreError, _>(move |view| admins.role_for(view, user, kind)).await.unwrap()
    }
}

fn people(store: &Store, fixed: &[Admin]) -> People {
    let declared = ["fees", "rates"].map(str::to_owned).to_vec();
    People::new(store.clone(), Admins::new(fixed.to_vec()), declared, Trail::new(store.clone()))
}

fn fixed(user: i64, name: &str, role: Role) -> Admin {
    Admin { user, name: name.to_owned(), role: Some(role), kinds: Vec::new(), fixed: true, since_ms: 0 }
}

fn telegram(user: i64) -> Author {
    Author { origin: Origin::Telegram, id: user, name: format!("user {user}") }
}

fn operator() -> Author {
    Author { origin: Origin::Operator, id: 0, name: "root".to_owned() }
}

fn set(by: Author, user: i64, role: Role, kind: Option<&str>, request_id: &str) -> Set {
    let kind = kind.map(str::to_owned);
    Set { user, name: format!("user {user}"), role, kind, by, request_id: request_id.to_owned(), settles: None }
}

fn remove(by: Author, user: i64, kind: Option<&str>, request_id: &str) -> Remove {
    Remove { user, kind: kind.map(str::to_owned), by, request_id: request_id.to_owned(), settles: None }
}

fn invite(by: Author, role: Role, kind: Option<&str>, request_id: &str) -> Invite {
    Invite { role, kind: kind.map(str::to_owned), by, request_id: request_id.to_owned(), settles: None }
}

fn pair(code: &str, user: i64, request_id: &str) -> Pair {
    let (code, name) = (code.to_owned(), format!("user {user}"));
    Pair { code, user, name, request_id: request_id.to_owned(), settles: None }
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test);
}
