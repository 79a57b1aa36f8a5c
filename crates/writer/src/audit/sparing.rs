//! Which refusals are recorded where anybody could cause as many as he likes: one of each person in an hour, and ten of all. Pure;
//! what is left out nobody counts.

use std::collections::VecDeque;
use std::time::Duration;

use interfaces::configs::Author;

/// How long a line stands for those that follow.
pub(crate) const WITHIN: Duration = Duration::from_secs(60 * 60);
/// Lines within that time at most.
pub(crate) const MOST: usize = 10;

/// The lines of late. All times are since the same moment, by a clock that nobody sets.
#[derive(Debug, Default)]
pub(crate) struct Sparing(VecDeque<(Duration, Author)>);

impl Sparing {
    /// Whether a refusal of `by` is recorded now.
    pub(crate) fn admits(&mut self, by: &Author, now: Duration) -> bool {
        while self.0.front().is_some_and(|(at, _)| now.saturating_sub(*at) >= WITHIN) {
            self.0.pop_front();
        }
        let same = |(_, known): &(Duration, Author)| (known.origin, known.id) == (by.origin, by.id);
        if self.0.len() >= MOST || self.0.iter().any(same) {
            return false;
        }
        self.0.push_back((now, by.clone()));
        true
    }
}

#[cfg(test)]
mod tests {
    use interfaces::configs::Origin;

    use super::*;

    #[test]
    fn one_of_each_in_an_hour_and_ten_of_all() {
        let by = |id| Author { origin: Origin::Telegram, id, name: format!("No. {id}") };
        let mut sparing = Sparing::default();
        let minute = |minute: u64| Duration::from_secs(60 * minute);
        assert!(sparing.admits(&by(1), minute(0)));
        assert!(!sparing.admits(&by(1), minute(59)));
        let operator = Author { origin: Origin::Operator, ..by(1) };
        assert!(sparing.admits(&operator, minute(59)), "somebody else");
        assert!(sparing.admits(&by(1), minute(60)));
        let more = (100..200).filter(|id| sparing.admits(&by(*id), minute(61))).count();
        assert_eq!(more, MOST - 2);
        assert!(sparing.admits(&by(300), minute(119)), "the operator's has become old");
        assert!(!sparing.admits(&by(301), minute(119)));
    }
}
