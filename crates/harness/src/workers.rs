//! The workers of an instance: their processes, and who comes after one that was killed.

use anyhow::Context;
use interfaces::supervisor::{Restart, Status, WorkerState};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{Instance, instance::PATIENCE, wait::until_async};

impl Instance {
    /// The number of a worker's process.
    ///
    /// # Errors
    /// When the supervisor does not answer, or the worker has no process just now.
    pub async fn worker(&self, name: &str) -> anyhow::Result<i32> {
        let status = self.supervisor().status(&Status {}).await?;
        let worker = status.workers.into_iter().find(|worker| worker.name == name).context("no such worker")?;
        worker.pid.with_context(|| format!("{name} has no process just now"))
    }

    /// Kills a worker's process, and waits for its successor's, which comes [at once](Self::succeeded).
    ///
    /// # Errors
    /// When there is none to kill, or none comes after it.
    pub async fn kill(&self, worker: &str) -> anyhow::Result<()> {
        let before = until_async("a process to kill", PATIENCE, async || self.worker(worker).await.ok()).await?;
        kill(Pid::from_raw(before), Signal::SIGKILL)?;
        self.succeeded(worker, before).await
    }

    /// Waits until the worker's process is another one than `before`. The pause that the supervisor makes after repeated deaths
    /// is cut short, as by an operator who asks for a start at once.
    ///
    /// # Errors
    /// When none comes.
    pub async fn succeeded(&self, worker: &str, before: i32) -> anyhow::Result<()> {
        let supervisor = self.supervisor();
        let request = Restart { worker: worker.to_owned(), request_id: format!("after {before}") };
        let successor = async || {
            let status = supervisor.status(&Status {}).await.ok()?;
            let now = status.workers.into_iter().find(|now| now.name == worker)?;
            if now.state == WorkerState::Backoff {
                supervisor.restart(&request).await.ok()?;
            }
            now.pid.filter(|pid| *pid != before && now.state != WorkerState::Stopping)
        };
        until_async("a successor", PATIENCE, successor).await.map(drop)
    }
}
