//! `getUpdates` with its answer as Telegram sent it.
//!
//! teloxide's own request parses updates, and what it cannot parse is gone. Updates are kept before they are understood, so
//! that one which today's program cannot read is still there for tomorrow's.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use teloxide::requests::Payload;

/// What we want to be sent. It goes along with every request: Telegram remembers the last list, so a list that is sent only
/// once is lost when that request fails, or when another program sends another one.
const WANTED: &[&str] = &["message", "callback_query"];

/// The request, for teloxide's `JsonRequest`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GetUpdates {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    limit: u8,
    /// In seconds.
    timeout: u64,
    allowed_updates: &'static [&'static str],
}

impl GetUpdates {
    pub(super) fn new(offset: Option<i64>, limit: u8, wait: Duration) -> Self {
        Self { offset, limit: limit.clamp(1, 100), timeout: wait.as_secs(), allowed_updates: WANTED }
    }
}

impl Payload for GetUpdates {
    type Output = Vec<Value>;

    const NAME: &'static str = "GetUpdates";

    fn timeout_hint(&self) -> Option<Duration> {
        Some(Duration::from_secs(self.timeout))
    }
}

/// An update as it came.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RawUpdate {
    /// Its `update_id`.
    pub(crate) id: i64,
    /// All of it.
    pub(crate) payload: Value,
}

impl RawUpdate {
    /// Nothing without an id is an update.
    pub(super) fn new(payload: Value) -> Option<Self> {
        let id = payload.get("update_id").and_then(Value::as_i64);
        if id.is_none() {
            tracing::warn!("Telegram sent an update without an id; it is left out");
        }
        Some(Self { id: id?, payload })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may fail")]
    use serde_json::json;

    use super::*;

    #[test]
    fn the_wanted_kinds_are_sent_every_time() {
        for offset in [None, Some(8)] {
            let sent = serde_json::to_value(GetUpdates::new(offset, 200, Duration::from_secs(25))).unwrap();
            assert_eq!(sent.get("allowed_updates"), Some(&json!(["message", "callback_query"])));
            assert_eq!((&sent["limit"], &sent["timeout"]), (&json!(100), &json!(25)));
            assert_eq!(sent.get("offset"), offset.map(|id| json!(id)).as_ref());
        }
    }

    #[test]
    fn an_update_is_kept_as_it_came_and_one_without_id_is_left_out() {
        let payload = json!({"update_id": 7, "from_the_future": {"x": 1.5}});
        assert_eq!(RawUpdate::new(payload.clone()), Some(RawUpdate { id: 7, payload }));
        assert_eq!(RawUpdate::new(json!({"message": {}})), None);
    }
}
