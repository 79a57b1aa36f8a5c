use std::time::Duration;

use serde_json::{Value, json};

use crate::bot::{Bot, started_scene};

async fn send(bot: &Bot, text: &str) -> Value {
    bot.call("sendMessage", json!({ "chat_id": 1001, "text": text })).await.result()
}

#[tokio::test]
async fn a_message_arrives_and_is_returned() {
    let scene = started_scene().await;
    let message = send(&scene.bot, "  hello /help  ").await;
    assert_eq!(message["text"], "hello /help", "blanks around it are cut");
    assert_eq!(message["message_id"], json!(2), "people and bot count together");
    assert_eq!(message["from"]["is_bot"], json!(true));
    assert_eq!(message["entities"], json!([{ "type": "bot_command", "offset": 6, "length": 5 }]));
    assert_eq!(scene.anna.sees("hello").await.unwrap().message_id, 2);
}

#[tokio::test]
async fn errors_of_send_message() {
    let scene = started_scene().await;
    for (parameters, description) in [
        (json!({ "text": "x" }), "Bad Request: chat_id is empty"),
        (json!({ "chat_id": "", "text": "x" }), "Bad Request: chat_id is empty"),
        (json!({ "chat_id": 9, "text": "x" }), "Bad Request: chat not found"),
        (json!({ "chat_id": "@nobody", "text": "x" }), "Bad Request: chat not found"),
        (json!({ "chat_id": 1001 }), "Bad Request: message text is empty"),
        (json!({ "chat_id": 1001, "text": "" }), "Bad Request: message text is empty"),
        (json!({ "chat_id": 1001, "text": " \n " }), "Bad Request: text must be non-empty"),
        (json!({ "chat_id": 1001, "text": "x".repeat(4097) }), "Bad Request: message is too long"),
        (json!({ "chat_id": 1001, "text": "x".repeat(32_769) }), "Bad Request: text is too long"),
        (json!({ "chat_id": 1001, "text": "x", "parse_mode": "bbcode" }), "Bad Request: unsupported parse_mode"),
        (
            json!({ "chat_id": 1001, "text": "1 < 2", "parse_mode": "html" }),
            "Bad Request: can't parse entities: Unsupported start tag \"\" at byte offset 2",
        ),
        (
            json!({ "chat_id": 1001, "text": "x", "reply_parameters": { "message_id": 99 } }),
            "Bad Request: message to be replied not found",
        ),
        (
            json!({ "chat_id": 1001, "text": "x", "reply_markup": "{" }),
            "Bad Request: can't parse reply keyboard markup JSON object",
        ),
    ] {
        let answer = scene.bot.call("sendMessage", parameters.clone()).await;
        assert_eq!(answer.error(), (400, description), "{parameters}");
    }
    let limit = "я".repeat(4096);
    assert_eq!(send(&scene.bot, &limit).await["text"], json!(limit), "characters count, not bytes");
    let tagged = format!("<b>{}</b>", "x".repeat(4096));
    let answer = scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": tagged, "parse_mode": "HTML" })).await;
    assert_eq!(answer.status, 200, "tags do not count");
}

#[tokio::test]
async fn html_becomes_entities() {
    let scene = started_scene().await;
    let text = "😀 <b>fees</b> <a href=\"https://example.org\">x</a>";
    let message =
        scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": text, "parse_mode": "HTML" })).await.result();
    assert_eq!(message["text"], "😀 fees x");
    assert_eq!(
        message["entities"],
        json!([
            { "type": "bold", "offset": 3, "length": 4 },
            { "type": "text_link", "offset": 8, "length": 1, "url": "https://example.org/" },
        ])
    );
}

#[tokio::test]
async fn an_answer_carries_the_message_it_answers() {
    let scene = started_scene().await;
    let message = scene
        .bot
        .call("sendMessage", json!({ "chat_id": 1001, "text": "x", "reply_parameters": { "message_id": 1 } }))
        .await
        .result();
    assert_eq!(message["reply_to_message"]["text"], "/start");
    let same_chat = json!({ "chat_id": 1001, "message_id": 1 });
    let parameters = json!({ "chat_id": 1001, "text": "x", "reply_parameters": same_chat });
    assert_eq!(scene.bot.call("sendMessage", parameters).await.result()["reply_to_message"]["text"], "/start");
    let elsewhere = json!({ "chat_id": 1002, "message_id": 1 });
    let parameters = json!({ "chat_id": 1001, "text": "x", "reply_parameters": elsewhere });
    assert_eq!(scene.bot.call("sendMessage", parameters).await.status, 501);
    let lenient = json!({ "message_id": 99, "allow_sending_without_reply": true });
    let message =
        scene.bot.call("sendMessage", json!({ "chat_id": 1001, "text": "x", "reply_parameters": lenient })).await;
    assert!(message.result().get("reply_to_message").is_none());
}

