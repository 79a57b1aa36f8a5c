//! Uploads that go on while the service is stopped, killed and started again: an admin's through the bot, an operator's into
//! the writer. All that they are told is kept, to be compared with the store in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use harness::until_async;
use interfaces::CallError;
use interfaces::configs::{Author, Client, Error, Get, History, Origin, Put};
use sim::client::User;
use tokio::task::JoinHandle;

use crate::host::{Host, PATIENCE, SAVED, fees, sends};

/// The load, for as long as it goes on.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    /// The longest time between two answers to the admin so far, in milliseconds.
    pause: Arc<AtomicU64>,
    operator: JoinHandle<Vec<String>>,
    admin: JoinHandle<Vec<String>>,
}

impl Load {
    pub(crate) fn begin(host: &Host) -> Self {
        let (over, acknowledged) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let pause = Arc::<AtomicU64>::default();
        let configs = host.configs();
        host.plays(async {
            let anna = host.anna().await;
            let operator = tokio::spawn(operate(configs, over.clone(), acknowledged.clone()));
            let admin = tokio::spawn(administer(anna, over.clone(), acknowledged.clone(), pause.clone()));
            Self { over, acknowledged, pause, operator, admin }
        })
    }

    /// Waits until so many more were acknowledged.
    pub(crate) fn goes_on(&self, host: &Host, more: usize) {
        let enough = self.acknowledged.load(Ordering::Relaxed) + more;
        let found = host.plays(until_async("uploads go on", PATIENCE, async || {
            assert!(!self.operator.is_finished() && !self.admin.is_finished(), "an upload has failed");
            (self.acknowledged.load(Ordering::Relaxed) >= enough).then_some(())
        }));
        found.unwrap_or_else(|error| panic!("{error}\n{}", host.lab.journal("natrium").unwrap()));
    }

    /// The longest time that the admin has waited for an answer since this was asked last, the time of an upload included.
    pub(crate) fn longest_pause(&self) -> Duration {
        Duration::from_millis(self.pause.swap(0, Ordering::Relaxed))
    }

    /// Ends the load: what was acknowledged is what is there, each once, in order. Answers how many uploads there were.
    pub(crate) fn end(self, host: &Host) -> usize {
        self.over.store(true, Ordering::Relaxed);
        let (put, uploaded) = host.plays(async { (self.operator.await.unwrap(), self.admin.await.unwrap()) });
        for (kind, told) in [("rates", &put), ("fees", &uploaded)] {
            assert!(!told.is_empty(), "nothing was acknowledged of {kind}");
            assert_eq!(&host.plays(history(&host.configs(), kind)), told, "{kind}: saved is not what was acknowledged");
            assert_eq!(&host.published(kind), told.last().unwrap(), "{kind}: the file is not the newest version");
        }
        put.len() + uploaded.len()
    }
}

/// Puts one document after another, and asks again, under the same id, for as long as there is no answer.
async fn operate(configs: Client, over: Arc<AtomicBool>, acknowledged: Arc<AtomicUsize>) -> Vec<String> {
    let mut told = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let mark = format!("put {}", told.len());
        let put = Put {
            kind: "rates".to_owned(),
            content: format!("# {mark}\n{}", kinds::sample("rates").unwrap()),
            base: i64::try_from(told.len()).unwrap(),
            over: None,
            author: Author { origin: Origin::Operator, id: 0, name: "root".to_owned() },
            request_id: mark,
            settles: None,
        };
        loop {
            match configs.put(&put).await {
                Ok(_) => break,
                // While it stops it says that it cannot tell, or is not there.
                Err(CallError::Unreachable(_) | CallError::Reply(Error::Unavailable { .. })) => {}
                Err(error) => panic!("{}: {error:?}", put.request_id),
            }
        }
        told.push(put.content);
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    told
}

/// Anna uploads until it is over. Answers what she was told is saved.
async fn administer(
    anna: User,
    over: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    pause: Arc<AtomicU64>,
) -> Vec<String> {
    let mut told = Vec::new();
    let mut last = Instant::now();
    while !over.load(Ordering::Relaxed) {
        let mark = format!("upload {}", told.len());
        sends(&anna, &mark).await;
        anna.sees_now(SAVED).await.unwrap();
        told.push(fees(&mark));
        let waited = u64::try_from(last.elapsed().as_millis()).unwrap();
        pause.fetch_max(waited, Ordering::Relaxed);
        last = Instant::now();
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    told
}

/// The contents of all versions of a kind, oldest first.
async fn history(configs: &Client, kind: &str) -> Vec<String> {
    let newest = configs.history(&History { kind: kind.to_owned(), before: None, limit: 1 }).await.unwrap();
    let mut contents = Vec::new();
    for version in 1..=newest.versions.first().map_or(0, |version| version.version) {
        contents.push(configs.get(&Get { kind: kind.to_owned(), version: Some(version) }).await.unwrap().content);
    }
    contents
}
