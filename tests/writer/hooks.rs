//! What is run after publishing, with the real supervisor: after each version, again after a crash, and told where it fails.

use std::fs;
use std::path::Path;

use harness::{Instance, until, until_async};
use interfaces::audit::{Client, List};
use interfaces::worker::GetMetrics;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::operators::{PATIENCE, document, service, upload};

/// A service whose kinds have these scripts run.
fn with_hooks(fees: &str, rates: &str) -> Instance {
    let service = service();
    let settings = fs::read_to_string(service.settings()).unwrap();
    let kind = |name: &str, script: &str| {
        let script = script.replace('\'', "''");
        let hook = format!("{{ command: [/bin/sh, -c, '{script}'] }}");
        format!("  {name}: {{ file: {name}.yml, schema: builtin, after_publish: {hook} }}\n")
    };
    let configs = kind("fees", fees) + &kind("rates", rates);
    service.write_settings(&format!("{settings}configs:\n{configs}")).unwrap();
    service
}

fn lines(file: &Path) -> Vec<String> {
    fs::read_to_string(file).unwrap_or_default().lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_runs_after_its_version_is_in_place_and_again_if_the_writer_died_meanwhile() {
    let marks = tempfile::tempdir().unwrap();
    let (ran, go) = (marks.path().join("ran"), marks.path().join("go"));
    let script = format!(
        "head -n 1 $NATRIUM_FILE >> {0}; echo $NATRIUM_KIND $NATRIUM_VERSION >> {0}; until [ -e {1} ]; do sleep 0.05; done",
        ran.display(),
        go.display()
    );
    let mut service = with_hooks(&script, "true");
    service.start().unwrap();
    assert!(upload(&service, "fees", 0, &document("fees", "first")).await.published, "nobody waits for the hook");
    let first = ["# first", "fees 1"];
    until("it runs", PATIENCE, || (lines(&ran) == first).then_some(())).unwrap();
    kill(Pid::from_raw(service.worker("writer").await.unwrap()), Signal::SIGKILL).unwrap();
    fs::write(&go, "").unwrap();
    until("it is run again", PATIENCE, || (lines(&ran) == [first, first].concat()).then_some(())).unwrap();
    upload(&service, "fees", 1, &document("fees", "second")).await;
    let all = [&first[..], &first, &["# second", "fees 2"]].concat();
    until("the next one runs", PATIENCE, || (lines(&ran) == all).then_some(())).unwrap();
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_that_fails_is_in_the_trail_and_in_the_metrics_and_the_version_stands() {
    let mut service = with_hooks("true", "echo no such service; exit 3");
    service.start().unwrap();
    upload(&service, "rates", 0, &document("rates", "first")).await;
    let client = Client::new(service.pool("writer"), PATIENCE);
    let list = List { before: None, limit: 100, kind: Some("rates".to_owned()), user: None };
    let failed = async || {
        let entries = client.list(&list).await.unwrap().entries;
        entries.into_iter().find(|entry| entry.action == "run_hook")
    };
    let entry = until_async("it is written down", PATIENCE, failed).await.unwrap();
    assert_eq!((entry.version, entry.reason.as_deref()), (Some(1), Some("failed")));
    assert_eq!(entry.about.as_deref(), Some("exit status 3: no such service"));
    let worker = interfaces::worker::Client::new(service.pool("writer"), PATIENCE);
    let metrics = worker.get_metrics(&GetMetrics {}).await.unwrap().text;
    let counted = metrics.lines().find(|line| line.starts_with("config_hooks_total{"));
    let parts = [r#"config_type="rates""#, r#"result="failed""#, "} 1"];
    assert!(counted.is_some_and(|line| parts.iter().all(|part| line.contains(part))), "{counted:?}");
    assert!(fs::read_to_string(service.published("rates.yml")).unwrap().starts_with("# first"));
    assert!(service.stop().unwrap().success(), "{}", service.log());
}
