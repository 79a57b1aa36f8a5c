//! What a shared chat is beside its messages: title, members, and who may do what in it.

use std::collections::BTreeMap;

use crate::control::{MemberStatus, MemberView, RoomKind};

/// A person or a bot in a shared chat, or one that was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) status: MemberStatus,
}

/// A group, a supergroup or a channel.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    pub(crate) title: String,
    pub(crate) username: Option<String>,
    pub(crate) description: Option<String>,
    /// It can be read on the web.
    pub(crate) preview: bool,
    /// People and bots, also those who left.
    pub(crate) members: BTreeMap<i64, Member>,
    /// The supergroup that this group became.
    pub(crate) migrated_to: Option<i64>,
    /// Posts of a channel are signed with the names of those who wrote them.
    pub(crate) signatures: bool,
    /// Pinned messages, the latest last.
    pub(crate) pinned: Vec<i64>,
    /// The latest message's number.
    pub(crate) last_message_id: i64,
}

impl Room {
    /// A chat without anybody.
    pub(crate) fn new(title: String) -> Self {
        Self {
            title,
            username: None,
            description: None,
            preview: false,
            members: BTreeMap::new(),
            migrated_to: None,
            signatures: false,
            pinned: Vec::new(),
            last_message_id: 0,
        }
    }

    /// What somebody is here; `left` if they never came.
    pub(crate) fn status(&self, id: i64) -> MemberStatus {
        self.members.get(&id).map_or(MemberStatus::Left, |member| member.status)
    }

    /// Whether somebody is here.
    pub(crate) fn has(&self, id: i64) -> bool {
        self.status(id).is_there()
    }

    /// All who are here.
    pub(crate) fn present(&self) -> impl Iterator<Item = i64> {
        self.members.iter().filter(|(_, member)| member.status.is_there()).map(|(id, _)| *id)
    }

    /// Who created it.
    pub(crate) fn owner(&self) -> Option<i64> {
        self.members.iter().find(|(_, member)| member.status == MemberStatus::Creator).map(|(id, _)| *id)
    }

    /// All who are or were here, as people see them.
    pub(crate) fn member_views(&self) -> Vec<MemberView> {
        self.members.iter().map(|(id, member)| MemberView { id: *id, status: member.status }).collect()
    }

    /// Whether somebody may write here, given what kind of chat it is.
    pub(crate) fn may_write(&self, id: i64, kind: RoomKind) -> bool {
        match kind {
            RoomKind::Channel => self.status(id).is_administrator(),
            RoomKind::Group | RoomKind::Supergroup => {
                self.has(id) && self.status(id) != MemberStatus::Restricted && self.migrated_to.is_none()
            }
        }
    }
}
