//! Two bots with one token fight for the updates as on Telegram: each ends the other's poll, and both are told so in turn.

use sim::control::CallView;

use crate::library::{Library, Running, Telegram};

const TEXT: &str = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";

/// Until both were refused twice. Nobody else is refused, and no update is lost.
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
    are_refused_as_on_telegram(&polls);
}

async fn told(bot: &Running, library: Library, times: usize) {
    bot.logs(&library.noted(409, TEXT), times).await;
}

/// A poll is ended by the next one that waits: at once, or three seconds later if another was refused at once less than three
/// seconds before. The bounds leave room for a busy machine.
fn are_refused_as_on_telegram(polls: &[CallView]) {
    let refused = polls.iter().filter(|call| call.status == Some(409));
    let mut last_at_once = None;
    let mut seen = 0;
    for call in refused {
        seen += 1;
        assert!(call.response.as_ref().unwrap().contains(TEXT), "{call:?}");
        let next = polls.iter().find(|next| next.number > call.number).expect("nobody else polled");
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
