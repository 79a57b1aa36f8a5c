//! The scenarios that come with the simulator, played with the real service.

use std::path::{Path, PathBuf};

use sim::control::{Author, FaultKind};
use sim::scenario::{Deed, Scenario};

use crate::stage::Stage;

fn all() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/sim/scenarios");
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|file| file.extension().is_some_and(|end| end == "yml")).collect();
    files.sort();
    files
}

/// What happened in a scenario. What the service sent, and when, is its own affair; what people did is the plan's.
struct Played {
    /// sendMessage calls whose answer was lost.
    lost: usize,
    /// What people said, in order.
    said: Vec<String>,
}

/// Plays one with a fresh service.
async fn play(file: &Path, seed: Option<u64>) -> Played {
    let stage = Stage::start().await;
    let plan = Scenario::read(file).unwrap().plan(seed).unwrap();
    stage.telegram.polling().await.unwrap();
    if let Err(failure) = plan.play(&stage.telegram, |_, _| {}).await {
        panic!("{failure}\n\n{}", stage.service.log());
    }
    let struck: Vec<String> =
        stage.telegram.calls(None).await.unwrap().iter().filter_map(|call| call.fault.as_ref()).map(kind).collect();
    for step in plan.steps() {
        // What has a chance may miss it, and what only delays is not noted of a call that something worse hits then.
        if let Deed::Fault { fault, .. } = &step.deed
            && fault.probability.is_none()
            && !matches!(fault.kind, FaultKind::Latency { .. })
        {
            assert!(struck.contains(&kind(&fault.kind)), "line {} struck nobody: {}", step.line, step.said);
        }
    }
    let calls = stage.telegram.calls(Some("sendMessage")).await.unwrap();
    let lost = calls.iter().filter(|call| call.fault == Some(FaultKind::Drop)).count();
    let mut said = Vec::new();
    for (id, name) in [(1001, "Anna"), (1002, "Boris")] {
        let chat = stage.telegram.user(id, name).await.unwrap().chat().await.unwrap();
        let theirs = chat.into_iter().filter(|message| message.author == Author::User);
        said.extend(theirs.map(|message| format!("{name}: {}", message.text.text)));
    }
    assert!(stage.telegram.state().await.unwrap().faults.is_empty(), "it leaves no fault behind");
    stage.strike().await;
    Played { lost, said }
}

fn kind(fault: &FaultKind) -> String {
    serde_json::to_value(fault).unwrap()["kind"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_stands_every_scenario() {
    let files = all();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        play(&file, None).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seed_is_the_same_hour_again() {
    let file = all().into_iter().find(|file| file.ends_with("a-restless-hour.yml")).unwrap();
    let first = play(&file, Some(11)).await;
    assert!(first.lost > 0, "no answer was lost: {:#?}", first.said);
    assert_eq!(first.said, play(&file, Some(11)).await.said);
    assert_ne!(first.said, play(&file, Some(12)).await.said);
}
