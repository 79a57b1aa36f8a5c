//! One message that changes while work goes on.
//!
//! Telling runs beside the work and never holds it up. The message's id is handed out as soon as it is known, so that a
//! restart goes on with the same message.

use teloxide::types::{ChatId, InlineKeyboardMarkup, MessageId};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::edits::{Edits, Next};
use super::verdict::Verdict;
use super::{AGAIN, Outgoing, Stopping};
use crate::backoff::{Backoff, fresh_seed};

/// What a message shows: its text, and the buttons below it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Screen {
    /// The text.
    pub(crate) text: String,
    /// The buttons.
    pub(crate) keyboard: Option<InlineKeyboardMarkup>,
}

/// A message that is sent once and edited from then on.
#[derive(Debug)]
pub(crate) struct Progress<'a> {
    outgoing: &'a Outgoing,
    chat: ChatId,
    message: Option<MessageId>,
    edits: Edits<Screen>,
    began: Instant,
    backoff: Backoff,
}

impl<'a> Progress<'a> {
    /// Continues `message`, or begins a new one.
    pub(crate) fn new(outgoing: &'a Outgoing, chat: ChatId, message: Option<MessageId>) -> Self {
        let backoff = Backoff::new(AGAIN, fresh_seed());
        Self { outgoing, chat, message, edits: Edits::new(std::time::Duration::ZERO), began: Instant::now(), backoff }
    }

    /// Shows `screens` until their sender is gone and the last one has arrived. `remember` is given the id of a new message.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn show(
        mut self,
        mut screens: mpsc::UnboundedReceiver<Screen>,
        remember: impl Fn(MessageId),
    ) -> Result<(), Stopping> {
        loop {
            while let Ok(screen) = screens.try_recv() {
                self.edits.push(screen);
            }
            match self.edits.next(self.began.elapsed()) {
                Next::Idle => match screens.recv().await {
                    Some(screen) => self.edits.push(screen),
                    None => return Ok(()),
                },
                Next::Wait(until) => self.outgoing.sleep(until.saturating_sub(self.began.elapsed())).await?,
                Next::Show(screen) => match self.message {
                    Some(message) => self.edit(message, screen).await,
                    None => match self.send(screen).await {
                        Sent::As(message) => {
                            self.message = Some(message);
                            remember(message);
                        }
                        Sent::NotYet => {}
                        Sent::Never => return Ok(()),
                    },
                },
            }
        }
    }

    async fn edit(&mut self, message: MessageId, screen: Screen) {
        let Screen { text, keyboard } = &screen;
        match Verdict::of(self.outgoing.telegram.edit_text(self.chat, message, text, keyboard.as_ref()).await) {
            Verdict::Done(_) => {
                self.backoff.reset();
                self.edits.arrived(screen);
            }
            Verdict::Refused(why) => {
                // Deleted, or too old to be edited: what is to be told is told in a new message.
                tracing::info!(chat = self.chat.0, "editing a progress message was refused: {why}");
                self.message = None;
                self.edits.again(screen);
            }
            Verdict::After(wait) => self.later(screen, wait),
            Verdict::Again(why) => self.tried(screen, &why),
        }
    }

    async fn send(&mut self, screen: Screen) -> Sent {
        let Screen { text, keyboard } = &screen;
        match Verdict::of(self.outgoing.telegram.send_text(self.chat, text, keyboard.as_ref()).await) {
            Verdict::Done(Some(message)) => {
                self.backoff.reset();
                self.edits.arrived(screen);
                return Sent::As(message);
            }
            // It is there, under an id that we could not read: what comes next is a message of its own.
            Verdict::Done(None) => {}
            Verdict::Refused(why) => {
                tracing::info!(chat = self.chat.0, "sending a progress message was refused: {why}");
                return Sent::Never;
            }
            Verdict::After(wait) => self.later(screen, wait),
            Verdict::Again(why) => self.tried(screen, &why),
        }
        Sent::NotYet
    }

    fn tried(&mut self, screen: Screen, why: &str) {
        tracing::debug!(chat = self.chat.0, "telling progress failed and is tried again: {why}");
        let pause = self.backoff.pause();
        self.later(screen, pause);
    }

    fn later(&mut self, screen: Screen, wait: std::time::Duration) {
        self.edits.again(screen);
        self.edits.hold(self.began.elapsed() + wait);
    }
}

/// What became of a new message.
enum Sent {
    As(MessageId),
    NotYet,
    Never,
}
