//! When to ask Telegram again, and how the connection is: the poll scheduler without its I/O.
//!
//! Owns the pauses, what is logged and how often, and the [`Health`] that the worker's status tells. It must not know of
//! sockets, clocks or update contents: the time is passed in, as time since the worker's start.

use std::fmt;
use std::mem::{Discriminant, discriminant};
use std::time::Duration;

use crate::backoff::{Backoff, Growth};

/// After failing to reach Telegram.
const UNREACHABLE: Growth = Growth { first: Duration::from_secs(1), most: Duration::from_secs(30) };
/// After a conflict. The Bot API server answers conflicts within 3 s of each other 3 s late, so asking sooner only makes
/// the two programs disturb each other more.
const CONFLICT: Growth = Growth { first: Duration::from_secs(2), most: Duration::from_secs(15) };
/// After an empty answer that came at once although we offered to wait (a proxy, or a server that ignores `timeout`).
const HASTY: Growth = Growth { first: Duration::from_millis(250), most: Duration::from_secs(5) };

/// Conflicts further apart than this are unrelated: the earlier trouble has ended, and pauses begin small again.
const CALM: Duration = Duration::from_secs(90);
/// A trouble that lasts, or comes back and back as conflicts do, is logged at most this often.
const LOG_EVERY: Duration = Duration::from_secs(60);
/// Troubles of different kinds, or with a success in between, are logged at most this often.
const LOG_AGAIN: Duration = Duration::from_secs(15);
/// An empty answer is hasty when it came sooner than this.
const HASTY_BELOW: Duration = Duration::from_millis(500);
/// A refusal is believed after this many in a row: Telegram has been seen to answer 401 for a moment during its own outages,
/// and a worker that believes it does not come back by itself.
const REFUSALS: u32 = 3;
/// Between refusals.
const REFUSED_PAUSE: Duration = Duration::from_millis(700);

/// What became of asking.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// Telegram answered, after `took`, with `updates` updates.
    Answered { updates: usize, took: Duration },
    /// 409: another host or program polls with the same token.
    Conflict,
    /// 409: a webhook is set.
    Webhook,
    /// The webhook was removed.
    WebhookRemoved,
    /// 401 or 404: the token is wrong or revoked.
    Refused { why: String },
    /// 429: too many requests; ask again after exactly `wait`.
    Flooded { wait: Duration },
    /// No answer, or none from Telegram.
    Unreachable { why: String },
}

/// What to do next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// Ask at once.
    Ask,
    /// Ask after a pause.
    Pause(Duration),
    /// Call `deleteWebhook`, keeping pending updates, and report its outcome.
    RemoveWebhook,
    /// Give up: the token is wrong.
    GiveUp { why: String },
}

/// How the connection to Telegram is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Health {
    /// Not asked yet.
    Connecting,
    /// Telegram answers.
    Good,
    /// It does not.
    Unreachable { since: Duration, why: String },
    /// Another program on this host holds the token, so that we do not ask at all.
    Taken { since: Duration, holder: Option<i32> },
    /// Another host or program polls with the same token.
    Shared { since: Duration },
    /// A webhook is set, again, after it had been removed.
    Webhook { since: Duration },
    /// The token was refused and is tried again.
    Refused { why: String },
}

/// A line for the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Line {
    /// A trouble began, or lasts.
    Trouble(Health),
    /// Telegram answers again; it had not for this long.
    Recovered(Duration),
    /// The webhook was removed.
    WebhookRemoved,
    /// Telegram asks to wait this long.
    Flooded(Duration),
}

/// The scheduler's answer to an outcome.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Turn {
    /// What to do.
    pub(crate) step: Step,
    /// What to log, if anything.
    pub(crate) line: Option<Line>,
}

