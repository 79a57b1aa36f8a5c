//! The worker's status: one line of text for `systemctl status` and `natrium status`, from what its parts report.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use tokio::time::Instant;
use worker::Notify;

use crate::poll::Health;

/// How exactly it is known when Telegram is asked next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Next {
    /// Then, or as soon as there is an update.
    By,
    /// Then: there is a pause.
    At,
}

/// Collects the parts and tells the parent when the text changes.
#[derive(Debug)]
pub(crate) struct Board {
    notify: Notify,
    began: Instant,
    parts: Mutex<Parts>,
}

#[derive(Debug)]
struct Parts {
    /// `@name` once Telegram has told it.
    me: String,
    telegram: Health,
    /// When Telegram is asked next, and whether that may come earlier.
    next_poll: Option<(Duration, Next)>,
    writer_silent_since: Option<Duration>,
    store: Store,
    ready: bool,
}

/// The writer's store, as far as its failures have been told us.
#[derive(Debug, Default)]
struct Store {
    /// Calls that it has failed and that are made again and again.
    failed_calls: usize,
    /// Since when there are such, and why the last one failed.
    failing: Option<(Duration, String)>,
}

impl Board {
    /// For the bot with this id.
    pub(crate) fn new(notify: Notify, id: i64) -> Self {
        let parts = Parts {
            me: format!("bot {id}"),
            telegram: Health::Connecting,
            next_poll: None,
            writer_silent_since: None,
            store: Store::default(),
            ready: false,
        };
        Self { notify, began: Instant::now(), parts: Mutex::new(parts) }
    }

    /// Time since the worker's start: the clock of all that is pure here.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// The bot's user name is known.
    pub(crate) fn me(&self, name: &str) {
        self.change(|parts| name.clone_into(&mut parts.me));
    }

    /// How the connection to Telegram is.
    pub(crate) fn telegram(&self, health: &Health) {
        self.change(|parts| parts.telegram.clone_from(health));
    }

    /// Telegram is asked next after so long.
    pub(crate) fn next_poll(&self, after: Duration, next: Next) {
        let at = self.now() + after;
        self.change(|parts| parts.next_poll = Some((at, next)));
    }

    /// The writer did not answer.
    pub(crate) fn writer_silent(&self) {
        let now = self.now();
        self.change(|parts| {
            parts.writer_silent_since.get_or_insert(now);
        });
    }

    /// The writer answered; gives for how long it had not.
    pub(crate) fn writer_answers(&self) -> Option<Duration> {
        let silent_since = self.parts().writer_silent_since?;
        self.change(|parts| parts.writer_silent_since = None);
        Some(self.now().saturating_sub(silent_since))
    }

    /// The writer's store failed a call that had not failed before; it will be made again until
    /// [`failed_call_ended`](Self::failed_call_ended).
    pub(crate) fn call_failed(&self) {
        self.parts().store.failed_calls += 1;
    }

    /// Why it failed. Answers whether that is news.
    pub(crate) fn store_fails(&self, reason: &str) -> bool {
        let (now, mut news) = (self.now(), false);
        self.change(|parts| {
            let failing = &mut parts.store.failing;
            news = failing.is_none();
            *failing = Some((failing.as_ref().map_or(now, |(since, _)| *since), reason.to_owned()));
        });
        news
    }

    /// Such a call has come to its end; gives how long the trouble was if it was the last one.
    pub(crate) fn failed_call_ended(&self) -> Option<Duration> {
        let mut trouble = None;
        self.change(|parts| {
            parts.store.failed_calls -= 1;
            if parts.store.failed_calls == 0 {
                trouble = parts.store.failing.take();
            }
        });
        trouble.map(|(since, _)| self.now().saturating_sub(since))
    }

    /// The worker does its work from now on, or will as soon as what the status names is over.
    pub(crate) fn ready(&self) {
        let mut parts = self.parts();
        if !parts.ready {
            parts.ready = true;
            self.notify.ready(&self.text(&parts));
        }
    }

    /// The status of a part, in words.
    pub(crate) fn describe(&self, health: &Health) -> String {
        health.describe(&self.parts().me, |since| self.time_of_day(since))
    }

    fn change(&self, change: impl FnOnce(&mut Parts)) {
        let mut parts = self.parts();
        change(&mut parts);
        self.notify.status(&self.text(&parts));
    }

    fn text(&self, parts: &Parts) -> String {
        let mut telegram = parts.telegram.describe(&parts.me, |since| self.time_of_day(since));
        if let Some((at, next)) = parts.next_poll {
            let next = if next == Next::By { "by" } else { "at" };
            telegram.push_str(&format!(", next poll {next} {}", self.time_of_day(at)));
        }
        let silent = parts.writer_silent_since;
        let silent = silent.map(|since| format!("the writer has not answered since {}", self.time_of_day(since)));
        let failing = parts.store.failing.as_ref();
        let failing = failing.map(|(since, reason)| {
            format!("the writer's store has failed since {}: {reason}", self.time_of_day(*since))
        });
        silent.into_iter().chain(failing).chain([telegram]).collect::<Vec<_>>().join("; ")
    }

    /// When it was, or will be, so long after the start.
    fn time_of_day(&self, at: Duration) -> String {
        let [now, at] = [self.now(), at].map(|time| SignedDuration::try_from(time).unwrap_or_default());
        let ago = now - at;
        let zone = TimeZone::try_system().unwrap_or(TimeZone::UTC);
        Timestamp::now().saturating_sub(ago).unwrap_or(Timestamp::MIN).to_zoned(zone).strftime("%H:%M:%S").to_string()
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
