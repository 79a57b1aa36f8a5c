//! What every bot does: commands, replies, formatting, files down and up, keyboards, edits, deletions.

use sim::control::{EntityKind, MessagePattern, NewUser};

use crate::library::{Library, Telegram};

/// A bot, what it says about itself, and that it asked for nothing that is not simulated.
async fn tour(library: Library) {
    let telegram = Telegram::start().await;
    let _bot = telegram.polling_bot(library).await;
    sights(library, &telegram).await;
    asked_for_nothing_strange(&telegram).await;
    assert_eq!(telegram.client.counters().await.unwrap().conflicts, 0);
}

/// Everything that there is to see.
pub(crate) async fn sights(library: Library, telegram: &Telegram) {
    commands_and_replies(telegram).await;
    texts(telegram).await;
    files(telegram).await;
    photos(telegram).await;
    groups(library, telegram).await;
    buttons(telegram).await;
}

/// The bot has dealt with everything, and did only what is simulated.
pub(crate) async fn asked_for_nothing_strange(telegram: &Telegram) {
    telegram.client.confirmed().await.unwrap();
    let unsimulated = telegram.client.unsimulated().await.unwrap();
    assert!(unsimulated.is_empty(), "{unsimulated:?}");
    let calls = telegram.client.calls(None).await.unwrap();
    let ignored: Vec<_> = calls.iter().filter(|call| !call.ignored.is_empty()).collect();
    assert!(ignored.is_empty(), "{ignored:?}");
}

async fn commands_and_replies(telegram: &Telegram) {
    let (client, anna) = (&telegram.client, &telegram.anna);
    let said = anna.says("/start").await.unwrap();
    let hello = anna.sees("Hello, Anna & welcome").await.unwrap();
    assert_eq!(hello.reply_to, Some(said));
    let [bold] = hello.text.entities.as_slice() else { panic!("{:?}", hello.text) };
    assert_eq!((bold.kind.clone(), bold.offset, bold.length), (EntityKind::Bold, 7, 4));

    // The menus: everybody's, those of Russian apps, and the one of Anna's chat.
    let boris = NewUser { language_code: Some("ru".into()), ..person(1002, "Борис") };
    let boris = client.put_user(boris).await.unwrap();
    let ivan = client.user(1003, "Ivan").await.unwrap();
    let state = client.state().await.unwrap();
    let menu = |user: i64| {
        let chat = state.chats.iter().find(|chat| chat.chat == user).unwrap();
        chat.commands.iter().map(|command| command.description.clone()).collect::<Vec<_>>()
    };
    assert_eq!(menu(anna.id()), ["For you alone"]);
    assert_eq!(menu(boris.id()), ["Начать"]);
    assert_eq!(menu(ivan.id()), ["Begin"]);

    boris.says("Привет 👋").await.unwrap();
    boris.sees("private: Привет 👋").await.unwrap();
}

async fn texts(telegram: &Telegram) {
    telegram.anna.says("/markdown").await.unwrap();
    let shown = telegram.anna.sees("bold italic code link!").await.unwrap();
    let entities: Vec<_> = shown.text.entities.iter().map(|e| (e.offset, e.length, e.kind.clone())).collect();
    let link = EntityKind::TextLink { url: "http://example.com/".to_owned() };
    let expected = [(0, 4, EntityKind::Bold), (5, 6, EntityKind::Italic), (12, 4, EntityKind::Code), (17, 4, link)];
    assert_eq!(entities, expected);
}

async fn photos(telegram: &Telegram) {
    let anna = &telegram.anna;
    anna.sends_sample("photo.png").await.unwrap();
    let sent = anna.chat().await.unwrap().into_iter().rev().find_map(|message| message.file).unwrap();
    let returned = anna.sees("from memory").await.unwrap().file.unwrap();
    let again = anna.sees("by file_id").await.unwrap().file.unwrap();
    assert!(sent.photo.is_some(), "{sent:?}");
    assert_eq!((returned.photo, returned.size), (sent.photo, sent.size), "the largest one, byte for byte");
    assert_eq!((again.photo, again.size), (sent.photo, sent.size));
}

