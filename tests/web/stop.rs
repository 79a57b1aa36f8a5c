//! An orderly stop: what was begun is finished, and who only keeps a connection keeps nobody waiting.

use std::io::{Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use harness::until;

use crate::house::{HEALTHY, PATIENCE};
use crate::http::{Answer, address, connect, get, house};

#[test]
fn a_request_under_way_is_answered() {
    // The bot is ready and answers nobody, so that a scrape takes its time.
    let mut house = house(HEALTHY, "ping 100\nsay READY=1\nidle");
    house.instance.start().unwrap();
    let api = address(&house, "api");
    let scrape: thread::JoinHandle<Answer> = thread::spawn(move || get(api, "/metrics"));
    until("the scrape is under way", PATIENCE, || (busy(api) > 0).then_some(())).unwrap();
    house.restart("web", "r1");
    let answer = scrape.join().unwrap();
    assert_eq!(answer.code, 200);
    assert!(answer.body.contains("natrium_worker_scrape_success{worker=\"bot\"} 0\n"), "{}", answer.body);
    assert!(answer.body.contains("natrium_worker_up{worker=\"bot\"} 1\n"), "{}", answer.body);
    let web = house.ready("web", 2);
    assert_eq!(web.last_death.map(|death| (death.code, death.asked)), Some((Some(0), true)));
    house.stop();
}

/// Connections to `address` that are established on the side of who asks, as the kernel shows them.
fn busy(address: std::net::SocketAddr) -> usize {
    let port = format!(":{:04X}", address.port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let established = |line: &&str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields.len() > 4 && fields[2].ends_with(&port) && fields[3] == "01"
    };
    table.lines().filter(established).count()
}

#[test]
fn a_connection_that_is_only_kept_delays_nothing() {
    let mut house = house(HEALTHY, HEALTHY);
    // Long enough to tell who is waited for.
    house.instance.environment.push(("NATRIUM_TIMING".into(), "watchdog=10s,stop=20s,total=30s".into()));
    house.instance.start().unwrap();
    let api = address(&house, "api");
    // One has asked before, one has not, and one has begun to.
    let mut kept = connect(api).unwrap();
    kept.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = [0; 15];
    kept.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    let mut silent = connect(api).unwrap();
    let mut slow = connect(api).unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost:").unwrap();
    // They are accepted in order: when this one is answered, the others have been.
    assert_eq!(get(api, "/healthz").code, 200);
    let began = Instant::now();
    assert!(house.instance.stop().unwrap().success(), "{}", house.instance.log());
    let took = began.elapsed();
    house.is_clean();
    // What is under way would be waited for longer than that, and a request's head longer still.
    assert!(took < Duration::from_millis(2900), "{took:?}");
    for (name, connection) in [("kept", &mut kept), ("silent", &mut silent), ("slow", &mut slow)] {
        let mut rest = Vec::new();
        // Closed or reset, but not left open.
        if let Err(error) = connection.read_to_end(&mut rest) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{name}");
        }
    }
}
