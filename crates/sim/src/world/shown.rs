//! What is shown of the world: views of all that is in it, and events of what changed for those who follow it.
//!
//! It changes nothing, and does not know who looks. While nobody listens there are no events of it.

use crate::control::{ActionView, BotView, ChatView, Event, Millis, QueryView, RoomView, SampleView, State};
use crate::world::{Bot, ChatKey, World};

impl World {
    /// Says that a bot changed.
    pub(crate) fn tell_bot(&mut self, bot: i64) {
        if let Some(bot) = self.bots.get(&bot).filter(|_| self.listened) {
            let bot = self.bot_view(bot);
            self.events.push(Event::Bot { bot });
        }
    }

    fn bot_view(&self, bot: &Bot) -> BotView {
        BotView {
            id: bot.id,
            username: bot.username.clone(),
            first_name: bot.first_name.clone(),
            revoked: bot.token.is_none(),
            pending_updates: bot.queue.len(),
            polling: bot.polling.is_waiting(),
            webhook: bot.webhook.as_ref().map(|webhook| webhook.view(self)),
        }
    }

    /// Says that a chat changed.
    pub(crate) fn tell_chat(&mut self, key: ChatKey) {
        if !self.listened {
            return;
        }
        if let Some(chat) = self.chat_view(key) {
            self.events.push(Event::Chat { chat });
        } else if let Some(room) = self.room_view(key) {
            self.events.push(Event::Room { room });
        }
    }

    /// Says that the faults changed.
    pub(crate) fn tell_faults(&mut self) {
        if self.listened {
            let faults = self.faults.list();
            self.events.push(Event::Faults { faults });
        }
    }

    /// Says that a message changed.
    pub(crate) fn tell_message(&mut self, key: ChatKey, message_id: i64) {
        let chat = self.chats.get(&key).filter(|_| self.listened);
        if let Some(message) = chat.and_then(|chat| chat.messages.get(&message_id)) {
            let message = Box::new(message.view(&self.files));
            self.events.push(Event::Message { bot: key.private_bot(), chat: key.id(), message });
        }
    }

    /// A press as people see it.
    pub(crate) fn query_view(&self, query_id: &str) -> Option<QueryView> {
        let query = self.queries.get(query_id)?;
        Some(QueryView {
            query_id: query_id.to_owned(),
            bot: query.bot,
            chat: query.chat.id(),
            from: query.from,
            message_id: query.message_id,
            data: query.data.clone(),
            answer: query.answer.clone(),
        })
    }

    /// Says that a press was made or answered.
    pub(crate) fn tell_query(&mut self, query_id: &str) {
        if let Some(query) = self.query_view(query_id).filter(|_| self.listened) {
            self.events.push(Event::Query { query });
        }
    }

    fn chat_view(&self, key: ChatKey) -> Option<ChatView> {
        let ChatKey::Private { bot, user } = key else { return None };
        let chat = self.chats.get(&key)?;
        let language = self.users.get(&user)?.language_code.as_deref().unwrap_or_default();
        let menus = &self.bots.get(&bot)?.menus;
        Some(ChatView {
            bot,
            chat: user,
            open: chat.is_open(),
            blocked: chat.is_blocked(),
            action: chat.actions.get(&bot).map(|(action, _)| action.clone()),
            commands: menus.shown(user, language).to_vec(),
        })
    }

    /// A shared chat as people see it.
    pub(crate) fn room_view(&self, key: ChatKey) -> Option<RoomView> {
        let chat = self.chats.get(&key)?;
        let room = chat.room()?;
        let action = |(bot, (action, _)): (&i64, &(String, Millis))| ActionView { bot: *bot, action: action.clone() };
        Some(RoomView {
            chat: key.id(),
            kind: chat.room_kind()?,
            title: room.title.clone(),
            username: room.username.clone(),
            description: room.description.clone(),
            members: room.member_views(),
            migrated_to: room.migrated_to,
            preview: room.preview,
            actions: chat.actions.iter().map(action).collect(),
        })
    }

    /// Everything, as the page shows it.
    pub(crate) fn state(&self, now: Millis, samples: Vec<SampleView>) -> State {
        State {
            now,
            moment: self.moment,
            bots: self.bots.values().map(|bot| self.bot_view(bot)).collect(),
            users: self.users.values().cloned().collect(),
            chats: self.chats.keys().filter_map(|key| self.chat_view(*key)).collect(),
            rooms: self.chats.keys().filter_map(|key| self.room_view(*key)).collect(),
            faults: self.faults.list(),
            flood_limits: self.flood.limited,
            counters: self.counters,
            samples,
        }
    }
}
