//! What does the work of an upload: takes up what [`machine`](super::machine) says, one thing beside the other.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use interfaces::admins::Role;
use interfaces::configs::PutReply;
use tokio::sync::{mpsc, watch};

use super::conflict::{self, Other};
use super::machine::{Action, Ending, Event, Machine, Stage};
use super::{Telling, Upload, fetch, save, stage, told};
use crate::roles::Needs;
use crate::send::{Screen, Stopping};
use crate::talk::Talk;

/// What an upload needs. Dropping it ends the telling.
pub(super) struct Work<'a> {
    talk: &'a Talk<'a>,
    upload: &'a Upload<'a>,
    sender: mpsc::UnboundedSender<Screen>,
    telling: &'a watch::Sender<Telling>,
    /// The document's text, once it was found good.
    text: Mutex<Option<Arc<str>>>,
}

/// Something under way that ends in an event.
type Task<'t> = Pin<Box<dyn Future<Output = Result<Event, Stopping>> + Send + 't>>;

impl<'a> Work<'a> {
    pub(super) fn new(
        talk: &'a Talk<'a>,
        upload: &'a Upload<'a>,
        sender: mpsc::UnboundedSender<Screen>,
        telling: &'a watch::Sender<Telling>,
    ) -> Self {
        Self { talk, upload, sender, telling, text: Mutex::new(None) }
    }

    /// Works until the admin can be told how it ended.
    ///
    /// # Errors
    /// When the worker stops first.
    pub(super) async fn go(self) -> Result<Ending, Stopping> {
        let note = self.talk.note;
        let mut machine = Machine::new(note.attempts > 0, note.stage);
        let mut tasks: FuturesUnordered<Task<'_>> = FuturesUnordered::new();
        let mut cancelling = std::pin::pin!(self.talk.desk.cancels.of(self.talk.chat.0, self.talk.update));
        let mut canceller = None;
        tasks.push(Box::pin(async { Ok(self.begin()) }));
        let ending = loop {
            let event = tokio::select! {
                biased;
                by = &mut cancelling, if canceller.is_none() => {
                    canceller = Some(by);
                    Event::Cancel
                }
                Some(event) = tasks.next() => event?,
            };
            let mut ended = None;
            for action in machine.step(event) {
                match action {
                    Action::Show(stage) => self.show(stage),
                    Action::Download => tasks.push(Box::pin(self.download())),
                    Action::Validate(bytes) => tasks.push(Box::pin(self.validate(bytes))),
                    Action::Save(text) => {
                        tasks.push(Box::pin(save::save(self.talk, self.upload, text)));
                    }
                    Action::Follow(since) => tasks.push(Box::pin(save::follow(self.talk, since))),
                    Action::Settle => tasks.push(Box::pin(save::settle(self.talk, canceller))),
                    Action::End(ending) => ended = Some(ending),
                }
            }
            if let Some(ending) = ended {
                break ending;
            }
        };
        drop(tasks);
        self.log(&ending);
        let last = self.last(&ending).await?;
        self.send(last);
        Ok(ending)
    }

    /// What stands against it from the first.
    fn begin(&self) -> Event {
        // The writer has the last word, and says so in other words.
        if !Needs::Of(self.upload.kind, Role::Admin).met_by(&self.talk.person) {
            return Event::Began(Err(Ending::Forbidden { by_writer: false }));
        }
        Event::Began(self.upload.offer.check(&self.upload.kind.file).map_err(Ending::Refused))
    }

    async fn download(&self) -> Result<Event, Stopping> {
        let Upload { kind, file, offer, .. } = self.upload;
        let began = Instant::now();
        let fetched = fetch::fetch(&self.talk.desk.outgoing, file, offer.shown_name(&kind.file)).await?;
        stage(kind, "download", began);
        Ok(Event::Downloaded(fetched))
    }

