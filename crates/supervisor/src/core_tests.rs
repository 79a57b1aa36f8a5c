//! Stories of whole services, and properties of every story.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use super::*;
use crate::topology::Given;

const fn spec(name: &'static str, essential: bool, needs: &'static [&'static str]) -> WorkerSpec {
    WorkerSpec { name, essential, needs, given: Given { state_directory: false, bot_token: false, ports: false } }
}

const SPECS: &[WorkerSpec] = &[
    spec("writer", true, &[]),
    spec("parser", false, &["writer"]),
    spec("bot", true, &["writer"]),
    spec("web", false, &["writer", "parser"]),
];
const WRITER: usize = 0;
const PARSER: usize = 1;
const BOT: usize = 2;
const WEB: usize = 3;

/// A service whose processes are numbers.
struct World {
    core: Core,
    at_ms: u64,
    next_pid: i32,
    /// Pid, worker and generation of every process that lives.
    living: Vec<(i32, usize, u64)>,
    /// What the core wanted beyond processes.
    said: Vec<Output>,
    fork_fails: bool,
    /// How many restarts an operator has asked for.
    requests: u64,
}

impl World {
    fn new() -> Self {
        let now = Now { at: Moment::default(), ms: 0 };
        let core = Core::new(SPECS, |_| true, Timing::default(), 1, now);
        let mut world = Self {
            core,
            at_ms: 0,
            next_pid: 100,
            living: Vec::new(),
            said: Vec::new(),
            fork_fails: false,
            requests: 0,
        };
        world.tell(Input::Began);
        world
    }

    fn now(&self) -> Now {
        let ms = self.at_ms;
        Now { at: Moment::after_start(Duration::from_millis(ms)), ms: i64::try_from(ms).unwrap() }
    }

    fn tell(&mut self, input: Input<'_>) {
        let outputs = self.core.handle(input, self.now());
        self.act(outputs);
    }

    fn act(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Spawn { worker, generation } if self.fork_fails => {
                    self.tell(Input::NotStarted { worker, generation, errno: 11, note: None });
                }
                Output::Spawn { worker, generation } => {
                    let twin = self.living.iter().find(|(_, other, _)| *other == worker);
                    assert_eq!(twin, None, "two processes of worker {worker}");
                    assert_ne!(self.core.phase(), Phase::Stopping, "worker {worker} is started while stopping");
                    let needs =
                        SPECS[worker].needs.iter().filter_map(|need| SPECS.iter().position(|s| s.name == *need));
                    let needs_ready = needs.into_iter().all(|need| self.states()[need] == WorkerState::Ready);
                    assert!(generation > 1 || needs_ready, "worker {worker} is started before what it needs is ready");
                    let pid = self.next_pid;
                    self.next_pid += 1;
                    self.living.push((pid, worker, generation));
                    self.tell(Input::Spawned { worker, generation, pid });
                }
                Output::Signal { worker, pid, urge } => {
                    assert!(self.living.iter().any(|(living, of, _)| (*living, *of) == (pid, worker)), "{pid} is dead");
                    if urge == Urge::Terminate && self.core.phase() == Phase::Stopping {
                        let needs_it = |user: &usize| SPECS[*user].needs.contains(&SPECS[worker].name);
                        let user = self.living.iter().map(|(_, user, _)| *user).find(needs_it);
                        assert_eq!(user, None, "{worker} is told to stop while it is needed");
                    }
                    self.said.push(output);
                }
                _ => self.said.push(output),
            }
        }
    }

    fn pid(&self, worker: usize) -> Option<i32> {
        self.living.iter().find(|(_, other, _)| *other == worker).map(|(pid, _, _)| *pid)
    }

    fn says(&mut self, worker: usize, text: &str) {
        let pid = self.pid(worker).unwrap();
        self.tell(Input::Notified { pid, message: crate::datagram::parse(text.as_bytes()).unwrap() });
    }

    fn dies(&mut self, worker: usize, end: End) {
        let pid = self.pid(worker).unwrap();
        self.living.retain(|(living, _, _)| *living != pid);
        self.tell(Input::Died { pid, end, note: None, log: String::new() });
    }

    fn passes(&mut self, ms: u64) {
        self.at_ms += ms;
        self.tell(Input::TimePassed);
    }

    fn states(&self) -> Vec<WorkerState> {
        self.core.states()
    }

    fn all_ready() -> Self {
        let mut world = Self::new();
        for worker in [WRITER, PARSER, BOT, WEB] {
            world.says(worker, "READY=1");
        }
        world
    }

    fn signals(&mut self) -> Vec<(usize, Urge)> {
        let signals = self.said.iter().filter_map(|output| match output {
            Output::Signal { worker, urge, .. } => Some((*worker, *urge)),
            _ => None,
        });
        let signals = signals.collect();
        self.said.clear();
        signals
    }
}

