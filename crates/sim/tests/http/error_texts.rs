//! The error texts that clients go by, each from a call that earns it.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::bot::{Scene, read, started_scene};
use crate::chats::Control;

/// A chat in which message 1 is Anna's, 2 a text of the bot, 3 a document of the bot.
async fn scene_with_messages() -> Scene {
    let scene = started_scene().await;
    scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "text" })).await.result();
    let form = Form::new().text("chat_id", "1001").part("document", Part::bytes(vec![1]).file_name("a.bin"));
    let sent = read(scene.bot.post("sendDocument").multipart(form)).await.unwrap().result();
    assert_eq!(sent["message_id"], json!(3));
    scene
}

/// Each call, and what it is told after `Bad Request: `.
async fn told(scene: &Scene, rows: &[(&str, Value, &str)]) {
    for (method, parameters, text) in rows {
        let answer = scene.bot.call(method, parameters.clone()).await;
        assert_eq!(answer.error(), (400, format!("Bad Request: {text}").as_str()), "{method} {parameters}");
    }
}

fn keyboard(button: Value) -> Value {
    json!({ "chat_id": 1001, "text": "x", "reply_markup": { "inline_keyboard": [[button]] } })
}

#[tokio::test]
async fn of_chats_and_messages_that_are_not_there() {
    let scene = scene_with_messages().await;
    told(
        &scene,
        &[
            ("sendMessage", json!({ "chat_id": 5, "text": "x" }), "chat not found"),
            ("sendMessage", json!({ "chat_id": "@nobody_here", "text": "x" }), "chat not found"),
            ("sendMessage", json!({ "text": "x" }), "chat_id is empty"),
            ("sendMessage", json!({ "chat_id": "", "text": "x" }), "chat_id is empty"),
            ("editMessageText", json!({ "chat_id": 1001, "message_id": 99, "text": "x" }), "message to edit not found"),
            ("deleteMessage", json!({ "chat_id": 1001, "message_id": 99 }), "message to delete not found"),
            (
                "sendMessage",
                json!({ "chat_id": 1001, "text": "x", "reply_to_message_id": 99 }),
                "message to be replied not found",
            ),
            ("editMessageText", json!({ "chat_id": 1001, "text": "x" }), "message identifier is not specified"),
            ("editMessageText", json!({ "text": "x" }), "message identifier is not specified"),
            ("deleteMessage", json!({ "chat_id": 1001 }), "message identifier is not specified"),
        ],
    )
    .await;
}

#[tokio::test]
async fn of_texts() {
    let scene = scene_with_messages().await;
    let text = |text: &str| json!({ "chat_id": 1001, "text": text });
    told(
        &scene,
        &[
            ("sendMessage", json!({ "chat_id": 1001 }), "message text is empty"),
            ("sendMessage", text(""), "message text is empty"),
            ("sendMessage", text(" \n\t "), "text must be non-empty"),
            ("sendMessage", text(&"я".repeat(4097)), "message is too long"),
            ("sendMessage", text(&"x".repeat(32_769)), "text is too long"),
            (
                "editMessageText",
                json!({ "chat_id": 1001, "message_id": 2, "text": "x".repeat(4097) }),
                "MESSAGE_TOO_LONG",
            ),
            ("sendMessage", json!({ "chat_id": 1001, "text": "x", "parse_mode": "BBCode" }), "unsupported parse_mode"),
            (
                "editMessageText",
                json!({ "chat_id": 1001, "message_id": 2, "text": "text" }),
                "message is not modified: specified new message content and reply markup are exactly the same as a current \
                 content and reply markup of the message",
            ),
            ("editMessageText", json!({ "chat_id": 1001, "message_id": 1, "text": "x" }), "message can't be edited"),
            (
                "editMessageText",
                json!({ "chat_id": 1001, "message_id": 3, "text": "x" }),
                "there is no text in the message to edit",
            ),
        ],
    )
    .await;
    scene.control.advance(Duration::from_secs(49 * 3600)).await.unwrap();
    let old = json!({ "chat_id": 1001, "message_id": 2 });
    told(&scene, &[("deleteMessage", old, "message can't be deleted")]).await;
}

#[tokio::test]
async fn of_files() {
    let scene = scene_with_messages().await;
    let known = "BQACAgIAAxkBAAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    scene.anna.sends("big.bin", vec![0; (20 << 20) + 1]).await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({ "offset": -1 })).await.result();
    let big = updates[0]["message"]["document"]["file_id"].clone();
    told(
        &scene,
        &[
            ("sendDocument", json!({ "chat_id": 1001 }), "there is no document in the request"),
            ("getFile", json!({}), "file_id not specified"),
            ("getFile", json!({ "file_id": "x" }), "invalid file_id"),
            ("getFile", json!({ "file_id": known }), "wrong file_id or the file is temporarily unavailable"),
            ("getFile", json!({ "file_id": big }), "file is too big"),
        ],
    )
    .await;
    let form = |bytes: Vec<u8>, caption: String| {
        Form::new().text("chat_id", "1001").text("caption", caption).part("document", Part::bytes(bytes).file_name("a"))
    };
    let send = |form: Form| read(scene.bot.post("sendDocument").multipart(form));
    let empty = send(form(vec![], String::new())).await.unwrap();
    assert_eq!(empty.error(), (400, "Bad Request: file must be non-empty"));
    let long = send(form(vec![1], "x".repeat(1025))).await.unwrap();
    assert_eq!(long.error(), (400, "Bad Request: message caption is too long"));
    assert_eq!(read(scene.bot.file("documents/file_99.bin")).await.unwrap().error(), (404, "Not Found"));
}

