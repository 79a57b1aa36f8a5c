//! Four eyes: what one proposes, another one approves, from a button.

use interfaces::configs::Propose;
use sim::client::User;
use sim::control::FaultKind;

use crate::stage::{ANNA, Stage, by, fees, greets, times};

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
