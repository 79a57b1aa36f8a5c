//! The writer as a whole: opened, served, kept in order, closed. Knows nothing of how processes start and stop.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::admins::{self, Admins, People};
use crate::audit::{self, Trail};
use crate::backup::Backups;
use crate::clock::unix_ms;
use crate::configs::{Configs, Disk, KindSpec, RealDisk};
use crate::declared::Difference;
use crate::dialogues::Dialogues;
use crate::directories::Directories;
use crate::hooks::{Hooks, Run};
use crate::inbox::{self, Inbox};
use crate::notices::{self, Notices};
use crate::requests;
use crate::status::Status;
use crate::store::{OpenError, Store, StoreError};

/// Between two rounds of forgetting what is old.
const PRUNE: Duration = Duration::from_secs(60 * 60);
/// Rows forgotten in one transaction: small enough that nobody notices.
const BITE: i64 = 500;
/// What is told of changes by the settings that have to wait.
const UNRECORDED: &str = "what the settings changed is not recorded yet";
/// Between attempts to write after a commit failed.
const PROBE: Duration = Duration::from_secs(2);

/// What the settings declare.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The kinds of config.
    pub kinds: Vec<KindSpec>,
    /// Those whose roles are fixed.
    pub admins: Vec<interfaces::admins::Admin>,
    /// The file that says so: what it says otherwise than at the start before is then recorded. `None`: nothing is compared.
    pub file: Option<String>,
}

/// Everything that the writer owns, at work.
pub struct Writer {
    pub(crate) store: Store,
    pub(crate) configs: Arc<Configs>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) dialogues: Arc<Dialogues>,
    pub(crate) people: Arc<People>,
    hooks: Hooks,
    pub(crate) trail: Arc<Trail>,
    pub(crate) notices: Arc<Notices>,
    pub(crate) whole: Arc<WholeStore>,
    /// What is still to be recorded of the settings.
    unrecorded: Option<Arc<Difference>>,
    _directories: Directories,
}

/// The store as a whole, as `io.natrium.Store` shows it.
pub(crate) struct WholeStore {
    pub(crate) store: Store,
    pub(crate) configs: Arc<Configs>,
    pub(crate) backups: Backups,
    /// Looking through everything is done for one at a time: threads that may block are for others, too.
    pub(crate) looking: tokio::sync::Mutex<()>,
    pub(crate) path: PathBuf,
}

impl Writer {
    /// Opens the store and brings the published files into agreement with it. When it answers, the writer is ready.
    ///
    /// # Errors
    /// [`OpenError`] says which file and why.
    pub async fn open(directories: Directories, declared: Declared) -> Result<Self, OpenError> {
        Self::open_on(directories, declared, Arc::new(RealDisk)).await
    }

    /// [`Writer::open`] with the file-system calls of publication made by `disk`.
    ///
    /// # Errors
    /// The same.
    pub async fn open_on(directories: Directories, declared: Declared, disk: Arc<dyn Disk>) -> Result<Self, OpenError> {
        let path = directories.store();
        let failed = move |source| OpenError::Store { path: path.clone(), source };
        let opening = move || {
            let store = Store::open(&directories.store())?;
            // Before anybody acts on them.
            let unreadable = |source| OpenError::Store { path: directories.store(), source };
            let difference = match &declared.file {
                Some(file) => {
                    let compared =
                        store.read_blocking(|view| Difference::of(file, &declared.admins, &declared.kinds, view));
                    compared.map_err(unreadable)?
                }
                None => None,
            };
            let unrecorded = difference.map(Arc::new).filter(|difference| {
                let recorded = record(&store, difference);
                recorded.inspect_err(|error| tracing::warn!("{UNRECORDED}: {error}")).is_err()
            });
            let admins = Admins::new(declared.admins);
            let (published, backups) = (directories.published.clone(), directories.backups());
            let names: Vec<String> = declared.kinds.iter().map(|kind| kind.name.clone()).collect();
            let trail = Trail::new(store.clone()).counting(names.clone());
            let people = People::new(store.clone(), admins.clone(), names, trail.clone());
            let hooked: Vec<String> =
                declared.kinds.iter().filter(|kind| kind.hook).map(|kind| kind.name.clone()).collect();
            let (store_of, kinds) = (store.clone(), declared.kinds);
            let configs = Configs::open(store_of, disk, published, backups, kinds, admins.clone(), trail.clone())
                .map_err(unreadable)?;
            let hooks = Hooks::new(store.clone(), admins, configs.published(), hooked);
            Ok((directories, store, trail, people, configs, hooks, unrecorded))
        };
        let (directories, store, trail, people, configs, hooks, unrecorded) =
            tokio::task::spawn_blocking(opening).await.map_err(|_| failed(StoreError::Panicked))??;
        if let Err(error) = trail.fold().await {
            tracing::warn!("{error}; they wait there");
        }
        let configs = Arc::new(configs);
        let whole = WholeStore {
            store: store.clone(),
            configs: Arc::clone(&configs),
            backups: Backups::new(store.clone(), trail.clone(), directories.state.clone(), configs.declared()),
            looking: tokio::sync::Mutex::default(),
            path: directories.store(),
        };
        Ok(Self {
            configs,
            whole: Arc::new(whole),
            inbox: Arc::new(Inbox::new(store.clone())),
            dialogues: Arc::new(Dialogues::new(store.clone())),
            people: Arc::new(people),
            hooks,
            trail: Arc::new(trail),
            notices: Arc::new(Notices::new(store.clone())),
            store,
            unrecorded,
            _directories: directories,
        })
    }

