//! From `systemctl start` to `systemctl stop`, and what happens in between that nobody asked for.

use harness::{Lab, until};

use crate::host::{Host, PATIENCE, UNIT, rights};
use crate::load::Load;

fn starts(lab: &Lab) -> usize {
    lab.property(UNIT, "NRestarts").unwrap().parse().unwrap()
}

#[test]
fn an_operator_starts_it_reads_its_status_and_stops_it() {
    let Some(host) = Host::installed() else { return };
    let lab = &host.lab;
    lab.run(["systemctl", "enable", "--now", "natrium"]).unwrap();
    // It is ready when the command returns.
    let status = String::from_utf8(lab.tries(["natrium", "status", "--json"]).unwrap().stdout).unwrap();
    assert!(status.contains("\"phase\": \"ready\""), "{status}");
    // What the service can do without may be ready a moment later.
    until("all is well", PATIENCE, || lab.run(["natrium", "status"]).ok()).unwrap();
    host.anna_uploads("the first");
    host.until_shown("ready; writer: fees 1, last published: fees 20");
    let status = lab.run(["systemctl", "status", "--no-pager", "natrium-smm-bot"]).unwrap();
    for part in
        ["active (running)", "Status: \"ready; writer: fees 1, last published", "natrium-bot", "bot: starting → ready"]
    {
        assert!(status.contains(part), "{part} is not in:\n{status}");
    }
    let status = lab.run(["natrium", "status"]).unwrap();
    assert!(status.starts_with("natrium ") && status.contains("MiB, of which the supervisor's own"), "{status}");

    let file = lab.path("/run/natrium/natrium.pid");
    let inode = std::os::unix::fs::MetadataExt::ino(&file.metadata().unwrap());
    let processes = lab.processes(UNIT).unwrap();
    assert_eq!(processes.len(), 4, "{processes:?}");
    lab.run(["systemctl", "stop", "natrium"]).unwrap();
    assert_eq!(lab.property(UNIT, "ActiveState").unwrap(), "inactive");
    assert_eq!(lab.property(UNIT, "Result").unwrap(), "success");
    assert_eq!(host.alive(&processes), [""; 0]);
    assert_eq!(lab.tries(["natrium", "status"]).unwrap().status.code(), Some(3));
    // Who has just opened it must not lock a file without a name.
    assert_eq!(std::os::unix::fs::MetadataExt::ino(&file.metadata().unwrap()), inode, "the PID file was replaced");

    lab.run(["systemctl", "start", "natrium"]).unwrap();
    host.anna_uploads("the second");
}

#[test]
fn a_second_start_by_hand_names_the_unit_and_disturbs_nothing() {
    let Some(host) = Host::running() else { return };
    let (lab, main) = (&host.lab, host.lab.main_pid(UNIT).unwrap());
    let file = lab.path("/run/natrium/natrium.pid");
    let before = (lab.read("/run/natrium/natrium.pid"), lab.processes(UNIT).unwrap(), rights(&file));
    assert_eq!(before.0, format!("{main}\n"));
    for user in ["root", "natrium"] {
        let second = lab.tries(["runuser", "-u", user, "--", "natriumd"]).unwrap();
        assert_eq!(second.status.code(), Some(1), "{user}: {second:?}");
        let message = String::from_utf8(second.stderr).unwrap();
        assert_eq!(
            message,
            format!(
                "natriumd: another instance of natrium is running, PID {main}\n\
                 to stop it: systemctl stop natrium.service\n"
            ),
            "{user}"
        );
    }
    assert_eq!((lab.read("/run/natrium/natrium.pid"), lab.processes(UNIT).unwrap(), rights(&file)), before);
    assert_eq!(starts(lab), 0);
    host.anna_uploads("undisturbed");
}

