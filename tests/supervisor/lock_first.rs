//! The lock is taken before anything else happens: without it nothing is changed or made, and nothing started but the program
//! that reads the settings, which say where the lock is.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use harness::{Instance, Programs, skip, until};
use interfaces::supervisor::Phase;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::house::{HEALTHY, House, PATIENCE};

/// All that changes something that others see, and what shows the lock. Those with a question mark not every machine has.
const TRACED: &str = "trace=flock,bind,listen,?unlink,unlinkat,?rmdir,?mkdir,mkdirat,?rename,?renameat,renameat2,?link,linkat,\
                      ?symlink,symlinkat,?mknod,mknodat,truncate,ftruncate,?chmod,fchmod,fchmodat,?chown,fchown,fchownat,\
                      ?utime,?utimes,utimensat,?fork,?vfork,clone,clone3,execve,kill,connect";

/// What every file in a directory and below is, but for when it was last read.
type Listing = BTreeMap<PathBuf, (u64, u32, u64, i64, i64)>;

fn listing(directory: &Path, into: &mut Listing) {
    let mut note = |path: &Path| {
        let about = fs::symlink_metadata(path).unwrap();
        let file = (about.ino(), about.mode(), about.size(), about.mtime(), about.mtime_nsec());
        into.insert(path.to_owned(), file);
        about.is_dir()
    };
    note(directory);
    let below = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let directories: Vec<PathBuf> = below.filter(|path| note(path)).collect();
    for directory in directories {
        listing(&directory, into);
    }
}

#[test]
fn a_second_start_changes_no_file_of_the_real_service() {
    let id = 8_000_000_000 + i64::from(std::process::id());
    let admin = harness::Admin { id: 1001, name: "Anna" };
    // Port 9 (discard) is served nowhere any more: Telegram cannot be reached, which is only a status.
    let programs = Programs::beside_this_one().unwrap();
    let mut service = Instance::new(&programs, "http://127.0.0.1:9", &format!("{id}:SIMULATED"), &[admin]).unwrap();
    service.start().unwrap();
    let files = || {
        let mut found = Listing::new();
        for directory in [service.runtime(), service.state(), service.path().join("published")] {
            listing(&directory, &mut found);
        }
        found
    };
    let before = files();
    assert!(before.contains_key(&service.state().join("store.sqlite")), "{before:?}");
    let processes = service.processes();
    for _ in 0..5 {
        let mut second = service.command("natriumd");
        let second = second.arg("--settings").arg(service.settings()).stdout(Stdio::null()).stderr(Stdio::null());
        assert_eq!(ended(second.spawn().unwrap()).code(), Some(1));
    }
    assert_eq!(files(), before);
    assert_eq!(service.processes(), processes);
    assert!(service.stop().unwrap().success(), "{}", service.log());
}

/// How a process ends. One that does not is killed, with its group if it leads one: nothing may be left of a test that fails.
fn ended(mut process: Child) -> ExitStatus {
    let ended = until("it ends", PATIENCE, || process.try_wait().unwrap());
    ended.unwrap_or_else(|error| {
        let leads = killpg(Pid::from_raw(process.id().cast_signed()), Signal::SIGKILL);
        let _ = process.kill();
        panic!("{error} ({leads:?})");
    })
}

/// What a traced `natriumd` called, in order. `None`: strace cannot be used here, which has been told.
fn trace(house: &House, more: impl FnOnce()) -> Option<Vec<String>> {
    if Command::new("strace").arg("-V").output().is_err() {
        skip("there is no strace").unwrap();
        return None;
    }
    let (at, natriumd) = (house.instance.path().join("trace"), house.instance.command("natriumd"));
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o"]).arg(&at).args(["-e", TRACED]).arg(natriumd.get_program());
    strace.arg("--settings").arg(house.instance.settings());
    strace.env_clear().envs(natriumd.get_envs().filter_map(|(name, value)| Some((name, value?))));
    strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let strace = strace.spawn().unwrap();
    more();
    ended(strace);
    let text = fs::read_to_string(at).unwrap();
    Some(text.lines().filter(|line| line.contains('(')).map(ToOwned::to_owned).collect())
}

/// Those calls that changed something. Whether a process lives is asked with the signal 0; and the settings are read by a
/// process that is made for that, whose own calls are here like all others.
fn changes(calls: &[String]) -> Vec<&str> {
    let reads = |line: &String| line.contains(r#""settings", "show", "--json""#) && line.contains("/natrium\", [");
    let reader = calls.iter().position(reads).unwrap_or_else(|| panic!("nobody reads the settings: {calls:#?}"));
    let is_made = |line: &&String| line.contains(" clone") || line.contains("fork(");
    let made: Vec<&String> = calls[..reader].iter().filter(is_made).collect();
    assert_eq!(made.len(), 1, "{calls:#?}");
    let failed = |line: &str| line.contains(" = -1 ");
    let asks = |line: &str| line.contains(" kill(") && line.contains(", 0)");
    let known = |line: &str| line.contains(" execve(") || line == made[0];
    calls.iter().map(String::as_str).filter(|line| !failed(line) && !asks(line) && !known(line)).collect()
}

#[test]
fn without_the_lock_nothing_is_bound_removed_made_or_started() {
    let mut house = House::healthy();
    let Some(calls) = trace(&house, || {}) else { return house.stop() };
    let refused =
        |line: &String| line.contains(" flock(") && line.contains("LOCK_EX|LOCK_NB)") && line.contains("= -1 EAGAIN");
    assert!(calls.iter().any(refused), "{calls:#?}");
    assert_eq!(changes(&calls), [""; 0]);
    house.stop();
}

#[test]
fn the_lock_comes_before_everything_else() {
    let house = House::new(HEALTHY, HEALTHY);
    let file = house.instance.runtime().join("natrium.pid");
    let traced = trace(&house, || {
        until("it runs", PATIENCE, || house.instance.runtime().join("supervisor.sock").exists().then_some(())).unwrap();
        until("it is ready", PATIENCE, || (house.status().phase == Phase::Ready).then_some(())).unwrap();
        let pid = fs::read_to_string(&file).unwrap().trim().parse().unwrap();
        kill(Pid::from_raw(pid), Signal::SIGTERM).unwrap();
    });
    let Some(calls) = traced else { return };
    let happened = changes(&calls);
    assert!(happened[0].contains(" flock(") && happened[0].contains("LOCK_EX|LOCK_NB"), "{happened:#?}");
    for change in [" bind(", "unlink", "clone", "ftruncate("] {
        assert!(happened.iter().any(|line| line.contains(change)), "{change} was not traced at all: {happened:#?}");
    }
    // The number is written over the old one, and only then the rest is cut off: whoever looks always finds one.
    let emptied = happened.iter().find(|line| line.contains("ftruncate(") && line.contains(", 0)"));
    assert_eq!(emptied, None, "the PID file is empty for a moment");
    house.is_clean();
}
