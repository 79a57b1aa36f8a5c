//! `natrium watch`.

use std::fs;
use std::time::{Duration, Instant};

use harness::until;
use interfaces::supervisor::{Death, WorkerState};
use serde_json::Value;

use crate::running::{PATIENCE, Running, natrium};
use crate::told::{Service, death, healthy};

/// What a line says after its time.
fn said(line: &str) -> &str {
    let (time, said) = line.split_once("  ").unwrap();
    assert_eq!(time.len(), "12:00:00".len(), "{line}");
    said
}

#[test]
fn the_present_comes_first_and_then_every_change() {
    let told = Service::new(healthy());
    let watch = told.watch(&[]);
    assert!(said(&watch.line()).starts_with("natrium  version 9.9.9, process 41 since "));
    assert_eq!(said(&watch.line()), "writer   ready for 0 s, process 42, status: serving");
    assert!(said(&watch.line()).starts_with("bot      ready for "));

    told.change("bot", |bot| bot.status = "polling\u{1b}[2J".to_owned());
    assert_eq!(said(&watch.line()), "bot      status: polling [2J");
    // What is not news is no line.
    told.change("bot", |bot| bot.since_ms += 1);
    told.change("bot", |bot| {
        (bot.state, bot.generation, bot.pid) = (WorkerState::Starting, 2, Some(43));
        bot.last_death = Some(Death { code: None, signal: Some(9), log: "last line".to_owned(), ..death(1) });
    });
    assert_eq!(said(&watch.line()), "bot      process 98 killed by SIGKILL after 20 ms");
    assert_eq!(watch.line().trim(), "last log: last line");
    assert_eq!(said(&watch.line()), "bot      ready → starting, process 43");
    let run = watch.interrupt();
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
}

#[test]
fn every_line_of_json_is_an_object() {
    let mut told = Service::new(healthy());
    let watch = told.watch(&["--json"]);
    let json = || -> Value { serde_json::from_str(&watch.line()).unwrap() };
    let running = json();
    assert_eq!((&running["event"], &running["service"]["pid"]), (&"running".into(), &41.into()));
    for name in ["writer", "bot"] {
        let present = json();
        assert_eq!((&present["event"], &present["worker"]["name"]), (&"worker".into(), &name.into()));
        assert_eq!(present.get("from"), None);
    }
    told.change("bot", |bot| bot.state = WorkerState::Stopping);
    let moved = json();
    assert_eq!((&moved["from"], &moved["worker"]["state"]), (&"ready".into(), &"stopping".into()));
    assert_eq!(moved["at_ms"], moved["worker"]["since_ms"]);
    told.die();
    let gone = json();
    assert_eq!((&gone["event"], &gone["pid"], &gone["died"]), (&"gone".into(), &41.into(), &true.into()));
    assert_eq!(watch.interrupt().code, 0);
}

#[test]
fn it_waits_for_a_service_that_stops_and_goes_on_when_it_is_back() {
    let mut told = Service::new(healthy());
    let watch = told.watch(&[]);
    watch.lines_until(&["bot", "ready for"]);
    for name in ["writer", "bot"] {
        told.change(name, |worker| worker.state = WorkerState::Stopped);
    }
    watch.lines_until(&["bot", "ready → stopped"]);
    told.stop();
    assert_eq!(said(&watch.line()), "natrium  stopped; waiting for the next start");

    told.is(|status| status.pid = 50);
    told.start();
    assert!(said(&watch.line()).contains("process 50 since"));
    watch.lines_until(&["bot", "stopped for"]);
    told.change("bot", |worker| worker.state = WorkerState::Ready);
    watch.lines_until(&["bot", "stopped → ready"]);
    told.die();
    assert!(said(&watch.line()).starts_with("natrium  process 50 died, and its workers with it"));
    // Ctrl-C while it waits.
    let run = watch.interrupt();
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
}

#[test]
fn without_a_service_it_waits_only_if_asked_to() {
    let mut told = Service::new(healthy());
    told.stop();
    let run = natrium(&["watch"], told.directory());
    assert_eq!((run.code, run.out.as_str()), (3, ""));
    assert_eq!(run.err, "natrium is not running; --wait waits for it\n");

    let watch = told.watch(&["--wait"]);
    assert_eq!(watch.complaint(), "natrium is not running; waiting for it");
    told.start();
    watch.lines_until(&["bot", "ready for"]);
    assert_eq!(watch.interrupt().code, 0);

    told.stop();
    let watch = told.watch(&["--wait"]);
    watch.complaint();
    let run = watch.interrupt();
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
}

#[test]
fn it_sleeps_while_it_waits() {
    let mut told = Service::new(healthy());
    let watch = told.watch(&[]);
    watch.lines_until(&["bot", "ready for"]);
    told.die();
    watch.lines_until(&["natrium", "waiting"]);
    // Going to sleep eight times takes its time, however fast or slow the machine is. Who never sleeps never gets there.
    let (begun, before) = (Instant::now(), sleeps(watch.pid()));
    until("it has slept", PATIENCE, || (sleeps(watch.pid()) >= before + 8).then_some(())).unwrap();
    assert!(begun.elapsed() > Duration::from_millis(300), "{:?}", begun.elapsed());
    assert_eq!(watch.interrupt().code, 0);
}

#[test]
fn it_ends_when_nobody_reads_any_more() {
    let told = Service::new(healthy());
    // The present is three lines. Nothing more happens that could be written and fail.
    let watch = Running::head(&["watch"], told.directory(), 3);
    watch.lines_until(&["bot", "ready for"]);
    let run = watch.ended();
    assert_eq!((run.code, run.err.as_str()), (0, ""));
}

/// How often a process has gone to sleep.
fn sleeps(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
    count.trim().parse().unwrap()
}
