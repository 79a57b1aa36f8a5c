//! A bot's webhook: which update is delivered when, and what follows from the answer.
//!
//! A model of telegram-bot-api's `WebhookActor`. It is told the time and the answers, and says what is to be sent; it does
//! no I/O. Updates of one lane (one chat's messages, one person's presses) follow each other, lanes go side by side. One that
//! fails is sent again at once, then after 2, 4, 8 … seconds, at most a minute or two; `Retry-After` is kept to.

mod address;
mod deliver;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub(crate) use address::{Address, check};

use crate::control::{Millis, Secret, WebhookError, WebhookView};
use crate::world::World;
use crate::world::queue::UpdateQueue;

/// The longest time that `Retry-After` can ask for.
const RETRY_AFTER_MAX: u64 = 3_600;
/// The longest pause is drawn from this and twice this, in seconds.
const PAUSE_MAX: u64 = 60;
/// After this long without a success one connection is tried at a time.
const ACTIVE: Duration = Duration::from_secs(10);
/// A webhook that answers 410 and nothing else for this long is deleted.
const GONE: Duration = Duration::from_secs(23 * 3600);

/// What setWebhook asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Many a bot writes its token into it.
    pub(crate) url: Secret,
    pub(crate) address: Address,
    pub(crate) max_connections: usize,
    /// The address was given, not found.
    pub(crate) ip_address: Option<String>,
    pub(crate) secret: Option<Secret>,
}

/// One update that is to be sent now.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) bot: i64,
    /// Which of the bot's webhooks it is for.
    pub(crate) generation: u64,
    pub(crate) update: i64,
    pub(crate) settings: Arc<Settings>,
    pub(crate) body: String,
    /// Its number in the call log.
    pub(crate) call: u64,
}

/// What came of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// An answer with this status.
    Status {
        /// Such as 200.
        code: u16,
        /// What follows the number.
        reason: String,
        /// The header, in seconds; 0 if there is none.
        retry_after: u64,
        /// The connection can be used again.
        keep_alive: bool,
    },
    /// None. Telegram does not tell of a connection that just ended.
    Failed(Option<String>),
}

/// What follows from an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The update is forgotten: it arrived, or its time is over.
    Forget,
    /// It is sent again later.
    Again,
    /// It stays, and the webhook is deleted.
    Close,
}

/// Updates of one lane are delivered one after the other.
type Lane = (&'static str, i64);

#[derive(Debug, Clone)]
struct Loaded {
    lane: Lane,
    expires: Millis,
    wake: Millis,
    /// In seconds.
    pause: u64,
    failures: u32,
    in_flight: bool,
}

/// The webhook of one bot.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) settings: Arc<Settings>,
    pub(crate) generation: u64,
    loaded: BTreeMap<i64, Loaded>,
    lanes: BTreeMap<Lane, VecDeque<i64>>,
    /// All updates up to this one have been loaded.
    seen: i64,
    connections: usize,
    busy: usize,
    last_success: Option<Millis>,
    first_gone: Option<Millis>,
    last_error: Option<WebhookError>,
    delivered: u64,
    failed: u64,
}

impl Webhook {
    pub(crate) fn new(settings: Settings, generation: u64) -> Self {
        Self {
            settings: Arc::new(settings),
            generation,
            loaded: BTreeMap::new(),
            lanes: BTreeMap::new(),
            seen: 0,
            connections: 0,
            busy: 0,
            last_success: None,
            first_gone: None,
            last_error: None,
            delivered: 0,
            failed: 0,
        }
    }

    /// The updates that are to be sent now.
    pub(crate) fn due(&mut self, queue: &UpdateQueue, now: Millis) -> Vec<i64> {
        self.load(queue, now);
        self.connections = self.capacity(now);
        let mut ready: Vec<(Millis, Lane, i64)> = self
            .heads()
            .filter(|(_, loaded)| !loaded.in_flight && loaded.wake <= now)
            .map(|(id, loaded)| (loaded.wake, loaded.lane, id))
            .collect();
        ready.sort_unstable();
        ready.truncate(self.connections.saturating_sub(self.busy));
        let ids: Vec<i64> = ready.into_iter().map(|(_, _, id)| id).collect();
        for id in &ids {
            if let Some(loaded) = self.loaded.get_mut(id) {
                loaded.in_flight = true;
                self.busy += 1;
            }
        }
        ids
    }

    /// Takes over updates from the queue, twice as many as there may be connections: if one chat's updates fail, they
    /// are in the way of others sooner or later.
    fn load(&mut self, queue: &UpdateQueue, now: Millis) {
        while self.loaded.len() < 2 * self.settings.max_connections {
            let Some(update) = queue.after(self.seen) else { break };
            self.seen = update.id;
            if update.expires <= now {
                continue;
            }
            let lane = lane(update.kind, update.body).unwrap_or(("alone", update.id));
            let loaded = Loaded { lane, expires: update.expires, wake: now, pause: 1, failures: 0, in_flight: false };
            self.loaded.insert(update.id, loaded);
            self.lanes.entry(lane).or_default().push_back(update.id);
        }
    }

