//! What the bot answers to whom.

use serde_json::json;

use crate::stage::{SAVED, Stage, fees, person, times, uploads};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_refused_politely_and_learns_nothing() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    uploads(&anna, fees("secret prices")).await;
    anna.sees(SAVED).await.unwrap();

    let carol = stage.telegram.user(1003, "Carol").await.unwrap();
    for attempt in ["/start", "/get_fees", "/set_fees"] {
        carol.says(attempt).await.unwrap();
        carol.sees("Sorry, this bot works for its administrators only.").await.unwrap();
    }
    carol.sends("fees.yml", fees("mine")).await.unwrap();
    carol.sees("Sorry, this bot works for its administrators only.").await.unwrap();
    for message in carol.chat().await.unwrap().iter().filter(|message| message.author == sim::control::Author::Bot) {
        assert!(message.file.is_none(), "{message:?}");
        for leak in ["Anna", "natrium", "fees", "version"] {
            assert!(!message.text.text.contains(leak), "{}", message.text.text);
        }
    }
    assert_eq!(stage.fees(), fees("secret prices"));

    // Nobody makes the bot write without end.
    for _ in 0..20 {
        carol.says("hello?").await.unwrap();
    }
    stage.telegram.confirmed().await.unwrap();
    anna.says("/help").await.unwrap();
    anna.sees("What I understand").await.unwrap();
    assert!(times(&carol, "Sorry").await <= 5);
    let svetlana = stage.telegram.put_user(person(1004, "Светлана", Some("ru"))).await.unwrap();
    svetlana.says("привет").await.unwrap();
    svetlana.sees("этот бот работает только со своими администраторами").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_are_answered_in_the_admins_language() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    for (person, conversation) in [
        (
            &anna,
            [
                ("/start", "Hello, Anna! I look after the config files of natrium"),
                ("/help", "/set_rates – replace rates.yml"),
                ("/get_fees", "There is no fees.yml yet. Send /set_fees to upload the first one."),
                ("/cancel", "Nothing is under way."),
                ("/set_fees", "Send me fees.yml as a document"),
                ("/cancel", "Ended. Nothing was saved: fees.yml stays as it is."),
                ("/frobnicate now", "I don't know the command /frobnicate."),
                ("good morning", "I only understand commands."),
            ],
        ),
        (
            &boris,
            [
                ("/start", "Здравствуйте, Boris!"),
                ("/help", "/set_rates – заменить rates.yml"),
                ("/get_fees", "Файла fees.yml пока нет."),
                ("/cancel", "Отменять нечего"),
                ("/set_fees", "Пришлите fees.yml документом"),
                ("/cancel", "Отменено. Ничего не сохранено: fees.yml остаётся прежним."),
                ("/frobnicate now", "Команды /frobnicate я не знаю."),
                ("доброе утро", "Я понимаю только команды."),
            ],
        ),
    ] {
        for (says, answer) in conversation {
            person.says(says).await.unwrap();
            person.sees(answer).await.unwrap();
        }
    }
    anna.sends("rates.yml", "a: 1").await.unwrap();
    anna.sees("Send /set_rates first, then the file.").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_menu_shows_admins_what_they_may_do_and_others_only_help() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    for admin in [&anna, &boris] {
        admin.says("/help").await.unwrap();
        admin.sees("/cancel").await.unwrap();
    }
    let carol = stage.telegram.user(1003, "Carol").await.unwrap();
    carol.says("/start").await.unwrap();
    carol.sees("Sorry").await.unwrap();
    let menus = async || {
        let chats = stage.telegram.state().await.unwrap().chats;
        let menu = |id| -> Option<Vec<_>> {
            let chat = chats.iter().find(|chat| chat.chat == id)?;
            Some(chat.commands.iter().map(|entry| json!([entry.command, entry.description])).collect())
        };
        Some((menu(1001)?, menu(1002)?, menu(1003)?)).filter(|(anna, boris, _)| anna.len() == 13 && boris.len() == 13)
    };
    let found = harness::until_async("the menus", crate::stage::PATIENCE, menus).await;
    let (anna, boris, carol) = found.unwrap_or_else(|error| panic!("{error}\n{}", stage.service.log()));
    assert_eq!(anna[0], json!(["set_fees", "Replace fees.yml"]));
    assert_eq!(boris[1], json!(["get_fees", "Получить текущий fees.yml"]));
    assert_eq!(carol, [json!(["start", "Say hello"]), json!(["help", "What this bot understands"])]);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_look_like_markup_are_shown_as_they_are() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("Send me").await.unwrap();
    anna.sends("<b>_*[x](y)`1<2.txt", "a: 1").await.unwrap();
    anna.sees("❌ <b>_*[x](y)`1<2.txt is not a YAML file by its name.").await.unwrap();
    stage.strike().await;
}
