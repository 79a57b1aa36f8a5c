#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod by_hand;
mod by_hand_noticed;
mod cancel;
mod checks;
mod consumers;
mod crash;
mod disk_full;
mod placed;
mod proposals;
mod reconcile;
mod two_disks;
mod upload;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use interfaces::admins::{Admin, Role};
use interfaces::configs::{Author, Origin, Problem, Put, PutReply, Version};

use super::*;
use crate::store::Store;

/// A state directory and what a process would have opened in it.
struct Room {
    _directory: Option<tempfile::TempDir>,
    root: PathBuf,
    disk: Arc<dyn Disk>,
}

impl Room {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_owned();
        Self::at(&root, Some(directory))
    }

    fn at(root: &Path, directory: Option<tempfile::TempDir>) -> Self {
        for name in ["published", "backups"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        Self { _directory: directory, root: root.to_owned(), disk: Arc::new(RealDisk) }
    }

    fn published(&self, file: &str) -> PathBuf {
        self.root.join("published").join(file)
    }

    /// What is published, without what is said beside it.
    fn files(&self) -> Vec<String> {
        names(&self.root.join("published")).into_iter().filter(|name| !name.contains(".meta.json")).collect()
    }

    fn backup(&self, name: &str) -> PathBuf {
        self.root.join("backups").join(name)
    }

    fn backups(&self) -> Vec<String> {
        names(&self.root.join("backups"))
    }

    fn store(&self) -> Store {
        Store::open(&self.root.join("store.sqlite")).unwrap()
    }

    async fn open(&self) -> Configs {
        self.open_on(self.store()).await
    }

    async fn open_on(&self, store: Store) -> Configs {
        self.open_with(store, kinds()).await
    }

    async fn open_with(&self, store: Store, kinds: Vec<KindSpec>) -> Configs {
        let (disk, root) = (Arc::clone(&self.disk), self.root.clone());
        tokio::task::spawn_blocking(move || {
            let trail = Trail::new(store.clone());
            Configs::open(store, disk, root.join("published"), root.join("backups"), kinds, admins(), trail).unwrap()
        })
        .await
        .unwrap()
    }
}

/// A fresh room, its store, and the configs on that.
async fn opened() -> (Room, Store, Configs) {
    let room = Room::new();
    let store = room.store();
    let configs = room.open_on(store.clone()).await;
    (room, store, configs)
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Three kinds; a document is valid unless it says `bad`.
fn kinds() -> Vec<KindSpec> {
    let spec = |name: &str| KindSpec {
        name: name.to_owned(),
        file: format!("{name}.yml"),
        schema: "{}".to_owned(),
        rules: None,
        approval: false,
        hook: false,
        validate: Arc::new(|content| {
            let bad = content.windows(3).any(|window| window == b"bad");
            let problem = Problem { line: 1, column: 2, path: "x".to_owned(), reason: "bad".to_owned() };
            if bad { vec![problem] } else { Vec::new() }
        }),
    };
    ["fees", "rates", "limits"].map(spec).to_vec()
}

/// Anna and Boris, who may do everything.
fn admins() -> Admins {
    let owner = |user, name: &str| Admin {
        user,
        name: name.to_owned(),
        role: Some(Role::Owner),
        kinds: Vec::new(),
        fixed: true,
        since_ms: 0,
    };
    Admins::new(vec![owner(1001, "Anna"), owner(1002, "Boris")])
}

fn anna() -> Author {
    Author { origin: Origin::Telegram, id: 1001, name: "Anna".to_owned() }
}

fn upload(kind: &str, base: i64, content: &str, request_id: &str) -> Put {
    Put {
        kind: kind.to_owned(),
        content: content.to_owned(),
        base,
        over: None,
        author: anna(),
        request_id: request_id.to_owned(),
        settles: None,
    }
}

async fn put(configs: &Configs, base: i64, content: &str) -> PutReply {
    configs.put(upload("fees", base, content, &format!("{base}:{content}"))).await.unwrap()
}

/// All versions, oldest first, with their contents.
async fn history(configs: &Configs, kind: &str) -> Vec<(Version, String)> {
    let mut versions = configs.history(kind.to_owned(), None, 100_000).await.unwrap_or_default();
    versions.reverse();
    let mut all = Vec::new();
    for version in versions {
        let (same, content) = configs.get(kind.to_owned(), Some(version.version)).await.unwrap();
        assert_eq!(same, version);
        all.push((version, String::from_utf8(content).unwrap()));
    }
    all
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), test).await.expect("deadline") });
}