#[test]
fn killed_it_is_started_again_without_an_orphan_and_without_loss() {
    let Some(host) = Host::running() else { return };
    let (lab, load) = (&host.lab, Load::begin(&host));
    lab.edit(UNIT, "[Service]\nRestartSec=500ms\n").unwrap();
    for _ in 0..2 {
        load.goes_on(&host, 20);
        let (main, processes) = (lab.main_pid(UNIT).unwrap(), lab.processes(UNIT).unwrap());
        lab.run(["kill", "-KILL", &main.to_string()]).unwrap();
        until("no process of it lives", PATIENCE, || host.alive(&processes).is_empty().then_some(())).unwrap();
        host.until_succeeded(main);
        load.goes_on(&host, 5);
    }
    load.end(&host);
    assert_eq!(starts(lab), 2);
    assert_eq!(lab.processes(UNIT).unwrap().len(), 4);
}

#[test]
fn one_that_hangs_is_killed_by_the_watchdog_and_started_again() {
    let Some(host) = Host::installed() else { return };
    let lab = &host.lab;
    lab.edit(UNIT, "[Service]\nWatchdogSec=2s\nTimeoutAbortSec=500ms\n").unwrap();
    lab.run(["systemctl", "start", "natrium"]).unwrap();
    let (main, processes) = (lab.main_pid(UNIT).unwrap(), lab.processes(UNIT).unwrap());
    lab.run(["kill", "-STOP", &main.to_string()]).unwrap();
    host.until_succeeded(main);
    assert_eq!(host.alive(&processes), [""; 0]);
    let journal = lab.journal(UNIT).unwrap();
    assert!(journal.contains("Watchdog timeout (limit 2s)!"), "{journal}");
    host.anna_uploads("after the watchdog");
}

#[test]
fn a_token_that_is_wrong_or_missing_fails_the_unit_with_the_reason_and_is_not_tried_again() {
    let Some(host) = Host::installed() else { return };
    let lab = &host.lab;
    lab.run(["systemctl", "enable", "natrium"]).unwrap();
    let fails = |because: &str| {
        assert!(!lab.tries(["systemctl", "start", "natrium"]).unwrap().status.success());
        let status = lab.tries(["systemctl", "status", "--no-pager", "--full", "natrium"]).unwrap();
        let status = String::from_utf8(status.stdout).unwrap();
        assert!(status.contains(because), "{because:?} is not in:\n{status}");
    };
    lab.run(["mv", "/etc/natrium/bot-token", "/root/token"]).unwrap();
    fails("AssertPathExists=/etc/natrium/bot-token was not met");

    lab.write_secret("/etc/natrium/bot-token", "no token at all").unwrap();
    fails("the bot's token is not one: @BotFather's look like");
    assert_eq!(lab.property(UNIT, "ActiveState").unwrap(), "failed");
    // One that Telegram does not know is found out only when it is asked.
    lab.write_secret("/etc/natrium/bot-token", "5550009999:SIMULATED-not-a-secret-0123456789abcd").unwrap();
    let _ = lab.tries(["systemctl", "start", "natrium"]).unwrap();
    lab.until_state(UNIT, "failed").unwrap();
    assert_eq!(lab.property(UNIT, "ExecMainStatus").unwrap(), "78");
    let line = lab.property(UNIT, "StatusText").unwrap();
    assert!(line.contains("bot") && line.contains("token"), "the line tells nothing of the reason: {line:?}");
    assert_eq!((starts(lab), lab.main_pid(UNIT).unwrap()), (0, 0), "it is tried again");
    let journal = lab.journal(UNIT).unwrap();
    assert!(!journal.contains("Scheduled restart job"), "{journal}");
    assert!(!journal.contains("SIMULATED"), "the token is in the journal:\n{journal}");

    // Where no release was deployed there is nothing to go back to.
    let rollback = lab.journal("natrium-rollback.service").unwrap();
    assert!(rollback.contains("there is nothing to go back to just now"), "{rollback}");

    lab.run(["mv", "/root/token", "/etc/natrium/bot-token"]).unwrap();
    lab.run(["systemctl", "start", "natrium"]).unwrap();
    host.anna_uploads("with the right one");
}
