//! The lab itself: it is a host of its own, and nothing of it reaches this one or stays on it.

use std::ffi::OsStr;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;

use harness::Lab;

/// Capabilities by their numbers (`linux/capability.h`).
const SYS_MODULE: u32 = 16;
const SYS_TIME: u32 = 25;

#[test]
fn a_lab_is_a_host_of_its_own_and_leaves_nothing_behind() {
    let Some(lab) = Lab::boot().unwrap() else { return };
    assert_eq!(lab.run(["systemctl", "is-system-running"]).unwrap(), "running\n");
    assert_eq!(lab.run(["cat", "/proc/1/comm"]).unwrap(), "systemd\n");

    lab.write("/etc/natrium-lab/file", "of the lab").unwrap();
    assert_eq!(lab.run(["cat", "/etc/natrium-lab/file"]).unwrap(), "of the lab");
    assert!(!fs::exists("/etc/natrium-lab").unwrap(), "it is on this machine, too");

    assert_eq!(
        lab.run(["ip", "-brief", "address"]).unwrap().lines().count(),
        1,
        "there is a loopback and nothing else"
    );
    // What belongs to the whole machine can be reached neither by a command nor by a service: its clock, its kernel.
    let show = ["cat", "/proc/self/status"];
    for status in [lab.run(show), lab.run(["systemd-run", "--quiet", "--wait", "--pipe", show[0], show[1]])] {
        let status = status.unwrap();
        let bounding = status.lines().find_map(|line| line.strip_prefix("CapBnd:")).unwrap();
        let bounding = u64::from_str_radix(bounding.trim(), 16).unwrap();
        assert_eq!(bounding & (1 << SYS_TIME | 1 << SYS_MODULE), 0, "{bounding:x}");
    }
    let parameter = "/proc/sys/vm/swappiness";
    assert!(!lab.tries(["sh", "-c", &format!("cat {parameter} > {parameter}")]).unwrap().status.success());

    // Its control group is named after its directory.
    let mounted = lab.run(["cat", "/proc/mounts"]).unwrap();
    let directory = mounted.split("upperdir=").nth(1).unwrap().split("/upper").next().unwrap().to_owned();
    let groups = || {
        let found = Command::new("find").args(["/sys/fs/cgroup", "-type", "d", "-name"]).arg(name(&directory)).output();
        String::from_utf8(found.unwrap().stdout).unwrap()
    };
    assert_ne!(groups(), "");
    assert!(fs::exists(&directory).unwrap());

    let mark = lab.run(["cat", "/etc/machine-id"]).unwrap();
    lab.run(["systemd-run", "--quiet", "--property=Restart=always", "sleep", mark.trim_end(), "infinity"]).unwrap();
    drop(lab);
    let left = fs::read_dir("/proc").unwrap().filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
    assert_eq!(left.filter(|line| line.windows(32).any(|part| part == mark.trim_end().as_bytes())).count(), 0);
    assert_eq!(groups(), "");
    assert!(!fs::exists(&directory).unwrap(), "{directory}");
}

fn name(path: &str) -> &OsStr {
    Path::new(path).file_name().unwrap()
}

#[test]
fn a_lab_ends_when_its_test_panics() {
    let mut path = None;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let Some(lab) = Lab::boot().unwrap() else { return };
        path = Some(lab.path("/"));
        std::panic::resume_unwind(Box::new("as a failed assertion does"));
    }));
    let Some(path) = path else { return };
    assert!(outcome.is_err());
    assert!(!path.exists(), "its init still lives");
}

#[test]
fn commands_that_fail_say_why() {
    let Some(lab) = Lab::boot().unwrap() else { return };
    let error = lab.run(["systemctl", "start", "nothing.service"]).unwrap_err();
    assert!(format!("{error:#}").contains("nothing.service not found"), "{error:#}");
    lab.run(["systemd-run", "--quiet", "--unit=speaker", "--wait", "echo", "a word"]).unwrap();
    assert!(lab.journal("speaker").unwrap().lines().any(|line| line == "a word"));
}
