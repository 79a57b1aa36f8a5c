//! The simulator's time: milliseconds since the Unix epoch, always handed in.
//!
//! The core never reads a clock; whoever calls it says what time it is, so that
//! 24 hours may pass within a test.

use std::ops::Add;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// Whole seconds, as the Bot API dates messages.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0 / 1000
    }
}

impl Add<Duration> for Millis {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_millis().try_into().unwrap_or(u64::MAX)))
    }
}