/// The scheduler.
#[derive(Debug)]
pub(crate) struct PollPlan {
    health: Health,
    unreachable: Backoff,
    conflict: Backoff,
    hasty: Backoff,
    /// When the first and the last of the conflicts came that belong together.
    conflicts: Option<(Duration, Duration)>,
    /// The last trouble that was logged, and when.
    logged: Option<(Duration, Discriminant<Health>)>,
    /// The same, until its end has been logged.
    open: Option<Health>,
    last_flood: Option<Duration>,
    refusals: u32,
    webhook_removed: bool,
}

impl PollPlan {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            health: Health::Connecting,
            unreachable: Backoff::new(UNREACHABLE, seed),
            conflict: Backoff::new(CONFLICT, seed),
            hasty: Backoff::new(HASTY, seed),
            conflicts: None,
            logged: None,
            open: None,
            last_flood: None,
            refusals: 0,
            webhook_removed: false,
        }
    }

    /// How the connection is.
    pub(crate) fn health(&self) -> &Health {
        &self.health
    }

    /// Decides what follows `outcome`, which was known at `now`.
    pub(crate) fn after(&mut self, outcome: Outcome, now: Duration) -> Turn {
        if !matches!(outcome, Outcome::Refused { .. }) {
            self.refusals = 0;
        }
        if !matches!(outcome, Outcome::Unreachable { .. }) {
            self.unreachable.reset();
        }
        match outcome {
            Outcome::Answered { updates, took } => self.answered(updates, took, now),
            Outcome::Conflict => self.conflict(|since| Health::Shared { since }, now),
            Outcome::Webhook if self.webhook_removed => self.conflict(|since| Health::Webhook { since }, now),
            Outcome::Webhook => Turn { step: Step::RemoveWebhook, line: None },
            Outcome::WebhookRemoved => {
                self.webhook_removed = true;
                Turn { step: Step::Ask, line: Some(Line::WebhookRemoved) }
            }
            Outcome::Refused { why } => self.refused(why, now),
            Outcome::Flooded { wait } => self.flooded(wait, now),
            Outcome::Unreachable { why } => {
                let health = self.lasting(|since| Health::Unreachable { since, why }, now);
                let step = Step::Pause(self.unreachable.pause());
                Turn { step, line: self.trouble(health, now) }
            }
        }
    }

    fn answered(&mut self, updates: usize, took: Duration, now: Duration) -> Turn {
        let line = self.recovered(now);
        self.health = Health::Good;
        let step = if updates == 0 && took < HASTY_BELOW {
            Step::Pause(self.hasty.pause())
        } else {
            self.hasty.reset();
            Step::Ask
        };
        Turn { step, line }
    }

    fn flooded(&mut self, wait: Duration, now: Duration) -> Turn {
        // Whoever says so can be reached.
        let mut line = None;
        if matches!(self.health, Health::Unreachable { .. }) {
            line = self.recovered(now);
            self.health = Health::Good;
        }
        if line.is_none() && self.last_flood.is_none_or(|last| now.saturating_sub(last) >= LOG_EVERY) {
            self.last_flood = Some(now);
            line = Some(Line::Flooded(wait));
        }
        Turn { step: Step::Pause(wait), line }
    }

    /// Two programs that take turns both see successes in between, so a success does not make the pauses small again.
    fn conflict(&mut self, health: impl FnOnce(Duration) -> Health, now: Duration) -> Turn {
        let began = self.contested(now).map(|(began, _)| began);
        if began.is_none() {
            self.conflict.reset();
        }
        self.conflicts = Some((began.unwrap_or(now), now));
        let step = Step::Pause(self.conflict.pause());
        Turn { step, line: self.trouble(health(began.unwrap_or(now)), now) }
    }

    /// The conflicts that have not ended yet, as far as one can know.
    fn contested(&self, now: Duration) -> Option<(Duration, Duration)> {
        self.conflicts.filter(|(_, last)| now.saturating_sub(*last) <= CALM)
    }

    fn refused(&mut self, why: String, now: Duration) -> Turn {
        self.refusals += 1;
        if self.refusals >= REFUSALS {
            return Turn { step: Step::GiveUp { why }, line: None };
        }
        Turn { step: Step::Pause(REFUSED_PAUSE), line: self.trouble(Health::Refused { why }, now) }
    }

    /// The trouble that `health` makes of the time since which it lasts: `now`, unless it is the present one already.
    fn lasting(&self, health: impl FnOnce(Duration) -> Health, now: Duration) -> Health {
        let mut health = health(now);
        let present = self.health.since().filter(|_| discriminant(&health) == discriminant(&self.health));
        if let (Some(begin), Some(since)) = (present, health.since_mut()) {
            *since = begin;
        }
        health
    }

    /// Takes note of a trouble. The line is there unless too little time has passed since the last one.
    fn trouble(&mut self, health: Health, now: Duration) -> Option<Line> {
        let kind = discriminant(&health);
        let lasts = kind == discriminant(&self.health);
        self.health = health.clone();
        let pause = match self.logged {
            Some((_, logged)) if logged == kind && (lasts || health.comes_back()) => LOG_EVERY,
            _ => LOG_AGAIN,
        };
        if self.logged.is_some_and(|(last, _)| now.saturating_sub(last) < pause) {
            return None;
        }
        (self.logged, self.open) = (Some((now, kind)), Some(health.clone()));
        Some(Line::Trouble(health))
    }

    /// The end of a trouble whose beginning was logged. A success among conflicts ends nothing.
    fn recovered(&mut self, now: Duration) -> Option<Line> {
        let contested = self.contested(now).is_some();
        let over = self.open.take_if(|trouble| !(contested && trouble.comes_back()))?;
        let end = self.conflicts.filter(|_| over.comes_back()).map_or(now, |(_, last)| last);
        over.since().map(|since| Line::Recovered(end.saturating_sub(since)))
    }
}

