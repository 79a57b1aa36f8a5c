//! What people must be told though they did not ask: fetched from the writer, sent, and said to be told.
//!
//! The writer keeps a notice until it is told, so none is lost however this process ends; one that was sent by a process that
//! ended before it could say so comes twice. Who has blocked the bot, or has no role any more that the notice takes, counts as
//! told. Everybody is told by a task of their own, so nobody waits for another one's flood limit.

mod queue;

use std::collections::HashMap;
use std::sync::Arc;

use interfaces::admins::{Admin, Role};
use interfaces::notices::{Event, Notice, Pending, Told, Watch};
use interfaces::supervisor::HookEnd;
use serde::Deserialize as _;
use teloxide::types::ChatId;
use tokio::task::{Id, JoinSet};

use self::queue::Queue;
use crate::backoff::{Backoff, Growth, fresh_seed};
use crate::commands::{by_hand, proposals};
use crate::desk::Desk;
use crate::pages::Page;
use crate::roles;
use crate::send::Stopping;
use crate::storage::No;
use crate::texts::{Language, Text};
use crate::upload::problems::cut;

/// Between attempts to watch.
const AGAIN: Growth = Growth { first: std::time::Duration::from_millis(200), most: std::time::Duration::from_secs(10) };
/// Notices that are fetched at once.
const PAGE: i64 = 100;

/// Tells notices as they come.
///
/// # Errors
/// When the worker stops.
pub(crate) async fn run(desk: &Arc<Desk>) -> Result<(), Stopping> {
    let mut telling =
        Telling { desk: desk.clone(), queue: Queue::default(), tasks: JoinSet::new(), people: HashMap::new() };
    let mut backoff = Backoff::new(AGAIN, fresh_seed());
    loop {
        match desk.storage.notices.watch(&Watch {}).await {
            Ok(mut changes) => loop {
                let look = tokio::select! {
                    change = changes.next() => match change {
                        Some(Ok(_)) => {
                            backoff.reset();
                            true
                        }
                        Some(Err(error)) => {
                            tracing::debug!("watching for notices: {error}");
                            break;
                        }
                        None => break,
                    },
                    more = telling.ended() => more?,
                };
                if look {
                    telling.look().await?;
                }
            },
            Err(error) => tracing::debug!("watching for notices: {error}"),
        }
        desk.outgoing.sleep(backoff.pause()).await?;
    }
}

/// Whoever is being told, each by a task of their own. Dropping it ends them.
struct Telling {
    desk: Arc<Desk>,
    queue: Queue,
    tasks: JoinSet<Result<(), Stopping>>,
    /// Whom a task tells.
    people: HashMap<Id, i64>,
}

impl Telling {
    /// Looks at all that is not told yet, and begins to tell whoever is not being told.
    async fn look(&mut self) -> Result<(), Stopping> {
        let storage = &self.desk.storage;
        let mut after = None;
        loop {
            let call = Pending { after, limit: PAGE };
            let page = match storage.ask("fetching notices", || storage.notices.pending(&call)).await? {
                Ok(reply) => reply.notices,
                Err(no) => {
                    tracing::error!("notices were not fetched: {no:?}");
                    break;
                }
            };
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for notice in page {
                self.queue.meets(notice);
            }
        }
        for (user, notices) in self.queue.ready() {
            let task = self.tasks.spawn(tell_one(self.desk.clone(), notices));
            self.people.insert(task.id(), user);
        }
        Ok(())
    }

    /// Waits until somebody was told; whether there is more for them. Nothing is lost where it is not waited for any longer.
    async fn ended(&mut self) -> Result<bool, Stopping> {
        let (id, told) = match self.tasks.join_next_with_id().await {
            Some(Ok(ended)) => ended,
            Some(Err(error)) => {
                tracing::error!("telling somebody: {error}");
                (error.id(), Ok(()))
            }
            None => std::future::pending().await,
        };
        let user = self.people.remove(&id);
        told?;
        Ok(user.is_some_and(|user| self.queue.told(user)))
    }
}

/// Tells one person, one after the other.
async fn tell_one(desk: Arc<Desk>, notices: Vec<Notice>) -> Result<(), Stopping> {
    for notice in notices {
        tell(&desk, &notice).await?;
    }
    Ok(())
}

