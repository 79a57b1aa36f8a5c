//! Asking Telegram for updates: the thin loop around [`PollPlan`].
//!
//! Telegram forgets an update when it is asked for a later one. So the offset moves only after the writer has answered that
//! the updates before it are durable, and a stop or a crash at any moment makes Telegram send them again.

mod plan;

use std::sync::Arc;
use std::time::Duration;

use teloxide::types::Me;
use tokio_util::sync::CancellationToken;
use worker::events::{Event, TELEGRAM_REACHED, TELEGRAM_UNREACHABLE, TOKEN_FREE, TOKEN_TAKEN};

pub(crate) use self::plan::Health;
use self::plan::{Line, Outcome, PollPlan, Step};
use crate::backoff::fresh_seed;
use crate::inbox::Intake;
use crate::send::Stopping;
use crate::status::{Board, Next};
use crate::telegram::{Failure, POLL, Telegram};

/// Why polling ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// The worker is to stop.
    Stopping,
    /// Telegram refused the token; the text is its answer.
    Refused(String),
}

impl From<Stopping> for End {
    fn from(_: Stopping) -> Self {
        Self::Stopping
    }
}

/// Asks Telegram.
#[derive(Debug)]
pub(crate) struct Poller {
    telegram: Telegram,
    board: Arc<Board>,
    plan: PollPlan,
    /// What will be told when the trouble that was logged last is over.
    over: Option<Event>,
    stop: CancellationToken,
}

impl Poller {
    pub(crate) fn new(telegram: Telegram, board: Arc<Board>, stop: CancellationToken) -> Self {
        Self { telegram, board, plan: PollPlan::new(fresh_seed()), over: None, stop }
    }

    /// Who the bot is, as soon as Telegram can be reached. The worker counts as ready after the first attempt, whatever comes
    /// of it, or after `patience`: that Telegram is unreachable is a status, not a failure to start.
    pub(crate) async fn greet(&mut self, patience: Duration) -> Result<Me, End> {
        loop {
            let asking = self.telegram.get_me();
            let board = self.board.clone();
            let impatient = async move {
                tokio::time::sleep(patience).await;
                board.ready();
                std::future::pending::<()>().await;
            };
            let answer = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(End::Stopping),
                answer = asking => answer,
                () = impatient => return Err(End::Stopping),
            };
            let outcome = match answer {
                Ok(me) => {
                    self.board.me(&format!("@{}", me.username()));
                    self.follow(Outcome::Answered { updates: 1, took: Duration::ZERO }).await?;
                    self.board.ready();
                    return Ok(me);
                }
                Err(failure) => outcome_of(failure),
            };
            // A refused token is no way to be ready: it is asked for again a few times, and then the worker ends.
            let refused = matches!(outcome, Outcome::Refused { .. });
            let waiting = self.decide(outcome)?;
            if !refused {
                self.board.ready();
            }
            self.pause(waiting).await?;
        }
    }

    /// Hands updates to `intake` until the worker is to stop.
    pub(crate) async fn run(mut self, intake: &Intake) -> End {
        loop {
            if let Err(end) = self.ask_on(intake).await {
                return end;
            }
        }
    }

    async fn ask_on(&mut self, intake: &Intake) -> Result<(), End> {
        let mut offset = None;
        loop {
            let limit = u8::try_from(intake.room().await?.min(100)).unwrap_or(100);
            let began = self.board.now();
            self.board.next_poll(POLL, Next::By);
            // Dropping the request when the worker is to stop confirms nothing.
            let answer = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(End::Stopping),
                answer = self.telegram.get_updates(offset, limit) => answer,
            };
            let outcome = match answer {
                Ok(updates) => {
                    let outcome =
                        Outcome::Answered { updates: updates.len(), took: self.board.now().saturating_sub(began) };
                    if let Some(last) = updates.iter().map(|update| update.id).max() {
                        intake.receive(updates).await?;
                        offset = Some(last + 1);
                    }
                    outcome
                }
                Err(failure) => outcome_of(failure),
            };
            self.follow(outcome).await?;
        }
    }

    /// Does what the plan says about an outcome.
    async fn follow(&mut self, outcome: Outcome) -> Result<(), End> {
        let mut pause = self.decide(outcome)?;
        while pause == Waiting::RemoveWebhook {
            let answer = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Err(End::Stopping),
                answer = self.telegram.delete_webhook() => answer,
            };
            pause = self.decide(match answer {
                Ok(()) => Outcome::WebhookRemoved,
                Err(failure) => outcome_of(failure),
            })?;
        }
        self.pause(pause).await
    }

    fn decide(&mut self, outcome: Outcome) -> Result<Waiting, End> {
        let turn = self.plan.after(outcome, self.board.now());
        self.board.telegram(self.plan.health());
        if let Some(line) = &turn.line {
            self.log(line, &turn.step);
        }
        match turn.step {
            Step::Ask => Ok(Waiting::None),
            Step::Pause(pause) => Ok(Waiting::For(pause)),
            Step::RemoveWebhook => Ok(Waiting::RemoveWebhook),
            Step::GiveUp { why } => Err(End::Refused(why)),
        }
    }

    async fn pause(&self, waiting: Waiting) -> Result<(), End> {
        let Waiting::For(pause) = waiting else { return Ok(()) };
        self.board.next_poll(pause, Next::At);
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(End::Stopping),
            () = tokio::time::sleep(pause) => Ok(()),
        }
    }

    fn log(&mut self, line: &Line, step: &Step) {
        match line {
            Line::Trouble(health) => {
                let text = self.board.describe(health);
                let events = match health {
                    Health::Unreachable { .. } => Some((TELEGRAM_UNREACHABLE, TELEGRAM_REACHED)),
                    Health::Taken { .. } | Health::Shared { .. } | Health::Webhook { .. } => {
                        Some((TOKEN_TAKEN, TOKEN_FREE))
                    }
                    Health::Connecting | Health::Good | Health::Refused { .. } => None,
                };
                self.over = events.map(|(_, over)| over);
                match events {
                    Some((event, _)) => worker::event!(warn, event, "{text}; {step}"),
                    None => tracing::warn!("{text}; {step}"),
                }
            }
            Line::Recovered(after) => {
                let seconds = after.as_secs();
                match self.over.take() {
                    Some(event) => worker::event!(info, event, "polling goes on, after {seconds} s of trouble"),
                    None => tracing::info!("polling goes on, after {seconds} s of trouble"),
                }
            }
            Line::WebhookRemoved => {
                tracing::warn!("a webhook was set for this token; it was removed, updates that wait were kept")
            }
            Line::Flooded(wait) => tracing::warn!("Telegram wants {} s of silence", wait.as_secs()),
        }
    }
}

/// What comes before asking again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Waiting {
    None,
    For(Duration),
    RemoveWebhook,
}

fn outcome_of(failure: Failure) -> Outcome {
    match failure {
        Failure::Token(why) => Outcome::Refused { why },
        Failure::Conflict => Outcome::Conflict,
        Failure::Webhook => Outcome::Webhook,
        Failure::Flood(wait) => Outcome::Flooded { wait },
        Failure::Forbidden(why) | Failure::Refused(why) | Failure::Unreachable(why) => Outcome::Unreachable { why },
        Failure::NotModified | Failure::DoneUnread => {
            Outcome::Unreachable { why: "an answer that is not understood".to_owned() }
        }
    }
}