    async fn validate(&self, bytes: Vec<u8>) -> Result<Event, Stopping> {
        let (checker, language) = (Arc::clone(&self.upload.kind.checker), self.talk.language);
        let began = Instant::now();
        let checked = tokio::task::spawn_blocking(move || told::check(&checker, bytes, language)).await;
        stage(self.upload.kind, "validation", began);
        Ok(match checked {
            Ok(checked) => {
                if let Ok(text) = &checked {
                    *self.text.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.as_str().into());
                }
                Event::Validated(checked)
            }
            Err(error) => {
                tracing::error!("checking a document failed: {error}");
                Event::Broke
            }
        })
    }

    fn show(&self, stage: Stage) {
        self.telling.send_modify(|telling| telling.note.stage = Some(stage));
        self.send(told::progress(stage, self.upload.kind, self.talk));
    }

    fn send(&self, screen: Screen) {
        // Nobody listens when the admin has blocked the bot; the work goes on all the same.
        let _ = self.sender.send(screen);
    }

    /// The last thing that the message shows.
    async fn last(&self, ending: &Ending) -> Result<Screen, Stopping> {
        let other = match ending {
            Ending::Conflict(current) => Other::Version(current.clone()),
            Ending::ChangedByHand(by_hand) => Other::ByHand(by_hand.clone()),
            _ => return Ok(told::ending(ending, self.upload, self.talk)),
        };
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner).clone();
        conflict::open(self.talk, self.upload, other, text, self.message().await?).await
    }

    /// The message that tells, which the question will be in: whoever leaves the question must find it. None: it is not known
    /// which, or nobody can be told.
    ///
    /// # Errors
    /// When the worker stops first.
    async fn message(&self) -> Result<Option<i32>, Stopping> {
        tokio::select! {
            message = known(self.telling.subscribe()) => Ok(message),
            () = self.sender.closed() => self.talk.desk.outgoing.goes_on().map(|()| None),
        }
    }

    fn log(&self, ending: &Ending) {
        let (user_id, config_type) = (self.talk.user, self.upload.kind.name.as_str());
        match ending {
            Ending::Saved(PutReply { version, unchanged, published }) => {
                let version = version.version;
                tracing::info!(user_id, config_type, version, unchanged, published, "an upload was saved");
            }
            Ending::SavedBefore { version, unchanged } => {
                tracing::info!(user_id, config_type, version = version.version, unchanged, "an upload had been saved");
            }
            Ending::Proposed(proposal) => {
                tracing::info!(user_id, config_type, proposal = proposal.id, "an upload waits for approval");
            }
            Ending::Invalid { problems, .. } => {
                let problems = problems.listed.len() + problems.hidden;
                tracing::info!(user_id, config_type, problems, "an upload was refused");
            }
            Ending::Refused(refusal) => tracing::info!(user_id, config_type, ?refusal, "an upload was refused"),
            Ending::Forbidden { .. } => tracing::info!(user_id, config_type, "an upload was refused by role"),
            Ending::Conflict(current) => {
                let (base, current) = (self.upload.base, current.version);
                tracing::info!(user_id, config_type, base, current, "an upload came too late");
            }
            Ending::ChangedByHand(_) => tracing::info!(user_id, config_type, "an upload met a file changed by hand"),
            Ending::NotSaved(reason) => tracing::warn!(user_id, config_type, reason, "an upload was not saved"),
            Ending::NoSuchKind => tracing::warn!(user_id, config_type, "an upload's kind is not declared any more"),
            Ending::Cancelled { .. } => tracing::info!(user_id, config_type, "an upload was cancelled"),
            Ending::Failed { asked } => tracing::error!(user_id, config_type, asked, "an upload failed"),
        }
    }
}

/// The message that tells, once it is there. None: under an id that could not be read.
async fn known(mut telling: watch::Receiver<Telling>) -> Option<i32> {
    let sent = telling.wait_for(|telling| telling.unnamed || telling.note.progress.is_some()).await;
    sent.ok().and_then(|telling| telling.note.progress)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use teloxide::types::MessageId;

    use super::*;

    #[test]
    fn a_message_without_an_id_is_not_waited_for() {
        let (sender, telling) = watch::channel(Telling::default());
        assert_eq!(known(telling.clone()).now_or_never(), None);
        sender.send_modify(|telling| telling.shown_in(None));
        assert_eq!(known(telling.clone()).now_or_never(), Some(None));
        sender.send_modify(|telling| telling.shown_in(Some(MessageId(7))));
        assert_eq!(known(telling).now_or_never(), Some(Some(7)));
    }
}
