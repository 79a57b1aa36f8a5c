//! Groups, supergroups and channels: who hears what, and what bots may do there.

use natrium_sim::control::NewBot;
use serde_json::{Value, json};

use crate::bot::{Bot, Scene, started_scene};

/// The first bot.
pub(crate) const BOT: i64 = 5_550_001_111;

/// Calls of the control API below `/control`.
pub(crate) struct Control {
    http: reqwest::Client,
    url: String,
}

impl Control {
    pub(crate) fn of(scene: &Scene) -> Self {
        Self { http: reqwest::Client::new(), url: format!("{}/control", scene.telegram.url()) }
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let response = self.http.post(format!("{}{path}", self.url)).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    #[track_caller]
    pub(crate) fn done(&self, path: &str, body: Value) -> impl Future<Output = Value> {
        let answer = self.http.post(format!("{}{path}", self.url)).json(&body).send();
        async move {
            let response = answer.await.unwrap();
            let status = response.status();
            let body: Value = response.json().await.unwrap_or_default();
            assert_eq!(status, 200, "{body}");
            body
        }
    }

    /// A chat of Anna's with the first bot in it; its id.
    pub(crate) async fn room(&self, kind: &str, status: &str) -> i64 {
        let bots = json!([{ "status": status }]);
        let new = json!({ "kind": kind, "title": "Team", "owner": 1001, "bots": bots });
        self.done("/chats", new).await["chat"].as_i64().unwrap()
    }

    pub(crate) async fn say(&self, chat: i64, from: i64, text: &str) -> i64 {
        let said = json!({ "from": from, "text": text });
        self.done(&format!("/chats/{chat}/messages"), said).await["message_id"].as_i64().unwrap()
    }
}

/// All updates that wait for a bot; they are confirmed.
pub(crate) async fn updates(bot: &Bot) -> Vec<Value> {
    let updates = bot.call("getUpdates", json!({})).await.result().as_array().unwrap().clone();
    if let Some(last) = updates.last() {
        let offset = last["update_id"].as_i64().unwrap() + 1;
        bot.call("getUpdates", json!({ "offset": offset, "limit": 1 })).await.result();
    }
    updates
}

/// What the messages among updates say.
fn texts(updates: &[Value], kind: &str) -> Vec<String> {
    updates.iter().filter_map(|update| update[kind]["text"].as_str()).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_bot_in_a_new_group_hears_that_it_is_in_and_of_the_group() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let team = control.room("group", "member").await;
    assert!((-999_999_999_999..0).contains(&team), "{team}");
    let updates = updates(&scene.bot).await;
    assert_eq!(updates.len(), 2, "{updates:?}");
    let change = &updates[0]["my_chat_member"];
    assert_eq!(change["chat"]["id"], json!(team));
    assert_eq!(change["from"]["id"], json!(1001));
    assert_eq!(change["old_chat_member"]["status"], "left");
    assert_eq!(change["new_chat_member"]["status"], "member");
    let created = &updates[1]["message"];
    assert_eq!(created["group_chat_created"], json!(true));
    assert_eq!(created["chat"]["type"], "group");
    assert_eq!(created["chat"]["title"], "Team");
    assert!(created.get("text").is_none() && created["chat"].get("first_name").is_none());
}

#[tokio::test]
async fn a_bot_writes_to_a_group_and_hears_what_is_meant_for_it() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let team = control.room("group", "member").await;
    updates(&scene.bot).await;
    let sent = scene.bot.call("sendMessage", json!({ "chat_id": team, "text": "hello" })).await.result();
    assert_eq!(sent["chat"]["id"], json!(team));
    control.say(team, 1001, "not for bots").await;
    control.say(team, 1001, "/start").await;
    control.say(team, 1001, "/start@other_bot").await;
    control.say(team, 1001, "/start@Simulated_Bot now").await;
    control.say(team, 1001, "ask @simulated_bot").await;
    let reply = json!({ "from": 1001, "text": "thanks", "reply_to": sent["message_id"] });
    control.done(&format!("/chats/{team}/messages"), reply).await;
    let heard = updates(&scene.bot).await;
    assert_eq!(texts(&heard, "message"), ["/start", "/start@Simulated_Bot now", "ask @simulated_bot", "thanks"]);
    assert_eq!(heard.last().unwrap()["message"]["reply_to_message"]["text"], "hello");
    assert_eq!(heard[0]["message"]["from"]["id"], json!(1001));
}

#[tokio::test]
async fn a_general_command_is_for_the_bot_that_spoke_last() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let team = control.room("supergroup", "member").await;
    scene.control.add_bot(NewBot { token: "77:second".into(), username: None, first_name: None }).await.unwrap();
    let second = Bot::new(&scene.telegram.url(), "77:second");
    control.done(&format!("/chats/{team}/members"), json!({ "id": 77, "status": "member" })).await;
    updates(&scene.bot).await;
    updates(&second).await;
    control.say(team, 1001, "/one").await;
    second.call("sendMessage", json!({ "chat_id": team, "text": "second here" })).await.result();
    control.say(team, 1001, "/two").await;
    assert_eq!(texts(&updates(&scene.bot).await, "message"), ["/one"], "bots do not hear bots");
    assert_eq!(texts(&updates(&second).await, "message"), ["/one", "/two"]);
}

