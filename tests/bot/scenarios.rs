//! The scenarios that come with the simulator, played with the real service.

use std::path::{Path, PathBuf};

use sim::control::FaultKind;
use sim::scenario::{Deed, Scenario};

use crate::stage::Stage;

fn all() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/sim/scenarios");
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|file| file.extension().is_some_and(|end| end == "yml")).collect();
    files.sort();
    files
}

/// Plays one with a fresh service. Gives what was sent and what became of it, in order, and the conversations.
async fn play(file: &Path, seed: Option<u64>) -> Vec<String> {
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
        if let Deed::Fault(fault) = &step.deed
            && fault.probability.is_none()
            && !matches!(fault.kind, FaultKind::Latency { .. })
        {
            assert!(struck.contains(&kind(&fault.kind)), "line {} struck nobody: {}", step.line, step.said);
        }
    }
    let calls = stage.telegram.calls(Some("sendMessage")).await.unwrap();
    let line =
        |call: &sim::control::CallView| format!("{:?} {:?} {:?}", call.fault, call.status, call.parameters.get("text"));
    let mut told: Vec<String> = calls.iter().map(line).collect();
    for (id, name) in [(1001, "Anna"), (1002, "Boris")] {
        let person = stage.telegram.user(id, name).await.unwrap();
        told.push(person.transcript().await.unwrap());
    }
    assert!(stage.telegram.state().await.unwrap().faults.is_empty(), "it leaves no fault behind");
    stage.strike().await;
    told
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
    let lost = first.iter().filter(|line| line.starts_with("Some(Drop)")).count();
    assert!(lost > 0, "no answer was lost: {first:#?}");
    assert_eq!(first, play(&file, Some(11)).await);
    assert_ne!(first, play(&file, Some(12)).await);
}
