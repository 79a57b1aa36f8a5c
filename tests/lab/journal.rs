//! What an operator reads and filters by in the journal, and a journal that does not read.

use std::time::Duration;

use harness::until;
use serde_json::Value;

use crate::host::{Host, PATIENCE, UNIT};

/// The entries of the unit that match.
fn entries(host: &Host, matches: &str) -> Vec<Value> {
    host.lab.run(["journalctl", "--sync"]).unwrap();
    let entries = host.lab.run(["journalctl", "--quiet", "--output=json", "--unit", UNIT, matches]).unwrap();
    entries.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_upload_is_found_by_kind_by_user_by_request_and_by_event() {
    let Some(host) = Host::running() else { return };
    host.anna_uploads("for the journal");
    let ready = entries(&host, "NATRIUM_WORKER=supervisor");
    let ready = ready.iter().find(|entry| entry["MESSAGE"] == "ready").unwrap();
    assert!(ready["CODE_FUNC"].as_str().unwrap().contains("Service::"), "{ready}");
    assert!(ready["MESSAGE_ID"].as_str().unwrap().len() == 32 && ready["_SYSTEMD_UNIT"] == UNIT, "{ready}");

    let of_kind = entries(&host, "CONFIG_TYPE=fees");
    let released = of_kind.iter().find(|entry| entry["MESSAGE"].as_str().unwrap().contains("lock_released")).unwrap();
    assert_eq!((&released["USER_ID"], &released["NATRIUM_WORKER"]), (&"1001".into(), &"writer".into()), "{released}");
    released["DURATION_MS"].as_str().unwrap().parse::<f64>().unwrap();
    let event = released["MESSAGE_ID"].as_str().unwrap();
    assert_eq!(entries(&host, &format!("MESSAGE_ID={event}")).len(), 1);
    assert!(!entries(&host, "USER_ID=1001").is_empty());

    // One id leads from the writer's lines to the bot's.
    let request = released["NATRIUM_REQUEST"].as_str().unwrap();
    let update = request.strip_suffix(":put").unwrap();
    let bots = entries(&host, &format!("NATRIUM_REQUEST={update}"));
    assert!(bots.iter().any(|entry| entry["NATRIUM_WORKER"] == "bot"), "{request}: {bots:#?}");
}

#[test]
fn events_are_explained_and_told_when_they_happen() {
    let Some(host) = Host::running() else { return };
    let lab = &host.lab;
    let writer = lab.processes(UNIT).unwrap().into_iter().find(|(_, name)| name == "natrium-writer").unwrap().0;
    lab.run(["kill", "-9", &writer.to_string()]).unwrap();
    until("the death is told", PATIENCE, || {
        let told = lab.run(["journalctl", "--quiet", "-x", "--unit", UNIT, "--lines=50"]).unwrap();
        (told.contains("killed by SIGKILL") && told.contains("natrium deaths")).then_some(())
    })
    .unwrap();
}

#[test]
fn a_journal_that_does_not_read_keeps_nobody_waiting_and_is_told_what_it_missed() {
    let Some(host) = Host::installed() else { return };
    let lab = &host.lab;
    let settings = lab.read("/etc/natrium/natrium.yml");
    lab.write("/etc/natrium/natrium.yml", &format!("{settings}\nlog: trace\n")).unwrap();
    // Less than it takes: if somebody waited for the journal, the watchdog would tell.
    lab.edit(UNIT, "[Service]\nWatchdogSec=3s\n").unwrap();
    lab.run(["systemctl", "start", "natrium"]).unwrap();
    let main = lab.main_pid(UNIT).unwrap();
    let journald = lab.property("systemd-journald.service", "MainPID").unwrap();
    lab.run(["kill", "-STOP", &journald]).unwrap();

    let began = std::time::Instant::now();
    let mut uploads = 0;
    while began.elapsed() < Duration::from_secs(8) || uploads < 20 {
        host.anna_uploads(&format!("unread {uploads}"));
        uploads += 1;
    }
    lab.run(["/usr/local/bin/natrium", "restart", "bot"]).unwrap();
    lab.run(["kill", "-CONT", &journald]).unwrap();
    assert_eq!((lab.main_pid(UNIT).unwrap(), lab.property(UNIT, "NRestarts").unwrap()), (main, "0".to_owned()));
    host.anna_uploads("read again");
    let lost = until("what it missed is told", PATIENCE, || {
        let journal = lab.journal(UNIT).unwrap();
        journal.lines().find(|line| line.contains("lost: nobody took them")).map(str::to_owned)
    });
    lost.unwrap();
}
