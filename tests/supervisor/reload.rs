//! `SIGHUP`: settings are read again, and only what changed is started again.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use harness::until;
use interfaces::supervisor::WorkerState;
use nix::sys::signal::Signal;

use crate::house::{House, PATIENCE};

fn logged(house: &House, what: &str) {
    until(what, PATIENCE, || house.instance.log().contains(what).then_some(())).unwrap();
}

#[test]
fn only_whom_it_concerns_is_started_again() {
    let mut house = House::healthy();
    let settings = fs::read_to_string(house.instance.settings()).unwrap();
    house.instance.write_settings(&format!("{settings}  - {{ id: 1002, name: Boris }}\n")).unwrap();
    house.instance.signal(Signal::SIGHUP).unwrap();
    let bot = house.wait("bot", "a new bot", |worker| worker.generation == 2 && worker.state == WorkerState::Ready);
    assert_eq!(house.worker("writer").generation, 1);
    let handed = fs::read_to_string(format!("/proc/{}/fd/4", bot.pid.unwrap())).unwrap();
    assert!(handed.contains("Boris"), "{handed}");
    house.stop();
}

#[test]
fn settings_that_cannot_be_used_change_nothing() {
    let mut house = House::healthy();
    let settings = fs::read_to_string(house.instance.settings()).unwrap();
    house.instance.write_settings("nonsense: [").unwrap();
    house.instance.signal(Signal::SIGHUP).unwrap();
    logged(&house, "reload: the old settings stay");
    house.instance.write_settings(&settings.replace("/run\n", "/elsewhere\n")).unwrap();
    house.instance.signal(Signal::SIGHUP).unwrap();
    logged(&house, "directories changed");
    house.instance.write_settings(&settings).unwrap();
    house.instance.signal(Signal::SIGHUP).unwrap();
    logged(&house, "reload: nothing changed");
    for name in ["writer", "bot"] {
        assert_eq!(house.worker(name).generation, 1, "{name}");
    }
    house.stop();
}

#[test]
fn a_disk_that_hangs_while_settings_are_read_keeps_nobody_waiting() {
    let mut house = House::healthy();
    let natrium = house.program("bot").with_file_name("natrium");
    let real = fs::read_link(&natrium).unwrap();
    fs::remove_file(&natrium).unwrap();
    let (gate, mark) = (house.journal().with_extension("gate"), house.journal().with_extension("read"));
    // It has read, and cannot answer yet.
    let script = format!(
        "#!/bin/sh\nsettings=$({} \"$@\")\n: >{}\nwhile [ ! -e {} ]; do sleep 0.05; done\nprintf %s \"$settings\"\n",
        real.display(),
        mark.display(),
        gate.display()
    );
    fs::write(&natrium, script).unwrap();
    fs::set_permissions(&natrium, fs::Permissions::from_mode(0o755)).unwrap();

    let settings = fs::read_to_string(house.instance.settings()).unwrap();
    house.instance.signal(Signal::SIGHUP).unwrap();
    until("the old settings were read", PATIENCE, || mark.exists().then_some(())).unwrap();
    // Meanwhile the workers are cared for, and what changes after the reading began is not missed.
    house.kill("bot", Signal::SIGKILL);
    house.wait("bot", "the successor is ready", |worker| worker.generation == 2 && worker.state == WorkerState::Ready);
    house.instance.write_settings(&format!("{settings}  - {{ id: 1002, name: Boris }}\n")).unwrap();
    house.instance.signal(Signal::SIGHUP).unwrap();
    fs::write(&gate, "").unwrap();
    house.wait("bot", "new settings", |worker| worker.generation == 3 && worker.state == WorkerState::Ready);

    fs::remove_file(&gate).unwrap();
    house.instance.signal(Signal::SIGHUP).unwrap();
    house.stop();
}
