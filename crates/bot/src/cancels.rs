//! Updates that cancel and have arrived, but whose turn has not come: an upload of the same chat that is under way hears of
//! them at once.
//!
//! `/cancel` is meant for every upload that was sent before it and has not ended; a button for the one that it belongs to. Knows
//! what arrived and in which order; must not know what an upload is.

use std::collections::BTreeMap;

use interfaces::inbox::{Entry, State};
use serde_json::Value;
use tokio::sync::watch;

use crate::buttons::Button;
use crate::commands::parse::{Parsed, parse};

/// What has arrived.
#[derive(Debug)]
pub(crate) struct Cancels {
    /// The bot's user name, without `@`.
    me: String,
    waiting: watch::Sender<Waiting>,
}

/// Updates that cancel, by their ids, which are in the order of their arrival.
type Waiting = BTreeMap<i64, Aim>;

/// What an update cancels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Aim {
    chat: i64,
    /// The upload that came with this update; absent: all before.
    upload: Option<i64>,
}

impl Cancels {
    pub(crate) fn new(me: String) -> Self {
        Self { me, waiting: watch::Sender::new(Waiting::new()) }
    }

    /// An update is here, and waits for its turn.
    pub(crate) fn arrived(&self, entry: &Entry) {
        // One that is settled has had its effect.
        if entry.state != State::Received {
            return;
        }
        if let Some(aim) = aim(&entry.payload, &self.me) {
            self.waiting.send_modify(|waiting| {
                waiting.insert(entry.id, aim);
            });
        }
    }

    /// An update's turn has come, or it is not in memory any more.
    pub(crate) fn taken_up(&self, update: i64) {
        self.waiting.send_if_modified(|waiting| waiting.remove(&update).is_some());
    }

    /// Waits for an update that cancels the upload which came with `update` in `chat`; gives its id.
    pub(crate) async fn of(&self, chat: i64, update: i64) -> i64 {
        let mut waiting = self.waiting.subscribe();
        loop {
            let first = first(&waiting.borrow_and_update(), chat, update);
            if let Some(first) = first {
                return first;
            }
            if waiting.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}

fn first(waiting: &Waiting, chat: i64, upload: i64) -> Option<i64> {
    let meant = |aim: &Aim| aim.chat == chat && aim.upload.is_none_or(|aim| aim == upload);
    waiting.range(upload.saturating_add(1)..).find(|(_, aim)| meant(aim)).map(|(update, _)| *update)
}

/// What an update cancels, if it does.
fn aim(payload: &Value, me: &str) -> Option<Aim> {
    let chat = |at: &str| payload.pointer(at).and_then(Value::as_i64);
    if let Some(data) = payload.pointer("/callback_query/data").and_then(Value::as_str) {
        let Some(Button::Cancel { update }) = Button::parse(data) else { return None };
        return Some(Aim { chat: chat("/callback_query/message/chat/id")?, upload: Some(update) });
    }
    let text = payload.pointer("/message/text").and_then(Value::as_str)?;
    let Parsed::Command { name, .. } = parse(text, me) else { return None };
    Some(Aim { chat: chat("/message/chat/id")?, upload: None }).filter(|_| name == "cancel")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use futures_util::FutureExt as _;
    use serde_json::json;

    use super::*;

    fn entry(id: i64, payload: Value) -> Entry {
        Entry { id, payload, state: State::Received, outcome: None, note: None }
    }

    fn says(id: i64, chat: i64, text: &str) -> Entry {
        entry(id, json!({"update_id": id, "message": {"chat": {"id": chat}, "text": text}}))
    }

    fn presses(id: i64, chat: i64, data: &str) -> Entry {
        let message = json!({"chat": {"id": chat}, "message_id": 1});
        entry(id, json!({"update_id": id, "callback_query": {"from": {"id": chat}, "message": message, "data": data}}))
    }

    #[test]
    fn a_cancel_is_meant_for_what_was_sent_before_in_its_chat() {
        let cancels = Cancels::new("natrium_bot".to_owned());
        let of = |chat, upload| cancels.of(chat, upload).now_or_never();
        for entry in [
            says(20, 1, "/cancel"),
            says(30, 2, "/cancel@Natrium_Bot please"),
            says(31, 3, "/cancel@other_bot"),
            says(32, 3, "cancel"),
            presses(33, 4, "cancel:12"),
            presses(34, 5, "theirs:12"),
        ] {
            cancels.arrived(&entry);
        }
        for ((chat, upload), found) in [
            ((1, 10), Some(20)),
            ((1, 21), None),
            ((2, 10), Some(30)),
            ((3, 10), None),
            ((4, 12), Some(33)),
            ((4, 13), None),
            ((5, 12), None),
        ] {
            assert_eq!(of(chat, upload), found, "{upload} in {chat}");
        }
        cancels.taken_up(20);
        assert_eq!(of(1, 10), None);
    }

    #[tokio::test]
    async fn one_that_is_waited_for_is_heard_of_when_it_arrives_and_a_settled_one_is_not() {
        let cancels = Cancels::new("natrium_bot".to_owned());
        let mut waiting = std::pin::pin!(cancels.of(1, 10));
        assert_eq!(waiting.as_mut().now_or_never(), None);
        cancels.arrived(&Entry { state: State::Applied, ..says(11, 1, "/cancel") });
        cancels.arrived(&says(12, 2, "/cancel"));
        assert_eq!(waiting.as_mut().now_or_never(), None);
        cancels.arrived(&says(13, 1, "/cancel"));
        assert_eq!(waiting.await, 13);
    }
}
