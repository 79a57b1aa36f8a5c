//! What bots ask about chats, and what administrators do to them.

use serde_json::{Value, json};

use crate::bot::started_scene;
use crate::chats::{BOT, Control, updates};

#[tokio::test]
async fn get_chat_tells_what_clients_insist_on() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let new = json!({
        "kind": "supergroup", "title": "Team", "username": "sim_team", "description": "us", "owner": 1001, "bots": [{}],
    });
    let team = control.done("/chats", new).await["chat"].clone();
    let get = |chat: Value| scene.bot.call("getChat", json!({ "chat_id": chat }));
    let info = get(team.clone()).await.result();
    assert_eq!(info["id"], team);
    assert_eq!(info["type"], "supergroup");
    assert_eq!((&info["title"], &info["description"]), (&json!("Team"), &json!("us")));
    assert_eq!(info["active_usernames"], json!(["sim_team"]));
    assert_eq!(info["permissions"]["can_send_messages"], json!(true));
    assert!(info.get("pinned_message").is_none() && info.get("first_name").is_none());
    assert_eq!(get(json!("@SIM_TEAM")).await.result()["id"], team);
    let private = get(json!(1001)).await.result();
    assert_eq!((&private["type"], &private["first_name"]), (&json!("private"), &json!("Anna")));
    for info in [info, private] {
        assert!(info["accent_color_id"].is_u64() && info["max_reaction_count"].is_u64(), "{info}");
        assert!(info["accepted_gift_types"]["unlimited_gifts"].is_boolean(), "{info}");
    }
    assert_eq!(get(json!(-5)).await.error(), (400, "Bad Request: chat not found"));
}

#[tokio::test]
async fn members_are_told_by_status() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    for (id, name) in [(1002, "Boris"), (1003, "Sam")] {
        scene.control.user(id, name).await.unwrap();
    }
    let team = control.room("supergroup", "administrator").await;
    control.done(&format!("/chats/{team}/members"), json!({ "id": 1002, "status": "restricted" })).await;
    let member = |id: i64| scene.bot.call("getChatMember", json!({ "chat_id": team, "user_id": id }));
    let creator = member(1001).await.result();
    assert_eq!((&creator["status"], &creator["user"]["first_name"]), (&json!("creator"), &json!("Anna")));
    assert_eq!(creator["is_anonymous"], json!(false));
    let me = member(BOT).await.result();
    assert_eq!((&me["status"], &me["can_restrict_members"]), (&json!("administrator"), &json!(true)));
    let restricted = member(1002).await.result();
    assert_eq!(restricted["status"], "restricted");
    assert_eq!((&restricted["is_member"], &restricted["can_send_messages"]), (&json!(true), &json!(false)));
    assert_eq!(member(1003).await.result()["status"], "left");
    assert_eq!(member(9).await.error(), (400, "Bad Request: user not found"));
    let count = scene.bot.call("getChatMemberCount", json!({ "chat_id": team })).await.result();
    assert_eq!(count, json!(3));
    let list = scene.bot.call("getChatAdministrators", json!({ "chat_id": team })).await.result();
    let ids: Vec<&Value> = list.as_array().unwrap().iter().map(|member| &member["user"]["id"]).collect();
    assert_eq!(ids, [&json!(1001), &json!(BOT)]);
    let private = scene.bot.call("getChatAdministrators", json!({ "chat_id": 1001 })).await;
    assert_eq!(private.error(), (400, "Bad Request: there are no administrators in the private chat"));
}

#[tokio::test]
async fn a_bot_leaves() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let team = control.room("supergroup", "member").await;
    updates(&scene.bot).await;
    let leave = || scene.bot.call("leaveChat", json!({ "chat_id": team }));
    assert_eq!(leave().await.result(), json!(true));
    let heard = updates(&scene.bot).await;
    assert!(heard.iter().any(|update| update["my_chat_member"]["new_chat_member"]["status"] == "left"), "{heard:?}");
    assert!(heard.iter().any(|update| update["message"]["left_chat_member"]["id"] == json!(BOT)), "{heard:?}");
    assert_eq!(leave().await.error(), (403, "Forbidden: bot is not a member of the supergroup chat"));
    control.say(team, 1001, "gone").await;
    assert!(updates(&scene.bot).await.is_empty());
}

