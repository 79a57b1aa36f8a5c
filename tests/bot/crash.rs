//! Killed or stopped at any moment: what was said is handled once, and told.

use harness::until;
use nix::sys::signal::Signal;
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
        let fault = NewFault {
            kind: FaultKind::Hang,
            method: Some("editMessageText".to_owned()),
            calls: Some(1),
            skip: 1,
            after: false,
        };
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
