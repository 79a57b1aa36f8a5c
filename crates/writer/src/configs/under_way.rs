//! Calls that are being carried out, how far each is, and the kind that it is about: a call that cancels one does not name it.
//! Memory only: what outlives the process is in the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use interfaces::configs::{Progress, Step};
use tokio::sync::watch;

use super::Configs;

/// How long an answer about a call that does not move is held back.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Clone, Default)]
pub(super) struct UnderWay(Arc<Mutex<HashMap<String, Calls>>>);

/// Calls with one request id: whoever lost the connection asks again while the first may still be saving.
struct Calls {
    kind: Option<String>,
    /// Where the farthest of them is.
    step: watch::Sender<Step>,
    number: usize,
}

impl UnderWay {
    /// A call is being carried out until what this answers, and all its clones, are dropped.
    pub(super) fn begin(&self, request_id: &str, kind: Option<&str>) -> OneUnderWay {
        let mut all = self.all();
        let calls = all.entry(request_id.to_owned()).or_insert_with(|| Calls {
            kind: None,
            step: watch::Sender::new(Step::Preparing),
            number: 0,
        });
        calls.number += 1;
        if let Some(kind) = kind {
            calls.kind = Some(kind.to_owned());
        }
        OneUnderWay(Arc::new(Ends { of: self.clone(), request_id: request_id.to_owned(), step: calls.step.clone() }))
    }

    pub(super) fn kind(&self, request_id: &str) -> Option<String> {
        self.all().get(request_id).and_then(|calls| calls.kind.clone())
    }

    fn step(&self, request_id: &str) -> Option<watch::Receiver<Step>> {
        self.all().get(request_id).map(|calls| calls.step.subscribe())
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Calls>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One call that is being carried out.
#[derive(Clone)]
pub(super) struct OneUnderWay(Arc<Ends>);

impl OneUnderWay {
    /// It has come this far. A call never goes back.
    pub(super) fn reaches(&self, step: Step) {
        self.0.step.send_if_modified(|known| {
            let further = *known < step;
            *known = step.max(*known);
            further
        });
    }
}

struct Ends {
    of: UnderWay,
    request_id: String,
    step: watch::Sender<Step>,
}

impl Drop for Ends {
    fn drop(&mut self) {
        let mut all = self.of.all();
        let Some(calls) = all.get_mut(&self.request_id) else { return };
        calls.number -= 1;
        if calls.number == 0 {
            all.remove(&self.request_id);
        }
    }
}

impl Configs {
    /// How far a call is, as soon as that is another step than the one known, and after [`PATIENCE`] in any case.
    pub(crate) async fn progress(&self, call: Progress) -> Option<Step> {
        let under_way = &self.inner.under_way;
        let mut closing = self.inner.closing.subscribe();
        if let Some(mut step) = under_way.step(&call.request_id) {
            tokio::select! {
                _ = step.wait_for(|step| Some(*step) != call.since) => {}
                () = tokio::time::sleep(PATIENCE) => {}
                _ = closing.wait_for(|closing| *closing) => {}
            }
        }
        let now = under_way.step(&call.request_id);
        now.map(|step| *step.borrow())
    }
}
