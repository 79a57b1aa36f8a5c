//! Whether the service is ready, as programs are told.

use std::net::SocketAddr;

use harness::until;
use interfaces::supervisor::WorkerState;
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::house::{HEALTHY, PATIENCE};
use crate::http::{address, get, healthy, house};

fn ready(api: SocketAddr) -> (u16, Value) {
    let answer = get(api, "/readyz");
    (answer.code, serde_json::from_str(&answer.body).unwrap())
}

#[test]
fn it_is_ready_while_all_essential_workers_are() {
    let mut house = healthy();
    let api = address(&house, "api");
    let all = json!({ "writer": "ready", "bot": "ready", "web": "ready" });
    assert_eq!(ready(api), (200, json!({ "ready": true, "phase": "ready", "workers": all })));

    house.does("bot", "idle");
    house.kill("bot", Signal::SIGKILL);
    house.wait("bot", "a bot that is not ready", |bot| bot.state == WorkerState::Starting);
    let all = json!({ "writer": "ready", "bot": "starting", "web": "ready" });
    assert_eq!(ready(api), (503, json!({ "ready": false, "phase": "ready", "workers": all })));

    house.does("bot", HEALTHY);
    house.restart("bot", "r1");
    until("it is ready again", PATIENCE, || (ready(api).0 == 200).then_some(())).unwrap();
    house.stop();
}

#[test]
fn before_the_service_has_started_it_is_told_so() {
    let mut house = house("idle", HEALTHY);
    house.instance.spawn().unwrap();
    let api = address(&house, "api");
    let (code, told) = ready(api);
    assert_eq!((code, &told["phase"], &told["workers"]["bot"]), (503, &json!("starting"), &json!("waiting")));
    house.stop();
}

#[test]
fn a_supervisor_that_does_not_answer_is_not_waited_for() {
    let mut house = house(HEALTHY, HEALTHY);
    // Its queue is full meanwhile: nobody is to be taken for hung by it.
    house.instance.environment.push(("NATRIUM_TIMING".into(), "watchdog=60s".into()));
    house.instance.start().unwrap();
    let api = address(&house, "api");
    house.instance.signal(Signal::SIGSTOP).unwrap();
    let (code, told) = ready(api);
    assert_eq!((code, told), (503, json!({ "ready": false, "problem": "the supervisor does not answer" })));
    assert_eq!(get(api, "/healthz").code, 200);
    let metrics = get(api, "/metrics");
    assert_eq!(metrics.code, 200);
    assert!(metrics.body.ends_with("\nnatrium_supervisor_up 0\n"), "{}", metrics.body);
    house.instance.signal(Signal::SIGCONT).unwrap();
    until("it is ready again", PATIENCE, || (ready(api).0 == 200).then_some(())).unwrap();
    house.stop();
}
