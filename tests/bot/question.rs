//! Which message asks about a conflict: it is the one that is changed when the question is left, whatever happens meanwhile.

use harness::{until, until_async};
use sim::client::User;
use sim::control::{FaultKind, MessageView, NewFault};

use crate::stage::{BORIS, PATIENCE, SAVING, Stage, by, fees, operator};

const ASKED: &str = "Overwrite puts your file in its place.";

/// Anna is asked for a document, and what she has seen is not the current version any more.
async fn overtaken(stage: &Stage, anna: &User) {
    stage.saves(operator(), &fees("first")).await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("You will replace version 1").await.unwrap();
    stage.saves(by(BORIS), &fees("of Boris")).await;
}

async fn cancels(anna: &User, asked: &MessageView) {
    anna.says("/cancel").await.unwrap();
    anna.sees("Ended. Nothing was saved: fees.yml stays as it is.").await.unwrap();
    let left = anna.sees_now("✖ Your fees.yml was not saved.").await.unwrap();
    assert_eq!((left.message_id, &left.markup), (asked.message_id, &None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_a_stop_kept_from_being_asked_is_asked_and_left_after_the_start() {
    let mut stage = Stage::start().await;
    let anna = stage.anna().await;
    overtaken(&stage, &anna).await;
    stage.telegram.fails("sendMessage", FaultKind::TooManyRequests { retry_after: 60 }, 1).await.unwrap();
    anna.sends("fees.yml", fees("of Anna")).await.unwrap();
    let late = || stage.service.log().contains("an upload came too late").then_some(());
    until("the upload meets the other one", PATIENCE, late).unwrap();
    assert!(stage.service.stop().unwrap().success());
    stage.service.start().unwrap();
    let asked = anna.sees_now(ASKED).await.unwrap();
    cancels(&anna, &asked).await;
    assert_eq!(stage.fees(), fees("of Boris"));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_whose_message_was_deleted_before_is_asked_in_another_and_left_there() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    overtaken(&stage, &anna).await;
    // All is decided while it is not known yet that the message says so; and then it is gone.
    let slow = NewFault {
        method: Some("editMessageText".to_owned()),
        calls: Some(1),
        after: true,
        ..FaultKind::latency(3000).into()
    };
    stage.telegram.add_fault(slow).await.unwrap();
    anna.sends("fees.yml", fees("of Anna")).await.unwrap();
    let progress = anna.sees_now(SAVING).await.unwrap().message_id;
    let late = || stage.service.log().contains("an upload came too late").then_some(());
    until("the upload meets the other one", PATIENCE, late).unwrap();
    let deleted = stage.calls(&format!("deleteMessage?chat_id=1001&message_id={progress}")).await;
    assert!(deleted.contains(r#""ok":true"#), "{deleted}");
    let asked = anna.sees_now(ASKED).await.unwrap();
    assert_ne!(asked.message_id, progress);
    cancels(&anna, &asked).await;
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_closed_by_the_document_that_has_both_whoever_is_killed() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    for kills in [false, true] {
        let version = stage.versions().await;
        stage.saves(operator(), &fees(&format!("first {kills}"))).await;
        anna.says("/set_fees").await.unwrap();
        anna.sees("You will replace version").await.unwrap();
        stage.saves(by(BORIS), &fees(&format!("of Boris {kills}"))).await;
        anna.sends("fees.yml", fees("of Anna")).await.unwrap();
        let asked = anna.sees_now(ASKED).await.unwrap();
        let edits = stage.telegram.calls(Some("editMessageText")).await.unwrap().len();
        if kills {
            stage.telegram.fails("editMessageText", FaultKind::Hang, 9).await.unwrap();
        }
        let both = fees(&format!("of both {kills}"));
        anna.sends("fees.yml", both.clone()).await.unwrap();
        until_async("it is saved", PATIENCE, async || (stage.versions().await == version + 3).then_some(()))
            .await
            .unwrap();
        if kills {
            stage.telegram.called("editMessageText", edits + 1).await.unwrap();
            stage.telegram.clear_faults().await.unwrap();
            stage.kill("bot").await;
        }
        let closed = anna.sees_now("✖ This file was not saved: you sent another one instead.").await.unwrap();
        assert_eq!((closed.message_id, &closed.markup), (asked.message_id, &None));
        assert_eq!(stage.fees(), both);
    }
    stage.strike().await;
}
