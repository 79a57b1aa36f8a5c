//! What the unit forbids the service, and that the service lives with it.

use serde_json::Value;

use crate::host::{Host, UNIT};

/// What `systemd-analyze security` finds fault with and we cannot do without, with the reason.
const NEEDED: [(&str, &str); 7] = [
    ("PrivateNetwork=", "the bot talks with Telegram, and the token's lock is a name in the host's network"),
    ("RestrictAddressFamilies=~AF_(INET|INET6)", "the bot talks with Telegram"),
    ("RestrictAddressFamilies=~AF_UNIX", "natriumd and its workers talk with each other"),
    ("IPAddressDeny=", "Telegram's addresses, and the name server's, are not known beforehand"),
    ("RootDirectory=/RootImage=", "certificates, name resolution and time zones are the host's"),
    ("DeviceAllow=", "ProtectClock= lets the clock's device be read; PrivateDevices= hides it"),
    ("UMask=", "the group may read who the instance is"),
];

#[test]
fn the_units_are_in_order_and_hardly_anything_is_left_exposed() {
    let Some(host) = Host::installed() else { return };
    let lab = &host.lab;
    let verified = lab
        .tries([
            "systemd-analyze",
            "verify",
            "natrium.service",
            "natrium@shop.service",
            "natrium-api.socket",
            "natrium-page.socket",
            "natrium-rollback.service",
        ])
        .unwrap();
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && said.is_empty(), "{said}");

    for unit in [UNIT, "natrium@shop.service"] {
        let found = lab.run(["systemd-analyze", "security", "--json=short", unit]).unwrap();
        let found: Vec<Value> = serde_json::from_str(&found).unwrap();
        assert!(found.len() > 60, "{found:?}");
        let faults =
            found.iter().filter(|row| row["exposure"].as_str().is_some_and(|it| !it.is_empty() && it != "0.0"));
        let faults: Vec<&str> = faults.map(|row| row["name"].as_str().unwrap()).collect();
        let unheard: Vec<_> = faults.iter().filter(|name| NEEDED.iter().all(|(known, _)| known != *name)).collect();
        assert!(unheard.is_empty(), "{unit} does not say {unheard:?}");
        let summary = lab.run(["systemd-analyze", "security", "--no-pager", unit]).unwrap();
        let overall = summary.lines().rev().find_map(|line| line.split_once(unit)).unwrap().1;
        let overall: f64 = overall.split_whitespace().find_map(|word| word.parse().ok()).unwrap();
        assert!(overall <= 1.2, "{unit}: {overall}");
    }
}

#[test]
fn in_its_cage_it_works_and_its_workers_are_confined_further() {
    let Some(host) = Host::installed() else { return };
    let lab = &host.lab;
    // Telegram is found by its name, as the real one is.
    let settings = lab.read("/etc/natrium/natrium.yml").replace("http://127.0.0.1:", "http://telegram.test:");
    assert!(settings.contains("telegram.test"));
    lab.write("/etc/natrium/natrium.yml", &settings).unwrap();
    lab.write("/etc/hosts", "127.0.0.1 localhost telegram.test\n").unwrap();
    lab.run(["systemctl", "start", "natrium"]).unwrap();
    host.anna_uploads("from the cage");
    let status: Value = serde_json::from_str(&lab.run(["natrium", "status", "--json"]).unwrap()).unwrap();
    assert_eq!(status["healthy"], true, "{status}");
    for worker in status["workers"].as_array().unwrap() {
        let sandbox = worker["sandbox"].as_str().unwrap();
        assert!(sandbox.starts_with("landlock: "), "{}: {sandbox}", worker["name"]);
        assert!(worker["memory_bytes"].as_u64().unwrap() > 1 << 20, "{worker}");
    }
    // As the kernel sees them: no privileges to be had, a filter of system calls, a name of their own only.
    for (pid, name) in lab.processes(UNIT).unwrap() {
        let proc = lab.read(&format!("/proc/{pid}/status"));
        for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "CapBnd:\t0000000000000000", "CapPrm:\t0000000000000000"] {
            assert!(proc.contains(line), "{name}: {line} is not in:\n{proc}");
        }
        assert_eq!(lab.read(&format!("/proc/{pid}/uid_map")).lines().count(), 2, "{name}");
    }
    // Nothing was refused on the way that is only logged.
    let journal = lab.journal(UNIT).unwrap();
    for word in ["permission denied", "Operation not permitted", "not permitted", "SIGSYS"] {
        assert!(!journal.contains(word), "{journal}");
    }
}