#[tokio::test]
async fn of_keyboards_and_presses() {
    let scene = scene_with_messages().await;
    let markup = |markup: Value| json!({ "chat_id": 1001, "text": "x", "reply_markup": markup });
    let old = "query is too old and response timeout expired or query ID is invalid";
    told(
        &scene,
        &[
            (
                "sendMessage",
                keyboard(json!({ "text": "x" })),
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            ),
            ("sendMessage", keyboard(json!({ "text": "x", "callback_data": "x".repeat(65) })), "BUTTON_DATA_INVALID"),
            ("sendMessage", markup(json!("{")), "can't parse reply keyboard markup JSON object"),
            ("sendMessage", markup(json!([])), "object expected as reply markup"),
            ("answerCallbackQuery", json!({ "callback_query_id": "1" }), old),
            ("answerCallbackQuery", json!({}), old),
        ],
    )
    .await;
    scene.bot.call("sendMessage", keyboard(json!({ "text": "Press", "callback_data": "p" }))).await.result();
    let query = scene.anna.presses("Press").await.unwrap();
    let long = json!({ "callback_query_id": query, "text": "x".repeat(201) });
    told(&scene, &[("answerCallbackQuery", long, "MESSAGE_TOO_LONG")]).await;
    let url = json!({ "callback_query_id": query, "url": "https://t.me/simulated_bot?start=x" });
    assert_eq!(scene.bot.call("answerCallbackQuery", url).await.status, 501);
    scene.control.advance(Duration::from_secs(150)).await.unwrap();
    told(&scene, &[("answerCallbackQuery", json!({ "callback_query_id": query }), old)]).await;
}

#[tokio::test]
async fn of_commands_and_actions() {
    let scene = scene_with_messages().await;
    let commands = |commands: Value| json!({ "commands": commands });
    let one = |name: &str, description: &str| commands(json!([{ "command": name, "description": description }]));
    told(
        &scene,
        &[
            ("setMyCommands", commands(json!("{")), "can't parse commands JSON object"),
            ("setMyCommands", commands(json!({})), "expected an Array of BotCommand"),
            ("setMyCommands", one(&"x".repeat(33), "x"), "command length must not exceed 32"),
            ("setMyCommands", one("x", " "), "command description must be non-empty"),
            ("setMyCommands", one("X-1", "x"), "BOT_COMMAND_INVALID"),
            (
                "setMyCommands",
                commands(json!(vec![json!({ "command": "a", "description": "a" }); 101])),
                "BOT_COMMANDS_TOO_MUCH",
            ),
            ("sendChatAction", json!({ "chat_id": 1001, "action": "x" }), "wrong parameter action in request"),
        ],
    )
    .await;
}

#[tokio::test]
async fn of_people_who_do_not_want_to_hear() {
    let scene = scene_with_messages().await;
    scene.anna.blocks(true).await.unwrap();
    let photo = json!({ "chat_id": 1001, "from_chat_id": 1001, "message_id": 2 });
    let calls = [
        ("sendMessage", json!({ "chat_id": 1001, "text": "x" })),
        ("sendChatAction", json!({ "chat_id": 1001, "action": "typing" })),
        ("copyMessage", photo.clone()),
        ("forwardMessage", photo),
    ];
    for (method, parameters) in calls {
        let answer = scene.bot.call(method, parameters).await;
        assert_eq!(answer.error(), (403, "Forbidden: bot was blocked by the user"), "{method}");
    }
    let itself = scene.bot.call("sendMessage", json!({ "chat_id": 5_550_001_111_i64, "text": "x" })).await;
    assert_eq!(itself.error(), (403, "Forbidden: bot can't send messages to bots"));
}

#[tokio::test]
async fn of_people_who_never_spoke_and_of_people_who_are_gone() {
    let scene = scene_with_messages().await;
    let eva = scene.control.user(1003, "Eva").await.unwrap();
    let to = |chat: i64| scene.bot.call("sendMessage", json!({ "chat_id": chat, "text": "x" }));
    assert_eq!(to(1003).await.error(), (400, "Bad Request: chat not found"));
    let control = Control::of(&scene);
    let group = control.room("group", "member").await;
    control.done(&format!("/chats/{group}/members"), json!({ "id": 1003, "status": "member", "by": 1001 })).await;
    assert_eq!(to(1003).await.error(), (403, "Forbidden: bot can't initiate conversation with a user"));
    eva.says("/start").await.unwrap();
    to(1003).await.result();

    scene.anna.deactivates().await.unwrap();
    assert_eq!(to(1001).await.error(), (403, "Forbidden: user is deactivated"));
    for method in ["editMessageText", "deleteMessage"] {
        let answer = scene.bot.call(method, json!({ "chat_id": 1001, "message_id": 2, "text": "y" })).await;
        assert_eq!(answer.error(), (403, "Forbidden: user is deactivated"), "{method}");
    }
    let error = scene.anna.says("hello?").await.unwrap_err();
    assert!(error.to_string().contains("user 1001 has deleted their account"), "{error}");
}
