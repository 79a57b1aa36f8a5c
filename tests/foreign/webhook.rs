//! The same by webhook, taken by the libraries' own servers: they check the secret that Telegram sends along.

use sim::control::CallView;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::library::{Library, PATIENCE, Telegram};
use crate::tour::{asked_for_nothing_strange, sights};

const SECRET: &str = "Only_Telegram-knows";

async fn by_webhook(library: Library) {
    let telegram = Telegram::start().await;
    let (bot, url) = telegram.listening_bot(library, SECRET).await;
    sights(library, &telegram).await;
    asked_for_nothing_strange(&telegram).await;
    assert!(called(&telegram, "getUpdates").await.is_empty(), "nothing was polled");
    let delivered = called(&telegram, "webhook").await;
    assert!(delivered.iter().all(|call| call.status == Some(200)), "{delivered:?}");
    assert!(delivered.len() > 15, "{delivered:?}");

    strangers_are_refused(&telegram, &url).await;
    another_secret_is_refused(&telegram, &url).await;
    if library == Library::Grammy {
        // Another of its adapters.
        set(&telegram, &url.replace("/hook", "/fetch"), SECRET).await;
        telegram.anna.says("fetched").await.unwrap();
        telegram.anna.sees("private: fetched").await.unwrap();
        asked_for_nothing_strange(&telegram).await;
    }
    drop(bot);
    back_to_polling(library, &telegram).await;
}

async fn called(telegram: &Telegram, method: &str) -> Vec<CallView> {
    telegram.client.calls(Some(method)).await.unwrap()
}

async fn set(telegram: &Telegram, url: &str, secret: &str) {
    let call = format!("setWebhook?url={url}&secret_token={secret}");
    // Two within a second are too many.
    let set = async || telegram.call(&call).await.contains("Webhook was set").then_some(());
    harness::until_async("the webhook is set", PATIENCE, set).await.unwrap();
}

/// Whoever finds the address out says something to the bot, without the secret and with a wrong one.
async fn strangers_are_refused(telegram: &Telegram, url: &str) {
    let before = called(telegram, "sendMessage").await.len();
    let address = url.trim_start_matches("http://").split('/').next().unwrap();
    let said = r#"{"update_id":7,"message":{"message_id":1,"date":1,"chat":{"id":1001,"type":"private","first_name":"Anna"},
        "from":{"id":1001,"is_bot":false,"first_name":"Anna"},"text":"from a stranger"}}"#;
    for secret in ["", "X-Telegram-Bot-Api-Secret-Token: guessed\r\n"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let length = said.len();
        let request = format!(
            "POST /hook HTTP/1.1\r\nHost: bot\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n{secret}\r\n{said}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 401 "), "{secret}: {answer}");
    }
    telegram.anna.says("from Anna").await.unwrap();
    telegram.anna.sees("private: from Anna").await.unwrap();
    assert_eq!(called(telegram, "sendMessage").await.len(), before + 1);
    // grammY says that it has an update when it has dealt with it.
    telegram.client.confirmed().await.unwrap();
}

/// A webhook that somebody sets with another secret: nothing arrives, and nothing is lost.
async fn another_secret_is_refused(telegram: &Telegram, url: &str) {
    set(telegram, url, "another").await;
    telegram.anna.says("is anybody there?").await.unwrap();
    let refused = async || {
        let state = telegram.client.state().await.unwrap();
        let failed = state.bots[0].webhook.as_ref().unwrap().last_error.clone();
        failed.map(|failed| (failed.message, state.bots[0].pending_updates))
    };
    let told = harness::until_async("a delivery is refused", PATIENCE, refused).await.unwrap();
    assert_eq!(told, ("Wrong response from the webhook: 401 Unauthorized".to_owned(), 1));
    assert!(telegram.call("getWebhookInfo").await.contains("Wrong response from the webhook: 401 Unauthorized"));
    set(telegram, url, SECRET).await;
    telegram.anna.sees("private: is anybody there?").await.unwrap();
}

/// Webhook and polling exclude each other; what comes in between waits.
async fn back_to_polling(library: Library, telegram: &Telegram) {
    let refused = telegram.call("getUpdates").await;
    assert!(refused.contains("Conflict: can't use getUpdates method while webhook is active"), "{refused}");
    telegram.anna.says("still on the way").await.unwrap();
    if library == Library::Aiogram {
        // grammY does that itself when it begins to poll.
        assert!(telegram.call("deleteWebhook").await.contains("Webhook was deleted"));
    }
    let _bot = telegram.bot(library);
    telegram.anna.sees("private: still on the way").await.unwrap();
    telegram.client.polling().await.unwrap();
    assert_eq!(telegram.client.state().await.unwrap().bots[0].webhook, None);
    telegram.anna.says("polled").await.unwrap();
    telegram.anna.sees("private: polled").await.unwrap();
    asked_for_nothing_strange(telegram).await;
}

#[tokio::test]
async fn aiogram_takes_the_tour_by_webhook() {
    by_webhook(Library::Aiogram).await;
}

#[tokio::test]
async fn grammy_takes_the_tour_by_webhook() {
    by_webhook(Library::Grammy).await;
}
