//! Killed or stopped at any moment: what was said is handled once, and told.

use harness::until;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sim::control::{FaultKind, NewFault};

use crate::stage::{PATIENCE, SAVED, Stage, VALIDATING, fees, said, times, uploads};

/// How many versions of fees there are.
async fn versions(stage: &Stage) -> usize {
    let history = interfaces::configs::History { kind: "fees".to_owned(), before: None, limit: 100 };
    stage.service.configs().history(&history).await.unwrap().versions.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_in_the_middle_of_a_dialogue_changes_nothing() {
    let mut stage = Stage::start().await;
    let anna = stage.anna().await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("Send me").await.unwrap();
    stage.kill("bot").await;
    stage.kill("writer").await;
    assert!(stage.service.stop().unwrap().success());
    anna.sends("fees.yml", fees("after the restart")).await.unwrap();
    stage.service.start().unwrap();
    anna.sees_now(SAVED).await.unwrap();
    assert_eq!(stage.fees(), fees("after the restart"));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_killed_while_it_downloads_goes_on_with_the_same_message() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    stage.telegram.fails("download", FaultKind::Hang, 1).await.unwrap();
    uploads(&anna, fees("killed")).await;
    anna.sees(VALIDATING).await.unwrap();
    stage.telegram.called("download", 1).await.unwrap();
    stage.kill("bot").await;
    let message = anna.sees_now(SAVED).await.unwrap();
    assert_eq!(said(&message)[0], VALIDATING);
    assert_eq!((times(&anna, SAVED).await, versions(&stage).await), (1, 1));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_killed_after_the_effect_only_tells_it() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    // The third edit is the one that confirms; whatever the bot is doing then, the version stands.
    for _ in 0..2 {
        let fault =
            NewFault { method: Some("editMessageText".to_owned()), calls: Some(1), skip: 1, ..FaultKind::Hang.into() };
        stage.telegram.add_fault(fault).await.unwrap();
    }
    uploads(&anna, fees("told later")).await;
    until("the version stands", PATIENCE, || (stage.fees() == fees("told later")).then_some(())).unwrap();
    assert_eq!(times(&anna, SAVED).await, 0);
    stage.telegram.clear_faults().await.unwrap();
    stage.kill("bot").await;
    anna.sees_now(SAVED).await.unwrap();
    assert_eq!((times(&anna, SAVED).await, versions(&stage).await), (1, 1));

    anna.says("/cancel").await.unwrap();
    anna.sees("Nothing is under way.").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_every_upload_is_one_version_and_is_told() {
    let mut stage = Stage::start().await;
    let anna = stage.anna().await;
    for round in 0..9_u64 {
        let content = fees(&format!("round {round}"));
        uploads(&anna, content.clone()).await;
        // Each round dies a little later.
        tokio::time::sleep(std::time::Duration::from_millis(round * 4)).await;
        match round % 3 {
            0 => stage.kill("bot").await,
            1 => stage.kill("writer").await,
            _ => {
                stage.service.signal(Signal::SIGKILL).unwrap();
                stage.service.wait_ended().unwrap();
                until("no process is left", PATIENCE, || stage.service.processes().is_empty().then_some(())).unwrap();
                stage.service.start().unwrap();
            }
        }
        anna.sees_now(SAVED).await.unwrap();
        assert_eq!(stage.fees(), content);
        assert_eq!(versions(&stage).await, usize::try_from(round).unwrap() + 1);
    }
    let calls = stage.telegram.calls(Some("sendMessage")).await.unwrap();
    assert!(calls.len() < 60, "{} messages for 9 uploads", calls.len());
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_while_the_service_was_down_is_answered_in_order() {
    let mut stage = Stage::start().await;
    let anna = stage.anna().await;
    anna.says("/help").await.unwrap();
    anna.sees("What I understand").await.unwrap();
    assert!(stage.service.stop().unwrap().success());
    for text in ["/set_fees", "/cancel", "/cancel"] {
        anna.says(text).await.unwrap();
    }
    stage.service.start().unwrap();
    anna.sees("Nothing is under way.").await.unwrap();
    let chat = anna.chat().await.unwrap();
    let answers: Vec<&str> = chat
        .iter()
        .filter(|message| message.author == sim::control::Author::Bot)
        .map(|message| message.text.text.split([' ', ',', '.']).next().unwrap())
        .collect();
    assert_eq!(answers, ["What", "Send", "Ended", "Nothing"]);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_is_prompt_even_while_a_handler_hangs_and_loses_nothing() {
    let mut stage = Stage::start().await;
    let anna = stage.anna().await;
    stage.telegram.fails("sendMessage", FaultKind::Hang, 1).await.unwrap();
    anna.says("/help").await.unwrap();
    stage.telegram.called("sendMessage", 1).await.unwrap();
    anna.says("/cancel").await.unwrap();
    stage.telegram.confirmed().await.unwrap();
    let began = std::time::Instant::now();
    assert!(stage.service.stop().unwrap().success());
    assert!(began.elapsed().as_secs() < 9, "{:?}", began.elapsed());
    stage.service.start().unwrap();
    anna.sees("Nothing is under way.").await.unwrap();
    assert_eq!(times(&anna, "What I understand").await, 1);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_through_a_dying_writer_is_answered_message_by_message() {
    let stage = Stage::start().await;
    // Telegram would have it answered one a second.
    stage.telegram.flood_limits(false).await.unwrap();
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    let mut kills = 0;
    for number in 0..60 {
        anna.says(&format!("/a{number}")).await.unwrap();
        boris.says(&format!("/b{number}")).await.unwrap();
        if number % 15 == 7 {
            stage.kill("writer").await;
            kills += 1;
        }
    }
    assert_eq!(kills, 4);
    anna.sees("/a59.").await.unwrap();
    boris.sees("/b59 ").await.unwrap();
    // In order, each once: whether an answer of the writer was lost or not.
    for (person, letter) in [(&anna, 'a'), (&boris, 'b')] {
        let chat = person.chat().await.unwrap();
        let answered: Vec<usize> = chat
            .iter()
            .filter(|message| message.author == sim::control::Author::Bot)
            .filter_map(|message| {
                let (_, rest) = message.text.text.split_once(&format!("/{letter}"))?;
                rest.split(['.', ' ']).next()?.parse().ok()
            })
            .collect();
        assert_eq!(answered, (0..60).collect::<Vec<_>>());
    }
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_fits_into_memory_waits_at_telegram() {
    let stage = Stage::start().await;
    // Afterwards all are answered as fast as it can.
    stage.telegram.flood_limits(false).await.unwrap();
    let anna = stage.anna().await;
    let flood =
        NewFault { method: Some("sendMessage".to_owned()), ..FaultKind::TooManyRequests { retry_after: 1 }.into() };
    stage.telegram.add_fault(flood).await.unwrap();
    for number in 0..400 {
        anna.says(&format!("/c{number}")).await.unwrap();
    }
    let polls = async || stage.telegram.calls(Some("getUpdates")).await.unwrap().len();
    let attempts = async || stage.telegram.calls(Some("sendMessage")).await.unwrap().len();
    // It stops asking, while it goes on trying to answer.
    let (mut asked, mut tried) = (polls().await, attempts().await);
    harness::until_async("it stops asking", PATIENCE, async || {
        if polls().await != asked {
            (asked, tried) = (polls().await, attempts().await);
        }
        (asked > 0 && attempts().await >= tried + 2).then_some(())
    })
    .await
    .unwrap();
    let pending = stage.telegram.state().await.unwrap().bots[0].pending_updates;
    // 256 are in memory, and the last batch of them is confirmed with the next question only.
    assert!((400 - 256..400).contains(&pending), "{pending} wait at Telegram");
    stage.telegram.clear_faults().await.unwrap();
    anna.sees("/c399.").await.unwrap();
    assert_eq!(times(&anna, "I don't know the command /c").await, 400);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn telegram_is_told_that_we_have_an_update_only_when_it_is_durable() {
    let mut stage = Stage::set().await;
    // The writer is only stopped here, and must not be taken for hung.
    stage.service.environment.push(("NATRIUM_TIMING".to_owned(), "watchdog=120s".to_owned()));
    stage.service.start().unwrap();
    let anna = stage.anna().await;
    stage.telegram.polling().await.unwrap();
    let writer = Pid::from_raw(stage.service.worker("writer").await.unwrap());
    kill(writer, Signal::SIGSTOP).unwrap();
    anna.says("/help").await.unwrap();
    let calls = async || stage.telegram.calls(Some("getUpdates")).await.unwrap();
    let delivered = async || calls().await.last()?.response.as_ref()?.contains("/help").then_some(());
    harness::until_async("the update is delivered", PATIENCE, delivered).await.unwrap();
    stage.bot_says("the writer has not answered since").await;
    assert_eq!(stage.telegram.state().await.unwrap().bots[0].pending_updates, 1, "it was confirmed");

    stage.kill("bot").await;
    kill(writer, Signal::SIGCONT).unwrap();
    anna.sees("What I understand").await.unwrap();
    stage.telegram.confirmed().await.unwrap();
    assert_eq!(times(&anna, "What I understand").await, 1);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_with_nothing_to_do_stops_as_one_that_succeeded() {
    let stage = Stage::start().await;
    for turn in 0..10 {
        let request_id = format!("turn-{turn}");
        let before = stage.worker("bot").await.generation;
        let restart = interfaces::supervisor::Restart { worker: "bot".into(), request_id };
        stage.service.supervisor().restart(&restart).await.unwrap();
        let death = harness::until_async("a successor", crate::stage::PATIENCE, async || {
            let bot = stage.worker("bot").await;
            let ready = bot.generation > before && bot.state == interfaces::supervisor::WorkerState::Ready;
            bot.last_death.filter(|_| ready)
        });
        let death = death.await.unwrap();
        assert_eq!((death.generation, death.code), (before, Some(0)), "{death:?}\n{}", stage.service.log());
    }
    stage.strike().await;
}
