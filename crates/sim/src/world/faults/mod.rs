//! Faults on demand: which of them hits the next call.
//!
//! One function decides, [`Faults::strike`]. Time is handed in, and what is left to chance is drawn from the fault's seed
//! and the number of the call among those that the fault might have hit: other calls in between change nothing.

mod checked;
mod named;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub(crate) use checked::{DOWNLOAD, PREVIEW, checked};

use crate::control::{FaultKind, FaultView, Millis, NewFault};
use crate::world::files::scramble;

/// How much of a call is known when it is decided about. Each fault is asked once, as early as it can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// The method; the body has not been read.
    Method,
    /// The body too, with the chat, if it names one.
    Body(Option<i64>),
    /// The call has been done, and its answer is about to go out. Only an outage that began meanwhile can still stop that.
    Answer {
        /// When the call came.
        came: Millis,
        /// The chat, if it names one.
        chat: Option<i64>,
    },
}

/// What happens to one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Strike {
    /// It is delayed by this much first.
    pub(crate) delay: Duration,
    /// Once it has been done, its answer is delayed by this much.
    pub(crate) late: Duration,
    /// Then this happens in place of an answer…
    pub(crate) fault: Option<FaultKind>,
    /// …once the call has been done.
    pub(crate) after: bool,
}

impl Strike {
    /// The fault to be noted in the call log.
    pub(crate) fn noted(&self) -> Option<FaultKind> {
        let delay = self.delay + self.late;
        let latency = FaultKind::latency(delay.as_millis().try_into().unwrap_or(u64::MAX));
        self.fault.clone().or((!delay.is_zero()).then_some(latency))
    }
}

/// A fault in force.
#[derive(Debug, Clone)]
struct InForce {
    view: FaultView,
    seed: u64,
    /// How many calls it has left to chance.
    drawn: u64,
}

impl InForce {
    fn begins(&self) -> Millis {
        self.view.since + Duration::from_millis(self.view.fault.from_millis)
    }

    fn ends(&self) -> Option<Millis> {
        self.view.fault.until_millis.map(|until| self.view.since + Duration::from_millis(until))
    }

    fn is_over(&self, now: Millis) -> bool {
        self.view.fault.calls == Some(0) || self.ends().is_some_and(|end| end <= now)
    }

    fn concerns(&self, method: &str, known: Known, now: Millis) -> bool {
        let fault = &self.view.fault;
        let in_chat = match (known, fault.chat) {
            (Known::Method, chat) => chat.is_none(),
            (Known::Body(chat), wanted) => wanted.is_some() && chat == wanted,
            (Known::Answer { came, chat }, wanted) => {
                fault.kind == FaultKind::Outage && self.begins() > came && (wanted.is_none() || chat == wanted)
            }
        };
        in_chat && self.begins() <= now && fault.method.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(method))
    }

    /// Counts a call that it concerns; says whether that one is hit, and if so the number that its chances come from.
    fn hits(&mut self) -> Option<u64> {
        let fault = &mut self.view.fault;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        self.drawn += 1;
        let drawn = scramble(self.seed ^ scramble(self.drawn));
        if fault.probability.is_some_and(|probability| fraction(drawn) >= probability) {
            return None;
        }
        fault.calls = fault.calls.map(|calls| calls - 1);
        self.view.hits += 1;
        Some(scramble(drawn))
    }
}

/// A random number as one from 0 up to 1, without 1 itself.
fn fraction(drawn: u64) -> f64 {
    let upper = u32::try_from(drawn >> 32).unwrap_or_default();
    f64::from(upper) / (f64::from(u32::MAX) + 1.0)
}

/// The faults in force, in the order in which they were asked for.
#[derive(Debug, Clone)]
pub(crate) struct Faults {
    seed: u64,
    faults: Vec<InForce>,
    last_id: u64,
}

impl Faults {
    /// None yet. What is left to chance is made from the seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, faults: Vec::new(), last_id: 0 }
    }

    /// As it was at the start.
    pub(crate) fn emptied(&self) -> Self {
        Self::new(self.seed)
    }

    /// Puts a fault in force and returns its id.
    pub(crate) fn add(&mut self, fault: NewFault, now: Millis) -> u64 {
        self.last_id += 1;
        let seed = fault.seed.unwrap_or_else(|| self.seed ^ scramble(self.last_id));
        let view = FaultView { id: self.last_id, since: now, fault, hits: 0 };
        self.faults.push(InForce { view, seed, drawn: 0 });
        self.last_id
    }

    /// Ends one fault, or all of them. Says whether there was any.
    pub(crate) fn clear(&mut self, id: Option<u64>) -> bool {
        let before = self.faults.len();
        self.faults.retain(|fault| id.is_some_and(|id| fault.view.id != id));
        before != self.faults.len()
    }

    /// Ends those whose time is over. Says whether there was any.
    pub(crate) fn expire(&mut self, now: Millis) -> bool {
        let before = self.faults.len();
        self.faults.retain(|fault| !fault.is_over(now));
        before != self.faults.len()
    }

    /// When the next one is over by itself.
    pub(crate) fn next_end(&self) -> Option<Millis> {
        self.faults.iter().filter_map(InForce::ends).min()
    }

    /// All that are in force.
    pub(crate) fn list(&self) -> Vec<FaultView> {
        self.faults.iter().map(|fault| fault.view.clone()).collect()
    }

    /// Whether no fault is decided about when so much is known.
    pub(crate) fn has_none_for(&self, known: Known) -> bool {
        let is_decided = |fault: &NewFault| match known {
            Known::Method => fault.chat.is_none(),
            Known::Body(_) => fault.chat.is_some(),
            Known::Answer { .. } => fault.kind == FaultKind::Outage,
        };
        !self.faults.iter().any(|fault| is_decided(&fault.view.fault))
    }

    /// Decides about one call by what is known of it: delays add up, the first other fault strikes, unless one has struck
    /// that call before. Counts down what it uses.
    pub(crate) fn strike(&mut self, method: &str, known: Known, has_struck: bool, now: Millis) -> Strike {
        let mut strike = Strike::default();
        for fault in &mut self.faults {
            let is_latency = matches!(fault.view.fault.kind, FaultKind::Latency { .. });
            let is_idle = !is_latency && (has_struck || strike.fault.is_some());
            if is_idle || fault.is_over(now) || !fault.concerns(method, known, now) {
                continue;
            }
            let Some(chance) = fault.hits() else { continue };
            let NewFault { kind, after, .. } = &fault.view.fault;
            match kind {
                FaultKind::Latency { millis, up_to_millis } => {
                    let room = up_to_millis.map_or(0, |most| most.saturating_sub(*millis));
                    let delay = Duration::from_millis(millis + chance % room.saturating_add(1));
                    *(if *after { &mut strike.late } else { &mut strike.delay }) += delay;
                }
                kind => {
                    strike.fault = Some(kind.clone());
                    strike.after = *after || matches!(kind, FaultKind::Truncated | FaultKind::SlowBody { .. });
                }
            }
        }
        self.faults.retain(|fault| fault.view.fault.calls != Some(0));
        strike
    }
}
