//! Start and stop: who comes when, and what systemd is told.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use harness::until;
use interfaces::supervisor::{Phase, WorkerState};
use nix::sys::signal::Signal;

use crate::house::{HEALTHY, House, PATIENCE, is_alive};

#[test]
fn the_bot_starts_when_the_writer_is_ready() {
    let mut house = House::new("", HEALTHY);
    let journal = house.journal();
    house.does("writer", &format!("append {0}\nserve", journal.display()));
    house.instance.spawn().unwrap();
    until("the writer runs", PATIENCE, || (house.lines().len() == 1).then_some(())).unwrap();
    let status = house.status();
    assert_eq!(status.phase, Phase::Starting);
    assert_eq!(status.workers[1].state, WorkerState::Waiting);
    assert_eq!(status.workers[1].generation, 0);

    house.does("writer", &format!("append {0}\nping 100\nsay READY=1\nserve", journal.display()));
    house.kill("writer", Signal::SIGKILL);
    house.instance.wait_ready().unwrap();
    assert_eq!(house.status().phase, Phase::Ready);
    house.stop();
}

#[test]
fn the_writer_stops_when_the_bot_has() {
    let mut house = House::new("", "");
    let journal = house.journal();
    house.does("writer", &format!("polite 0 {}\n{HEALTHY}", journal.display()));
    house.does("bot", &format!("polite 200 {}\n{HEALTHY}", journal.display()));
    house.instance.start().unwrap();
    house.stop();
    let lines = house.lines();
    assert_eq!(lines.iter().map(|(who, _)| who.as_str()).collect::<Vec<_>>(), ["bot", "writer"]);
}

#[test]
fn a_worker_that_ignores_the_request_to_stop_is_killed() {
    let mut house = House::new(HEALTHY, &format!("deaf\n{HEALTHY}"));
    house.instance.start().unwrap();
    let bot = house.worker("bot").pid.unwrap();
    house.stop();
    assert!(!is_alive(bot));
    assert!(house.instance.log().contains("killed by SIGKILL"), "{}", house.instance.log());
}

#[test]
fn the_whole_stop_has_an_end_however_deaf_the_workers_are() {
    let deaf = format!("deaf\n{HEALTHY}");
    let mut house = House::new(&deaf, &deaf);
    house.instance.environment.push(("NATRIUM_TIMING".into(), "stop=3900ms,total=4s,abort=100ms".into()));
    house.instance.start().unwrap();
    let began = std::time::Instant::now();
    house.stop();
    // One after the other, they would take twice as long as the whole stop may.
    assert!(began.elapsed() < Duration::from_secs(7), "{:?}", began.elapsed());
}

#[test]
fn systemd_is_told_in_order() {
    let mut house = House::new(HEALTHY, "ping 100\nsay READY=1\\nSTATUS=Telegram unreachable\nserve");
    let path = house.instance.path().join("above.sock");
    let above = UnixDatagram::bind(&path).unwrap();
    above.set_read_timeout(Some(PATIENCE)).unwrap();
    house.instance.environment.push(("WATCHDOG_USEC".into(), "200000".into()));
    let mut natriumd = house.instance.command("natriumd");
    natriumd.arg("--settings").arg(house.instance.settings()).env("NOTIFY_SOCKET", &path);
    let mut natriumd = natriumd.stderr(std::process::Stdio::null()).spawn().unwrap();
    let heard = |until: &str| {
        let mut all = Vec::new();
        let mut bytes = [0; 4096];
        let deadline = std::time::Instant::now() + PATIENCE;
        while !all.iter().any(|said: &String| said.contains(until)) {
            // Signs of life come for ever.
            assert!(std::time::Instant::now() < deadline, "not a word of {until} in {all:?}");
            let count = above.recv(&mut bytes).expect(until);
            all.push(String::from_utf8(bytes[..count].to_vec()).unwrap());
        }
        all
    };
    let start = heard("READY=1");
    assert!(start.contains(&"STATUS=starting; writer starts; bot waits\n".to_owned()), "{start:?}");
    assert_eq!(start.last().unwrap(), "READY=1\nSTATUS=ready; bot: Telegram unreachable\n");
    heard("WATCHDOG=1");
    heard("WATCHDOG=1");

    let pid = nix::unistd::Pid::from_raw(i32::try_from(natriumd.id()).unwrap());
    nix::sys::signal::kill(pid, Signal::SIGHUP).unwrap();
    let reload = heard("READY=1");
    let stamp = reload.iter().find(|said| said.starts_with("RELOADING=1\n")).expect("RELOADING=1");
    assert!(stamp.contains("\nMONOTONIC_USEC="), "{stamp}");
    nix::sys::signal::kill(pid, Signal::SIGINT).unwrap();
    heard("STOPPING=1");
    assert_eq!(natriumd.wait().unwrap().code(), Some(0));
    house.is_clean();
}
