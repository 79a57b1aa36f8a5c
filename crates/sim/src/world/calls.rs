//! The log of Bot API calls: bounded, without tokens.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use crate::control::CallView;

/// How many calls are remembered…
const KEPT: usize = 5_000;
/// …if all of them together are not larger than this, in bytes.
const KEPT_BYTES: usize = 64 << 20;
/// How much of a text or an answer is remembered, in bytes.
const RESPONSE_BYTES: usize = 16 << 10;

/// The latest calls.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallLog {
    calls: VecDeque<CallView>,
    bytes: usize,
    last_number: u64,
}

impl CallLog {
    /// No calls, but numbers that go on: calls that are still under way must not be taken for later ones.
    pub(crate) fn emptied(&self) -> Self {
        Self { last_number: self.last_number, ..Self::default() }
    }

    /// Notes a call that begins; its number is given here.
    pub(crate) fn begin(&mut self, mut call: CallView) -> u64 {
        self.last_number += 1;
        call.number = self.last_number;
        self.bytes += size(&call);
        self.calls.push_back(call);
        while self.calls.len() > KEPT || self.bytes > KEPT_BYTES && self.calls.len() > 1 {
            self.bytes -= self.calls.pop_front().as_ref().map_or(0, size);
        }
        self.last_number
    }

    /// Changes a call that is still remembered, and returns it as it is then.
    pub(crate) fn update(&mut self, number: u64, change: impl FnOnce(&mut CallView)) -> Option<&CallView> {
        let first = self.calls.front()?.number;
        let call = self.calls.get_mut(usize::try_from(number.checked_sub(first)?).ok()?)?;
        self.bytes -= size(call);
        change(call);
        self.bytes += size(call);
        Some(call)
    }

    /// The calls, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &CallView> {
        self.calls.iter()
    }
}

/// About what a call takes in memory, in bytes.
fn size(call: &CallView) -> usize {
    let texts = call.path.len() + call.method.len() + call.response.as_ref().map_or(0, String::len);
    let ignored: usize = call.ignored.iter().map(|name| name_size(name)).sum();
    size_of::<CallView>() + texts + ignored + members_size(&call.parameters)
}

fn name_size(name: &str) -> usize {
    size_of::<String>() + name.len()
}

fn members_size(members: &Map<String, Value>) -> usize {
    members.iter().map(|(name, value)| name_size(name) + value_size(value)).sum()
}

fn value_size(value: &Value) -> usize {
    let inside = match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(value_size).sum(),
        Value::Object(members) => members_size(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + inside
}

/// Shortens a text or an answer for the log.
pub(crate) fn shortened(response: &str) -> String {
    if response.len() <= RESPONSE_BYTES {
        return response.to_owned();
    }
    let cut = (0..=RESPONSE_BYTES).rev().find(|at| response.is_char_boundary(*at)).unwrap_or(0);
    format!("{}… ({} bytes)", &response[..cut], response.len())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a missing value fails the test")]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(parameters: &Value) -> CallView {
        let call = json!({ "number": 0, "at": 0, "moment": 0, "path": "/bot…/x", "method": "x", "encoding": "json", "parameters": parameters });
        serde_json::from_value(call).unwrap()
    }

    #[test]
    fn the_latest_calls_are_remembered() {
        let mut log = CallLog::default();
        for _ in 0..KEPT + 10 {
            log.begin(call(&json!({})));
        }
        assert_eq!((log.iter().count(), log.iter().next().unwrap().number), (KEPT, 11));
    }

    #[test]
    fn large_calls_are_remembered_in_smaller_number() {
        let mut log = CallLog::default();
        let large = call(&json!({ "entities": ["x".repeat(1 << 20)] }));
        for _ in 0..100 {
            log.begin(large.clone());
        }
        assert_eq!(log.iter().count(), 63, "and a little for each");
        let number = log.begin(call(&json!({})));
        log.update(number, |call| call.response = Some("x".repeat(10 << 20)));
        log.begin(call(&json!({})));
        assert_eq!(log.iter().count(), 53 + 2, "answers count, too");
        log.update(number, |call| call.ignored = vec![String::new(); (10 << 20) / size_of::<String>()]);
        log.begin(call(&json!({})));
        assert_eq!(log.iter().count(), 43 + 3, "and so do the names that nobody knows");
        assert_eq!(log.bytes, log.iter().map(size).sum::<usize>());
    }
}
