//! `/metrics`, read by a parser that nobody here wrote: PyPI's `prometheus_client`, in the virtual environment of
//! `scripts/venv`.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use harness::{Admin, Instance, Programs};
use interfaces::audit::{self, Record};
use interfaces::configs::{Author, Cancel, Origin, Put};
use interfaces::supervisor::{Worker, WorkerState};
use serde_json::Value;

use crate::house::HEALTHY;
use crate::http::{address, get, house};

/// Reads a text as Prometheus would, and complains where it is not sure what is meant.
const READER: &str = "
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families, seen = {}, set()
for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.name not in families, family.name
    assert family.documentation, family.name
    families[family.name] = {'type': family.type, 'samples': []}
    for sample in family.samples:
        key = (sample.name, tuple(sorted(sample.labels.items())))
        assert key not in seen, key
        seen.add(key)
        families[family.name]['samples'].append([sample.name, sample.labels, str(sample.value)])
print(json.dumps(families))
";

/// The families by name: each with its type and samples.
fn parsed(text: &str) -> BTreeMap<String, Value> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    assert!(python.exists(), "{} is missing: run scripts/venv", python.display());
    let mut reader =
        Command::new(python).args(["-c", READER]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    reader.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success(), "{text}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The value of the one sample with this name and these labels.
fn sample(families: &BTreeMap<String, Value>, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let samples = families.values().flat_map(|family| family["samples"].as_array().unwrap());
    let found = samples.into_iter().find(|sample| {
        let told = sample[1].as_object().unwrap();
        sample[0] == name && labels.iter().all(|(label, value)| told.get(*label).is_some_and(|told| told == value))
    });
    found.map(|sample| sample[2].as_str().unwrap().parse().unwrap())
}

/// The `duration_ms` of the only event of this name.
fn milliseconds(log: &str, event: &str) -> f64 {
    let mut lines = log.lines().filter(|line| line.contains(event) && line.contains("user_id=7"));
    let line = lines.next().unwrap_or_else(|| panic!("no {event}: {log}"));
    assert_eq!(lines.next(), None);
    let (_, told) = line.split_once("duration_ms=").unwrap();
    told.split_whitespace().next().unwrap().parse().unwrap()
}

fn scrape(api: SocketAddr) -> BTreeMap<String, Value> {
    let answer = get(api, "/metrics");
    assert_eq!(answer.code, 200);
    parsed(&answer.body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybodys_metrics_are_one_text_that_a_foreign_parser_understands() {
    let programs = Programs::beside_this_one().unwrap();
    let token = format!("{}:SIMULATED", 8_100_000_000 + i64::from(std::process::id()));
    let admin = Admin { id: 1001, name: "Anna" };
    let mut service = Instance::new(&programs, "http://127.0.0.1:9", &token, &[admin]).unwrap();
    service.with_web().unwrap();
    service.start().unwrap();
    let put = Put {
        kind: "fees".into(),
        content: kinds::sample("fees").unwrap().into(),
        base: 0,
        over: None,
        author: Author { origin: Origin::Operator, id: 7, name: "Olga".into() },
        request_id: "measured".into(),
        settles: None,
    };
    let began = Instant::now();
    service.configs().put(&put).await.unwrap();
    let whole = began.elapsed().as_secs_f64();
    let ready = harness::until_async("web says where it is", crate::house::PATIENCE, async || {
        service.address("api").await.ok()
    });
    let api = ready.await.unwrap();
    assert_eq!(get(api, "/healthz").code, 200);
    let families = scrape(api);

    let took = &families["config_upload_duration_seconds"];
    assert_eq!(took["type"], "histogram");
    let count = [("worker", "writer"), ("stage", "locked_section"), ("config_type", "fees")];
    assert_eq!(sample(&families, "config_upload_duration_seconds_count", &count), Some(1.0));
    // In seconds, and as the events have it.
    let of = |stage| {
        let labels = [("worker", "writer"), ("stage", stage), ("config_type", "fees")];
        sample(&families, "config_upload_duration_seconds_sum", &labels).unwrap()
    };
    let stages = ["validation", "lock_wait", "locked_section"].map(of);
    assert!(stages.iter().all(|took| *took > 0.0) && stages.iter().sum::<f64>() <= whole, "{stages:?} of {whole}");
    for (event, took) in [("config_upload_lock_acquired", stages[1]), ("config_upload_lock_released", stages[2])] {
        let told = milliseconds(&service.log(), event);
        assert!((told - took * 1e3).abs() < 0.002, "{event}: {told} ms, {took} s");
    }
    let result = [("worker", "writer"), ("config_type", "fees"), ("result", "saved")];
    assert_eq!(sample(&families, "config_uploads_total", &result), Some(1.0));
    assert_eq!(
        sample(&families, "http_requests_total", &[("worker", "web"), ("port", "api"), ("code", "200")]),
        Some(1.0)
    );
    for worker in ["writer", "bot", "web"] {
        let labels = [("worker", worker)];
        assert_eq!(sample(&families, "natrium_worker_up", &labels), Some(1.0), "{worker}");
        assert_eq!(sample(&families, "natrium_worker_restarts_total", &labels), Some(0.0), "{worker}");
        assert_eq!(sample(&families, "natrium_worker_scrape_success", &labels), Some(1.0), "{worker}");
        assert_eq!(sample(&families, "natrium_worker_scrape_rejected_lines", &labels), Some(0.0), "{worker}");
        assert!(sample(&families, "natrium_worker_memory_bytes", &labels).unwrap() > 100_000.0, "{worker}");
    }
    assert_eq!(sample(&families, "natrium_supervisor_up", &[]), Some(1.0));
    assert_eq!(sample(&families, "natrium_ready", &[]), Some(1.0));
    assert_eq!(sample(&families, "natrium_build_info", &[("version", env!("CARGO_PKG_VERSION"))]), Some(1.0));
    tokio::task::spawn_blocking(move || assert!(service.stop().unwrap().success(), "{}", service.log())).await.unwrap();
}

/// What is counted of calls that do not save anything, over the real processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_conflicts_cancellations_and_changes_by_hand_are_counted_each_once() {
    let programs = Programs::beside_this_one().unwrap();
    let token = format!("{}:SIMULATED", 8_200_000_000 + i64::from(std::process::id()));
    let admin = Admin { id: 1001, name: "Anna" };
    let mut service = Instance::new(&programs, "http://127.0.0.1:9", &token, &[admin]).unwrap();
    service.with_web().unwrap();
    service.start().unwrap();
    let configs = service.configs();
    let audit = audit::Client::new(service.pool("writer"), crate::house::PATIENCE);
    let author = Author { origin: Origin::Telegram, id: 1001, name: "Anna".into() };
    let put = |base, content: &str, id: &str| Put {
        kind: "fees".into(),
        content: content.into(),
        base,
        over: None,
        author: author.clone(),
        request_id: id.into(),
        settles: None,
    };
    let sample_of = kinds::sample("fees").unwrap();
    configs.put(&put(0, sample_of, "first")).await.unwrap();
    // Each asked twice: one refusal.
    for _ in 0..2 {
        configs.put(&put(0, &format!("# other\n{sample_of}"), "late")).await.unwrap_err();
        configs.put(&put(1, "brackets: 7\n", "invalid")).await.unwrap_err();
        // The bot's own decisions come so.
        for (kind, reason) in [("fees", "document"), ("fees", "made up"), ("made up", "invalid")] {
            let (action, request_id) = ("put".into(), format!("bot {kind} {reason}"));
            let (actor, kind, reason) = (author.clone(), Some(kind.into()), reason.into());
            audit.record(&Record { actor, action, kind, about: None, reason, request_id }).await.unwrap();
        }
    }
    assert!(configs.cancel(&Cancel { request_id: "never".into(), settles: Vec::new() }).await.unwrap().cancelled);
    std::fs::write(service.published("fees.yml"), "by hand\n").unwrap();
    configs.put(&put(1, &format!("# more\n{sample_of}"), "blind")).await.unwrap_err();

    let ready = harness::until_async("web says where it is", crate::house::PATIENCE, async || {
        service.address("api").await.ok()
    });
    let families = scrape(ready.await.unwrap());
    let of = |name: &str, more: &[(&str, &str)]| sample(&families, name, &[&[("worker", "writer")], more].concat());
    let refused = |reason| of("config_refusals_total", &[("config_type", "fees"), ("reason", reason)]);
    for reason in ["conflict", "invalid", "changed by hand", "document", "other"] {
        assert_eq!(refused(reason), Some(1.0), "{reason}");
    }
    assert_eq!(of("config_refusals_total", &[("config_type", "made up")]), None);
    assert_eq!(of("config_refusals_total", &[("reason", "made up")]), None);
    assert_eq!(of("config_conflicts_total", &[("config_type", "fees")]), Some(1.0));
    assert_eq!(of("config_cancellations_total", &[("result", "cancelled")]), Some(1.0));
    assert_eq!(of("config_changes_by_hand_total", &[("config_type", "fees")]), Some(1.0));
    tokio::task::spawn_blocking(move || assert!(service.stop().unwrap().success(), "{}", service.log())).await.unwrap();
}

#[test]
fn who_does_not_answer_is_missing_and_said_to_be() {
    // The bot is ready and answers nobody, the writer answers what is no answer.
    let mut house = house(HEALTHY, "ping 100\nsay READY=1\nidle");
    house.instance.start().unwrap();
    let api = address(&house, "api");
    let families = scrape(api);
    for (worker, success) in [("writer", 0.0), ("bot", 0.0), ("web", 1.0)] {
        assert_eq!(sample(&families, "natrium_worker_up", &[("worker", worker)]), Some(1.0), "{worker}");
        assert_eq!(
            sample(&families, "natrium_worker_scrape_success", &[("worker", worker)]),
            Some(success),
            "{worker}"
        );
    }
    house.stop();
}

#[test]
fn deaths_and_restarts_are_counted() {
    let mut house = house(HEALTHY, HEALTHY);
    house.instance.start().unwrap();
    house.kill("bot", nix::sys::signal::Signal::SIGKILL);
    house.ready("bot", 2);
    house.restart("bot", "r1");
    house.ready("bot", 3);
    house.does("bot", "exit 3");
    house.kill("bot", nix::sys::signal::Signal::SIGKILL);
    let exited = |bot: &Worker| bot.last_death.as_ref().is_some_and(|death| death.code == Some(3));
    house.wait("bot", "it exits", |bot| bot.state == WorkerState::Backoff && exited(bot));
    let families = scrape(address(&house, "api"));
    let of_bot = |name: &str, more: &[(&str, &str)]| {
        let labels: Vec<_> = [("worker", "bot")].into_iter().chain(more.iter().copied()).collect();
        sample(&families, name, &labels)
    };
    // It goes on dying while this looks.
    assert!(of_bot("natrium_worker_restarts_total", &[]).unwrap() >= 3.0);
    assert_eq!(of_bot("natrium_worker_remembered_deaths", &[("cause", "signal")]), Some(2.0));
    assert_eq!(of_bot("natrium_worker_remembered_deaths", &[("cause", "asked")]), Some(1.0));
    assert!(of_bot("natrium_worker_remembered_deaths", &[("cause", "exit")]).unwrap() >= 1.0);
    assert!(of_bot("natrium_worker_last_death_timestamp_seconds", &[]).unwrap() > 1.7e9);
    assert_eq!(of_bot("natrium_worker_up", &[]), Some(0.0));
    assert_eq!(of_bot("natrium_worker_scrape_success", &[]), Some(0.0));
    assert_eq!(sample(&families, "natrium_ready", &[]), Some(0.0));
    house.stop();
}