#[tokio::test]
async fn only_administrators_change_a_chat() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    scene.control.user(1002, "Boris").await.unwrap();
    let team = control.room("supergroup", "member").await;
    let message = control.say(team, 1001, "rules").await;
    let members = format!("/chats/{team}/members");
    control.done(&members, json!({ "id": 1002, "status": "member" })).await;
    let call = |method: &'static str, extra: Value| {
        let mut parameters = json!({ "chat_id": team });
        parameters.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let bot = scene.bot.clone();
        async move { bot.call(method, parameters).await }
    };
    let changes = [
        ("setChatTitle", json!({ "title": "Crew" }), "not enough rights to change chat title"),
        ("setChatDescription", json!({ "description": "all" }), "not enough rights to set chat description"),
        ("pinChatMessage", json!({ "message_id": message }), "not enough rights to manage pinned messages in the chat"),
        ("banChatMember", json!({ "user_id": 1002 }), "not enough rights to restrict/unrestrict chat member"),
    ];
    for (method, parameters, refusal) in &changes {
        let answer = call(method, parameters.clone()).await;
        assert_eq!(answer.error(), (400, format!("Bad Request: {refusal}").as_str()), "{method}");
    }
    control.done(&members, json!({ "id": BOT, "status": "administrator" })).await;
    updates(&scene.bot).await;
    for (method, parameters, _) in &changes {
        assert_eq!(call(method, parameters.clone()).await.result(), json!(true), "{method}");
    }
    let heard = updates(&scene.bot).await;
    let message = |name: &str| {
        let found = heard.iter().find(|update| update["message"].get(name).is_some());
        found.unwrap_or_else(|| panic!("{name} in {heard:?}"))["message"].clone()
    };
    assert_eq!(message("new_chat_title")["new_chat_title"], "Crew");
    assert_eq!(message("pinned_message")["pinned_message"]["text"], "rules");
    assert_eq!(message("left_chat_member")["left_chat_member"]["id"], json!(1002));
    let info = scene.bot.call("getChat", json!({ "chat_id": team })).await.result();
    assert_eq!((&info["title"], &info["description"]), (&json!("Crew"), &json!("all")));
    assert_eq!(info["pinned_message"]["text"], "rules");
    assert_eq!(
        call("setChatTitle", json!({ "title": "Crew" })).await.error().1,
        "Bad Request: chat title is not modified"
    );
    let banned = call("getChatMember", json!({ "user_id": 1002 })).await.result();
    assert_eq!((&banned["status"], &banned["until_date"]), (&json!("kicked"), &json!(0)));
    call("unbanChatMember", json!({ "user_id": 1002, "only_if_banned": true })).await.result();
    assert_eq!(call("getChatMember", json!({ "user_id": 1002 })).await.result()["status"], "left");
    let owner = call("banChatMember", json!({ "user_id": 1001 })).await;
    assert_eq!(owner.error(), (400, "Bad Request: can't remove chat owner"));
    call("unpinChatMessage", json!({})).await.result();
    let info = scene.bot.call("getChat", json!({ "chat_id": team })).await.result();
    assert!(info.get("pinned_message").is_none());
}

