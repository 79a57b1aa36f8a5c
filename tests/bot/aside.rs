//! What somebody does besides while the bot waits for a document or an answer: it does not answer what was asked.

use std::fs;

use interfaces::configs::{Propose, Put};

use crate::stage::{ANNA, BORIS, SAVED, Stage, by, fees, greets};

const RATES: &str =
    "configs:\n  fees: { file: fees.yml, schema: builtin }\n  rates: { file: rates.yml, schema: builtin";

fn rates(mark: &str) -> String {
    format!("# {mark}\n{}", kinds::sample("rates").unwrap())
}

async fn saves_rates(stage: &Stage, base: i64, mark: &str) {
    let put = Put {
        kind: "rates".to_owned(),
        content: rates(mark),
        base,
        over: None,
        author: by(ANNA),
        request_id: format!("rates {mark}"),
        settles: None,
    };
    stage.service.configs().put(&put).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_still_asked_after_something_else_was_decided() {
    let stage = Stage::with(|text| format!("{text}{RATES} }}\n")).await;
    let anna = stage.anna().await;
    stage.has(["first"]).await;
    saves_rates(&stage, 0, "first").await;
    anna.says("/set_fees").await.unwrap();
    anna.sees("You will replace version 1").await.unwrap();
    stage.saves(by(BORIS), &fees("of Boris")).await;
    anna.sends("fees.yml", fees("of Anna")).await.unwrap();
    let asked = anna.sees_now("Overwrite puts your file in its place.").await.unwrap();

    // A file of another kind is changed by hand, and she decides about that first.
    fs::write(stage.service.published("rates.yml"), rates("by hand")).unwrap();
    anna.sees("⚠️ rates.yml was changed by hand on the disk").await.unwrap();
    anna.presses("Restore").await.unwrap();
    anna.sees_now("✅ Anna restored version 1 of rates.yml.").await.unwrap();
    // Then goes back to an older version of it, and gives somebody a role.
    saves_rates(&stage, 1, "second").await;
    anna.says("/rollback rates 1").await.unwrap();
    anna.sees_button("Roll back").await.unwrap();
    anna.presses("Roll back").await.unwrap();
    anna.sees_now("✅ rates.yml is rolled back: version 3").await.unwrap();
    anna.says("/admins 1009 viewer").await.unwrap();
    anna.sees("1009").await.unwrap();

    anna.presses("Overwrite").await.unwrap();
    let saved = anna.sees_now(SAVED).await.unwrap();
    assert_eq!((saved.message_id, &saved.markup), (asked.message_id, &None));
    assert_eq!((stage.versions().await, stage.fees()), (3, fees("of Anna")));
    // That did end it.
    anna.says("/cancel").await.unwrap();
    anna.sees("Nothing is under way.").await.unwrap();
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_still_awaited_after_something_else_was_approved() {
    let stage = Stage::with(|text| format!("{text}{RATES}, approval: true }}\n")).await;
    let boris = stage.boris().await;
    greets(&boris).await;
    for (id, mark, button, decided) in [
        (1, "approved", "Одобрить", "✅ Предложение 1 (автор: Anna) одобрено"),
        (2, "declined", "Отклонить", "❌ Предложение 2 (автор: Anna) отклонено"),
    ] {
        boris.says("/set_fees").await.unwrap();
        boris.sees("fees.yml").await.unwrap();
        let proposal = Propose {
            kind: "rates".to_owned(),
            content: rates(mark),
            base: id - 1,
            restores: None,
            author: by(ANNA),
            request_id: format!("proposal {mark}"),
            settles: None,
        };
        stage.service.configs().propose(&proposal).await.unwrap();
        boris.sees(&format!("предложение {id}")).await.unwrap();
        boris.presses(button).await.unwrap();
        boris.sees_now(decided).await.unwrap();
        boris.sends("fees.yml", fees(mark)).await.unwrap();
        boris.sees_now("✅ fees.yml успешно обновлён!").await.unwrap();
        assert_eq!((stage.versions().await, stage.fees()), (id, fees(mark)));
    }
    stage.strike().await;
}
