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

    /// Shows `screens` until their sender is gone and the last one has arrived; gives the message that shows it. `remember` is
    /// given the id of each new message as soon as it is there; none where Telegram's answer could not be read.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(crate) async fn show(
        mut self,
        mut screens: mpsc::UnboundedReceiver<Screen>,
        remember: impl Fn(Option<MessageId>),
    ) -> Result<Option<MessageId>, Stopping> {
        loop {
            while let Ok(screen) = screens.try_recv() {
                self.edits.push(screen);
            }
            match self.edits.next(self.began.elapsed()) {
                Next::Idle => match screens.recv().await {
                    Some(screen) => self.edits.push(screen),
                    None => return Ok(self.message),
                },
                Next::Wait(until) => self.outgoing.sleep(until.saturating_sub(self.began.elapsed())).await?,
                Next::Show(screen) => match self.message {
                    Some(message) => self.edit(message, screen).await,
                    None => match self.send(screen).await {
                        Sent::As(message) => {
                            self.message = message;
                            remember(message);
                        }
                        Sent::NotYet => {}
                        Sent::Never => return Ok(None),
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
            // Under an id that we could not read what comes next is a message of its own.
            Verdict::Done(message) => {
                self.backoff.reset();
                if message.is_some() {
                    self.edits.arrived(screen);
                }
                return Sent::As(message);
            }
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
    As(Option<MessageId>),
    NotYet,
    Never,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::Mutex;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::telegram::Telegram;

    /// Answers one request with this.
    fn answer(mut caller: TcpStream, body: &str) {
        let mut request = Vec::new();
        let mut part = [0; 4096];
        // The body is JSON and names the chat last or first; its end is where nothing is left to be read.
        while !request.ends_with(b"}") {
            let length = caller.read(&mut part).unwrap();
            request.extend_from_slice(&part[..length]);
        }
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
        write!(caller, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    }

    #[tokio::test]
    async fn a_message_that_is_there_under_an_id_that_cannot_be_read_is_known_to_be_there() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", server.local_addr().unwrap()).parse().unwrap();
        let serving = std::thread::spawn(move || {
            let (caller, _) = server.accept().unwrap();
            answer(caller, r#"{"ok":true,"result":{"new":"shape"}}"#);
        });
        let outgoing = Outgoing::new(Telegram::new("42:not-a-secret", url).unwrap(), CancellationToken::new());
        let (sender, screens) = mpsc::unbounded_channel();
        sender.send(Screen { text: "⏳".to_owned(), keyboard: None }).unwrap();
        drop(sender);
        let remembered = Mutex::new(Vec::new());
        let progress = Progress::new(&outgoing, ChatId(1001), None);
        let shown = progress.show(screens, |message| remembered.lock().unwrap().push(message)).await;
        assert_eq!((shown, remembered.into_inner().unwrap()), (Ok(None), vec![None]));
        serving.join().unwrap();
    }
}
