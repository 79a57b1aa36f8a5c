//! Hostile or broken notifications: none disturbs the others.

use std::time::{Duration, Instant};

use interfaces::supervisor::WorkerState;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::house::{HEALTHY, House, PATIENCE};

#[test]
fn only_the_kernel_says_who_speaks() {
    // The bot never says that it is ready; others say it for it.
    let mut house = House::new(HEALTHY, "ping 100\nsay STATUS=here\nserve");
    house.instance.spawn().unwrap();
    let bot = house.wait("bot", "the bot runs", |worker| worker.status == "here");
    let way = house.way_of("bot");
    way.send(b"READY=1\nSTATUS=forged").unwrap();
    way.send(format!("READY=1\nMAINPID={}\nSTATUS=forged", bot.pid.unwrap()).as_bytes()).unwrap();
    way.send(b"STOPPING=1").unwrap();
    // Everything is read before anybody is reaped: when this is known, all of the above was read.
    house.kill("writer", Signal::SIGKILL);
    house.ready("writer", 2);
    let after = house.worker("bot");
    assert_eq!((after.state, after.generation, after.status.as_str()), (WorkerState::Starting, 1, "here"));
    house.stop();
    assert!(house.instance.log().contains("its sender is no worker"), "{}", house.instance.log());
}

#[test]
fn what_a_worker_says_on_anothers_socket_is_nobodys_word() {
    let mut house = House::new(HEALTHY, "ping 100\nsay STATUS=here\nas writer STATUS=forged\nsay READY=1\nserve");
    house.instance.start().unwrap();
    house.kill("writer", Signal::SIGKILL);
    let death = house.ready("writer", 2).last_death.unwrap();
    assert_eq!((death.status.as_str(), house.worker("bot").status.as_str()), ("", "here"));
    house.stop();
    assert!(house.instance.log().contains("its sender is another worker"), "{}", house.instance.log());
}

#[test]
fn what_cannot_be_read_is_dropped_with_a_warning() {
    let mut house = House::new("send 5000\ngarble\nsay \nping 100\nsay STATUS=fine\nsay READY=1\nserve", HEALTHY);
    house.instance.start().unwrap();
    assert_eq!(house.worker("writer").status, "fine");
    assert_eq!(house.worker("writer").generation, 1);
    house.stop();
    let log = house.instance.log();
    assert!(log.contains("dropped a notification: it is longer than 4096 bytes"), "{log}");
    assert_eq!(log.matches("dropped a notification").count(), 1, "the second complaint is kept back: {log}");
}

/// How many of its statuses a flooding worker has got rid of.
fn flooded(house: &House) -> u64 {
    let bot = house.wait("bot", "the flood", |worker| worker.status.starts_with("flood "));
    assert_eq!(bot.generation, 1);
    bot.status["flood ".len()..].parse().unwrap()
}

#[test]
fn a_flood_of_one_costs_the_others_nothing() {
    // An unoptimized supervisor reads slower, and nobody can send more than is read.
    let enough = if cfg!(debug_assertions) { 3_000 } else { 40_000 };
    let mut house = House::new(HEALTHY, &HEALTHY.replace("serve", "flood\nserve"));
    house.instance.start().unwrap();
    let natriumd = house.instance.pid().unwrap();
    let (first, memory) = (flooded(&house), harness::memory(natriumd).unwrap());
    let (began, mut slowest, mut sent) = (Instant::now(), Duration::ZERO, 0);
    house.kill("writer", Signal::SIGKILL);
    house.ready("writer", 2);
    let restarted = began.elapsed();
    // Longer than the watchdog of both.
    while began.elapsed() < Duration::from_secs(4) || sent < enough && began.elapsed() < PATIENCE {
        let asked = Instant::now();
        let writer = house.worker("writer");
        slowest = slowest.max(asked.elapsed());
        assert_eq!((writer.generation, writer.state), (2, WorkerState::Ready));
        sent = flooded(&house) - first;
    }
    let grown = harness::memory(natriumd).unwrap().saturating_sub(memory);
    let told = format!(
        "{sent} in {:?}; restarted in {restarted:?}, answered in {slowest:?} at most, grown by {grown} bytes",
        began.elapsed()
    );
    assert!(sent >= enough, "no flood: {told}");
    assert!(restarted < Duration::from_secs(10) && slowest < Duration::from_secs(5), "{told}");
    assert!(grown < 2 << 20, "{told}");
    house.stop();
}

/// Whatever one worker has filled, the others have room.
#[test]
fn a_full_queue_of_one_leaves_the_others_theirs() {
    let mut house = House::healthy();
    let (full, other) = (house.way_of("bot"), house.way_of("writer"));
    // Nobody reads now, so that what is full stays full.
    let natriumd = Pid::from_raw(house.instance.pid().unwrap());
    kill(natriumd, Signal::SIGSTOP).unwrap();
    while full.send(b"STATUS=flood").is_ok() {}
    let sent = other.send(b"STATUS=x");
    kill(natriumd, Signal::SIGCONT).unwrap();
    assert!(sent.is_ok(), "{sent:?}");
    house.stop();
}

/// A real worker never waits for room in its queue, as others do who stand in line for it. This one has no store, so that nothing
/// else keeps it from its word. A flood of 64 silences it where both share a queue, but takes the whole machine for itself, too.
#[test]
fn a_real_worker_gets_its_word_in_through_a_flood() {
    let mut house = House::new(HEALTHY, &HEALTHY.replace("serve", "push 16\nserve"));
    house.instance.environment.push(("NATRIUM_TIMING".into(), "watchdog=4s,start=20s,stop=2s,total=8s".into()));
    house.plays("writer", "examples/spinner");
    house.instance.start().unwrap();
    for generation in 1..=2 {
        house.ready("writer", generation);
        let (first, began) = (flooded(&house), Instant::now());
        // Longer than its watchdog's time.
        while began.elapsed() < Duration::from_secs(5) {
            let writer = house.worker("writer");
            assert_eq!((writer.generation, writer.state), (generation, WorkerState::Ready), "{}", house.instance.log());
        }
        assert!(flooded(&house) > first, "no flood");
        house.kill("writer", Signal::SIGKILL);
    }
    house.ready("writer", 3);
    house.stop();
}

#[test]
fn the_last_words_of_a_worker_are_heard() {
    let mut house = House::healthy();
    for round in 1..20 {
        // It speaks and dies in the same breath.
        let said = format!("round {round}");
        house.does("bot", &format!("say STATUS={said}\nexit 1"));
        let call = interfaces::supervisor::Restart { worker: "bot".into(), request_id: said.clone() };
        house.block_on(house.instance.supervisor().restart(&call)).unwrap();
        house.wait("bot", &said, |worker| worker.last_death.as_ref().is_some_and(|death| death.status == said));
    }
    house.stop();
}
