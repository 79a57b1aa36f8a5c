//! Processes, descriptors or memory run out: it is told and survived, and when there is enough again all works by itself.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use harness::{ControlGroup, until};
use interfaces::supervisor::{Status, StatusReply, WorkerState};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::house::{HEALTHY, House, PATIENCE};

/// Sets a limit of a process that runs: `--nofile=30:`.
fn limit(pid: i32, limit: &str) {
    assert!(Command::new("prlimit").arg(format!("--pid={pid}")).arg(limit).status().unwrap().success());
}

/// How long a process has been on a processor.
fn processor_time(pid: i32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

/// Waits until so many starts were refused. It looks at the log only: who asks the supervisor keeps it busy.
fn refused(house: &House, why: &str, times: usize) {
    let why = format!("cause=\"not started: {why}\"");
    let found = until(&why, PATIENCE, || (house.instance.log().matches(&why).count() >= times).then_some(()));
    found.unwrap_or_else(|error| panic!("{error}\n{}", house.instance.log()));
}

/// Both workers stand as they should while the bot cannot be started.
fn assert_told(status: &StatusReply, refusal: Errno) {
    let [writer, bot] = status.workers.as_slice() else { panic!("{status:?}") };
    assert_eq!((writer.generation, writer.state), (1, WorkerState::Ready));
    assert_eq!((bot.state, bot.pid), (WorkerState::Backoff, None));
    let death = bot.last_death.as_ref().unwrap();
    assert_eq!((death.errno, death.pid), (Some(refusal as i32), 0));
    let told = format!("degraded; bot pauses: not started: {}", refusal.desc());
    assert!(status.status.starts_with(&told), "{}", status.status);
}

#[test]
fn where_no_process_can_be_made_it_is_told_and_tried_again() {
    let mut house = House::healthy();
    let Some(group) = ControlGroup::of_processes(1).unwrap() else { return };
    group.add(house.instance.pid().unwrap()).unwrap();
    house.kill("bot", Signal::SIGKILL);
    refused(&house, "Try again", 2);
    assert_told(&house.status(), Errno::EAGAIN);
    let screen = house.screen();
    assert!(screen.contains("last death: not started: Resource temporarily unavailable"), "{screen}");
    house.call("writer");

    group.lift().unwrap();
    house.wait("bot", "it is started by itself", |worker| worker.state == WorkerState::Ready);
    house.call("bot");
    house.stop();
}

#[test]
fn where_descriptors_run_out_the_supervisor_rests_and_recovers() {
    let mut house = House::healthy();
    let (natriumd, bot) = (house.instance.pid().unwrap(), house.worker("bot").pid.unwrap());
    // One who has come before, and is still served.
    let guest = house.instance.supervisor();
    house.block_on(guest.status(&Status {})).unwrap();
    let open = fs::read_dir(format!("/proc/{natriumd}/fd")).unwrap().count();
    limit(natriumd, &format!("--nofile={}:", open + 12));
    let crowd: Vec<_> = (0..60).map(|_| house.connect("supervisor")).collect();
    until("it says so", PATIENCE, || house.instance.log().contains("cannot accept connections for now").then_some(()))
        .unwrap();

    let (began, before) = (Instant::now(), processor_time(natriumd));
    kill(Pid::from_raw(bot), Signal::SIGKILL).unwrap();
    refused(&house, "Too many open files", 3);
    let (passed, used) = (began.elapsed(), processor_time(natriumd) - before);
    assert!(passed > Duration::from_secs(1) && used < passed / 16, "{used:?} of {passed:?}");
    assert_told(&house.block_on(guest.status(&Status {})).unwrap(), Errno::EMFILE);
    house.call("writer");

    // The limit stays; whoever was too many goes.
    drop(crowd);
    house.wait("bot", "it is started by itself", |worker| worker.state == WorkerState::Ready);
    assert!(house.instance.log().contains("connections are accepted again"), "{}", house.instance.log());
    house.stop();
}

#[test]
fn a_worker_that_the_kernel_kills_for_its_memory_has_a_successor() {
    let mut house = House::new(HEALTHY, "ping 100\nsay READY=1\neat");
    house.instance.start().unwrap();
    let Some(group) = ControlGroup::of_memory(32 << 20).unwrap() else { return };
    let eater = house.worker("bot").pid.unwrap();
    group.add(eater).unwrap();
    house.does("bot", HEALTHY);
    let _caller = house.connect("bot");
    replaced(&mut house, eater, Signal::SIGKILL);
}

#[test]
fn a_worker_that_gets_no_more_memory_has_a_successor() {
    let mut house = House::new(HEALTHY, "ping 100\nsay READY=1\neat");
    house.instance.start().unwrap();
    let eater = house.worker("bot").pid.unwrap();
    limit(eater, "--as=100000000:");
    house.does("bot", HEALTHY);
    let _caller = house.connect("bot");
    replaced(&mut house, eater, Signal::SIGABRT);
}

/// The bot was ended by this signal, an operator sees it, and everything works.
fn replaced(house: &mut House, eater: i32, by: Signal) {
    let death = house.ready("bot", 2).last_death.unwrap();
    assert_eq!((death.pid, death.signal, death.hung), (eater, Some(by as i32), false));
    let (screen, told) = (house.screen(), format!("last death: process {eater} killed by {by}"));
    assert!(screen.contains(&told), "{screen}");
    assert_eq!(house.worker("writer").generation, 1);
    house.call("bot");
    house.stop();
}
