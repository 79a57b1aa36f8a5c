//! Groups, supergroups and channels as a whole: created, renamed, migrated; the numbers of messages in them.

use crate::control::{
    Author, FormattedText, MemberStatus, Migrate, Millis, NewMember, NewRoom, NewTitle, RoomDelete, RoomKind, RoomView,
    Sent, Service,
};
use crate::world::World;
use crate::world::chat::{Chat, ChatKey, Kind, Message};
use crate::world::delivery::News;
use crate::world::membership::Announced;
use crate::world::people::PeopleError;
use crate::world::room::{Member, Room};

/// Basic groups are numbered downwards from here…
const GROUPS: i64 = -4_000_000_000;
/// …supergroups and channels from here.
const SUPERGROUPS: i64 = -1_002_000_000_000;

impl World {
    /// Creates a shared chat with the people and bots that are in it from the start.
    pub(crate) fn create_room(&mut self, new: &NewRoom, now: Millis) -> Result<RoomView, PeopleError> {
        let bots = self.check_room(new)?;
        let key = ChatKey::Shared(self.next_room_id(new.kind));
        let mut room = Room::new(new.title.trim().to_owned());
        room.username = new.username.clone();
        room.description = new.description.clone().filter(|text| !text.is_empty());
        room.preview = new.preview && new.kind == RoomKind::Channel;
        room.signatures = new.signatures && new.kind == RoomKind::Channel;
        room.members.insert(new.owner, Member { status: MemberStatus::Creator });
        for person in new.members.iter().filter(|person| **person != new.owner) {
            room.members.insert(*person, Member { status: MemberStatus::Member });
        }
        let instance = self.next_random();
        let kind = match new.kind {
            RoomKind::Group => Kind::Group(room),
            RoomKind::Supergroup => Kind::Supergroup(room),
            RoomKind::Channel => Kind::Channel(room),
        };
        self.chats.insert(key, Chat::new(kind, instance));
        self.next_moment();
        self.tell_chat(key);
        let created = match new.kind {
            RoomKind::Group => Service::GroupChatCreated,
            RoomKind::Supergroup => Service::SupergroupChatCreated,
            RoomKind::Channel => Service::ChannelChatCreated,
        };
        // Only a basic group can have bots when it is created.
        let is_group = new.kind == RoomKind::Group;
        if !is_group {
            self.put_service(key, new.owner, created.clone(), now);
        }
        for (bot, status) in bots {
            let announced = if is_group { Announced::No } else { Announced::Yes };
            self.set_member(key, bot, Member { status }, new.owner, announced, now);
        }
        if is_group {
            self.put_service(key, new.owner, created, now);
        }
        self.room_view(key).ok_or(PeopleError::NoChat(key.id()))
    }

    /// Whether a chat can be so; the bots that are to be in it.
    fn check_room(&self, new: &NewRoom) -> Result<Vec<(i64, MemberStatus)>, PeopleError> {
        if new.title.trim().is_empty() {
            return Err(PeopleError::NoTitle);
        }
        if let Some(stranger) = new.members.iter().chain([&new.owner]).find(|id| !self.users.contains_key(id)) {
            return Err(PeopleError::NoUser(*stranger));
        }
        if let Some(username) = &new.username {
            self.check_username(username, new.kind)?;
        }
        let usual = if new.kind == RoomKind::Channel { MemberStatus::Administrator } else { MemberStatus::Member };
        let mut bots = Vec::new();
        for wanted in &new.bots {
            let bot = wanted.bot.or_else(|| self.default_bot()).ok_or(PeopleError::NoBots)?;
            let status = wanted.status.unwrap_or(usual);
            if !self.bots.contains_key(&bot) {
                return Err(PeopleError::NoBot(bot));
            }
            if status == MemberStatus::Creator {
                return Err(PeopleError::Owner);
            }
            if new.kind == RoomKind::Channel && status.is_there() && !status.is_administrator() {
                return Err(PeopleError::OnlyAdministrators);
            }
            bots.push((bot, status));
        }
        Ok(bots)
    }