#[tokio::test]
async fn administrators_hear_of_members_if_they_ask() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    scene.control.user(1002, "Boris").await.unwrap();
    let team = control.room("supergroup", "administrator").await;
    let members = format!("/chats/{team}/members");
    control.done(&members, json!({ "id": 1002, "status": "member" })).await;
    let heard = updates(&scene.bot).await;
    assert!(heard.iter().all(|update| update.get("chat_member").is_none()), "not asked for");
    let came = heard.iter().find(|update| update["message"]["new_chat_members"][0]["id"] == json!(1002));
    assert_eq!(came.unwrap()["message"]["from"]["id"], json!(1002), "he came by himself");
    scene.bot.call("getUpdates", json!({ "allowed_updates": ["chat_member"], "timeout": 0 })).await.result();
    control.done(&members, json!({ "id": 1002, "status": "kicked" })).await;
    let heard = updates(&scene.bot).await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    let change = &heard[0]["chat_member"];
    assert_eq!((&change["from"]["id"], &change["new_chat_member"]["user"]["id"]), (&json!(1001), &json!(1002)));
    assert_eq!(
        (&change["old_chat_member"]["status"], &change["new_chat_member"]["status"]),
        (&json!("member"), &json!("kicked"))
    );
    control.done(&members, json!({ "id": BOT, "status": "member" })).await;
    control.done(&members, json!({ "id": 1002, "status": "member" })).await;
    assert!(updates(&scene.bot).await.is_empty(), "only administrators are told");
}

#[tokio::test]
async fn an_administrator_deletes_what_others_said() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let team = control.room("group", "member").await;
    let said = control.say(team, 1001, "spam").await;
    let delete = || scene.bot.call("deleteMessage", json!({ "chat_id": team, "message_id": said }));
    assert_eq!(delete().await.error(), (400, "Bad Request: message can't be deleted"));
    control.done(&format!("/chats/{team}/members"), json!({ "id": BOT, "status": "administrator" })).await;
    assert_eq!(delete().await.result(), json!(true));
    assert_eq!(delete().await.error(), (400, "Bad Request: message to delete not found"));
}

#[tokio::test]
async fn a_channel_may_sign_its_posts() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let new = json!({ "kind": "channel", "title": "News", "owner": 1001, "bots": [{}], "signatures": true });
    let news = control.done("/chats", new).await["chat"].as_i64().unwrap();
    updates(&scene.bot).await;
    control.say(news, 1001, "signed").await;
    assert_eq!(updates(&scene.bot).await[0]["channel_post"]["author_signature"], "Anna");
    let quiet = control.room("channel", "administrator").await;
    updates(&scene.bot).await;
    control.say(quiet, 1001, "unsigned").await;
    assert!(updates(&scene.bot).await[0]["channel_post"].get("author_signature").is_none());
}

#[tokio::test]
async fn a_bot_that_is_gone_sees_a_group_but_not_who_is_there() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    for (status, why) in
        [("left", "bot is not a member of the group chat"), ("kicked", "bot was kicked from the group chat")]
    {
        let team = control.room("group", "member").await;
        control.done(&format!("/chats/{team}/members"), json!({ "id": BOT, "status": status })).await;
        let call = |method: &'static str, user: i64| {
            let parameters = json!({ "chat_id": team, "user_id": user });
            let bot = scene.bot.clone();
            async move { bot.call(method, parameters).await }
        };
        assert_eq!(call("getChat", 0).await.result()["id"], json!(team), "{status}");
        assert_eq!(call("getChatMember", BOT).await.result()["status"], json!(status));
        for method in ["getChatMember", "getChatAdministrators", "getChatMemberCount"] {
            assert_eq!(call(method, 1001).await.error(), (403, format!("Forbidden: {why}").as_str()), "{method}");
        }
        assert_eq!(call("getChatMember", 0).await.error(), (400, "Bad Request: invalid user_id specified"));
    }
    let team = control.room("supergroup", "member").await;
    control.done(&format!("/chats/{team}/members"), json!({ "id": BOT, "status": "left" })).await;
    let gone = scene.bot.call("getChat", json!({ "chat_id": team })).await;
    assert_eq!(gone.error(), (403, "Forbidden: bot is not a member of the supergroup chat"));
    let new = json!({ "kind": "supergroup", "title": "Open", "username": "sim_open", "owner": 1001 });
    control.done("/chats", new).await;
    let count = scene.bot.call("getChatMemberCount", json!({ "chat_id": "@sim_open" })).await;
    assert_eq!(count.result(), json!(1), "a public one is seen from outside");
}

