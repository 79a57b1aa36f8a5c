use natrium_sim::control::NewUser;
use serde_json::{Value, json};

use crate::bot::{scene, started_scene};

#[tokio::test]
async fn menus_are_kept_per_scope_and_language() {
    let scene = started_scene().await;
    let menu = |name: &str| json!([{ "command": name, "description": name }]);
    let set = |parameters: Value| scene.bot.call("setMyCommands", parameters);
    set(json!({ "commands": menu("start") })).await.result();
    set(json!({ "commands": menu("nachalo"), "language_code": "ru" })).await.result();
    let scope = json!({ "type": "chat", "chat_id": 1001 });
    set(json!({ "commands": menu("set_fees"), "scope": scope })).await.result();

    let get = |parameters: Value| scene.bot.call("getMyCommands", parameters);
    assert_eq!(get(json!({})).await.result(), menu("start"));
    assert_eq!(get(json!({ "language_code": "ru" })).await.result(), menu("nachalo"));
    assert_eq!(get(json!({ "language_code": "de" })).await.result(), json!([]), "never set");
    assert_eq!(get(json!({ "scope": scope })).await.result(), menu("set_fees"));

    let boris = NewUser {
        id: 1002,
        first_name: "Boris".into(),
        last_name: None,
        username: None,
        language_code: Some("ru".into()),
        note: None,
        started: true,
    };
    scene.control.put_user(boris).await.unwrap();
    let shown = |state: natrium_sim::control::State| -> Vec<String> {
        state.chats.iter().map(|chat| chat.commands[0].command.clone()).collect()
    };
    assert_eq!(shown(scene.control.state().await.unwrap()), ["set_fees", "nachalo"]);
    scene.bot.call("deleteMyCommands", json!({ "scope": scope })).await.result();
    assert_eq!(shown(scene.control.state().await.unwrap()), ["start", "nachalo"]);
}

#[tokio::test]
async fn errors_of_set_my_commands() {
    let scene = scene().await;
    let many: Vec<Value> = (0..101).map(|_| json!({ "command": "a", "description": "a" })).collect();
    for (commands, description) in [
        (json!("{"), "Bad Request: can't parse commands JSON object"),
        (json!({ "a": 1 }), "Bad Request: expected an Array of BotCommand"),
        (json!(["start"]), "Bad Request: can't parse BotCommand: expected an Object"),
        (json!([{ "command": "x".repeat(33), "description": "a" }]), "Bad Request: command length must not exceed 32"),
        (json!([{ "command": "a", "description": "" }]), "Bad Request: command description must be non-empty"),
        (json!([{ "command": "Start", "description": "a" }]), "Bad Request: BOT_COMMAND_INVALID"),
        (json!(many), "Bad Request: BOT_COMMANDS_TOO_MUCH"),
    ] {
        let answer = scene.bot.call("setMyCommands", json!({ "commands": commands })).await;
        assert_eq!(answer.error(), (400, description), "{commands}");
    }
}

#[tokio::test]
async fn errors_of_scopes_and_languages() {
    let scene = scene().await;
    let member = |user: i64| json!({ "type": "chat_member", "chat_id": 1001, "user_id": user });
    for (scope, description) in [
        (json!("{"), "Bad Request: can't parse BotCommandScope JSON object"),
        (json!([]), "Bad Request: can't parse BotCommandScope: BotCommandScope must be an Object"),
        (json!({}), "Bad Request: can't parse BotCommandScope: Can't find field \"type\""),
        (json!({ "type": "x" }), "Bad Request: can't parse BotCommandScope: Unsupported type specified"),
        (json!({ "type": "chat" }), "Bad Request: can't parse BotCommandScope: Can't find field \"chat_id\""),
        (json!({ "type": "chat", "chat_id": "" }), "Bad Request: can't parse BotCommandScope: Empty chat_id specified"),
        (member(0), "Bad Request: can't parse BotCommandScope: Invalid user_id specified"),
    ] {
        let answer = scene.bot.call("getMyCommands", json!({ "scope": scope })).await;
        assert_eq!(answer.error(), (400, description), "{scope}");
    }
    let answer = scene.bot.call("setMyCommands", json!({ "commands": [], "language_code": "english" })).await;
    assert_eq!(answer.error(), (400, "Bad Request: invalid language code specified"));
}
