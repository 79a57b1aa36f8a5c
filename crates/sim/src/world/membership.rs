//! Who comes, goes, rises and falls in shared chats, and which bots hear of it.

use crate::api::members;
use crate::control::{MemberStatus, Millis, NewMember, Service};
use crate::world::World;
use crate::world::chat::{ChatKey, Kind};
use crate::world::people::PeopleError;
use crate::world::queue::MESSAGE_LIFETIME;
use crate::world::room::Member;

/// What somebody is who never came.
pub(crate) const STRANGER: Member = Member { status: MemberStatus::Left };

/// Whether a service message tells people of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Announced {
    Yes,
    No,
}

/// A change of what somebody is in a chat.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    /// Whom it concerns.
    pub(crate) id: i64,
    /// Who did it.
    pub(crate) by: i64,
    pub(crate) old: Member,
    pub(crate) new: Member,
}

impl World {
    /// Changes what somebody is in a shared chat; the control API's side.
    pub(crate) fn change_member(&mut self, key: ChatKey, wanted: &NewMember, now: Millis) -> Result<(), PeopleError> {
        let NewMember { id, status, by } = *wanted;
        self.check_somebody(id)?;
        let room = self.room(key)?;
        if let Some(migrated_to) = room.migrated_to {
            return Err(PeopleError::Migrated(migrated_to));
        }
        let old = room.status(id);
        if status == MemberStatus::Creator || old == MemberStatus::Creator {
            return Err(PeopleError::Owner);
        }
        let of_themselves = matches!(status, MemberStatus::Left | MemberStatus::Member)
            && old.is_there() != status.is_there()
            && !self.bots.contains_key(&id);
        let by = by.or_else(|| if of_themselves { Some(id) } else { room.owner() }).unwrap_or(id);
        self.check_somebody(by)?;
        self.check_bot_in_channel(key, id, status)?;
        self.set_member(key, id, Member { status }, by, Announced::Yes, now);
        Ok(())
    }

    fn check_somebody(&self, id: i64) -> Result<(), PeopleError> {
        let known = self.users.contains_key(&id) || self.bots.contains_key(&id);
        if known { Ok(()) } else { Err(PeopleError::Nobody(id)) }
    }

    /// Bots cannot subscribe to channels.
    pub(crate) fn check_bot_in_channel(&self, key: ChatKey, id: i64, status: MemberStatus) -> Result<(), PeopleError> {
        let is_channel = self.chats.get(&key).is_some_and(|chat| matches!(chat.kind, Kind::Channel(_)));
        if is_channel && self.bots.contains_key(&id) && status.is_there() && !status.is_administrator() {
            return Err(PeopleError::OnlyAdministrators);
        }
        Ok(())
    }

    /// Makes the change, tells the bots, and puts the service message there that people see.
    pub(crate) fn set_member(
        &mut self,
        key: ChatKey,
        id: i64,
        new: Member,
        by: i64,
        announced: Announced,
        now: Millis,
    ) {
        let Some(room) = self.chats.get_mut(&key).and_then(|chat| chat.room_mut()) else { return };
        let old = room.members.get(&id).copied().unwrap_or(STRANGER);
        if old == new {
            return;
        }
        let (was_there, is_there) = (old.status.is_there(), new.status.is_there());
        // Those who go still see that they do.
        let announces = announced == Announced::Yes && !self.is_channel(key);
        if was_there && !is_there && announces {
            self.put_service(key, by, Service::LeftChatMember { member: id }, now);
        }
        if let Some(room) = self.chats.get_mut(&key).and_then(|chat| chat.room_mut()) {
            room.members.insert(id, new);
        }
        self.next_moment();
        self.tell_change(key, Change { id, by, old, new }, now);
        if !was_there && is_there && announces {
            self.put_service(key, by, Service::NewChatMembers { members: vec![id] }, now);
        }
        self.tell_chat(key);
    }

    fn is_channel(&self, key: ChatKey) -> bool {
        self.chats.get(&key).is_some_and(|chat| matches!(chat.kind, Kind::Channel(_)))
    }

    /// The bot concerned always hears of a change; of others' those who are administrators, if they asked for it.
    pub(crate) fn tell_change(&mut self, key: ChatKey, change: Change, now: Millis) {
        let Ok(room) = self.room(key) else { return };
        let hears = |bot: i64| bot == change.id || room.status(bot).is_administrator();
        let bots: Vec<i64> = self.bots.keys().copied().filter(|bot| hears(*bot)).collect();
        for bot in bots {
            let kind = if bot == change.id { "my_chat_member" } else { "chat_member" };
            let body = members::member_change(self, key, &change, now);
            self.push_update(bot, kind, &body, now + MESSAGE_LIFETIME, now);
            self.tell_bot(bot);
        }
    }
}
