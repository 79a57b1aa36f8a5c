//! Somebody changes a published file on the disk: the admins are told, and decide.

use std::fs;

use crate::stage::{ANNA, Stage, by, fees, greets, times, uploads};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_by_hand_is_told_and_adopted_and_a_later_press_learns_of_it() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    greets(&anna).await;
    greets(&boris).await;
    stage.saves(by(ANNA), &fees("stored")).await;
    fs::write(stage.service.published("fees.yml"), fees("by hand")).unwrap();
    let told = anna.sees("⚠️ fees.yml was changed by hand on the disk").await.unwrap();
    assert!(told.text.text.contains("\n-# stored\n+# by hand\n"), "{told:?}");
    boris.sees("⚠️ fees.yml на диске изменён вручную").await.unwrap();
    anna.says("/get_fees").await.unwrap();
    anna.sees("⚠️ The file on the disk was changed by hand and differs from this.").await.unwrap();
    // What equals the stored version is not what stands there.
    uploads(&anna, fees("stored")).await;
    anna.sees("But another file stands in its place just now: it was changed by hand").await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (1, fees("by hand")));
    anna.says("/rollback fees 1").await.unwrap();
    let current = "Version 1 is the current fees.yml already.\n⚠️ The file on the disk was changed by hand";
    anna.sees(current).await.unwrap();

    anna.presses("Adopt").await.unwrap();
    let adopted =
        anna.sees_now("✅ Anna made a version of what was changed by hand: fees.yml is at version 2 now.").await;
    assert_eq!(adopted.unwrap().message_id, told.message_id);
    assert_eq!((stage.versions().await, stage.fees()), (2, fees("by hand")));
    boris.presses("Восстановить").await.unwrap();
    boris.sees_now("fees.yml на диске такой, каким должен быть.").await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (2, fees("by hand")));
    stage.refused("Boris restore fees decided").await;
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_stored_is_restored_only_over_what_was_shown() {
    let stage = Stage::start().await;
    let (anna, boris) = (stage.anna().await, stage.boris().await);
    greets(&anna).await;
    greets(&boris).await;
    stage.saves(by(ANNA), &fees("stored")).await;
    fs::write(stage.service.published("fees.yml"), fees("once")).unwrap();
    boris.sees("+# once").await.unwrap();
    fs::write(stage.service.published("fees.yml"), "no: fees\n").unwrap();
    let told = boris.sees("+no: fees").await.unwrap();
    assert!(told.text.text.contains("В таком виде он не может стать версией: в нём есть ошибки."), "{told:?}");
    assert!(!format!("{:?}", told.markup).contains("adopt:"), "{told:?}");

    // The first message's button is about what is not there any more.
    boris.presses("Принять").await.unwrap();
    let instead = boris.sees_now("⚠️ Ничего не изменено: в файле уже другое содержимое.").await.unwrap();
    assert!(instead.text.text.contains("+no: fees"), "{instead:?}");
    assert_eq!((stage.versions().await, stage.fees().as_str()), (1, "no: fees\n"));
    stage.refused("Boris adopt fees changed by hand").await;
    boris.presses("Восстановить").await.unwrap();
    boris.sees_now("✅ Восстановлена версия 1 файла fees.yml").await.unwrap();
    assert_eq!((stage.versions().await, stage.fees()), (1, fees("stored")));
    let backups = fs::read_dir(stage.service.state().join("backups")).map_or(0, Iterator::count);
    assert!(backups > 0, "what stood there was kept");
    anna.presses("Adopt").await.unwrap();
    anna.sees_now("fees.yml on the disk is what it should be. There is nothing to decide any more.").await.unwrap();
    assert_eq!(stage.versions().await, 1);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_removed_is_put_back_and_told() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    greets(&anna).await;
    stage.saves(by(ANNA), &fees("stored")).await;
    fs::remove_file(stage.service.published("fees.yml")).unwrap();
    anna.sees("⚠️ fees.yml was removed from the disk by hand. Version 1 was put there again.").await.unwrap();
    assert_eq!(stage.fees(), fees("stored"));
    assert_eq!(times(&anna, "removed from the disk").await, 1);
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_else_is_done_over_a_change_by_hand_that_nobody_decided_about() {
    let stage = Stage::start().await;
    let anna = stage.anna().await;
    stage.has(["first", "second"]).await;
    anna.says("/rollback fees 1").await.unwrap();
    anna.sees_button("Roll back").await.unwrap();
    fs::write(stage.service.published("fees.yml"), fees("by hand")).unwrap();
    anna.sees("was changed by hand on the disk").await.unwrap();
    let query = anna.presses("Roll back").await.unwrap();
    let answer = anna.is_answered(&query).await.unwrap();
    assert!(answer.text.starts_with("⚠️ Nothing was changed: fees.yml on the disk was changed by hand."), "{answer:?}");
    assert_eq!((stage.versions().await, stage.fees()), (2, fees("by hand")));
    anna.sees_button("Restore").await.unwrap();
    anna.presses("Restore").await.unwrap();
    anna.sees_now("✅ Anna restored version 2 of fees.yml.").await.unwrap();
    anna.presses("Roll back").await.unwrap();
    anna.sees_now("✅ fees.yml is rolled back: version 3").await.unwrap();
    assert_eq!(stage.fees(), fees("first"));
    stage.strike().await;
}