async fn groups(library: Library, telegram: &Telegram) {
    let (client, anna) = (&telegram.client, &telegram.anna);
    let group = client.group("Team", &[anna]).await.unwrap();
    anna.says_in(&group, "among people").await.unwrap();
    anna.says_in(&group, "@simulated_bot hi").await.unwrap();
    group.shows("group: @simulated_bot hi").await.unwrap();
    let heard = group.transcript().await.unwrap();
    assert!(!heard.contains("group: among people"), "a bot that may not read all heard it: {heard}");
    let supergroup = group.migrates().await.unwrap();
    anna.says_in(&supergroup, "@simulated_bot still there?").await.unwrap();
    supergroup.shows("supergroup: @simulated_bot still there?").await.unwrap();
    anna.says(&format!("/write {} hi", group.id())).await.unwrap();
    let moved = supergroup.id();
    let (library, parameter) = match library {
        Library::Aiogram => ("TelegramMigrateToChat: ", format!("migrate_to_chat_id={moved}")),
        Library::Grammy => {
            ("GrammyError 400: Bad Request: group chat was upgraded", format!("migrate_to_chat_id={moved}"))
        }
        Library::Teloxide => unreachable!("it only takes part in contests"),
    };
    let told = anna.sees(&parameter).await.unwrap();
    assert!(told.text.text.starts_with(library), "{told:?}");
}

async fn files(telegram: &Telegram) {
    let anna = &telegram.anna;
    // Every byte there is, and more than fits into one read.
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    anna.sends("Прайс лист.bin", bytes.clone()).await.unwrap();
    assert_eq!(anna.gets("back-Прайс лист.bin").await.unwrap(), bytes);
    assert_eq!(anna.gets("Прайс лист.bin").await.unwrap(), bytes, "by its file_id");
    anna.sees("by file_id").await.unwrap();
    let actions = telegram.client.calls(Some("sendChatAction")).await.unwrap();
    assert!(actions.iter().any(|call| call.status == Some(200)), "{actions:?}");
}

async fn buttons(telegram: &Telegram) {
    let anna = &telegram.anna;
    anna.says("/keyboard").await.unwrap();
    let shown = anna.sees_button("Delete").await.unwrap();
    for (button, text, alert) in [("Toast", "a toast", false), ("Alert", "an alert", true)] {
        let press = anna.presses(button).await.unwrap();
        let answer = anna.is_answered(&press).await.unwrap();
        assert_eq!((answer.text.as_str(), answer.alert), (text, alert));
    }
    for answered in ["edited", "nothing new"] {
        let press = anna.presses("Edit").await.unwrap();
        assert_eq!(anna.is_answered(&press).await.unwrap().text, answered);
    }
    let press = anna.presses("Delete").await.unwrap();
    let answer = anna.is_answered(&press).await.unwrap();
    assert!(answer.text.ends_with(": Bad Request: message to delete not found"), "{answer:?}");
    let gone = MessagePattern { message_id: Some(shown.message_id), deleted: true, ..MessagePattern::default() };
    let gone = anna.finds(gone, "the deleted message").await.unwrap();
    let texts: Vec<&str> = gone.history.iter().map(|revision| revision.text.text.as_str()).collect();
    assert_eq!(texts, ["Choose", "Edited"]);
}

pub(crate) fn person(id: i64, first_name: &str) -> NewUser {
    let first_name = first_name.to_owned();
    NewUser { id, first_name, last_name: None, username: None, language_code: None, note: None, started: false }
}

#[tokio::test]
async fn aiogram_takes_the_tour() {
    tour(Library::Aiogram).await;
}

#[tokio::test]
async fn grammy_takes_the_tour() {
    tour(Library::Grammy).await;
}
