//! Workers that live and do not answer.

use std::time::{Duration, Instant};

use interfaces::supervisor::WorkerState;
use nix::sys::signal::Signal;

use crate::house::{HEALTHY, House};

#[test]
fn a_stopped_worker_is_noticed_within_its_watchdog_time_and_replaced() {
    let mut house = House::healthy();
    let hung = house.kill("bot", Signal::SIGSTOP);
    let began = Instant::now();
    let bot = house
        .wait("bot", "the successor is ready", |worker| worker.generation == 2 && worker.state == WorkerState::Ready);
    // Watchdog 2 s, 300 ms from SIGABRT (which a stopped process does not take) to SIGKILL.
    assert!(began.elapsed() > Duration::from_millis(1900), "{:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    let death = bot.last_death.unwrap();
    assert_eq!((death.pid, death.signal, death.hung), (hung, Some(9), true));
    assert_eq!(house.worker("writer").generation, 1);
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
