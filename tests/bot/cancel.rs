//! Cancelled at every stage: what the admin is told is what is in the store.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sim::client::User;
use sim::control::{Author, FaultKind, MessageView};

use crate::stage::{PATIENCE, SAVED, Stage, VALIDATING, fees, said, uploads};

const CANCELLED: &str = "✖ Cancelled. Nothing was saved.";

/// Sends a document whose download hangs, and waits until it does.
async fn hangs(stage: &Stage, person: &User, mark: &str) {
    let before = stage.telegram.calls(Some("download")).await.unwrap().len();
    stage.telegram.fails("download", FaultKind::Hang, 1).await.unwrap();
    uploads(person, fees(mark)).await;
    stage.telegram.called("download", before + 1).await.unwrap();
}

/// The message that tells of the upload, once nothing is under way: it has no button any more.
async fn last(person: &User) -> MessageView {
    let ended = harness::until_async("the upload has ended", PATIENCE, async || {
        let chat = person.chat().await.unwrap();
        let document = chat.iter().rposition(|message| message.author == Author::User && message.file.is_some())?;
        let of_bot = chat.into_iter().skip(document).filter(|message| message.author == Author::Bot);
        // One that is cancelled at once says nothing else.
        let tells = of_bot.into_iter().find(|message| [VALIDATING, CANCELLED].contains(&said(message)[0]))?;
        let goes_on = ["⏳", "🔒", "✖ Cancelling"].iter().any(|mark| tells.text.text.starts_with(mark));
        (tells.markup.is_none() && !goes_on).then_some(tells)
    })
    .await;
    match ended {
        Ok(message) => message,
        Err(error) => panic!("{error}: {:#?}", person.chat().await.unwrap()),
    }
}

/// Waits until the writer has kept which message tells of an upload: the note stands in the store's files as it was written. A bot
/// that is killed before tells the last word in a message of its own.
async fn is_kept(stage: &Stage, message: &MessageView) {
    let note = format!("\"progress\":{}", message.message_id);
    harness::until_async("the writer knows the message", PATIENCE, async || {
        let files = ["store.sqlite-wal", "store.sqlite"].map(|name| stage.service.state().join(name));
        let holds = |file: &std::path::PathBuf| {
            let content = std::fs::read(file).unwrap_or_default();
            let mut places = content.windows(note.len() + 1);
            places.any(|place| place.starts_with(note.as_bytes()) && !place[note.len()].is_ascii_digit())
        };
        files.iter().any(holds).then_some(())
    })
    .await
    .unwrap();
}

