//! `io.natrium.Supervisor`: passes what callers ask to the main loop, which alone knows, and its answers back.

use std::collections::VecDeque;

use interfaces::supervisor::{
    Death, Deaths, DeathsReply, Error, Reload, ReloadReply, Restart, RestartReply, RunHook, RunHookReply, Status,
    StatusReply, Supervisor, Watch, WatchReply, WhoIs, WhoIsReply, Worker,
};
use interfaces::{Fault, Replies};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::{mpsc, oneshot};
use varlink::{BoxFuture, Gate, Guest, Peer, ServiceError};
use worker::access::{self, Known, Role};

/// How many changes a watcher may be behind before it is sent the newest states only.
pub(crate) const CHANGES: usize = 256;

/// How many callers may wait for the main loop at once.
pub(crate) const QUESTIONS: usize = 64;

/// What the main loop is asked.
#[derive(Debug)]
pub(crate) enum Question {
    Status(oneshot::Sender<StatusReply>),
    Deaths(Option<String>, oneshot::Sender<Result<Vec<Death>, Error>>),
    Restart(Restart, oneshot::Sender<Result<RestartReply, Error>>),
    Reload(Reloaded),
    WhoIs(i32, oneshot::Sender<Option<WhoIsReply>>),
    RunHook(RunHook, HookRan),
    /// All present states, and every change from then on.
    Watch(oneshot::Sender<(Vec<Worker>, broadcast::Receiver<Worker>)>),
}

/// To be told what became of a reload.
pub(crate) type Reloaded = oneshot::Sender<Result<ReloadReply, Error>>;

/// To be told how a hook ended.
pub(crate) type HookRan = oneshot::Sender<Result<RunHookReply, Error>>;

/// The asking end. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Control(pub(crate) mpsc::Sender<Question>);

impl Control {
    /// A main loop that does not answer any more has ended: the service is stopping.
    async fn ask<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> Question) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        self.0.send(question(answer)).await.map_err(|_| Error::Stopping {})?;
        answered.await.map_err(|_| Error::Stopping {})
    }
}

impl Supervisor for Control {
    async fn status(&self, _peer: Peer, _call: Status) -> Result<StatusReply, Fault<Error>> {
        Ok(self.ask(Question::Status).await?)
    }

    async fn deaths(&self, _peer: Peer, call: Deaths) -> Result<DeathsReply, Fault<Error>> {
        Ok(DeathsReply { deaths: self.ask(|answer| Question::Deaths(call.worker, answer)).await?? })
    }

    async fn restart(&self, peer: Peer, call: Restart) -> Result<RestartReply, Fault<Error>> {
        tracing::info!(
            worker = call.worker,
            natrium_request = call.request_id,
            peer_pid = peer.pid,
            peer_uid = peer.uid,
            "a restart was asked for"
        );
        Ok(self.ask(|answer| Question::Restart(call, answer)).await??)
    }

    async fn reload(&self, peer: Peer, _call: Reload) -> Result<ReloadReply, Fault<Error>> {
        tracing::info!(peer_pid = peer.pid, peer_uid = peer.uid, "a reload was asked for");
        Ok(self.ask(Question::Reload).await??)
    }

    async fn run_hook(&self, _peer: Peer, call: RunHook) -> Result<RunHookReply, Fault<Error>> {
        Ok(self.ask(|answer| Question::RunHook(call, answer)).await??)
    }

    async fn who_is(&self, _peer: Peer, call: WhoIs) -> Result<WhoIsReply, Fault<Error>> {
        let known = self.ask(|answer| Question::WhoIs(call.pid, answer)).await?;
        Ok(known.ok_or(Error::NotAWorker { pid: call.pid })?)
    }

    async fn watch(&self, _peer: Peer, _call: Watch) -> Result<Replies<WatchReply>, Fault<Error>> {
        let (present, changes) = self.ask(Question::Watch).await?;
        let watching = Watching { control: self.clone(), unsent: present.into(), changes };
        Ok(Box::pin(futures_util::stream::unfold(watching, |mut watching| async {
            let worker = watching.next().await?;
            Some((WatchReply { worker }, watching))
        })))
    }
}

struct Watching {
    control: Control,
    unsent: VecDeque<Worker>,
    changes: broadcast::Receiver<Worker>,
}

impl Watching {
    async fn next(&mut self) -> Option<Worker> {
        loop {
            if let Some(worker) = self.unsent.pop_front() {
                return Some(worker);
            }
            match self.changes.recv().await {
                Ok(worker) => return Some(worker),
                Err(RecvError::Lagged(_)) => {
                    let (present, changes) = self.control.ask(Question::Watch).await.ok()?;
                    (self.unsent, self.changes) = (present.into(), changes);
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

/// Keeps the supervisor's own door by the same table as the workers' doors. Who is a worker it need not be told.
#[derive(Clone, Debug)]
pub(crate) struct Door(pub(crate) Control);

impl Gate for Door {
    fn meet(&self, peer: Peer) -> BoxFuture<'_, Result<Box<dyn Guest>, ServiceError>> {
        Box::pin(async move {
            let role = match self.0.ask(|answer| Question::WhoIs(peer.pid, answer)).await {
                Ok(Some(known)) => Role::of_worker(&known.worker),
                Ok(None) => access::LET_IN,
                // The main loop has ended: who is a worker cannot be told any more.
                Err(_) => return Err(ServiceError::PermissionDenied {}),
            };
            Ok(Box::new(Known { role, peer }) as Box<dyn Guest>)
        })
    }
}
