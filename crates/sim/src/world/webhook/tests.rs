#![allow(clippy::unwrap_used, reason = "a missing value fails the test")]

use serde_json::json;

use super::*;
use crate::world::queue::{MESSAGE_LIFETIME, QUERY_LIFETIME};

const NOTHING: [i64; 0] = [];

/// A webhook with its queue; time passes by hand, and answers come when the test says so.
struct Bench {
    webhook: Webhook,
    queue: UpdateQueue,
    now: Millis,
}

impl Bench {
    fn new(max_connections: usize) -> Self {
        let address = check("http://127.0.0.1:8080/hook", None).unwrap();
        let url = "http://127.0.0.1:8080/hook".to_owned();
        let settings = Settings { url: url.into(), address, max_connections, ip_address: None, secret: None };
        Self { webhook: Webhook::new(settings, 1), queue: UpdateQueue::new(100), now: Millis(1_000_000) }
    }

    fn message(&mut self, chat: i64) {
        self.queue.push("message", &json!({ "chat": { "id": chat } }), self.now + MESSAGE_LIFETIME);
    }

    fn press(&mut self, person: i64) {
        let body = json!({ "from": { "id": person }, "message": { "chat": { "id": person } } });
        self.queue.push("callback_query", &body, self.now + QUERY_LIFETIME);
    }

    /// What is sent now.
    fn due(&mut self) -> Vec<i64> {
        self.webhook.due(&self.queue, self.now)
    }

    fn pass(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
    }

    fn answer(&mut self, id: i64, answer: Answer) -> Verdict {
        let verdict = self.webhook.answered(id, answer, 30, self.now);
        if verdict == Verdict::Forget {
            self.queue.forget(id);
        }
        verdict
    }

    fn ok(&mut self, id: i64) {
        assert_eq!(self.answer(id, status(200, 0)), Verdict::Forget);
    }

    fn fails(&mut self, id: i64) {
        assert_eq!(self.answer(id, status(500, 0)), Verdict::Again);
    }

    /// Seconds until something is sent next.
    fn pause(&self) -> Option<u64> {
        self.webhook.next_deadline(self.now).map(|at| (at.0 - self.now.0) / 1000)
    }
}

fn status(code: u16, retry_after: u64) -> Answer {
    Answer::Status { code, reason: "Reason".to_owned(), retry_after, keep_alive: true }
}

#[test]
fn messages_of_a_chat_follow_each_other_and_chats_go_side_by_side() {
    let mut bench = Bench::new(40);
    bench.message(7);
    assert_eq!(bench.due(), [100], "the first one ever goes alone");
    bench.ok(100);
    for chat in [7, 7, 8, 9] {
        bench.message(chat);
    }
    assert_eq!(bench.due(), [101, 103, 104]);
    assert_eq!(bench.due(), NOTHING, "102 waits for 101");
    bench.ok(103);
    assert_eq!(bench.due(), NOTHING);
    bench.ok(101);
    assert_eq!(bench.due(), [102]);
    bench.ok(104);
    bench.ok(102);
    assert_eq!((bench.queue.len(), bench.webhook.next_deadline(bench.now)), (0, None));
}

#[test]
fn an_edit_does_not_overtake_the_message() {
    for (kind, edited) in [("message", "edited_message"), ("channel_post", "edited_channel_post")] {
        let mut bench = Bench::new(40);
        bench.message(9);
        assert_eq!(bench.due(), [100]);
        bench.ok(100);
        for kind in [kind, edited] {
            bench.queue.push(kind, &json!({ "chat": { "id": 7 } }), bench.now + MESSAGE_LIFETIME);
        }
        assert_eq!(bench.due(), [101], "{edited} waits");
        bench.ok(101);
        assert_eq!(bench.due(), [102]);
    }
}

#[test]
fn connections_that_end_are_made_anew_one_at_a_time() {
    let closed = || Answer::Status { code: 200, reason: String::new(), retry_after: 0, keep_alive: false };
    for last in [Answer::Failed(None), closed()] {
        let mut bench = Bench::new(40);
        bench.message(1);
        assert_eq!(bench.due(), [100]);
        bench.ok(100);
        for chat in 1..=3 {
            bench.message(chat);
        }
        assert_eq!(bench.due(), [101, 102, 103]);
        for id in 101..=103 {
            bench.answer(id, last.clone());
        }
        bench.pass(11);
        for chat in 4..=6 {
            bench.message(chat);
        }
        assert_eq!(bench.due().len(), 1, "nothing has succeeded for eleven seconds, and no connection is left");
    }
}

#[test]
fn a_success_in_between_makes_it_not_gone() {
    let mut bench = Bench::new(1);
    bench.message(1);
    bench.due();
    assert_eq!(bench.answer(100, status(410, 3_600)), Verdict::Again);
    bench.pass(3_600);
    bench.due();
    bench.ok(100);
    bench.pass(23 * 3_600);
    bench.message(1);
    bench.due();
    assert_eq!(bench.answer(101, status(410, 0)), Verdict::Again, "it is gone for the first time again");
}

#[test]
fn a_press_does_not_wait_for_the_messages_of_its_chat() {
    let mut bench = Bench::new(40);
    bench.message(7);
    assert_eq!(bench.due(), [100]);
    bench.ok(100);
    bench.message(7);
    bench.press(7);
    bench.press(7);
    assert_eq!(bench.due(), [101, 102], "but for the press before it");
}

