//! Errors are recognised by the libraries as those of Telegram, and lived with.

use sim::control::{FaultKind, Revoke};

use crate::library::{Library, PATIENCE, Telegram};
use crate::tour::person;

async fn errors(library: Library) {
    let telegram = Telegram::start().await;
    let bot = telegram.polling_bot(library).await;
    let (client, anna) = (&telegram.client, &telegram.anna);
    let caught = |code, description: &str| library.caught(code, description);

    anna.says("/write 4242 hi").await.unwrap();
    anna.sees(&caught(400, "Bad Request: chat not found")).await.unwrap();
    let boris = client.put_user(sim::control::NewUser { started: true, ..person(1002, "Boris") }).await.unwrap();
    boris.blocks(true).await.unwrap();
    anna.says("/write 1002 hi").await.unwrap();
    anna.sees(&caught(403, "Forbidden: bot was blocked by the user")).await.unwrap();
    boris.blocks(false).await.unwrap();
    anna.says("/broken").await.unwrap();
    anna.sees(&caught(400, "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""))
        .await
        .unwrap();
    anna.sends("big.bin", vec![7; 21 << 20]).await.unwrap();
    anna.sees(&caught(400, "Bad Request: file is too big")).await.unwrap();

    client.fails("sendMessage", FaultKind::Unauthorized, 1).await.unwrap();
    anna.says("/write 1002 hi").await.unwrap();
    anna.sees(&caught(401, "Unauthorized")).await.unwrap();
    client.fails("sendMessage", FaultKind::ServerError { status: 502 }, 1).await.unwrap();
    anna.says("/write 1002 hi").await.unwrap();
    anna.sees(match library {
        Library::Aiogram => "ClientDecodeError: Failed to decode object",
        Library::Grammy => "HttpError: Network request for 'sendMessage' failed!",
        Library::Teloxide => unreachable!("it only takes part in contests"),
    })
    .await
    .unwrap();
    assert_eq!(boris.chat().await.unwrap().len(), 0, "nothing has reached him");
    too_many(library, &telegram).await;
    polls_that_fail(library, &telegram, &bot).await;
    let unsimulated = client.unsimulated().await.unwrap();
    assert!(unsimulated.is_empty(), "{unsimulated:?}");
}

/// 429: who does not wait knows how long, who waits gets through.
async fn too_many(library: Library, telegram: &Telegram) {
    let (client, anna) = (&telegram.client, &telegram.anna);
    let flood = FaultKind::TooManyRequests { retry_after: 1 };
    client.fails("sendMessage", flood.clone(), 1).await.unwrap();
    anna.says("/write 1002 hi").await.unwrap();
    let told = anna.sees("Too Many Requests: retry after 1 retry_after=1").await.unwrap();
    let class = if library == Library::Aiogram { "TelegramRetryAfter: " } else { "GrammyError 429: " };
    assert!(told.text.text.starts_with(class), "{told:?}");

    let before = client.calls(Some("sendMessage")).await.unwrap().last().unwrap().number;
    client.fails("sendMessage", flood, 2).await.unwrap();
    anna.says("/patient 1002 at last").await.unwrap();
    anna.sees("sent ").await.unwrap();
    let calls = client.calls(Some("sendMessage")).await.unwrap();
    // The fourth one is what Anna sees.
    let tries: Vec<_> = calls.iter().filter(|call| call.number > before).take(3).collect();
    assert_eq!(tries.iter().map(|call| call.status).collect::<Vec<_>>(), [Some(429), Some(429), Some(200)]);
    for pair in tries.windows(2) {
        assert!(pair[1].at.0 - pair[0].at.0 >= 990, "it waited the second it was told to: {pair:?}");
    }
}

/// What happens to getUpdates is logged by the library, which goes on when Telegram does.
async fn polls_that_fail(library: Library, telegram: &Telegram, bot: &crate::library::Running) {
    let (client, anna) = (&telegram.client, &telegram.anna);
    client.fails("getUpdates", FaultKind::ServerError { status: 502 }, 2).await.unwrap();
    client.fails("getUpdates", FaultKind::TooManyRequests { retry_after: 1 }, 1).await.unwrap();
    anna.says("still there?").await.unwrap();
    anna.sees("private: still there?").await.unwrap();
    client.called("getUpdates", 4).await.unwrap();
    anna.says("and now?").await.unwrap();
    anna.sees("private: and now?").await.unwrap();

    // A webhook that somebody sets ends the poll; aiogram waits until it is gone, grammY removes it when it is started again.
    client.polling().await.unwrap();
    let set = telegram.call("setWebhook?url=http://127.0.0.1:9/hook").await;
    assert!(set.contains("Webhook was set"), "{set}");
    bot.logs(&library.noted(409, "Conflict: terminated by setWebhook request"), 1).await;
    if library == Library::Aiogram {
        let active = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the \
                      webhook first";
        bot.logs(&library.noted(409, active), 1).await;
        assert!(telegram.call("deleteWebhook").await.contains("Webhook was deleted"));
    }
    anna.says("after the webhook").await.unwrap();
    anna.sees("private: after the webhook").await.unwrap();
}

/// A token that is revoked under a running bot.
async fn revoked(library: Library) {
    let telegram = Telegram::start().await;
    let mut bot = telegram.polling_bot(library).await;
    telegram.client.revoke(Revoke::default()).await.unwrap();
    // The waiting poll ends with an update that the bot cannot answer any more.
    telegram.anna.says("hello").await.unwrap();
    match library {
        Library::Aiogram => {
            bot.logs(&library.noted(401, "Unauthorized"), 1).await;
            assert_eq!(bot.ended(), None, "it goes on trying");
        }
        Library::Grammy => {
            let ended = harness::until_async("the bot gives up", PATIENCE, async || bot.ended()).await.unwrap();
            assert!(!ended.success());
            assert!(bot.log().contains(&library.noted(401, "Unauthorized")), "{}", bot.log());
        }
        Library::Teloxide => unreachable!("it only takes part in contests"),
    }
}

#[tokio::test]
async fn aiogram_recognises_every_error() {
    errors(Library::Aiogram).await;
}

#[tokio::test]
async fn grammy_recognises_every_error() {
    errors(Library::Grammy).await;
}

#[tokio::test]
async fn aiogram_sees_that_its_token_was_revoked() {
    revoked(Library::Aiogram).await;
}

#[tokio::test]
async fn grammy_sees_that_its_token_was_revoked() {
    revoked(Library::Grammy).await;
}