impl Health {
    fn since(&self) -> Option<Duration> {
        match self {
            Self::Unreachable { since, .. }
            | Self::Taken { since, .. }
            | Self::Shared { since }
            | Self::Webhook { since } => Some(*since),
            Self::Connecting | Self::Good | Self::Refused { .. } => None,
        }
    }

    fn since_mut(&mut self) -> Option<&mut Duration> {
        match self {
            Self::Unreachable { since, .. }
            | Self::Taken { since, .. }
            | Self::Shared { since }
            | Self::Webhook { since } => Some(since),
            Self::Connecting | Self::Good | Self::Refused { .. } => None,
        }
    }

    /// Whether it is of those that alternate with successes: two pollers take turns.
    fn comes_back(&self) -> bool {
        matches!(self, Self::Shared { .. } | Self::Webhook { .. })
    }

    /// The status text; `clock` renders a time since start as a time of day.
    pub(crate) fn describe(&self, me: &str, clock: impl Fn(Duration) -> String) -> String {
        match self {
            Self::Connecting => "connecting to Telegram".to_owned(),
            Self::Good => format!("polling as {me}"),
            Self::Unreachable { since, why } => format!("Telegram unreachable since {}: {why}", clock(*since)),
            Self::Taken { since, holder } => format!(
                "not polling since {}: another program on this host{} polls with this token; stop it, or give one of the two a token of its own",
                clock(*since),
                holder.map(|pid| format!(" (process {pid})")).unwrap_or_default()
            ),
            Self::Shared { since } => format!(
                "another host or program polls with this token since {} (409 Conflict); stop it, or give one of the two a token of its own",
                clock(*since)
            ),
            Self::Webhook { since } => format!(
                "another host or program sets a webhook for this token since {} (409 Conflict); polling works only without one",
                clock(*since)
            ),
            Self::Refused { why } => format!("Telegram refuses the token ({why}); asking again to be sure"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask => f.write_str("asking again"),
            Self::Pause(pause) => write!(f, "asking again in {:.1} s", pause.as_secs_f64()),
            Self::RemoveWebhook => f.write_str("removing the webhook"),
            Self::GiveUp { .. } => f.write_str("giving up"),
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
