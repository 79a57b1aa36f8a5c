//! One request of somebody who is signed in: who he is to the writer just now, and what he may do.
//!
//! The writer has the last word, in the transaction of the effect; here it is decided what is shown and offered, and what is not
//! even tried. Nothing is remembered: a role that is taken counts at once.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use interfaces::admins::{self, Role};
use interfaces::audit::Record;
use interfaces::configs::{Author, ByHand, Error, Get, GetReply, History, Kinds, Origin, Version};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use uuid::Uuid;

use super::Room;
use super::answer::{self, Frame, Or, Saying, Way};
use super::difference::{self, Difference};
use super::writer::{No, Writer};
use crate::sign_ins::Person;
use crate::texts::{Text, Value};

/// What is escaped of a name in an address.
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Bytes of a kind's name in the trail at most: nobody has checked those of addresses.
const NAME: usize = 64;

/// A kind of config.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Its name.
    pub(crate) name: String,
    /// How its file is called; of a retired one nobody knows that any more.
    pub(crate) file: String,
    /// A version of it needs a second admin.
    pub(crate) approval: bool,
    /// The published file, where somebody changed it.
    pub(crate) by_hand: Option<ByHand>,
    /// The settings name it no more. Its versions may be looked at, and nothing else.
    pub(crate) retired: bool,
}

impl Known {
    /// Its name in an address.
    pub(crate) fn in_path(&self) -> String {
        in_path(&self.name)
    }
}

/// A kind's name in an address.
pub(crate) fn in_path(name: &str) -> String {
    utf8_percent_encode(name, IN_PATHS).to_string()
}

/// Lets documents be compared.
#[derive(Clone, Debug)]
pub(crate) struct Turn(#[expect(dead_code, reason = "held")] Arc<OwnedSemaphorePermit>);

/// One request.
pub(crate) struct Visit<'r> {
    room: &'r Room,
    pub(crate) person: Arc<Person>,
    pub(crate) writer: Writer,
}

impl<'r> Visit<'r> {
    pub(crate) fn new(room: &'r Room, person: Arc<Person>) -> Self {
        Self { room, person, writer: Writer::from_now(&room.writer) }
    }

    /// What the writer knows the person as.
    pub(crate) fn author(&self) -> Author {
        Author { origin: Origin::Telegram, id: self.person.user, name: self.person.name.clone() }
    }

    pub(crate) fn say(&self, text: &Text) -> String {
        text.say(self.person.language)
    }

    pub(crate) fn value(&self, value: &Value) -> String {
        value.say(self.person.language)
    }

    pub(crate) fn way(&self, name: &Text, to: String) -> Way {
        Way { to, name: self.say(name) }
    }

    pub(crate) fn frame(&self, title: &Text) -> Frame {
        Frame::new(&self.room.instance, self.person.language, title, Some(&self.person.name))
    }

    /// A sentence that is not the hoped-for one.
    pub(crate) fn refuse(&self, status: StatusCode, text: &Text) -> Box<Response> {
        answer::saying(status, self.frame(&Text::refused_title()), text)
    }

    /// A sentence about a kind, with the way to its versions.
    pub(crate) fn tell(&self, status: StatusCode, title: &Text, kind: &Known, text: &Text) -> Response {
        let ways = vec![self.way(&Text::history(), format!("/history/{}", kind.in_path()))];
        let (good, said) = (status.is_success(), self.say(text));
        answer::html(status, &Saying { frame: self.frame(title), good, said, listed: Vec::new(), ways })
    }

    /// What somebody is told who has no answer.
    pub(crate) fn unanswered<E: std::fmt::Debug>(&self, no: &No<E>) -> Box<Response> {
        match no {
            No::Silent => self.refuse(StatusCode::SERVICE_UNAVAILABLE, &Text::silent()),
            No::Broken | No::Said(_) => {
                tracing::error!("a page could not be shown: {no:?}");
                self.refuse(StatusCode::INTERNAL_SERVER_ERROR, &Text::failed())
            }
        }
    }

    /// The same of what was asked about a kind.
    pub(crate) fn refused(&self, kind: &Known, no: &No<Error>) -> Box<Response> {
        match no {
            No::Said(Error::NoSuchVersion { version: 0, .. }) => {
                self.refuse(StatusCode::NOT_FOUND, &Text::history_none(&kind.file))
            }
            No::Said(Error::NoSuchVersion { version, .. }) => {
                self.refuse(StatusCode::NOT_FOUND, &Text::no_such_version(&kind.file, *version))
            }
            No::Said(Error::NoSuchKind { kind }) => self.refuse(StatusCode::NOT_FOUND, &Text::no_such_kind(kind)),
            no => self.unanswered(no),
        }
    }

    /// All kinds, those at the end that there are no more.
    pub(crate) async fn kinds(&self) -> Or<Vec<Known>> {
        let configs = self.writer.configs();
        let reply = self.writer.ask("asking which kinds there are", || configs.kinds(&Kinds {})).await;
        let reply = reply.map_err(|no| self.unanswered(&no))?;
        let declared = reply.kinds.into_iter().map(|kind| {
            let interfaces::configs::Kind { name, file, approval, by_hand, .. } = kind;
            Known { name, file, approval, by_hand, retired: false }
        });
        let retired = reply.retired.into_iter().map(|name| Known {
            file: name.clone(),
            name,
            approval: false,
            by_hand: None,
            retired: true,
        });
        Ok(declared.chain(retired).collect())
    }

