//! Two bots with one token fight for the updates as on Telegram: each ends the other's poll, and both are told so in turn.

use serde_json::Value;
use sim::control::{CallView, FaultKind};

use crate::library::{Library, PATIENCE, Running, Telegram};

const TEXT: &str = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";

/// Until both were refused twice. Nobody else is refused, and no update is lost, or comes again once it is confirmed.
async fn contest(libraries: [Library; 2]) {
    let telegram = Telegram::start().await;
    let first = telegram.polling_bot(libraries[0]).await;
    let second = telegram.bot(libraries[1]);
    let are_told = async |times| {
        for (bot, library) in [(&first, libraries[0]), (&second, libraries[1])] {
            told(bot, library, times).await;
        }
    };
    are_told(1).await;
    telegram.anna.says("to whoever gets it").await.unwrap();
    telegram.anna.sees("private: to whoever gets it").await.unwrap();
    are_told(2).await;
    let calls = telegram.client.calls(None).await.unwrap();
    let others: Vec<_> = calls.iter().filter(|call| call.status == Some(409) && call.method != "getUpdates").collect();
    assert!(others.is_empty(), "{others:?}");
    let polls: Vec<CallView> = calls.into_iter().filter(|call| call.method == "getUpdates").collect();
    comes_again_only_unconfirmed(&telegram, &polls, "to whoever gets it").await;
    are_refused_as_on_telegram(&polls, said(&telegram, "to whoever gets it").await[0]);
}

/// When this was said, each time.
async fn said(telegram: &Telegram, text: &str) -> Vec<u64> {
    let chat = telegram.anna.chat().await.unwrap();
    chat.iter().filter(|message| message.text.text == text).map(|message| message.history[0].moment).collect()
}

/// The polls that brought this.
fn deliveries<'c>(polls: &'c [CallView], text: &str) -> Vec<&'c CallView> {
    polls.iter().filter(|call| call.response.as_ref().is_some_and(|response| response.contains(text))).collect()
}

/// What one of two waiting polls brings the other does not; and once it is confirmed it comes to nobody. In between it is for
/// whoever asks: grammY confirms when it has dealt with it, the others at once.
async fn comes_again_only_unconfirmed(telegram: &Telegram, polls: &[CallView], text: &str) {
    let brought = deliveries(polls, text);
    let response: Value = serde_json::from_str(brought[0].response.as_ref().unwrap()).unwrap();
    let update = response["result"][0]["update_id"].as_i64().unwrap();
    let offset = |call: &CallView| {
        let offset = call.parameters.get("offset");
        offset.and_then(|it| it.as_i64().or_else(|| it.as_str()?.parse().ok())).unwrap_or(0)
    };
    let confirmed = polls.iter().find(|call| offset(call) > update).expect("nobody has confirmed it").number;
    assert!(brought.iter().all(|call| call.number < confirmed), "confirmed by {confirmed}: {brought:?}");
    let said = said(telegram, text).await[0];
    let waited = brought.iter().filter(|call| call.moment < said).count();
    assert!(waited <= 1, "it came to two that waited: {brought:?}");
}

async fn told(bot: &Running, library: Library, times: usize) {
    bot.logs(&library.noted(409, TEXT), times).await;
    if library == Library::Teloxide {
        assert!(bot.log().contains("Api(TerminatedByOtherGetUpdates): "), "not as a text that it does not know");
    }
}

/// A poll is ended by the next one that waits: at once, or three seconds later if another was refused at once less than three
/// seconds before. The bounds leave room for a busy machine.
fn are_refused_as_on_telegram(polls: &[CallView], said: u64) {
    let refused = polls.iter().filter(|call| call.status == Some(409));
    let mut last_at_once = None;
    let mut seen = 0;
    for call in refused {
        seen += 1;
        assert!(call.response.as_ref().unwrap().contains(TEXT), "{call:?}");
        let next = polls.iter().find(|next| next.number > call.number).expect("nobody else polled");
        let delivers = next.response.as_ref().is_some_and(|response| response.contains("update_id"));
        // There was something to deliver since `said`.
        assert!(!delivers || next.moment < said, "who is served at once ends nobody's poll: {call:?} {next:?}");
        let (by, end) = (next.at.0, call.at.0 + call.took.unwrap());
        let late = end.saturating_sub(by);
        let since = last_at_once.map(|last: u64| by.saturating_sub(last));
        if late < 2_500 {
            assert!(since.is_none_or(|since| since > 2_900), "too soon: {call:?} {next:?}");
            last_at_once = Some(by);
        } else {
            assert!(since.is_some_and(|since| since < 3_100), "late without a reason: {call:?} {next:?}");
            assert!((2_900..20_000).contains(&late), "{late} ms late: {call:?} {next:?}");
        }
    }
    assert!(seen >= 4, "{polls:?}");
}

/// What is not confirmed yet is for whoever asks, and who gets it at once does not end the other's poll.
async fn pending(slow: Library, other: Library) {
    let telegram = Telegram::start().await;
    let (client, anna) = (&telegram.client, &telegram.anna);
    let _first = telegram.polling_bot(slow).await;
    client.fails("sendMessage", FaultKind::Latency { millis: 6_000, up_to_millis: None }, 1).await.unwrap();
    anna.says("to both").await.unwrap();
    client.called("sendMessage", 1).await.unwrap();
    let second = telegram.bot(other);
    anna.sees("private: to both").await.unwrap();
    assert_eq!(client.counters().await.unwrap().conflicts, 0);
    let both = async || (said(&telegram, "private: to both").await.len() == 2).then_some(());
    harness::until_async("both have answered", PATIENCE, both).await.unwrap();
    let polls = client.calls(Some("getUpdates")).await.unwrap();
    assert_eq!(deliveries(&polls, "to both").len(), 2);
    comes_again_only_unconfirmed(&telegram, &polls, "to both").await;
    // From now on both wait.
    told(&second, other, 1).await;
}

#[tokio::test]
async fn two_aiogram_bots_end_each_others_polls() {
    contest([Library::Aiogram, Library::Aiogram]).await;
}

#[tokio::test]
async fn two_grammy_bots_end_each_others_polls() {
    contest([Library::Grammy, Library::Grammy]).await;
}

#[tokio::test]
async fn bots_of_different_libraries_end_each_others_polls() {
    contest([Library::Aiogram, Library::Grammy]).await;
}

#[tokio::test]
async fn two_teloxide_bots_end_each_others_polls() {
    contest([Library::Teloxide, Library::Teloxide]).await;
}

#[tokio::test]
async fn aiogram_and_teloxide_end_each_others_polls() {
    contest([Library::Aiogram, Library::Teloxide]).await;
}

#[tokio::test]
async fn grammy_and_teloxide_end_each_others_polls() {
    contest([Library::Grammy, Library::Teloxide]).await;
}

#[tokio::test]
async fn what_one_bot_has_not_confirmed_yet_comes_to_the_other_too() {
    pending(Library::Grammy, Library::Teloxide).await;
}
