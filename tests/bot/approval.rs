//! Four eyes: what one proposes, another one approves, from a button.

use std::fs;

use interfaces::configs::Propose;
use sim::client::User;
use sim::control::FaultKind;

use crate::stage::{ANNA, Stage, by, fees, greets, times, uploads};

async fn with_approval() -> Stage {
    Stage::with(|text| {
        format!(
            "{text}  - {{ id: 1003, name: Carol, role: admin }}\n  - {{ id: 1004, name: Dora, role: viewer }}\n\
             configs:\n  fees: {{ file: fees.yml, schema: builtin, approval: true }}\n"
        )
    })
    .await
}

async fn carol(stage: &Stage) -> User {
    stage.telegram.user(1003, "Carol").await.unwrap()
}

/// Anna proposes; gives the proposal's number.
async fn proposes(stage: &Stage, mark: &str) -> i64 {
    let proposal = Propose {
        kind: "fees".to_owned(),
        content: fees(mark),
        base: stage.versions().await,
        restores: None,
        author: by(ANNA),
        request_id: format!("proposal of {mark}"),
        settles: None,
    };
    stage.service.configs().propose(&proposal).await.unwrap().proposal.id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_admin_approves_from_the_notice_and_whoever_comes_later_is_told() {
    let stage = with_approval().await;
    let (anna, boris, carol) = (stage.anna().await, stage.boris().await, carol(&stage).await);
    let dora = stage.telegram.user(1004, "Dora").await.unwrap();
    for person in [&anna, &boris, &carol, &dora] {
        greets(person).await;
    }
    assert_eq!(proposes(&stage, "proposed").await, 1);
    let asked = boris.sees("Anna предлагает новый fees.yml: предложение 1, поверх версии 0.").await.unwrap();
    assert!(asked.text.text.contains("\n+# proposed\n"), "{asked:?}");
    carol.sees("Anna proposes a new fees.yml: proposal 1, on top of version 0.").await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (0, String::new()));

    let query = boris.presses("Одобрить").await.unwrap();
    let decided = boris.sees_now("✅ Предложение 1 (автор: Anna) одобрено, решение принял(а) Boris").await.unwrap();
    assert_eq!((decided.message_id, &decided.markup), (asked.message_id, &None));
    boris.is_answered(&query).await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (1, fees("proposed")));
    anna.sees("✅ Boris approved proposal 1 of Anna: fees.yml is at version 1 now.").await.unwrap();

    // Carol's button is still there.
    carol.presses("Approve").await.unwrap();
    carol.sees_now("✅ Boris approved proposal 1 of Anna: fees.yml is at version 1 now.").await.unwrap();
    assert_eq!(stage.versions().await, 1);
    anna.says("/history fees").await.unwrap();
    anna.sees("Version 1 – Anna, ").await.unwrap();
    anna.sees("approved by Boris").await.unwrap();
    assert_eq!(times(&dora, "proposal").await + times(&anna, "proposes").await, 0);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_approves_what_he_proposed_himself_but_he_may_withdraw_it() {
    let stage = with_approval().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    greets(&boris).await;
    proposes(&stage, "my own").await;
    boris.sees_button("Одобрить").await.unwrap();
    anna.says("/proposals").await.unwrap();
    let own = anna.sees("You have proposed this yourself: proposal 1 for fees.yml").await.unwrap();
    assert!(!format!("{:?}", own.markup).contains("approve"), "{own:?}");
    anna.presses("Withdraw").await.unwrap();
    anna.sees_now("Anna withdrew proposal 1. fees.yml stays as it is.").await.unwrap();
    boris.presses("Одобрить").await.unwrap();
    boris.sees_now("Предложение 1 отозвано, автор: Anna. fees.yml остаётся прежним.").await.unwrap();
    assert_eq!(stage.versions().await, 0);
    anna.says("/proposals").await.unwrap();
    anna.sees("Nothing waits for approval.").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_declined_or_overtaken_is_not_published() {
    let stage = with_approval().await;
    let (anna, boris, carol) = (stage.anna().await, stage.boris().await, carol(&stage).await);
    for person in [&anna, &boris, &carol] {
        greets(person).await;
    }
    proposes(&stage, "declined").await;
    boris.sees_button("Отклонить").await.unwrap();
    boris.presses("Отклонить").await.unwrap();
    boris.sees_now("Предложение 1 (автор: Anna) отклонено").await.unwrap();
    anna.sees("❌ Boris declined proposal 1 of Anna. fees.yml stays as it is.").await.unwrap();

    let (slow, fast) = (proposes(&stage, "slow").await, proposes(&stage, "fast").await);
    carol.sees(&format!("proposal {slow}, on top")).await.unwrap();
    carol.sees(&format!("proposal {fast}, on top")).await.unwrap();
    carol.presses("Approve").await.unwrap();
    carol.sees_now(&format!("✅ Carol approved proposal {fast} of Anna")).await.unwrap();
    carol.presses("Approve").await.unwrap();
    let outdated =
        format!("⚠️ Proposal {slow} was not published: it was made on top of version 0, but Anna saved version 1");
    carol.sees_now(&outdated).await.unwrap();
    carol.presses("Decline").await.unwrap();
    carol.sees_now(&format!("❌ Carol declined proposal {slow} of Anna.")).await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (1, fees("fast")));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn going_back_takes_a_second_admin_as_well() {
    let stage = with_approval().await;
    let (anna, carol) = (stage.anna().await, carol(&stage).await);
    greets(&carol).await;
    for mark in ["first", "second"] {
        proposes(&stage, mark).await;
        carol.sees_button("Approve").await.unwrap();
        carol.presses("Approve").await.unwrap();
        carol.sees_now("✅ Carol approved").await.unwrap();
    }
    anna.says("/rollback fees 1").await.unwrap();
    anna.sees_button("Roll back").await.unwrap();
    anna.presses("Roll back").await.unwrap();
    anna.sees_now("⏳ Changes of fees.yml need a second admin. Going back to version 1 is proposal 3 now")
        .await
        .unwrap();
    assert_eq!(stage.fees(), fees("second"));
    let asked = carol.sees("Anna proposes to roll fees.yml back to version 1: proposal 3").await.unwrap();
    assert!(asked.text.text.contains("\n-# second\n+# first\n"), "{asked:?}");
    carol.presses("Approve").await.unwrap();
    carol.sees_now("✅ Carol approved proposal 3 of Anna: fees.yml is at version 3 now.").await.unwrap();
    assert_eq!(stage.fees(), fees("first"));
    assert!(!stage.audit().await.iter().any(|line| line.contains("approval required")));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_killed_between_a_decision_and_its_answer_tells_what_was_decided() {
    let stage = with_approval().await;
    let carol = carol(&stage).await;
    greets(&carol).await;
    for (mark, button, answer) in [
        ("approved", "Approve", "✅ Carol approved proposal 1 of Anna: fees.yml is at version 1 now."),
        ("declined", "Decline", "❌ Carol declined proposal 2 of Anna. fees.yml stays as it is."),
    ] {
        proposes(&stage, mark).await;
        carol.sees_button(button).await.unwrap();
        let before = stage.telegram.calls(Some("editMessageText")).await.unwrap().len();
        stage.telegram.fails("editMessageText", FaultKind::Hang, 1).await.unwrap();
        carol.presses(button).await.unwrap();
        stage.telegram.called("editMessageText", before + 1).await.unwrap();
        assert_eq!(times(&carol, answer).await, 0);
        stage.kill("bot").await;
        carol.sees_now(answer).await.unwrap();
        assert_eq!(times(&carol, answer).await, 1);
    }
    assert_eq!((stage.versions().await, stage.fees()), (1, fees("approved")));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_by_hand_is_proposed_and_approved_where_it_stands() {
    let stage = with_approval().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    for person in [&anna, &boris] {
        greets(person).await;
    }
    proposes(&stage, "stored").await;
    boris.sees_button("Одобрить").await.unwrap();
    boris.presses("Одобрить").await.unwrap();
    boris.sees_now("✅ Предложение 1 (автор: Anna) одобрено").await.unwrap();

    fs::write(stage.service.published("fees.yml"), fees("by hand")).unwrap();
    let told = anna.sees("⚠️ fees.yml was changed by hand on the disk").await.unwrap();
    anna.presses("Propose").await.unwrap();
    let proposed =
        "⏳ Changes of fees.yml need a second admin. What was changed by hand is proposal 2 now; the others are asked.";
    assert_eq!(anna.sees_now(proposed).await.unwrap().message_id, told.message_id);
    assert_eq!((stage.versions().await, stage.fees()), (1, fees("by hand")));
    let asked = boris.sees("Anna предлагает новый fees.yml: предложение 2, поверх версии 1.").await.unwrap();
    assert!(asked.text.text.contains("\n-# stored\n+# by hand\n"), "{asked:?}");
    boris.presses("Одобрить").await.unwrap();
    boris.sees_now("✅ Предложение 2 (автор: Anna) одобрено").await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (2, fees("by hand")));
    boris.says("/get_fees").await.unwrap();
    boris.sees("fees.yml, версия 2").await.unwrap();
    // Who is asked for a second admin was refused nothing.
    assert!(!stage.audit().await.iter().any(|line| line.contains("approval required")));

    // Another proposal is not approved over it.
    let other = proposes(&stage, "other").await;
    boris.sees(&format!("предложение {other}, поверх версии 2")).await.unwrap();
    fs::write(stage.service.published("fees.yml"), fees("again by hand")).unwrap();
    anna.sees("+# again by hand").await.unwrap();
    boris.sees("+# again by hand").await.unwrap();
    let query = boris.presses("Одобрить").await.unwrap();
    let answer = boris.is_answered(&query).await.unwrap();
    assert!(answer.text.starts_with("⚠️ Ничего не изменено: fees.yml на диске изменён вручную."), "{answer:?}");
    assert_eq!((stage.versions().await, stage.fees()), (2, fees("again by hand")));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_current_file_sent_again_is_no_proposal() {
    let stage = with_approval().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    greets(&boris).await;
    proposes(&stage, "stored").await;
    boris.sees_button("Одобрить").await.unwrap();
    boris.presses("Одобрить").await.unwrap();
    boris.sees_now("✅ Предложение 1 (автор: Anna) одобрено").await.unwrap();
    uploads(&anna, fees("stored")).await;
    anna.sees_now("ℹ️ This is exactly the current fees.yml (version 1). No new version was made.").await.unwrap();
    anna.says("/cancel").await.unwrap();
    anna.sees("Nothing is under way.").await.unwrap();
    boris.says("/proposals").await.unwrap();
    boris.sees("Ничто не ждёт одобрения.").await.unwrap();
    assert_eq!(stage.versions().await, 1);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_wait_the_newest_are_shown_and_the_others_are_a_press_away() {
    let stage = with_approval().await;
    let anna = stage.anna().await;
    for number in 1..=13 {
        proposes(&stage, &format!("number {number}")).await;
    }
    anna.says("/proposals").await.unwrap();
    anna.sees("proposal 13 for fees.yml").await.unwrap();
    anna.sees("proposal 4 for fees.yml").await.unwrap();
    anna.sees("3 older ones wait, too.").await.unwrap();
    assert_eq!(times(&anna, "proposal 3 for fees.yml").await, 0);
    anna.presses("older").await.unwrap();
    anna.sees("proposal 3 for fees.yml").await.unwrap();
    anna.sees("proposal 1 for fees.yml").await.unwrap();
    assert_eq!(times(&anna, "wait, too.").await, 1);
    assert_eq!(times(&anna, "proposal 13 for fees.yml").await, 1);
    stage.strike().await;
}