    /// The kind of this name.
    pub(crate) async fn kind(&self, name: &str) -> Or<Known> {
        let found = self.kinds().await?.into_iter().find(|kind| kind.name == name);
        found.ok_or_else(|| self.refuse(StatusCode::NOT_FOUND, &Text::no_such_kind(name)))
    }

    /// What the person may do with a kind just now.
    pub(crate) async fn role(&self) -> Or<impl Fn(&Known) -> Option<Role>> {
        let (admins, call) = (self.writer.admins(), admins::Get { user: self.person.user });
        let reply = self.writer.ask("asking for somebody's role", || admins.get(&call)).await;
        let admin = reply.map_err(|no| self.unanswered(&no))?.admin;
        Ok(move |kind: &Known| admin.as_ref()?.role_for(&kind.name))
    }

    /// The kind of this name, where the person may do `action`, which takes `needed`; and what his role is. Who may not is told
    /// so, and it is recorded.
    pub(crate) async fn permitted(&self, name: &str, needed: Role, action: &str) -> Or<(Known, Role)> {
        let role_for = self.role().await?;
        let kind = self.kind(name).await?;
        match role_for(&kind) {
            Some(role) if role >= needed => Ok((kind, role)),
            role => {
                self.record(action, Some(&kind.name), "forbidden").await?;
                let text = Text::forbidden(Some(needed), &kind.file, role);
                Err(self.refuse(StatusCode::FORBIDDEN, &text))
            }
        }
    }

    /// Records a refusal, about a kind as it was named. Nobody is told of one that could not be recorded: then the answer is that
    /// there is none.
    pub(crate) async fn record(&self, action: &str, kind: Option<&str>, reason: &str) -> Or<()> {
        let user_id = self.person.user;
        let call = Record {
            actor: self.author(),
            action: action.to_owned(),
            kind: kind.map(|kind| kind[..kind.floor_char_boundary(NAME)].to_owned()),
            about: None,
            reason: reason.to_owned(),
            request_id: format!("page:{}", Uuid::now_v7()),
        };
        let audit = self.writer.audit();
        let recorded = self.writer.ask("recording a refusal", || audit.record(&call)).await;
        recorded.map_err(|no| self.unanswered(&no))?;
        tracing::info!(user_id, action, reason, "somebody was refused on the page");
        Ok(())
    }

    /// A version with its content; none: the current one.
    pub(crate) async fn content(&self, kind: &Known, version: Option<i64>) -> Or<GetReply> {
        let (configs, call) = (self.writer.configs(), Get { kind: kind.name.clone(), version });
        let reply = self.writer.ask("asking for a version", || configs.get(&call)).await;
        reply.map_err(|no| self.refused(kind, &no))
    }

    /// Versions older than `before`, the newest first.
    pub(crate) async fn history(&self, kind: &Known, before: Option<i64>, limit: i64) -> Or<Vec<Version>> {
        let (configs, call) = (self.writer.configs(), History { kind: kind.name.clone(), before, limit });
        let reply = self.writer.ask("asking for older versions", || configs.history(&call)).await;
        reply.map(|reply| reply.versions).map_err(|no| self.refused(kind, &no))
    }

    /// Waits until documents may be fetched and compared, so that many who ask at once hold only so many.
    pub(crate) async fn turn(&self) -> Or<Turn> {
        match timeout(self.writer.left(), self.room.comparing.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn(Arc::new(permit))),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(self.refuse(StatusCode::SERVICE_UNAVAILABLE, &Text::silent())),
        }
    }

    /// What differs between two texts. That takes a while, so it is found beside the runtime's thread; the turn lasts until it is
    /// found, though nobody may wait for it any more.
    pub(crate) async fn compare(&self, turn: &Turn, old: String, new: String) -> Or<Difference> {
        let turn = turn.clone();
        let comparing = tokio::task::spawn_blocking(move || {
            let _until_found = turn;
            difference::between(&old, &new)
        });
        comparing.await.map_err(|error| {
            tracing::error!("comparing: {error}");
            self.refuse(StatusCode::INTERNAL_SERVER_ERROR, &Text::failed())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail")]

    use std::sync::mpsc;
    use std::time::Duration;

    use futures_util::FutureExt as _;
    use tokio::runtime::Builder;

    use super::*;
    use crate::texts::Language;

    #[test]
    fn a_comparison_that_nobody_waits_for_any_more_keeps_its_turn_until_it_is_done() {
        // One thread for what blocks, and somebody has it.
        let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
        let (go_on, held) = mpsc::channel::<()>();
        runtime.spawn_blocking(move || held.recv());
        let room = Room::without_a_writer(None);
        let person = Person { user: 7, name: "Anna".to_owned(), language: Language::English };
        let visit = Visit::new(&room, Arc::new(person));
        runtime.block_on(async {
            let turn = visit.turn().await.unwrap();
            assert!(
                visit.compare(&turn, "a".to_owned(), "b".to_owned()).now_or_never().is_none(),
                "it was done at once"
            );
            drop(turn);
            assert_eq!(room.comparing.available_permits(), 0);
            go_on.send(()).unwrap();
            let next = tokio::time::timeout(Duration::from_secs(60), room.comparing.acquire()).await;
            assert!(next.is_ok(), "its turn never ended");
        });
    }
}
