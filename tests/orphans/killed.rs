//! `kill -9` of the supervisor at random moments: while it starts, while it works, while it stops.

use std::time::{Duration, Instant};

use harness::{any_below, until_async};
use nix::sys::signal::Signal;

use crate::load::Load;
use crate::stage::{PATIENCE, Stage};
use crate::watch::Watch;

/// By then every worker must have gone, however busy the machine is. Usually it takes a few milliseconds.
const GONE: Duration = Duration::from_secs(10);
/// What is counted as slow.
const SLOW: Duration = Duration::from_millis(100);

/// What the supervisor was doing when it was killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Starting,
    Working,
    Stopping,
}

/// Lets a random part of such a time pass: what is tried is that any moment will do.
async fn any_moment_within(millis: usize) {
    tokio::time::sleep(Duration::from_micros(u64::try_from(any_below(millis * 1000)).unwrap())).await;
}

/// Waits until the service that was started has come to such a moment, and kills its supervisor.
async fn dies(stage: &mut Stage, load: &Load, moment: Moment) {
    match moment {
        Moment::Starting => any_moment_within(150).await,
        Moment::Working | Moment::Stopping => {
            stage.service.wait_ready().unwrap();
            let enough = load.progress() + any_below(5);
            let goes_on = async || (load.progress() >= enough).then_some(());
            until_async("puts go on", PATIENCE, goes_on).await.unwrap();
            any_moment_within(200).await;
        }
    }
    if matches!(moment, Moment::Stopping) {
        stage.service.signal(Signal::SIGTERM).unwrap();
        any_moment_within(60).await;
    }
    stage.service.signal(Signal::SIGKILL).unwrap();
}

/// Starts the next one: at once, or when all workers of the dead one have gone. Gives how long these outlived it.
async fn is_succeeded(stage: &mut Stage) -> Duration {
    let killed = Instant::now();
    stage.service.wait_ended().unwrap();
    let left = stage.service.processes();
    let at_once = any_below(2) == 0;
    if at_once {
        stage.service.spawn().unwrap();
    }
    // One that was being started has another name by now.
    let is_left = |pid: i32| left.iter().any(|(of_dead, _)| *of_dead == pid);
    let gone = async || {
        let goes_on = stage.service.processes().iter().any(|(pid, _)| !at_once || is_left(*pid));
        (!goes_on).then_some(())
    };
    let gone = until_async("no worker is left", PATIENCE, gone).await;
    gone.unwrap_or_else(|error| panic!("{error}: of {left:?} there are {:?}", stage.service.processes()));
    let took = killed.elapsed();
    if !at_once {
        stage.service.spawn().unwrap();
    }
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_killed_at_any_moment_leaves_no_orphan_no_second_poller_and_no_gap() {
    let kills = std::env::var("NATRIUM_KILLS").map_or(60, |number| number.parse().unwrap());
    let mut stage = Stage::set().await;
    stage.service.with_web().unwrap();
    stage.service.spawn().unwrap();
    let anna = stage.anna().await;
    let watch = Watch::begin(stage.service.runtime(), &stage.service.state());
    let load = Load::begin(&stage.service, anna);

    let (mut worst, mut slow) = (Duration::ZERO, 0);
    for kill in 0..kills {
        let moment = [Moment::Working, Moment::Starting, Moment::Working, Moment::Stopping][kill % 4];
        dies(&mut stage, &load, moment).await;
        let took = is_succeeded(&mut stage).await;
        assert!(took < GONE, "kill {kill}, {moment:?}: the workers lived on for {took:?}");
        worst = worst.max(took);
        slow += usize::from(took > SLOW);
    }
    stage.service.wait_ready().unwrap();
    let (puts, uploads) = load.end(&stage.service).await;
    let seen = watch.end();
    println!(
        "{kills} kills, {puts} puts, {uploads} uploads; workers gone after {worst:?} at worst, {slow} times after {SLOW:?}"
    );
    println!("{seen:?}");

    assert!(puts >= kills && uploads >= kills / 10, "it was not under load: {puts} puts, {uploads} uploads");
    assert_eq!(seen.writers_most, 1, "{seen:?}");
    let counters = stage.telegram.counters().await.unwrap();
    assert_eq!((counters.pollers_max, counters.conflicts), (1, 0), "{counters:?}");
    let refused = stage.telegram.calls(Some("getUpdates")).await.unwrap();
    assert!(refused.iter().all(|call| call.status != Some(409)), "a poll was answered with 409");
    stage.strike().await;
}
