//! The time that goes into rows: Unix milliseconds.

/// Now.
pub(crate) fn unix_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
