//! An upload meets another version, or a file changed by hand: what differs is shown, and the admin decides.

use std::fs;

use harness::until;
use sim::client::User;
use sim::control::{FaultKind, MessageView, NewFault};

use crate::stage::{ANNA, BORIS, PATIENCE, SAVED, SAVING, Stage, VALIDATING, by, fees, operator, said, times};

const ASKED: &str = "Overwrite puts your file in its place.";

/// A fees.yml in which one line differs besides the mark.
fn with_rate(mark: &str, rate: &str) -> String {
    format!("{}# rate: {rate}\n", fees(mark))
}

/// Version 1 stands; Anna begins on top of it, Boris saves version 2, and Anna sends hers.
async fn clash(stage: &Stage, anna: &User) -> MessageView {
    stage.saves(by(ANNA), &with_rate("first", "1")).await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("You will replace version 1").await.unwrap();
    stage.saves(by(BORIS), &with_rate("of Boris", "2")).await;
    anna.sends("fees.yml", with_rate("of Anna", "3")).await.unwrap();
    anna.sees_now("⚠️ fees.yml was not saved. You had version 1 before you, but Boris saved version 2").await.unwrap()
}

fn buttons(message: &MessageView) -> String {
    format!("{:?}", message.markup)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_is_shown_and_overwriting_makes_the_next_version() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    let asked = clash(&stage, &anna).await;
    let text = &asked.text.text;
    for line in ["⚠ line 1 — conflict", "- # first", "+ # of Boris", "+ # of Anna", "+ # rate: 2", "+ # rate: 3", ASKED]
    {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(text.contains("Boris (version 2)") && text.contains("your file"), "{text}");
    for button in ["Overwrite", "Show theirs", "✖ Cancel"] {
        assert!(buttons(&asked).contains(button), "{asked:?}");
    }
    assert_eq!((stage.versions().await, stage.fees()), (2, with_rate("of Boris", "2")));

    let query = anna.presses("Overwrite").await.unwrap();
    let saved = anna.sees_now(SAVED).await.unwrap();
    assert_eq!((saved.message_id, &saved.markup), (asked.message_id, &None));
    anna.is_answered(&query).await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (3, with_rate("of Anna", "3")));
    let get = interfaces::configs::Get { kind: "fees".to_owned(), version: None };
    assert_eq!(stage.service.configs().get(&get).await.unwrap().version.base, 2);
    anna.says("/cancel").await.unwrap();
    anna.sees("Nothing is under way.").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn theirs_is_sent_and_a_cancel_leaves_it_in_place() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    let asked = clash(&stage, &anna).await;
    let query = anna.presses("Show theirs").await.unwrap();
    assert_eq!(anna.gets("fees.yml").await.unwrap(), with_rate("of Boris", "2"));
    anna.sees("fees.yml, version 2 of Boris, saved 20").await.unwrap();
    anna.is_answered(&query).await.unwrap();
    anna.says("what now?").await.unwrap();
    anna.sees("It is not decided yet what becomes of your fees.yml.").await.unwrap();

    let query = anna.presses("Cancel").await.unwrap();
    let left = anna.sees_now("✖ Your fees.yml was not saved.").await.unwrap();
    assert_eq!((left.message_id, &left.markup), (asked.message_id, &None));
    let answer = anna.is_answered(&query).await.unwrap();
    assert_eq!(answer.text, "Ended. Nothing was saved: fees.yml stays as it is.");
    assert_eq!((stage.versions().await, stage.fees()), (2, with_rate("of Boris", "2")));
    anna.sends("fees.yml", fees("late")).await.unwrap();
    anna.sees("Send /set_fees first, then the file.").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_whose_message_was_long_in_coming_can_be_left_too() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    stage.saves(by(ANNA), &with_rate("first", "1")).await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("You will replace version 1").await.unwrap();
    stage.saves(by(BORIS), &with_rate("of Boris", "2")).await;
    // Everything is decided before it is known which message tells it.
    let late = NewFault {
        method: Some("sendMessage".to_owned()),
        calls: Some(1),
        after: true,
        ..FaultKind::latency(1500).into()
    };
    stage.telegram.add_fault(late).await.unwrap();
    anna.sends("fees.yml", with_rate("of Anna", "3")).await.unwrap();
    let asked = anna.sees_now("but Boris saved version 2").await.unwrap();
    anna.says("/cancel").await.unwrap();
    anna.sees("Ended. Nothing was saved: fees.yml stays as it is.").await.unwrap();
    let left = anna.sees_now("✖ Your fees.yml was not saved.").await.unwrap();
    assert_eq!((left.message_id, &left.markup), (asked.message_id, &None));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_overwrite_at_once_one_wins_and_the_other_is_asked_again() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    stage.saves(operator(), &fees("first")).await;
    for (person, asks) in [(&anna, "You will replace"), (&boris, "Вы замените")] {
        person.says("/set_fees").await.unwrap();
        person.sees(asks).await.unwrap();
    }
    stage.saves(operator(), &fees("faster")).await;
    for (person, mark, asks) in [(&anna, "of Anna", "What differs"), (&boris, "of Boris", "Различия")] {
        person.sends("fees.yml", fees(mark)).await.unwrap();
        person.sees_now(asks).await.unwrap();
    }
    let (one, other) = tokio::join!(anna.presses("Overwrite"), boris.presses("Перезаписать"));
    one.unwrap();
    other.unwrap();
    let third = || stage.versions();
    harness::until_async("one has won", PATIENCE, async || (third().await == 3).then_some(())).await.unwrap();
    if stage.fees() == fees("of Anna") {
        anna.sees_now(SAVED).await.unwrap();
        boris.sees_now("Перед вами была версия 1, но за это время появилась версия 3 (автор: Anna").await.unwrap();
        boris.presses("Перезаписать").await.unwrap();
        boris.sees_now("✅ fees.yml успешно обновлён!").await.unwrap();
        assert_eq!(stage.fees(), fees("of Boris"));
    } else {
        assert_eq!(stage.fees(), fees("of Boris"));
        boris.sees_now("✅ fees.yml успешно обновлён!").await.unwrap();
        anna.sees_now("You had version 1 before you, but Boris saved version 3 in the meantime").await.unwrap();
        anna.presses("Overwrite").await.unwrap();
        anna.sees_now(SAVED).await.unwrap();
        assert_eq!(stage.fees(), fees("of Anna"));
    }
    assert_eq!(stage.versions().await, 4);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_changed_by_hand_is_replaced_only_by_who_has_seen_it() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    stage.saves(by(ANNA), &fees("first")).await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("You will replace version 1").await.unwrap();
    let file = stage.service.published("fees.yml");
    fs::write(&file, fees("by hand")).unwrap();
    anna.sees("was changed by hand on the disk").await.unwrap();
    anna.sends("fees.yml", fees("of Anna")).await.unwrap();
    let asked = anna.sees_now("⚠️ fees.yml was not saved. The published file was changed by hand").await.unwrap();
    assert!(asked.text.text.contains("by hand\n") && asked.text.text.contains("# of Anna"), "{asked:?}");
    anna.presses("Show theirs").await.unwrap();
    assert_eq!(anna.gets("fees.yml").await.unwrap(), fees("by hand"));

    // It is another content by the time of the press.
    fs::write(&file, fees("again by hand")).unwrap();
    anna.presses("Overwrite").await.unwrap();
    let again = anna.sees_now("⚠️ fees.yml was not saved. The published file was changed by hand").await.unwrap();
    assert!(again.message_id == asked.message_id && again.text.text.contains("+ # again by hand"), "{again:?}");
    assert_eq!((stage.versions().await, stage.fees()), (1, fees("again by hand")));
    anna.presses("Overwrite").await.unwrap();
    anna.sees_now(SAVED).await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (2, fees("of Anna")));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_has_both_may_be_sent_instead_and_a_command_leaves_the_question() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    let asked = clash(&stage, &anna).await;
    anna.sends("fees.yml", fees("of both")).await.unwrap();
    anna.sees_now(SAVED).await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (3, fees("of both")));
    let closed = anna.sees_now("✖ This file was not saved: you sent another one instead.").await.unwrap();
    assert_eq!((closed.message_id, &closed.markup), (asked.message_id, &None));

    for (leaves, answered) in [("/set_fees", "You will replace version"), ("/cancel", "Ended. Nothing was saved")] {
        anna.says("/set_fees").await.unwrap();
        anna.sees("You will replace").await.unwrap();
        stage.saves(operator(), &fees(&format!("before {leaves}"))).await;
        anna.sends("fees.yml", fees("of Anna")).await.unwrap();
        let asked = anna.sees_now(ASKED).await.unwrap();
        anna.says(leaves).await.unwrap();
        let left = anna.sees_now("✖ Your fees.yml was not saved.").await.unwrap();
        assert_eq!((left.message_id, &left.markup), (asked.message_id, &None));
        anna.sees(answered).await.unwrap();
        assert_eq!(stage.fees(), fees(&format!("before {leaves}")));
    }
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_telegram_hands_over_no_more_is_asked_for_again() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    clash(&stage, &anna).await;
    stage.telegram.fails("getFile", FaultKind::Unauthorized, 3).await.unwrap();
    anna.presses("Overwrite").await.unwrap();
    anna.sees_now("❌ Telegram did not hand the document over").await.unwrap();
    assert_eq!(stage.versions().await, 2);
    // On top of what they have seen.
    anna.sends("fees.yml", fees("sent again")).await.unwrap();
    anna.sees_now(SAVED).await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (3, fees("sent again")));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_killed_while_it_asks_asks_with_the_same_message_and_overwrites_after_the_restart() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    // The progress message's second edit is the question.
    let fault =
        NewFault { method: Some("editMessageText".to_owned()), calls: Some(1), skip: 1, ..FaultKind::Hang.into() };
    stage.telegram.add_fault(fault).await.unwrap();
    stage.saves(by(ANNA), &with_rate("first", "1")).await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("You will replace version 1").await.unwrap();
    stage.saves(by(BORIS), &with_rate("of Boris", "2")).await;
    anna.sends("fees.yml", with_rate("of Anna", "3")).await.unwrap();
    stage.telegram.called("editMessageText", 2).await.unwrap();
    stage.kill("bot").await;
    let asked = anna.sees_now("but Boris saved version 2").await.unwrap();
    assert!(asked.text.text.contains("of Anna") && buttons(&asked).contains("Overwrite"), "{asked:?}");
    assert_eq!(said(&asked)[0], VALIDATING);
    assert_eq!(times(&anna, ASKED).await, 1);

    // Killed with the question open, and again in the middle of overwriting.
    stage.kill("bot").await;
    stage.telegram.fails("download", FaultKind::Hang, 1).await.unwrap();
    let before = stage.telegram.calls(Some("download")).await.unwrap().len();
    anna.presses("Overwrite").await.unwrap();
    anna.sees_now(VALIDATING).await.unwrap();
    stage.telegram.called("download", before + 1).await.unwrap();
    stage.kill("bot").await;
    let saved = anna.sees_now(SAVED).await.unwrap();
    assert_eq!((saved.message_id, &saved.markup), (asked.message_id, &None));
    assert_eq!((stage.versions().await, stage.fees()), (3, with_rate("of Anna", "3")));

    // And with the version standing, but not told.
    stage.saves(operator(), &fees("in between")).await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("You will replace version 4").await.unwrap();
    stage.saves(operator(), &fees("faster")).await;
    anna.sends("fees.yml", fees("told later")).await.unwrap();
    anna.sees_now(ASKED).await.unwrap();
    let fault = NewFault { method: Some("editMessageText".to_owned()), skip: 2, ..FaultKind::Hang.into() };
    stage.telegram.add_fault(fault).await.unwrap();
    anna.presses("Overwrite").await.unwrap();
    until("the version stands", PATIENCE, || (stage.fees() == fees("told later")).then_some(())).unwrap();
    stage.telegram.clear_faults().await.unwrap();
    stage.kill("bot").await;
    let saved = anna.sees_now(SAVED).await.unwrap();
    assert!(said(&saved).contains(&SAVING) && saved.markup.is_none(), "{saved:?}");
    assert_eq!(stage.versions().await, 6);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_press_of_the_same_button_finds_it_over() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    clash(&stage, &anna).await;
    stage.telegram.fails("answerCallbackQuery", FaultKind::latency(300), 1).await.unwrap();
    stage.telegram.fails("editMessageText", FaultKind::latency(1500), 1).await.unwrap();
    anna.presses("Overwrite").await.unwrap();
    let second = anna.presses("Overwrite").await.unwrap();
    anna.sees_now(SAVED).await.unwrap();
    let answer = anna.is_answered(&second).await.unwrap();
    assert_eq!(answer.text, "This is over already. Its message says how it ended.");
    assert_eq!(stage.versions().await, 3);
    stage.strike().await;
}
