//! `scripts/install`: again and again, elsewhere, and away again.

use std::fs;

use harness::lab::{CHECKOUT, PROGRAMS};

use crate::host::{Host, UNIT, fees};

/// What there is of the service on a host: paths, without the lab's own.
pub(crate) fn installed(host: &Host) -> Vec<String> {
    let found = host.lab.run(["find", "/etc", "/usr", "/var/lib", "/opt", "-xdev", "-iname", "*natrium*"]).unwrap();
    let mut found: Vec<String> = found.lines().map(str::to_owned).collect();
    found.sort();
    found
}

#[test]
fn installing_again_changes_nothing_and_a_new_release_waits_for_the_restart() {
    let Some(host) = Host::running() else { return };
    let lab = &host.lab;
    let (before, files) = (lab.read("/etc/natrium/natrium.yml"), installed(&host));
    let current = || fs::read_link(lab.path("/usr/local/lib/natrium/current")).unwrap();
    let first = current();
    let said = host.install();
    assert!(said.contains("the service runs with the programs it was started with"), "{said}");
    assert_eq!((lab.read("/etc/natrium/natrium.yml"), installed(&host), current()), (before, files, first.clone()));

    // A release that differs, if only by a byte.
    lab.run(["mkdir", "/root/programs"]).unwrap();
    for program in ["natriumd", "natrium", "natrium-writer", "natrium-bot", "natrium-web"] {
        lab.run(["cp", &format!("{PROGRAMS}/{program}"), "/root/programs/"]).unwrap();
    }
    lab.run(["sh", "-c", "echo >> /root/programs/natrium-bot"]).unwrap();
    lab.run([&format!("{CHECKOUT}/scripts/install"), "--from", "/root/programs"]).unwrap();
    assert_ne!(current(), first);
    let runs = |pid: i32| fs::read_link(lab.path(&format!("/proc/{pid}/exe"))).unwrap().display().to_string();
    for (pid, _) in lab.processes(UNIT).unwrap() {
        assert!(runs(pid).contains(first.file_name().unwrap().to_str().unwrap()), "{}", runs(pid));
    }
    // One that is killed comes back from the release that the service was started from.
    let bot = lab.processes(UNIT).unwrap().into_iter().find(|(_, name)| name == "natrium-bot").unwrap().0;
    lab.run(["kill", "-KILL", &bot.to_string()]).unwrap();
    host.anna_uploads("from the old release");
    lab.run(["systemctl", "restart", "natrium"]).unwrap();
    for (pid, _) in lab.processes(UNIT).unwrap() {
        assert!(runs(pid).contains(current().file_name().unwrap().to_str().unwrap()), "{}", runs(pid));
    }
    host.anna_uploads("from the new release");
}

#[test]
fn after_it_natrium_init_and_one_command_are_all_there_is_to_do() {
    let Some(host) = Host::bare() else { return };
    let lab = &host.lab;
    assert!(host.install().contains("natrium init"));
    lab.write_secret("/root/token", host.token()).unwrap();
    let init =
        ["natrium", "init", "--yes", "--token-file", "/root/token", "--admin", "1001:Anna", "--api-url", &host.url];
    let said = lab.run(init).unwrap();
    assert!(said.contains("systemctl enable --now natrium"), "{said}");
    let stat = |path| lab.run(["stat", "--format=%a %U %G", path]).unwrap();
    assert_eq!(stat("/etc/natrium/natrium.yml"), "640 root natrium\n");
    assert_eq!(stat("/etc/natrium/bot-token"), "600 root root\n");
    lab.run(["systemctl", "enable", "--now", "natrium"]).unwrap();
    host.anna_uploads("after two commands");
    let doctor = lab.tries(["natrium", "doctor"]).unwrap();
    let said = String::from_utf8(doctor.stdout).unwrap();
    // Nobody keeps the clock of a lab.
    let problems: Vec<_> = said.lines().filter(|line| line.split_whitespace().nth(1) == Some("problem")).collect();
    assert!(matches!(problems.as_slice(), [clock] if clock.starts_with("clock ")), "{said}");
}

#[test]
fn uninstalled_it_is_gone_but_for_what_is_the_operators() {
    let Some(host) = Host::bare() else { return };
    let lab = &host.lab;
    let install = |arguments: &[&str]| {
        let mut command = lab.command([&format!("{CHECKOUT}/scripts/install")]);
        let output = command.arg("--prefix").arg("/opt/natrium").args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let nothing = installed(&host);
    let said = install(&["--from", PROGRAMS]);
    assert!(said.contains("systemctl enable --now natrium"), "{said}");
    assert_eq!(lab.property(UNIT, "UnitFileState").unwrap(), "disabled", "it enables nothing by itself");
    host.configure();
    lab.run(["systemctl", "enable", "--now", "natrium"]).unwrap();
    host.anna_uploads("to be kept");

    let said = install(&["--uninstall"]);
    assert!(said.contains("kept in /etc/natrium"), "{said}");
    assert_eq!(lab.property(UNIT, "LoadState").unwrap(), "not-found");
    assert_eq!(host.published("fees"), fees("to be kept"));
    let mut left = installed(&host);
    left.retain(|path| !nothing.contains(path));
    assert_eq!(left, ["/etc/natrium", "/etc/natrium/natrium.yml", "/var/lib/natrium", "/var/lib/natrium-published"]);
    install(&["--uninstall"]);

    // Settings, token and store are taken up where they were left.
    install(&["--from", PROGRAMS]);
    lab.run(["systemctl", "start", "natrium"]).unwrap();
    host.anna_uploads("after the return");
    install(&["--uninstall", "--purge"]);
    assert_eq!(installed(&host), nothing);
}

#[test]
fn a_newer_systemd_is_told_to_restart_it_at_once() {
    let Some(host) = Host::bare() else { return };
    let lab = &host.lab;
    host.install();
    assert_eq!(lab.property(UNIT, "RestartUSec").unwrap(), "10s");
    host.pretend_newer();
    host.install();
    for unit in [UNIT, "natrium@shop.service"] {
        assert_eq!(lab.property(unit, "RestartUSec").unwrap(), "100ms", "{unit}");
        let added = lab.property(unit, "DropInPaths").unwrap();
        assert!(added.ends_with("quick-restart.conf"), "{unit}: {added}");
    }
    lab.run([&format!("{CHECKOUT}/scripts/install"), "--uninstall"]).unwrap();
    assert!(!installed(&host).iter().any(|path| path.contains(".service.d")), "{:?}", installed(&host));
}
