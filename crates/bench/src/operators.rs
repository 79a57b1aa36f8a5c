//! Operators who upload without a pause, each a kind of config of their own, and what they were told.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

use anyhow::{Context as _, Result};
use interfaces::configs::{self, Author, Origin};
use nix::unistd::geteuid;
use tokio::task::JoinSet;
use varlink::{Pool, PoolLimits};

/// Several, at work in a thread of their own.
#[derive(Debug)]
pub(crate) struct Operators {
    /// How many versions have been acknowledged to each.
    told: Arc<Vec<AtomicUsize>>,
    enough: Arc<AtomicBool>,
    thread: JoinHandle<Result<()>>,
}

impl Operators {
    /// One for each of `kinds`, of which there is no version yet, each with a connection to the writer's `socket`.
    pub(crate) fn at_work(socket: PathBuf, kinds: &[String]) -> Self {
        let told: Arc<Vec<AtomicUsize>> = Arc::new(kinds.iter().map(|_| AtomicUsize::new(0)).collect());
        let enough = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let (kinds, told, enough) = (kinds.to_vec(), told.clone(), enough.clone());
            move || work(socket, &kinds, &told, &enough)
        });
        Self { told, enough, thread }
    }

    /// How many versions have been acknowledged to each, in the order of the kinds.
    pub(crate) fn told(&self) -> Vec<usize> {
        self.told.iter().map(|count| count.load(Ordering::SeqCst)).collect()
    }

    /// Fails if they have given up.
    ///
    /// # Errors
    /// Then.
    pub(crate) fn must_work(&self) -> Result<()> {
        anyhow::ensure!(!self.thread.is_finished(), "the operators have given up");
        Ok(())
    }

    /// Lets each end the upload under way, and no more. Answers how many versions have been acknowledged to each.
    ///
    /// # Errors
    /// When an upload failed.
    pub(crate) fn rest(self) -> Result<Vec<usize>> {
        self.enough.store(true, Ordering::SeqCst);
        self.thread.join().ok().context("the operators have panicked")??;
        Ok(self.told.iter().map(|count| count.load(Ordering::SeqCst)).collect())
    }
}

/// The document that becomes a version of a kind.
pub(crate) fn document(version: usize) -> String {
    format!("edition: {version}\n")
}

fn work(socket: PathBuf, kinds: &[String], told: &Arc<Vec<AtomicUsize>>, enough: &Arc<AtomicBool>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let limits = PoolLimits { connections: kinds.len(), ..PoolLimits::default() };
        let configs = configs::Client::new(Pool::new(socket, limits), limits.deadline);
        let mut tasks = JoinSet::new();
        for (place, kind) in kinds.iter().enumerate() {
            tasks.spawn(upload(configs.clone(), kind.clone(), place, told.clone(), enough.clone()));
        }
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        Ok(())
    })
}

async fn upload(
    configs: configs::Client,
    kind: String,
    place: usize,
    told: Arc<Vec<AtomicUsize>>,
    enough: Arc<AtomicBool>,
) -> Result<()> {
    let mut version = 0;
    while !enough.load(Ordering::SeqCst) {
        let put = configs::Put {
            kind: kind.clone(),
            content: document(version + 1),
            base: i64::try_from(version)?,
            over: None,
            author: Author { origin: Origin::Operator, id: geteuid().as_raw().into(), name: "bench".to_owned() },
            request_id: format!("{kind}-{version}"),
            settles: None,
        };
        let reply = configs.put(&put).await.with_context(|| format!("uploading {kind}"))?;
        version += 1;
        let is_next = usize::try_from(reply.version.version) == Ok(version);
        anyhow::ensure!(is_next && reply.published && !reply.unchanged, "not saved and published: {reply:?}");
        told.get(place).context("no such operator")?.store(version, Ordering::SeqCst);
    }
    Ok(())
}
