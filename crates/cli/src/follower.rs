//! What is new in what a watched service tells. Pure: it remembers how everything was, and compares.

use std::collections::BTreeMap;

use interfaces::supervisor::{StatusReply, Worker, WorkerState};

use crate::change::Change;

/// Who knows how everything was.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    /// Process and start of the supervisor that was followed last.
    supervisor: Option<(i32, i64)>,
    is_lost: bool,
    workers: BTreeMap<String, Worker>,
}

impl Follower {
    /// Whether any service has been followed yet.
    pub(crate) fn has_begun(&self) -> bool {
        self.supervisor.is_some()
    }

    /// The service answers.
    pub(crate) fn met(&mut self, status: &StatusReply) -> Vec<Change> {
        let supervisor = Some((status.pid, status.started_ms));
        let mut changes = Vec::new();
        if self.supervisor != supervisor {
            changes.extend(self.lost());
            self.workers.clear();
            changes.push(Change::Running(Box::new(status.clone())));
        } else if self.is_lost {
            changes.push(Change::Running(Box::new(status.clone())));
        }
        self.supervisor = supervisor;
        self.is_lost = false;
        changes
    }

    /// Nobody answers any more.
    pub(crate) fn lost(&mut self) -> Option<Change> {
        let (pid, _) = self.supervisor.filter(|_| !self.is_lost)?;
        self.is_lost = true;
        // An orderly stop ends the workers first.
        let lives = |worker: &Worker| matches!(worker.state, WorkerState::Ready | WorkerState::Starting);
        Some(Change::Gone { pid, died: self.workers.values().any(lives) })
    }

    /// A worker is as told.
    pub(crate) fn told(&mut self, worker: Worker) -> Option<Change> {
        let Some(before) = self.workers.insert(worker.name.clone(), worker.clone()) else {
            return Some(Change::Present(Box::new(worker)));
        };
        if (before.state, before.generation) != (worker.state, worker.generation) {
            let last = |worker: &Worker| worker.last_death.as_ref().map(|death| death.generation);
            let died = last(&before) != last(&worker);
            return Some(Change::Moved { from: before.state, died, worker: Box::new(worker) });
        }
        (before.status != worker.status).then(|| Change::Said(Box::new(worker)))
    }
}

#[cfg(test)]
mod tests {
    use interfaces::supervisor::Phase;

    use super::*;
    use crate::death::tests::death;

    fn worker(state: WorkerState, generation: u64, status: &str) -> Worker {
        Worker {
            name: "bot".to_owned(),
            state,
            since_ms: 0,
            next_start_ms: None,
            pid: None,
            generation,
            restarts: 0,
            status: status.to_owned(),
            sandbox: String::new(),
            memory_bytes: None,
            last_death: None,
        }
    }

    fn service(pid: i32) -> StatusReply {
        StatusReply {
            instance: "natrium".to_owned(),
            version: "1".to_owned(),
            pid,
            started_ms: 0,
            phase: Phase::Ready,
            ready: true,
            status: String::new(),
            memory_bytes: None,
            workers: Vec::new(),
        }
    }

    #[test]
    fn only_what_is_new_is_told() {
        let mut follower = Follower::default();
        let ready = worker(WorkerState::Ready, 1, "");
        assert!(matches!(follower.told(ready.clone()), Some(Change::Present(_))));
        assert_eq!(follower.told(Worker { since_ms: 3, ..ready.clone() }), None, "its clock was set");
        assert!(matches!(follower.told(worker(WorkerState::Ready, 1, "polling")), Some(Change::Said(_))));

        let dead = Some(death(5));
        let next = Worker { last_death: dead, ..worker(WorkerState::Ready, 2, "polling") };
        let Some(Change::Moved { from, died, .. }) = follower.told(next.clone()) else {
            panic!("a new process is a change")
        };
        assert_eq!((from, died), (WorkerState::Ready, true));
        let stopping = Worker { state: WorkerState::Stopping, ..next };
        assert!(
            matches!(follower.told(stopping), Some(Change::Moved { died: false, .. })),
            "that death was told before"
        );
    }

    #[test]
    fn a_service_is_lost_once_and_its_successor_is_another() {
        let mut follower = Follower::default();
        assert_eq!(follower.lost(), None, "there was none");
        assert!(!follower.has_begun());
        assert!(matches!(follower.met(&service(1)).as_slice(), [Change::Running(_)]));
        assert!(follower.has_begun());
        assert_eq!(follower.met(&service(1)), [], "only the connection was lost");
        follower.told(worker(WorkerState::Ready, 1, ""));
        assert_eq!(follower.lost(), Some(Change::Gone { pid: 1, died: true }));
        assert_eq!(follower.lost(), None);
        assert!(matches!(follower.met(&service(2)).as_slice(), [Change::Running(_)]));
        assert!(matches!(follower.told(worker(WorkerState::Stopped, 1, "")), Some(Change::Present(_))), "a new life");
        // The next one was there before anybody missed this one.
        let changes = follower.met(&service(3));
        assert!(
            matches!(changes.as_slice(), [Change::Gone { pid: 2, died: false }, Change::Running(_)]),
            "{changes:?}"
        );
    }
}