/// Whether the upload was saved, as its message says: and so it is.
async fn agrees(stage: &Stage, person: &User, content: &str, before: i64) -> bool {
    let message = last(person).await;
    let text = message.text.text.as_str();
    let saved = text == SAVED || text.starts_with("✅ fees.yml had been saved");
    assert!(saved || text == CANCELLED, "{message:?}");
    assert_eq!(stage.versions().await, before + i64::from(saved), "{text}\n{}", stage.service.log());
    assert_eq!(stage.fees() == content, saved, "{text}");
    saved
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_fetched_is_cancelled_by_command_and_by_button() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    hangs(&stage, &anna, "cancelled").await;
    let shown = anna.sees_button("✖ Cancel").await.unwrap();
    anna.says("/cancel").await.unwrap();
    // The progress message, and the answer to the command.
    let ended = last(&anna).await;
    assert_eq!((ended.message_id, ended.text.text.as_str()), (shown.message_id, CANCELLED));
    harness::until_async("the answer", PATIENCE, async || {
        (crate::stage::times(&anna, CANCELLED).await == 2).then_some(())
    })
    .await
    .unwrap();

    hangs(&stage, &boris, "cancelled").await;
    let query = boris.presses("✖ Отменить").await.unwrap();
    boris.sees_now("✖ Отменено. Ничего не сохранено.").await.unwrap();
    let answer = boris.is_answered(&query).await.unwrap();
    assert!(answer.alert && answer.text == "✖ Отменено. Ничего не сохранено.", "{answer:?}");
    assert_eq!((stage.versions().await, stage.fees()), (0, String::new()));

    // The dialogue has ended with it, and a new one is not concerned.
    for person in [&anna, &boris] {
        person.sends("fees.yml", fees("late")).await.unwrap();
        person.sees("/set_fees").await.unwrap();
    }
    uploads(&anna, fees("after all")).await;
    anna.sees_now(SAVED).await.unwrap();
    let kept: Vec<_> = stage.audit().await.into_iter().filter(|line| line.contains("cancel")).collect();
    assert_eq!(kept.len(), 2, "{kept:?}");
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_cancels_at_any_moment_is_told_what_is_in_the_store() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    let mut versions = 0;
    for round in 0..50_u32 {
        let content = fees(&format!("round {round}"));
        anna.says("/set_fees").await.unwrap();
        anna.sees("fees.yml").await.unwrap();
        anna.sends("fees.yml", content.clone()).await.unwrap();
        // Between the first moment and the last in steps that differ from round to round.
        tokio::time::sleep(Duration::from_micros(u64::from(round % 25) * 2500)).await;
        let pressed = match round % 2 {
            0 => None,
            // Its message may not be there yet, or not have the button any more.
            _ => anna.presses("✖ Cancel").await.ok(),
        };
        if pressed.is_none() {
            anna.says("/cancel").await.unwrap();
        }
        let is_saved = agrees(&stage, &anna, &content, versions).await;
        let answer = match &pressed {
            Some(query) => anna.is_answered(query).await.unwrap().text,
            None => {
                anna.says("/help").await.unwrap();
                anna.sees("What I understand").await.unwrap();
                let chat = anna.chat().await.unwrap();
                let mut bots = chat.iter().rev().filter(|message| message.author == Author::Bot);
                let ended = ["Too late", "✖ Cancelled", "Ended", "Nothing"];
                let found = bots.find(|message| ended.iter().any(|word| message.text.text.starts_with(word)));
                found.unwrap().text.text.clone()
            }
        };
        versions += i64::from(is_saved);
        let truths = match is_saved {
            true => [
                format!("Too late to cancel: fees.yml had been saved as version {versions} before."),
                "This is over already.".to_owned(),
                "Nothing is under way.".to_owned(),
            ],
            false => [CANCELLED.to_owned(), "This is over already.".to_owned(), "Nothing is under way.".to_owned()],
        };
        assert!(truths.iter().any(|truth| answer.starts_with(truth)), "{is_saved}: {answer}");
    }
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_while_the_writer_is_silent_is_answered_by_what_the_writer_did() {
    let mut stage = Stage::set().await;
    stage.service.environment.push(("NATRIUM_TIMING".to_owned(), "watchdog=120s".to_owned()));
    stage.service.start().unwrap();
    let anna = stage.anna().await;
    let mut versions = 0;
    for (round, press) in [true, false, true, false].into_iter().enumerate() {
        let content = fees(&format!("held {round}"));
        anna.says("/set_fees").await.unwrap();
        anna.sees("fees.yml").await.unwrap();
        stage.telegram.fails("download", FaultKind::latency(2500), 1).await.unwrap();
        anna.sends("fees.yml", content.clone()).await.unwrap();
        let shown = anna.sees(VALIDATING).await.unwrap();
        is_kept(&stage, &shown).await;
        let writer = Pid::from_raw(stage.service.worker("writer").await.unwrap());
        kill(writer, Signal::SIGSTOP).unwrap();
        anna.sees_now("it is not known whether fees.yml is saved").await.unwrap();
        if press {
            anna.presses("✖ Cancel").await.unwrap();
        } else {
            anna.says("/cancel").await.unwrap();
        }
        if round >= 2 {
            // Nor does it matter that the bot dies meanwhile: what it has shown does not go back.
            stage.kill("bot").await;
        }
        kill(writer, Signal::SIGCONT).unwrap();
        versions += i64::from(agrees(&stage, &anna, &content, versions).await);
        assert_eq!(said(&last(&anna).await).iter().filter(|said| **said == VALIDATING).count(), 1);
    }
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_killed_while_it_cancels_tells_after_the_restart_what_became_of_it() {
    let stage = Stage::start().await;
    // More is said here than Telegram lets a bot say, and whoever is bidden wait is not killed where he is to be.
    stage.telegram.flood_limits(false).await.unwrap();
    let anna = stage.anna().await;
    let mut versions = 0;
    for round in 0..6_u64 {
        let content = fees(&format!("killed {round}"));
        hangs(&stage, &anna, &format!("killed {round}")).await;
        anna.sees_button("✖ Cancel").await.unwrap();
        if round % 2 == 0 {
            anna.says("/cancel").await.unwrap();
        } else {
            anna.presses("✖ Cancel").await.unwrap();
        }
        // Each round dies a little later: before the cancel is kept, before it is settled, before it is told.
        tokio::time::sleep(Duration::from_millis(round * 2)).await;
        stage.kill("bot").await;
        versions += i64::from(agrees(&stage, &anna, &content, versions).await);
        anna.says("/cancel").await.unwrap();
        anna.sees("Nothing is under way.").await.unwrap();
    }
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_upload_that_waits_for_its_turn_is_not_even_fetched() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("fees.yml").await.unwrap();
    // The answer to a command is held, so that what comes after it waits.
    stage.telegram.fails("sendMessage", FaultKind::latency(600), 1).await.unwrap();
    anna.says("/help").await.unwrap();
    anna.sends("fees.yml", fees("queued")).await.unwrap();
    anna.says("/cancel").await.unwrap();
    anna.sees("What I understand").await.unwrap();
    let told = async || (crate::stage::times(&anna, CANCELLED).await == 2).then_some(());
    harness::until_async("both are answered", PATIENCE, told).await.unwrap();
    assert_eq!((stage.versions().await, crate::stage::times(&anna, VALIDATING).await), (0, 0));
    assert!(stage.telegram.calls(Some("download")).await.unwrap().is_empty());
    stage.strike().await;
}
