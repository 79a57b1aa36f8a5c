//! The supervisor dies while it makes a process: the child of the fork, which has no program of its own yet, dies too.
//!
//! The moments last microseconds. strace, attached to a `natriumd` that runs already, holds the child at the entry of a
//! system call, and lets it go after a delay, alive or dead. It is neither its parent nor its end: that is in its report.

use std::fs;

use harness::{Tracer, until};
use nix::libc;
use nix::sys::signal::Signal;

use crate::house::{HEALTHY, House, PATIENCE, is_alive};

/// How long a child is held, in microseconds: enough to kill its parent meanwhile.
const HELD_US: u32 = 3_000_000;

/// Attaches strace to `natriumd`, to hold each new child of its at `call`. `None`: that cannot be done here, which has been told.
fn holds(house: &House, call: &str) -> Option<Tracer> {
    let inject = format!("inject={call}:delay_enter={HELD_US}");
    let arguments = ["-e", "trace=execve,prctl,getppid", "-e", &inject];
    Tracer::attach(house.instance.pid().unwrap(), &arguments, &report(house)).unwrap()
}

fn report(house: &House) -> std::path::PathBuf {
    house.instance.path().join("strace")
}

/// The child that is held at this system call.
fn held_at(house: &House, call: i64) -> Option<i32> {
    let supervisor = house.instance.pid().unwrap();
    house.instance.processes().into_iter().map(|(pid, _)| pid).find(|pid| {
        let now = fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap_or_default();
        *pid != supervisor && now.split(' ').next() == Some(&call.to_string())
    })
}

/// Kills `natriumd` while the writer's successor is held at `call`. Answers how that one ended, in strace's words.
fn killed_while_the_child_is_at(call: &str, number: i64) -> Option<String> {
    let mut house = House::new(HEALTHY, HEALTHY);
    let ran = house.journal();
    house.instance.start().unwrap();
    house.does("writer", &format!("append {}\n{HEALTHY}", ran.display()));
    let tracer = holds(&house, call)?;
    house.kill("writer", Signal::SIGKILL);
    let child = until("the successor is held", PATIENCE, || held_at(&house, number)).unwrap();
    house.instance.signal(Signal::SIGKILL).unwrap();
    house.instance.wait_ended().unwrap();
    until("the child is gone", PATIENCE, || (!is_alive(child)).then_some(())).unwrap();
    let end = until("strace reports its end", PATIENCE, || {
        let text = fs::read_to_string(report(&house)).unwrap_or_default();
        let mine = |line: &&str| line.starts_with(&child.to_string()) && line.contains("+++");
        text.lines().find(mine).map(|line| line.split("+++").nth(1).unwrap_or(line).trim().to_owned())
    });
    assert!(!ran.exists(), "its program ran");
    drop(tracer);
    // Nobody has to clean up: not even the lock, of which the child had a copy.
    house.instance.start().unwrap();
    assert_eq!(house.status().pid, house.instance.pid().unwrap());
    house.stop();
    Some(end.unwrap())
}

#[test]
fn a_child_that_was_forked_and_has_not_asked_for_the_signal_ends_itself() {
    let end = killed_while_the_child_is_at("prctl", libc::SYS_prctl);
    assert!(end.as_deref().is_none_or(|end| end == "exited with 127"), "{end:?}");
}

#[test]
fn a_child_that_is_about_to_run_its_program_is_killed_by_the_kernel() {
    let end = killed_while_the_child_is_at("execve", libc::SYS_execve);
    assert!(end.as_deref().is_none_or(|end| end == "killed by SIGKILL"), "{end:?}");
}
