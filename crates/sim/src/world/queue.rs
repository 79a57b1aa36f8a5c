//! The queue of updates of one bot: ids, confirmation by offset, expiry, and which kinds are wanted.
//!
//! It knows nothing of who is polling. Rules from telegram-bot-api's TQueue: an update stays until a higher
//! offset confirms it or its time is over, ids grow by one.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use serde_json::Value;

use crate::control::Millis;

/// Messages and edits wait a day for the bot.
pub(crate) const MESSAGE_LIFETIME: Duration = Duration::from_secs(86_400);
/// Callback queries wait 150 seconds.
pub(crate) const QUERY_LIFETIME: Duration = Duration::from_secs(150);
/// A queue that holds so many updates, or so many bytes of them, takes no more, and says so to nobody.
const WAITING: usize = 100_000;
const WAITING_BYTES: usize = 1 << 27;
/// An answer stops before it gets larger than this.
const ANSWER_BYTES: usize = 1 << 22;
/// What one update costs beside its content.
const UPDATE_OVERHEAD: usize = 50;
/// After this long without an update ids begin anew, anywhere.
const IDLE: Duration = Duration::from_hours(7 * 24);
/// How far below the oldest or above the newest id an offset may lie before it is ignored.
const FUTURE_SLACK: i64 = 10;
const PAST_SLACK: i64 = 100_000;

/// Every kind of update that the Bot API knows, and whether a bot gets it without asking.
const KINDS: &[(&str, bool)] = &[
    ("message", true),
    ("edited_message", true),
    ("channel_post", true),
    ("edited_channel_post", true),
    ("inline_query", true),
    ("chosen_inline_result", true),
    ("callback_query", true),
    ("shipping_query", true),
    ("pre_checkout_query", true),
    ("purchased_paid_media", true),
    ("poll", true),
    ("poll_answer", true),
    ("my_chat_member", true),
    ("chat_member", false),
    ("chat_join_request", true),
    ("chat_boost", true),
    ("removed_chat_boost", true),
    ("message_reaction", false),
    ("message_reaction_count", false),
    ("business_connection", true),
    ("business_message", true),
    ("edited_business_message", true),
    ("deleted_business_messages", true),
];

#[derive(Debug, Clone)]
struct Update {
    id: i64,
    kind: &'static str,
    /// JSON, written once: it is sent as often as the bot asks for it.
    body: String,
    expires: Millis,
}

impl Update {
    /// `Update` as a bot gets it, with the line break that Telegram puts there.
    fn text(&self) -> String {
        format!("{{\"update_id\":{},\n\"{}\":{}}}", self.id, self.kind, self.body)
    }
}

/// An update that waits, for those who look at the queue without taking from it.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    pub(crate) id: i64,
    pub(crate) kind: &'static str,
    /// JSON.
    pub(crate) body: &'a str,
    pub(crate) expires: Millis,
}

/// The updates that wait for one bot.
#[derive(Debug, Clone)]
pub(crate) struct UpdateQueue {
    waiting: VecDeque<Update>,
    next_id: i64,
    /// Of all that wait together.
    bytes: usize,
    /// Before this none of them is out of date.
    fresh_until: Millis,
    /// When the latest one came.
    latest: Millis,
    /// `None`: the default set.
    allowed: Option<BTreeSet<&'static str>>,
}

impl UpdateQueue {
    /// An empty queue whose first update gets the id `first_id`.
    pub(crate) fn new(first_id: i64) -> Self {
        Self {
            waiting: VecDeque::new(),
            next_id: first_id,
            bytes: 0,
            fresh_until: Millis(u64::MAX),
            latest: Millis::default(),
            allowed: None,
        }
    }

    /// A queue without updates and wishes whose ids go on where this one is.
    pub(crate) fn emptied(&self) -> Self {
        Self { latest: self.latest, ..Self::new(self.next_id) }
    }

