//! What strangers send hurts nobody but themselves.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use harness::until;
use interfaces::worker::GetMetrics;

use crate::house::{House, PATIENCE};
use crate::http::{address, connect, exchange, get, healthy};

/// It answers as ever, and is the same process.
fn goes_on(house: &House, api: SocketAddr) {
    assert_eq!(get(api, "/readyz").code, 200);
    assert_eq!(house.worker("web").generation, 1, "{}", house.instance.log());
}

fn code(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("")
}

/// What was said before it hung up: in whatever way, but in time.
fn hung_up(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    if let Err(error) = stream.read_to_end(&mut said) {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "it does not hang up");
    }
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn nonsense_is_refused() {
    let mut house = healthy();
    let api = address(&house, "api");
    let random: Vec<u8> = (0_u32..4096).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for garbage in
        [&random[..], b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n"]
    {
        // It may hang up before all was sent.
        let mut stream = connect(api).unwrap();
        let _ = stream.write_all(garbage);
        let _ = stream.shutdown(Shutdown::Write);
        let answer = hung_up(&mut stream);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    goes_on(&house, api);
    house.stop();
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let mut house = healthy();
    let api = address(&house, "api");
    let many: String = (0..100).map(|n| format!("X-{n}: 1\r\n")).collect();
    let long = format!("X: {}\r\n", "x".repeat(100_000));
    for head in [many, long] {
        let mut stream = connect(api).unwrap();
        let _ = stream.write_all(format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{head}\r\n").as_bytes());
        // The rest that is not read may cut the answer off.
        let answer = hung_up(&mut stream);
        assert!(answer.is_empty() || code(&answer) == "431", "{answer}");
    }
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(9_000));
    assert_eq!(code(&exchange(api, long.as_bytes()).unwrap_or_default()), "404", "this much is read");
    goes_on(&house, api);
    house.stop();
}

#[test]
fn who_says_nothing_or_too_little_is_hung_up_on() {
    let mut house = healthy();
    let api = address(&house, "api");
    let mut slow = connect(api).unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost:").unwrap();
    let mut silent = connect(api).unwrap();
    // A byte now and then does not help.
    let mut trickle = slow.try_clone().unwrap();
    let trickling = std::thread::spawn(move || {
        let ended = || trickle.write_all(b" ").is_err().then_some(());
        until("it is hung up on", PATIENCE, ended).unwrap();
    });
    assert_eq!((hung_up(&mut slow).as_str(), hung_up(&mut silent).as_str()), ("", ""));
    trickling.join().unwrap();
    goes_on(&house, api);
    house.stop();
}

#[test]
fn who_takes_every_place_is_outlasted() {
    let mut house = healthy();
    let api = address(&house, "api");
    let page = address(&house, "page");
    let connections = || {
        let web = interfaces::worker::Client::new(house.instance.pool("web"), PATIENCE);
        let text = house.block_on(web.get_metrics(&GetMetrics {})).unwrap().text;
        let gauge = text.lines().find(|line| line.starts_with("http_connections{") && line.contains("port=\"api\""));
        gauge.map_or(0, |line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap())
    };
    let crowd: Vec<TcpStream> = (0..150).map(|_| connect(api).unwrap()).collect();
    until("every place is taken", PATIENCE, || (connections() == 128).then_some(())).unwrap();
    // The other port has places of its own.
    assert_eq!(get(page, "/healthz").code, 200);
    assert_eq!(connections(), 128);
    // And here one waits until the silent ones are hung up on.
    assert_eq!(get(api, "/healthz").code, 200);
    drop(crowd);
    goes_on(&house, api);
    house.stop();
}

#[test]
fn what_is_asked_at_once_is_answered_in_order() {
    let mut house = healthy();
    let api = address(&house, "api");
    let ask = |path: &str, close: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n{close}\r\n");
    let all = [ask("/healthz", ""), ask("/nowhere", ""), ask("/readyz", ""), ask("/healthz", "Connection: close\r\n")];
    let answers = exchange(api, all.concat().as_bytes()).unwrap();
    let codes: Vec<_> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(codes, ["200", "404", "200", "200"]);
    goes_on(&house, api);
    house.stop();
}

#[test]
fn who_has_nothing_more_to_say_hears_the_answer() {
    let mut house = healthy();
    let api = address(&house, "api");
    let mut stream = connect(api).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(code(&answer), "200", "{answer}");
    // Who leaves before the answer costs nothing.
    for _ in 0..50 {
        let mut stream = connect(api).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    }
    // A body that was announced is not waited for.
    let mut stream = connect(api).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n").unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    goes_on(&house, api);
    house.stop();
}