use WorkerState::{Backoff, Failed, Ready, Starting, Stopped, Stopping, Waiting};

#[test]
fn the_writer_comes_first_and_readiness_is_told_once() {
    let mut world = World::new();
    assert_eq!(world.states(), [Starting, Waiting, Waiting, Waiting]);
    world.says(WRITER, "READY=1");
    assert_eq!(world.states(), [Ready, Starting, Starting, Waiting]);
    assert_eq!(world.core.phase(), Phase::Starting);
    world.says(BOT, "READY=1");
    assert_eq!(world.core.phase(), Phase::Ready);
    world.says(PARSER, "READY=1");
    assert_eq!(world.states(), [Ready, Ready, Ready, Starting]);
    world.dies(WRITER, End::Signal(9));
    world.says(WRITER, "READY=1");
    assert_eq!(world.said.iter().filter(|output| **output == Output::Ready).count(), 1);
}

#[test]
fn stopping_goes_in_reverse_and_starts_nothing() {
    let mut world = World::all_ready();
    world.said.clear();
    world.tell(Input::StopRequested);
    assert_eq!(world.signals(), [(BOT, Urge::Terminate), (WEB, Urge::Terminate)]);
    world.dies(WEB, End::Code(0));
    assert_eq!(world.signals(), [(PARSER, Urge::Terminate)]);
    // The bot still drains; that the writer dies under it must not start another one.
    world.dies(WRITER, End::Signal(9));
    assert_eq!(world.states(), [Stopped, Stopping, Stopping, Stopped]);
    world.dies(PARSER, End::Code(0));
    world.dies(BOT, End::Code(0));
    assert!(world.said.contains(&Output::Finished));
    assert_eq!(world.core.verdict(), Verdict::default());
}

#[test]
fn what_pauses_or_restarts_when_the_stop_begins_is_not_started_any_more() {
    let mut world = World::all_ready();
    world.dies(WRITER, End::Code(1));
    world.dies(WRITER, End::Code(1));
    assert_eq!(world.states()[WRITER], Backoff);
    world.core.restart("parser", "r", world.now()).unwrap();
    world.tell(Input::StopRequested);
    assert_eq!(world.states(), [Stopped, Stopping, Stopping, Stopping]);
    world.dies(PARSER, End::Code(0));
    world.passes(100);
    assert_eq!(world.states(), [Stopped, Stopped, Stopping, Stopping]);
}

#[test]
fn deaf_workers_are_killed_before_the_whole_stop_is_over() {
    let mut world = World::all_ready();
    world.said.clear();
    world.tell(Input::StopRequested);
    world.signals();
    let timing = Timing::default();
    while let Some(due) = world.core.due() {
        world.at_ms = u64::try_from(due.since_start().as_millis()).unwrap();
        world.tell(Input::TimePassed);
        for (worker, urge) in world.signals() {
            if urge == Urge::Kill {
                world.dies(worker, End::Signal(9));
            }
        }
        if world.living.is_empty() {
            break;
        }
    }
    assert!(world.now().at.since_start() <= timing.total - timing.last_resort(), "{:?}", world.now());
    assert_eq!(world.states(), [Stopped; 4]);
}

