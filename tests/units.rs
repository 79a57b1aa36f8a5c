//! The units that are shipped agree with each other, and with what they start. That systemd takes them is tested in the lab.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

fn shipped(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd").join(name)).unwrap()
}

/// What a unit says to systemd: its lines without comments.
fn directives(unit: &str) -> Vec<String> {
    unit.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn one_of_several_bots_is_kept_as_the_only_one_is() {
    let mut one = shipped("natrium.service");
    for (of_one, of_several) in [
        ("Description=Natrium,", "Description=Natrium %i,"),
        ("/etc/natrium/natrium.yml", "/etc/natrium/%i.yml"),
        ("/etc/natrium/bot-token", "/etc/natrium/%i.bot-token"),
        ("natrium reload", "natrium reload --runtime-directory /run/natrium-%i"),
        ("StateDirectory=natrium\n", "StateDirectory=natrium@%i\n"),
        ("RuntimeDirectory=natrium\n", "RuntimeDirectory=natrium-%i\n"),
        ("OnFailure=natrium-rollback.service\n", ""),
        ("Alias=natrium-smm-bot.service\n", ""),
    ] {
        assert!(one.contains(of_one), "{of_one} is not there");
        one = one.replace(of_one, of_several);
    }
    assert_eq!(directives(&one), directives(&shipped("natrium@.service")));
}

#[test]
fn exit_codes_that_a_restart_cannot_help_are_the_programs_own() {
    let unit = shipped("natrium.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("RestartPreventExitStatus=")).unwrap();
    assert_eq!(line.split(' ').collect::<Vec<_>>(), ["64", "78", "243"]);
    // By default natriumd stops within 25 s; systemd must not be faster.
    assert!(unit.contains("\nTimeoutStopSec=30s\n"));
}

#[test]
fn every_program_of_the_service_is_installed() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let built = manifest.split("[[bin]]\nname = \"").skip(1).filter_map(|rest| rest.split('"').next());
    // The simulator is for tests and demonstrations.
    let mut built: Vec<&str> = built.filter(|name| *name != "natrium-sim").collect();
    built.sort_unstable();
    let shipped = shipped("programs");
    let mut installed: Vec<&str> = shipped.lines().collect();
    installed.sort_unstable();
    assert_eq!(installed, built);
}
