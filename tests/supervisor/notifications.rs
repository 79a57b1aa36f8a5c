//! Hostile or broken notifications: none disturbs the others.

use std::time::{Duration, Instant};

use interfaces::supervisor::WorkerState;

use crate::house::{HEALTHY, House};

#[test]
fn only_the_kernel_says_who_speaks() {
    // The bot never says that it is ready; others say it for it.
    let mut house = House::new(HEALTHY, "ping 100\nsay STATUS=here\nserve");
    house.instance.spawn().unwrap();
    let bot = house.wait("bot", "the bot runs", |worker| worker.status == "here");
    house.notify(b"READY=1\nSTATUS=forged");
    house.notify(format!("READY=1\nMAINPID={}\nSTATUS=forged", bot.pid.unwrap()).as_bytes());
    // The answer to a later question comes after both were read.
    house.notify(b"STOPPING=1");
    house.wait("writer", "the writer is ready", |worker| worker.state == WorkerState::Ready);
    let after = house.worker("bot");
    assert_eq!((after.state, after.status.as_str()), (WorkerState::Starting, "here"));
    house.stop();
    assert!(house.instance.log().contains("its sender is no worker"), "{}", house.instance.log());
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

#[test]
fn a_flood_of_one_does_not_starve_the_other() {
    let mut house = House::new(HEALTHY, &format!("flood\n{HEALTHY}"));
    house.instance.start().unwrap();
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    // Longer than the watchdog of both.
    while began.elapsed() < Duration::from_secs(3) {
        let asked = Instant::now();
        let writer = house.worker("writer");
        slowest = slowest.max(asked.elapsed());
        assert_eq!((writer.generation, writer.state), (1, WorkerState::Ready));
    }
    assert_eq!(house.worker("bot").generation, 1);
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
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