#[test]
fn no_more_connections_than_allowed() {
    let mut bench = Bench::new(2);
    bench.message(1);
    assert_eq!(bench.due(), [100]);
    bench.ok(100);
    for chat in 1..=5 {
        bench.message(chat);
    }
    assert_eq!(bench.due(), [101, 102]);
    assert_eq!(bench.pause(), None, "an answer must come first");
    bench.ok(102);
    assert_eq!(bench.due(), [103]);
}

#[test]
fn until_something_succeeds_one_is_tried_at_a_time() {
    let mut bench = Bench::new(40);
    bench.message(1);
    bench.message(2);
    assert_eq!(bench.due(), [100]);
    bench.fails(100);
    assert_eq!(bench.due(), [100], "the first failure is repeated at once");
    bench.fails(100);
    assert_eq!(bench.due(), [101]);
    bench.ok(101);
    bench.message(2);
    bench.pass(2);
    assert_eq!(bench.due(), [100, 102], "now there are as many as needed");
}

#[test]
fn pauses_grow_to_a_minute_and_a_half() {
    let mut bench = Bench::new(1);
    bench.message(1);
    let mut pauses = Vec::new();
    for _ in 0..9 {
        assert_eq!(bench.due(), [100]);
        bench.fails(100);
        let pause = bench.pause().unwrap();
        pauses.push(pause);
        if pause > 0 {
            bench.pass(pause - 1);
            assert_eq!(bench.due(), NOTHING, "not before its time");
            bench.pass(1);
        }
    }
    assert_eq!(pauses, [0, 2, 4, 8, 16, 32, 64, 90, 90]);
}

#[test]
fn retry_after_is_kept_to_up_to_an_hour() {
    let mut bench = Bench::new(1);
    bench.message(1);
    bench.due();
    bench.answer(100, status(503, 7));
    assert_eq!(bench.pause(), Some(7));
    bench.pass(7);
    bench.due();
    bench.answer(100, status(429, 100_000));
    assert_eq!(bench.pause(), Some(3_600));
    bench.pass(3_600);
    bench.due();
    bench.fails(100);
    assert_eq!(bench.pause(), Some(2), "it does not count for the pauses after it");
}

#[test]
fn an_update_whose_time_is_over_before_it_would_be_sent_again_is_dropped() {
    let mut bench = Bench::new(1);
    bench.press(1);
    bench.press(1);
    assert_eq!(bench.due(), [100]);
    assert_eq!(bench.answer(100, status(500, 151)), Verdict::Forget);
    assert_eq!(bench.due(), [101]);
    bench.fails(101);
    bench.pass(149);
    assert_eq!(bench.due(), [101]);
    assert_eq!(bench.answer(101, status(500, 0)), Verdict::Forget, "2 s would be too late");
    bench.press(1);
    bench.pass(150);
    assert_eq!(bench.due(), NOTHING, "one that is too old is not even begun with");
}

#[test]
fn what_keeps_failing_is_in_the_way_of_others() {
    let mut bench = Bench::new(1);
    for _ in 0..2 {
        bench.message(1);
    }
    bench.message(2);
    assert_eq!(bench.due(), [100]);
    bench.fails(100);
    bench.due();
    bench.fails(100);
    assert_eq!(bench.due(), NOTHING, "two are looked at, and both are of the chat that waits");
    bench.pass(2);
    assert_eq!(bench.due(), [100]);
    bench.ok(100);
    bench.due();
    bench.ok(101);
    assert_eq!(bench.due(), [102]);
}

#[test]
fn a_webhook_that_is_gone_for_23_hours_is_deleted() {
    let mut bench = Bench::new(1);
    bench.message(1);
    let mut gone_for = 0;
    loop {
        let pause = bench.pause().unwrap_or(0);
        bench.pass(pause);
        gone_for += pause;
        assert_eq!(bench.due(), [100]);
        match bench.answer(100, status(410, 3_600)) {
            Verdict::Close => break,
            verdict => assert_eq!(verdict, Verdict::Again),
        }
        assert!(gone_for <= 23 * 3_600);
    }
    assert_eq!(gone_for, 24 * 3_600);
}

#[test]
fn another_status_in_between_makes_it_not_gone() {
    let mut bench = Bench::new(1);
    bench.queue.push("message", &json!({ "chat": { "id": 1 } }), bench.now + 2 * MESSAGE_LIFETIME);
    for hour in 0..24 {
        bench.due();
        let code = if hour == 12 { 500 } else { 410 };
        assert_eq!(bench.answer(100, status(code, 3_600)), Verdict::Again, "hour {hour}");
        bench.pass(3_600);
    }
    bench.due();
    assert_eq!(bench.answer(100, status(410, 0)), Verdict::Again);
}

#[test]
fn what_went_wrong_is_told() {
    let mut bench = Bench::new(1);
    bench.message(1);
    bench.due();
    bench.answer(100, Answer::Failed(Some("Connection refused".to_owned())));
    assert_eq!(bench.webhook.last_error().unwrap().message, "Connection refused");
    bench.due();
    bench.answer(100, Answer::Failed(None));
    assert_eq!(bench.webhook.last_error().unwrap().message, "Connection refused", "nothing is told of a hang-up");
    bench.pass(2);
    bench.due();
    bench.fails(100);
    let error = bench.webhook.last_error().unwrap();
    assert_eq!((error.message.as_str(), error.at), ("Wrong response from the webhook: 500 Reason", bench.now));
    let view = bench.webhook.view(&World::new(1));
    assert_eq!((view.delivered, view.failed, view.under_way), (0, 3, 0));
}
