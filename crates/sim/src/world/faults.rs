//! Faults on demand: which of them hits the next call.

use std::time::Duration;

use crate::control::{FaultKind, FaultView, NewFault};

/// What happens to one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Strike {
    /// It is delayed by this much first.
    pub(crate) delay: Duration,
    /// Then this happens in place of an answer…
    pub(crate) fault: Option<FaultKind>,
    /// …once the call has been done.
    pub(crate) after: bool,
}

impl Strike {
    /// The fault to be noted in the call log.
    pub(crate) fn noted(&self) -> Option<FaultKind> {
        let latency = FaultKind::Latency { millis: self.delay.as_millis().try_into().unwrap_or(u64::MAX) };
        self.fault.clone().or((!self.delay.is_zero()).then_some(latency))
    }
}

/// The faults in force, in the order in which they were asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    faults: Vec<FaultView>,
    last_id: u64,
}

impl Faults {
    /// Puts a fault in force and returns its id.
    pub(crate) fn add(&mut self, fault: NewFault) -> u64 {
        self.last_id += 1;
        self.faults.push(FaultView { id: self.last_id, fault, hits: 0 });
        self.last_id
    }

    /// Ends one fault, or all of them. Says whether there was any.
    pub(crate) fn clear(&mut self, id: Option<u64>) -> bool {
        let before = self.faults.len();
        self.faults.retain(|fault| id.is_some_and(|id| fault.id != id));
        before != self.faults.len()
    }

    /// All that are in force.
    pub(crate) fn list(&self) -> Vec<FaultView> {
        self.faults.clone()
    }

    /// Decides about one call: delays add up, the first other fault strikes. Counts down what it uses.
    pub(crate) fn strike(&mut self, method: &str) -> Strike {
        let mut strike = Strike::default();
        for view in &mut self.faults {
            let fault = &mut view.fault;
            if fault.method.as_ref().is_some_and(|wanted| !wanted.eq_ignore_ascii_case(method)) {
                continue;
            }
            let is_latency = matches!(fault.kind, FaultKind::Latency { .. });
            if fault.calls == Some(0) || (!is_latency && strike.fault.is_some()) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            fault.calls = fault.calls.map(|calls| calls - 1);
            view.hits += 1;
            match &fault.kind {
                FaultKind::Latency { millis } => strike.delay += Duration::from_millis(*millis),
                kind => {
                    strike.fault = Some(kind.clone());
                    strike.after = fault.after;
                }
            }
        }
        self.faults.retain(|view| view.fault.calls != Some(0));
        strike
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: FaultKind, method: Option<&str>, calls: Option<u32>, skip: u32) -> NewFault {
        NewFault { kind, method: method.map(str::to_owned), calls, skip, after: false }
    }

    #[test]
    fn a_fault_hits_its_method_so_many_times() {
        let mut faults = Faults::default();
        faults.add(fault(FaultKind::Drop, Some("sendmessage"), Some(2), 1));
        let mut strikes = |method: &str| faults.strike(method).fault;
        assert_eq!(strikes("getUpdates"), None);
        assert_eq!(strikes("sendMessage"), None, "the first one is let through");
        assert_eq!(strikes("sendMessage"), Some(FaultKind::Drop));
        assert_eq!(strikes("sendMessage"), Some(FaultKind::Drop));
        assert_eq!(strikes("sendMessage"), None);
        assert!(faults.list().is_empty());
    }

    #[test]
    fn delays_add_up_and_the_first_other_fault_strikes() {
        let mut faults = Faults::default();
        faults.add(fault(FaultKind::Latency { millis: 100 }, None, None, 0));
        faults.add(fault(FaultKind::Hang, None, None, 0));
        faults.add(fault(FaultKind::Drop, None, Some(1), 0));
        faults.add(fault(FaultKind::Latency { millis: 20 }, None, None, 0));
        let strike = faults.strike("getMe");
        assert_eq!(strike, Strike { delay: Duration::from_millis(120), fault: Some(FaultKind::Hang), after: false });
        assert!(faults.clear(Some(2)));
        assert_eq!(faults.strike("getMe").fault, Some(FaultKind::Drop), "it was not used up before");
        assert!(faults.clear(None));
        assert_eq!(faults.strike("getMe"), Strike::default());
    }
}
