//! People who upload at the same time, what they were told, and what must be true after that.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::id as process_id;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use harness::{Admin, Instance, Programs, until_async};
use interfaces::CallError;
use interfaces::configs::{Author, Client, Error, Get, History, Origin, Put, PutReply, Version};
use tokio::task::JoinSet;

/// Debug builds on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const KINDS: [&str; 2] = ["fees", "rates"];

/// A service that has not been started. Its Telegram cannot be reached, which is only a status.
pub(crate) fn service() -> Instance {
    // A token of its own: bots with the same one keep each other from running, across all tests of this machine.
    static NEXT: AtomicI64 = AtomicI64::new(0);
    let id = 7_000_000_000 + i64::from(process_id()) * 100 + NEXT.fetch_add(1, Ordering::Relaxed);
    let programs = Programs::beside_this_one().unwrap();
    let admin = Admin { id: 1001, name: "Anna" };
    // Port 9 (discard) is served nowhere any more.
    Instance::new(&programs, "http://127.0.0.1:9", &format!("{id}:SIMULATED"), &[admin]).unwrap()
}

/// A valid document, told from others by `mark`.
pub(crate) fn document(kind: &str, mark: &str) -> String {
    format!("# {mark}\n{}", kinds::sample(kind).unwrap())
}

pub(crate) fn put(kind: &str, base: i64, content: &str, request_id: &str) -> Put {
    Put {
        kind: kind.to_owned(),
        content: content.to_owned(),
        base,
        over: None,
        author: Author { origin: Origin::Operator, id: 0, name: "root".to_owned() },
        request_id: request_id.to_owned(),
        settles: None,
    }
}

/// Uploads a document of which it is known that nobody else does meanwhile.
pub(crate) async fn upload(service: &Instance, kind: &str, base: i64, content: &str) -> PutReply {
    let request = format!("{kind}.{base}");
    service.configs().put(&put(kind, base, content, &request)).await.unwrap()
}

/// Several for each kind, each with connections of their own.
pub(crate) struct Operators {
    tasks: JoinSet<()>,
    told: Told,
}

/// What was acknowledged: kind, version, content.
type Told = Arc<Mutex<Vec<(&'static str, i64, String)>>>;

impl Operators {
    /// For each kind so many, each of whom uploads so many documents.
    pub(crate) fn at_work(service: &Instance, for_each_kind: usize, documents: usize) -> Self {
        let (mut tasks, told) = (JoinSet::new(), Told::default());
        for kind in KINDS {
            for operator in 0..for_each_kind {
                let name = format!("{kind}.{operator}");
                tasks.spawn(work(service.configs(), kind, name, documents, Arc::clone(&told)));
            }
        }
        Self { tasks, told }
    }

    /// How many uploads have been acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.told.lock().unwrap().len()
    }

    /// Waits until so many more were acknowledged, or all.
    pub(crate) async fn go_on(&mut self, more: usize) {
        let enough = self.acknowledged() + more;
        let found = until_async("uploads go on", PATIENCE, async || {
            while let Some(ended) = self.tasks.try_join_next() {
                ended.unwrap();
            }
            (self.acknowledged() >= enough || self.tasks.is_empty()).then_some(())
        });
        found.await.unwrap();
    }

    pub(crate) fn are_done(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Waits until all have done their work. By then every document has been acknowledged: exactly those make the history.
    pub(crate) async fn done(mut self, service: &Instance) {
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        for kind in KINDS {
            let mine = told.iter().filter(|(known, ..)| *known == kind);
            let acknowledged: BTreeMap<i64, String> =
                mine.clone().map(|(_, version, content)| (*version, content.clone())).collect();
            assert_eq!(acknowledged.len(), mine.count(), "{kind}: a version was given to two uploads");
            let history = history(service, kind).await;
            let saved: BTreeMap<i64, String> =
                history.iter().map(|(version, content)| (version.version, content.clone())).collect();
            assert_eq!(saved, acknowledged, "{kind}: what is saved is not what was acknowledged");
            agree(service, kind, &history);
        }
        let mut expected: Vec<_> =
            KINDS.iter().flat_map(|kind| [format!("{kind}.yml"), format!("{kind}.yml.meta.json")]).collect();
        expected.sort();
        assert_eq!(names(&service.path().join("published")), expected, "drafts were left behind");
    }
}

/// One operator. Whoever was overtaken goes on with what stands by then; any other error is one too many.
async fn work(configs: Client, kind: &'static str, name: String, documents: usize, told: Told) {
    let mut base = 0;
    for number in 0..documents {
        let mark = format!("{name}.{number}");
        let content = document(kind, &mark);
        let reply = loop {
            match configs.put(&put(kind, base, &content, &mark)).await {
                Ok(reply) => break reply,
                Err(CallError::Reply(Error::Conflict { current, .. })) => base = current.version,
                Err(error) => panic!("{mark}: {error:?}"),
            }
        };
        assert!(reply.published && !reply.unchanged, "{mark}: {reply:?}");
        base = reply.version.version;
        told.lock().unwrap().push((kind, base, content));
    }
}

/// All versions of a kind, oldest first, with their contents.
pub(crate) async fn history(service: &Instance, kind: &str) -> Vec<(Version, String)> {
    let configs = service.configs();
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = configs.history(&History { kind: kind.to_owned(), before, limit: 100 }).await.unwrap();
        for version in page.versions {
            before = Some(version.version);
            let get = Get { kind: kind.to_owned(), version: before };
            let got = configs.get(&get).await.unwrap();
            assert_eq!(got.version, version);
            all.push((version, got.content));
        }
        if before.is_none_or(|oldest| oldest == 1) {
            all.reverse();
            return all;
        }
    }
}

/// The history has no gap, each version was made on the one before, every older one has its backup, and the file is the
/// newest.
pub(crate) fn agree(service: &Instance, kind: &str, history: &[(Version, String)]) {
    let backups = service.state().join("backups");
    let mut expected = Vec::new();
    for ((version, content), number) in history.iter().zip(1..) {
        assert_eq!((version.version, version.base), (number, number - 1), "{kind}");
        if usize::try_from(number).unwrap() < history.len() {
            let name = format!("{kind}.v{number}.yml");
            assert_eq!(fs::read_to_string(backups.join(&name)).unwrap(), *content, "{name}");
            expected.push(name);
        }
    }
    expected.sort();
    let mut found = names(&backups);
    found.retain(|name| name.contains(kind) && !name.contains(".found-"));
    assert_eq!(found, expected, "every backup, and nothing else");
    let published = fs::read_to_string(service.published(&format!("{kind}.yml"))).ok();
    assert_eq!(published.as_ref(), history.last().map(|(_, content)| content), "{kind}: file and store differ");
    let said = fs::read(service.published(&format!("{kind}.yml.meta.json"))).ok();
    let said = said.map(|said| serde_json::from_slice::<serde_json::Value>(&said).unwrap());
    let said = said.map(|said| (said["version"].as_i64(), said["sha256"].as_str().map(str::to_owned)));
    let newest = history.last().map(|(version, _)| (Some(version.version), Some(version.sha256.clone())));
    assert_eq!(said, newest, "{kind}: what is said of the file");
}

/// What is in a directory, sorted.
pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
