//! How long to wait before asking again.

use std::time::Duration;

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(60);

/// After the first question without an answer a second, then twice as long each time, a minute at most.
pub(super) fn pause(before: u32) -> Duration {
    Duration::from_secs(1_u64.checked_shl(before).unwrap_or(u64::MAX)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_stay_there() {
        let seconds: Vec<u64> = [0, 1, 2, 5, 6, 7, 63, 64, u32::MAX].map(|before| pause(before).as_secs()).to_vec();
        assert_eq!(seconds, [1, 2, 4, 32, 60, 60, 60, 60, 60]);
    }
}
