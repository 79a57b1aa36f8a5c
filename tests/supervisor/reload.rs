//! `SIGHUP`: settings are read again, and only what changed is started again.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use harness::until;
use interfaces::supervisor::WorkerState;
use nix::sys::signal::Signal;

use crate::house::{House, PATIENCE};
use crate::running::{Running, natrium};

fn logged(house: &House, what: &str) {
    until(what, PATIENCE, || house.instance.log().contains(what).then_some(())).unwrap();
}

/// From now on who reads settings leaves a mark when they are read, and does not answer before a file opens the gate.
/// Answers the paths of gate and mark.
fn gated(house: &House) -> (PathBuf, PathBuf) {
    let natrium = house.program("bot").with_file_name("natrium");
    let real = fs::read_link(&natrium).unwrap();
    fs::remove_file(&natrium).unwrap();
    let (gate, mark) = (house.journal().with_extension("gate"), house.journal().with_extension("read"));
    let script = format!(
        "#!/bin/sh\nsettings=$({} \"$@\")\ncode=$?\n: >{}\nwhile [ ! -e {} ]; do sleep 0.05; done\nprintf %s \"$settings\"\nexit $code\n",
        real.display(),
        mark.display(),
        gate.display()
    );
    fs::write(&natrium, script).unwrap();
    fs::set_permissions(&natrium, fs::Permissions::from_mode(0o755)).unwrap();
    (gate, mark)
}

#[test]
fn only_whom_it_concerns_is_started_again() {
    let mut house = House::healthy();
    let settings = fs::read_to_string(house.instance.settings()).unwrap();
    house.instance.write_settings(&format!("language: ru\n{settings}")).unwrap();
    house.instance.signal(Signal::SIGHUP).unwrap();
    let bot = house.wait("bot", "a new bot", |worker| worker.generation == 2 && worker.state == WorkerState::Ready);
    assert_eq!(house.worker("writer").generation, 1);
    let handed = fs::read_to_string(format!("/proc/{}/fd/4", bot.pid.unwrap())).unwrap();
    assert!(handed.contains("\"language\":\"ru\""), "{handed}");
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
    let (gate, mark) = gated(&house);
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

#[test]
fn who_asks_for_it_is_told_what_became_of_it() {
    let mut house = House::healthy();
    let runtime = house.instance.runtime();
    let settings = fs::read_to_string(house.instance.settings()).unwrap();
    let run = natrium(&["reload"], &runtime);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "in use; no worker had to be started again\n", ""));

    house.instance.write_settings(&format!("{settings}  - {{ id: 1002, name: Boris }}\n")).unwrap();
    let run = natrium(&["reload"], &runtime);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let bot = house.worker("bot");
    assert_eq!((bot.state, bot.generation), (WorkerState::Ready, 2), "it is over when that is said");
    let told = run.out.lines().find(|line| line.starts_with("bot: ")).unwrap();
    assert!(told.starts_with(&format!("bot: ready again as process {}, after ", bot.pid.unwrap())), "{told}");

    house.instance.write_settings(&format!("{settings}  - {{ id: minus, nome: Boris }}\n")).unwrap();
    let run = natrium(&["reload"], &runtime);
    assert_eq!((run.code, run.out.as_str()), (78, ""));
    let line = settings.lines().count() + 1;
    assert!(run.err.contains(&format!("natrium.yml:{line}:")) && run.err.contains("nome"), "{}", run.err);
    assert!(run.err.ends_with("The old settings stay in use.\n"), "{}", run.err);

    let elsewhere = settings.replace("/run\n", "/elsewhere\n");
    house.instance.write_settings(&elsewhere).unwrap();
    let run = natrium(&["reload"], &runtime);
    assert_eq!(run.code, 78);
    assert!(run.err.starts_with("directories changed: that takes a restart of the service\n"), "{}", run.err);
    assert_eq!(house.worker("bot").generation, 2);
    house.stop();
}

#[test]
fn who_asks_while_settings_are_read_is_answered_by_the_reading_after_that() {
    let mut house = House::healthy();
    let (gate, mark) = gated(&house);
    let settings = fs::read_to_string(house.instance.settings()).unwrap();
    house.instance.signal(Signal::SIGHUP).unwrap();
    until("the old settings were read", PATIENCE, || mark.exists().then_some(())).unwrap();
    house.instance.write_settings("nonsense: [").unwrap();
    let reload = Running::start(&["reload"], &house.instance.runtime());
    logged(&house, "a reload was asked for");
    fs::write(&gate, "").unwrap();
    let run = reload.ended();
    assert_eq!(run.code, 78, "{run:?}");
    assert!(run.err.contains("natrium.yml:2:1: "), "{run:?}");
    house.instance.write_settings(&settings).unwrap();
    house.stop();
}
