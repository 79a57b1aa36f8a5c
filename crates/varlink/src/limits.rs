//! What a server grants its callers and a pool grants its calls. Plain numbers; who enforces them is elsewhere.

use std::time::Duration;

use tokio::time::Instant;

const MIB: usize = 1 << 20;

/// What a [`Server`](crate::Server) grants each caller. A connection never holds more than about one request under way,
/// one read ahead and one reply, so memory is bounded by `connections * (2 * request_bytes + reply_bytes)`; a connection
/// that is idle holds a few KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest request, in bytes of JSON. A longer one is answered by `io.natrium.Wire.RequestTooLarge` as soon as
    /// it outgrows the limit, and its connection is closed.
    pub request_bytes: usize,
    /// The longest reply, in bytes of JSON. A longer one is not sent; `io.natrium.Wire.ReplyTooLarge` is, in its place.
    pub reply_bytes: usize,
    /// How many connections are served at once. Others wait in the listener's backlog.
    pub connections: usize,
    /// How many of them one process may have, so that it cannot keep the others out. One more is closed at once.
    pub connections_of_one: usize,
    /// How long a connection may stay open with no call under way.
    pub idle: Duration,
    /// How long a request may take from its first byte to its last.
    pub half_sent: Duration,
    /// How long the caller may take to make room for a reply. One that takes longer is disconnected.
    pub patience: Duration,
    /// How long calls under way may go on after the server was told to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_bytes: 4 * MIB,
            reply_bytes: 8 * MIB,
            connections: 256,
            connections_of_one: 128,
            idle: Duration::from_secs(300),
            half_sent: Duration::from_secs(10),
            patience: Duration::from_secs(5),
            drain: Duration::from_secs(5),
        }
    }
}

/// What a [`Pool`](crate::Pool) grants each call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolLimits {
    /// How many connections there are at most, which is how many calls are under way at once. Streams come on top.
    pub connections: usize,
    /// How long a call may take altogether: waiting for a connection, connecting again and again while the owner of the
    /// socket restarts, and the answer.
    pub deadline: Duration,
    /// The longest request that is sent, in bytes of JSON.
    pub request_bytes: usize,
    /// The longest reply that is accepted, in bytes of JSON.
    pub reply_bytes: usize,
}

impl Default for PoolLimits {
    fn default() -> Self {
        let server = Limits::default();
        Self {
            connections: 8,
            deadline: Duration::from_secs(10),
            request_bytes: server.request_bytes,
            reply_bytes: server.reply_bytes,
        }
    }
}

/// When `within` from `since` is over. A duration too long to count (such as [`Duration::MAX`]) ends some decades hence.
pub(crate) fn deadline(since: Instant, within: Duration) -> Instant {
    const DECADES: Duration = Duration::from_secs(86400 * 365 * 30);
    since.checked_add(within).unwrap_or_else(|| since + DECADES)
}
