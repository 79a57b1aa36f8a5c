//! What strangers send hurts nobody but themselves.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use harness::until;

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

#[test]
fn nonsense_is_refused() {
    let mut house = healthy();
    let api = address(&house, "api");
    let random: Vec<u8> = (0_u32..4096).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for garbage in
        [&random[..], b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n"]
    {
        // It may hang up before all was sent.
        if let Ok(mut stream) = connect(api) {
            let _ = stream.write_all(garbage);
            let _ = stream.shutdown(Shutdown::Write);
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&answer));
        }
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
        let mut answer = Vec::new();
        // The rest that is not read may cut the answer off.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
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
    let mut rest = Vec::new();
    let mut trickle = slow.try_clone().unwrap();
    let trickling = std::thread::spawn(move || {
        let ended = || trickle.write_all(b" ").is_err().then_some(());
        until("it is hung up on", PATIENCE, ended).unwrap();
    });
    let _ = slow.read_to_end(&mut rest);
    let _ = silent.read_to_end(&mut rest);
    trickling.join().unwrap();
    goes_on(&house, api);
    house.stop();
}

#[test]
fn who_takes_every_place_is_outlasted() {
    let mut house = healthy();
    let api = address(&house, "api");
    let page = address(&house, "page");
    let crowd: Vec<TcpStream> = (0..300).map(|_| connect(api).unwrap()).collect();
    // The other port has places of its own.
    assert_eq!(get(page, "/healthz").code, 200);
    // And here one waits until the silent ones are hung up on.
    let asking = std::thread::spawn(move || get(api, "/healthz").code);
    drop(crowd);
    assert_eq!(asking.join().unwrap(), 200);
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