#[test]
fn a_process_that_survives_sigkill_is_not_waited_for_for_ever() {
    let mut world = World::all_ready();
    world.tell(Input::StopRequested);
    for _ in 0..20 {
        let Some(due) = world.core.due() else { break };
        world.at_ms = u64::try_from(due.since_start().as_millis()).unwrap();
        world.tell(Input::TimePassed);
        if world.said.contains(&Output::Finished) {
            break;
        }
    }
    assert_eq!(world.said.iter().filter(|output| **output == Output::Finished).count(), 1);
    assert_eq!(world.now().at.since_start(), Timing::default().total);
}

#[test]
fn an_essential_worker_that_cannot_work_ends_the_service_with_its_reason() {
    let mut world = World::all_ready();
    world.says(BOT, "STATUS=Telegram refused the token (401)");
    world.said.clear();
    world.dies(BOT, End::Code(78));
    assert_eq!(world.states(), [Ready, Ready, Failed, Stopping]);
    assert!(world.said.contains(&Output::Stopping));
    for worker in [WEB, PARSER, WRITER] {
        world.dies(worker, End::Code(0));
    }
    assert!(world.said.contains(&Output::Finished));
    let sentence = "natrium-bot cannot work with this configuration: Telegram refused the token (401)";
    assert_eq!(world.core.verdict(), Verdict { code: 78, sentence: Some(sentence.into()) });
}

#[test]
fn another_worker_that_cannot_work_is_done_without_until_an_operator_restarts_it() {
    let mut world = World::all_ready();
    world.dies(PARSER, End::Code(78));
    assert_eq!(world.states(), [Ready, Failed, Ready, Ready]);
    assert_eq!(world.core.phase(), Phase::Ready);
    world.passes(3_600_000);
    assert_eq!(world.states()[PARSER], Failed);
    let (generation, outputs) = world.core.restart("parser", "r", world.now()).unwrap();
    world.act(outputs);
    assert_eq!((generation, world.states()[PARSER]), (1, Starting));
}

#[test]
fn what_is_switched_off_is_not_there_and_what_is_switched_on_again_starts() {
    let mut world = World::all_ready();
    world.said.clear();
    world.tell(Input::Switched { worker: WEB, on: false });
    assert_eq!(world.signals(), [(WEB, Urge::Terminate)]);
    let listed = |world: &World| world.core.listed().map(|row| row.name).collect::<Vec<_>>();
    assert_eq!(listed(&world), ["writer", "parser", "bot", "web"], "it is still stopping");
    let gone = world.core.restart("web", "r", world.now()).err();
    assert_eq!(gone, Some(Error::NoSuchWorker { worker: "web".into() }));
    world.dies(WEB, End::Code(0));
    assert_eq!(world.states()[WEB], Stopped);
    assert_eq!(listed(&world), ["writer", "parser", "bot"]);
    assert_eq!(world.core.status_line(), "ready");
    world.passes(5_000);
    world.tell(Input::Reconfigured { workers: &[WEB] });
    assert_eq!(world.pid(WEB), None);
    world.tell(Input::Switched { worker: WEB, on: true });
    assert_eq!(world.states()[WEB], Starting);
    assert_eq!(world.core.rows()[WEB].machine.generation(), 2);
}

#[test]
fn a_worker_that_is_off_from_the_start_keeps_nobody_from_starting_or_stopping() {
    let now = Now { at: Moment::default(), ms: 0 };
    let mut core = Core::new(SPECS, |spec| spec.name != "web", Timing::default(), 1, now);
    core.handle(Input::Began, now);
    assert_eq!(core.states(), [Starting, Waiting, Waiting, Stopped]);
    assert_eq!(core.status_line(), "starting; writer starts; parser waits; bot waits");
    assert!(core.handle(Input::StopRequested, now).contains(&Output::Stopping));
    assert_eq!(core.states(), [Stopping, Stopped, Stopped, Stopped]);
}

