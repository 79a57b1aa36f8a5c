//! Looking back: versions a page at a time, what differs between them, and what runs where.

use interfaces::configs::Ack;
use sim::control::Markup;

use crate::stage::{ANNA, SAVED, Stage, by, fees, operator, uploads};

/// What the buttons below a message say.
fn buttons(message: &sim::control::MessageView) -> Vec<&str> {
    match &message.markup {
        Some(Markup::Inline(rows)) => rows.iter().flatten().map(|button| button.text.as_str()).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_history_is_paged_through_in_one_message() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    anna.says("/history fees").await.unwrap();
    anna.sees("fees.yml has no version yet.").await.unwrap();
    for number in 1..=23 {
        stage.saves(operator(), &fees(&format!("number {number}"))).await;
    }
    anna.says("/history fees").await.unwrap();
    let first = anna.sees("Version 23 – the operator root, 20").await.unwrap();
    assert_eq!(first.text.text.lines().filter(|line| line.starts_with("Version ")).count(), 10);
    assert_eq!(buttons(&first), ["◀ older"]);

    anna.presses("older").await.unwrap();
    let second = anna.sees_now("Version 13 – ").await.unwrap();
    assert_eq!((second.message_id, buttons(&second)), (first.message_id, vec!["◀ older", "newer ▶"]));
    anna.presses("older").await.unwrap();
    let third = anna.sees_now("Version 3 – ").await.unwrap();
    assert!(third.text.text.contains("Version 1 – ") && !third.text.text.contains("Version 4 – "), "{third:?}");
    assert_eq!(buttons(&third), ["newer ▶"]);
    let query = anna.presses("newer").await.unwrap();
    let back = anna.sees_now("Version 13 – ").await.unwrap();
    assert_eq!(back.text.text, second.text.text);
    anna.is_answered(&query).await.unwrap();

    let boris = stage.boris().await;
    boris.says("/history fees.yml").await.unwrap();
    boris.sees("Версия 23 – оператор root").await.unwrap();
    boris.presses("раньше").await.unwrap();
    boris.sees_now("Версия 13 – ").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_understood_is_answered_with_what_would_be() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    for (says, answer) in [
        ("/history", "Which one? /history fees, /history rates"),
        ("/history frogs", "There is no config called frogs. /help shows which there are."),
        ("/diff", "Which one? /diff fees 3 7, /diff rates 3 7"),
        ("/diff fees three", "I don't understand that. Write it like this: /diff fees 3 7"),
        ("/diff fees", "fees.yml has no version yet."),
        ("/rollback fees", "I don't understand that. Write it like this: /rollback fees 3"),
        ("/rollback fees 3", "fees.yml has no version yet."),
        ("/get_fees last", "I don't understand that. Write it like this: /get_fees 3"),
        ("/get_fees 3", "fees.yml has no version 3. /history fees shows which there are."),
        ("/admins 1003", "I don't understand that. Write it like this: /admins 123456789 admin fees"),
        ("/pair", "Send the code that you were given like this: /pair K7QF-9M2X"),
        ("/proposals", "Nothing waits for approval."),
    ] {
        anna.says(says).await.unwrap();
        anna.sees(answer).await.unwrap();
    }
    for (says, answer) in [
        ("/history", "Какие именно? /history fees, /history rates"),
        ("/diff fees", "У fees.yml пока нет ни одной версии."),
        ("/rollback fees x", "Так я не понимаю. Напишите вот так: /rollback fees 3"),
        ("/get_fees 3", "У fees.yml нет версии 3."),
        ("/proposals", "Ничто не ждёт одобрения."),
    ] {
        boris.says(says).await.unwrap();
        boris.sees(answer).await.unwrap();
    }
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_is_shown_or_sent_where_it_is_long() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    uploads(&anna, fees("first")).await;
    anna.sees(SAVED).await.unwrap();
    anna.says("/diff fees").await.unwrap();
    anna.sees("fees.yml has one version only, so there is nothing to compare.").await.unwrap();
    stage.saves(by(ANNA), &fees("second")).await;
    let long: String = (0..400).map(|line| format!("# remark {line}\n")).collect();
    stage.saves(by(ANNA), &fees(&long)).await;

    anna.says("/diff fees 1 2").await.unwrap();
    let shown = anna.sees("fees.yml: from version 1 to version 2").await.unwrap();
    assert!(shown.text.text.contains("\n-# first\n+# second\n"), "{shown:?}");
    boris.says("/diff fees 2 1").await.unwrap();
    let shown = boris.sees("fees.yml: от версии 2 к версии 1").await.unwrap();
    assert!(shown.text.text.contains("\n-# second\n+# first\n"), "{shown:?}");

    // Without numbers: what the newest one changed.
    anna.says("/diff fees").await.unwrap();
    let file = anna.gets("fees.v2-v3.diff").await.unwrap();
    assert!(String::from_utf8_lossy(&file).contains("+# remark 399\n"));
    anna.sees("The differences are in fees.v2-v3.diff, above").await.unwrap();
    // With one: that version and the current one.
    anna.says("/diff fees 1").await.unwrap();
    anna.gets("fees.v1-v3.diff").await.unwrap();
    anna.says("/diff fees 2 9").await.unwrap();
    anna.sees("fees.yml has no version 9.").await.unwrap();
    anna.says("/diff fees 2 2").await.unwrap();
    anna.sees("Versions 2 and 2 of fees.yml have the same content.").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_version_can_be_had_and_the_current_one_says_who_runs_it() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    stage.saves(by(ANNA), &fees("first")).await;
    stage.saves(operator(), &fees("second")).await;
    let ack = Ack { kind: "fees".to_owned(), consumer: "billing".to_owned(), version: 1 };
    stage.service.configs().ack(&ack).await.unwrap();

    anna.says("/get_fees 1").await.unwrap();
    assert_eq!(anna.gets("fees.yml").await.unwrap(), fees("first"));
    let older = anna.sees("fees.yml, version 1 of Anna, saved 20").await.unwrap();
    assert!(!older.text.text.contains("billing"), "{older:?}");
    anna.says("/get_fees").await.unwrap();
    assert_eq!(anna.gets("fees.yml").await.unwrap(), fees("second"));
    let current = anna.sees("fees.yml, version 2 of the operator root, saved 20").await.unwrap();
    assert!(current.text.text.contains("\nWho runs it:\n• billing runs version 1, it says since 20"), "{current:?}");
    boris.says("/get_fees").await.unwrap();
    boris.sees("• billing работает с версией 1").await.unwrap();
    stage.strike().await;
}
