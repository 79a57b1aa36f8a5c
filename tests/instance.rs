//! The lock on the PID file, with many who want it and die: never two own the instance.
//!
//! `NATRIUM_ACQUISITIONS` says how often the lock is to be won in all (200,000 if it is not set).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "instance/contest.rs"]
mod contest;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Instant;

use harness::any_below;

use crate::contest::Contest;

/// How often an unlinked file may be won before two owners must have been seen. Four contenders on two processors need a few
/// hundred.
const SOON: u64 = 100_000;

#[test]
fn never_do_two_own_the_instance_however_many_contend_and_are_killed() {
    let enough = std::env::var("NATRIUM_ACQUISITIONS").map_or(200_000, |number| number.parse().unwrap());
    let began = Instant::now();
    let mut contest = Contest::begin("keep");
    contest.go_on(1);
    let inode = fs::metadata(contest.pid_file()).unwrap().ino();
    let (mut kills, mut owners_killed) = (0, 0);
    while contest.count().won < enough {
        contest.go_on(u64::try_from(any_below(600)).unwrap());
        owners_killed += u32::from(contest.kill_any());
        kills += 1;
        assert_eq!(fs::metadata(contest.pid_file()).unwrap().ino(), inode, "the file is another one");
        let count = contest.count();
        assert_eq!((count.two_owners, count.wrong_file), (0, 0), "after {kills} kills: {count:?}");
    }
    let count = contest.end();
    assert_eq!((count.two_owners, count.wrong_file), (0, 0), "{count:?}");
    assert!(
        kills >= 100 && owners_killed > 0 && count.refused > 0,
        "{kills} kills, {owners_killed} of owners, {count:?}"
    );
    println!("{count:?} in {:?}; {kills} killed, {owners_killed} of them the last to own", began.elapsed());
}

#[test]
fn two_owners_are_noticed_where_the_file_is_unlinked() {
    let mut contest = Contest::begin("unlink");
    while contest.count().two_owners == 0 {
        let won = contest.count().won;
        assert!(won < SOON, "the file was unlinked {won} times and nobody met another owner");
        contest.go_on(1);
    }
    println!("{:?}", contest.end());
}
