//! Who of several pollers is served, who waits, and who is told "Conflict".
//!
//! A model of telegram-bot-api's `do_get_updates` and `fail_query_conflict`: one poll may wait per bot; a second one
//! that has to wait too ends the first with 409; conflicts in quick succession are answered three seconds late.
//! Pure: polls come in, outcomes and the next deadline come out.

use std::time::Duration;

use crate::control::Millis;
use crate::world::queue::UpdateQueue;

/// Names one getUpdates request.
pub(crate) type PollId = u64;

/// What a poll is answered with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PollOutcome {
    /// Zero or more updates, each as JSON.
    Updates(Vec<String>),
    /// 409 with this description.
    Conflict(&'static str),
}

/// The parameters of getUpdates, within their limits already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PollRequest {
    pub(crate) offset: i64,
    pub(crate) limit: usize,
    pub(crate) timeout: Duration,
}

const LIMIT_MAX: i64 = 100;
const TIMEOUT_MAX: i64 = 50;

impl PollRequest {
    /// Clamps what the client asked for: 1 to 100 updates, 0 to 50 seconds.
    pub(crate) fn clamped(offset: i64, limit: Option<i64>, timeout: i64) -> Self {
        Self {
            offset,
            limit: usize::try_from(limit.unwrap_or(LIMIT_MAX).clamp(1, LIMIT_MAX)).unwrap_or(1),
            timeout: Duration::from_secs(timeout.clamp(0, TIMEOUT_MAX).unsigned_abs()),
        }
    }
}

/// A second poll had to wait while this one did.
pub(crate) const OTHER_POLL: &str =
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
/// A webhook was set while this poll waited.
pub(crate) const WEBHOOK_SET: &str = "Conflict: terminated by setWebhook request";
/// A poll while a webhook is set.
pub(crate) const WEBHOOK_ACTIVE: &str =
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

const CONFLICT_PAUSE: Duration = Duration::from_secs(3);
const REPEAT_WINDOW: Duration = Duration::from_secs(3);
const REPEAT_TIMEOUT: Duration = Duration::from_secs(3);
const AFTER_ANSWER: Duration = Duration::from_millis(500);
/// After an update the answer waits this long for more of them…
const GATHER: Duration = Duration::from_millis(1);
/// …but no longer than this.
const GATHER_MAX: Duration = Duration::from_millis(2);

#[derive(Debug, Clone)]
struct Waiting {
    id: PollId,
    request: PollRequest,
    /// The last moment to answer, with updates or without.
    deadline: Millis,
    /// When the updates gathered so far go out.
    gathered: Option<Millis>,
}

/// The poll arbitration of one bot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Polling {
    waiting: Option<Waiting>,
    late: Vec<(Millis, PollId, &'static str)>,
    previous_offset: Option<i64>,
    previous_start: Millis,
    previous_finish: Millis,
    next_conflict: Millis,
}

impl Polling {
    /// A new getUpdates request. What is decided at once is appended to `done`.
    pub(crate) fn begin(
        &mut self,
        id: PollId,
        mut request: PollRequest,
        queue: &mut UpdateQueue,
        now: Millis,
        done: &mut Vec<(PollId, PollOutcome)>,
    ) {
        let repeated = self.previous_offset == Some(request.offset);
        if repeated && now < self.previous_start + REPEAT_WINDOW {
            request.timeout = request.timeout.max(REPEAT_TIMEOUT);
        }
        if repeated && now < self.previous_finish + AFTER_ANSWER {
            request.limit = 1;
        }
        self.previous_offset = Some(request.offset);
        self.previous_start = now;

        let updates = queue.take(request.offset, request.limit, now);
        if updates.is_empty() && !request.timeout.is_zero() {
            self.abort(OTHER_POLL, now, done);
            self.waiting = Some(Waiting { id, request, deadline: now + request.timeout, gathered: None });
        } else {
            self.previous_finish = now;
            done.push((id, PollOutcome::Updates(updates)));
        }
    }

    /// Ends the waiting poll, if there is one, with 409.
    pub(crate) fn abort(&mut self, why: &'static str, now: Millis, done: &mut Vec<(PollId, PollOutcome)>) {
        if let Some(waiting) = self.waiting.take() {
            self.conflict(waiting.id, why, now, done);
        }
    }

    /// Answers a poll with 409: at once, or late if there was another conflict just before.
    pub(crate) fn conflict(
        &mut self,
        id: PollId,
        why: &'static str,
        now: Millis,
        done: &mut Vec<(PollId, PollOutcome)>,
    ) {
        match self.conflict_pause(now) {
            Duration::ZERO => done.push((id, PollOutcome::Conflict(why))),
            pause => self.late.push((now + pause, id, why)),
        }
    }

    /// How late a conflict of now is told: at once, unless another one was told at once just before.
    pub(crate) fn conflict_pause(&mut self, now: Millis) -> Duration {
        if now < self.next_conflict {
            return CONFLICT_PAUSE;
        }
        self.next_conflict = now + CONFLICT_PAUSE;
        Duration::ZERO
    }

