//! The simulated Telegram: people, bots, chats, messages, files.
//!
//! Pure state. What people do is in [`people`], what bots do in [`crate::api`]; both are told the time. It does no
//! I/O and knows nothing of HTTP: what others must hear of is left in `events` and `finished_polls` for whoever
//! drives it.

pub(crate) mod addresses;
pub(crate) mod calls;
pub(crate) mod chat;
pub(crate) mod commands;
pub(crate) mod delivery;
pub(crate) mod faults;
pub(crate) mod files;
pub(crate) mod flood;
pub(crate) mod limit;
pub(crate) mod markup;
pub(crate) mod membership;
pub(crate) mod overload;
pub(crate) mod people;
pub(crate) mod polling;
pub(crate) mod posts;
pub(crate) mod previews;
pub(crate) mod queries;
pub(crate) mod queue;
mod remembered;
pub(crate) mod room;
pub(crate) mod rooms;
mod shown;
pub(crate) mod text;
pub(crate) mod thumbnail;
pub(crate) mod token;
pub(crate) mod told;
pub(crate) mod waiting;
pub(crate) mod webhook;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::ApiError;
use crate::control::{CallView, Counters, Event, Millis, UserView};
use crate::world::calls::CallLog;
use crate::world::chat::Chat;
pub(crate) use crate::world::chat::ChatKey;
use crate::world::commands::Menus;
use crate::world::faults::Faults;
use crate::world::files::Files;
use crate::world::flood::Flood;
use crate::world::limit::Limit;
use crate::world::overload::Overload;
use crate::world::polling::{PollId, PollOutcome, PollRequest, Polling};
use crate::world::posts::Posts;
use crate::world::queries::Queries;
use crate::world::queue::UpdateQueue;
use crate::world::remembered::Remembered;
use crate::world::token::Token;
use crate::world::webhook::{Delivery, Webhook};

/// A bot's account.
#[derive(Debug, Clone)]
pub(crate) struct Bot {
    pub(crate) id: i64,
    /// `None` once revoked.
    pub(crate) token: Option<Token>,
    pub(crate) username: String,
    pub(crate) first_name: String,
    pub(crate) queue: UpdateQueue,
    pub(crate) polling: Polling,
    pub(crate) webhook: Option<Webhook>,
    /// Before this another setWebhook is too early.
    pub(crate) next_webhook: Millis,
    pub(crate) menus: Menus,
    /// It reads everything in groups, not only what is meant for it.
    pub(crate) reads_all: bool,
    last_message_id: i64,
}

/// A poll whose client is still there.
#[derive(Debug, Clone, Copy)]
struct Poller {
    bot: i64,
}

/// Everything there is.
#[derive(Debug, Clone)]
pub(crate) struct World {
    seed: u64,
    /// Counts everything that happens; later is larger.
    moment: u64,
    pub(crate) bots: BTreeMap<i64, Bot>,
    /// The one that was there first; it is meant if none is named.
    first_bot: Option<i64>,
    pub(crate) users: BTreeMap<i64, UserView>,
    pub(crate) chats: BTreeMap<ChatKey, Chat>,
    pub(crate) queries: Queries,
    pub(crate) files: Files,
    pub(crate) faults: Faults,
    /// How much bots may send.
    pub(crate) flood: Flood,
    /// What is under way.
    pub(crate) overload: Overload,
    /// The server stops: nothing new is begun.
    closing: bool,
    pub(crate) calls: CallLog,
    counters: Counters,
    strangers: token::Strangers,
    last_poll: PollId,
    pollers: BTreeMap<PollId, Poller>,
    /// How many shared chats there ever were.
    last_room: i64,
    /// What only preview pages show.
    pub(crate) posts: Posts,
    /// How often one may ask for those.
    pub(crate) preview_limit: Limit,
    /// Chats in which a bot is doing something, and until when that is shown.
    acting: BTreeMap<(ChatKey, i64), Millis>,
    /// Polls that are answered now; whoever drives the world takes them away.
    pub(crate) finished_polls: Vec<(PollId, PollOutcome)>,
    /// Updates that are to be sent to webhooks now; whoever drives the world takes them away.
    pub(crate) deliveries: Vec<Delivery>,
    /// What happened; whoever drives the world takes it away.
    pub(crate) events: Vec<Event>,
    /// Somebody wants to know what happens; else messages, calls, chats and bots are not written down in `events`.
    pub(crate) listened: bool,
    remembered: Remembered,
}