#[tokio::test]
async fn a_channel_is_written_to_by_its_administrators() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let new = json!({ "kind": "channel", "title": "News", "username": "sim_news", "owner": 1001, "bots": [{}] });
    let news = control.done("/chats", new).await["chat"].as_i64().unwrap();
    assert!(news < -1_000_000_000_000);
    assert_eq!(updates(&scene.bot).await[0]["my_chat_member"]["new_chat_member"]["can_post_messages"], json!(true));
    control.say(news, 1001, "first post").await;
    let heard = updates(&scene.bot).await;
    let post = &heard[0]["channel_post"];
    assert_eq!(post["text"], "first post");
    assert_eq!(post["sender_chat"]["id"], json!(news));
    assert!(post.get("from").is_none(), "{post}");
    let sent = scene.bot.call("sendMessage", json!({ "chat_id": "@SIM_News", "text": "second" })).await.result();
    assert_eq!(sent["chat"], json!({ "id": news, "title": "News", "username": "sim_news", "type": "channel" }));
    assert_eq!(sent["message_id"], json!(3), "a channel counts for itself, from its creation on");

    scene.control.user(1002, "Boris").await.unwrap();
    control.done(&format!("/chats/{news}/members"), json!({ "id": 1002, "status": "member" })).await;
    let refused = control.post(&format!("/chats/{news}/messages"), json!({ "from": 1002, "text": "x" })).await;
    assert_eq!(refused, (409, json!({ "error": "1002 may not write in this chat" })));
}

#[tokio::test]
async fn where_a_bot_is_not_it_cannot_write() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    for kind in ["group", "supergroup", "channel"] {
        let room = control.room(kind, "administrator").await;
        let send = || scene.bot.call("sendMessage", json!({ "chat_id": room, "text": "x" }));
        let members = format!("/chats/{room}/members");
        send().await.result();
        control.done(&members, json!({ "id": BOT, "status": "left" })).await;
        let not_a_member = format!("Forbidden: bot is not a member of the {kind} chat");
        assert_eq!(send().await.error(), (403, not_a_member.as_str()));
        control.done(&members, json!({ "id": BOT, "status": "kicked" })).await;
        let kicked = format!("Forbidden: bot was kicked from the {kind} chat");
        assert_eq!(send().await.error(), (403, kicked.as_str()));
    }
    let new = json!({ "kind": "group", "title": "Elsewhere", "owner": 1001 });
    let elsewhere = control.done("/chats", new).await["chat"].clone();
    let answer = scene.bot.call("sendMessage", json!({ "chat_id": elsewhere, "text": "x" })).await;
    assert_eq!(answer.error(), (400, "Bad Request: chat not found"), "it never was there");
}

#[tokio::test]
async fn a_group_becomes_a_supergroup() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let team = control.room("group", "member").await;
    updates(&scene.bot).await;
    let supergroup = control.done(&format!("/chats/{team}/migrate"), json!({})).await["chat"].as_i64().unwrap();
    let heard = updates(&scene.bot).await;
    let to: Vec<&Value> = heard.iter().filter(|u| u["message"].get("migrate_to_chat_id").is_some()).collect();
    assert_eq!(
        (&to[0]["message"]["chat"]["id"], &to[0]["message"]["migrate_to_chat_id"]),
        (&json!(team), &json!(supergroup))
    );
    let from: Vec<&Value> = heard.iter().filter(|u| u["message"].get("migrate_from_chat_id").is_some()).collect();
    assert_eq!(from[0]["message"]["chat"]["type"], "supergroup");
    let answer = scene.bot.call("sendMessage", json!({ "chat_id": team, "text": "x" })).await;
    assert_eq!(answer.error(), (400, "Bad Request: group chat was upgraded to a supergroup chat"));
    assert_eq!(answer.body["parameters"], json!({ "migrate_to_chat_id": supergroup }));
    scene.bot.call("sendMessage", json!({ "chat_id": supergroup, "text": "x" })).await.result();
    let (status, _) = control.post(&format!("/chats/{team}/messages"), json!({ "from": 1001, "text": "x" })).await;
    assert_eq!(status, 409);
}

#[tokio::test]
async fn a_button_in_a_group_is_pressed_by_anybody() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    scene.control.user(1002, "Boris").await.unwrap();
    let team = control.room("group", "member").await;
    control.done(&format!("/chats/{team}/members"), json!({ "id": 1002, "status": "member" })).await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
    let sent = json!({ "chat_id": team, "text": "Sure?", "reply_markup": keyboard });
    scene.bot.call("sendMessage", sent).await.result();
    updates(&scene.bot).await;
    let pressed = control.done(&format!("/chats/{team}/press"), json!({ "from": 1002, "text": "Yes" })).await;
    let query = updates(&scene.bot).await[0]["callback_query"].clone();
    assert_eq!(query["id"], pressed["query_id"]);
    assert_eq!(query["from"]["id"], json!(1002));
    assert_eq!(query["message"]["chat"]["id"], json!(team));
    scene.bot.call("answerCallbackQuery", json!({ "callback_query_id": query["id"] })).await.result();
}

