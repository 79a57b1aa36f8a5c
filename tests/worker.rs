//! What all workers do the same way, seen from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::time::Duration;

use harness::{Admin, Instance, Programs, until_async};
use interfaces::{
    configs::{Author, Origin, Put},
    inbox,
    supervisor::{self, Deaths},
    worker,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use varlink::{CallError, ServiceError};

const PATIENCE: Duration = Duration::from_secs(20);

/// A service that cannot reach Telegram, which is no reason not to start.
fn service() -> Instance {
    let programs = Programs::beside_this_one().unwrap();
    let admin = Admin { id: 1001, name: "Anna" };
    // Nobody listens on the discard port of the loopback.
    let token = "7000000001:SIMULATED-not-a-secret-0123456789abcd";
    let mut service = Instance::new(&programs, "http://127.0.0.1:9", token, &[admin]).unwrap();
    service.environment.push(("NATRIUM_LOG".into(), "debug".into()));
    service.with_web().unwrap();
    service.start().unwrap();
    service
}

fn client(service: &Instance, program: &str) -> worker::Client {
    worker::Client::new(service.pool(program), PATIENCE)
}

fn fees(request_id: &str) -> Put {
    Put {
        kind: "fees".into(),
        content: kinds::sample("fees").unwrap().into(),
        base: 0,
        over: None,
        author: Author { origin: Origin::Operator, id: 0, name: "Olga".into() },
        request_id: request_id.into(),
        settles: None,
    }
}

#[tokio::test]
async fn every_worker_says_who_it_is_and_how_it_is() {
    let service = service();
    // The service is ready without it.
    until_async("web is ready", PATIENCE, async || service.address("api").await.ok()).await.unwrap();
    for name in ["writer", "bot", "web"] {
        let about = client(&service, name).get_info(&worker::GetInfo {}).await.unwrap();
        assert_eq!(about.name, name);
        assert_eq!(about.pid, service.worker(name).await.unwrap());
        assert!(about.sandbox.starts_with("landlock:"), "{}", about.sandbox);
        assert!(about.started_ms > 1_700_000_000_000, "{}", about.started_ms);
        assert!(!about.status.is_empty());
    }
}

#[tokio::test]
async fn uploads_are_measured_by_stage() {
    let service = service();
    service.configs().put(&fees("measured")).await.unwrap();
    let text = client(&service, "writer").get_metrics(&worker::GetMetrics {}).await.unwrap().text;
    for stage in ["validation", "locked_section"] {
        let sample = text.lines().find(|line| {
            line.starts_with("config_upload_duration_seconds_count")
                && line.contains(&format!("stage=\"{stage}\""))
                && line.contains("config_type=\"fees\"")
        });
        assert!(sample.is_some_and(|line| line.ends_with(" 1")), "{stage}:\n{text}");
    }
}

#[tokio::test]
async fn one_id_leads_through_all_that_a_request_did() {
    let service = service();
    service.configs().put(&fees("one-id-to-find-it-by")).await.unwrap();
    let log = service.log();
    for event in ["config_upload_lock_acquired", "config_upload_lock_released"] {
        let line = log.lines().find(|line| line.contains(event)).unwrap_or_else(|| panic!("no {event}:\n{log}"));
        assert!(line.contains("one-id-to-find-it-by"), "{line}");
    }
}

#[tokio::test]
async fn what_a_killed_worker_logged_last_is_remembered_with_its_death() {
    let service = service();
    service.configs().put(&fees("last-words")).await.unwrap();
    let writer = service.worker("writer").await.unwrap();
    kill(Pid::from_raw(writer), Signal::SIGKILL).unwrap();
    let supervisor = service.supervisor();
    let died = until_async("the death is remembered", PATIENCE, async || {
        supervisor.deaths(&Deaths { worker: Some("writer".into()) }).await.unwrap().deaths.pop()
    });
    let death = died.await.unwrap();
    assert_eq!((death.worker.as_str(), death.pid, death.signal, death.asked), ("writer", writer, Some(9), false));
    assert!(death.ready_ms.is_some_and(|ready| ready <= death.uptime_ms), "{death:?}");
    // In the log the line begins with the time, and names where it comes from.
    let (level, text) = death.log.split_once(' ').unwrap();
    // What all lines about a request bear stands there before the text.
    let text = text.split(" natrium_request=").next().unwrap();
    let log = service.log();
    let logged = log.lines().any(|line| line.contains(&format!(" {level} ")) && line.ends_with(text));
    assert!(logged, "{:?} is no line of\n{log}", death.log);
    let none = supervisor.deaths(&Deaths { worker: Some("nobody".into()) }).await.unwrap_err();
    assert!(matches!(none, CallError::Reply(supervisor::Error::NoSuchWorker { .. })), "{none}");
}

#[tokio::test]
async fn an_operator_may_put_configs_and_not_read_the_inbox() {
    let service = service();
    service.configs().put(&fees("operator")).await.unwrap();
    let inbox = inbox::Client::new(service.pool("writer"), PATIENCE);
    let refused = inbox.unfinished(&inbox::Unfinished { bot: 1, after: None, limit: 1 }).await.unwrap_err();
    assert!(matches!(refused, CallError::Service(ServiceError::PermissionDenied {})), "{refused}");
}