async fn tell(desk: &Desk, notice: &Notice) -> Result<(), Stopping> {
    let event = match Event::deserialize(&notice.event) {
        Ok(event) => event,
        Err(error) => {
            // Of a newer program, which will know it when it is back.
            tracing::warn!(notice = notice.id, "a notice is not understood and stays untold: {error}");
            return Ok(());
        }
    };
    let person = match desk.person(notice.user).await? {
        Ok(person) => person.unwrap_or_else(|| roles::nobody(notice.user, "")),
        Err(no) => return not_now(notice, &no),
    };
    let language = desk.language_for(notice.user);
    match page(desk, &person, language, &event).await? {
        Ok(Some(page)) => send(desk, notice.user, &page, language).await?,
        Ok(None) => {
            tracing::info!(user_id = notice.user, "somebody is not told what their role does not concern any more")
        }
        Err(no) => return not_now(notice, &no),
    }
    if let Event::RoleChanged { .. } = event {
        desk.role_changed(notice.user);
    }
    let call = Told { id: notice.id };
    let storage = &desk.storage;
    if let Err(no) = storage.ask("saying that somebody was told", || storage.notices.told(&call)).await? {
        tracing::error!(notice = notice.id, "somebody was told, but that was not noted: {no:?}");
    }
    Ok(())
}

/// It stays untold, for the next look.
fn not_now<E: std::fmt::Debug>(notice: &Notice, no: &No<E>) -> Result<(), Stopping> {
    tracing::error!(notice = notice.id, "a notice could not be told: {no:?}");
    Ok(())
}

async fn send(desk: &Desk, user: i64, page: &Page, language: Language) -> Result<(), Stopping> {
    let chat = ChatId(user);
    if let Some((name, content)) = &page.file {
        desk.outgoing.document(chat, name, content.as_bytes(), "").await?;
    }
    desk.outgoing.message(chat, &page.text, page.keyboard(language).as_ref()).await.map(drop)
}

/// What `person` is told; nothing where that is not their business any more.
async fn page(
    desk: &Desk,
    person: &Admin,
    language: Language,
    event: &Event,
) -> Result<Result<Option<Page>, No<interfaces::configs::Error>>, Stopping> {
    let concerns = |kind: &str| person.role_for(kind) >= Some(Role::Admin);
    let saying = |text: Text| Page::saying(&text, language);
    Ok(match event {
        Event::Proposed { proposal } if concerns(&proposal.kind) => {
            proposals::page(desk, person.user, language, proposal.id).await?.map(Some)
        }
        Event::ChangedByHand { kind, .. } if concerns(kind) => match desk.registry.named(kind) {
            Some(kind) => by_hand::page(desk, kind, language).await?.map(Some),
            None => Ok(None),
        },
        Event::RemovedByHand { kind, version } if concerns(kind) => {
            Ok(Some(saying(Text::removed_by_hand(desk.file(kind), *version))))
        }
        Event::HookFailed { kind, version, end, reason } if concerns(kind) => {
            Ok(Some(saying(Text::hook_failed(*version, desk.file(kind), word(*end), cut(reason, 500)))))
        }
        Event::Decided { proposal } if person.role_for(&proposal.kind).is_some() => {
            Ok(Some(saying(proposals::decided(desk, proposal))))
        }
        Event::RoleChanged { by, kind, role } => Ok(Some(saying(match (kind, role) {
            (None, Some(role)) => Text::role_given(by, *role),
            (None, None) => Text::role_taken(by),
            (Some(kind), Some(role)) => Text::role_given_kind(by, kind, *role),
            (Some(kind), None) => Text::role_taken_kind(by, kind),
        }))),
        Event::Proposed { .. }
        | Event::ChangedByHand { .. }
        | Event::RemovedByHand { .. }
        | Event::HookFailed { .. }
        | Event::Decided { .. } => Ok(None),
    })
}

/// How the texts call an end.
fn word(end: HookEnd) -> &'static str {
    match end {
        HookEnd::TimedOut => "timed_out",
        HookEnd::NotStarted => "not_started",
        HookEnd::Failed | HookEnd::Succeeded => "failed",
    }
}
