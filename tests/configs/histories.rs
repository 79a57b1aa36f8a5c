//! What callers in processes of their own see of puts and gets while the writer is killed again and again: it can be explained
//! by one register for each kind.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use harness::Instance;
use interfaces::CallError;
use interfaces::configs::{Client, Error, Get};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use varlink::{Pool, PoolLimits};

use crate::dice::{Dice, number, seed};
use crate::operators::{KINDS, agree, document, history, put, service};
use crate::register::{Operation, Standing, Told, What, explain};

const CLIENTS: usize = 6;
/// What a client is told by its environment: where the socket is, where to write, who it is, how often it calls, and its seed.
const ORDER: &str = "NATRIUM_TEST_CLIENT";

/// A call as a client wrote it down.
#[derive(Debug, Deserialize, Serialize)]
struct Line {
    kind: String,
    called: u64,
    answered: Option<u64>,
    asked: Asked,
    answer: Answer,
}

#[derive(Debug, Deserialize, Serialize)]
enum Asked {
    Get,
    Put { base: i64, content: String },
}

#[derive(Debug, Deserialize, Serialize)]
enum Answer {
    /// Of a get, or a conflict: the version and the SHA-256 of its content.
    Stands(i64, String),
    Saved(i64),
    /// It was certainly not done.
    Refused,
    Unknown,
}

/// Nanoseconds of the clock that all processes share.
fn now() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC).unwrap();
    u64::try_from(time.tv_sec()).unwrap() * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap()
}

/// Not a test by itself: a client of the test below, which is this program.
#[tokio::test]
async fn a_client() {
    let Ok(order) = std::env::var(ORDER) else { return };
    // It does not outlive who started it.
    set_pdeathsig(Signal::SIGKILL).unwrap();
    let (socket, log, name, calls, seed): (PathBuf, PathBuf, String, usize, u64) =
        serde_json::from_str(&order).unwrap();
    let pool = Pool::new(socket, PoolLimits::default());
    let mut log = File::create(log).unwrap();
    let mut dice = Dice::of(seed);
    let mut known = HashMap::from(KINDS.map(|kind| (kind, 0)));
    for turn in 0..calls {
        let kind = *dice.one_of(&KINDS);
        let line = if dice.below(2) == 0 {
            gets(&pool, kind).await
        } else {
            let stale = i64::try_from(dice.below(8) / 7).unwrap();
            let base = (known[kind] - stale).max(0);
            puts(&pool, kind, base, &format!("{name}.{turn}"), &mut dice).await
        };
        if let Answer::Saved(version) | Answer::Stands(version, _) = line.answer {
            known.insert(kind, version);
        }
        writeln!(log, "{}", serde_json::to_string(&line).unwrap()).unwrap();
    }
}

async fn gets(pool: &Pool, kind: &str) -> Line {
    let client = Client::new(pool.clone(), Duration::from_secs(30));
    let called = now();
    let answer = match client.get(&Get { kind: kind.to_owned(), version: None }).await {
        Ok(reply) => Answer::Stands(reply.version.version, reply.version.sha256),
        Err(CallError::Reply(Error::NoSuchVersion { .. })) => Answer::Stands(0, String::new()),
        Err(error) => panic!("a get of {kind}: {error:?}"),
    };
    Line { kind: kind.to_owned(), called, answered: Some(now()), asked: Asked::Get, answer }
}

/// Some are patient, others hardly. Who has no answer sometimes asks again, and it is the same put.
async fn puts(pool: &Pool, kind: &str, base: i64, mark: &str, dice: &mut Dice) -> Line {
    let content = document(kind, mark);
    let upload = put(kind, base, &content, mark);
    let called = now();
    let (answer, answered) = loop {
        let patience = Duration::from_millis(*dice.one_of(&[3, 20, 200, 30_000]));
        let told = Client::new(pool.clone(), patience).put(&upload).await;
        let answered = now();
        match told {
            Ok(reply) => {
                assert!(!reply.unchanged, "{mark}: {reply:?}");
                break (Answer::Saved(reply.version.version), Some(answered));
            }
            Err(CallError::Reply(Error::Conflict { current, .. })) => {
                break (Answer::Stands(current.version, current.sha256), Some(answered));
            }
            Err(CallError::Reply(Error::NotSaved { .. })) => break (Answer::Refused, Some(answered)),
            Err(
                CallError::Reply(Error::Unavailable { .. })
                | CallError::Lost(_)
                | CallError::Deadline { .. }
                | CallError::Unreachable(_),
            ) => {}
            Err(error) => panic!("{mark}: {error:?}"),
        }
        // Whether or not this attempt was heard, an earlier one may have been.
        if dice.below(2) == 0 {
            break (Answer::Unknown, None);
        }
    };
    Line { kind: kind.to_owned(), called, answered, asked: Asked::Put { base, content }, answer }
}

