//! Workers that live and do not answer.

use std::io::Write;
use std::time::{Duration, Instant};

use interfaces::configs::Kinds;
use interfaces::supervisor::{Worker, WorkerState};
use nix::sys::signal::Signal;

use crate::house::{HEALTHY, House};

/// The watchdog's time, and a sign of life that may have come just before; far less than it takes to give up waiting.
const NOTICED: std::ops::Range<Duration> = Duration::from_millis(900)..Duration::from_secs(8);

/// Waits until `hung` was replaced, and calls the other worker all the time. Answers the hung one's successor.
fn replaced(house: &House, hung: &str, other: &str) -> Worker {
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    while house.worker(hung).generation == 1 {
        let asked = Instant::now();
        house.call(other);
        slowest = slowest.max(asked.elapsed());
        assert!(began.elapsed() < NOTICED.end, "not noticed: {:?}\n{}", house.worker(hung), house.instance.log());
    }
    assert!(began.elapsed() > NOTICED.start, "{:?}", began.elapsed());
    assert!(slowest < Duration::from_secs(5), "the {other}'s callers waited {slowest:?}");
    assert_eq!(house.worker(other).generation, 1);
    house.ready(hung, 2)
}

#[test]
fn a_stopped_worker_is_noticed_within_its_watchdog_time_and_replaced() {
    let mut house = House::healthy();
    let hung = house.kill("bot", Signal::SIGSTOP);
    let death = replaced(&house, "bot", "writer").last_death.unwrap();
    // A stopped process does not take SIGABRT.
    assert_eq!((death.pid, death.signal, death.hung), (hung, Some(9), true));
    house.stop();
}

#[test]
fn a_supervisor_that_was_stopped_for_longer_does_not_take_the_workers_for_hung() {
    // The bot fills the queue of notifications, so that the writer, a real worker, finds no room in it.
    let mut house = House::new(HEALTHY, "ping 5\nsay READY=1\nserve");
    house.plays("writer", "examples/spinner");
    house.instance.start().unwrap();
    house.instance.signal(Signal::SIGSTOP).unwrap();
    // The time of the watchdog has to pass, and half of it more.
    std::thread::sleep(Duration::from_secs(3));
    house.instance.signal(Signal::SIGCONT).unwrap();
    // They are judged again all the same, as who hangs will find out.
    house.kill("bot", Signal::SIGSTOP);
    house.wait("bot", "who hangs is replaced", |worker| worker.generation == 2);
    assert_eq!(house.worker("writer").generation, 1, "{}", house.instance.log());
    assert!(house.worker("bot").last_death.unwrap().hung);
    house.stop();
}

#[test]
fn a_main_loop_that_spins_is_noticed_within_its_watchdog_time_and_replaced() {
    let mut house = House::new(HEALTHY, "say READY=1\nbusy 1000");
    house.instance.start().unwrap();
    house.does("bot", HEALTHY);
    let death = replaced(&house, "bot", "writer").last_death.unwrap();
    assert_eq!((death.signal, death.hung), (Some(6), true));
    // It pinged for a second: only after that the watchdog's two begin.
    assert!(death.uptime_ms > 2500, "{death:?}");
    house.stop();
}

#[test]
fn a_handler_that_spins_is_noticed_within_its_watchdog_time_and_replaced() {
    let mut house = House::new(HEALTHY, HEALTHY);
    house.plays("writer", "examples/spinner");
    house.instance.start().unwrap();
    // Not through a client of ours: that would ask its successor again, which is right and here is not wanted.
    let mut caller = house.connect("writer");
    caller
        .write_all(b"{\"method\":\"io.natrium.Configs.Get\",\"parameters\":{\"kind\":\"fees\",\"version\":null}}\0")
        .unwrap();
    let death = replaced(&house, "writer", "bot").last_death.unwrap();
    assert_eq!((death.signal, death.hung, death.status.as_str()), (Some(6), true, "serving"));
    assert!(house.instance.log().contains("cause=\"it missed its watchdog\""), "{}", house.instance.log());
    house.block_on(house.instance.configs().kinds(&Kinds {})).unwrap();
    house.stop();
}

#[test]
fn a_hung_worker_that_ignores_the_abort_is_killed() {
    let mut house = House::new(HEALTHY, "stubborn\nsay READY=1\nbusy 200");
    house.instance.start().unwrap();
    let hung = house.worker("bot").pid.unwrap();
    house.does("bot", HEALTHY);
    let death = replaced(&house, "bot", "writer").last_death.unwrap();
    assert_eq!((death.pid, death.signal, death.hung), (hung, Some(9), true));
    house.stop();
}

#[test]
fn a_worker_that_says_it_hangs_is_aborted() {
    let mut house = House::healthy();
    house.does("bot", &format!("{HEALTHY}\n"));
    house.does("writer", "ping 100\nsay READY=1\nsay WATCHDOG=trigger\nserve");
    house.kill("writer", Signal::SIGKILL);
    let writer = house
        .wait("writer", "the record says hung", |worker| worker.last_death.as_ref().is_some_and(|death| death.hung));
    assert_eq!(writer.last_death.unwrap().signal, Some(6));
    house.does("writer", HEALTHY);
    house.wait("writer", "a healthy successor", |worker| worker.state == WorkerState::Ready);
    house.stop();
}

#[test]
fn a_worker_that_is_never_ready_is_not_waited_for_for_ever() {
    let mut house = House::new("ping 100\nserve", HEALTHY);
    house.instance.environment.push(("NATRIUM_TIMING".into(), "start=300ms,abort=300ms".into()));
    house.instance.spawn().unwrap();
    let writer = house.wait("writer", "the record says hung", |worker| worker.last_death.is_some());
    let death = writer.last_death.unwrap();
    assert_eq!((death.hung, death.signal), (true, Some(6)));
    house.stop();
}
