//! What an edited message shows next: the order of edits and their pace, without I/O.
//!
//! Telegram slows down whoever edits too often, so edits pass through a token bucket. While there are tokens everything is
//! shown; when there are none, only the newest waits. So the last always arrives. What is known to be shown is not sent again.

use std::collections::VecDeque;
use std::time::Duration;

/// Edits that may follow each other at once; Telegram tolerates short bursts.
const BURST: u32 = 4;
/// How long a token takes to come back: about one message a second and chat is what Telegram wants.
const REFILL: Duration = Duration::from_secs(1);

/// What to do next.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Next<T> {
    /// Show this now.
    Show(T),
    /// Look again at this time.
    Wait(Duration),
    /// Nothing is to be shown.
    Idle,
}

/// What waits to be shown.
#[derive(Debug)]
pub(crate) struct Edits<T> {
    waiting: VecDeque<T>,
    /// What is certainly there.
    shown: Option<T>,
    tokens: u32,
    refilled: Duration,
    not_before: Duration,
}

impl<T: PartialEq> Edits<T> {
    /// Nothing yet, all tokens there. Times are since any fixed moment, such as the worker's start.
    pub(crate) fn new(now: Duration) -> Self {
        Self { waiting: VecDeque::new(), shown: None, tokens: BURST, refilled: now, not_before: Duration::ZERO }
    }

    /// To be shown after what was pushed before.
    pub(crate) fn push(&mut self, text: T) {
        self.waiting.push_back(text);
    }

    /// What could not be shown comes first again.
    pub(crate) fn again(&mut self, text: T) {
        self.waiting.push_front(text);
    }

    /// It is there now.
    pub(crate) fn arrived(&mut self, text: T) {
        self.shown = Some(text);
    }

    /// Telegram said to wait: nothing is shown before `until`, and then the newest text only.
    pub(crate) fn hold(&mut self, until: Duration) {
        self.not_before = until;
        self.tokens = self.tokens.min(1);
        self.keep_newest();
    }

    /// What to do at `now`.
    pub(crate) fn next(&mut self, now: Duration) -> Next<T> {
        if self.shown.is_some() && self.waiting.front() == self.shown.as_ref() {
            self.waiting.pop_front();
            return self.next(now);
        }
        if self.waiting.is_empty() {
            return Next::Idle;
        }
        self.refill(now);
        if now < self.not_before || self.tokens == 0 {
            self.keep_newest();
            if self.shown.is_some() && self.waiting.front() == self.shown.as_ref() {
                self.waiting.clear();
                return Next::Idle;
            }
            return Next::Wait(self.not_before.max(if self.tokens == 0 { self.refilled + REFILL } else { now }));
        }
        match self.waiting.pop_front() {
            Some(text) => {
                self.tokens -= 1;
                // Until it is known to have arrived, it is not known what is there.
                self.shown = None;
                Next::Show(text)
            }
            None => Next::Idle,
        }
    }

    fn keep_newest(&mut self) {
        let surplus = self.waiting.len().saturating_sub(1);
        self.waiting.drain(..surplus);
    }

    fn refill(&mut self, now: Duration) {
        while self.tokens < BURST && self.refilled + REFILL <= now {
            self.tokens += 1;
            self.refilled += REFILL;
        }
        if self.tokens == BURST {
            self.refilled = now;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Event {
        Push,
        Repeat,
        Pass(u64),
        Flood(u64),
        Look,
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let event = prop_oneof![
            3 => Just(Event::Push),
            1 => Just(Event::Repeat),
            2 => (1_u64..3000).prop_map(Event::Pass),
            1 => (1_u64..5000).prop_map(Event::Flood),
            3 => Just(Event::Look),
        ];
        proptest::collection::vec(event, 1..80)
    }

    proptest! {
        #[test]
        fn the_last_text_arrives_in_order_and_never_too_fast(events in events()) {
            let mut now = Duration::ZERO;
            let mut edits = Edits::new(now);
            let (mut pushed, mut shown) = (0_u32, Vec::<(Duration, u32)>::new());
            let mut flooded_until = Duration::ZERO;
            for event in events {
                match event {
                    Event::Push => {
                        pushed += 1;
                        edits.push(pushed.to_string());
                    }
                    Event::Repeat => edits.push(pushed.to_string()),
                    Event::Pass(ms) => now += Duration::from_millis(ms),
                    Event::Flood(ms) => {
                        flooded_until = now + Duration::from_millis(ms);
                        edits.hold(flooded_until);
                    }
                    Event::Look => match edits.next(now) {
                        Next::Show(text) => {
                            prop_assert!(now >= flooded_until);
                            shown.push((now, text.parse().unwrap()));
                            edits.arrived(text);
                        }
                        Next::Wait(until) => prop_assert!(until > now),
                        Next::Idle => {}
                    },
                }
            }
            loop {
                match edits.next(now) {
                    Next::Show(text) => {
                        shown.push((now, text.parse().unwrap()));
                        edits.arrived(text);
                    }
                    Next::Wait(until) => { prop_assert!(until > now); now = until; }
                    Next::Idle => break,
                }
            }
            if pushed > 0 {
                prop_assert_eq!(shown.last().unwrap().1, pushed);
            }
            prop_assert!(shown.windows(2).all(|two| two[0].1 < two[1].1), "order: {:?}", shown);
            let burst = BURST as usize;
            for window in shown.windows(burst + 1) {
                prop_assert!(window[burst].0 - window[0].0 >= REFILL, "too fast: {:?}", window);
            }
        }
    }

    #[test]
    fn what_is_there_is_not_sent_again_and_what_may_not_be_there_is() {
        let mut edits = Edits::new(Duration::ZERO);
        for text in ["a", "a", "b"] {
            edits.push(text);
        }
        assert_eq!(edits.next(Duration::ZERO), Next::Show("a"));
        edits.arrived("a");
        assert_eq!(edits.next(Duration::ZERO), Next::Show("b"), "the second a is passed over");
        edits.again("b");
        edits.push("a");
        assert_eq!(edits.next(Duration::ZERO), Next::Show("b"));
        assert_eq!(edits.next(Duration::ZERO), Next::Show("a"), "whether b arrived is not known");
    }

    #[test]
    fn without_haste_every_text_is_shown() {
        let mut edits = Edits::new(Duration::ZERO);
        for text in ["a", "b", "c"] {
            edits.push(text.to_owned());
        }
        let shown: Vec<_> = std::iter::from_fn(|| match edits.next(Duration::ZERO) {
            Next::Show(text) => Some(text),
            _ => None,
        })
        .collect();
        assert_eq!(shown, ["a", "b", "c"]);
    }
}