#[test]
fn what_the_kernel_refused_is_told_with_what_it_was() {
    let mut world = World::all_ready();
    world.dies(WEB, End::Signal(9));
    world.dies(WEB, End::Signal(9));
    world.fork_fails = true;
    let note = Some("listening on 127.0.0.1:8010 (api): Address already in use".to_owned());
    let (worker, generation) = (WEB, world.core.rows()[WEB].machine.generation() + 1);
    let now = Now { at: Moment::after_start(Duration::from_secs(1)), ms: 1000 };
    world.core.handle(Input::TimePassed, now);
    world.core.handle(Input::NotStarted { worker, generation, errno: 98, note }, now);
    assert_eq!(world.states()[WEB], Backoff);
    assert_eq!(
        world.core.status_line(),
        "degraded; web pauses: not started: Address already in use, listening on 127.0.0.1:8010 (api): Address already in use"
    );
}

#[test]
fn a_request_is_done_once_and_refused_while_stopping() {
    let mut world = World::all_ready();
    world.said.clear();
    for _ in 0..2 {
        let (generation, outputs) = world.core.restart("bot", "r", world.now()).unwrap();
        world.act(outputs);
        assert_eq!(generation, 1);
    }
    assert_eq!(world.signals(), [(BOT, Urge::Terminate)]);
    world.dies(BOT, End::Code(0));
    assert_eq!(world.states()[BOT], Starting);
    let nobody = world.core.restart("nobody", "r2", world.now()).err();
    assert_eq!(nobody, Some(Error::NoSuchWorker { worker: "nobody".into() }));
    world.tell(Input::StopRequested);
    assert_eq!(world.core.restart("bot", "r3", world.now()).err(), Some(Error::Stopping {}));
    assert_eq!(world.core.restart("bot", "r", world.now()).map(|(generation, _)| generation), Ok(1));
}

#[test]
fn a_kernel_that_makes_no_process_is_asked_again_later() {
    let mut world = World::all_ready();
    world.fork_fails = true;
    world.dies(BOT, End::Signal(9));
    assert_eq!(world.states()[BOT], Backoff);
    let row = &world.core.rows()[BOT];
    assert_eq!((row.pid, row.deaths.last().map(|death| death.end)), (None, Some(End::NotStarted(11))));
    assert_eq!(world.core.status_line(), "degraded; bot pauses: not started: Try again");
    world.fork_fails = false;
    world.passes(60_000);
    // Everybody else missed a watchdog meanwhile; only the bot is looked at.
    assert_eq!(world.states()[BOT], Starting);
}

#[test]
fn late_words_of_the_dead_are_nobodys() {
    let mut world = World::all_ready();
    let dead = world.pid(BOT).unwrap();
    world.dies(BOT, End::Signal(9));
    let message = crate::datagram::parse(b"READY=1\nSTATUS=late").unwrap();
    world.tell(Input::Notified { pid: dead, message });
    world.tell(Input::Died { pid: dead, end: End::Code(78), note: None, log: String::new() });
    assert_eq!(world.states()[BOT], Starting);
    assert_eq!(world.core.rows()[BOT].status, "");
    assert_eq!(world.core.worker_of(dead), None);
}

#[test]
fn the_record_tells_hung_and_asked_apart() {
    let mut world = World::all_ready();
    let timing = Timing::default();
    for _ in 0..3 {
        world.at_ms += u64::try_from(timing.watchdog.as_millis()).unwrap() / 2;
        for worker in [WRITER, PARSER, WEB] {
            world.says(worker, "WATCHDOG=1");
        }
        world.tell(Input::TimePassed);
    }
    assert_eq!(world.states(), [Ready, Ready, Stopping, Ready]);
    world.dies(BOT, End::Signal(6));
    let death = world.core.rows()[BOT].deaths.last().cloned().unwrap();
    assert!(death.hung && !death.asked);
    let (_, outputs) = world.core.restart("web", "r", world.now()).unwrap();
    world.act(outputs);
    world.dies(WEB, End::Code(0));
    let death = world.core.rows()[WEB].deaths.last().cloned().unwrap();
    assert!(death.asked && !death.hung);
    assert_eq!(death.ready_for, Some(timing.watchdog * 3 / 2));
}

#[path = "core_model.rs"]
mod model;
#[path = "core_stories.rs"]
mod stories;
