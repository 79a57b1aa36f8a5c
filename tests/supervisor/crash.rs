//! Workers and the supervisor die by any signal, at any moment: what is left works on.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use harness::until;
use interfaces::supervisor::WorkerState;
use nix::sys::signal::Signal;

use crate::house::{HEALTHY, House, PATIENCE, is_alive, state};

#[test]
fn a_killed_worker_has_a_successor_on_the_same_listener() {
    let mut house = House::healthy();
    for name in ["writer", "bot"] {
        let before = house.call(name);
        // While it is stopped nobody accepts: this caller waits in the backlog, over the crash.
        let stopped = house.kill(name, Signal::SIGSTOP);
        until("it is stopped", PATIENCE, || (state(stopped) == Some('T')).then_some(())).unwrap();
        let mut waiting = house.connect(name);
        house.kill(name, Signal::SIGKILL);
        let mut answer = String::new();
        waiting.read_to_string(&mut answer).unwrap();
        let after: i32 = answer.trim().parse().unwrap();
        assert_ne!(before, after);

        let worker = house.wait(name, "the successor is ready", |worker| worker.state == WorkerState::Ready);
        assert_eq!((worker.pid, worker.generation, worker.restarts), (Some(after), 2, 1));
        let death = worker.last_death.unwrap();
        assert_eq!((death.pid, death.signal, death.code, death.hung), (before, Some(9), None, false));
    }
    house.stop();
}

#[test]
fn a_killed_supervisor_takes_its_workers_with_it_and_the_next_start_just_works() {
    let mut house = House::healthy();
    let workers = [house.worker("writer").pid.unwrap(), house.worker("bot").pid.unwrap()];
    house.instance.signal(Signal::SIGKILL).unwrap();
    let died = Instant::now();
    until("the workers are gone", PATIENCE, || (!workers.iter().any(|pid| is_alive(*pid))).then_some(())).unwrap();
    // Usually a few milliseconds; a busy machine needs more.
    assert!(died.elapsed() < Duration::from_secs(10), "{:?}", died.elapsed());
    house.instance.wait_ended().unwrap();
    assert!(house.instance.runtime().join("writer.sock").exists(), "nobody cleaned up");

    house.instance.start().unwrap();
    assert_ne!(house.call("writer"), workers[0]);
    house.stop();
}

#[test]
fn a_worker_that_dies_at_once_is_throttled_and_recovers() {
    let mut house = House::new(HEALTHY, "exit 3");
    let journal = house.journal();
    house.does("bot", &format!("append {}\nexit 3", journal.display()));
    house.instance.spawn().unwrap();
    let bot = house.wait("bot", "three generations", |worker| worker.generation == 3);
    let starts: Vec<u64> = until("three lines", PATIENCE, || Some(house.lines()).filter(|lines| lines.len() >= 3))
        .unwrap()
        .into_iter()
        .map(|(_, at)| at)
        .collect();
    // The first restart is immediate; the next waits half a second, since it never was ready.
    assert!(starts[1] - starts[0] < starts[2] - starts[1], "{starts:?}");
    assert!(starts[2] - starts[1] >= 500_000, "{starts:?}");
    assert_eq!(bot.last_death.unwrap().code, Some(3));
    house.wait("bot", "the pause", |worker| worker.state == WorkerState::Backoff);
    assert_eq!(house.worker("writer").generation, 1, "the other is not disturbed");

    // An operator need not wait.
    house.does("bot", HEALTHY);
    let call = interfaces::supervisor::Restart { worker: "bot".into(), request_id: "r1".into() };
    let generation = house.block_on(house.instance.supervisor().restart(&call)).unwrap().generation;
    house.instance.wait_ready().unwrap();
    assert_eq!(house.worker("bot").generation, generation + 1);
    let again = house.block_on(house.instance.supervisor().restart(&call)).unwrap().generation;
    assert_eq!(again, generation, "asked twice, done once");
    assert_eq!(house.worker("bot").generation, generation + 1);
    house.stop();
}

#[test]
fn a_program_that_is_missing_is_named() {
    let mut house = House::new(HEALTHY, HEALTHY);
    std::fs::remove_file(house.program("bot")).unwrap();
    house.instance.spawn().unwrap();
    let bot = house.wait("bot", "the pause", |worker| worker.state == WorkerState::Backoff);
    assert_eq!(bot.status, "natrium-bot: running its program: No such file or directory");
    house.stop();
}

#[test]
fn what_a_dead_worker_left_behind_is_killed() {
    let mut house = House::new(&format!("fork\n{HEALTHY}"), HEALTHY);
    house.instance.start().unwrap();
    let sleepers = |house: &House| {
        let ours = house.instance.processes().into_iter().filter(|(_, name)| name == "sleep");
        ours.map(|(pid, _)| pid).collect::<Vec<_>>()
    };
    let before = until("it left a process behind", PATIENCE, || sleepers(&house).first().copied()).unwrap();
    house.kill("writer", Signal::SIGKILL);
    house.wait("writer", "the successor is ready", |worker| {
        worker.generation == 2 && worker.state == WorkerState::Ready
    });
    until("it is gone", PATIENCE, || (!sleepers(&house).contains(&before)).then_some(())).unwrap();
    house.stop();
}

#[test]
fn bad_configuration_of_a_worker_ends_the_service_with_its_reason() {
    let bot = "say STATUS=Telegram refused the token (401)\nexit 78";
    let mut house = House::new(HEALTHY, bot);
    house.instance.spawn().unwrap();
    let status = house.instance.wait_ended().unwrap();
    assert_eq!(status.code(), Some(78));
    let log = house.instance.log();
    let sentence = "natrium-bot cannot work with this configuration: Telegram refused the token (401)";
    assert!(log.contains(sentence), "{log}");
    house.is_clean();
}

#[test]
fn watchers_see_every_change() {
    let mut house = House::healthy();
    let supervisor = house.instance.supervisor();
    let pid = house.worker("bot").pid.unwrap();
    let seen = house.block_on(async {
        use futures_util::StreamExt;
        let changes = supervisor.watch(&interfaces::supervisor::Watch {}).await.unwrap();
        let mut changes = std::pin::pin!(changes);
        let mut seen = Vec::new();
        while seen.len() < 4 {
            let worker = changes.next().await.unwrap().unwrap().worker;
            seen.push((worker.name, worker.state, worker.generation));
            if seen.len() == 2 {
                nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), Signal::SIGKILL).unwrap();
            }
        }
        seen
    });
    let expected = [
        ("writer", WorkerState::Ready, 1),
        ("bot", WorkerState::Ready, 1),
        ("bot", WorkerState::Starting, 2),
        ("bot", WorkerState::Ready, 2),
    ];
    assert_eq!(seen, expected.map(|(name, state, generation)| (name.to_owned(), state, generation)));
    house.stop();
}

#[test]
fn a_half_spoken_call_to_the_supervisor_disturbs_nobody() {
    let mut house = House::healthy();
    let mut silent = house.connect("supervisor");
    silent.write_all(b"{\"method\":\"io.natr").unwrap();
    house.kill("writer", Signal::SIGKILL);
    house.wait("writer", "the successor is ready", |worker| {
        worker.generation == 2 && worker.state == WorkerState::Ready
    });
    house.stop();
}