#[tokio::test]
async fn a_shared_chat_is_waited_in_shown_and_told() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let team = control.room("group", "member").await;
    let waiting = control.done("/wait", json!({ "for": "message", "chat": team, "contains": "hello" }));
    let sending = scene.bot.call("sendMessage", json!({ "chat_id": team, "text": "hello" }));
    let (met, _) = tokio::join!(waiting, sending);
    assert_eq!(met["message"]["author"], "bot");
    assert_eq!(met["message"]["from"], json!(BOT));
    control.done(&format!("/chats/{team}/title"), json!({ "title": "Crew" })).await;
    let rooms = scene.control.state().await.unwrap().rooms;
    assert_eq!((rooms[0].chat, rooms[0].title.as_str(), rooms[0].members.len()), (team, "Crew", 2));
    scene.bot.call("sendChatAction", json!({ "chat_id": team, "action": "typing" })).await.result();
    assert_eq!(scene.control.state().await.unwrap().rooms[0].actions[0].action, "typing");
}

#[tokio::test]
async fn a_group_reads_like_a_conversation() {
    let scene = started_scene().await;
    let (anna, boris) = (&scene.anna, scene.control.user(1002, "Boris").await.unwrap());
    let team = scene.control.group("Team", &[anna, &boris]).await.unwrap();
    let asked = boris.says_in(&team, "/start").await.unwrap();
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
    let answer = json!({ "message_id": asked });
    let sent = json!({ "chat_id": team.id(), "text": "Sure?", "reply_markup": keyboard, "reply_parameters": answer });
    scene.bot.call("sendMessage", sent).await.result();
    assert_eq!(team.shows("Sure").await.unwrap().reply_to, Some(asked));
    let query = anna.presses_in(&team, "Yes").await.unwrap();
    scene.bot.call("answerCallbackQuery", json!({ "callback_query_id": query, "text": "Good" })).await.result();
    assert_eq!(anna.is_answered(&query).await.unwrap().text, "Good");
    let impatient = scene.control.clone().patient(std::time::Duration::from_millis(50));
    let other = impatient.group("Other", &[anna]).await.unwrap();
    let error = other.shows("never").await.unwrap_err().to_string();
    assert!(error.contains("never"), "{error}");
    boris.leaves(&team).await.unwrap();
    assert_eq!(boris.says_in(&team, "x").await.unwrap_err().to_string(), "409: 1002 is not in this chat");
    let news = scene.control.channel("News", Some("sim_news"), anna).await.unwrap();
    anna.says_in(&news, "a post").await.unwrap();
    scene.bot.call("sendMessage", json!({ "chat_id": "@sim_news", "text": "by the bot" })).await.result();
    news.shows("by the bot").await.unwrap();
    assert!(scene.control.group("Nobody's", &[]).await.is_err());
}

#[tokio::test]
async fn a_fault_of_a_chat_hits_whoever_names_it_by_its_username() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let new = json!({ "kind": "supergroup", "title": "Team", "username": "the_team", "owner": 1001, "bots": [{}] });
    let team = control.done("/chats", new).await["chat"].clone();
    control.done("/faults", json!({ "kind": "conflict", "chat": team })).await;
    for chat in [team, json!("@the_team"), json!("@The_Team")] {
        let answer = scene.bot.call("sendMessage", json!({ "chat_id": chat, "text": "x" })).await;
        assert_eq!(answer.status, 409, "{chat}");
    }
    let elsewhere = scene.bot.call("sendMessage", json!({ "chat_id": "@nobody_here", "text": "x" })).await;
    assert_eq!(elsewhere.error(), (400, "Bad Request: chat not found"));
}

#[tokio::test]
async fn a_bot_hears_of_what_it_did_to_a_channel_but_not_of_what_it_said() {
    let scene = started_scene().await;
    let control = Control::of(&scene);
    let news = control.room("channel", "administrator").await;
    updates(&scene.bot).await;
    let call = |method: &'static str, name: &str, value: Value| {
        scene.bot.call(method, json!({ "chat_id": news, name: value }))
    };
    let post = call("sendMessage", "text", json!("news")).await.result();
    call("setChatTitle", "title", json!("Old news")).await.result();
    call("pinChatMessage", "message_id", post["message_id"].clone()).await.result();
    let heard = updates(&scene.bot).await;
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert_eq!(heard[0]["channel_post"]["new_chat_title"], "Old news");
    assert_eq!(heard[1]["channel_post"]["pinned_message"]["text"], "news");
}
