//! Listeners that systemd hands down: they win over the settings, and outlive the service.

use std::net::{TcpListener, TcpStream};

use harness::until;

use crate::crash::Askers;
use crate::house::{HEALTHY, House, PATIENCE};
use crate::http::{get, house};

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// A house that is handed these.
fn handed(listeners: Vec<(&str, TcpListener)>) -> House {
    let mut house = house(HEALTHY, HEALTHY);
    house.instance.handed_down = listeners.into_iter().map(|(name, listener)| (name.to_owned(), listener)).collect();
    house
}

#[test]
fn what_systemd_hands_down_wins_over_the_settings() {
    let (api, page) = (listener(), listener());
    let (at, page_at) = (api.local_addr().unwrap(), page.local_addr().unwrap());
    let mut house = handed(vec![("page", page), ("api", api)]);
    house.instance.start().unwrap();
    let web = house.ready("web", 1);
    assert_eq!(web.status, format!("api on {at}, page on {page_at}"));
    assert_eq!(get(at, "/readyz").code, 200);
    assert_eq!(get(page_at, "/").code, 401);
    let names = std::fs::read(format!("/proc/{}/environ", web.pid.unwrap())).unwrap();
    let names = String::from_utf8_lossy(&names).into_owned();
    assert!(names.contains("LISTEN_FDNAMES=varlink:settings:recorder:api:page\0"), "{names}");
    // Only web has them.
    let bot = house.worker("bot").pid.unwrap();
    let open = || std::fs::read_dir(format!("/proc/{bot}/fd")).unwrap().count();
    // Standard input, output and error, and three that every worker has; and one more for a moment, whenever it says that it lives.
    let only_web = until("only web has them", PATIENCE, || (open() == 6).then_some(()));
    assert!(only_web.is_ok(), "{} are open", open());
    house.stop();
}

#[test]
fn nobody_is_refused_while_the_service_is_restarted() {
    let api = listener();
    let at = api.local_addr().unwrap();
    let mut house = handed(vec![("api", api)]);
    house.instance.start().unwrap();
    let askers = Askers::begin(at, 4);
    for _ in 0..3 {
        askers.go_on(10);
        assert_eq!(house.instance.stop().unwrap().code(), Some(0), "{}", house.instance.log());
        house.instance.start().unwrap();
    }
    askers.go_on(10);
    assert_eq!(askers.end(), 0);
    house.stop();
}

#[test]
fn who_comes_while_the_service_is_stopped_waits_for_it() {
    let api = listener();
    let at = api.local_addr().unwrap();
    let mut house = handed(vec![("api", api)]);
    let asking = std::thread::spawn(move || get(at, "/healthz").code);
    let connected = || std::fs::read_to_string("/proc/net/tcp").unwrap().contains(&format!(":{:04X}", at.port()));
    until("somebody waits", PATIENCE, || connected().then_some(())).unwrap();
    house.instance.start().unwrap();
    assert_eq!(asking.join().unwrap(), 200);
    house.stop();
}

#[test]
fn what_makes_no_sense_is_told_and_done_without() {
    // A socket that is connected does not listen.
    let somebody = listener();
    let connected = TcpStream::connect(somebody.local_addr().unwrap()).unwrap();
    let deaf = TcpListener::from(std::os::fd::OwnedFd::from(connected));
    let mut house = handed(vec![("http", listener()), ("api", deaf)]);
    house.instance.start().unwrap();
    let api = crate::http::address(&house, "api");
    assert_eq!(get(api, "/healthz").code, 200);
    let log = house.instance.log();
    assert!(log.contains("a descriptor with the name \"http\" was handed down"), "{log}");
    assert!(log.contains("what was handed down as api cannot be used: it does not listen"), "{log}");
    house.stop();
}

#[test]
fn one_listener_is_enough_and_the_settings_give_the_other() {
    let page = listener();
    let at = page.local_addr().unwrap();
    let mut house = handed(vec![("page", page)]);
    house.instance.start().unwrap();
    let api = crate::http::address(&house, "api");
    assert_ne!(api, at);
    assert_eq!((get(api, "/healthz").code, get(at, "/healthz").code), (200, 200));
    house.stop();
}
