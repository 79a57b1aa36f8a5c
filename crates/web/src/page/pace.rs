//! How fast one person may ask. Pure.
//!
//! What somebody is refused stays in the audit trail for days, and a signed-in browser can be made to ask without end: so nobody asks
//! much more often than people do.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Requests that may come at once.
const AT_ONCE: u32 = 300;
/// After them, one in each of these times.
const EACH: Duration = Duration::from_millis(500);

/// Who asked how much of late: when nothing of it counts any more.
#[derive(Debug, Default)]
pub(crate) struct Pace(HashMap<i64, Instant>);

impl Pace {
    /// Lets somebody ask.
    ///
    /// # Errors
    /// For how long he may not.
    pub(crate) fn admit(&mut self, person: i64, now: Instant) -> Result<(), Duration> {
        // At most one of each who is signed in stays.
        self.0.retain(|_, until| *until > now);
        let until = self.0.get(&person).copied().unwrap_or(now) + EACH;
        let most = now + EACH * AT_ONCE;
        if until > most {
            return Err(until - most);
        }
        self.0.insert(person, until);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_at_once_and_then_one_in_a_while_for_each_person() {
        let (mut pace, began) = (Pace::default(), Instant::now());
        let mut admitted = |person, seconds| {
            let now = began + Duration::from_secs(seconds);
            (0..1000).take_while(|_| pace.admit(person, now).is_ok()).count()
        };
        assert_eq!(admitted(7, 0), 300);
        assert_eq!(admitted(7, 0), 0);
        assert_eq!(admitted(8, 0), 300, "another person");
        assert_eq!(admitted(7, 10), 20);
        assert_eq!(admitted(7, 160), 300);
        assert_eq!(pace.admit(7, began + Duration::from_secs(160)), Err(EACH));
        assert_eq!(pace.0.len(), 1, "who has been quiet for long is not remembered");
    }
}
