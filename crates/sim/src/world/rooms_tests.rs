//! Shared chats under random actions: who hears what, and how messages are numbered.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::control::{MemberStatus, NewMember, NewRoom, NewRoomBot, NewUser, RoomKind};
use crate::world::token::Token;

const NOW: Millis = Millis(1_800_000_000_000);
const PEOPLE: [i64; 3] = [1001, 1002, 1003];
const BOTS: [i64; 2] = [77, 88];

/// What somebody does.
#[derive(Debug, Clone)]
enum Act {
    Say { room: usize, from: usize, text: &'static str },
    Change { room: usize, id: usize, status: MemberStatus },
    Private { person: usize, bot: usize },
}

fn act() -> impl Strategy<Value = Act> {
    use MemberStatus::{Administrator, Kicked, Left, Member, Restricted};
    let text = prop::sample::select(vec!["hi", "/start", "/start@bot_88", "ask @bot_77"]);
    let status = prop::sample::select(vec![Administrator, Member, Restricted, Left, Kicked]);
    prop_oneof![
        (0..4_usize, 0..3_usize, text).prop_map(|(room, from, text)| Act::Say { room, from, text }),
        (0..4_usize, 0..5_usize, status).prop_map(|(room, id, status)| Act::Change { room, id, status }),
        (0..3_usize, 0..2_usize).prop_map(|(person, bot)| Act::Private { person, bot }),
    ]
}

/// Three people, two bots, two groups, a supergroup and a channel; nobody but Anna is in them.
fn world() -> (World, Vec<ChatKey>) {
    let mut world = World::new(7);
    for bot in BOTS {
        world.add_bot(&Token::parse(&format!("{bot}:secret")).unwrap(), Some(format!("bot_{bot}")), None);
    }
    for id in PEOPLE {
        let (last_name, username, language_code, note) = (None, None, None, None);
        let first_name = format!("Person {id}");
        let user = NewUser { id, first_name, last_name, username, language_code, note, started: false };
        world.put_user(user).unwrap();
    }
    let kinds = [RoomKind::Group, RoomKind::Group, RoomKind::Supergroup, RoomKind::Channel];
    let rooms = kinds.map(|kind| {
        let (title, owner, bots) = ("Team".to_owned(), PEOPLE[0], Vec::<NewRoomBot>::new());
        let (username, description, members) = (None, None, Vec::new());
        let new =
            NewRoom { kind, title, username, description, owner, members, bots, preview: false, signatures: false };
        ChatKey::Shared(world.create_room(&new, NOW).unwrap().chat)
    });
    (world, rooms.to_vec())
}

fn updates(world: &mut World, bot: i64) -> Vec<Value> {
    let queue = &mut world.bots.get_mut(&bot).unwrap().queue;
    let updates = queue.take(0, 100, NOW);
    queue.clear();
    updates.iter().map(|update| serde_json::from_str(update).unwrap()).collect()
}

fn message(update: &Value) -> Option<&Value> {
    ["message", "channel_post"].iter().find_map(|kind| update.get(*kind))
}

/// Whether a bot should hear of something just said, worked out from the rules once more.
fn should_hear(before: &room::Room, kind: RoomKind, bot: i64, text: &str, spoke: bool) -> bool {
    let status = before.status(bot);
    if !status.is_there() {
        return false;
    }
    status.is_administrator()
        || (kind != RoomKind::Channel && text.contains(&format!("@bot_{bot}")))
        || (kind != RoomKind::Channel && text == "/start" && !spoke)
}

proptest! {
    #[test]
    fn bots_hear_what_they_should_and_numbers_grow(acts in prop::collection::vec(act(), 1..60)) {
        let (mut world, rooms) = world();
        let mut last: BTreeMap<(i64, i64), i64> = BTreeMap::new();
        for act in acts {
            let before = world.clone();
            let mut said = None;
            match act {
                Act::Say { room, from, text } => {
                    let key = rooms[room];
                    let sent = world.say(key, PEOPLE[from], text, None, NOW);
                    let (chat, kind) = (&before.chats[&key], before.chats[&key].room_kind().unwrap());
                    let room = chat.room().unwrap();
                    prop_assert_eq!(sent.is_ok(), room.may_write(PEOPLE[from], kind));
                    said = sent.ok().map(|sent| (key, kind, text, sent.message_id));
                }
                Act::Change { room, id, status } => {
                    let id = PEOPLE.iter().chain(&BOTS).copied().nth(id).unwrap();
                    let _ = world.change_member(rooms[room], &NewMember { id, status, by: None }, NOW);
                }
                Act::Private { person, bot } => {
                    let key = ChatKey::Private { bot: BOTS[bot], user: PEOPLE[person] };
                    world.say(key, PEOPLE[person], "hi", None, NOW).unwrap();
                }
            }
            for bot in BOTS {
                let heard = updates(&mut world, bot);
                if let Some((key, kind, text, id)) = said {
                    let should = should_hear(before.chats[&key].room().unwrap(), kind, bot, text, false);
                    let hears = heard.iter().filter_map(message).any(|m| m["message_id"] == id);
                    prop_assert_eq!(hears, should, "{} hears “{}” in {:?}", bot, text, key);
                }
                for update in &heard {
                    let Some(message) = message(update) else { continue };
                    let chat = message["chat"]["id"].as_i64().unwrap();
                    let there = |world: &World| {
                        world.chats.get(&ChatKey::Shared(chat)).and_then(|chat| chat.room()).is_none_or(|r| r.has(bot))
                    };
                    prop_assert!(there(&world) || there(&before), "{bot} is not there: {update}");
                    // A bot's private chats and groups share a counter; other chats count for themselves.
                    let counter = if chat > -1_000_000_000_000 { 0 } else { chat };
                    let id = message["message_id"].as_i64().unwrap();
                    let previous = last.insert((bot, counter), id).unwrap_or(0);
                    prop_assert!(id > previous, "{id} after {previous} for {bot} in {chat}");
                }
            }
        }
        for key in rooms {
            let chat = &world.chats[&key];
            let texts: BTreeSet<i64> = chat.messages.values().map(|message| message.id).collect();
            prop_assert_eq!(texts.len(), chat.messages.len());
        }
    }
}
