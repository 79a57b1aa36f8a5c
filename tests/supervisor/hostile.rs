//! Workers that break their word, and what they leave behind: the others are not disturbed, and a successor comes.

use std::fs;
use std::io::Read;

use harness::until;
use interfaces::supervisor::WorkerState;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::house::{HEALTHY, House, PATIENCE, is_alive, state};

/// The processes that the kernel calls children of `pid`, zombies among them.
fn children(pid: i32) -> Vec<i32> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    text.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

fn open_descriptors(pid: i32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

/// The processes of this instance that bear this name.
fn named(house: &House, name: &str) -> Vec<i32> {
    house.instance.processes().into_iter().filter(|(_, known)| known == name).map(|(pid, _)| pid).collect()
}

#[test]
fn a_worker_that_falls_silent_once_it_is_ready_is_ended_by_its_watchdog() {
    let mut house = House::new(HEALTHY, "say READY=1\\nSTATUS=that was all\nserve");
    house.instance.start().unwrap();
    house.does("bot", HEALTHY);
    let death = house.ready("bot", 2).last_death.unwrap();
    assert_eq!((death.hung, death.signal, death.status.as_str()), (true, Some(6), "that was all"));
    assert_eq!(house.worker("writer").generation, 1);
    house.stop();
}

#[test]
fn callers_of_a_worker_that_closed_its_listener_wait_for_its_successor() {
    let mut house = House::new(HEALTHY, "close\nping 100\nsay READY=1\nidle");
    house.instance.start().unwrap();
    // The supervisor's own copy keeps the socket listening: nobody is refused.
    let mut waiting = house.connect("bot");
    house.does("bot", HEALTHY);
    house.restart("bot", "r1");
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert_eq!(Some(answer.trim().parse().unwrap()), house.ready("bot", 2).pid);
    house.stop();
}

#[test]
fn what_a_workers_children_say_is_not_said_by_it_and_they_die_with_it() {
    let mut house = House::new(HEALTHY, "child talker\nping 100\nsay STATUS=mine\nserve");
    house.companion("talker", "say READY=1\\nSTATUS=forged\\nX_NATRIUM_SANDBOX=forged\nflood\nping 100\nidle");
    house.instance.spawn().unwrap();
    let bot = house.wait("bot", "the bot runs", |worker| worker.status == "mine");
    let talker = until("its child lives", PATIENCE, || named(&house, "natrium-talker").first().copied()).unwrap();
    until("its child was heard", PATIENCE, || house.instance.log().contains("its sender is no worker").then_some(()))
        .unwrap();
    // Everything is read before anybody is reaped: what the child said first was read before this.
    house.kill("writer", Signal::SIGKILL);
    house.ready("writer", 2);
    let after = house.worker("bot");
    assert_eq!((after.state, after.generation), (WorkerState::Starting, 1));
    assert_eq!((after.status.as_str(), after.sandbox.as_str()), ("mine", ""));

    house.does("bot", HEALTHY);
    kill(Pid::from_raw(bot.pid.unwrap()), Signal::SIGKILL).unwrap();
    house.ready("bot", 2);
    until("its child is gone", PATIENCE, || (!is_alive(talker)).then_some(())).unwrap();
    house.stop();
}

/// A process that left the group and the session of its worker is nobody's child any more: it lives until the unit's control
/// group is ended. Until then it can neither speak for the worker nor keep anybody waiting, though it holds what it inherited.
#[test]
fn a_daemon_that_a_worker_left_behind_does_not_disturb_its_successor() {
    let mut house = House::new(HEALTHY, &format!("daemon ghost\n{HEALTHY}"));
    house.companion("ghost", "flood\nidle");
    house.instance.start().unwrap();
    let ghost = until("the daemon lives", PATIENCE, || named(&house, "natrium-ghost").first().copied()).unwrap();
    let errors = fs::read_link(format!("/proc/{ghost}/fd/2")).unwrap();
    assert!(errors.ends_with("log"), "it holds the standard error that all share: {}", errors.display());

    house.does("bot", HEALTHY);
    house.kill("bot", Signal::SIGKILL);
    let successor = house.ready("bot", 2);
    assert!(is_alive(ghost));
    assert_eq!(Some(house.call("bot")), successor.pid);
    // Everything is read before anybody is reaped: what the daemon said first was read before this.
    house.kill("writer", Signal::SIGKILL);
    house.ready("writer", 2);
    let bot = house.worker("bot");
    assert_eq!((bot.state, bot.generation, bot.status.as_str()), (WorkerState::Ready, 2, ""));
    assert!(house.instance.log().contains("its sender is no worker"), "{}", house.instance.log());

    let status = house.instance.stop().unwrap();
    assert_eq!(status.code(), Some(0), "the stop does not wait for it: {}", house.instance.log());
    assert!(is_alive(ghost));
    kill(Pid::from_raw(ghost), Signal::SIGKILL).unwrap();
    house.is_clean();
}

#[test]
fn fifty_workers_that_die_at_once_leak_nothing_and_disturb_nobody() {
    let mut house = House::healthy();
    let natriumd = house.instance.pid().unwrap();
    house.status();
    let before = (open_descriptors(natriumd), children(natriumd).len());
    house.does("bot", "exit 3");
    house.kill("bot", Signal::SIGKILL);
    for round in 0..50 {
        // Its pause grows; an operator who does not wait makes it die at once again.
        let bot = house.wait("bot", "the pause", |worker| worker.state == WorkerState::Backoff);
        assert_eq!(bot.last_death.unwrap().code, Some(3));
        house.restart("bot", &format!("round {round}"));
    }
    let bot = house.wait("bot", "the pause", |worker| worker.state == WorkerState::Backoff);
    assert!(bot.restarts >= 51, "{bot:?}");
    house.does("bot", HEALTHY);
    house.restart("bot", "in good health");
    house.wait("bot", "the successor is ready", |worker| worker.state == WorkerState::Ready);
    assert_eq!(house.worker("writer").generation, 1);
    let settled = until("no more descriptors and children than before", PATIENCE, || {
        let (descriptors, children) = (open_descriptors(natriumd), children(natriumd).len());
        (descriptors <= before.0 && children == before.1).then_some(())
    });
    settled.unwrap_or_else(|error| panic!("{error}: {before:?}, {:?}", children(natriumd)));
    house.stop();
}

#[test]
fn a_worker_that_was_taken_over_cannot_signal_the_supervisor_nor_its_siblings() {
    let mut house = House::new(HEALTHY, HEALTHY);
    house.plays("bot", "examples/intruder");
    house.instance.start().unwrap();
    let status = house.status();
    let tried = &status.workers[1].status;
    for attempt in ["signal-supervisor=refused", "signal-siblings=refused"] {
        assert!(tried.contains(attempt), "{tried}");
    }
    let writer = &status.workers[0];
    assert_eq!((writer.generation, writer.state), (1, WorkerState::Ready));
    assert_ne!(state(writer.pid.unwrap()), Some('T'));
    house.stop();
}

#[test]
fn ready_said_again_changes_nothing() {
    let again = "say READY=1\n".repeat(20);
    let mut house = House::new(HEALTHY, &format!("ping 100\n{again}say STATUS=said it all\nserve"));
    house.instance.start().unwrap();
    let bot = house.wait("bot", "all was heard", |worker| worker.status == "said it all");
    assert_eq!((bot.generation, bot.state), (1, WorkerState::Ready));
    assert_eq!(house.instance.log().matches("bot: starting → ready").count(), 1, "{}", house.instance.log());
    house.stop();
}

#[test]
fn a_worker_that_says_it_stops_and_lives_on_is_killed_and_replaced() {
    let mut house = House::new(HEALTHY, "ping 100\nsay READY=1\nsay STOPPING=1\nsay EXTEND_TIMEOUT_USEC=1000\nserve");
    house.instance.spawn().unwrap();
    house.wait("bot", "it says that it stops", |worker| worker.state == WorkerState::Stopping);
    house.does("bot", HEALTHY);
    let death = house.ready("bot", 2).last_death.unwrap();
    assert_eq!((death.signal, death.hung), (Some(9), false));
    assert_eq!(house.worker("writer").generation, 1);
    house.stop();
}