    fn check_username(&self, username: &str, kind: RoomKind) -> Result<(), PeopleError> {
        if kind == RoomKind::Group {
            return Err(PeopleError::GroupUsername);
        }
        let well_formed = (4..=32).contains(&username.len())
            && username.starts_with(|first: char| first.is_ascii_alphabetic())
            && username.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let is_taken = self.room_named(username).is_some()
            || self.bots.values().any(|bot| bot.username.eq_ignore_ascii_case(username))
            || self
                .users
                .values()
                .any(|user| user.username.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(username)));
        if well_formed && !is_taken { Ok(()) } else { Err(PeopleError::BadUsername(username.to_owned())) }
    }

    fn next_room_id(&mut self, kind: RoomKind) -> i64 {
        self.last_room += 1;
        match kind {
            RoomKind::Group => GROUPS - self.last_room,
            RoomKind::Supergroup | RoomKind::Channel => SUPERGROUPS - self.last_room,
        }
    }

    /// The supergroup or channel of this public name, in any case.
    pub(crate) fn room_named(&self, username: &str) -> Option<ChatKey> {
        let named = |chat: &Chat| {
            let room = chat.room()?;
            Some(room.username.as_ref()?.eq_ignore_ascii_case(username))
        };
        let mut shared = self.chats.range(ChatKey::Shared(i64::MIN)..);
        shared.find(|(_, chat)| named(chat) == Some(true)).map(|(key, _)| *key)
    }

    /// The number of the next message in a chat.
    ///
    /// A bot's private chats and basic groups share one counter, supergroups and channels have their own. A group's
    /// message takes a number above the counters of all bots that are in it.
    pub(crate) fn next_message_id(&mut self, key: ChatKey) -> i64 {
        let (bots, last) = match (key, self.chats.get(&key).map(|chat| &chat.kind)) {
            (ChatKey::Private { bot, .. }, _) => (vec![bot], 0),
            (_, Some(Kind::Group(room))) => (room.present().collect(), room.last_message_id),
            (_, Some(Kind::Supergroup(room) | Kind::Channel(room))) => (Vec::new(), room.last_message_id),
            _ => (Vec::new(), 0),
        };
        let counters = bots.iter().filter_map(|bot| self.bots.get(bot)).map(|bot| bot.last_message_id);
        let next = counters.max().unwrap_or(0).max(last) + 1;
        for bot in bots {
            if let Some(bot) = self.bots.get_mut(&bot) {
                bot.last_message_id = next;
            }
        }
        if let Some(room) = self.chats.get_mut(&key).and_then(Chat::room_mut) {
            room.last_message_id = next;
        }
        next
    }

    /// Puts a message into a chat and shows it; bots are told by [`World::deliver`].
    pub(crate) fn put_message(&mut self, key: ChatKey, message: Message) {
        let id = message.id;
        if let Some(chat) = self.chats.get_mut(&key) {
            chat.messages.insert(id, message);
        }
        self.remember(key, id);
        self.tell_message(key, id);
    }

    /// Puts a service message into a shared chat and tells the bots.
    pub(crate) fn put_service(&mut self, key: ChatKey, by: i64, service: Service, now: Millis) -> i64 {
        let author = match self.chats.get(&key).map(|chat| &chat.kind) {
            Some(Kind::Channel(_)) => Author::Channel,
            _ if self.bots.contains_key(&by) => Author::Bot,
            _ => Author::User,
        };
        let moment = self.next_moment();
        let id = self.next_message_id(key);
        let mut message = Message::new(id, author, by, FormattedText::default(), moment, now);
        message.service = Some(service);
        self.put_message(key, message);
        self.deliver(key, id, News::Sent, now);
        id
    }

    /// A shared chat gets another title.
    pub(crate) fn set_title(&mut self, key: ChatKey, title: &NewTitle, now: Millis) -> Result<(), PeopleError> {
        let text = title.title.trim();
        if text.is_empty() {
            return Err(PeopleError::NoTitle);
        }
        let room = self.room(key)?;
        let by = title.by.or_else(|| room.owner()).unwrap_or(0);
        if let Some(migrated_to) = room.migrated_to {
            return Err(PeopleError::Migrated(migrated_to));
        }
        if !room.status(by).is_administrator() {
            return Err(PeopleError::NotAdministrator(by));
        }
        if room.title != text {
            self.rename(key, text, by, now);
        }
        Ok(())
    }

    /// Changes the title and says so.
    pub(crate) fn rename(&mut self, key: ChatKey, title: &str, by: i64, now: Millis) {
        if let Some(room) = self.chats.get_mut(&key).and_then(Chat::room_mut) {
            title.clone_into(&mut room.title);
        }
        self.tell_chat(key);
        self.put_service(key, by, Service::NewChatTitle { title: title.to_owned() }, now);
    }

    /// Changes the description.
    pub(crate) fn describe(&mut self, key: ChatKey, description: &str) {
        if let Some(room) = self.chats.get_mut(&key).and_then(Chat::room_mut) {
            room.description = Some(description.to_owned()).filter(|text| !text.is_empty());
        }
        self.next_moment();
        self.tell_chat(key);
    }

    /// Pins a message and says so.
    pub(crate) fn pin(&mut self, key: ChatKey, message_id: i64, by: i64, now: Millis) {
        if let Some(room) = self.chats.get_mut(&key).and_then(Chat::room_mut) {
            room.pinned.retain(|id| *id != message_id);
            room.pinned.push(message_id);
        }
        self.put_service(key, by, Service::PinnedMessage { message_id }, now);
    }

    /// Unpins a message, or the latest one. Nobody is told.
    pub(crate) fn unpin(&mut self, key: ChatKey, message_id: Option<i64>) {
        let Some(room) = self.chats.get_mut(&key).and_then(Chat::room_mut) else { return };
        match message_id {
            Some(message_id) => room.pinned.retain(|id| *id != message_id),
            None => drop(room.pinned.pop()),
        }
        self.next_moment();
    }

    /// A group becomes a supergroup with the same people and bots; its messages stay where they are.
    pub(crate) fn migrate(&mut self, key: ChatKey, migrate: &Migrate, now: Millis) -> Result<RoomView, PeopleError> {
        let Some(Kind::Group(room)) = self.chats.get(&key).map(|chat| &chat.kind) else {
            self.room(key)?;
            return Err(PeopleError::NotAGroup);
        };
        if let Some(migrated_to) = room.migrated_to {
            return Err(PeopleError::Migrated(migrated_to));
        }
        let by = migrate.by.or_else(|| room.owner()).unwrap_or(0);
        if !room.status(by).is_administrator() {
            return Err(PeopleError::NotAdministrator(by));
        }
        let mut supergroup = Room { last_message_id: 0, pinned: Vec::new(), ..room.clone() };
        supergroup.members.retain(|_, member| member.status.is_there());
        let new = ChatKey::Shared(self.next_room_id(RoomKind::Supergroup));
        let instance = self.next_random();
        self.chats.insert(new, Chat::new(Kind::Supergroup(supergroup), instance));
        self.put_service(key, by, Service::MigrateToChatId { chat: new.id() }, now);
        if let Some(room) = self.chats.get_mut(&key).and_then(Chat::room_mut) {
            room.migrated_to = Some(new.id());
        }
        self.tell_chat(key);
        self.tell_chat(new);
        self.put_service(new, by, Service::MigrateFromChatId { chat: key.id() }, now);
        self.room_view(new).ok_or(PeopleError::NoChat(new.id()))
    }

    /// Deletes a message, which is pinned no more, and says when.
    pub(crate) fn delete_message(&mut self, key: ChatKey, message_id: i64) -> u64 {
        let moment = self.next_moment();
        if let Some(chat) = self.chats.get_mut(&key) {
            if let Some(message) = chat.messages.get_mut(&message_id) {
                message.deleted = true;
                message.current.moment = moment;
            }
            if let Some(room) = chat.room_mut() {
                room.pinned.retain(|id| *id != message_id);
            }
        }
        self.tell_message(key, message_id);
        moment
    }

    /// Somebody deletes a message of a shared chat. Bots do not hear of that.
    pub(crate) fn delete_in_room(&mut self, key: ChatKey, delete: &RoomDelete) -> Result<Sent, PeopleError> {
        let RoomDelete { from, message_id } = *delete;
        let is_administrator = self.room(key)?.status(from).is_administrator();
        let chat = self.chats.get(&key).ok_or(PeopleError::NoChat(key.id()))?;
        let message = chat.standing(message_id).ok_or(PeopleError::NoMessage(message_id))?;
        if message.from != from && !is_administrator {
            return Err(PeopleError::NotTheirs(message_id));
        }
        Ok(Sent { message_id, moment: self.delete_message(key, message_id) })
    }

    /// The change of a member that the control API asks for, and the chat as it is then.
    pub(crate) fn change_room(&mut self, chat: i64, wanted: &NewMember, now: Millis) -> Result<RoomView, PeopleError> {
        let key = ChatKey::Shared(chat);
        self.change_member(key, wanted, now)?;
        self.room_view(key).ok_or(PeopleError::NoChat(chat))
    }
}
