//! What goes on while the supervisor is killed: an admin uploads fees through the bot, operators put rates into the writer.
//! All that they are told is kept, to be compared with the store in the end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use harness::Instance;
use interfaces::CallError;
use interfaces::configs::{Client, Error};
use sim::client::User;
use tokio::task::JoinHandle;

use crate::operators::{agree, document, history, put};
use crate::stage::{SAVED, fees, uploads};

const OPERATORS: usize = 2;

/// The load, for as long as it goes on.
pub(crate) struct Load {
    over: Arc<AtomicBool>,
    progress: Arc<AtomicUsize>,
    acknowledged: Arc<Mutex<BTreeMap<i64, String>>>,
    operators: Vec<JoinHandle<()>>,
    admin: JoinHandle<Vec<String>>,
}

impl Load {
    pub(crate) fn begin(service: &Instance, admin: User) -> Self {
        let (over, progress) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let acknowledged = Arc::<Mutex<BTreeMap<i64, String>>>::default();
        let operator = |number: usize| {
            let configs = service.configs();
            tokio::spawn(operate(configs, number, over.clone(), progress.clone(), acknowledged.clone()))
        };
        let operators = (0..OPERATORS).map(operator).collect();
        let admin = tokio::spawn(administer(admin, over.clone()));
        Self { over, progress, acknowledged, operators, admin }
    }

    /// How many puts have been acknowledged.
    pub(crate) fn progress(&self) -> usize {
        self.progress.load(Ordering::Relaxed)
    }

    /// Ends the load, and compares what was told with what is there. Answers how many puts and uploads there were.
    pub(crate) async fn end(self, service: &Instance) -> (usize, usize) {
        self.over.store(true, Ordering::Relaxed);
        for operator in self.operators {
            operator.await.unwrap();
        }
        let uploaded = self.admin.await.unwrap();

        let rates = history(service, "rates").await;
        agree(service, "rates", &rates);
        let saved: BTreeMap<i64, String> =
            rates.into_iter().map(|(version, content)| (version.version, content)).collect();
        let acknowledged = std::mem::take(&mut *self.acknowledged.lock().unwrap());
        assert_eq!(saved, acknowledged, "what is saved is not what was acknowledged");

        let fees = history(service, "fees").await;
        agree(service, "fees", &fees);
        let saved: Vec<String> = fees.into_iter().map(|(_, content)| content).collect();
        assert_eq!(saved, uploaded, "each upload that was told is there once, in its order, and nothing else");
        (acknowledged.len(), uploaded.len())
    }
}

/// One who puts one document after another, and asks again, under the same id, for as long as there is no answer.
async fn operate(
    configs: Client,
    number: usize,
    over: Arc<AtomicBool>,
    progress: Arc<AtomicUsize>,
    acknowledged: Arc<Mutex<BTreeMap<i64, String>>>,
) {
    let mut base = 0;
    for turn in 0.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        let mark = format!("operator {number}, {turn}");
        let content = document("rates", &mark);
        let version = loop {
            match configs.put(&put("rates", base, &content, &mark)).await {
                Ok(reply) => break reply.version.version,
                Err(CallError::Reply(Error::Conflict { current, .. })) => base = current.version,
                Err(CallError::Unreachable(_)) => {}
                Err(error) => panic!("{mark}: {error:?}"),
            }
        };
        base = version;
        let twice = acknowledged.lock().unwrap().insert(version, content);
        assert_eq!(twice, None, "{mark}: version {version} was given twice");
        progress.fetch_add(1, Ordering::Relaxed);
    }
}

/// Anna uploads until it is over. Answers what she was told is saved.
async fn administer(anna: User, over: Arc<AtomicBool>) -> Vec<String> {
    let mut told = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let content = fees(&format!("upload {}", told.len()));
        uploads(&anna, content.clone()).await;
        anna.sees_now(SAVED).await.unwrap();
        told.push(content);
    }
    told
}