    /// Answers the waiting poll with what there is.
    pub(crate) fn finish(&mut self, queue: &mut UpdateQueue, now: Millis, done: &mut Vec<(PollId, PollOutcome)>) {
        if let Some(waiting) = self.waiting.take() {
            let updates = queue.take(waiting.request.offset, waiting.request.limit, now);
            done.push((waiting.id, PollOutcome::Updates(updates)));
        }
    }

    /// An update arrived: the waiting poll is answered within two milliseconds.
    pub(crate) fn wake(&mut self, now: Millis) {
        if let Some(waiting) = &mut self.waiting {
            if waiting.gathered.is_none() {
                waiting.deadline = waiting.deadline.min(now + GATHER_MAX);
            }
            waiting.gathered = Some(waiting.deadline.min(now + GATHER));
        }
    }

    /// Does what is due at `now`.
    pub(crate) fn tick(&mut self, queue: &mut UpdateQueue, now: Millis, done: &mut Vec<(PollId, PollOutcome)>) {
        let due = |waiting: &mut Waiting| waiting.gathered.unwrap_or(waiting.deadline) <= now;
        if let Some(waiting) = self.waiting.take_if(due) {
            let updates = queue.take(waiting.request.offset, waiting.request.limit, now);
            self.previous_finish = now;
            done.push((waiting.id, PollOutcome::Updates(updates)));
        }
        self.late.retain(|(at, id, why)| {
            let is_due = *at <= now;
            if is_due {
                done.push((*id, PollOutcome::Conflict(why)));
            }
            !is_due
        });
    }