fn client(service: &Instance, number: usize, calls: usize, seed: u64) -> (Child, PathBuf) {
    let log = service.path().join(format!("history.{number}"));
    let socket = service.runtime().join("writer.sock");
    let order = serde_json::to_string(&(socket, &log, format!("client {number}"), calls, seed)).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "histories::a_client"]).env(ORDER, order).stdin(Stdio::null()).stdout(Stdio::null());
    (command.spawn().unwrap(), log)
}

fn lines(log: &Path) -> Vec<Line> {
    fs::read_to_string(log).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// How many calls have had their answer.
fn answered(clients: &[(Child, PathBuf)]) -> usize {
    let lines = |log: &PathBuf| fs::read(log).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count();
    clients.iter().map(|(_, log)| lines(log)).sum()
}

/// The calls about one kind, contents being numbered as they stand in its history.
fn operations(lines: &[Line], kind: &str, contents: &HashMap<String, u64>) -> Vec<Operation> {
    // What is in no history is nothing that anybody may see; each is another one.
    let mut strange = 1_000_000..;
    let mut numbered = |key: &str| contents.get(key).copied().unwrap_or_else(|| strange.next().unwrap());
    let mut standing =
        |version: i64, hash: &str| -> Standing { (version, if version == 0 { 0 } else { numbered(hash) }) };
    let of_kind = lines.iter().filter(|line| line.kind == kind && !matches!(line.answer, Answer::Refused));
    let operation = |line: &Line| {
        let what = match (&line.asked, &line.answer) {
            (Asked::Get, Answer::Stands(version, hash)) => What::Get(standing(*version, hash)),
            (Asked::Put { base, content }, answer) => {
                let told = match answer {
                    Answer::Saved(version) => Told::Saved(*version),
                    Answer::Stands(version, hash) => Told::Conflict(standing(*version, hash)),
                    Answer::Refused | Answer::Unknown => Told::Nothing,
                };
                let content = contents.get(content).copied().unwrap_or(999_999);
                What::Put { base: *base, content, told }
            }
            (Asked::Get, answer) => panic!("a get was answered with {answer:?}"),
        };
        Operation { called: line.called, answered: line.answered.unwrap_or(u64::MAX), what }
    };
    of_kind.map(operation).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_callers_see_of_puts_and_gets_while_the_writer_is_killed_is_what_one_register_does() {
    let mut service = service();
    service.start().unwrap();
    let seed = seed("histories");
    let calls = number("NATRIUM_CALLS", 100);
    let mut dice = Dice::of(seed);
    let mut clients: Vec<_> =
        (0..CLIENTS).map(|number| client(&service, number, calls, seed.wrapping_add(number as u64))).collect();
    let mut kills = 0;
    while clients.iter_mut().any(|(client, _)| client.try_wait().unwrap().is_none()) {
        // Any moment will do, but none so late that a fast machine is done before the writer was killed often enough.
        let moment = Instant::now() + Duration::from_millis(dice.below(500) as u64);
        let enough = answered(&clients) + CLIENTS * calls / 10;
        while Instant::now() < moment && answered(&clients) < enough {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        service.kill("writer").await.unwrap();
        kills += 1;
    }
    let mut seen = Vec::new();
    for (client, log) in &mut clients {
        assert!(client.wait().unwrap().success(), "a client failed");
        seen.extend(lines(log));
    }
    assert_eq!(seen.len(), CLIENTS * calls);
    for kind in KINDS {
        let history = history(&service, kind).await;
        // By content, as puts name it, and by hash, as all others do.
        let contents = history
            .iter()
            .zip(1_u64..)
            .flat_map(|((version, content), number)| [(content.clone(), number), (version.sha256.clone(), number)]);
        let mut operations = operations(&seen, kind, &contents.collect());
        // What stands in the end is seen, too.
        let last = history.last().map_or((0, 0), |(version, _)| (version.version, history.len() as u64));
        operations.push(Operation { called: now(), answered: now(), what: What::Get(last) });
        let unknown = operations.iter().filter(|operation| operation.answered == u64::MAX).count();
        println!("{kind}: {} calls, {unknown} without an answer, {} versions, {kills} kills", operations.len(), last.0);
        if let Err((standing, left)) = explain(operations) {
            panic!("{kind}: nothing explains, while {standing:?} stands, any of {left:#?}");
        }
        agree(&service, kind, &history);
    }
    assert!(kills >= 3, "the writer was killed only {kills} times");
    assert!(service.stop().unwrap().success(), "{}", service.log());
}
