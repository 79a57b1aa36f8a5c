//! No space for the writer: admins are told what is known, Telegram keeps what we cannot, and nothing is lost or doubled.

use std::fs;

use harness::{SmallDisk, until_async};

use crate::stage::{PATIENCE, SAVED, Stage, fees, times, uploads};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_waited_for_and_made_up_for() {
    let Some(disk) = SmallDisk::mount().unwrap() else { return };
    let mut stage = Stage::set().await;
    let settings = fs::read_to_string(stage.service.settings()).unwrap();
    let moved = ["state", "published"].iter().fold(settings, |settings, name| {
        let (usual, small) = (stage.service.path().join(name), disk.path().join(name));
        settings.replace(&usual.display().to_string(), &small.display().to_string())
    });
    stage.service.write_settings(&moved).unwrap();
    stage.service.start().unwrap();
    let published = disk.path().join("published/fees.yml");
    let anna = stage.anna().await;
    uploads(&anna, fees("first")).await;
    anna.sees_now(SAVED).await.unwrap();

    // An upload is refused for certain; what is small is kept all the same, in what was held in reserve for it.
    disk.fill().unwrap();
    uploads(&anna, fees("second")).await;
    anna.sees_now("fees.yml could not be saved: ").await.unwrap();
    assert_eq!(fs::read_to_string(&published).unwrap(), fees("first"));

    anna.says("/cancel").await.unwrap();
    anna.sees("Ended. Nothing was saved").await.unwrap();
    assert_eq!(fs::metadata(disk.path().join("state/store.reserve")).unwrap().len(), 0, "the reserve was not needed");

    // Not even that any more: nobody is told anything, and the status says why.
    disk.fill().unwrap();
    anna.says("/help").await.unwrap();
    let status = stage.bot_says("the writer's store has failed since ").await;
    assert!(status.contains(": no space left on device; polling as @"), "{status}");
    assert_eq!(times(&anna, "What I understand").await, 0);
    let told = async || {
        let writer = stage.worker("writer").await;
        let is_told = writer.status.starts_with("cannot save: no space left on device; fees 1,");
        (writer.generation == 1 && is_told).then_some(())
    };
    until_async("the writer says so", PATIENCE, told).await.unwrap();

    disk.relieve().unwrap();
    anna.sees("What I understand").await.unwrap();
    let saves = async || stage.worker("writer").await.status.starts_with("fees 1,").then_some(());
    until_async("the writer finds space", PATIENCE, saves).await.unwrap();
    uploads(&anna, fees("third")).await;
    anna.sees_now(SAVED).await.unwrap();
    assert_eq!(fs::read_to_string(&published).unwrap(), fees("third"));
    assert_eq!(times(&anna, "What I understand").await, 1);
    let status = stage.bot_says("polling as @").await;
    assert!(status.starts_with("polling"), "{status}");
    stage.strike().await;
}
