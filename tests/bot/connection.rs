//! The connection to Telegram: lost, shared, refused, flooded.

use std::time::{Duration, Instant};

use sim::control::{FaultKind, NewFault, Revoke};

use crate::stage::{SAVED, Stage, fees, times, uploads};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_a_status_and_ends_by_itself() {
    let mut stage = Stage::set().await;
    stage.telegram.outage().await.unwrap();
    // Ready all the same.
    stage.service.start().unwrap();
    let status = stage.bot_says("Telegram unreachable since ").await;
    let time = status.split("since ").nth(1).unwrap().split_once(": ").unwrap().0;
    assert!(time.len() == 8 && time.chars().all(|c| c.is_ascii_digit() || c == ':'), "{status}");
    stage.telegram.clear_faults().await.unwrap();
    stage.bot_says("polling as @").await;

    let anna = stage.anna().await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("Send me").await.unwrap();
    stage.telegram.polling().await.unwrap();
    anna.sends("fees.yml", fees("through an outage")).await.unwrap();
    stage.telegram.outage().await.unwrap();
    stage.bot_says("Telegram unreachable since ").await;
    stage.telegram.clear_faults().await.unwrap();
    anna.sees_now(SAVED).await.unwrap();
    assert_eq!(times(&anna, SAVED).await, 1);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_poller_is_told_plainly_and_recovered_from() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    let conflict = NewFault { method: Some("getUpdates".to_owned()), ..FaultKind::Conflict.into() };
    stage.telegram.add_fault(conflict).await.unwrap();
    anna.says("/help").await.unwrap();
    stage.bot_says("another host or program polls with this token since ").await;
    let asked = stage.telegram.called("getUpdates", 4).await.unwrap().len();
    let lines = stage.service.log().lines().filter(|line| line.contains("another host or program polls")).count();
    assert!(lines >= 1 && lines < asked, "{lines} lines for {asked} conflicts:\n{}", stage.service.log());
    stage.telegram.clear_faults().await.unwrap();
    stage.bot_says("polling as @").await;
    anna.says("/cancel").await.unwrap();
    anna.sees("Nothing is under way.").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_is_removed_and_what_waits_is_answered() {
    let mut stage = Stage::set().await;
    let anna = stage.anna().await;
    anna.says("/help").await.unwrap();
    let set = stage.calls("setWebhook?url=http://127.0.0.1:9/hook").await;
    assert!(set.contains("Webhook was set"), "{set}");
    stage.service.start().unwrap();
    anna.sees("What I understand").await.unwrap();
    assert_eq!(stage.telegram.calls(Some("deleteWebhook")).await.unwrap().len(), 1);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_ends_the_service_with_78_and_a_sentence() {
    let mut stage = Stage::set().await;
    stage.telegram.revoke(serde_json::from_str::<Revoke>("{}").unwrap()).await.unwrap();
    stage.service.spawn().unwrap();
    let status = stage.service.wait_ended().unwrap();
    assert_eq!(status.code(), Some(78), "{}", stage.service.log());
    assert!(stage.service.log().contains("Telegram refused the token (401"), "{}", stage.service.log());
    // No storm: a few attempts to be sure, by one process.
    assert!(stage.telegram.calls(Some("getMe")).await.unwrap().len() <= 4);
    stage.no_secret_was_told();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_revoked_later_ends_the_service_too_but_one_odd_401_does_not() {
    let mut stage = Stage::start().await;
    let anna = stage.anna().await;
    stage.telegram.fails("getUpdates", FaultKind::Unauthorized, 1).await.unwrap();
    anna.says("/help").await.unwrap();
    anna.sees("What I understand").await.unwrap();
    stage.telegram.polling().await.unwrap();
    stage.telegram.revoke(serde_json::from_str::<Revoke>("{}").unwrap()).await.unwrap();
    // Ends the request that waits; the next one meets the refusal.
    anna.says("/help").await.unwrap();
    assert_eq!(stage.service.wait_ended().unwrap().code(), Some(78), "{}", stage.service.log());
    stage.no_secret_was_told();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flooded_answer_is_not_lost_and_waits_as_long_as_told() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    stage.telegram.fails("sendMessage", FaultKind::TooManyRequests { retry_after: 2 }, 1).await.unwrap();
    let began = Instant::now();
    anna.says("/help").await.unwrap();
    anna.sees("What I understand").await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(times(&anna, "What I understand").await, 1);

    stage.telegram.fails("editMessageText", FaultKind::TooManyRequests { retry_after: 1 }, 1).await.unwrap();
    uploads(&anna, fees("flooded")).await;
    anna.sees_now(SAVED).await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_on_a_dropped_connection_is_sent_again_and_an_edit_is_not_doubled() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    stage.telegram.fails("sendMessage", FaultKind::Drop, 1).await.unwrap();
    anna.says("/help").await.unwrap();
    anna.sees("What I understand").await.unwrap();
    assert_eq!(times(&anna, "What I understand").await, 1);

    // The edit is done and its answer is lost: the second attempt finds it done.
    let lost = NewFault {
        method: Some("editMessageText".to_owned()),
        calls: Some(1),
        skip: 1,
        after: true,
        ..FaultKind::Drop.into()
    };
    stage.telegram.add_fault(lost).await.unwrap();
    uploads(&anna, fees("lost answer")).await;
    anna.sees_now(SAVED).await.unwrap();
    anna.says("/cancel").await.unwrap();
    anna.sees("Nothing is under way.").await.unwrap();
    assert_eq!(times(&anna, SAVED).await, 1);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocked_bot_gives_up_on_that_admin_and_goes_on_with_others() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    stage.telegram.fails("sendMessage", FaultKind::latency(300), 1).await.unwrap();
    anna.says("/help").await.unwrap();
    anna.blocks(true).await.unwrap();
    boris.says("/help").await.unwrap();
    boris.sees("Что я умею").await.unwrap();
    anna.blocks(false).await.unwrap();
    anna.says("/cancel").await.unwrap();
    anna.sees("Nothing is under way.").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_error_costs_time_and_neither_answers_nor_the_stop() {
    let mut stage = Stage::start().await;
    let anna = stage.anna().await;
    anna.says("/help").await.unwrap();
    anna.sees("What I understand").await.unwrap();
    let broken = NewFault::from(FaultKind::ServerError { status: 502 });
    stage.telegram.add_fault(broken).await.unwrap();
    anna.says("/cancel").await.unwrap();
    let began = Instant::now();
    assert!(stage.service.stop().unwrap().success());
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    stage.telegram.clear_faults().await.unwrap();
    stage.service.start().unwrap();
    anna.sees("Nothing is under way.").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_is_in_no_log_line_however_much_is_logged() {
    let mut stage = Stage::set().await;
    let settings = std::fs::read_to_string(stage.service.settings()).unwrap();
    stage.service.write_settings(&format!("{settings}log: trace\n")).unwrap();
    stage.telegram.fails("getMe", FaultKind::ServerError { status: 502 }, 1).await.unwrap();
    stage.service.start().unwrap();
    let anna = stage.anna().await;
    stage.telegram.fails("sendMessage", FaultKind::Drop, 2).await.unwrap();
    stage.telegram.fails("download", FaultKind::Drop, 1).await.unwrap();
    uploads(&anna, fees("traced")).await;
    anna.sees_now(SAVED).await.unwrap();
    assert!(stage.service.log().contains("TRACE") || stage.service.log().contains("DEBUG"), "nothing was traced");
    stage.strike().await;
}