    /// When `tick` has something to do next.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        let waiting = self.waiting.iter().map(|waiting| waiting.gathered.unwrap_or(waiting.deadline));
        waiting.chain(self.late.iter().map(|(at, ..)| *at)).min()
    }

    /// Whether a poll waits for updates.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::world::queue::MESSAGE_LIFETIME;

    /// One bot with its queue; time passes by hand.
    struct Bench {
        polling: Polling,
        queue: UpdateQueue,
        now: Millis,
        done: Vec<(PollId, PollOutcome)>,
    }

    impl Bench {
        fn new() -> Self {
            Self { polling: Polling::default(), queue: UpdateQueue::new(10), now: Millis(1_000_000), done: vec![] }
        }

        fn poll(&mut self, id: PollId, offset: i64, timeout: i64) {
            let request = PollRequest::clamped(offset, None, timeout);
            self.polling.begin(id, request, &mut self.queue, self.now, &mut self.done);
        }

        fn update(&mut self) {
            self.queue.push("message", &json!({}), self.now + MESSAGE_LIFETIME);
            self.polling.wake(self.now);
        }

        /// Lets time pass and returns what was answered, with the number of updates or the conflict's text.
        fn pass(&mut self, millis: u64) -> Vec<(PollId, Result<usize, &'static str>)> {
            let end = Millis(self.now.0 + millis);
            while let Some(next) = self.polling.next_deadline().filter(|next| *next <= end) {
                self.now = next;
                self.polling.tick(&mut self.queue, next, &mut self.done);
            }
            self.now = end;
            let answered = self.done.drain(..).map(|(id, outcome)| match outcome {
                PollOutcome::Updates(updates) => (id, Ok(updates.len())),
                PollOutcome::Conflict(why) => (id, Err(why)),
            });
            answered.collect()
        }
    }

    #[test]
    fn a_poll_waits_its_timeout_and_no_longer_than_fifty_seconds() {
        let mut bench = Bench::new();
        bench.poll(1, 0, 10);
        assert_eq!(bench.pass(9_999), []);
        assert_eq!(bench.pass(1), [(1, Ok(0))]);
        bench.poll(2, 5, 3_600);
        assert_eq!(bench.pass(49_999), []);
        assert_eq!(bench.pass(1), [(2, Ok(0))]);
    }

    #[test]
    fn a_waiting_poll_is_answered_within_two_milliseconds_of_an_update() {
        let mut bench = Bench::new();
        bench.poll(1, 0, 50);
        bench.pass(5_000);
        bench.update();
        assert_eq!(bench.pass(2), [(1, Ok(1))]);
    }

    #[test]
    fn updates_that_come_together_are_answered_together() {
        let mut bench = Bench::new();
        bench.poll(1, 0, 50);
        bench.update();
        bench.update();
        assert_eq!(bench.pass(2), [(1, Ok(2))]);
    }

    #[test]
    fn the_same_offset_again_does_not_spin() {
        let mut bench = Bench::new();
        bench.poll(1, 0, 0);
        assert_eq!(bench.pass(0), [(1, Ok(0))]);
        bench.poll(2, 0, 0);
        assert_eq!(bench.pass(2_999), [], "its timeout is raised to three seconds");
        assert_eq!(bench.pass(1), [(2, Ok(0))]);
        bench.pass(5_000);
        bench.poll(3, 0, 0);
        assert_eq!(bench.pass(0), [(3, Ok(0))], "later it is not");
    }

    #[test]
    fn the_same_offset_right_after_the_answer_gets_one_update() {
        let mut bench = Bench::new();
        bench.update();
        bench.update();
        bench.poll(1, 0, 0);
        assert_eq!(bench.pass(100), [(1, Ok(2))]);
        bench.poll(2, 0, 0);
        assert_eq!(bench.pass(600), [(2, Ok(1))]);
        bench.poll(3, 0, 0);
        assert_eq!(bench.pass(0), [(3, Ok(2))]);
    }

    #[test]
    fn the_second_waiting_poll_ends_the_first() {
        let mut bench = Bench::new();
        bench.poll(1, 0, 10);
        bench.pass(4_000);
        bench.poll(2, 0, 10);
        assert_eq!(bench.pass(0), [(1, Err(OTHER_POLL))]);
        bench.update();
        assert_eq!(bench.pass(2), [(2, Ok(1))]);
    }

    #[test]
    fn a_poll_that_need_not_wait_ends_nobody() {
        let mut bench = Bench::new();
        bench.poll(1, 0, 10);
        bench.pass(4_000);
        bench.poll(2, 7, 0);
        assert_eq!(bench.pass(0), [(2, Ok(0))]);
        assert!(bench.polling.is_waiting());
    }

    #[test]
    fn two_pollers_are_refused_in_turn_about_every_three_seconds() {
        let mut bench = Bench::new();
        bench.poll(1, 1, 10);
        bench.poll(2, 2, 10);
        assert_eq!(bench.pass(0), [(1, Err(OTHER_POLL))]);
        // Whoever is refused polls again at once.
        for number in 1..=4 {
            bench.poll(number + 2, 1 + i64::try_from(number % 2).unwrap_or(0), 10);
            let answered = bench.pass(3_000);
            assert_eq!(answered, [(number + 1, Err(OTHER_POLL))], "conflict {number}");
        }
    }

    #[test]
    fn what_waits_is_stolen_without_a_conflict() {
        let mut bench = Bench::new();
        bench.update();
        bench.update();
        bench.poll(1, 0, 10);
        bench.poll(2, 0, 10);
        assert_eq!(bench.pass(0), [(1, Ok(2)), (2, Ok(1))], "the second one asks right after the answer");
        bench.pass(5_000);
        bench.poll(3, 12, 0);
        assert_eq!(bench.pass(0), [(3, Ok(0))], "confirmed for both");
        bench.poll(4, 0, 0);
        assert_eq!(bench.pass(0), [(4, Ok(0))]);
    }

    #[test]
    fn a_conflict_confirms_what_was_below_its_offset_and_no_more() {
        let mut bench = Bench::new();
        bench.update();
        bench.poll(1, 11, 10);
        bench.poll(2, 0, 10);
        assert_eq!(bench.pass(0), [(1, Err(OTHER_POLL))]);
        bench.update();
        assert_eq!(bench.pass(2), [(2, Ok(1))]);
        bench.pass(5_000);
        bench.poll(3, 0, 0);
        assert_eq!(bench.pass(0), [(3, Ok(1))], "it was not confirmed");
    }

    #[test]
    fn a_webhook_ends_the_waiting_poll_and_refuses_the_next_ones() {
        let mut bench = Bench::new();
        bench.poll(1, 0, 10);
        bench.polling.abort(WEBHOOK_SET, bench.now, &mut bench.done);
        assert_eq!(bench.pass(1_000), [(1, Err(WEBHOOK_SET))]);
        bench.polling.conflict(2, WEBHOOK_ACTIVE, bench.now, &mut bench.done);
        assert_eq!(bench.pass(2_999), []);
        assert_eq!(bench.pass(1), [(2, Err(WEBHOOK_ACTIVE))]);
        assert!(!bench.polling.is_waiting());
    }

    #[test]
    fn limit_and_timeout_are_clamped() {
        let clamped = |limit, timeout| {
            let request = PollRequest::clamped(0, limit, timeout);
            (request.limit, request.timeout.as_secs())
        };
        assert_eq!(clamped(None, 7), (100, 7));
        assert_eq!(clamped(Some(0), -1), (1, 0));
        assert_eq!(clamped(Some(-5), 51), (1, 50));
        assert_eq!(clamped(Some(101), 50), (100, 50));
        assert_eq!(clamped(Some(1), 0), (1, 0));
    }

    #[test]
    fn conflicts_in_quick_succession_are_answered_late() {
        let mut bench = Bench::new();
        bench.poll(1, 1, 10);
        bench.poll(2, 2, 10);
        assert_eq!(bench.pass(1_000), [(1, Err(OTHER_POLL))]);
        bench.poll(1, 1, 10);
        assert_eq!(bench.pass(2_999), [], "the second conflict is told three seconds late");
        assert_eq!(bench.pass(1), [(2, Err(OTHER_POLL))]);
    }
}
