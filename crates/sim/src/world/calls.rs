//! The log of Bot API calls: bounded, without tokens.

use std::collections::VecDeque;

use crate::control::CallView;

/// How many calls are remembered.
const KEPT: usize = 5_000;
/// How much of an answer is remembered, in bytes.
const RESPONSE_BYTES: usize = 16 << 10;

/// The latest calls.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallLog {
    calls: VecDeque<CallView>,
    last_number: u64,
}

impl CallLog {
    /// Notes a call that begins; its number is given here.
    pub(crate) fn begin(&mut self, mut call: CallView) -> u64 {
        self.last_number += 1;
        call.number = self.last_number;
        if self.calls.len() == KEPT {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
        self.last_number
    }

    /// Changes a call that is still remembered, and returns it as it is then.
    pub(crate) fn update(&mut self, number: u64, change: impl FnOnce(&mut CallView)) -> Option<&CallView> {
        let first = self.calls.front()?.number;
        let call = self.calls.get_mut(usize::try_from(number.checked_sub(first)?).ok()?)?;
        change(call);
        Some(call)
    }

    /// The calls, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &CallView> {
        self.calls.iter()
    }
}

/// Shortens an answer for the log.
pub(crate) fn shortened(response: &str) -> String {
    if response.len() <= RESPONSE_BYTES {
        return response.to_owned();
    }
    let cut = (0..=RESPONSE_BYTES).rev().find(|at| response.is_char_boundary(*at)).unwrap_or(0);
    format!("{}… ({} bytes)", &response[..cut], response.len())
}
