//! Ports of the settings: taken, changed, switched off and on. Whatever becomes of them, the bot goes on.

use std::net::{SocketAddr, TcpListener, TcpStream};

use harness::until;
use interfaces::supervisor::{Phase, WorkerState};
use nix::sys::signal::Signal;

use crate::house::{HEALTHY, House, PATIENCE};
use crate::http::{address, get, healthy, house};

fn reload(house: &House, web: &str) {
    house.instance.serve_web(web).unwrap();
    house.instance.signal(Signal::SIGHUP).unwrap();
}

fn logged(house: &House, what: &str) {
    until(what, PATIENCE, || house.instance.log().contains(what).then_some(())).unwrap();
}

/// Nobody else was started again.
fn others_did_not_notice(house: &House) {
    for name in ["writer", "bot"] {
        let worker = house.worker(name);
        assert_eq!((worker.generation, worker.state), (1, WorkerState::Ready), "{name}");
    }
}

#[test]
fn a_port_that_is_taken_is_told_and_had_once_it_is_free() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap();
    let mut house = house(HEALTHY, HEALTHY);
    house.instance.serve_web(&format!("web: {{ api: {at}, page: 127.0.0.1:0 }}")).unwrap();
    house.instance.start().unwrap();
    let sentence = format!("listening on {at} (api): Address already in use");
    let web = house.wait("web", "it is told", |web| web.state == WorkerState::Backoff && web.status == sentence);
    let death = web.last_death.unwrap();
    assert_eq!((death.errno, death.pid, death.status), (Some(98), 0, sentence.clone()));
    assert_eq!(house.status().phase, Phase::Ready);
    assert!(house.screen().contains(&sentence), "{}", house.screen());
    let shown = format!("degraded; web pauses: not started: Address already in use, {sentence}");
    until("systemd is told", PATIENCE, || (house.instance.shown().unwrap() == shown).then_some(())).unwrap();
    drop(taken);
    // By itself, after a pause.
    assert_eq!(address(&house, "api"), at);
    assert_eq!(get(at, "/readyz").code, 200);
    others_did_not_notice(&house);
    house.stop();
}

#[test]
fn a_changed_address_concerns_nobody_but_web() {
    let mut house = healthy();
    let (api, page) = (address(&house, "api"), address(&house, "page"));
    reload(&house, "web: { api: 127.0.0.2:0, page: 127.0.0.1:0 }");
    house.ready("web", 2);
    let new = address(&house, "api");
    assert_eq!(new.ip().to_string(), "127.0.0.2");
    assert_eq!(get(new, "/readyz").code, 200);
    assert!(TcpStream::connect(api).is_err(), "nobody is there any more");
    assert_eq!(address(&house, "page"), page, "what did not change stays as it is");
    others_did_not_notice(&house);

    // Each in the other's place: both are taken, by ourselves.
    house.instance.serve_web(&format!("web: {{ api: {new}, page: {page} }}")).unwrap();
    reload(&house, &format!("web: {{ api: {page}, page: {new} }}"));
    let swapped = |house: &House| -> (SocketAddr, SocketAddr) { (address(house, "api"), address(house, "page")) };
    until("they are swapped", PATIENCE, || (swapped(&house) == (page, new)).then_some(())).unwrap();
    assert_eq!((get(page, "/readyz").code, get(new, "/readyz").code), (200, 404));
    others_did_not_notice(&house);
    house.stop();
}

#[test]
fn an_address_that_cannot_be_had_leaves_everything_as_it_was() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut house = healthy();
    let api = address(&house, "api");
    let at = taken.local_addr().unwrap();
    reload(&house, &format!("web: {{ api: {at}, page: 127.0.0.1:0 }}"));
    logged(&house, &format!("reload: the old settings stay: listening on {at} (api): Address already in use"));
    assert_eq!(house.worker("web").generation, 1);
    assert_eq!(get(api, "/readyz").code, 200);
    // Once it is free, the same reload is done.
    drop(taken);
    house.instance.signal(Signal::SIGHUP).unwrap();
    house.ready("web", 2);
    assert_eq!(get(at, "/readyz").code, 200);
    house.stop();
}

#[test]
fn switched_off_it_is_gone_and_switched_on_again_it_is_back() {
    let mut house = healthy();
    let api = address(&house, "api");
    reload(&house, "web: { enabled: false }");
    let names = |house: &House| house.status().workers.into_iter().map(|worker| worker.name).collect::<Vec<_>>();
    until("it is gone", PATIENCE, || (names(&house) == ["writer", "bot"]).then_some(())).unwrap();
    assert!(TcpStream::connect(api).is_err(), "nobody is there any more");
    let healthy = || (house.status().status == "ready").then_some(());
    until("nothing is missing", PATIENCE, healthy).unwrap();
    let call = interfaces::supervisor::Restart { worker: "web".into(), request_id: "r1".into() };
    let refused = house.block_on(house.instance.supervisor().restart(&call)).unwrap_err();
    assert_eq!(refused.to_string(), "there is no worker \"web\"");
    reload(&house, "web: { api: 127.0.0.1:0, page: 127.0.0.1:0 }");
    until("it is back", PATIENCE, || names(&house).contains(&"web".to_owned()).then_some(())).unwrap();
    house.ready("web", 2);
    assert_eq!(get(address(&house, "api"), "/readyz").code, 200);
    others_did_not_notice(&house);
    house.stop();
}

#[test]
fn switched_off_from_the_start_it_was_never_there() {
    let mut house = House::healthy();
    let status = house.status();
    assert_eq!(status.workers.iter().map(|worker| worker.name.as_str()).collect::<Vec<_>>(), ["writer", "bot"]);
    assert!(status.ready);
    assert!(!house.instance.log().contains("web:"), "{}", house.instance.log());
    house.stop();
}

#[test]
fn a_web_that_cannot_work_takes_nobody_along() {
    let mut house = House::new(HEALTHY, HEALTHY);
    house.does("web", "say STATUS=cannot\nexit 78");
    house.instance.with_web().unwrap();
    house.instance.start().unwrap();
    house.wait("web", "it has failed", |web| web.state == WorkerState::Failed);
    assert_eq!(house.status().phase, Phase::Ready);
    others_did_not_notice(&house);
    house.stop();
}
