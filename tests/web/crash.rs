//! Web is killed again and again while others ask: nobody is refused.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

use harness::until;
use nix::sys::signal::Signal;

use crate::house::{PATIENCE, state};
use crate::http::{address, ask, connect, healthy};

/// Asks without a pause until it is told that it is over; counts what became of it.
pub(crate) struct Askers {
    over: Arc<AtomicBool>,
    pub(crate) answered: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
    askers: Vec<JoinHandle<()>>,
}

impl Askers {
    pub(crate) fn begin(address: SocketAddr, many: usize) -> Self {
        let (over, answered, refused) =
            (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let asker = |_| {
            let (over, answered, refused) = (over.clone(), answered.clone(), refused.clone());
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    match ask(address, "GET", "/healthz") {
                        Ok(answer) => {
                            assert_eq!(answer.code, 200);
                            answered.fetch_add(1, Ordering::Relaxed);
                        }
                        // What was asked of the process that was killed dies with it.
                        Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof) => {
                        }
                        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
                        Err(error) => {
                            assert_eq!(error.kind(), ErrorKind::ConnectionRefused, "{error}");
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            })
        };
        let askers = (0..many).map(asker).collect();
        Self { over, answered, refused, askers }
    }

    /// Waits until this many more have been answered.
    pub(crate) fn go_on(&self, more: usize) {
        let before = self.answered.load(Ordering::Relaxed);
        let enough = || (self.answered.load(Ordering::Relaxed) >= before + more).then_some(());
        until("somebody is answered", PATIENCE, enough).unwrap();
    }

    /// How many were refused.
    pub(crate) fn end(self) -> usize {
        self.over.store(true, Ordering::Relaxed);
        for asker in self.askers {
            asker.join().unwrap();
        }
        self.refused.load(Ordering::Relaxed)
    }
}

#[test]
fn nobody_is_refused_while_it_is_killed_again_and_again() {
    let mut house = healthy();
    let api = address(&house, "api");
    let askers = Askers::begin(api, 4);
    for round in 1..=6 {
        askers.go_on(20);
        house.kill("web", Signal::SIGKILL);
        // An operator does not wait for the pause.
        house.restart("web", &format!("round {round}"));
        assert_eq!(address(&house, "api"), api, "the port that was free stays");
    }
    askers.go_on(20);
    assert_eq!(askers.end(), 0);
    let (writer, bot) = (house.worker("writer"), house.worker("bot"));
    assert_eq!((writer.generation, bot.generation), (1, 1), "nobody else noticed");
    house.stop();
}

#[test]
fn a_worker_that_is_gone_is_waited_for() {
    let mut house = healthy();
    let api = address(&house, "api");
    let pid = house.kill("web", Signal::SIGSTOP);
    until("it is stopped", PATIENCE, || (state(pid) == Some('T')).then_some(())).unwrap();
    let mut waiting = connect(api).unwrap();
    waiting.write_all(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    house.kill("web", Signal::SIGKILL);
    // It had been accepted by nobody: the successor answers.
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_ne!(house.ready("web", 2).pid, Some(pid));
    house.stop();
}
