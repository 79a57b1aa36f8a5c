//! Sending what admins are told, until it has arrived.
//!
//! A message that meets a flood limit waits exactly as long as Telegram says; one that meets a network failure is tried again
//! with growing pauses; one that Telegram refuses (the person blocked the bot) is given up with a line in the log. When the
//! worker stops in between, the update that the message belongs to stays in the inbox and is told after the restart. So a
//! message can arrive twice when its answer was lost, and never not at all.

mod edits;
mod progress;
mod verdict;

use std::time::Duration;

use teloxide::types::{CallbackQueryId, ChatId, InlineKeyboardMarkup, MessageId};
use tokio_util::sync::CancellationToken;

pub(crate) use self::progress::{Progress, Screen};
use self::verdict::Verdict;
use crate::backoff::{Backoff, Growth, fresh_seed};
use crate::telegram::{Failure, Telegram};

/// Between attempts while Telegram cannot be reached.
const AGAIN: Growth = Growth { first: Duration::from_millis(500), most: Duration::from_secs(15) };

/// The worker stops before the work is done; what it belongs to stays in the inbox.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Stopping;

/// Sends, and does not give up.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    telegram: Telegram,
    stop: CancellationToken,
}

impl Outgoing {
    pub(crate) fn new(telegram: Telegram, stop: CancellationToken) -> Self {
        Self { telegram, stop }
    }

    /// The API itself, for what is not sent to a person.
    pub(crate) fn telegram(&self) -> &Telegram {
        &self.telegram
    }

    /// Sends plain text. Arrived or refused for good when it returns.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn text(&self, chat: ChatId, text: &str) -> Result<Option<MessageId>, Stopping> {
        self.message(chat, text, None).await
    }

    /// Sends plain text with buttons below it. Arrived or refused for good when it returns.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn message(
        &self,
        chat: ChatId,
        text: &str,
        keyboard: Option<&InlineKeyboardMarkup>,
    ) -> Result<Option<MessageId>, Stopping> {
        self.until_done("sending a message", chat, || self.telegram.send_text(chat, text, keyboard)).await
    }

    /// Replaces text and buttons of a message of ours. Done or refused for good when it returns; whether it is done is the
    /// answer: the message may have been deleted.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn edit(
        &self,
        chat: ChatId,
        message: MessageId,
        text: &str,
        keyboard: Option<&InlineKeyboardMarkup>,
    ) -> Result<bool, Stopping> {
        let edit = async || match self.telegram.edit_text(chat, message, text, keyboard).await {
            Err(Failure::NotModified | Failure::DoneUnread) => Ok(()),
            other => other,
        };
        self.until_done("editing a message", chat, edit).await.map(|done| done.is_some())
    }

    /// Answers the press of a button. A press that is too old has nobody any more who waits for an answer.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn answer(
        &self,
        query: &CallbackQueryId,
        text: Option<&str>,
        alert: bool,
    ) -> Result<(), Stopping> {
        let mut backoff = Backoff::new(AGAIN, fresh_seed());
        loop {
            let answered = self.telegram.answer_callback_query(query.clone(), text, alert).await;
            let pause = match Verdict::of(answered) {
                Verdict::Done(_) => return Ok(()),
                Verdict::Refused(why) => {
                    tracing::debug!("the press of a button was not answered: {why}");
                    return Ok(());
                }
                Verdict::After(wait) => wait,
                Verdict::Again(_) => backoff.pause(),
            };
            self.sleep(pause).await?;
        }
    }

    /// Sends a file with a caption. Arrived or refused for good when it returns.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn document(
        &self,
        chat: ChatId,
        name: &str,
        content: &[u8],
        caption: &str,
    ) -> Result<(), Stopping> {
        let send = || self.telegram.send_document(chat, name, content.to_vec(), caption, None);
        self.until_done("sending a document", chat, send).await.map(drop)
    }

    /// Sends plain text to somebody whom we owe nothing: one attempt.
    pub(crate) async fn text_once(&self, chat: ChatId, text: &str) {
        if let Err(failure) = self.telegram.send_text(chat, text, None).await {
            tracing::debug!(chat = chat.0, ?failure, "a refusal did not arrive");
        }
    }

    /// Tries `request` until Telegram has taken or refused it.
    async fn until_done<T, F>(&self, what: &str, chat: ChatId, request: impl Fn() -> F) -> Result<Option<T>, Stopping>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut backoff = Backoff::new(AGAIN, fresh_seed());
        loop {
            let pause = match Verdict::of(request().await) {
                Verdict::Done(value) => return Ok(value),
                Verdict::Refused(why) => {
                    tracing::info!(chat = chat.0, "{what} was refused: {why}");
                    return Ok(None);
                }
                Verdict::After(wait) => {
                    tracing::info!(chat = chat.0, "{what} waits {} s, as Telegram says", wait.as_secs());
                    wait
                }
                Verdict::Again(why) => {
                    tracing::debug!(chat = chat.0, "{what} failed and is tried again: {why}");
                    backoff.pause()
                }
            };
            self.sleep(pause).await?;
        }
    }

    /// Whether the worker goes on.
    ///
    /// # Errors
    /// When it stops.
    pub(crate) fn goes_on(&self) -> Result<(), Stopping> {
        if self.stop.is_cancelled() { Err(Stopping) } else { Ok(()) }
    }

    /// Sleeps, unless the worker stops.
    pub(crate) async fn sleep(&self, pause: Duration) -> Result<(), Stopping> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Stopping),
            () = tokio::time::sleep(pause) => Ok(()),
        }
    }
}