    /// How many connections there may be: those that are open stay; new ones are made as needed, but only one while
    /// nothing has succeeded for a while.
    fn capacity(&self, now: Millis) -> usize {
        let active = self.last_success.is_some_and(|at| at + ACTIVE >= now);
        let needed = self.lanes.len().min(self.settings.max_connections);
        self.connections.max(if active { needed } else { needed.min(1) })
    }

    fn heads(&self) -> impl Iterator<Item = (i64, &Loaded)> {
        let heads = self.lanes.values().filter_map(|lane| lane.front());
        heads.filter_map(|id| Some((*id, self.loaded.get(id)?)))
    }

    /// When `due` has something to say next, unless an answer or an update comes first.
    pub(crate) fn next_deadline(&self, now: Millis) -> Option<Millis> {
        if self.busy >= self.capacity(now) {
            return None;
        }
        self.heads().filter(|(_, loaded)| !loaded.in_flight).map(|(_, loaded)| loaded.wake).min()
    }

    /// Learns what came of a delivery. `chance` is what the longest pause is drawn from.
    pub(crate) fn answered(&mut self, id: i64, answer: Answer, chance: u64, now: Millis) -> Verdict {
        self.busy = self.busy.saturating_sub(1);
        let retry_after = match answer {
            Answer::Status { code: 200..=299, keep_alive, .. } => {
                self.connections -= usize::from(!keep_alive).min(self.connections);
                self.last_success = Some(now);
                self.first_gone = None;
                self.delivered += 1;
                self.forget(id);
                return Verdict::Forget;
            }
            Answer::Status { code, reason, retry_after, keep_alive } => {
                self.connections -= usize::from(!keep_alive).min(self.connections);
                let message = format!("Wrong response from the webhook: {code} {reason}").trim_end().to_owned();
                self.last_error = Some(WebhookError { at: now, message });
                let first_gone = self.first_gone.filter(|_| code == 410);
                self.first_gone = (code == 410).then(|| first_gone.unwrap_or(now));
                if first_gone.is_some_and(|first| first + GONE < now) {
                    return Verdict::Close;
                }
                retry_after.min(RETRY_AFTER_MAX)
            }
            Answer::Failed(message) => {
                self.connections = self.connections.saturating_sub(1);
                if let Some(message) = message {
                    self.last_error = Some(WebhookError { at: now, message });
                }
                0
            }
        };
        self.failed += 1;
        self.fail(id, retry_after, chance, now)
    }

    fn fail(&mut self, id: i64, retry_after: u64, chance: u64, now: Millis) -> Verdict {
        let Some(loaded) = self.loaded.get_mut(&id) else { return Verdict::Again };
        let mut pause = retry_after;
        if retry_after == 0 && loaded.failures > 0 {
            loaded.pause = (loaded.pause * 2).min(PAUSE_MAX + chance % (PAUSE_MAX + 1));
            pause = loaded.pause;
        }
        let wake = now + Duration::from_secs(pause);
        if wake > loaded.expires {
            self.forget(id);
            return Verdict::Forget;
        }
        loaded.wake = wake;
        loaded.failures += 1;
        loaded.in_flight = false;
        Verdict::Again
    }

    /// Takes an update out; the next one of its lane may go now.
    fn forget(&mut self, id: i64) {
        let Some(loaded) = self.loaded.remove(&id) else { return };
        if let Some(lane) = self.lanes.get_mut(&loaded.lane) {
            lane.retain(|other| *other != id);
            if lane.is_empty() {
                self.lanes.remove(&loaded.lane);
            }
        }
    }

    /// Gives up an update that was to be sent and has vanished from the queue.
    pub(crate) fn give_up(&mut self, id: i64) {
        self.busy = self.busy.saturating_sub(1);
        self.forget(id);
    }

    /// What went wrong last, for getWebhookInfo.
    pub(crate) fn last_error(&self) -> Option<&WebhookError> {
        self.last_error.as_ref()
    }

    /// As people see it.
    pub(crate) fn view(&self, world: &World) -> WebhookView {
        WebhookView {
            url: world.told(self.settings.url.text()).into_owned(),
            ip_address: self.settings.address.socket.ip().to_string(),
            max_connections: self.settings.max_connections,
            has_secret: self.settings.secret.is_some(),
            under_way: self.busy,
            delivered: self.delivered,
            failed: self.failed,
            last_error: self.last_error.clone(),
        }
    }
}

/// What an update has to wait for: the other messages of its chat, the other presses of its person.
fn lane(kind: &str, body: &str) -> Option<Lane> {
    let body: Value = serde_json::from_str(body).ok()?;
    let id = |object: &str| body[object]["id"].as_i64();
    match kind {
        "message" | "edited_message" | "channel_post" | "edited_channel_post" => Some(("messages", id("chat")?)),
        "callback_query" => Some(("presses", id("from")?)),
        "my_chat_member" => Some(("own membership", id("chat")?)),
        "chat_member" | "chat_join_request" => {
            Some(("membership", body["new_chat_member"]["user"]["id"].as_i64().or_else(|| id("from"))?))
        }
        "message_reaction" => Some(("reactions", id("chat")?)),
        "message_reaction_count" => Some(("counts of reactions", id("chat")?)),
        _ => None,
    }
}
