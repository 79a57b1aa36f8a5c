//! Many people talk to one bot through the simulator: nothing is lost, nothing comes twice, each person's messages stay in order, and
//! what the simulator keeps is bounded. Nothing is timed here.
//!
//! `$NATRIUM_PEOPLE` and `$NATRIUM_MESSAGES` make it larger, `$NATRIUM_RATE` slower: so many messages a second.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use harness::crowd::{Crowd, Talk};
use sim::client::Client;

/// People have the small ids.
const TOKEN: &str = "5550001111:of-the-crowd";
/// One message in so many is answered.
const ANSWERED: usize = 4;
const ROUNDS: usize = 3;
/// What the simulator keeps, by its README.
const MOST_MESSAGES: usize = 100_000;
const MOST_CALLS: usize = 5_000;
/// Of the whole process, with a full log of calls and all the messages that it keeps.
const MOST_MEMORY: u64 = 384 << 20;
/// What a heap may move by from one minute to the next though it holds the same.
const BREATH: u64 = 16 << 20;

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("${name} is no number")))
}

/// A simulator with nobody in it, killed if a test fails.
struct Simulator {
    process: Child,
    url: String,
}

impl Simulator {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_natrium-sim"));
        command.args(["--nobody", "--no-flood-limits", "--bot", TOKEN]).env_remove("NATRIUM_LOG");
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").expect("it says where it listens").to_owned();
        Self { process, url }
    }

    fn memory(&self) -> u64 {
        harness::memory(i32::try_from(self.process.id()).unwrap()).expect("it runs")
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_crowd_is_heard_once_and_in_order_and_what_is_kept_is_bounded() {
    let people = number("NATRIUM_PEOPLE").unwrap_or(500);
    let messages = number("NATRIUM_MESSAGES").unwrap_or(5_100) / ROUNDS;
    let rate = number("NATRIUM_RATE").map(|rate| rate as f64);
    let simulator = Simulator::start();
    let address = simulator.url.trim_start_matches("http://").parse().unwrap();
    let crowd = Crowd { address, token: TOKEN.to_owned(), people };
    crowd.gather().await.unwrap();
    let mut memory = Vec::new();
    let mut polls = 0;
    for round in 1..=ROUNDS {
        // An error if anything never comes.
        let heard = crowd.talk(Talk { messages, rate }).await.unwrap();
        assert_eq!((heard.waits.len(), heard.doubled, heard.disordered), (messages, 0, 0), "in round {round}");
        assert_eq!(heard.answered, messages.div_ceil(ANSWERED), "in round {round}");
        polls += heard.polls;
        memory.push(simulator.memory());
    }
    let said = ROUNDS * (messages + messages.div_ceil(ANSWERED));
    let calls = polls + ROUNDS * messages.div_ceil(ANSWERED);
    let client = Client::new(&simulator.url);
    let state = client.state().await.unwrap();
    assert_eq!((state.users.len(), state.chats.len()), (people, people));
    assert_eq!((state.bots[0].pending_updates, state.counters.pollers, state.counters.conflicts), (0, 0, 0));
    assert_eq!(state.counters.calls, calls as u64);
    assert_eq!(client.calls(None).await.unwrap().len(), calls.min(MOST_CALLS));
    assert_eq!(kept(&client, people).await, said.min(MOST_MESSAGES));
    println!("{people} people, {said} messages in {polls} polls; PSS after each round: {memory:?}");
    assert!(memory.iter().all(|bytes| *bytes < MOST_MEMORY), "{memory:?}");
    // Once all that is kept is there, it stays as large.
    if said / ROUNDS * 2 > MOST_MESSAGES {
        assert!(memory[2] <= memory[1] + BREATH, "it grows: {memory:?}");
    }
}

/// How many messages there are in all chats.
async fn kept(client: &Client, people: usize) -> usize {
    let mut kept = 0;
    for id in 1..=people {
        let person = client.user(i64::try_from(id).unwrap(), &format!("P{id}")).await.unwrap();
        kept += person.chat().await.unwrap().len();
    }
    kept
}
