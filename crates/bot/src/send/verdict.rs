//! What follows an attempt to send: done, given up, or tried again, and when. Pure.

use std::time::Duration;

use crate::telegram::Failure;

/// What follows an attempt.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Verdict<T> {
    /// It is there. The value is absent where Telegram's answer could not be read, or there was nothing to do.
    Done(Option<T>),
    /// It will never be: the person has blocked the bot, or Telegram does not take it.
    Refused(String),
    /// Telegram named the time to try again.
    After(Duration),
    /// It may have arrived or not; trying again after a growing pause is all that can be done.
    Again(String),
}

impl<T> Verdict<T> {
    /// Judges the result of an attempt.
    pub(crate) fn of(attempt: Result<T, Failure>) -> Self {
        match attempt {
            Ok(value) => Self::Done(Some(value)),
            Err(Failure::NotModified | Failure::DoneUnread) => Self::Done(None),
            Err(Failure::Forbidden(why) | Failure::Refused(why)) => Self::Refused(why),
            Err(Failure::Flood(wait)) => Self::After(wait),
            // The poll loop decides whether the token is really gone, and ends the worker then.
            Err(Failure::Token(why) | Failure::Unreachable(why)) => Self::Again(why),
            Err(Failure::Conflict | Failure::Webhook) => Self::Again("409 Conflict".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_its_verdict() {
        let why = || "why".to_owned();
        let wait = Duration::from_secs(17);
        for (attempt, verdict) in [
            (Ok(1), Verdict::Done(Some(1))),
            (Err(Failure::NotModified), Verdict::Done(None)),
            (Err(Failure::DoneUnread), Verdict::Done(None)),
            (Err(Failure::Forbidden(why())), Verdict::Refused(why())),
            (Err(Failure::Refused(why())), Verdict::Refused(why())),
            (Err(Failure::Flood(wait)), Verdict::After(wait)),
            (Err(Failure::Unreachable(why())), Verdict::Again(why())),
            (Err(Failure::Token(why())), Verdict::Again(why())),
        ] {
            assert_eq!(Verdict::of(attempt), verdict);
        }
    }
}