#[tokio::test]
async fn what_may_not_be_sent_is_named() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    scene.anna.sends("a.bin", "a").await.unwrap();
    scene.anna.sends_sample("photo.png").await.unwrap();
    let sent = updates(&scene.bot).await;
    let document = sent[0]["message"]["document"]["file_id"].clone();
    let photo = sent[1]["message"]["photo"][0]["file_id"].clone();
    let team = control.room("supergroup", "restricted").await;
    let calls = [
        ("sendMessage", json!({ "text": "x" }), "text messages"),
        ("sendDocument", json!({ "document": document }), "documents"),
        ("sendPhoto", json!({ "photo": photo }), "photos"),
        ("sendMediaGroup", json!({ "media": [{ "type": "document", "media": document }] }), "documents"),
        ("copyMessage", json!({ "from_chat_id": 1001, "message_id": 1 }), "text messages"),
        ("copyMessage", json!({ "from_chat_id": 1001, "message_id": 2 }), "documents"),
        ("forwardMessage", json!({ "from_chat_id": 1001, "message_id": 3 }), "photos"),
        ("forwardMessages", json!({ "from_chat_id": 1001, "message_ids": [3] }), "photos"),
    ];
    for (method, mut parameters, what) in calls {
        parameters["chat_id"] = json!(team);
        let answer = scene.bot.call(method, parameters.clone()).await;
        let text = format!("Bad Request: not enough rights to send {what} to the chat");
        assert_eq!(answer.error(), (400, text.as_str()), "{method} {parameters}");
    }
}

#[tokio::test]
async fn a_message_to_be_pinned_is_looked_for_before_the_bots_rights() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let team = control.room("supergroup", "member").await;
    for (method, parameters, text) in [
        ("pinChatMessage", json!({ "chat_id": team, "message_id": 99 }), "message to pin not found"),
        ("pinChatMessage", json!({ "chat_id": team }), "message to pin not found"),
        ("unpinChatMessage", json!({ "chat_id": team, "message_id": 99 }), "message to unpin not found"),
        ("unpinChatMessage", json!({ "chat_id": team }), "not enough rights to manage pinned messages in the chat"),
    ] {
        let answer = scene.bot.call(method, parameters).await;
        assert_eq!(answer.error(), (400, format!("Bad Request: {text}").as_str()), "{method}");
    }
}

#[tokio::test]
async fn a_message_that_is_deleted_is_pinned_no_more() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let team = control.room("supergroup", "administrator").await;
    let mut rules = Vec::new();
    for text in ["one", "two", "three"] {
        let message = control.say(team, 1001, text).await;
        scene.bot.call("pinChatMessage", json!({ "chat_id": team, "message_id": message })).await.result();
        rules.push(message);
    }
    let pinned = async || {
        let info = scene.bot.call("getChat", json!({ "chat_id": team })).await.result();
        info["pinned_message"]["text"].clone()
    };
    assert_eq!(pinned().await, "three");
    scene.bot.call("deleteMessage", json!({ "chat_id": team, "message_id": rules[2] })).await.result();
    assert_eq!(pinned().await, "two", "the one before it");
    let deletes = json!({ "from": 1001, "message_id": rules[1] });
    control.done(&format!("/chats/{team}/delete"), deletes).await;
    assert_eq!(pinned().await, "one");
    scene.bot.call("unpinChatMessage", json!({ "chat_id": team })).await.result();
    assert_eq!(pinned().await, Value::Null, "what was deleted is nothing that could be unpinned");
}

#[tokio::test]
async fn what_a_supergroup_or_channel_began_with_cannot_be_deleted() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let group = control.room("group", "administrator").await;
    let migrated = control.done(&format!("/chats/{group}/migrate"), json!({})).await["chat"].as_i64().unwrap();
    for chat in
        [control.room("supergroup", "administrator").await, control.room("channel", "administrator").await, migrated]
    {
        let delete = |id: i64| scene.bot.call("deleteMessage", json!({ "chat_id": chat, "message_id": id }));
        assert_eq!(delete(1).await.error(), (400, "Bad Request: message can't be deleted"), "{chat}");
        let later = control.say(chat, 1001, "later").await;
        assert_eq!(delete(later).await.result(), json!(true), "{chat}");
    }
}