    /// The same queue, ready for an update: after a week without any its id will be the given one, as Telegram's documentation
    /// has it.
    pub(crate) fn stirred(&mut self, random_id: i64, now: Millis) -> &mut Self {
        if self.latest != Millis::default() && self.latest + IDLE <= now {
            // All that waited is out of date by then.
            self.clear();
            self.next_id = random_id;
        }
        self.latest = now;
        self
    }

    /// Appends an update unless the bot asked not to get this kind or the queue is full. Says whether it was taken.
    pub(crate) fn push(&mut self, kind: &'static str, body: &Value, expires: Millis) -> bool {
        if !self.wants(kind) {
            return false;
        }
        let body = body.to_string();
        if self.waiting.len() >= WAITING || self.bytes + body.len() > WAITING_BYTES {
            return false;
        }
        self.bytes += body.len();
        self.fresh_until = self.fresh_until.min(expires);
        self.waiting.push_back(Update { id: self.next_id, kind, body, expires });
        self.next_id += 1;
        true
    }

    fn wants(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(allowed) => allowed.contains(kind),
            None => KINDS.iter().any(|(name, default)| *name == kind && *default),
        }
    }

    /// Takes over the parameter `allowed_updates`. What cannot be parsed changes nothing; an empty list, or one
    /// without any known name, is the default set.
    pub(crate) fn allow(&mut self, parameter: &str) {
        let Ok(Value::Array(names)) = serde_json::from_str(parameter) else { return };
        let mut allowed = BTreeSet::new();
        for name in &names {
            let Some(name) = name.as_str() else { return };
            let name = name.to_ascii_lowercase();
            allowed.extend(KINDS.iter().map(|(kind, _)| *kind).filter(|kind| *kind == name));
        }
        self.allowed = (!allowed.is_empty()).then_some(allowed);
    }

    /// The kinds asked for, if they are not the default ones.
    pub(crate) fn allowed(&self) -> Option<Vec<&'static str>> {
        self.allowed.as_ref().map(|allowed| allowed.iter().copied().collect())
    }

    /// Forgets what is out of date.
    pub(crate) fn expire(&mut self, now: Millis) {
        // It is asked at each poll, and thousands may wait.
        if now < self.fresh_until {
            return;
        }
        let bytes = &mut self.bytes;
        self.waiting.retain(|update| {
            let stays = update.expires > now;
            *bytes -= if stays { 0 } else { update.body.len() };
            stays
        });
        self.fresh_until = self.waiting.iter().map(|update| update.expires).min().unwrap_or(Millis(u64::MAX));
    }

    /// How many updates wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Forgets all that waits.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.bytes = 0;
    }

    /// The oldest update with a higher id than this.
    pub(crate) fn after(&self, id: i64) -> Option<Waiting<'_>> {
        let index = self.waiting.partition_point(|update| update.id <= id);
        let update = self.waiting.get(index)?;
        Some(Waiting { id: update.id, kind: update.kind, body: &update.body, expires: update.expires })
    }

    /// One update as the bot gets it.
    pub(crate) fn text(&self, id: i64) -> Option<String> {
        self.waiting.get(self.index(id)?).map(Update::text)
    }

    /// Forgets one update, wherever it is.
    pub(crate) fn forget(&mut self, id: i64) {
        if let Some(update) = self.index(id).and_then(|index| self.waiting.remove(index)) {
            self.bytes -= update.body.len();
        }
    }

    fn index(&self, id: i64) -> Option<usize> {
        self.waiting.binary_search_by_key(&id, |update| update.id).ok()
    }

    fn head(&self) -> i64 {
        self.waiting.front().map_or(self.next_id, |update| update.id)
    }

    /// The id of the oldest one among the last so many updates.
    fn head_of_last(&self, count: u64) -> i64 {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let first = self.waiting.len().saturating_sub(count);
        self.waiting.get(first).map_or(self.next_id, |update| update.id)
    }

    /// Confirms everything below `offset` and returns up to `limit` updates from there on.
    ///
    /// 0 is the oldest unconfirmed one, a negative offset counts from the end and forgets what is before it.
    /// An offset that cannot belong to this queue is taken as 0.
    pub(crate) fn take(&mut self, offset: i64, limit: usize, now: Millis) -> Vec<String> {
        self.expire(now);
        let head = self.head();
        let mut from = match offset {
            0 => head,
            negative if negative < 0 => self.head_of_last(negative.unsigned_abs()),
            positive => positive,
        };
        if from > self.next_id + FUTURE_SLACK || from < head - PAST_SLACK {
            from = head;
        }
        while let Some(confirmed) = self.waiting.pop_front_if(|update| update.id < from) {
            self.bytes -= confirmed.body.len();
        }
        let mut left = ANSWER_BYTES;
        self.waiting
            .iter()
            .take(limit)
            .take_while(|update| {
                let cost = update.body.len() + UPDATE_OVERHEAD;
                let fits = cost < left;
                left = left.saturating_sub(cost);
                fits
            })
            .map(Update::text)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Millis = Millis(1_000_000);

    fn queue(updates: i64) -> UpdateQueue {
        let mut queue = UpdateQueue::new(100);
        for number in 0..updates {
            queue.push("message", &json!({ "text": number.to_string() }), NOW + MESSAGE_LIFETIME);
        }
        queue
    }

    fn ids(updates: &[String]) -> Vec<i64> {
        let id = |update: &String| serde_json::from_str::<Value>(update).unwrap()["update_id"].as_i64();
        updates.iter().filter_map(id).collect()
    }

    #[test]
    fn a_negative_offset_counts_updates_and_not_ids() {
        let mut queue = queue(4);
        queue.forget(101);
        assert_eq!(ids(&queue.take(-2, 100, NOW)), [102, 103]);
        queue.forget(102);
        queue.push("message", &json!({}), NOW + MESSAGE_LIFETIME);
        assert_eq!(ids(&queue.take(-2, 100, NOW)), [103, 104]);
        queue.forget(103);
        queue.push("message", &json!({}), NOW + MESSAGE_LIFETIME);
        assert_eq!(ids(&queue.take(-2, 100, NOW)), [104, 105]);
        assert_eq!(ids(&queue.take(i64::MIN, 100, NOW)), [104, 105], "more than there are is all of them");
    }

    #[test]
    fn after_a_week_without_updates_ids_begin_anew() {
        let mut queue = UpdateQueue::new(100);
        let mut next = |after: Duration| {
            let now = NOW + after;
            queue.stirred(7_000, now).push("message", &json!({}), now + MESSAGE_LIFETIME);
            ids(&queue.take(0, 100, now)).last().copied()
        };
        let week = Duration::from_hours(7 * 24);
        assert_eq!(next(Duration::ZERO), Some(100), "the first one ever");
        assert_eq!(next(week.checked_sub(Duration::from_millis(1)).unwrap()), Some(101));
        assert_eq!(next(week * 2), Some(7_000));
        let mut later = queue.emptied();
        later.stirred(9_000, NOW + week * 3).push("message", &json!({}), NOW + week * 4);
        assert_eq!(ids(&later.take(102, 100, NOW + week * 3)), [9_000], "an offset from before is no harm");
    }

    #[test]
    fn without_an_offset_the_same_updates_come_again() {
        let mut queue = queue(3);
        assert_eq!(ids(&queue.take(0, 100, NOW)), [100, 101, 102]);
        assert_eq!(ids(&queue.take(0, 2, NOW)), [100, 101]);
        assert_eq!(queue.len(), 3);
        assert_eq!(
            queue.take(0, 1, NOW),
            ["{\"update_id\":100,\n\"message\":{\"text\":\"0\"}}"],
            "as Telegram writes it"
        );
    }

    #[test]
    fn an_offset_confirms_everything_below_it() {
        let mut queue = queue(3);
        assert_eq!(ids(&queue.take(102, 100, NOW)), [102]);
        assert_eq!(ids(&queue.take(0, 100, NOW)), [102]);
        assert!(queue.take(103, 100, NOW).is_empty());
        assert_eq!(queue.len(), 0);
        queue.push("message", &json!({}), NOW + MESSAGE_LIFETIME);
        assert_eq!(ids(&queue.take(103, 100, NOW)), [103], "ids go on growing by one");
    }

    #[test]
    fn a_negative_offset_keeps_only_the_last_ones() {
        let mut queue = queue(5);
        assert_eq!(ids(&queue.take(-2, 100, NOW)), [103, 104]);
        assert_eq!(queue.len(), 2, "the others are forgotten");
        assert_eq!(ids(&queue.take(-50, 100, NOW)), [103, 104], "more than there are is all of them");
    }

    #[test]
    fn an_offset_from_another_queue_is_taken_as_the_oldest() {
        let mut queue = queue(2);
        assert_eq!(ids(&queue.take(5_000_000, 100, NOW)), [100, 101]);
    }

    #[test]
    fn a_message_waits_a_day_and_a_query_150_seconds() {
        let mut queue = queue(1);
        queue.push("callback_query", &json!({}), NOW + QUERY_LIFETIME);
        assert_eq!(queue.take(0, 100, NOW + Duration::from_secs(149)).len(), 2);
        assert_eq!(ids(&queue.take(0, 100, NOW + Duration::from_secs(150))), [100]);
        assert_eq!(queue.take(0, 100, NOW + Duration::from_secs(86_399)).len(), 1);
        assert!(queue.take(0, 100, NOW + Duration::from_secs(86_400)).is_empty());
    }

    #[test]
    fn allowed_updates_filter_what_arrives_not_what_waits() {
        let mut queue = queue(1);
        queue.allow(r#"["callback_query"]"#);
        assert!(!queue.push("message", &json!({}), NOW + MESSAGE_LIFETIME));
        assert!(queue.push("callback_query", &json!({}), NOW + QUERY_LIFETIME));
        assert_eq!(queue.take(0, 100, NOW).len(), 2);
        queue.allow("not JSON");
        assert!(!queue.wants("message"), "what cannot be parsed changes nothing");
        queue.allow(r#"["Message", "nonsense"]"#);
        assert!(queue.wants("message") && !queue.wants("callback_query"), "in any case, and only what there is");
        queue.allow("[]");
        assert!(queue.wants("message") && queue.wants("callback_query"));
        assert!(!queue.wants("chat_member"), "not in the default set");
    }

    #[test]
    fn a_full_queue_takes_no_more_until_there_is_room() {
        let mut queue = queue(6);
        let counted = |queue: &UpdateQueue| queue.waiting.iter().map(|update| update.body.len()).sum::<usize>();
        queue.push("callback_query", &json!({}), NOW + QUERY_LIFETIME);
        queue.take(102, 1, NOW);
        assert_eq!(queue.bytes, counted(&queue), "some were confirmed");
        queue.forget(104);
        assert_eq!(queue.bytes, counted(&queue), "one was delivered to a webhook");
        queue.expire(NOW + QUERY_LIFETIME);
        assert_eq!((queue.bytes, queue.len()), (counted(&queue), 3), "one was too old");
        queue.bytes = WAITING_BYTES - 1;
        assert!(!queue.push("message", &json!({}), NOW + MESSAGE_LIFETIME), "too many bytes");
        queue.clear();
        for _ in 0..WAITING {
            assert!(queue.push("message", &Value::Null, NOW + MESSAGE_LIFETIME));
        }
        assert!(!queue.push("message", &Value::Null, NOW + MESSAGE_LIFETIME), "too many updates");
    }

    #[test]
    fn an_answer_stays_below_four_mebibytes() {
        let mut queue = UpdateQueue::new(1);
        for _ in 0..6 {
            queue.push("message", &json!({ "text": "x".repeat(1 << 20) }), NOW + MESSAGE_LIFETIME);
        }
        assert_eq!(queue.take(0, 100, NOW).len(), 3);
    }
}