impl World {
    /// An empty world; the ids in it are made from the seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            moment: 0,
            bots: BTreeMap::new(),
            first_bot: None,
            users: BTreeMap::new(),
            chats: BTreeMap::new(),
            queries: Queries::default(),
            files: Files::default(),
            faults: Faults::new(seed),
            flood: Flood::new(true),
            overload: Overload::default(),
            closing: false,
            calls: CallLog::default(),
            counters: Counters::default(),
            strangers: token::Strangers::default(),
            last_poll: 0,
            last_room: 0,
            posts: Posts::default(),
            preview_limit: Limit::default(),
            pollers: BTreeMap::new(),
            acting: BTreeMap::new(),
            finished_polls: Vec::new(),
            deliveries: Vec::new(),
            events: Vec::new(),
            listened: true,
            remembered: Remembered::default(),
        }
    }

    /// A fresh world with the same bots and tokens. Moments, update ids and numbers of calls go on growing.
    pub(crate) fn emptied(&self) -> Self {
        let mut fresh = Self::new(self.seed);
        fresh.moment = self.moment + 1;
        fresh.last_poll = self.last_poll;
        fresh.faults = self.faults.emptied();
        fresh.flood = Flood::new(self.flood.limited);
        fresh.overload = self.overload.clone();
        fresh.last_room = self.last_room;
        fresh.first_bot = self.first_bot;
        fresh.calls = self.calls.emptied();
        for bot in self.bots.values() {
            let queue = bot.queue.emptied();
            let fresh_bot =
                Bot { queue, polling: Polling::default(), webhook: None, menus: Menus::default(), ..bot.clone() };
            fresh.bots.insert(bot.id, fresh_bot);
        }
        fresh
    }

    /// The next moment in the order of everything.
    pub(crate) fn next_moment(&mut self) -> u64 {
        self.moment += 1;
        self.moment
    }

    /// A number that looks random and comes out the same in every run.
    pub(crate) fn next_random(&mut self) -> u64 {
        self.seed = files::scramble(self.seed);
        self.seed
    }

    /// Adds a bot, or gives the one with this id a new token.
    pub(crate) fn add_bot(&mut self, token: &Token, username: Option<String>, first_name: Option<String>) {
        let first_update = update_id(self.next_random());
        let is_first = *self.first_bot.get_or_insert(token.bot()) == token.bot();
        let bot = self.bots.entry(token.bot()).or_insert_with(|| Bot {
            id: token.bot(),
            token: None,
            username: if is_first { "simulated_bot".to_owned() } else { format!("sim{}_bot", token.bot()) },
            first_name: if is_first { "Bot".to_owned() } else { format!("Bot {}", token.bot()) },
            queue: UpdateQueue::new(first_update),
            polling: Polling::default(),
            webhook: None,
            next_webhook: Millis::default(),
            menus: Menus::default(),
            reads_all: false,
            last_message_id: 0,
        });
        bot.token = Some(token.clone());
        bot.username = username.unwrap_or_else(|| bot.username.clone());
        bot.first_name = first_name.unwrap_or_else(|| bot.first_name.clone());
        self.tell_bot(token.bot());
    }

    /// The bot whose token this is.
    pub(crate) fn bot_by_token(&self, token: &Token) -> Option<i64> {
        self.bots.get(&token.bot()).filter(|bot| bot.token.as_ref() == Some(token)).map(|bot| bot.id)
    }

    /// The bot that calls with this token, unless there is none, or there were too many of those.
    pub(crate) fn admit(&mut self, token: &Token, now: Millis) -> Result<i64, ApiError> {
        if self.closing {
            return Err(ApiError::new(500, "Internal Server Error: restart"));
        }
        match self.bot_by_token(token) {
            Some(bot) => Ok(bot),
            None => Err(match self.strangers.admit(token, now) {
                Ok(()) => ApiError::unauthorized(),
                Err(seconds) => ApiError::too_many_requests(seconds),
            }),
        }
    }

    /// The bot that is meant if none is named: the first one there was.
    pub(crate) fn default_bot(&self) -> Option<i64> {
        self.first_bot
    }

    /// Queues an update for a bot, unless it did not want this kind.
    pub(crate) fn push_update(&mut self, bot: i64, kind: &'static str, body: &Value, expires: Millis, now: Millis) {
        // What is drawn depends on the seed and the time alone, so that idle bots change no other ids.
        let random_id = update_id(files::scramble(self.seed ^ now.0));
        if let Some(bot) = self.bots.get_mut(&bot)
            && bot.queue.stirred(random_id, now).push(kind, body, expires)
        {
            let (bot_id, has_webhook) = (bot.id, bot.webhook.is_some());
            if !has_webhook {
                bot.polling.wake(now);
            }
            self.overload.update(bot_id, now);
            if has_webhook {
                self.hand_out(bot_id, now);
            }
        }
    }

    /// A getUpdates request; its outcome appears in `finished_polls`, now or later.
    pub(crate) fn begin_poll(&mut self, bot_id: i64, request: PollRequest, now: Millis) -> PollId {
        self.last_poll += 1;
        let id = self.last_poll;
        self.pollers.insert(id, Poller { bot: bot_id });
        self.counters.pollers = self.pollers.len();
        self.counters.pollers_max = self.counters.pollers_max.max(self.pollers.len());
        if let Some(bot) = self.bots.get_mut(&bot_id) {
            let done = &mut self.finished_polls;
            if bot.webhook.is_some() {
                bot.polling.conflict(id, polling::WEBHOOK_ACTIVE, now, done);
            } else {
                bot.polling.begin(id, request, &mut bot.queue, now, done);
            }
        }
        self.tell_bot(bot_id);
        id
    }

    /// The client of a poll has its answer, perhaps that of a conflict, or went away. In the latter case the poll itself goes on, as Telegram
    /// does not notice either.
    pub(crate) fn end_poll(&mut self, id: PollId, in_conflict: bool) {
        let poller = self.pollers.remove(&id);
        self.counters.pollers = self.pollers.len();
        if in_conflict {
            self.counters.conflicts += 1;
        }
        if let Some(poller) = poller {
            self.tell_bot(poller.bot);
        }
    }

    /// Stops: waiting polls are answered with what there is, as telegram-bot-api's `on_closed` does, and no call is begun.
    pub(crate) fn close(&mut self, now: Millis) {
        self.closing = true;
        for bot in self.bots.values_mut() {
            bot.polling.finish(&mut bot.queue, now, &mut self.finished_polls);
        }
    }

    /// Lets happen what is due.
    pub(crate) fn tick(&mut self, now: Millis) {
        for bot in self.bots.values_mut() {
            bot.polling.tick(&mut bot.queue, now, &mut self.finished_polls);
        }
        self.hand_out_all(now);
        let over: Vec<(ChatKey, i64)> =
            self.acting.iter().filter(|(_, until)| **until <= now).map(|(key, _)| *key).collect();
        for (key, bot) in over {
            self.set_action(key, bot, None);
        }
        if self.faults.expire(now) {
            self.tell_faults();
        }
    }

    /// Says what a bot is doing in a chat, and until when that is shown.
    pub(crate) fn set_action(&mut self, key: ChatKey, bot: i64, action: Option<(String, Millis)>) {
        let until = action.as_ref().map(|(_, until)| *until);
        match until {
            Some(until) => self.acting.insert((key, bot), until),
            None => self.acting.remove(&(key, bot)),
        };
        let Some(chat) = self.chats.get_mut(&key) else { return };
        let before = match action.clone() {
            Some(action) => chat.actions.insert(bot, action),
            None => chat.actions.remove(&bot),
        };
        if before != action {
            self.tell_chat(key);
        }
    }

    /// When `tick` has something to do next.
    pub(crate) fn next_deadline(&self, now: Millis) -> Option<Millis> {
        let polls = self.bots.values().filter_map(|bot| bot.polling.next_deadline());
        let webhooks = self.bots.values().filter_map(|bot| bot.webhook.as_ref()?.next_deadline(now));
        polls.chain(webhooks).chain(self.acting.values().copied()).chain(self.faults.next_end()).min()
    }

    /// Notes a call that begins.
    pub(crate) fn begin_call(&mut self, mut call: CallView) -> u64 {
        call.moment = self.next_moment();
        self.counters.calls += 1;
        let number = self.calls.begin(call);
        self.update_call(number, |_| {});
        number
    }

    /// Notes what became of a call.
    pub(crate) fn update_call(&mut self, number: u64, change: impl FnOnce(&mut CallView)) {
        if let Some(call) = self.calls.update(number, change).filter(|_| self.listened) {
            let call = Box::new(call.clone());
            self.events.push(Event::Call { call });
        }
    }

    /// Counts a call of something that is not simulated.
    pub(crate) fn count_unsimulated(&mut self) {
        self.counters.unsimulated += 1;
    }

    /// Counts a call hit by a fault.
    pub(crate) fn count_fault(&mut self) {
        self.counters.faults += 1;
        self.tell_faults();
    }

    /// What was counted.
    pub(crate) fn counters(&self) -> Counters {
        self.counters
    }
}

/// A random number as the id of an update.
fn update_id(random: u64) -> i64 {
    100_000_000 + i64::try_from(random % 800_000_000).unwrap_or(0)
}

#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod rooms_tests;
#[cfg(test)]
mod tests;
