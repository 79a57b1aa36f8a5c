//! One message that changes while work goes on.
//!
//! Telling runs beside the work and never holds it up. The message's id is handed out as soon as it is known, so that a
//! restart goes on with the same message.

use teloxide::types::{ChatId, MessageId};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::edits::{Edits, Next};
use super::verdict::Verdict;
use super::{AGAIN, Outgoing, Stopping};
use crate::backoff::{Backoff, fresh_seed};

/// A message that is sent once and edited from then on.
#[derive(Debug)]
pub(crate) struct Progress<'a> {
    outgoing: &'a Outgoing,
    chat: ChatId,
    message: Option<MessageId>,
    edits: Edits,
    began: Instant,
    backoff: Backoff,
}

impl<'a> Progress<'a> {
    /// Continues `message`, or begins a new one.
    pub(crate) fn new(outgoing: &'a Outgoing, chat: ChatId, message: Option<MessageId>) -> Self {
        let backoff = Backoff::new(AGAIN, fresh_seed());
        Self { outgoing, chat, message, edits: Edits::new(std::time::Duration::ZERO), began: Instant::now(), backoff }
    }

    /// Shows `texts` until their sender is gone and the last one has arrived. `remember` is given the id of a new message;
    /// what is told next does not wait for it.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn show<F>(
        self,
        texts: mpsc::UnboundedReceiver<String>,
        remember: impl Fn(MessageId) -> F,
    ) -> Result<(), Stopping>
    where
        F: Future<Output = Result<(), Stopping>>,
    {
        let (new, mut messages) = mpsc::unbounded_channel();
        let remembering = async {
            while let Some(message) = messages.recv().await {
                remember(message).await?;
            }
            Ok(())
        };
        let (told, remembered) = tokio::join!(self.tell(texts, new), remembering);
        told.and(remembered)
    }

    async fn tell(
        mut self,
        mut texts: mpsc::UnboundedReceiver<String>,
        new: mpsc::UnboundedSender<MessageId>,
    ) -> Result<(), Stopping> {
        loop {
            while let Ok(text) = texts.try_recv() {
                self.edits.push(text);
            }
            match self.edits.next(self.began.elapsed()) {
                Next::Idle => match texts.recv().await {
                    Some(text) => self.edits.push(text),
                    None => return Ok(()),
                },
                Next::Wait(until) => self.outgoing.sleep(until.saturating_sub(self.began.elapsed())).await?,
                Next::Show(text) => match self.message {
                    Some(message) => self.edit(message, text).await,
                    None => match self.send(text).await {
                        Sent::As(message) => {
                            self.message = Some(message);
                            // Who remembers lives as long as this does.
                            let _ = new.send(message);
                        }
                        Sent::NotYet => {}
                        Sent::Never => return Ok(()),
                    },
                },
            }
        }
    }

    async fn edit(&mut self, message: MessageId, text: String) {
        match Verdict::of(self.outgoing.telegram.edit_text(self.chat, message, &text, None).await) {
            Verdict::Done(_) => self.backoff.reset(),
            Verdict::Refused(why) => {
                // Deleted, or too old to be edited: what is to be told is told in a new message.
                tracing::info!(chat = self.chat.0, "editing a progress message was refused: {why}");
                self.message = None;
                self.edits.again(text);
            }
            Verdict::After(wait) => self.later(text, wait),
            Verdict::Again(why) => self.tried(text, &why),
        }
    }

    async fn send(&mut self, text: String) -> Sent {
        match Verdict::of(self.outgoing.telegram.send_text(self.chat, &text, None).await) {
            Verdict::Done(Some(message)) => {
                self.backoff.reset();
                return Sent::As(message);
            }
            // It is there, under an id that we could not read: what comes next is a message of its own.
            Verdict::Done(None) => {}
            Verdict::Refused(why) => {
                tracing::info!(chat = self.chat.0, "sending a progress message was refused: {why}");
                return Sent::Never;
            }
            Verdict::After(wait) => self.later(text, wait),
            Verdict::Again(why) => self.tried(text, &why),
        }
        Sent::NotYet
    }

    fn tried(&mut self, text: String, why: &str) {
        tracing::debug!(chat = self.chat.0, "telling progress failed and is tried again: {why}");
        let pause = self.backoff.pause();
        self.later(text, pause);
    }

    fn later(&mut self, text: String, wait: std::time::Duration) {
        self.edits.again(text);
        self.edits.hold(self.began.elapsed() + wait);
    }
}

/// What became of a new message.
enum Sent {
    As(MessageId),
    NotYet,
    Never,
}