#[tokio::test]
async fn edits_replace_text_and_keyboard() {
    let scene = started_scene().await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Yes", "callback_data": "y" }]] });
    let sent = json!({ "chat_id": 1001, "text": "one", "reply_markup": keyboard });
    let id = scene.bot.call("sendMessage", sent).await.result()["message_id"].clone();
    let edit = |text: &str, markup: Value| {
        let mut parameters = json!({ "chat_id": 1001, "message_id": id, "text": text });
        if !markup.is_null() {
            parameters["reply_markup"] = markup;
        }
        scene.bot.call("editMessageText", parameters)
    };
    let same = "Bad Request: message is not modified: specified new message content and reply markup are exactly the \
                same as a current content and reply markup of the message";
    assert_eq!(edit("one", keyboard.clone()).await.error(), (400, same));
    let edited = edit("one", Value::Null).await.result();
    assert!(edited.get("reply_markup").is_none(), "without reply_markup the keyboard goes");
    assert!(edited["edit_date"].is_u64());
    assert_eq!(edit("one", Value::Null).await.error(), (400, same));
    assert_eq!(edit(" two ", Value::Null).await.result()["text"], "two");
    assert_eq!(edit("two", Value::Null).await.error(), (400, same), "it is compared after trimming");
    assert_eq!(edit(&"x".repeat(4097), Value::Null).await.error(), (400, "Bad Request: MESSAGE_TOO_LONG"));

    let seen = scene.anna.sees("one").await.unwrap();
    let states: Vec<&str> = seen.history.iter().map(|state| state.text.text.as_str()).collect();
    assert_eq!(states, ["one", "one", "two"]);
    assert_eq!(scene.control.calls(Some("editMessageText")).await.unwrap().len(), 6);
}

#[tokio::test]
async fn what_cannot_be_edited_or_deleted() {
    let scene = started_scene().await;
    let answer = |method: &'static str, parameters: Value| {
        let bot = scene.bot.clone();
        async move {
            let answer = bot.call(method, parameters).await;
            answer.error().1.to_owned()
        }
    };
    let missing = answer("editMessageText", json!({ "chat_id": 1001, "message_id": 99, "text": "x" })).await;
    assert_eq!(missing, "Bad Request: message to edit not found");
    let theirs = answer("editMessageText", json!({ "chat_id": 1001, "message_id": 1, "text": "x" })).await;
    assert_eq!(theirs, "Bad Request: message can't be edited");
    let nothing = answer("editMessageText", json!({ "chat_id": 1001, "text": "x" })).await;
    assert_eq!(nothing, "Bad Request: message identifier is not specified");
    let missing = answer("deleteMessage", json!({ "chat_id": 1001, "message_id": 99 })).await;
    assert_eq!(missing, "Bad Request: message to delete not found");

    let old = send(&scene.bot, "old").await["message_id"].clone();
    let message = send(&scene.bot, "gone").await["message_id"].clone();
    let parameters = json!({ "chat_id": 1001, "message_id": message });
    assert_eq!(scene.bot.call("deleteMessage", parameters.clone()).await.result(), json!(true));
    assert_eq!(answer("deleteMessage", parameters).await, "Bad Request: message to delete not found");
    assert!(scene.anna.chat().await.unwrap().last().unwrap().deleted);
    scene.control.advance(Duration::from_secs(49 * 3600)).await.unwrap();
    let too_old = answer("deleteMessage", json!({ "chat_id": 1001, "message_id": old })).await;
    assert_eq!(too_old, "Bad Request: message can't be deleted");
}

#[tokio::test]
async fn who_cannot_be_written_to() {
    let scene = started_scene().await;
    let boris = scene.control.user(1002, "Boris").await.unwrap();
    let to = |chat: i64| scene.bot.call("sendMessage", json!({ "chat_id": chat, "text": "x" }));
    assert_eq!(to(1002).await.error(), (400, "Bad Request: chat not found"), "he has not said anything yet");
    boris.says("hi").await.unwrap();
    to(1002).await.result();
    boris.blocks(true).await.unwrap();
    assert_eq!(to(1002).await.error(), (403, "Forbidden: bot was blocked by the user"));
    let updates = scene.bot.call("getUpdates", json!({ "offset": -1 })).await.result();
    assert_eq!(updates[0]["my_chat_member"]["new_chat_member"]["status"], "kicked");
    assert!(boris.says("x").await.is_err());
    boris.blocks(false).await.unwrap();
    to(1002).await.result();
    assert_eq!(to(5_550_001_111).await.error(), (403, "Forbidden: bot can't send messages to bots"));
}

#[tokio::test]
async fn chat_actions_are_shown() {
    let scene = started_scene().await;
    let action = |name: &str| scene.bot.call("sendChatAction", json!({ "chat_id": 1001, "action": name }));
    assert_eq!(action("dancing").await.error(), (400, "Bad Request: wrong parameter action in request"));
    action("upload_document").await.result();
    let chat = scene.control.state().await.unwrap().chats[0].clone();
    assert_eq!(chat.action.as_deref(), Some("upload_document"));
    send(&scene.bot, "done").await;
    assert_eq!(scene.control.state().await.unwrap().chats[0].action, None);
    action("typing").await.result();
    scene.control.advance(Duration::from_secs(5)).await.unwrap();
    assert_eq!(scene.control.state().await.unwrap().chats[0].action, None, "it is shown for five seconds");
}

#[tokio::test]
async fn an_edit_by_a_person_is_an_update() {
    let scene = started_scene().await;
    let id = scene.anna.says("teh").await.unwrap();
    scene.anna.edits(id, "the").await.unwrap();
    let updates = scene.bot.call("getUpdates", json!({ "offset": 0 })).await.result();
    assert_eq!(updates[0]["message"]["text"], "teh");
    assert_eq!(updates[1]["edited_message"]["text"], "the");
    assert!(updates[1]["edited_message"]["edit_date"].is_u64());
}
