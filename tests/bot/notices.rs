//! What people are told without having asked is told once it can be, and is not lost before.

use std::fs;

use harness::until_async;
use interfaces::configs::Propose;
use sim::control::{FaultKind, NewFault};

use crate::stage::{ANNA, BORIS, PATIENCE, Stage, by, fees, greets, operator, times};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_survives_bots_that_are_killed_while_they_send_it() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    greets(&anna).await;
    stage.saves(by(ANNA), &fees("stored")).await;
    stage.telegram.polling().await.unwrap();
    stage.telegram.fails("sendMessage", FaultKind::Hang, 4).await.unwrap();
    fs::write(stage.service.published("fees.yml"), fees("by hand")).unwrap();
    let sent = async |at_least| stage.telegram.called("sendMessage", at_least).await.unwrap();
    // The answer to /help was the first one. Boris has never talked with the bot, so he is not told either.
    sent(2).await;
    assert_eq!(times(&anna, "by hand").await, 0);
    stage.kill("bot").await;
    sent(3).await;
    stage.telegram.clear_faults().await.unwrap();
    stage.kill("bot").await;
    anna.sees("⚠️ fees.yml was changed by hand on the disk").await.unwrap();
    // One person's notices are told one after the other: when the next one comes, it is known that this one was told.
    fs::remove_file(stage.service.published("fees.yml")).unwrap();
    anna.sees("was removed from the disk by hand").await.unwrap();
    // Told is told: the next process does not repeat it.
    anna.says("/help").await.unwrap();
    anna.sees("What I understand").await.unwrap();
    stage.kill("bot").await;
    anna.says("/cancel").await.unwrap();
    anna.sees("Nothing is under way.").await.unwrap();
    assert_eq!(times(&anna, "was changed by hand on the disk").await, 1);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_blocked_the_bot_keeps_nobody_waiting() {
    let stage =
        Stage::with(|text| format!("{text}configs:\n  fees: {{ file: fees.yml, schema: builtin, approval: true }}\n"))
            .await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    greets(&boris).await;
    boris.blocks(true).await.unwrap();
    let propose = |mark: &str| Propose {
        kind: "fees".to_owned(),
        content: fees(mark),
        base: 0,
        restores: None,
        author: by(ANNA),
        request_id: mark.to_owned(),
        settles: None,
    };
    stage.service.configs().propose(&propose("unheard")).await.unwrap();
    let refused = async || {
        let calls = stage.telegram.calls(Some("sendMessage")).await.unwrap();
        calls.iter().any(|call| call.status == Some(403)).then_some(())
    };
    until_async("Telegram refuses", PATIENCE, refused).await.unwrap();
    boris.blocks(false).await.unwrap();
    stage.service.configs().propose(&propose("heard")).await.unwrap();
    boris.sees("предложение 2, поверх версии 0").await.unwrap();
    assert_eq!(times(&boris, "предложение 1,").await, 0);
    anna.says("/proposals").await.unwrap();
    anna.sees("proposal 1 for fees.yml").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_after_publishing_is_told_to_who_saved_the_version() {
    let stage = Stage::with(|text| {
        let hook = "after_publish: { command: [/bin/sh, -c, 'echo no such service; exit 3'] }";
        format!("{text}configs:\n  fees: {{ file: fees.yml, schema: builtin, {hook} }}\n")
    })
    .await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    for person in [&anna, &boris] {
        greets(person).await;
    }
    stage.saves(by(ANNA), &fees("of Anna")).await;
    let told = anna.sees("⚠️ Version 1 of fees.yml is published, but what is to run afterwards failed").await.unwrap();
    assert!(told.text.text.contains("no such service"), "{told:?}");
    assert_eq!(stage.fees(), fees("of Anna"));
    stage.saves(by(BORIS), &fees("of Boris")).await;
    boris
        .sees("⚠️ Версия 2 файла fees.yml опубликована, но то, что должно выполниться после этого, не удалось")
        .await
        .unwrap();
    assert_eq!((times(&anna, "Version 2").await, times(&boris, "Версия 1").await), (0, 0));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_another_ones_flood_limit() {
    let stage =
        Stage::with(|text| format!("{text}configs:\n  fees: {{ file: fees.yml, schema: builtin, approval: true }}\n"))
            .await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    for person in [&anna, &boris] {
        greets(person).await;
    }
    let flood = NewFault {
        method: Some("sendMessage".to_owned()),
        chat: Some(BORIS.id),
        calls: Some(1),
        ..FaultKind::TooManyRequests { retry_after: 600 }.into()
    };
    stage.telegram.add_fault(flood).await.unwrap();
    let propose = |number: i64| Propose {
        kind: "fees".to_owned(),
        content: fees(&number.to_string()),
        base: 0,
        restores: None,
        author: operator(),
        request_id: number.to_string(),
        settles: None,
    };
    stage.service.configs().propose(&propose(1)).await.unwrap();
    anna.sees("proposal 1, on top").await.unwrap();
    let flooded = async || {
        let calls = stage.telegram.calls(Some("sendMessage")).await.unwrap();
        calls.iter().any(|call| call.status == Some(429)).then_some(())
    };
    until_async("Boris has to wait", PATIENCE, flooded).await.unwrap();
    for number in [2, 3] {
        stage.service.configs().propose(&propose(number)).await.unwrap();
        anna.sees(&format!("proposal {number}, on top")).await.unwrap();
    }

    // A bot that need not wait tells Boris everything in its order (in the language of the settings, for it has not met him),
    // and Anna nothing twice of which she was told the next one.
    stage.kill("bot").await;
    boris.sees("proposal 3, on top").await.unwrap();
    let chat = boris.chat().await.unwrap();
    let of = |number: i64| {
        let asks = format!("proposal {number}, on top");
        chat.iter().position(|message| message.text.text.contains(&asks)).unwrap()
    };
    assert!(of(1) < of(2) && of(2) < of(3), "{chat:?}");
    for number in 1..=2 {
        assert_eq!(times(&anna, &format!("proposal {number}, on top")).await, 1);
    }
    stage.strike().await;
}
