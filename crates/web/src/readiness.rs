//! Whether the service is ready, from what the supervisor says. Pure.

use interfaces::supervisor::{Phase, StatusReply};
use serde_json::{Map, Value, json};

/// Whether the service does what it is there for, and how each worker is, as JSON. `status` is absent where the supervisor did
/// not answer in time.
pub(crate) fn judge(status: Option<&StatusReply>) -> (bool, Value) {
    let Some(status) = status else {
        return (false, json!({ "ready": false, "problem": "the supervisor does not answer" }));
    };
    // The phase stays `ready` while an essential worker is restarted.
    let ready = status.phase == Phase::Ready && status.ready;
    let workers: Map<String, Value> =
        status.workers.iter().map(|worker| (worker.name.clone(), json!(worker.state))).collect();
    (ready, json!({ "ready": ready, "phase": status.phase, "workers": workers }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::tests::{status, worker};
    use interfaces::supervisor::WorkerState;

    #[test]
    fn it_is_ready_when_the_supervisor_says_so_and_all_essential_workers_are() {
        let workers = || vec![worker("writer", WorkerState::Ready), worker("web", WorkerState::Backoff)];
        let (ready, told) = judge(Some(&status(Phase::Ready, true, workers())));
        assert!(ready);
        assert_eq!(
            told,
            json!({ "ready": true, "phase": "ready", "workers": { "writer": "ready", "web": "backoff" } })
        );
        for (phase, essential) in [(Phase::Starting, false), (Phase::Ready, false), (Phase::Stopping, true)] {
            assert!(!judge(Some(&status(phase, essential, workers()))).0, "{phase:?}");
        }
    }

    #[test]
    fn a_silent_supervisor_is_told_as_such() {
        let (ready, told) = judge(None);
        assert!(!ready);
        assert_eq!(told["problem"], "the supervisor does not answer");
    }
}