    /// What the writer does of its own accord: publishes again what failed, notes what is in place, finds out when the disk works
    /// again, takes into the trail what there was no room for, forgets what is old. Never ends; to be run as long as the writer serves.
    pub fn upkeep(&self) -> impl Future<Output = ()> + Send + use<> {
        let publishing = self.configs.as_ref().clone().keep_publishing();
        let watching = self.configs.as_ref().clone().watch_files();
        let folding = self.trail.as_ref().clone().keep_folding();
        let noting = self.configs.as_ref().clone().keep_noting();
        let recording = record_later(self.store.clone(), self.unrecorded.clone());
        let (probing, pruning) = (self.store.clone(), self.store.clone());
        async move {
            tokio::join!(publishing, noting, watching, folding, recording, probe(probing), prune(pruning));
        }
    }

    /// Has what is due after publishing run by `run`. Never ends; to be run as long as the writer serves.
    pub fn hooks(&self, run: Run) -> impl Future<Output = ()> + Send + use<> {
        self.hooks.clone().drive(run)
    }

    /// What proves that the writer works.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        Pulse(self.store.clone())
    }

    /// The code that makes whoever sends it to the bot the first owner, for people; nothing where there is an owner. It is to be
    /// asked for once at each start: what the settings no longer allow ends with that.
    ///
    /// # Errors
    /// Where it cannot be read or made.
    pub async fn pairing(&self) -> Result<Option<String>, StoreError> {
        self.people.pairing().await
    }

    /// How the writer is, in words, as it changes.
    #[must_use]
    pub fn status(&self) -> Status {
        Status::new(self.store.trouble(), &self.configs)
    }

    /// Lets uploads under way come to their end, does what was handed in, and closes the store.
    pub async fn close(self) {
        self.configs.quiesce().await;
        if let Err(error) = self.configs.note_placed().await {
            tracing::warn!("cannot note which versions are in place: {error}");
        }
        self.store.close().await;
    }
}

/// Records what the settings say otherwise than before, if there is room. Blocks.
fn record(store: &Store, difference: &Arc<Difference>) -> Result<(), StoreError> {
    store.has_room()?;
    let difference = Arc::clone(difference);
    store.submit(move |job| difference.record(job, unix_ms()))?.wait()
}

/// The same for what the store had no room for at the start, until it has.
async fn record_later(store: Store, unrecorded: Option<Arc<Difference>>) {
    let Some(difference) = unrecorded else { return };
    let mut told = String::new();
    loop {
        tokio::time::sleep(PROBE).await;
        let (store, difference) = (store.clone(), Arc::clone(&difference));
        let recorded = tokio::task::spawn_blocking(move || record(&store, &difference)).await;
        let Err(error) = recorded.unwrap_or(Err(StoreError::Panicked)) else {
            return tracing::info!("what the settings changed is recorded");
        };
        let error = error.to_string();
        if told != error {
            tracing::warn!("{UNRECORDED}: {error}");
            told = error;
        }
    }
}

/// Proves that the writer works, not only that its runtime turns.
#[derive(Clone, Debug)]
pub struct Pulse(Store);

impl Pulse {
    /// A round trip to the thread that writes. Not answering means that the disk does not answer either; a full disk is no
    /// reason.
    pub async fn beat(self) {
        if self.0.ping().await.is_err() {
            // Closed: the end is near anyway, and an answer would be wrong.
            std::future::pending().await
        }
    }
}

/// After a failed commit: tries until one succeeds, so that the status tells the truth and what failed unclearly is cleared.
async fn probe(store: Store) {
    let mut trouble = store.trouble();
    loop {
        // Ends only with the store.
        if trouble.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(PROBE).await;
        // What comes of it is told where every commit's outcome is.
        let _ = store.probe().await;
    }
}

async fn prune(store: Store) {
    loop {
        let now_ms = unix_ms();
        let (requests, updates) = (now_ms - requests::KEPT_MS, now_ms - inbox::KEPT_MS);
        let invitations = now_ms - admins::KEPT_MS;
        let (notices, refusals) = (now_ms - notices::KEPT_MS, now_ms - audit::REFUSALS_KEPT_MS);
        let pruned = async {
            while store.write(move |transaction| requests::prune(transaction, requests, BITE)).await? > 0 {}
            while store.write(move |transaction| inbox::prune(transaction, updates, BITE)).await? > 0 {}
            while store.write(move |transaction| admins::prune(transaction, invitations, BITE)).await? > 0 {}
            while store.write(move |transaction| notices::prune(transaction, notices, BITE)).await? > 0 {}
            while store.write(move |transaction| audit::prune(transaction, refusals, BITE)).await? > 0 {}
            audit::count_alike(&store, now_ms - audit::OWN_LINE_MS).await?;
            Ok::<_, StoreError>(())
        };
        if let Err(error) = pruned.await {
            tracing::warn!("cannot forget what is old: {error}; trying again later");
        }
        tokio::time::sleep(PRUNE).await;
    }
}
