//! Going back to an older version, from a button that knows what it was shown for.

use harness::until_async;
use sim::control::{FaultKind, NewFault};

use crate::stage::{BORIS, PATIENCE, Stage, by, fees, times};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_comes_back_when_its_button_is_pressed_and_not_before() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    stage.has(["first", "second", "third"]).await;
    anna.says("/rollback fees 1").await.unwrap();
    let asked = anna.sees("Roll fees.yml back to version 1? This is what would change in version 3").await.unwrap();
    assert!(asked.text.text.contains("\n-# third\n+# first\n"), "{asked:?}");
    assert_eq!((stage.versions().await, stage.fees()), (3, fees("third")));
    let query = anna.presses("Roll back").await.unwrap();
    let done =
        anna.sees_now("✅ fees.yml is rolled back: version 4 has the content of version 1 again.").await.unwrap();
    assert_eq!((done.message_id, &done.markup), (asked.message_id, &None));
    anna.is_answered(&query).await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (4, fees("first")));
    anna.says("/history fees").await.unwrap();
    anna.sees("brings back version 1").await.unwrap();

    boris.says("/rollback fees 4").await.unwrap();
    boris.sees("Версия 4 — и есть текущая версия fees.yml.").await.unwrap();
    boris.says("/rollback fees 1").await.unwrap();
    boris.sees("Версия 1 совпадает с текущей версией 4").await.unwrap();
    boris.says("/rollback fees 2").await.unwrap();
    boris.sees("Вернуть fees.yml к версии 2?").await.unwrap();
    boris.presses("Вернуть").await.unwrap();
    boris.sees_now("✅ fees.yml возвращён: в версии 5 снова содержимое версии 2.").await.unwrap();
    assert_eq!(stage.fees(), fees("second"));
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_goes_back_over_what_he_has_not_seen() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    stage.has(["first", "second"]).await;
    anna.says("/rollback fees 1").await.unwrap();
    anna.sees_button("Roll back").await.unwrap();
    stage.saves(by(BORIS), &fees("faster")).await;
    anna.presses("Roll back").await.unwrap();
    let again =
        anna.sees_now("⚠️ Nothing was rolled back: Boris saved version 3 of fees.yml in the meantime").await.unwrap();
    assert!(again.text.text.contains("\n-# faster\n+# first\n"), "{again:?}");
    assert_eq!((stage.versions().await, stage.fees()), (3, fees("faster")));

    // Two at once: one wins, the other is asked again.
    boris.says("/rollback fees 2").await.unwrap();
    boris.sees_button("Вернуть").await.unwrap();
    let (one, other) = tokio::join!(anna.presses("Roll back"), boris.presses("Вернуть"));
    one.unwrap();
    other.unwrap();
    let won = until_async("one has won", PATIENCE, async || {
        let anna = times(&anna, "✅ fees.yml is rolled back: version 4").await;
        let boris = times(&boris, "✅ fees.yml возвращён: в версии 4").await;
        (anna + boris > 0).then_some(anna > boris)
    });
    if won.await.unwrap() {
        boris.sees_now("⚠️ Ничего не возвращено: за это время появилась версия 4").await.unwrap();
        assert_eq!(stage.fees(), fees("first"));
        boris.presses("Вернуть").await.unwrap();
        boris.sees_now("✅ fees.yml возвращён: в версии 5").await.unwrap();
    } else {
        anna.sees_now("⚠️ Nothing was rolled back: Boris saved version 4").await.unwrap();
        assert_eq!(stage.fees(), fees("second"));
        anna.presses("Roll back").await.unwrap();
        anna.sees_now("✅ fees.yml is rolled back: version 5").await.unwrap();
    }
    assert_eq!(stage.versions().await, 5);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_killed_between_a_press_and_its_answer_does_it_once_and_tells_it() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    anna.says("/rollback fees 1").await.unwrap();
    anna.sees_button("Roll back").await.unwrap();
    let hang = NewFault { method: Some("editMessageText".to_owned()), calls: Some(1), ..FaultKind::Hang.into() };
    stage.telegram.add_fault(hang).await.unwrap();
    anna.presses("Roll back").await.unwrap();
    stage.telegram.called("editMessageText", 1).await.unwrap();
    assert_eq!(stage.fees(), fees("first"));
    assert_eq!(times(&anna, "✅").await, 0);
    stage.kill("bot").await;
    anna.sees_now("✅ fees.yml is rolled back: version 3 has the content of version 1 again.").await.unwrap();
    assert_eq!((stage.versions().await, times(&anna, "✅").await), (3, 1));

    // The button that is gone by then does nothing twice.
    anna.says("/history fees").await.unwrap();
    anna.sees("Version 3 – ").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_button_for_what_is_not_there_any_more_says_so() {
    let mut stage = Stage::start().await;
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    anna.says("/rollback fees 1").await.unwrap();
    anna.sees_button("Roll back").await.unwrap();
    assert!(stage.service.stop().unwrap().success());
    let text = std::fs::read_to_string(stage.service.settings()).unwrap();
    stage
        .service
        .write_settings(&format!("{text}configs:\n  rates: {{ file: rates.yml, schema: builtin }}\n"))
        .unwrap();
    stage.service.start().unwrap();
    let query = anna.presses("Roll back").await.unwrap();
    let answer = anna.is_answered(&query).await.unwrap();
    assert_eq!(answer.text, "There is no config called fees any more. /help shows which there are.");
    assert!(answer.alert);
    stage.refused("Anna rollback fees no such kind").await;
    anna.says("/rollback fees 1").await.unwrap();
    anna.sees("fees").await.unwrap();
    anna.says("/rollback rates 99").await.unwrap();
    stage.refused("Anna rollback rates no such version").await;
    let audit = stage.audit().await;
    assert_eq!(audit.iter().filter(|line| *line == "Anna rollback fees no such kind").count(), 2, "{audit:#?}");
    stage.strike().await;
}
