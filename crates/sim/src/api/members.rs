//! Members of shared chats as JSON, and what service messages tell of them.

use serde_json::{Map, Value, json};

use super::objects::{bare_message, chat, somebody};
use crate::control::{MemberStatus, Millis, RoomKind, Service};
use crate::world::World;
use crate::world::chat::{Chat, ChatKey};
use crate::world::membership::Change;
use crate::world::room::Member;

/// `ChatMember`.
pub(crate) fn member(world: &World, key: ChatKey, id: i64, member: Member) -> Value {
    let mut object = Map::new();
    object.insert("user".into(), somebody(world, id));
    object.insert("status".into(), status_name(member.status).into());
    match member.status {
        MemberStatus::Creator => put_flags(&mut object, &[("is_anonymous", false)]),
        MemberStatus::Administrator => {
            put_flags(&mut object, &[("can_be_edited", false)]);
            put_flags(&mut object, rights(world.chats.get(&key).and_then(Chat::room_kind)));
            put_flags(&mut object, &[("is_anonymous", false)]);
        }
        MemberStatus::Restricted => {
            object.insert("until_date".into(), 0.into());
            put_flags(&mut object, &[("is_member", true)]);
            put_flags(&mut object, RESTRICTED);
        }
        MemberStatus::Kicked => {
            object.insert("until_date".into(), 0.into());
        }
        MemberStatus::Member | MemberStatus::Left => {}
    }
    Value::Object(object)
}

fn status_name(status: MemberStatus) -> &'static str {
    match status {
        MemberStatus::Creator => "creator",
        MemberStatus::Administrator => "administrator",
        MemberStatus::Member => "member",
        MemberStatus::Restricted => "restricted",
        MemberStatus::Left => "left",
        MemberStatus::Kicked => "kicked",
    }
}

fn put_flags(object: &mut Map<String, Value>, flags: &[(&str, bool)]) {
    for (name, flag) in flags {
        object.insert((*name).to_owned(), (*flag).into());
    }
}

/// What administrators may do; they may not make others such.
fn rights(kind: Option<RoomKind>) -> &'static [(&'static str, bool)] {
    match kind {
        Some(RoomKind::Channel) => CHANNEL_RIGHTS,
        _ => GROUP_RIGHTS,
    }
}

const GROUP_RIGHTS: &[(&str, bool)] = &[
    ("can_manage_chat", true),
    ("can_change_info", true),
    ("can_delete_messages", true),
    ("can_invite_users", true),
    ("can_restrict_members", true),
    ("can_pin_messages", true),
    ("can_manage_topics", false),
    ("can_promote_members", false),
    ("can_manage_video_chats", true),
    ("can_post_stories", false),
    ("can_edit_stories", false),
    ("can_delete_stories", false),
    ("can_manage_voice_chats", true),
];

const CHANNEL_RIGHTS: &[(&str, bool)] = &[
    ("can_manage_chat", true),
    ("can_change_info", true),
    ("can_post_messages", true),
    ("can_edit_messages", true),
    ("can_delete_messages", true),
    ("can_invite_users", true),
    ("can_restrict_members", true),
    ("can_promote_members", false),
    ("can_manage_video_chats", true),
    ("can_post_stories", false),
    ("can_edit_stories", false),
    ("can_delete_stories", false),
    ("can_manage_direct_messages", false),
    ("can_manage_voice_chats", true),
];

/// Somebody who is restricted may only read.
const RESTRICTED: &[(&str, bool)] = &[
    ("can_send_messages", false),
    ("can_send_audios", false),
    ("can_send_documents", false),
    ("can_send_photos", false),
    ("can_send_videos", false),
    ("can_send_video_notes", false),
    ("can_send_voice_notes", false),
    ("can_send_polls", false),
    ("can_send_other_messages", false),
    ("can_add_web_page_previews", false),
    ("can_react_to_messages", false),
    ("can_edit_tag", false),
    ("can_change_info", false),
    ("can_invite_users", false),
    ("can_pin_messages", false),
    ("can_manage_topics", false),
];

/// `ChatPermissions`: what members may do, which is all that they usually may.
pub(super) fn permissions() -> Value {
    let mut object = Map::new();
    for (name, _) in RESTRICTED {
        let usual = !matches!(*name, "can_change_info" | "can_pin_messages" | "can_manage_topics");
        object.insert((*name).to_owned(), usual.into());
    }
    Value::Object(object)
}

/// `ChatMemberUpdated`.
pub(crate) fn member_change(world: &World, key: ChatKey, change: &Change, now: Millis) -> Value {
    json!({
        "chat": chat(world, key),
        "from": somebody(world, change.by),
        "date": now.seconds(),
        "old_chat_member": member(world, key, change.id, change.old),
        "new_chat_member": member(world, key, change.id, change.new),
    })
}

/// `ChatMemberUpdated` for a person who blocked the bot or lets it talk again.
pub(crate) fn blocking(world: &World, key: ChatKey, blocked: bool, now: Millis) -> Value {
    let ChatKey::Private { bot, user } = key else { return Value::Null };
    let of = |blocked| Member { status: if blocked { MemberStatus::Kicked } else { MemberStatus::Member } };
    member_change(world, key, &Change { id: bot, by: user, old: of(!blocked), new: of(blocked) }, now)
}

/// The field of a service message, and the older ones that Telegram still sends beside it.
pub(crate) fn put_service(object: &mut Map<String, Value>, world: &World, bot: i64, key: ChatKey, service: &Service) {
    let yes = Value::from(true);
    let (name, value) = match service {
        Service::NewChatMembers { members } => {
            let members: Vec<Value> = members.iter().map(|id| somebody(world, *id)).collect();
            if let Some(first) = members.first() {
                object.insert("new_chat_participant".into(), first.clone());
                object.insert("new_chat_member".into(), first.clone());
            }
            ("new_chat_members", Value::Array(members))
        }
        Service::LeftChatMember { member } => {
            object.insert("left_chat_participant".into(), somebody(world, *member));
            ("left_chat_member", somebody(world, *member))
        }
        Service::NewChatTitle { title } => ("new_chat_title", title.as_str().into()),
        Service::PinnedMessage { message_id } => {
            let pinned = bare_message(world, bot, key, *message_id).map_or(Value::Null, Value::Object);
            ("pinned_message", pinned)
        }
        Service::GroupChatCreated => ("group_chat_created", yes),
        Service::SupergroupChatCreated => ("supergroup_chat_created", yes),
        Service::ChannelChatCreated => ("channel_chat_created", yes),
        Service::MigrateToChatId { chat } => ("migrate_to_chat_id", (*chat).into()),
        Service::MigrateFromChatId { chat } => ("migrate_from_chat_id", (*chat).into()),
    };
    object.insert(name.to_owned(), value);
}
